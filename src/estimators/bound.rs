//! The evidence lower bound of some images, by Monte Carlo over z with the KL in closed form.

use crate::data::{Binarization, Dataset};
use crate::math::check_pixels;
use crate::models::Model;
use crate::models::inference::{BLOCK, matrix, numbers};
use crate::objectives::{Elbo, ElboOptions};
use crate::{Error, PIXELS, Result, Rng};

/// The bound and its parts, means over the images, in nats.
#[derive(Clone, Debug, PartialEq)]
pub struct ElboEstimate {
    /// reconstruction - kl.
    pub elbo: f64,
    /// E_q log p(x|z).
    pub reconstruction: f64,
    /// KL(q(z|x) || p(z)).
    pub kl: f64,
    /// The share of each latent, `[K]`; sums to `kl`.
    pub kl_per_latent: Vec<f32>,
}

/// The bound, averaged over `samples` draws of z for each image.
///
/// # Errors
///
/// As [`check_pixels`]; [`Error::InvalidArgument`] for no samples or more than 10,000.
pub fn elbo(model: &dyn Model, pixels: &[f32], samples: usize, seed: u64) -> Result<ElboEstimate> {
    let rows = check_pixels(pixels)?;
    if !(1..=10_000).contains(&samples) {
        return Err(Error::argument(format!(
            "samples must be 1 to 10000; got {samples}"
        )));
    }
    let mut rng = Rng::from_seed(seed).split("elbo");
    let latents = model.latents();
    let mut reconstruction = 0.0;
    let mut kl_sums = vec![0f64; latents];
    for block in pixels.chunks(BLOCK * PIXELS) {
        let x = matrix(block, PIXELS)?;
        let weight = (block.len() / PIXELS) as f64 / (rows * samples) as f64;
        for _ in 0..samples {
            let noise = rng.normals(block.len() / PIXELS * latents);
            let noise = matrix(&noise, latents)?;
            let bound = Elbo::sample(model, &x, &noise, ElboOptions::default())?;
            reconstruction += weight * f64::from(bound.reconstruction.to_scalar::<f32>()?);
            for (sum, kl) in kl_sums.iter_mut().zip(numbers(&bound.kl_per_latent)?) {
                *sum += weight * f64::from(kl);
            }
        }
    }
    let kl: f64 = kl_sums.iter().sum();
    let elbo = reconstruction - kl;
    if !elbo.is_finite() {
        return Err(Error::NonFinite(
            "the bound is not finite: the model's weights have diverged".to_owned(),
        ));
    }
    Ok(ElboEstimate {
        elbo,
        reconstruction,
        kl,
        kl_per_latent: kl_sums.into_iter().map(|kl| kl as f32).collect(),
    })
}

/// The bound on the first `count` images of a data set, one draw of z each, with the same pixels and
/// noise every time, so that two models or two moments of training can be compared.
///
/// # Errors
///
/// [`Error::InvalidArgument`] when `count` is 0 or beyond the data set.
pub fn held_out(
    model: &dyn Model,
    data: &Dataset,
    count: usize,
    binarization: Binarization,
) -> Result<ElboEstimate> {
    if count == 0 || count > data.len() {
        return Err(Error::argument(format!(
            "the number of held-out images must be 1 to {}; got {count}",
            data.len()
        )));
    }
    let indices: Vec<u32> = (0..count as u32).collect();
    let rng = Rng::from_seed(0).split("held out");
    elbo(model, &data.batch(&indices, binarization, &rng, 0), 1, 0)
}
