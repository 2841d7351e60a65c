//! Models with closed forms against NumPy and scikit-learn: `tests/goldens/linear_and_mixture.py` made
//! the data and the numbers.
#![cfg(not(target_arch = "wasm32"))]

use latent_canvas::Rng;
use latent_canvas::linear_algebra::Moments;
use latent_canvas::models::bernoulli_mixture::{self, BernoulliMixture, Smoothing};
use latent_canvas::models::linear_factors::{FactorModel, factor_analysis, ppca};
use latent_canvas::models::moments::RunningMoments;
use serde_json::Value;

fn goldens() -> Value {
    serde_json::from_str(include_str!("goldens/linear_and_mixture.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    let items = value.as_array().unwrap();
    items.iter().map(|item| item.as_f64().unwrap()).collect()
}

fn rows(value: &Value) -> Vec<f32> {
    numbers(value).into_iter().map(|v| v as f32).collect()
}

fn size(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

#[track_caller]
fn assert_near(found: f64, golden: f64, tolerance: f64) {
    let error = (found - golden).abs() / golden.abs().max(1.0);
    assert!(error < tolerance, "{found} against {golden}");
}

/// Of the rows, in blocks that do not divide them.
fn moments(rows: &[f32], width: usize) -> Moments {
    let mut running = RunningMoments::around(&vec![0.5; width]);
    rows.chunks(width * 64)
        .for_each(|block| running.add(block).unwrap());
    running.finish().unwrap()
}

#[test]
fn principal_components_are_those_of_numpy_and_scikit_learn() {
    let goldens = goldens();
    let (width, rows) = (size(&goldens["width"]), rows(&goldens["rows"]));
    let moments = moments(&rows, width);
    let mut unbiased = moments.clone();
    let count = moments.rows as f64;
    unbiased
        .scatter
        .iter_mut()
        .for_each(|entry| *entry *= count / (count - 1.0));
    for golden in goldens["ppca"].as_array().unwrap() {
        let latents = size(&golden["latents"]);
        let model = ppca::fit(&moments, latents).unwrap();
        assert_near(model.variance()[0], golden["noise"].as_f64().unwrap(), 1e-6);
        let total: f64 = model.log_likelihoods(&rows).unwrap().iter().sum();
        assert_near(total, golden["formula"].as_f64().unwrap(), 1e-7);

        let model = ppca::fit(&unbiased, latents).unwrap();
        let noise = golden["unbiasedNoise"].as_f64().unwrap();
        assert_near(model.variance()[0], noise, 1e-6);
        let found = model.log_likelihoods(&rows).unwrap();
        let golden = numbers(&golden["unbiasedLogLikelihoods"]);
        assert_eq!(found.len(), golden.len());
        for (found, golden) in found.into_iter().zip(golden) {
            assert_near(found, golden, 1e-5);
        }
    }
}

#[test]
fn factor_analysis_reaches_the_optimum_of_scikit_learn() {
    let goldens = goldens();
    let (width, rows) = (size(&goldens["width"]), rows(&goldens["rows"]));
    let mean = moments(&rows, width).mean;
    let mean: Vec<f32> = mean.iter().map(|m| *m as f32).collect();
    for golden in goldens["factorAnalysis"].as_array().unwrap() {
        let latents = size(&golden["latents"]);
        let mut model = FactorModel::start(&mean, latents, &mut Rng::from_seed(1)).unwrap();
        for _ in 0..3000 {
            let mut iteration = factor_analysis::Iteration::of(model);
            iteration.add(&rows).unwrap();
            (model, _) = iteration.finish().unwrap();
        }
        let total: f64 = model.log_likelihoods(&rows).unwrap().iter().sum();
        assert_near(total, golden["logLikelihood"].as_f64().unwrap(), 1e-6);
        for (found, golden) in model.variance().iter().zip(numbers(&golden["noise"])) {
            assert_near(*found, golden, 1e-3);
        }
        let covariance = numbers(&golden["covariance"]);
        for (i, a) in model.weight().chunks(latents).enumerate() {
            for (j, b) in model.weight().chunks(latents).enumerate() {
                let shared: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                let noise = if i == j { model.variance()[i] } else { 0.0 };
                assert_near(shared + noise, covariance[i * width + j], 2e-3);
            }
        }
    }
}

#[test]
fn a_mixture_takes_the_same_steps_as_in_numpy() {
    let golden = &goldens()["mixture"];
    let (width, components) = (size(&golden["width"]), size(&golden["components"]));
    let rows = rows(&golden["rows"]);
    let mean: Vec<f32> = moments(&rows, width)
        .mean
        .iter()
        .map(|m| *m as f32)
        .collect();
    let smoothing = Smoothing::new(&mean, golden["pseudoRows"].as_f64().unwrap()).unwrap();
    let mut mixture = BernoulliMixture::from_rows(&rows[..components * width], &smoothing).unwrap();
    let (last, steps) = numbers(&golden["logLikelihoods"])
        .split_last()
        .map(|(last, steps)| (*last, steps.to_vec()))
        .unwrap();
    for step in steps {
        let mut iteration = bernoulli_mixture::Iteration::of(mixture, smoothing.clone()).unwrap();
        rows.chunks(width * 64)
            .for_each(|block| iteration.add(block).unwrap());
        let (next, log_likelihood, _) = iteration.finish().unwrap();
        assert_near(log_likelihood, step, 1e-6);
        mixture = next;
    }
    let total: f64 = mixture.log_likelihoods(&rows).unwrap().iter().sum();
    assert_near(total, last, 1e-6);
    for (found, golden) in mixture
        .log_weights()
        .iter()
        .zip(numbers(&golden["weights"]))
    {
        assert_near(found.exp(), golden, 1e-5);
    }
}
