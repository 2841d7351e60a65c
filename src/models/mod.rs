//! Model families: what a latent variable model is, how one is specified, and which there are.
//!
//! Objectives and estimators are elsewhere: a model only encodes, decodes and knows its prior.

pub mod inference;
#[cfg(test)]
pub(crate) mod linear_gaussian;
pub mod registry;
pub mod spec;
pub mod vae;

use candle_core::Tensor;

use crate::Result;
use crate::distributions::{DiagonalGaussian, bernoulli, gaussian};
use crate::nn::Parameters;

pub use registry::{ModelFamily, build, families, family};
pub use spec::{ModelSpec, ParameterKind, ParameterSpec, Values};

/// A latent variable model of binary pixels: p(z), p(x|z), and an encoder q(z|x).
pub trait Model: std::fmt::Debug {
    /// What this model was built from.
    fn spec(&self) -> &ModelSpec;

    /// Its trainable tensors.
    fn parameters(&self) -> &Parameters;

    /// K, the number of latents.
    fn latents(&self) -> usize;

    /// q(z|x).
    ///
    /// # Shapes
    ///
    /// x `[B, D]` -> mean and log_var `[B, K]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] for an x of another width.
    fn encode(&self, x: &Tensor) -> Result<DiagonalGaussian>;

    /// The logits of p(x|z).
    ///
    /// # Shapes
    ///
    /// z `[B, K]` -> `[B, D]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] for a z of another width.
    fn decode(&self, z: &Tensor) -> Result<Tensor>;

    /// log p(x|z) of each row, in nats, from what [`Model::decode`] made of z; Bernoulli pixels unless a
    /// model has others.
    ///
    /// # Shapes
    ///
    /// x `[B, D]`, decoded `[B, D]` -> `[B]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] when shapes differ.
    fn log_likelihood(&self, x: &Tensor, decoded: &Tensor) -> Result<Tensor> {
        bernoulli::log_prob(decoded, x)
    }

    /// log p(z) of each row, in nats; the unit normal unless a model has another prior.
    ///
    /// # Shapes
    ///
    /// z `[B, K]` -> `[B]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] when z is not a matrix.
    fn log_prior(&self, z: &Tensor) -> Result<Tensor> {
        gaussian::unit_log_prob(z)
    }

    /// Tells an untrained decoder the mean of the data, so that training need not find it; a decoder
    /// that has been trained is left alone.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] if a tensor cannot be written.
    fn initialise_from_mean(&self, mean_image: &[f32]) -> Result<()>;
}

/// A copy with tensors of its own.
///
/// # Errors
///
/// [`crate::Error::Tensor`] if a tensor cannot be copied.
pub fn duplicate(model: &dyn Model) -> Result<Box<dyn Model>> {
    let copy = build(model.spec(), 0)?;
    copy.parameters()
        .set_values(&model.parameters().values()?)?;
    Ok(copy)
}
