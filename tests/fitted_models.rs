//! The families that are fitted instead of trained, from the registry to a checkpoint. Their encoders give
//! p(z|x) itself, so that every importance weight is p(x).
#![cfg(not(target_arch = "wasm32"))]

use std::rc::Rc;

use latent_canvas::checkpoint::{self, Precision};
use latent_canvas::data::{Binarization, Dataset};
use latent_canvas::estimators::{Estimator, Options, bound, estimates, exact};
use latent_canvas::linear_algebra::{Moments, symmetric_eigen};
use latent_canvas::models::{self, Model, ModelSpec, inference};
use latent_canvas::train::{TrainOptions, Trainer};
use latent_canvas::{PIXELS, Rng};
use serde_json::{Value, json};

const COUNT: usize = 1000;

fn data() -> Rc<Dataset> {
    Rc::new(Dataset::strokes(COUNT, 4).unwrap())
}

fn trainer(spec: &Value, binarization: &str) -> Trainer {
    let model = models::build(&ModelSpec::from_json(spec).unwrap(), 1).unwrap();
    let options = TrainOptions::from_json(&json!({"binarization": binarization})).unwrap();
    Trainer::new(model.as_ref(), data(), options).unwrap()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// log p(x) three ways, draws, and the way through a checkpoint.
fn check(model: &dyn Model, x: &[f32]) {
    let values = exact::log_likelihoods(model, x).unwrap();
    let options = Options {
        estimator: Estimator::Importance,
        draws: 20,
        seed: 3,
    };
    let images = estimates(model, x, options).unwrap();
    for (exact, image) in values.iter().zip(&images) {
        // A sum of 784 terms in f32, whose sizes the sum itself, near 0, says nothing of.
        assert!(
            (exact - image.log_likelihood).abs() < 1e-6 * PIXELS as f64,
            "{exact} {image:?}"
        );
        assert!(image.effective_samples > 19.9, "{image:?}");
    }
    // The bound is tight; what is left is the noise of its draws.
    let bound = bound::elbo(model, x, 200, 3).unwrap();
    assert!(
        (bound.elbo - mean(&values)).abs() < 2.0,
        "{} {}",
        bound.elbo,
        mean(&values)
    );

    let samples = inference::sample(model, 20, 1.0, 2).unwrap();
    let again = inference::decode(model, &samples.latents).unwrap();
    assert_eq!(again, samples.probabilities);
    assert!(samples.pixels.iter().all(|v| (0.0..=1.0).contains(v)));

    for (precision, tolerance) in [(Precision::Full, 1e-9), (Precision::Half, 0.05)] {
        let bytes = checkpoint::save(model, None, precision).unwrap();
        let loaded = checkpoint::load(&bytes).unwrap().model;
        let found = mean(&exact::log_likelihoods(loaded.as_ref(), x).unwrap());
        let wanted = mean(&values);
        assert!(
            (found - wanted).abs() < tolerance * wanted.abs(),
            "{found} {wanted}"
        );
    }
}

/// -N/2 [D ln 2 pi + sum_{j<=K} ln l_j + (D - K) ln sigma^2 + D] after one step, and a second changes nothing.
#[test]
fn principal_components_are_fitted_at_once() {
    let (latents, x) = (12, data().images(0, COUNT).unwrap());
    let mut trainer = trainer(&json!({"model": "ppca", "latents": latents}), "grey");
    assert_eq!(trainer.steps_per_epoch(), 1);
    let start = trainer.step(1).unwrap();
    assert_eq!((start.images, start.epoch), (COUNT as u64, 1.0));

    let covariance = Moments::of(&x, PIXELS).unwrap().covariance(COUNT as f64);
    let values = symmetric_eigen(&covariance, PIXELS).unwrap().values;
    let width = PIXELS as f64;
    let free = (PIXELS - latents) as f64;
    let noise = values[latents..].iter().sum::<f64>() / free;
    let kept: f64 = values[..latents].iter().map(|l| l.ln()).sum();
    let formula = -0.5 * (width * std::f64::consts::TAU.ln() + kept + free * noise.ln() + width);
    let found = mean(&exact::log_likelihoods(trainer.model(), &x).unwrap());
    assert!(
        (found - formula).abs() < 1e-5 * formula.abs(),
        "{found} {formula}"
    );
    let after = trainer.step(1).unwrap();
    assert!(after.elbo > start.elbo && (after.elbo - formula).abs() < 1e-5 * formula.abs());
    check(trainer.model(), &x[..20 * PIXELS]);
}

#[test]
fn factor_analysis_climbs_above_principal_components() {
    let x = data().images(0, COUNT).unwrap();
    let mut components = trainer(&json!({"model": "ppca", "latents": 6}), "grey");
    components.step(1).unwrap();
    let mut factors = trainer(&json!({"model": "factor-analysis", "latents": 6}), "grey");
    let mut last = f64::NEG_INFINITY;
    for _ in 0..40 {
        let report = factors.step(1).unwrap();
        assert!(
            report.elbo > last - 1e-6 * last.abs(),
            "{} {last}",
            report.elbo
        );
        last = report.elbo;
    }
    // The same model with more freedom.
    let of_components = mean(&exact::log_likelihoods(components.model(), &x).unwrap());
    assert!(last > of_components, "{last} {of_components}");
    check(factors.model(), &x[..20 * PIXELS]);
}

#[test]
fn a_mixture_climbs_and_resumes_where_it_stood() {
    let spec = json!({"model": "bernoulli-mixture", "components": 30});
    let mut trainer = trainer(&spec, "static");
    let mut first = Vec::new();
    for _ in 0..12 {
        first.push(trainer.step(1).unwrap().elbo);
    }
    assert!(first.is_sorted(), "{first:?}");
    let mut resumed = Trainer::resume(&trainer.save().unwrap(), data()).unwrap();
    assert_eq!(trainer.step(2).unwrap(), resumed.step(2).unwrap());

    let rng = Rng::from_seed(9);
    let x = data().batch(&(0..20).collect::<Vec<_>>(), Binarization::Dynamic, &rng, 0);
    check(trainer.model(), &x);
    let codes = inference::encode(trainer.model(), &x).unwrap();
    for responsibilities in codes.mean.chunks(30) {
        assert!((responsibilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
}
