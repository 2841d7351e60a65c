//! The importance weighted bound (Burda et al. 2016), with either of two gradients for the encoder.

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex};

use candle_core::{CpuStorage, CustomOp1, Layout, Result as TensorResult, Shape, Tensor};

use super::elbo::closed_kl;
use super::{Bound, Images, draws};
use crate::Result;
use crate::math::logsumexp;
use crate::models::{Model, continuous_prior};

/// How the encoder learns from importance weights. Both are unbiased for the same gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncoderGradient {
    /// sum_i w~_i d log w_i: the more draws, the smaller it is beside its own noise (Rainforth et al.
    /// 2018).
    Plain,
    /// sum_i w~_i (1 - beta + beta w~_i) (d log w_i / d z_i) (d z_i / d phi): doubly reparameterised (Tucker et al.
    /// 2018, who have beta = 1), with less noise and, at beta = 1, none where q is the posterior.
    ///
    /// The plain gradient is sum_i w~_i [(d log w_i / d z_i) (d z_i / d phi) - beta d log q(z_i|x) / d phi]. In
    /// expectation over z_i, w~_i d log q(z_i|x) / d phi is (d w~_i / d z_i) (d z_i / d phi), and
    /// d w~_i / d z_i = w~_i (1 - w~_i) d log w_i / d z_i.
    DoublyReparameterised,
}

/// One sample of the bound L_k = E log (1/k) sum_i w_i, w_i = p(x, z_i) / q(z_i|x), with k = rows of
/// noise / rows of x; L_1 is the evidence lower bound and L_k never falls with k. With `beta` other than
/// 1, w_i = p(x|z_i) [p(z_i) / q(z_i|x)]^beta: for a warm-up.
///
/// `reconstruction` and `kl` are those of the evidence lower bound, over the same draws.
///
/// # Shapes
///
/// x `[B, D]`, noise `[k B, K]`, standard normal: all images' first draws, then their second ones.
///
/// # Errors
///
/// [`crate::Error::Shape`] when the noise has not a multiple of x's rows; [`crate::Error::Unsupported`] for a model
/// with discrete codes or without prior, or a posterior that does not know the density the gradient needs;
/// [`crate::Error::Tensor`] when shapes do not fit the model.
pub fn sample<'a>(
    model: &dyn Model,
    images: impl Into<Images<'a>>,
    noise: &Tensor,
    gradient: EncoderGradient,
    beta: f64,
) -> Result<Bound> {
    let Images { seen, x } = images.into();
    let (images, draws) = (x.dim(0)?, draws(x, noise)?);
    let prior = continuous_prior(model)?;
    let q = model.encode(seen)?;
    let of_draws = q.repeat(draws)?;
    let scales = Scales::default();
    let (z, log_q) = match gradient {
        EncoderGradient::Plain => {
            let draw = of_draws.draw(noise)?;
            (draw.z, draw.log_q)
        }
        EncoderGradient::DoublyReparameterised => {
            let z = of_draws.relaxed(noise)?.apply_op1(scales.clone())?;
            let log_q = of_draws.held_log_prob(&z)?;
            (z, log_q)
        }
    };
    let log_likelihood = model.log_likelihood(&x.repeat((draws, 1))?, &model.decode(&z)?)?;
    let log_ratio = (prior.log_prob(&z)? - log_q)?;
    let log_weights = (&log_likelihood + log_ratio.affine(beta, 0.0)?)?;
    let kl = match closed_kl(Some(prior.as_ref()), q.as_ref())? {
        Some(kl) => kl.mean(0)?.sum_all()?,
        None => log_ratio.mean_all()?.neg()?,
    };
    let log_weights = log_weights.reshape((draws, images))?;

    let (normalised, bound) = normalise(&log_weights)?;
    // The surrogate brings the one w~ of each row, and this what it lacks.
    let factors = normalised.affine(beta, 1.0 - beta)?;
    scales.set(factors.reshape((draws * images, 1))?)?;
    // Its gradient is the bound's, its value is not.
    let surrogate = (normalised * &log_weights)?.sum(0)?.mean_all()?;
    let loss = (&surrogate + surrogate.detach().affine(-1.0, bound)?)?.neg()?;
    Ok(Bound {
        loss,
        reconstruction: log_likelihood.mean_all()?,
        kl,
    })
}

/// The weights of each image divided by their sum, without gradient, and the bound, the mean over images
/// of the logarithm of their mean; both from `[k, B]` logarithms.
fn normalise(log_weights: &Tensor) -> Result<(Tensor, f64)> {
    let (draws, images) = log_weights.dims2()?;
    let rows = log_weights.to_vec2::<f32>()?;
    let totals: Vec<f64> = (0..images)
        .map(|image| {
            let weights: Vec<f64> = rows.iter().map(|row| f64::from(row[image])).collect();
            logsumexp(&weights)
        })
        .collect();
    let normalised = rows.iter().flat_map(|row| {
        let pairs = row.iter().zip(&totals);
        pairs.map(|(log_weight, total)| (f64::from(*log_weight) - total).exp() as f32)
    });
    let normalised = Tensor::from_vec(
        normalised.collect::<Vec<f32>>(),
        (draws, images),
        log_weights.device(),
    )?;
    let bound = totals.iter().sum::<f64>() / images as f64 - (draws as f64).ln();
    Ok((normalised, bound))
}

/// Passes z on, and multiplies what comes back by numbers that are known only later: one for each row.
#[derive(Clone, Debug, Default)]
struct Scales(Arc<Mutex<Option<Tensor>>>);

impl Scales {
    fn set(&self, scales: Tensor) -> Result<()> {
        let mut held = self.0.lock().map_err(|_| interrupted())?;
        *held = Some(scales);
        Ok(())
    }
}

fn interrupted() -> candle_core::Error {
    candle_core::Error::Msg("an earlier pass was interrupted".to_owned())
}

impl CustomOp1 for Scales {
    fn name(&self) -> &'static str {
        "scale-gradient"
    }

    fn cpu_fwd(&self, z: &CpuStorage, layout: &Layout) -> TensorResult<(CpuStorage, Shape)> {
        let values = crate::nn::fused::contiguous(z, layout)?.to_vec();
        Ok(crate::nn::fused::output(values, layout.shape().clone()))
    }

    fn bwd(&self, _z: &Tensor, _result: &Tensor, grad: &Tensor) -> TensorResult<Option<Tensor>> {
        let held = self.0.lock().map_err(|_| interrupted())?;
        let scales = held.as_ref().ok_or_else(interrupted)?;
        Ok(Some(grad.broadcast_mul(scales)?))
    }
}
