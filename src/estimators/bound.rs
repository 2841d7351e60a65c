//! The evidence lower bound of images: a sum over all codes where they have few values, else by Monte Carlo over z with the
//! KL in closed form where there is one.

use candle_core::Tensor;

use super::classes;
use super::running_mean::RunningMean;
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
    /// The standard error of `elbo` in nats, from the spread of the draws of each image; 0 where no draw was made, and none
    /// for a single draw of each.
    pub standard_error: Option<f64>,
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
///
/// # Examples
///
/// ```
/// # use latent_canvas::models::{self, ModelSpec};
/// # let spec = serde_json::json!({ "model": "vae", "latents": 2, "hidden": [16] });
/// # let model = models::build(&ModelSpec::from_json(&spec)?, 1)?;
/// # let model = model.as_ref();
/// # use latent_canvas::data::Dataset;
/// # let digit = Dataset::strokes(1, 1)?.images(0, 1)?;
/// # let digit: Vec<f32> = digit.iter().map(|ink| ink.round()).collect();
/// use latent_canvas::estimators::bound;
///
/// let bound = bound::elbo(model, &digit, 100, 1)?;
/// assert!((bound.elbo - (bound.reconstruction - bound.kl)).abs() < 1e-6);
/// # Ok::<(), latent_canvas::Error>(())
/// ```
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
        variance: Some(0.0),
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
            "the bound is not finite: the model's weights have grown too large".to_owned(),
        ));
    }
    if sums.kl_of_classes {
        sums.kl_per_latent.clear();
    }
    Ok(ElboEstimate {
        elbo,
        standard_error: sums.variance.map(f64::sqrt),
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
    /// Of the bound, from the spread of each row's draws; none where a row has a single one.
    variance: Option<f64>,
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
        let mut means = vec![RunningMean::default(); images];
        let mut left = self.samples;
        while left > 0 {
            let draws = draws_at_once.min(left);
            let noise = matrix(&rng.normals(draws * images * latents), latents)?;
            let Draw { z, log_q } = q.repeat(draws)?.draw(&noise)?;
            // No gradient is needed here.
            let z = z.detach();
            let decoded = model.decode(&z)?.detach();
            let mut values = flat_values(&model.log_likelihood(&x.repeat((draws, 1))?, &decoded)?)?;
            self.reconstruction += self.mean_of_draws(&values, weights);
            if let (None, Some(prior)) = (&closed, &prior) {
                let kl = flat_values(&(log_q.detach() - prior.log_prob(&z)?)?)?;
                self.kl += self.mean_of_draws(&kl, weights);
                values.iter_mut().zip(kl).for_each(|(fit, kl)| *fit -= kl);
            }
            for draw in values.chunks_exact(images) {
                let rows = means.iter_mut().zip(draw);
                rows.for_each(|(mean, value)| mean.add(f64::from(*value)));
            }
            left -= draws;
        }
        for (mean, weight) in means.iter().zip(weights) {
            let both = self.variance.zip(mean.variance());
            self.variance = both.map(|(sum, variance)| sum + weight * weight * variance);
        }
        Ok(())
    }

    /// The weighted sum over rows, and the mean over all draws, of these numbers: all rows' first draws, then their second
    /// ones.
    fn mean_of_draws(&self, values: &[f32], weights: &[f64]) -> f64 {
        let weighted = values.iter().zip(weights.iter().cycle());
        let sum: f64 = weighted
            .map(|(value, weight)| f64::from(*value) * weight)
            .sum();
        sum / self.samples as f64
    }
}

/// E_q log p(x|z) of each row as a sum over all that a code can be, nats; none where that cannot be listed.
fn reconstructions(
    model: &dyn Model,
    x: &Tensor,
    q: &dyn ApproximatePosterior,
) -> Result<Option<Vec<f64>>> {
    // The small package has no family with such codes, and leaves this out.
    if !cfg!(feature = "complete") {
        return Ok(None);
    }
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
///
/// # Examples
///
/// ```
/// # use latent_canvas::models::{self, ModelSpec};
/// # let spec = serde_json::json!({ "model": "vae", "latents": 2, "hidden": [16] });
/// # let model = models::build(&ModelSpec::from_json(&spec)?, 1)?;
/// # let model = model.as_ref();
/// use latent_canvas::data::{Binarization, Dataset};
/// use latent_canvas::estimators::bound;
///
/// let held_out = Dataset::strokes(50, 2)?;
/// let bound = bound::held_out(model, &held_out, 50, Binarization::Static)?;
/// assert!(bound.elbo < 0.0);
/// # Ok::<(), latent_canvas::Error>(())
/// ```
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
mod tests;
