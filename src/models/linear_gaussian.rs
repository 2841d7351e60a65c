//! For tests: p(x|z) = N(z, 1) for each of D = K numbers, so that log p(x) = log N(x; 0, 2) and
//! p(z|x) = N(x / 2, 1 / 2), which the encoder knows.

use candle_core::{Device, Tensor, Var};
use serde_json::json;

use super::{Model, ModelSpec};
use crate::Result;
use crate::approximate_posteriors::ApproximatePosterior;
use crate::data::Showing;
use crate::distributions::DiagonalGaussian;
use crate::nn::Parameters;

/// The model; its one parameter is the slope of q's mean, 1/2 where q is the posterior.
#[derive(Debug)]
pub(crate) struct LinearGaussian {
    spec: ModelSpec,
    parameters: Parameters,
    pub(crate) mean_slope: Var,
    latents: usize,
}

impl LinearGaussian {
    pub(crate) fn new(latents: usize) -> Self {
        let slope = Tensor::from_slice(&[0.5f32], (1, 1), &Device::Cpu).unwrap();
        Self {
            spec: ModelSpec::from_json(&json!({"model": "vae"})).unwrap(),
            parameters: Parameters::default(),
            mean_slope: Var::from_tensor(&slope).unwrap(),
            latents,
        }
    }

    /// log p(x), exactly.
    pub(crate) fn log_likelihood_of(x: &[f32]) -> f64 {
        x.iter()
            .map(|x| -0.5 * (f64::from(*x).powi(2) / 2.0 + (4.0 * std::f64::consts::PI).ln()))
            .sum()
    }
}

impl Model for LinearGaussian {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn latents(&self) -> usize {
        self.latents
    }

    fn encode(&self, x: &Tensor) -> Result<Box<dyn ApproximatePosterior>> {
        Ok(Box::new(DiagonalGaussian {
            mean: x.broadcast_mul(self.mean_slope.as_tensor())?,
            log_var: x.zeros_like()?.affine(1.0, 0.5f64.ln())?,
        }))
    }

    fn decode(&self, z: &Tensor) -> Result<Tensor> {
        Ok(z.clone())
    }

    fn log_likelihood(&self, x: &Tensor, decoded: &Tensor) -> Result<Tensor> {
        let density = DiagonalGaussian {
            mean: decoded.clone(),
            log_var: decoded.zeros_like()?,
        };
        density.log_prob(x)
    }

    fn initialise(&self, _: &Showing<'_>) -> Result<()> {
        Ok(())
    }
}
