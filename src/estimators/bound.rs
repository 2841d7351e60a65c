//! The evidence lower bound of some images, by Monte Carlo over z, with the KL in closed form where it has one.

use candle_core::Tensor;

use crate::approximate_posteriors::Draw;
use crate::data::{Binarization, Dataset};
use crate::math::check_pixels;
use crate::models::inference::BLOCK;
use crate::models::{self, Model};
use crate::nn::tensors::{flat_values, matrix};
use crate::objectives::elbo::closed_kl;
use crate::{Error, PIXELS, Result, Rng};

/// The bound and its parts, means over the images, in nats.
#[derive(Clone, Debug, PartialEq)]
pub struct ElboEstimate {
    /// reconstruction - kl.
    pub elbo: f64,
    /// E_q log p(x|z).
    pub reconstruction: f64,
    /// KL(q(z|x) || p(z)), 0 for a model without prior.
    pub kl: f64,
    /// The share of each latent, `[K]`; sums to `kl`. Empty where the divergence is known as a whole only.
    pub kl_per_latent: Vec<f32>,
}

/// The bound, averaged over `samples` draws of z for each image.
///
/// # Errors
///
/// As [`check_pixels`]; [`Error::InvalidArgument`] for no samples or more than 10,000.
pub fn elbo(model: &dyn Model, pixels: &[f32], samples: usize, seed: u64) -> Result<ElboEstimate> {
    elbo_given_labels(model, pixels, &[], samples, seed)
}

/// [`elbo`] of images whose classes are given to a model that knows of classes, as far as they are known;
/// other models, and an empty list, know none.
///
/// # Errors
///
/// As [`elbo`]; [`Error::Shape`] when there are labels for other than all images.
pub fn elbo_given_labels(
    model: &dyn Model,
    pixels: &[f32],
    labels: &[Option<u8>],
    samples: usize,
    seed: u64,
) -> Result<ElboEstimate> {
    let rows = check_pixels(pixels)?;
    if !(1..=10_000).contains(&samples) {
        return Err(Error::argument(format!(
            "samples must be 1 to 10000; got {samples}"
        )));
    }
    if !labels.is_empty() && labels.len() != rows {
        return Err(Error::shape(format!(
            "there are {rows} images but {} labels",
            labels.len()
        )));
    }
    let mut rng = Rng::from_seed(seed).split("elbo");
    let mut sums = Sums::default();
    for (index, block) in pixels.chunks(BLOCK * PIXELS).enumerate() {
        let x = matrix(block, PIXELS)?;
        let share = x.dim(0)? as f64 / rows as f64;
        let labels = labels.chunks(BLOCK).nth(index).unwrap_or_default();
        match models::given_labels(model, labels)? {
            None => sums.add(model, &x, samples, share, &mut rng)?,
            Some(model) => sums.add(model.as_ref(), &x, samples, share, &mut rng)?,
        }
    }
    let elbo = sums.reconstruction - sums.kl;
    if !elbo.is_finite() {
        return Err(Error::NonFinite(
            "the bound is not finite: the model's weights have diverged".to_owned(),
        ));
    }
    Ok(ElboEstimate {
        elbo,
        reconstruction: sums.reconstruction,
        kl: sums.kl,
        kl_per_latent: sums.kl_per_latent.iter().map(|kl| *kl as f32).collect(),
    })
}

#[derive(Default)]
struct Sums {
    reconstruction: f64,
    kl: f64,
    kl_per_latent: Vec<f64>,
}

impl Sums {
    /// Adds the means over a block of images, which has this share of all.
    fn add(
        &mut self,
        model: &dyn Model,
        x: &Tensor,
        samples: usize,
        share: f64,
        rng: &mut Rng,
    ) -> Result<()> {
        let (images, latents) = (x.dim(0)?, model.latents());
        let q = model.encode(x)?;
        let prior = model.prior()?;
        let closed = closed_kl(prior.as_deref(), q.as_ref())?;
        if let Some(kl) = &closed {
            self.kl_per_latent.resize(latents, 0.0);
            for (sum, kl) in self
                .kl_per_latent
                .iter_mut()
                .zip(flat_values(&kl.mean(0)?)?)
            {
                *sum += share * f64::from(kl);
                self.kl += share * f64::from(kl);
            }
        }
        // Few images make full blocks by several draws each.
        let draws_at_once = (BLOCK / images).clamp(1, samples);
        let mut left = samples;
        while left > 0 {
            let draws = draws_at_once.min(left);
            let part = share * draws as f64 / samples as f64;
            let mean = |rows: &Tensor| -> Result<f64> {
                Ok(part * f64::from(rows.mean_all()?.to_scalar::<f32>()?))
            };
            let noise = matrix(&rng.normals(draws * images * latents), latents)?;
            let Draw { z, log_q } = q.repeat(draws)?.draw(&noise)?;
            // Nobody asks for gradients here.
            let z = z.detach();
            let decoded = model.decode(&z)?.detach();
            let fit = model.log_likelihood(&x.repeat((draws, 1))?, &decoded)?;
            self.reconstruction += mean(&fit)?;
            if let (None, Some(prior)) = (&closed, &prior) {
                self.kl += mean(&(log_q.detach() - prior.log_prob(&z)?)?)?;
            }
            left -= draws;
        }
        Ok(())
    }
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
    let x = data.batch(&indices, binarization, &rng, 0);
    elbo_given_labels(model, &x, data.labels(0, count)?, 1, 0)
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
                .sample(model.as_ref(), &x, None, &noise, ElboOptions::default())
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
