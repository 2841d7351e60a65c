//! Every estimator of log p(x) against the truth: on principal components their closed form, on a trained model of two
//! latents exact integration.
#![cfg(not(target_arch = "wasm32"))]
// The shipped model is a file.
#![allow(clippy::disallowed_methods)]

use std::rc::Rc;

use latent_canvas::checkpoint;
use latent_canvas::data::Dataset;
use latent_canvas::estimators::ais::{self, Ais};
use latent_canvas::estimators::importance::Importance;
use latent_canvas::estimators::naive::Naive;
use latent_canvas::estimators::quadrature;
use latent_canvas::estimators::{Estimate, StreamingEstimator, exact};
use latent_canvas::models::{self, ModelSpec, inference};
use latent_canvas::train::{TrainOptions, Trainer};
use latent_canvas::{PIXELS, Rng};
use serde_json::json;

/// A sum of 784 squares in f32, scaled by 1 / sigma^2.
const ROUNDING: f64 = 1e-6 * PIXELS as f64;

/// Within five standard errors, which must be small enough to say something.
fn assert_agrees(name: &str, estimate: &Estimate, truth: f64) {
    let Estimate {
        log_likelihood,
        standard_error,
        ..
    } = estimate;
    assert!(*standard_error < 0.4, "{name}: {estimate:?}");
    assert!(
        (log_likelihood - truth).abs() < 5.0 * standard_error + ROUNDING,
        "{name}: {estimate:?} against {truth}"
    );
    assert!(estimate.decoder_evaluations > 0, "{name}");
}

#[test]
fn all_agree_with_the_closed_form() {
    let data = Rc::new(Dataset::strokes(1000, 4).unwrap());
    let spec = ModelSpec::from_json(&json!({"model": "ppca", "latents": 2})).unwrap();
    let untrained = models::build(&spec, 1).unwrap();
    let options = TrainOptions::from_json(&json!({"binarization": "grey"})).unwrap();
    let mut trainer = Trainer::new(untrained.as_ref(), data, options).unwrap();
    trainer.step(1).unwrap();
    let model = trainer.model();

    let x = Dataset::strokes(2, 5).unwrap().images(0, 2).unwrap();
    let codes = inference::encode(model, &x).unwrap();
    let rng = Rng::from_seed(6);
    let annealing = ais::Options {
        temperatures: 300,
        leapfrogs: 5,
    };
    for (index, image) in x.chunks(PIXELS).enumerate() {
        let truth = exact::log_likelihoods(model, image).unwrap()[0];
        let of_image = rng.split_index("image", index as u64);

        let mut importance = Importance::new(model, image, of_image.split("importance")).unwrap();
        assert_agrees("importance", &importance.advance(100).unwrap(), truth);

        let mut naive = Naive::new(model, image, of_image.split("naive")).unwrap();
        let early = naive.advance(2_000).unwrap();
        let late = naive.advance(98_000).unwrap();
        assert_agrees("naive", &late, truth);
        assert!(late.standard_error < early.standard_error);
        assert_eq!(late.decoder_evaluations, 100_000);

        let mut chains = Ais::new(model, image, annealing, of_image.split("annealed")).unwrap();
        assert_agrees("annealed", &chains.advance(60).unwrap(), truth);
        // Its encoder is p(z|x) itself.
        let of_code = 2 * index..2 * index + 2;
        let mut draws = of_image.split("posterior");
        let draw: Vec<f32> = codes.mean[of_code.clone()]
            .iter()
            .zip(&codes.log_var[of_code])
            .map(|(mean, log_var)| mean + (0.5 * log_var).exp() * draws.normal())
            .collect();
        let above = chains.upper_bound(&draw, 60).unwrap();
        assert_agrees("annealed from above", &above, truth);

        let grid = quadrature::Grid::new(model).unwrap();
        let refined = grid.posterior(model, image).unwrap();
        assert!(
            (refined.log_likelihood - truth).abs() < refined.tolerance + ROUNDING,
            "grid: {} against {truth}",
            refined.log_likelihood
        );
    }
}

#[test]
fn all_agree_with_exact_integration() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/www/public/models/mnist-2d.safetensors"
    );
    let model = checkpoint::load(&std::fs::read(file).unwrap())
        .unwrap()
        .model;
    let model = model.as_ref();
    let images = inference::sample(model, 2, 1.0, 12).unwrap().pixels;
    let grid = quadrature::Grid::new(model).unwrap();
    let annealing = ais::Options {
        temperatures: 200,
        leapfrogs: 5,
    };
    let rng = Rng::from_seed(3);
    for (index, x) in images.chunks(PIXELS).enumerate() {
        let exact = grid.posterior(model, x).unwrap();
        let truth = exact.log_likelihood;
        let of_image = rng.split_index("image", index as u64);

        let mut importance = Importance::new(model, x, of_image.split("importance")).unwrap();
        assert_agrees("importance", &importance.advance(2_000).unwrap(), truth);
        let mut naive = Naive::new(model, x, of_image.split("naive")).unwrap();
        assert_agrees("naive", &naive.advance(50_000).unwrap(), truth);
        let mut chains = Ais::new(model, x, annealing, of_image.split("annealed")).unwrap();
        assert_agrees("annealed", &chains.advance(40).unwrap(), truth);
        let draw = exact.sample(1, &mut of_image.split("posterior"));
        let above = chains.upper_bound(&draw, 40).unwrap();
        // One draw of a posterior with several peaks: an upper bound, whose error counts the chains alone.
        let excess = above.log_likelihood - truth;
        let error = 5.0 * above.standard_error;
        assert!(excess > -error && excess < 3.0, "{above:?} against {truth}");
    }
}
