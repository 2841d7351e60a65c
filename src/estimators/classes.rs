//! Models that sum over classes: p(x) = sum_y p(y) p(x|y), p(y) = 1 / CLASSES.

use candle_core::Tensor;

use super::{Estimate, Options};
use crate::approximate_posteriors::Draw;
use crate::data::CLASSES;
use crate::math::{check_pixels, logsumexp};
use crate::models::inference::{self, BLOCK};
use crate::models::{Model, required_prior};
use crate::nn::tensors::{flat_values, matrix};
use crate::{Error, PIXELS, Result, Rng};

/// [`Model::of_each_class`]. All families that sum over classes belong to the feature `complete`; the small build leaves out
/// the code that only they need.
pub(super) fn of_each(model: &dyn Model) -> Result<Vec<Box<dyn Model>>> {
    if cfg!(feature = "complete") {
        model.of_each_class()
    } else {
        Ok(Vec::new())
    }
}

/// Every class first takes one draw in this many.
const FIRST_DRAWS: usize = 10;
/// A class that after its first draws lies this many nats below the best one adds nothing to the sum.
const NEGLIGIBLE_NATS: f64 = 20.0;

/// [`sum`] of estimates that draw: `draws` draws for each class that may add something.
pub(super) fn draw(
    models: &[Box<dyn Model>],
    image: &[f32],
    options: Options,
    rng: Rng,
) -> Result<Estimate> {
    let Options {
        estimator, draws, ..
    } = options;
    let first = draws.div_ceil(FIRST_DRAWS);
    let mut started = Vec::with_capacity(models.len());
    for (class, model) in models.iter().enumerate() {
        let rng = rng.split_index("class", class as u64);
        let mut stream = estimator.start(model.as_ref(), image, rng)?;
        let estimate = stream.advance(first)?;
        started.push((stream, estimate));
    }
    let values = started.iter().map(|(_, estimate)| estimate.log_likelihood);
    let best = values.fold(f64::NEG_INFINITY, f64::max);
    let found = started.into_iter().map(|(mut stream, estimate)| {
        if draws > first && estimate.log_likelihood > best - NEGLIGIBLE_NATS {
            stream.advance(draws - first)
        } else {
            Ok(estimate)
        }
    });
    sum(&found.collect::<Result<Vec<_>>>()?)
}

/// log sum_y p(y) p(x|y), from an estimate of log p(x|y) for each class. The standard errors are independent, and count as the
/// classes do: sum_y p(y|x)^2 error_y^2.
pub(super) fn sum(of_each: &[Estimate]) -> Result<Estimate> {
    let values: Vec<f64> = of_each.iter().map(|class| class.log_likelihood).collect();
    let total = logsumexp(&values);
    if !total.is_finite() {
        return Err(no_class_explains());
    }
    let shares = values.iter().map(|value| (value - total).exp());
    let by_class: Vec<(f64, &Estimate)> = shares.zip(of_each).collect();
    let mean = |value: &dyn Fn(&Estimate) -> f64, power: i32| -> f64 {
        let terms = by_class.iter();
        terms
            .map(|(share, class)| share.powi(power) * value(class))
            .sum()
    };
    let are_exact = of_each.iter().all(|class| class.tolerance.is_some());
    Ok(Estimate {
        log_likelihood: total - (of_each.len() as f64).ln(),
        standard_error: mean(&|class| class.standard_error.powi(2), 2).sqrt(),
        // 1 / sum of the squared weights of all draws; the weights of a class add up to its share.
        effective_samples: 1.0 / mean(&|class| 1.0 / class.effective_samples, 2),
        tolerance: are_exact.then(|| mean(&|class| class.tolerance.unwrap_or_default(), 1)),
        decoder_evaluations: of_each.iter().map(|class| class.decoder_evaluations).sum(),
    })
}

fn no_class_explains() -> Error {
    Error::NonFinite(
        "no class explains the image: the model's weights have grown too large".to_owned(),
    )
}

/// A guess of p(y|x) of each image, proportional to p(x|z, y) p(z) / q(z|x, y) at the mean of q(z|x, y). That ratio is p(x|y)
/// where q is the posterior.
///
/// # Shapes
///
/// x `[B, D]` -> `[B, CLASSES]`, row-major; none for a model that has no such sum.
///
/// # Errors
///
/// [`Error::Tensor`] for an x of another width; [`Error::NonFinite`] when the model's weights have grown too large.
pub(crate) fn guess(model: &dyn Model, x: &Tensor) -> Result<Option<Vec<f64>>> {
    let classes = of_each(model)?;
    if classes.is_empty() {
        return Ok(None);
    }
    let rows = x.dim(0)?;
    let middle = Tensor::zeros((rows, model.latents()), x.dtype(), x.device())?;
    let mut log_weights = vec![0f64; rows * CLASSES];
    for (class, model) in classes.iter().enumerate() {
        let Draw { z, log_q } = model.encode(x)?.draw(&middle)?;
        let fit = model.log_likelihood(x, &model.decode(&z)?)?;
        let log_weight = ((fit + required_prior(model.as_ref())?.log_prob(&z)?)? - log_q)?;
        for (row, weight) in flat_values(&log_weight)?.into_iter().enumerate() {
            log_weights[row * CLASSES + class] = f64::from(weight);
        }
    }
    for row in log_weights.chunks_exact_mut(CLASSES) {
        let total = logsumexp(row);
        if !total.is_finite() {
            return Err(no_class_explains());
        }
        row.iter_mut().for_each(|v| *v = (*v - total).exp());
    }
    Ok(Some(log_weights))
}

/// p(y|x) of each image: from the model's own classifier where it has one; else a guess proportional to p(x|y), from how well
/// the model of each class explains the image.
///
/// # Shapes
///
/// pixels `[n, 784]` in [0, 1] -> `[n, CLASSES]`; none for a model that knows nothing of classes.
///
/// # Errors
///
/// As [`check_pixels`]; [`Error::NonFinite`] when the model's weights have grown too large.
///
/// # Examples
///
/// ```
/// # use latent_canvas::models::{self, ModelSpec};
/// # let spec = serde_json::json!({ "model": "cvae", "latents": 2, "hidden": [16] });
/// # let model = models::build(&ModelSpec::from_json(&spec)?, 1)?;
/// # let model = model.as_ref();
/// # use latent_canvas::data::Dataset;
/// # let digit = Dataset::strokes(1, 1)?.images(0, 1)?;
/// # let digit: Vec<f32> = digit.iter().map(|ink| ink.round()).collect();
/// use latent_canvas::estimators::classes;
///
/// // By Bayes' rule from log p(x|y) of each class.
/// let shares = classes::class_probabilities(model, &digit)?.expect("it knows of classes");
/// assert_eq!(shares.len(), 10);
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn class_probabilities(model: &dyn Model, pixels: &[f32]) -> Result<Option<Vec<f32>>> {
    if let Some(classes) = inference::classify(model, pixels)? {
        return Ok(Some(classes));
    }
    check_pixels(pixels)?;
    let mut found = Vec::new();
    for block in pixels.chunks(BLOCK * PIXELS) {
        let Some(shares) = guess(model, &matrix(block, PIXELS)?)? else {
            return Ok(None);
        };
        found.extend(shares.into_iter().map(|share| share as f32));
    }
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::distributions::bernoulli;
    use crate::estimators::{Estimator, bound, estimate, estimates};
    use crate::mcmc::Target;
    use crate::models::{self, ModelSpec, one_hot};

    /// A model to which the class makes a difference.
    fn model(latents: usize) -> Box<dyn Model> {
        let spec =
            json!({"model": "cvae", "latents": latents, "hidden": [8], "activation": "tanh"});
        let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 4).unwrap();
        for (_, var) in model.parameters().iter() {
            var.set(&(var.as_tensor() * 1.2).unwrap()).unwrap();
        }
        model
    }

    fn images(count: usize) -> Vec<f32> {
        bernoulli::sample(&vec![0.4; count * PIXELS], &mut Rng::from_seed(1))
    }

    fn given(model: &dyn Model, label: usize) -> Box<dyn Model> {
        model
            .given(&one_hot(&[Some(label as u8)]).unwrap())
            .unwrap()
    }

    fn options(estimator: Estimator, draws: usize) -> Options {
        Options {
            estimator,
            draws,
            seed: 5,
        }
    }

    /// Each class as often as another: five standard errors of 3,000 draws; and an image is of the class it says.
    #[test]
    fn samples_draw_a_class_first() {
        let model = model(3);
        let drawn = inference::sample(model.as_ref(), 3000, 1.0, 2).unwrap();
        for class in 0..CLASSES {
            let count = drawn
                .labels
                .iter()
                .filter(|l| usize::from(**l) == class)
                .count();
            assert!(count.abs_diff(300) < 83, "{class}: {count}");
        }
        let images = drawn
            .probabilities
            .chunks(PIXELS)
            .zip(drawn.latents.chunks(3));
        for ((image, z), label) in images.zip(&drawn.labels).skip(480).take(40) {
            let given = given(model.as_ref(), usize::from(*label));
            let wanted = inference::decode(given.as_ref(), z).unwrap();
            assert!(image.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-6));
        }
        let of_three = given(model.as_ref(), 3);
        let drawn = inference::sample(of_three.as_ref(), 5, 1.0, 2).unwrap();
        assert_eq!(drawn.labels, [3; 5]);
    }

    /// p(x) = sum_y p(y) p(x|y): the sum of the exact values of the ten models, and the importance estimate of it.
    #[test]
    fn log_p_sums_over_the_classes() {
        let (model, x) = (model(2), images(2));
        let exact = estimates(model.as_ref(), &x, options(Estimator::Quadrature, 0)).unwrap();
        let drawn = estimates(model.as_ref(), &x, options(Estimator::Importance, 20_000)).unwrap();
        for (image, (exact, drawn)) in x.chunks(PIXELS).zip(exact.iter().zip(&drawn)) {
            let of_class = |class: usize| {
                let given = given(model.as_ref(), class);
                estimate(given.as_ref(), image, options(Estimator::Quadrature, 0)).unwrap()
            };
            let values: Vec<f64> = (0..CLASSES).map(|y| of_class(y).log_likelihood).collect();
            let wanted = logsumexp(&values) - (CLASSES as f64).ln();
            let least = values.iter().fold(f64::INFINITY, |a, b| a.min(*b));
            assert!(
                wanted > least + 0.5,
                "the class makes no difference: {values:?}"
            );
            assert!((exact.log_likelihood - wanted).abs() < 1e-9);
            assert!(exact.tolerance.is_some_and(|tolerance| tolerance < 0.005));
            let error = 5.0 * drawn.standard_error + 0.005;
            let difference = (drawn.log_likelihood - wanted).abs();
            assert!(
                drawn.standard_error < 0.2 && difference < error,
                "{drawn:?} {wanted}"
            );
            assert!(drawn.effective_samples > 1.0 && drawn.effective_samples < 200_000.0);
            assert!((20_000..=200_000).contains(&drawn.decoder_evaluations));
        }
    }

    /// Class by class, by the bound of the model that was given it. Errors of means of 4,000 draws.
    #[test]
    fn the_bound_is_its_definition_and_below_log_p() {
        let (model, x) = (model(2), images(1));
        let found = bound::elbo(model.as_ref(), &x, 4000, 1).unwrap();
        let of_class = |class| bound::elbo(given(model.as_ref(), class).as_ref(), &x, 4000, 2);
        let bounds: Vec<f64> = (0..CLASSES).map(|y| of_class(y).unwrap().elbo).collect();
        let log_classes = (CLASSES as f64).ln();
        let shares = class_probabilities(model.as_ref(), &x).unwrap().unwrap();
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        let wanted: f64 = shares
            .iter()
            .zip(&bounds)
            .filter(|(share, _)| **share > 0.0)
            .map(|(share, bound)| f64::from(*share) * (bound - f64::from(share.ln())))
            .sum();
        let wanted = wanted - log_classes;
        assert!((found.elbo - wanted).abs() < 0.4, "{found:?} {wanted}");
        assert!((found.reconstruction - found.kl - found.elbo).abs() < 1e-9);
        assert!(found.kl_per_latent.is_empty());
        let most = logsumexp(&bounds) - log_classes;
        let exact = estimate(model.as_ref(), &x, options(Estimator::Quadrature, 0)).unwrap();
        assert!(found.elbo < most + 0.4 && most < exact.log_likelihood + 0.2);
    }

    /// Images of known and of unknown class in one set count as they do apart.
    #[test]
    fn labels_may_be_known_of_some_images_only() {
        let (model, x) = (model(3), images(2));
        let bound = |pixels: &[f32], labels: &[Option<u8>]| {
            bound::elbo_given_labels(model.as_ref(), pixels, labels, 3000, 1)
                .unwrap()
                .elbo
        };
        let apart = bound(&x[..PIXELS], &[Some(3)]) + bound(&x[PIXELS..], &[None]);
        let together = bound(&x, &[Some(3), None]);
        assert!((together - apart / 2.0).abs() < 0.4, "{together} {apart}");
        let three = bound::elbo(given(model.as_ref(), 3).as_ref(), &x[..PIXELS], 3000, 1).unwrap();
        assert!((bound(&x[..PIXELS], &[Some(3)]) - three.elbo).abs() < 1e-6);
    }

    /// p(z|x) is asked of a model that was given a class: a code by itself does not say which class it is of.
    #[test]
    fn a_posterior_of_codes_needs_a_class() {
        let model = model(2);
        let x = matrix(&images(1), PIXELS).unwrap();
        let refused = Target::new(model.as_ref(), &x, 1).unwrap_err();
        assert_eq!(refused.code(), "unsupported");
        assert!(refused.to_string().contains("give the model a class"));
        assert!(Target::new(given(model.as_ref(), 3).as_ref(), &x, 1).is_ok());
        let vae = ModelSpec::from_json(&json!({"model": "vae", "hidden": [4]})).unwrap();
        let vae = models::build(&vae, 1).unwrap();
        assert!(
            class_probabilities(vae.as_ref(), &images(1))
                .unwrap()
                .is_none()
        );
    }
}
