//! Linear decoders with Gaussian pixels: probabilistic principal components and factor analysis. Both are fitted
//! without gradients, and their p(z|x) and p(x) are exact.

pub mod factor_analysis;
pub mod factor_model;
pub mod ppca;

use candle_core::Tensor;

pub use factor_model::{FactorModel, LEAST_VARIANCE};

use super::network::{latents_parameter, weights_rng};
use super::{Capabilities, Fit, Model, ModelSpec};
use crate::approximate_posteriors::ApproximatePosterior;
use crate::data::Showing;
use crate::distributions::DiagonalGaussian;
use crate::likelihoods::{Gaussian, Likelihood};
use crate::nn::tensors::{flat_values, matrix};
use crate::nn::{Linear, Parameters};
use crate::{PIXELS, Result};

/// What the families of this module can be asked for.
fn capabilities() -> Capabilities {
    Capabilities {
        sample: true,
        likelihood: true,
        exact: true,
        fitted: true,
        ..Capabilities::default()
    }
}

/// The beginning of a fit from a model on.
type Begin = fn(FactorModel, &Showing<'_>) -> Box<dyn Fit>;

/// A linear decoder with Gaussian pixels; see the module's documentation.
///
/// Tensors: `decoder.weight` `[784, K]`, `decoder.bias` (the mean) and `decoder.log_var` (of the noise) `[784]`.
#[derive(Debug)]
pub struct LinearFactors {
    spec: ModelSpec,
    latents: usize,
    parameters: Parameters,
    decoder: Linear,
    log_var: Tensor,
    likelihood: Gaussian,
    begin: Begin,
}

impl LinearFactors {
    fn new(spec: &ModelSpec, seed: u64, begin: Begin) -> Result<Self> {
        let latents = spec.values.integer("latents") as usize;
        let mut parameters = Parameters::default();
        let size = (latents, PIXELS);
        let decoder = Linear::new(&mut parameters, &weights_rng(seed), "decoder", size, 1.0)?;
        let log_var = parameters.zeros("decoder.log_var", PIXELS)?;
        Ok(Self {
            spec: spec.clone(),
            latents,
            parameters,
            decoder,
            likelihood: Gaussian::fitted(log_var.tensor.clone()),
            log_var: log_var.tensor,
            begin,
        })
    }

    /// The tensors as numbers.
    ///
    /// # Errors
    ///
    /// As [`FactorModel::new`].
    pub fn in_f64(&self) -> Result<FactorModel> {
        let tensors = self.parameters.values()?.into_iter();
        let mut wide = tensors.map(|tensor| tensor.into_iter().map(f64::from).collect());
        let mut next = || -> Vec<f64> { wide.next().unwrap_or_default() };
        // In the order of names.
        let (bias, log_var, weight) = (next(), next(), next());
        let variance = log_var.into_iter().map(f64::exp).collect();
        FactorModel::new(weight, bias, variance)
    }
}

/// The tensors of a model, in the order of their names.
fn tensors_of(model: &FactorModel) -> Vec<Vec<f32>> {
    let narrow = |values: &[f64]| values.iter().map(|v| *v as f32).collect();
    let log_var = model.variance().iter().map(|v| v.ln() as f32).collect();
    vec![narrow(model.mean()), log_var, narrow(model.weight())]
}

impl Model for LinearFactors {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn latents(&self) -> usize {
        self.latents
    }

    /// p(z|x) itself, if its latents are independent, as those of every fit are.
    fn encode(&self, x: &Tensor) -> Result<Box<dyn ApproximatePosterior>> {
        let model = self.in_f64()?;
        let mean = matrix(&model.posterior_means(&flat_values(x)?)?, self.latents)?;
        let covariance = model.posterior_covariance().iter();
        let variances = covariance.step_by(self.latents + 1);
        let log_var: Vec<f32> = variances.map(|v| v.ln() as f32).collect();
        let log_var = matrix(&log_var, self.latents)?.broadcast_as(mean.shape())?;
        Ok(Box::new(DiagonalGaussian {
            log_var: log_var.contiguous()?,
            mean,
        }))
    }

    fn decode(&self, z: &Tensor) -> Result<Tensor> {
        self.decoder.forward(z)
    }

    fn likelihood(&self) -> &dyn Likelihood {
        &self.likelihood
    }

    fn exact_log_likelihood(&self, x: &Tensor) -> Result<Option<Vec<f64>>> {
        self.in_f64()?.log_likelihoods(&flat_values(x)?).map(Some)
    }

    fn initialise(&self, data: &Showing<'_>) -> Result<()> {
        if flat_values(&self.log_var)?.iter().any(|v| *v != 0.0) {
            return Ok(());
        }
        let mut rng = data.rng("first factors");
        let start = FactorModel::start(&data.mean_image(), self.latents, &mut rng)?;
        self.parameters.set_values(&tensors_of(&start))
    }

    fn begin_fit(&self, data: &Showing<'_>) -> Result<Option<Box<dyn Fit>>> {
        Ok(Some((self.begin)(self.in_f64()?, data)))
    }
}
