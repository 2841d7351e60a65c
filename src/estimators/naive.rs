//! log p(x) by naive Monte Carlo: log mean p(x|z) with z drawn from the prior.
//!
//! Unbiased for p(x), and all but useless where the posterior is narrow: almost no draw lands in it.

use super::weights::Weights;
use super::{Estimate, StreamingEstimator};
use crate::models::inference::{BLOCK, log_likelihood_of_one};
use crate::models::{Handle, Model, required_prior};
use crate::nn::tensors::matrix;
use crate::priors::Prior;
use crate::{Result, Rng};

/// Draws from the prior for one image.
#[derive(Debug)]
pub struct Naive<'a> {
    model: Handle<'a>,
    prior: Box<dyn Prior>,
    pixels: Vec<f32>,
    rng: Rng,
    weights: Weights,
    draws: usize,
}

impl<'a> Naive<'a> {
    /// For one image `[D]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Unsupported`] for a model without prior.
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
    /// use latent_canvas::estimators::{StreamingEstimator, naive::Naive};
    /// use latent_canvas::Rng;
    ///
    /// // The mean of p(x|z) over the prior, summed as logarithms: p(x|z) itself is below the smallest number.
    /// let found = Naive::new(model, &digit, Rng::from_seed(1))?.advance(1000)?;
    /// assert!(found.log_likelihood.is_finite());
    /// # Ok::<(), latent_canvas::Error>(())
    /// ```
    pub fn new(model: &'a dyn Model, pixels: &[f32], rng: Rng) -> Result<Self> {
        Self::held(Handle::Borrowed(model), pixels, rng)
    }

    /// [`Naive::new`] of a model that is shared or borrowed.
    ///
    /// # Errors
    ///
    /// As [`Naive::new`].
    pub fn held(model: Handle<'a>, pixels: &[f32], rng: Rng) -> Result<Self> {
        Ok(Self {
            prior: required_prior(&*model)?,
            model,
            pixels: pixels.to_vec(),
            rng,
            weights: Weights::default(),
            draws: 0,
        })
    }
}

impl StreamingEstimator for Naive<'_> {
    fn advance(&mut self, draws: usize) -> Result<Estimate> {
        let latents = self.model.latents();
        let mut left = draws;
        while left > 0 {
            let rows = BLOCK.min(left);
            let z = self.prior.sample(rows, 1.0, &mut self.rng)?;
            let decoded = self.model.decode(&matrix(&z, latents)?)?.detach();
            let log_likelihood = log_likelihood_of_one(&*self.model, &self.pixels, &decoded)?;
            for log_weight in log_likelihood {
                self.weights.add(f64::from(log_weight))?;
            }
            left -= rows;
        }
        self.draws += draws;
        self.weights.estimate(self.draws)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimators::ais::{self, Ais};
    use crate::estimators::importance::Importance;
    use crate::estimators::quadrature::Grid;
    use crate::models::linear_gaussian::LinearGaussian;
    use crate::{checkpoint, data::Dataset};

    /// Every estimator within five of its own standard errors of the closed form.
    #[test]
    fn all_estimators_agree_with_the_closed_form() {
        let model = LinearGaussian::new(2);
        // Not the posterior: its weights would all be equal.
        model
            .mean_slope
            .set(&(model.mean_slope.as_tensor() * 0.8).unwrap())
            .unwrap();
        let x = [1.2f32, -0.7];
        let exact = LinearGaussian::log_likelihood_of(&x);
        let annealing = ais::Options {
            temperatures: 20,
            leapfrogs: 5,
        };
        let estimators: [(Box<dyn StreamingEstimator>, usize); 3] = [
            (
                Box::new(Naive::new(&model, &x, Rng::from_seed(1)).unwrap()),
                20_000,
            ),
            (
                Box::new(Importance::new(&model, &x, Rng::from_seed(1)).unwrap()),
                20_000,
            ),
            (
                Box::new(Ais::new(&model, &x, annealing, Rng::from_seed(1)).unwrap()),
                1000,
            ),
        ];
        for (mut estimator, draws) in estimators {
            let first = estimator.advance(draws / 10).unwrap();
            let last = estimator.advance(draws - draws / 10).unwrap();
            assert!(last.standard_error < first.standard_error);
            assert!(last.decoder_evaluations >= draws);
            assert!(
                (last.log_likelihood - exact).abs() < 5.0 * last.standard_error,
                "{last:?}"
            );
        }
    }

    /// On a digit and the shipped model of stroke digits, where integration gives the true value. Naive draws hardly ever land
    /// in the posterior, so their own standard error cannot be trusted.
    #[test]
    fn estimators_agree_with_the_grid() {
        let bytes = include_bytes!("../../www/public/models/strokes-2d.safetensors");
        let model = checkpoint::load(bytes).unwrap().model;
        let grey = Dataset::strokes(4, 3).unwrap().images(2, 1).unwrap();
        let pixels: Vec<f32> = grey.iter().map(|v| v.round()).collect();
        let grid = Grid::new(model.as_ref()).unwrap();
        let exact = grid
            .posterior(model.as_ref(), &pixels)
            .unwrap()
            .log_likelihood;
        let annealing = ais::Options {
            temperatures: 100,
            leapfrogs: 5,
        };
        let mut estimators: [(Box<dyn StreamingEstimator>, usize, f64); 3] = [
            (
                Box::new(Naive::new(model.as_ref(), &pixels, Rng::from_seed(1)).unwrap()),
                20_000,
                1.0,
            ),
            (
                Box::new(Importance::new(model.as_ref(), &pixels, Rng::from_seed(1)).unwrap()),
                5000,
                0.02,
            ),
            (
                Box::new(Ais::new(model.as_ref(), &pixels, annealing, Rng::from_seed(1)).unwrap()),
                60,
                0.02,
            ),
        ];
        for (estimator, draws, floor) in &mut estimators {
            let found = estimator.advance(*draws).unwrap();
            let error = (found.log_likelihood - exact).abs();
            assert!(
                error < 5.0 * found.standard_error + *floor,
                "{found:?} {exact}"
            );
        }
    }
}
