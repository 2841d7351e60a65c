//! log p(x) by importance sampling from the encoder (Burda et al. 2015).
//!
//! log p(x) ~ logsumexp(log w) - log S with w = p(x|z) p(z) / q(z|x), z ~ q(z|x). It under-estimates on
//! average, by about Var(w) / (2 S p(x)^2); the effective sample size says when that is small. With one
//! sample it is an unbiased draw of the evidence lower bound.

use super::weights::Weights;
use super::{Estimate, StreamingEstimator};
use crate::approximate_posteriors::{ApproximatePosterior, Draw};
use crate::models::inference::BLOCK;
use crate::models::{Handle, Model, inference, required_prior};
use crate::nn::tensors::{flat_values, matrix};
use crate::priors::Prior;
use crate::{Result, Rng};

/// Importance sampling of one image with draws from the encoder.
#[derive(Debug)]
pub struct Importance<'a> {
    model: Handle<'a>,
    prior: Box<dyn Prior>,
    pixels: Vec<f32>,
    q: Box<dyn ApproximatePosterior>,
    rng: Rng,
    weights: Weights,
    draws: usize,
}

impl<'a> Importance<'a> {
    /// For one image `[D]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Unsupported`] for a model without prior; [`crate::Error::Tensor`] when the image does not fit it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use latent_canvas::models::{self, ModelSpec};
    /// # let spec = serde_json::json!({ "model": "vae", "latents": 2, "hidden": [16] });
    /// # let model = models::build(&ModelSpec::from_json(&spec)?, 1)?;
    /// # let model = model.as_ref();
    /// # use latent_canvas::data::Dataset;
    /// # let digit = Dataset::strokes(1, 1)?.images(0, 1)?;
    /// # let digit: Vec<f32> = digit.iter().map(|ink| ink.round()).collect();
    /// use latent_canvas::estimators::{StreamingEstimator, importance::Importance};
    /// use latent_canvas::Rng;
    ///
    /// let mut draws = Importance::new(model, &digit, Rng::from_seed(1))?;
    /// let few = draws.advance(10)?;
    /// let more = draws.advance(490)?;
    /// assert!(more.decoder_evaluations > few.decoder_evaluations);
    /// # Ok::<(), latent_canvas::Error>(())
    /// ```
    pub fn new(model: &'a dyn Model, pixels: &[f32], rng: Rng) -> Result<Self> {
        Self::held(Handle::Borrowed(model), pixels, rng)
    }

    /// [`Importance::new`] of a model that is shared or borrowed.
    ///
    /// # Errors
    ///
    /// As [`Importance::new`].
    pub fn held(model: Handle<'a>, pixels: &[f32], rng: Rng) -> Result<Self> {
        Ok(Self {
            prior: required_prior(&*model)?,
            pixels: pixels.to_vec(),
            q: model.encode(&matrix(pixels, pixels.len())?)?,
            model,
            rng,
            weights: Weights::default(),
            draws: 0,
        })
    }

    /// log p(x|z) p(z) / q(z|x) of `draws` draws of z ~ q(z|x).
    pub(super) fn log_weights(&mut self, draws: usize) -> Result<Vec<f64>> {
        let latents = self.model.latents();
        let mut log_weights = Vec::with_capacity(draws);
        let mut left = draws;
        while left > 0 {
            let rows = BLOCK.min(left);
            let noise = matrix(&self.rng.normals(rows * latents), latents)?;
            let Draw { z, log_q } = self.q.repeat(rows)?.draw(&noise)?;
            // No gradient is needed here.
            let (z, log_q) = (z.detach(), log_q.detach());
            let decoded = self.model.decode(&z)?.detach();
            let fit = inference::log_likelihood_of_one(&*self.model, &self.pixels, &decoded)?;
            let log_prior = flat_values(&self.prior.log_prob(&z)?)?;
            for ((fit, log_prior), log_q) in fit.iter().zip(log_prior).zip(flat_values(&log_q)?) {
                log_weights.push(f64::from(*fit) + f64::from(log_prior) - f64::from(log_q));
            }
            left -= rows;
        }
        Ok(log_weights)
    }
}

impl StreamingEstimator for Importance<'_> {
    fn advance(&mut self, draws: usize) -> Result<Estimate> {
        for log_weight in self.log_weights(draws)? {
            self.weights.add(log_weight)?;
        }
        self.draws += draws;
        self.weights.estimate(self.draws)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::PIXELS;
    use crate::distributions::bernoulli;
    use crate::estimators::{Estimator, Options, bound, estimates};
    use crate::models::{self, ModelSpec};

    fn model() -> Box<dyn Model> {
        let spec = json!({"model": "vae", "latents": 2, "hidden": [8], "activation": "tanh"});
        models::build(&ModelSpec::from_json(&spec).unwrap(), 4).unwrap()
    }

    fn images(count: usize) -> Vec<f32> {
        bernoulli::sample(&vec![0.4; count * PIXELS], &mut Rng::from_seed(1))
    }

    /// Exact integration gives the true value; five standard errors and its own tolerance are allowed.
    #[test]
    fn many_samples_reach_the_exact_value_from_above_the_bound() {
        let (model, x) = (model(), images(4));
        let mean = |estimator, draws| {
            let options = Options {
                estimator,
                draws,
                seed: 5,
            };
            Estimate::mean_of(&estimates(model.as_ref(), &x, options).unwrap())
        };
        let estimate = mean(Estimator::Importance, 20_000);
        let integrated = mean(Estimator::Quadrature, 0);
        let exact = integrated.log_likelihood;
        let error = 5.0 * estimate.standard_error + integrated.tolerance.unwrap();
        assert!((estimate.log_likelihood - exact).abs() < error);
        let elbo = bound::elbo(model.as_ref(), &x, 200, 1).unwrap().elbo;
        assert!(elbo < exact + 0.05);
    }
}
