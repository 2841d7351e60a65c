//! The evidence lower bound of images: a sum over all codes where they have few values, else by Monte Carlo over z with the
//! KL in closed form where there is one.

use candle_core::Tensor;

use super::classes;
use crate::approximate_posteriors::{ApproximatePosterior, Draw};
use crate::data::{Binarization, CLASSES, Dataset};
use crate::math::check_pixels;
use crate::models::inference::BLOCK;
use crate::models::{self, Model, enumeration};
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
    /// The KL of each latent, `[K]`; they sum to `kl`. Empty where only the whole KL is known.
    pub kl_per_latent: Vec<f32>,
}

/// Classes of a smaller probability q(y|x) are left out for an image.
const LEAST_SHARE: f64 = 1e-6;

/// The bound, averaged over `samples` draws of z for each image. Where codes have few values, no draw is made: the mean over
/// q(z|x) is a sum over them, exact but for rounding.
///
/// Of a model that sums over classes it is sum_y q(y|x) [L(x|y) - log q(y|x)] - log CLASSES, L(x|y) the bound of the model
/// given the class and q(y|x) the guess of [`classes::class_probabilities`]: a lower bound on log p(x) whatever q(y|x) is,
/// and at most log sum_y exp L(x|y) - log CLASSES.
///
/// # Errors
///
/// As [`check_pixels`]; [`Error::InvalidArgument`] for no samples or more than 10,000.
pub fn elbo(model: &dyn Model, pixels: &[f32], samples: usize, seed: u64) -> Result<ElboEstimate> {
    elbo_given_labels(model, pixels, &[], samples, seed)
}

/// [`elbo`] where a model that takes classes is given those labels that are known. Other models ignore the labels; an empty
/// list means that none is known.
///
/// # Errors
///
/// As [`elbo`]; [`Error::Shape`] when there is not one label for each image.
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
    let mut sums = Sums {
        samples,
        weight: 1.0 / rows as f64,
        ..Sums::default()
    };
    for (index, block) in pixels.chunks(BLOCK * PIXELS).enumerate() {
        let x = matrix(block, PIXELS)?;
        let labels = labels.chunks(BLOCK).nth(index).unwrap_or_default();
        sums.add_images(model, &x, labels, &mut rng)?;
    }
    let elbo = sums.reconstruction - sums.kl;
    if !elbo.is_finite() {
        return Err(Error::NonFinite(
            "the bound is not finite: the model's weights have diverged".to_owned(),
        ));
    }
    if sums.kl_of_classes {
        sums.kl_per_latent.clear();
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
    /// Draws of z for each row.
    samples: usize,
    /// The weight of an image.
    weight: f64,
    reconstruction: f64,
    kl: f64,
    kl_per_latent: Vec<f64>,
    /// Whether a part of the KL is that of the class, and belongs to no latent.
    kl_of_classes: bool,
}

impl Sums {
    /// Adds a block of images; a model that takes classes is given those labels that are known.
    fn add_images(
        &mut self,
        model: &dyn Model,
        x: &Tensor,
        labels: &[Option<u8>],
        rng: &mut Rng,
    ) -> Result<()> {
        let images = x.dim(0)?;
        let all = vec![self.weight; images];
        if let Some(model) = models::given_labels(model, labels)? {
            return self.add(model.as_ref(), x, &all, rng);
        }
        let Some(shares) = classes::guess(model, x)? else {
            return self.add(model, x, &all, rng);
        };
        // Each image comes once for every class that it may have.
        let mut rows: Vec<(u32, u8, f64)> = Vec::new();
        for (image, shares) in shares.chunks_exact(CLASSES).enumerate() {
            let image = image as u32;
            match labels.get(image as usize).copied().flatten() {
                Some(label) => rows.push((image, label, self.weight)),
                None => rows.extend(self.classes_of(image, shares)),
            }
        }
        let (pixels, width) = (flat_values(x)?, x.dim(1)?);
        for rows in rows.chunks(BLOCK) {
            let images = rows.iter().map(|row| row.0 as usize * width);
            let chosen: Vec<f32> = images
                .flat_map(|at| &pixels[at..at + width])
                .copied()
                .collect();
            let labels: Vec<Option<u8>> = rows.iter().map(|row| Some(row.1)).collect();
            let weights: Vec<f64> = rows.iter().map(|row| row.2).collect();
            let x = matrix(&chosen, width)?;
            let model = model.given(&models::one_hot(&labels)?)?;
            self.add(model.as_ref(), &x, &weights, rng)?;
        }
        Ok(())
    }

    /// The classes that an image may have, each with its weight q(y|x). Classes of nearly no probability are left out: the
    /// bound holds for any q(y|x). Adds KL(q(y|x) || p(y)).
    fn classes_of(&mut self, image: u32, shares: &[f64]) -> Vec<(u32, u8, f64)> {
        self.kl_of_classes = true;
        let kept = |share: &f64| *share > LEAST_SHARE;
        let total: f64 = shares.iter().filter(|share| kept(share)).sum();
        let mut rows = Vec::new();
        for (class, share) in shares.iter().enumerate().filter(|(_, share)| kept(share)) {
            let share = share / total;
            self.kl += self.weight * share * (share * CLASSES as f64).ln();
            rows.push((image, class as u8, self.weight * share));
        }
        rows
    }

    /// Adds rows of images, each with its weight.
    fn add(&mut self, model: &dyn Model, x: &Tensor, weights: &[f64], rng: &mut Rng) -> Result<()> {
        let (images, latents) = (x.dim(0)?, model.latents());
        let q = model.encode(x)?;
        let prior = model.prior()?;
        let closed = closed_kl(prior.as_deref(), q.as_ref())?;
        if let Some(kl) = &closed {
            self.kl_per_latent.resize(latents, 0.0);
            for (row, weight) in flat_values(kl)?.chunks_exact(latents).zip(weights) {
                for (sum, kl) in self.kl_per_latent.iter_mut().zip(row) {
                    *sum += weight * f64::from(*kl);
                    self.kl += weight * f64::from(*kl);
                }
            }
        }
        if let Some(means) = reconstructions(model, x, q.as_ref())? {
            let weighted = means.iter().zip(weights);
            self.reconstruction += weighted.map(|(mean, weight)| mean * weight).sum::<f64>();
            return Ok(());
        }
        // Several draws at once fill a block where there are few images.
        let draws_at_once = (BLOCK / images).clamp(1, self.samples);
        let mut left = self.samples;
        while left > 0 {
            let draws = draws_at_once.min(left);
            let sum = |rows: &Tensor| -> Result<f64> {
                let rows = flat_values(rows)?;
                let weighted = rows.iter().zip(weights.iter().cycle());
                let sum: f64 = weighted.map(|(row, weight)| f64::from(*row) * weight).sum();
                Ok(sum / self.samples as f64)
            };
            let noise = matrix(&rng.normals(draws * images * latents), latents)?;
            let Draw { z, log_q } = q.repeat(draws)?.draw(&noise)?;
            // No gradient is needed here.
            let z = z.detach();
            let decoded = model.decode(&z)?.detach();
            let fit = model.log_likelihood(&x.repeat((draws, 1))?, &decoded)?;
            let fit = sum(&fit)?;
            if let (None, Some(prior)) = (&closed, &prior) {
                self.kl += sum(&(log_q.detach() - prior.log_prob(&z)?)?)?;
            }
            self.reconstruction += fit;
            left -= draws;
        }
        Ok(())
    }
}

/// E_q log p(x|z) of each row as a sum over all that a code can be, nats; none where that cannot be listed.
fn reconstructions(
    model: &dyn Model,
    x: &Tensor,
    q: &dyn ApproximatePosterior,
) -> Result<Option<Vec<f64>>> {
    let (Some(values), Some(log_q)) = (model.values()?, q.log_probabilities()?) else {
        return Ok(None);
    };
    let fits = enumeration::log_likelihoods(model, x, &values)?;
    let means = (log_q.exp()? * fits)?.sum(1)?;
    Ok(Some(
        flat_values(&means)?.into_iter().map(f64::from).collect(),
    ))
}

/// The bound on the first `count` images of a data set, with one draw of z for each. Pixels and noise are the same at every
/// call, so that two models, or two moments of a training run, can be compared.
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

    /// Several draws in one block give the same as one draw after another.
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
    /// With codes that can be listed no draw is made: the bound is the sum over them, and so never above log p(x).
    #[test]
    fn codes_of_few_values_are_summed_over() {
        let mixture = json!({"model": "bernoulli-mixture", "components": 4});
        let vae = json!({"model": "categorical-vae", "categories": 5, "hidden": [6]});
        for (spec, tight) in [(mixture, true), (vae, false)] {
            let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 5).unwrap();
            let mut rng = Rng::from_seed(2);
            // Away from the untrained start, where every code decodes to much the same.
            for (_, var) in model.parameters().iter() {
                let noise: Vec<f32> = rng.normals(var.elem_count());
                let noise = Tensor::from_vec(noise, var.shape(), var.device()).unwrap();
                var.set(&(var.as_tensor() + noise.affine(0.3, 0.0).unwrap()).unwrap())
                    .unwrap();
            }
            let pixels: Vec<f32> = (0..3 * PIXELS).map(|_| rng.uniform().round()).collect();
            let found = elbo(model.as_ref(), &pixels, 1, 1).unwrap();
            assert_eq!(found, elbo(model.as_ref(), &pixels, 3, 2).unwrap());
            let x = matrix(&pixels, PIXELS).unwrap();
            let exact = model.exact_log_likelihood(&x).unwrap().unwrap();
            let exact = exact.iter().sum::<f64>() / 3.0;
            assert!(found.elbo < exact + 1e-3, "{} {exact}", found.elbo);
            // A mixture's q is its posterior.
            assert_eq!(found.elbo > exact - 1e-3, tight, "{} {exact}", found.elbo);
            // And it is what many draws come to.
            let (values, q) = (model.values().unwrap().unwrap(), model.encode(&x).unwrap());
            let mut drawn = 0.0;
            for _ in 0..2_000 {
                let noise = matrix(
                    &rng.normals(3 * values.dim(0).unwrap()),
                    values.dim(1).unwrap(),
                );
                let z = q.draw(&noise.unwrap()).unwrap().z;
                let fit = model
                    .log_likelihood(&x, &model.decode(&z).unwrap())
                    .unwrap();
                drawn += flat_values(&fit)
                    .unwrap()
                    .iter()
                    .map(|fit| f64::from(*fit))
                    .sum::<f64>();
            }
            let drawn = drawn / 6_000.0;
            assert!(
                (found.reconstruction - drawn).abs() < 0.5,
                "{} {drawn}",
                found.reconstruction
            );
        }
    }
}
