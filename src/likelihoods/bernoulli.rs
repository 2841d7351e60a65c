//! Black or white pixels, each with a probability of its own; the decoder gives logits.

use candle_core::Tensor;

use super::Likelihood;
use crate::distributions::bernoulli;
use crate::math::sigmoid;
use crate::nn::fused::{self, parallel};
use crate::{Result, Rng};

/// p(x|z) = prod_j Bernoulli(x_j; sigmoid(logits_j)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bernoulli;

impl Likelihood for Bernoulli {
    fn log_prob(&self, decoded: &Tensor, x: &Tensor) -> Result<Tensor> {
        bernoulli::log_prob(decoded, x)
    }

    fn log_prob_of_one(&self, decoded: &[f32], x: &[f32]) -> Result<Vec<f64>> {
        let sums = fused::bernoulli::log_prob_of_one(decoded, x);
        Ok(sums.into_iter().map(f64::from).collect())
    }

    fn to_mean(&self, decoded: &mut Vec<f32>) {
        parallel::map(decoded, sigmoid);
    }

    fn mean(&self, decoded: &Tensor) -> Result<Tensor> {
        Ok(candle_nn::ops::sigmoid(decoded)?)
    }

    fn sample(&self, decoded: &[f32], rng: &mut Rng) -> Result<Vec<f32>> {
        let ink = |logit: &f32| f32::from(u8::from(rng.uniform() < sigmoid(*logit)));
        Ok(decoded.iter().map(ink).collect())
    }

    fn is_binary(&self) -> bool {
        true
    }

    /// The logit, of a mean within [0.001, 0.999].
    fn of_mean(&self, mean: f32) -> f32 {
        let p = mean.clamp(0.001, 0.999);
        (p / (1.0 - p)).ln()
    }
}
