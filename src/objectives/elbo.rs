//! The evidence lower bound (Kingma & Welling 2014), with the usual ways to weigh its KL term.

use candle_core::{DType, Device, Tensor};

use super::coupled::{self, Charge, Extent, Made};
use super::tc::Minibatch;
use super::{Bound, Images, draws};
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
pub fn sample<'a>(
    model: &dyn Model,
    images: impl Into<Images<'a>>,
    noise: &Tensor,
    options: ElboOptions,
) -> Result<Bound> {
    let made = made(model, images.into(), noise, Extent::All)?;
    let charge = charge(model, &made.held, options)?;
    coupled::bound(made.reconstruction, charge)
}

/// The draws of images for one sample of the bound. Held is the KL of each, `[B, K]` where it has a closed form, else
/// `[k B, 1]` from the draws; nothing where there is no prior. Shapes as [`sample`]'s.
pub(super) fn made(
    model: &dyn Model,
    images: Images<'_>,
    noise: &Tensor,
    extent: Extent,
) -> Result<Made> {
    let draws = draws(images.x, noise)?;
    let q = model.encode(images.seen)?;
    let repeated = match draws {
        1 => None,
        _ => Some(q.repeat(draws)?),
    };
    let of_draws = repeated.as_ref().unwrap_or(&q);
    let prior = model.prior()?;
    let closed = closed_kl(prior.as_deref(), q.as_ref())?;
    let (z, held) = match (prior, closed) {
        (_, Some(kl)) => (of_draws.relaxed(noise)?, vec![kl]),
        (Some(prior), None) => {
            let Draw { z, log_q } = of_draws.draw(noise)?;
            let kl = (log_q - prior.log_prob(&z)?)?.unsqueeze(1)?;
            (z, vec![kl])
        }
        (None, None) => (of_draws.relaxed(noise)?, Vec::new()),
    };
    Ok(Made {
        reconstruction: reconstruction(model, images.x, &z, extent)?,
        held,
    })
}

/// E_q log p(x|z) of draws of z, `[k B, K]`, a mean; none where it is not asked for.
pub(super) fn reconstruction(
    model: &dyn Model,
    x: &Tensor,
    z: &Tensor,
    extent: Extent,
) -> Result<Option<Tensor>> {
    if extent == Extent::Held {
        return Ok(None);
    }
    let decoded = model.decode(z)?;
    let of_rows = match draws(x, z)? {
        1 => model.log_likelihood(x, &decoded)?,
        draws => model.log_likelihood(&x.repeat((draws, 1))?, &decoded)?,
    };
    Ok(Some(of_rows.mean_all()?))
}

/// beta sum_k max(free_bits, KL_k), and KL, means over all images; what is held as [`made`] says.
pub(super) fn charge(model: &dyn Model, held: &[Tensor], options: ElboOptions) -> Result<Charge> {
    let Some(kl) = held.first() else {
        let nothing = Tensor::zeros((), DType::F32, &Device::Cpu)?;
        return Ok(Charge {
            loss: nothing.clone(),
            kl: nothing,
            reconstruction: None,
        });
    };
    // A code with few values is one latent.
    let latents = match model.values()? {
        Some(_) => 1,
        None => model.latents(),
    };
    let each = kl.mean(0)?;
    let charged = if options.free_bits > 0.0 {
        let floor = options.free_bits * (latents / each.dim(0)?) as f64;
        at_least(&each, floor)?.sum_all()?
    } else {
        each.sum_all()?
    };
    Ok(Charge {
        loss: charged.affine(options.beta, 0.0)?,
        kl: each.sum_all()?,
        reconstruction: None,
    })
}

/// Draws of z, `[k B, K]`, and KL(q(z|x) || p(z)): of each image in closed form, `[B]`, else of each draw, `[k B]`.
pub(super) fn divergence(
    model: &dyn Model,
    q: &dyn ApproximatePosterior,
    draws: usize,
    noise: &Tensor,
) -> Result<(Tensor, Tensor)> {
    let prior = required_prior(model)?;
    let of_draws = q.repeat(draws)?;
    match closed_kl(Some(prior.as_ref()), q)? {
        Some(kl) => Ok((of_draws.relaxed(noise)?, kl.sum(1)?)),
        None => {
            let Draw { z, log_q } = of_draws.draw(noise)?;
            let kl = (log_q - prior.log_prob(&z)?)?;
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

/// KL(q(z|x) || p(z)) of each number of the code, `[B, K]`, nats, where it has a closed form: between a posterior and the
/// standard prior of its kind, or between two distributions of one categorical variable, q (log q - log p) of each category.
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
        Some(prior) => match (q.log_probabilities()?, prior.log_probabilities()?) {
            (Some(log_q), Some(log_prior)) => {
                Ok(Some((log_q.exp()? * log_q.broadcast_sub(&log_prior)?)?))
            }
            _ => Ok(None),
        },
        None => Ok(None),
    }
}

/// max(floor, v) of every number; what lies below the floor has no gradient.
fn at_least(values: &Tensor, floor: f64) -> Result<Tensor> {
    let above = Activation::Relu.apply(&values.affine(1.0, -floor)?)?;
    Ok(above.affine(1.0, floor)?)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;
    use serde_json::json;

    use super::*;
    use crate::approximate_posteriors::Categorical;
    use crate::distributions::bernoulli;
    use crate::models::{self, ModelSpec};
    use crate::nn::gradient_check;
    use crate::nn::tensors::matrix;
    use crate::priors::CategoricalPrior;
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
    fn the_divergence_of_one_categorical_variable_from_its_prior_is_the_sum_over_its_categories() {
        let logits = [0.3f32, -1.0, 2.0, 0.5, 0.5, -4.0];
        let weights = [0.2f32, 0.5, 0.3];
        let q = Categorical::new(&matrix(&logits, 3).unwrap(), 3, 1.0).unwrap();
        let log_weights = matrix(&weights.map(f32::ln), 3).unwrap();
        let prior = CategoricalPrior::weighted(log_weights).unwrap();
        let kl = closed_kl(Some(&prior), &q).unwrap().unwrap();
        let found = kl.sum(1).unwrap().to_vec1::<f32>().unwrap();
        for (logits, found) in logits.chunks_exact(3).zip(found) {
            let all: f32 = logits.iter().map(|l| l.exp()).sum();
            let terms = logits.iter().zip(weights);
            let exact: f32 = terms
                .map(|(l, w)| l.exp() / all * (l.exp() / all / w).ln())
                .sum();
            assert!((found - exact).abs() < 1e-6, "{found} {exact}");
        }
        // Of two variables with weights there is no such pair of lists.
        let two = Categorical::new(&matrix(&logits, 6).unwrap(), 3, 1.0).unwrap();
        assert!(closed_kl(Some(&prior), &two).unwrap().is_none());
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
