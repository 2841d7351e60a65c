//! The evidence lower bound (Kingma & Welling 2014), with the usual ways to weigh its KL term.

use candle_core::Tensor;

use super::tc::Minibatch;
use super::{Bound, draws};
use crate::approximate_posteriors::{ApproximatePosterior, Draw};
use crate::models::{Model, required_prior};
use crate::nn::Activation;
use crate::priors::Prior;
use crate::{Error, Result};

/// How the two terms of the bound are weighed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ElboOptions {
    /// Weight of the KL term: 1 is the bound itself, more is a beta-VAE (Higgins et al. 2017).
    pub beta: f64,
    /// Nats of KL that each latent has for free (Kingma et al. 2016): a latent whose batch mean KL is
    /// below this feels no pull to the prior.
    pub free_bits: f64,
    /// Weight of -log q(y|x) of images whose class is known, for a model that tells classes.
    pub class_weight: f64,
    /// Weight of the discrepancy of codes and prior, for [`super::wae`].
    pub mmd_weight: f64,
    /// How a batch stands for all the data, for [`super::tc`].
    pub minibatch: Minibatch,
    /// Images in all the data, for [`super::tc`].
    pub data_size: usize,
}

impl Default for ElboOptions {
    fn default() -> Self {
        Self {
            beta: 1.0,
            free_bits: 0.0,
            class_weight: 1.0,
            mmd_weight: 10.0,
            minibatch: Minibatch::Weighted,
            data_size: 1,
        }
    }
}

/// One sample of the bound: ELBO = E_q log p(x|z) - KL(q(z|x) || p(z)), the KL in closed form where it has one,
/// else from the draws. The loss is -reconstruction + beta sum_k max(free_bits, KL_k); a KL that is known
/// as a whole only has K times the free bits. A model without prior has no KL: an autoencoder.
///
/// # Shapes
///
/// x `[B, D]`, noise `[k B, K]`, standard normal, k draws of z for each image: all images' first draws, then
/// their second ones.
///
/// # Errors
///
/// [`crate::Error::Shape`] when the noise has not a multiple of x's rows; [`crate::Error::Tensor`] when
/// shapes do not fit the model.
pub fn sample(
    model: &dyn Model,
    x: &Tensor,
    noise: &Tensor,
    options: ElboOptions,
) -> Result<Bound> {
    let draws = draws(x, noise)?;
    let q = model.encode(x)?;
    let repeated = match draws {
        1 => None,
        _ => Some((x.repeat((draws, 1))?, q.repeat(draws)?)),
    };
    let (x, of_draws) = match &repeated {
        None => (x, &q),
        Some((x, q)) => (x, q),
    };
    let prior = model.prior()?;
    let closed = closed_kl(prior.as_deref(), q.as_ref())?;
    let (z, kl, charged) = match (prior, closed) {
        (_, Some(kl)) => {
            let kl = kl.mean(0)?;
            let charged = if options.free_bits > 0.0 {
                at_least(&kl, options.free_bits)?.sum_all()?
            } else {
                kl.sum_all()?
            };
            (of_draws.relaxed(noise)?, kl.sum_all()?, charged)
        }
        (Some(prior), None) => {
            let Draw { z, log_q } = of_draws.draw(noise)?;
            let kl = (log_q - prior.log_prob(&z)?)?.mean_all()?;
            let floor = options.free_bits * model.latents() as f64;
            let charged = if floor > 0.0 {
                at_least(&kl, floor)?
            } else {
                kl.clone()
            };
            (z, kl, charged)
        }
        (None, None) => {
            let nothing = noise.narrow(0, 0, 1)?.sum_all()?.zeros_like()?;
            (of_draws.relaxed(noise)?, nothing.clone(), nothing)
        }
    };
    let reconstruction = model.log_likelihood(x, &model.decode(&z)?)?.mean_all()?;
    Ok(Bound {
        loss: (charged.affine(options.beta, 0.0)? - &reconstruction)?,
        reconstruction,
        kl,
    })
}

/// Draws of z, `[k B, K]`, and KL(q(z|x) || p(z)), a mean over all images: in closed form, else from the draws.
pub(super) fn divergence(
    model: &dyn Model,
    q: &dyn ApproximatePosterior,
    draws: usize,
    noise: &Tensor,
) -> Result<(Tensor, Tensor)> {
    let prior = required_prior(model)?;
    let of_draws = q.repeat(draws)?;
    match closed_kl(Some(prior.as_ref()), q)? {
        Some(kl) => Ok((of_draws.relaxed(noise)?, kl.mean(0)?.sum_all()?)),
        None => {
            let Draw { z, log_q } = of_draws.draw(noise)?;
            let kl = (log_q - prior.log_prob(&z)?)?.mean_all()?;
            Ok((z, kl))
        }
    }
}

/// The two parts of the bound of each image, means over its draws, `[B]`, nats.
pub(super) struct Rows {
    pub reconstruction: Tensor,
    pub kl: Tensor,
}

/// The parts of a model whose divergence has a closed form; shapes as [`sample`]'s. A model that has been given
/// several rows of classes for each image answers for all of them, `[classes B]`, by the same noise.
pub(super) fn rows(model: &dyn Model, x: &Tensor, noise: &Tensor) -> Result<Rows> {
    let (images, draws) = (x.dim(0)?, draws(x, noise)?);
    let q = model.encode(x)?;
    let kl = closed_kl(model.prior()?.as_deref(), q.as_ref())?.ok_or_else(|| {
        Error::Unsupported("learning classes needs a divergence in closed form".to_owned())
    })?;
    let (answers, latents) = kl.dims2()?;
    let noise = noise.narrow(1, 0, latents)?;
    let x = x.repeat((answers / images, 1))?;
    let mut reconstruction: Option<Tensor> = None;
    for draw in 0..draws {
        let noise = noise.narrow(0, draw * images, images)?;
        let noise = noise.repeat((answers / images, 1))?.contiguous()?;
        let fit = model.log_likelihood(&x, &model.decode(&q.relaxed(&noise)?)?)?;
        reconstruction = Some(match reconstruction {
            None => fit,
            Some(sum) => (sum + fit)?,
        });
    }
    let reconstruction = reconstruction.ok_or_else(|| Error::shape("no draws of z"))?;
    Ok(Rows {
        reconstruction: reconstruction.affine(1.0 / draws as f64, 0.0)?,
        kl: kl.sum(1)?,
    })
}

/// KL(q(z|x) || p(z)) of each number of the code, `[B, K]`, nats, where it has a closed form.
///
/// # Errors
///
/// [`crate::Error::Tensor`] if a tensor cannot be computed.
pub fn closed_kl(
    prior: Option<&dyn Prior>,
    q: &dyn ApproximatePosterior,
) -> Result<Option<Tensor>> {
    match prior {
        Some(prior) if prior.kind().is_standard() => q.kl_to_standard(),
        _ => Ok(None),
    }
}

/// max(floor, v) of every number; what lies below the floor has no gradient.
pub(super) fn at_least(values: &Tensor, floor: f64) -> Result<Tensor> {
    let above = Activation::Relu.apply(&values.affine(1.0, -floor)?)?;
    Ok(above.affine(1.0, floor)?)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;
    use serde_json::json;

    use super::*;
    use crate::distributions::bernoulli;
    use crate::models::{self, ModelSpec};
    use crate::nn::gradient_check;
    use crate::{PIXELS, Rng};

    fn setup() -> (Box<dyn Model>, Tensor, Tensor) {
        let spec = json!({"model": "vae", "latents": 3, "hidden": [6], "activation": "tanh"});
        let spec = ModelSpec::from_json(&spec).unwrap();
        let mut rng = Rng::from_seed(1);
        let x = bernoulli::sample(&vec![0.3; 4 * PIXELS], &mut rng);
        let x = Tensor::from_vec(x, (4, PIXELS), &Device::Cpu).unwrap();
        let noise = Tensor::from_vec(rng.normals(12), (4, 3), &Device::Cpu).unwrap();
        (models::build(&spec, 5).unwrap(), x, noise)
    }

    fn scalar(tensor: &Tensor) -> f32 {
        tensor.to_scalar().unwrap()
    }

    #[test]
    fn loss_is_minus_the_bound_and_options_weigh_its_parts() {
        let (model, x, noise) = setup();
        let value = |beta, free_bits| {
            let options = ElboOptions {
                beta,
                free_bits,
                ..ElboOptions::default()
            };
            sample(model.as_ref(), &x, &noise, options).unwrap()
        };
        let plain = value(1.0, 0.0);
        let kl = scalar(&plain.kl);
        let reconstruction = scalar(&plain.reconstruction);
        assert!((scalar(&plain.loss) - (kl - reconstruction)).abs() < 1e-3);
        assert!((scalar(&value(4.0, 0.0).loss) - (4.0 * kl - reconstruction)).abs() < 1e-3);
        // More free nats than any latent uses: the KL term is the constant 3 * 50.
        let free = value(1.0, 50.0);
        assert!((scalar(&free.loss) - (150.0 - reconstruction)).abs() < 1e-3);
        let gradients = free.loss.backward().unwrap();
        let untouched = value(0.0, 0.0).loss.backward().unwrap();
        for (name, var) in model.parameters().iter() {
            let difference = (gradients.get(var).unwrap() - untouched.get(var).unwrap()).unwrap();
            let largest = difference.abs().unwrap().max_all().unwrap();
            assert!(scalar(&largest) < 1e-6, "{name}");
        }
    }

    #[test]
    fn gradients_match_finite_differences() {
        let (model, x, noise) = setup();
        let options = ElboOptions {
            beta: 1.5,
            ..ElboOptions::default()
        };
        gradient_check::along_gradients(model.parameters().iter(), 2e-2, || {
            sample(model.as_ref(), &x, &noise, options).unwrap().loss
        });
    }
}
