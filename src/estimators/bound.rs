//! The evidence lower bound of some images, by Monte Carlo over z with the KL in closed form.

use crate::data::{Binarization, Dataset};
use crate::math::check_pixels;
use crate::models::Model;
use crate::models::inference::{BLOCK, matrix, numbers};
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
        let images = x.dim(0)?;
        let q = model.encode(&x)?;
        let share = images as f64 / rows as f64;
        for (sum, kl) in kl_sums
            .iter_mut()
            .zip(numbers(&q.kl_to_unit_normal()?.mean(0)?)?)
        {
            *sum += share * f64::from(kl);
        }
        // Few images make full blocks by several draws each.
        let draws_at_once = (BLOCK / images).clamp(1, samples);
        let mut left = samples;
        while left > 0 {
            let draws = draws_at_once.min(left);
            let noise = rng.normals(draws * images * latents);
            let z = q.repeat(draws)?.reparameterise(&matrix(&noise, latents)?)?;
            // Nobody asks for gradients here.
            let decoded = model.decode(&z)?.detach();
            let log_prob = model.log_likelihood(&x.repeat((draws, 1))?, &decoded)?;
            let mean = f64::from(log_prob.mean_all()?.to_scalar::<f32>()?);
            reconstruction += share * draws as f64 / samples as f64 * mean;
            left -= draws;
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::distributions::bernoulli;
    use crate::models::{self, ModelSpec};
    use crate::objectives::{ElboOptions, Objective};

    /// Draws that share a block give what one draw after another gives.
    #[test]
    fn draws_at_once_are_draws_one_by_one() {
        let spec = json!({"model": "vae", "latents": 3, "hidden": [6]});
        let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 5).unwrap();
        let pixels = bernoulli::sample(&vec![0.3; 170 * PIXELS], &mut Rng::from_seed(1));
        let (images, draws) = (pixels.len() / PIXELS, 5);
        let together = elbo(model.as_ref(), &pixels, draws, 9).unwrap();

        let mut rng = Rng::from_seed(9).split("elbo");
        let x = matrix(&pixels, PIXELS).unwrap();
        let mut sum = 0.0;
        for _ in 0..draws {
            let noise = matrix(&rng.normals(3 * images), 3).unwrap();
            let one = Objective::Elbo
                .sample(model.as_ref(), &x, &noise, ElboOptions::default())
                .unwrap();
            sum -= f64::from(one.loss.to_scalar::<f32>().unwrap());
        }
        let wanted = sum / draws as f64;
        assert!(
            (together.elbo - wanted).abs() < 1e-3,
            "{} {wanted}",
            together.elbo
        );
        assert!((together.reconstruction - together.kl - together.elbo).abs() < 1e-9);
    }
}
