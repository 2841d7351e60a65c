//! log p(x) by importance sampling from the encoder (Burda et al. 2015).
//!
//! log p(x) ~ logsumexp(log w) - log S with w = p(x|z) p(z) / q(z|x), z ~ q(z|x). It under-estimates on
//! average, by about Var(w) / (2 S p(x)^2); the effective sample size says when that is small. With one
//! sample it is an unbiased draw of the evidence lower bound.

use super::weights::{Weights, summarise};
use super::{Estimate, Estimator, ImageEstimate};
use crate::math::check_pixels;
use crate::models::inference::{BLOCK, matrix, numbers};
use crate::models::{Model, inference};
use crate::{Error, PIXELS, Result, Rng};

/// Most samples for one image.
pub const MAX_SAMPLES: usize = 1_000_000;

/// log p(x) of each image from `samples` draws each; image i draws from the stream (seed, i).
///
/// # Shapes
///
/// pixels `[n, 784]` -> n estimates.
///
/// # Errors
///
/// As [`check_pixels`]; [`Error::InvalidArgument`] for no samples or more than a million;
/// [`Error::NonFinite`] when a weight is not a number.
pub fn log_likelihoods(
    model: &dyn Model,
    pixels: &[f32],
    samples: usize,
    seed: u64,
) -> Result<Vec<ImageEstimate>> {
    log_likelihoods_from(model, pixels, samples, seed, 0)
}

/// [`log_likelihoods`] of images that are number `first`, `first + 1`, ... of a larger set, so that a
/// set can be worked through in parts and give the same numbers.
///
/// # Errors
///
/// As [`log_likelihoods`].
pub fn log_likelihoods_from(
    model: &dyn Model,
    pixels: &[f32],
    samples: usize,
    seed: u64,
    first: usize,
) -> Result<Vec<ImageEstimate>> {
    check_pixels(pixels)?;
    if !(1..=MAX_SAMPLES).contains(&samples) {
        return Err(Error::argument(format!(
            "samples must be 1 to {MAX_SAMPLES}; got {samples}"
        )));
    }
    let rng = Rng::from_seed(seed).split("importance");
    let codes = inference::encode(model, pixels)?;
    let latents = model.latents();
    let means = codes.mean.chunks_exact(latents);
    let log_vars = codes.log_var.chunks_exact(latents);
    let images = pixels.chunks_exact(PIXELS).zip(means.zip(log_vars));
    images
        .enumerate()
        .map(|(index, (x, (mean, log_var)))| {
            let mut rng = rng.split_index("image", (first + index) as u64);
            let log_weights = log_weights(model, x, (mean, log_var), samples, &mut rng)?;
            summarise(&log_weights)
        })
        .collect()
}

/// log w of `samples` draws from N(mean, exp(log_var)), for one image.
fn log_weights(
    model: &dyn Model,
    x: &[f32],
    (mean, log_var): (&[f32], &[f32]),
    samples: usize,
    rng: &mut Rng,
) -> Result<Vec<f64>> {
    let latents = mean.len();
    let deviations: Vec<f32> = log_var.iter().map(|v| (v * 0.5).exp()).collect();
    let log_var_sum: f64 = log_var.iter().map(|v| f64::from(*v)).sum();
    let mut log_weights = Vec::with_capacity(samples);
    while log_weights.len() < samples {
        let rows = BLOCK.min(samples - log_weights.len());
        let noise = rng.normals(rows * latents);
        let z: Vec<f32> = noise
            .chunks_exact(latents)
            .flat_map(|row| (0..latents).map(|k| mean[k] + deviations[k] * row[k]))
            .collect();
        let z_rows = matrix(&z, latents)?;
        let decoded = model.decode(&z_rows)?.detach();
        let log_likelihood = inference::log_likelihood_of_one(model, x, &decoded)?;
        let log_prior = numbers(&model.log_prior(&z_rows)?)?;
        for (row, noise) in noise.chunks_exact(latents).enumerate() {
            let squares: f64 = noise.iter().map(|e| f64::from(*e).powi(2)).sum();
            let constant = latents as f64 * f64::from(crate::math::LN_TWO_PI);
            let log_q = -0.5 * (squares + log_var_sum + constant);
            log_weights.push(f64::from(log_likelihood[row]) + f64::from(log_prior[row]) - log_q);
        }
    }
    Ok(log_weights)
}

/// Draws from the encoder for one image, as many as are asked for.
#[derive(Debug)]
pub struct Importance<'a> {
    model: &'a dyn Model,
    pixels: Vec<f32>,
    code: (Vec<f32>, Vec<f32>),
    rng: Rng,
    weights: Weights,
    draws: usize,
}

impl<'a> Importance<'a> {
    /// For an image of the model's data.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] when the image does not fit the model.
    pub fn new(model: &'a dyn Model, pixels: &[f32], rng: Rng) -> Result<Self> {
        let q = model.encode(&matrix(pixels, pixels.len())?)?;
        Ok(Self {
            model,
            pixels: pixels.to_vec(),
            code: (numbers(&q.mean)?, numbers(&q.log_var)?),
            rng,
            weights: Weights::default(),
            draws: 0,
        })
    }
}

impl Estimator for Importance<'_> {
    fn advance(&mut self, draws: usize) -> Result<Estimate> {
        let code = (&self.code.0[..], &self.code.1[..]);
        for log_weight in log_weights(self.model, &self.pixels, code, draws, &mut self.rng)? {
            self.weights.add(log_weight)?;
        }
        self.draws += draws;
        Ok(Estimate::new(self.weights.estimate()?, self.draws))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::distributions::bernoulli;
    use crate::estimators::{LogLikelihood, bound, quadrature};
    use crate::models::{self, ModelSpec};

    fn model() -> Box<dyn Model> {
        let spec = json!({"model": "vae", "latents": 2, "hidden": [8], "activation": "tanh"});
        models::build(&ModelSpec::from_json(&spec).unwrap(), 4).unwrap()
    }

    fn images(count: usize) -> Vec<f32> {
        bernoulli::sample(&vec![0.4; count * PIXELS], &mut Rng::from_seed(1))
    }

    #[test]
    fn parts_give_the_numbers_of_the_whole() {
        let (model, x) = (model(), images(3));
        let whole = log_likelihoods(model.as_ref(), &x, 20, 5).unwrap();
        let last = log_likelihoods_from(model.as_ref(), &x[2 * PIXELS..], 20, 5, 2).unwrap();
        assert!((whole[2].log_likelihood - last[0].log_likelihood).abs() < 1e-9);
        assert!(log_likelihoods(model.as_ref(), &x, 0, 5).is_err());
    }

    /// Exact integration on a grid is the truth; five standard errors and the grid's own tolerance.
    #[test]
    fn many_samples_reach_the_exact_value_from_above_the_bound() {
        let (model, x) = (model(), images(4));
        let estimates = log_likelihoods(model.as_ref(), &x, 20_000, 5).unwrap();
        let estimate = LogLikelihood::mean_of(&estimates);
        let exact = quadrature::log_likelihoods(model.as_ref(), &x, 128, 6.0).unwrap();
        let exact = exact.iter().sum::<f64>() / 4.0;
        let error = 5.0 * estimate.standard_error + 1e-3;
        assert!((estimate.log_likelihood - exact).abs() < error);
        let elbo = bound::elbo(model.as_ref(), &x, 200, 1).unwrap().elbo;
        assert!(elbo < exact + 0.05);
    }
}
