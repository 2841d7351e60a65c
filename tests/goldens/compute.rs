//! The numbers that every target must reproduce: one small model, encoded, decoded, judged and trained, and something
//! of every family.

use std::rc::Rc;

use latent_canvas::data::Dataset;
use latent_canvas::estimators::{Estimator, Options, bound, estimates};
use latent_canvas::latent::{Path, interpolate};
use latent_canvas::models::{self, ModelSpec, inference};
use latent_canvas::train::{TrainOptions, Trainer};
use serde_json::{Value, json};

use crate::suite;

pub fn compute() -> Value {
    let spec = json!({"model": "vae", "latents": 2, "hidden": [32, 16], "activation": "gelu"});
    let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 7).unwrap();
    let data = Rc::new(Dataset::strokes(256, 3).unwrap());
    let grey = data.images(0, 4).unwrap();
    let binary: Vec<f32> = grey
        .iter()
        .map(|p| f32::from(u8::from(*p >= 0.5)))
        .collect();

    let options = json!({"batchSize": 32, "learningRate": 0.005, "seed": 11});
    let options = TrainOptions::from_json(&options).unwrap();
    let mut trainer = Trainer::new(model.as_ref(), data, options).unwrap();
    let losses: Vec<f64> = (0..20).map(|_| trainer.step(1).unwrap().loss).collect();
    let trained = trainer.model();

    let codes = inference::encode(trained, &binary).unwrap();
    let elbo = bound::elbo(trained, &binary, 3, 5).unwrap();
    let values = |estimator| -> Vec<f64> {
        let options = Options {
            estimator,
            draws: 50,
            seed: 5,
        };
        let found = estimates(trained, &binary, options).unwrap();
        found.iter().map(|e| e.log_likelihood).collect()
    };
    let ends = (&codes.mean[..2], &codes.mean[2..4]);
    let path = |kind| interpolate(trained, ends.0, ends.1, 5, kind).unwrap();
    let samples = inference::sample(trained, 3, 0.8, 9).unwrap();
    let mut numbers = json!({
        "ink": grey.chunks(784).map(|image| image.iter().sum::<f32>()).collect::<Vec<_>>(),
        "losses": losses,
        "mean": codes.mean,
        "logVar": codes.log_var,
        "elbo": [elbo.elbo, elbo.reconstruction, elbo.kl],
        "exact": values(Estimator::Quadrature),
        "importance": values(Estimator::Importance),
        "spherical": path(Path::Spherical),
        "geodesic": path(Path::Geodesic),
        "latents": samples.latents,
        "probabilities": samples.probabilities.chunks(196).map(|part| part.iter().sum::<f32>()).collect::<Vec<_>>(),
    });
    for candidate in suite::candidates() {
        numbers[&candidate.name] = family(&candidate).into();
    }
    numbers
}

/// What a few steps of training make of a family: the last losses, the bound, the ink of the codes decoded.
fn family(candidate: &suite::Candidate) -> Vec<f64> {
    let mut trainer = suite::trained(candidate);
    let mut numbers: Vec<f64> = (0..2).map(|_| trainer.step(1).unwrap().loss).collect();
    let x = suite::images(3);
    let elbo = bound::elbo(trainer.model(), &x, 2, 5).unwrap();
    let codes = inference::encode(trainer.model(), &x).unwrap();
    let decoded = inference::decode(trainer.model(), &codes.mean).unwrap();
    numbers.extend([elbo.elbo, elbo.reconstruction, elbo.kl]);
    numbers.extend(
        decoded
            .chunks(784)
            .map(|image| f64::from(image.iter().sum::<f32>())),
    );
    numbers
}

/// Every number within 1e-4 of the golden one, relative to its size where that exceeds 1.
pub fn compare(found: &Value, golden: &Value) {
    let (found, golden) = (found.as_object().unwrap(), golden.as_object().unwrap());
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        golden.keys().collect::<Vec<_>>()
    );
    for (name, golden) in golden {
        let (found, golden) = (found[name].as_array().unwrap(), golden.as_array().unwrap());
        assert_eq!(found.len(), golden.len(), "{name}");
        for (index, (found, golden)) in found.iter().zip(golden).enumerate() {
            let (found, golden) = (found.as_f64().unwrap(), golden.as_f64().unwrap());
            let error = (found - golden).abs() / golden.abs().max(1.0);
            assert!(error < 1e-4, "{name}[{index}]: {found} against {golden}");
        }
    }
}
