//! Codes that can take few values: log p(x) as a finite sum over all of them.

use candle_core::Tensor;

use super::{Model, required_prior};
use crate::math::logsumexp;
use crate::nn::fused::affine;
use crate::{Error, Result};

/// log p(x, z) of each image and each of these codes, nats, with its gradient.
///
/// # Shapes
///
/// x `[B, D]`, z `[M, K]` -> `[B, M]`.
///
/// # Errors
///
/// [`Error::Unsupported`] for pixels whose log-likelihood is not linear in x, or a model without prior;
/// [`Error::Tensor`] when shapes do not fit the model.
pub fn log_joint(model: &dyn Model, x: &Tensor, z: &Tensor) -> Result<Tensor> {
    let prior = required_prior(model)?.log_prob(z)?;
    let (decoded, without_ink) = decoded(model, z)?;
    affine::computed(x, &decoded, &(without_ink + prior)?)
}

/// log p(x|z) of each image and each of these codes, nats, with its gradient. Shapes as [`log_joint`]'s.
///
/// # Errors
///
/// As [`log_joint`], but for the prior.
pub fn log_likelihoods(model: &dyn Model, x: &Tensor, z: &Tensor) -> Result<Tensor> {
    let (decoded, without_ink) = decoded(model, z)?;
    affine::computed(x, &decoded, &without_ink)
}

/// What codes `[M, K]` are decoded to, `[M, D]`, and log p(0|z) of each, `[M]`: log p(x|z) = x . decoded + log p(0|z), one
/// product for all pairs of images and codes.
///
/// # Errors
///
/// As [`log_joint`], but for the prior.
pub(crate) fn decoded(model: &dyn Model, z: &Tensor) -> Result<(Tensor, Tensor)> {
    if model.likelihood().numbers() > 1 || model.likelihood().of_squares()?.is_some() {
        return Err(Error::Unsupported(
            "a sum over all codes needs pixels that are black or white".to_owned(),
        ));
    }
    let decoded = model.decode(z)?;
    let without_ink = model.log_likelihood(&decoded.zeros_like()?, &decoded)?;
    Ok((decoded, without_ink))
}

/// log p(x) of each row by the sum over all codes `[M, K]`, nats, exactly.
///
/// # Errors
///
/// As [`log_joint`]; [`Error::NonFinite`] when the model's weights have grown too large.
pub fn log_likelihood(model: &dyn Model, x: &Tensor, z: &Tensor) -> Result<Vec<f64>> {
    let rows = log_joint(model, x, z)?.to_vec2::<f32>()?;
    let sums = rows.into_iter().map(|row| {
        let wide: Vec<f64> = row.into_iter().map(f64::from).collect();
        let sum = logsumexp(&wide);
        if sum.is_finite() {
            Ok(sum)
        } else {
            Err(Error::NonFinite(
                "log p(x) is not finite: the model's weights have grown too large".to_owned(),
            ))
        }
    });
    sums.collect()
}
