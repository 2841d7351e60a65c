//! What the Python package must give: the shipped models and a small one of every kind, encoded, decoded, judged and, where
//! a family is trained by gradients, trained. python/tests/test_goldens.py holds the package to these numbers.

use std::rc::Rc;

use latent_canvas::checkpoint::{self, Precision};
use latent_canvas::data::Dataset;
use latent_canvas::estimators::bound;
use latent_canvas::models::{self, Model, ModelSpec, inference};
use latent_canvas::train::{TrainOptions, Trainer};
use serde_json::{Map, Value, json};

use crate::suite::{self, Candidate};

const GOLDENS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/goldens");
const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/www/public/models");
const IMAGES: usize = 24;
/// Pixels of 16 grey levels, so that one hexadecimal digit is a pixel.
const LEVELS: f32 = 15.0;

/// With `write`, also the weights of the families that are not trained by gradients.
pub fn compute(write: bool) -> Value {
    let strokes = Dataset::strokes(IMAGES, 6).unwrap();
    let levels: Vec<f32> = strokes.images(0, IMAGES).unwrap();
    let levels: Vec<f32> = levels.iter().map(|p| (p * LEVELS).round()).collect();
    let digit = |level: &f32| char::from_digit(*level as u32, 16).unwrap();
    let images: Vec<String> = levels
        .chunks(784)
        .map(|image| image.iter().map(digit).collect())
        .collect();
    let pixels: Vec<f32> = levels.iter().map(|level| level / LEVELS).collect();
    let labels = strokes.labels(0, IMAGES).unwrap();
    let data = Rc::new(Dataset::from_pixels(&pixels, Some(labels.to_vec())).unwrap());

    let index = std::fs::read_to_string(format!("{SHIPPED}/index.json")).unwrap();
    let index: Value = serde_json::from_str(&index).unwrap();
    let mut shipped = Map::new();
    for entry in index["models"].as_array().unwrap() {
        let file = entry["file"].as_str().unwrap();
        let model = load(&format!("{SHIPPED}/{file}"));
        shipped.insert(file.to_owned(), answers(model.as_ref(), &data).into());
    }
    let mut built = Map::new();
    for candidate in suite::candidates() {
        let golden = if candidate.family.capabilities.fitted {
            fitted(&candidate, &data, write)
        } else {
            trained(&candidate.spec, &json!({}), &data)
        };
        built.insert(candidate.name, golden);
    }
    let candidates = suite::candidates();
    for (name, of, options) in [
        ("beta, warm-up", "vae", json!({"beta": 3, "warmupSteps": 6})),
        ("free bits", "vae", json!({"freeBits": 0.02, "draws": 2})),
        ("iwae", "vae", json!({"objective": "iwae", "draws": 3})),
        (
            "dreg",
            "vae",
            json!({"objective": "dreg", "draws": 3, "beta": 0.5}),
        ),
        (
            "dreg, full",
            "vae, posterior full",
            json!({"objective": "dreg", "draws": 2}),
        ),
        (
            "corruption",
            "vae",
            json!({"corruption": 0.3, "optimiser": "sgd", "learningRate": 1e-4}),
        ),
        (
            "static",
            "vae",
            json!({"binarization": "static", "decaySteps": 5, "firstImage": "noise"}),
        ),
        ("few labels", "m2", json!({"labelled": 10, "draws": 2})),
        (
            "few labels, cvae",
            "cvae",
            json!({"labelled": 10, "labelDropout": 0.4}),
        ),
    ] {
        let candidate = candidates.iter().find(|one| one.name == of).unwrap();
        built.insert(name.to_owned(), trained(&candidate.spec, &options, &data));
    }
    let several =
        json!({"model": "categorical-vae", "variables": 3, "categories": 4, "hidden": [10]});
    let several = ModelSpec::from_json(&several).unwrap();
    built.insert(
        "several variables".to_owned(),
        trained(&several, &json!({"draws": 2}), &data),
    );
    json!({"images": images, "labels": labels, "shipped": shipped, "built": built})
}

/// The numbers alone, by name.
pub fn numbers(goldens: &Value) -> Value {
    let mut all = Map::new();
    for (name, numbers) in goldens["shipped"].as_object().unwrap() {
        all.insert(name.clone(), numbers.clone());
    }
    for (name, golden) in goldens["built"].as_object().unwrap() {
        for part in ["losses", "answers"] {
            if let Some(numbers) = golden.get(part) {
                all.insert(format!("{name}: {part}"), numbers.clone());
            }
        }
    }
    all.into()
}

fn load(path: &str) -> Box<dyn Model> {
    checkpoint::load(&std::fs::read(path).unwrap())
        .unwrap()
        .model
}

/// Codes of three images, every 49th pixel of what they are decoded to, and the bound.
fn answers(model: &dyn Model, data: &Dataset) -> Vec<f64> {
    let x = inference::as_drawn(model, data.images(0, 3).unwrap());
    let codes = inference::encode(model, &x).unwrap();
    let decoded = inference::decode(model, &codes.mean).unwrap();
    let elbo = bound::elbo(model, &x, 2, 5).unwrap();
    let codes = codes.mean.iter().chain(&codes.log_var);
    let numbers = codes.chain(decoded.iter().step_by(49)).copied();
    let numbers = numbers.map(f64::from);
    numbers
        .chain([elbo.elbo, elbo.reconstruction, elbo.kl])
        .collect()
}

/// Five steps from the weights that the seed draws.
fn trained(spec: &ModelSpec, options: &Value, data: &Rc<Dataset>) -> Value {
    let mut all = json!({"batchSize": 10, "learningRate": 0.003, "seed": 4});
    for (name, value) in options.as_object().unwrap() {
        all[name] = value.clone();
    }
    let model = models::build(spec, 3).unwrap();
    let run = TrainOptions::from_json(&all).unwrap();
    let mut trainer = Trainer::new(model.as_ref(), Rc::clone(data), run).unwrap();
    let losses: Vec<f64> = (0..5).map(|_| trainer.step(1).unwrap().loss).collect();
    json!({
        "spec": spec.to_json(), "options": all, "losses": losses,
        "answers": answers(trainer.model(), data),
    })
}

/// The weights in a file, for they are not found by steps.
fn fitted(candidate: &Candidate, data: &Rc<Dataset>, write: bool) -> Value {
    let file = format!("{}.safetensors", candidate.family.id);
    let path = format!("{GOLDENS}/{file}");
    if write {
        let model = models::build(&candidate.spec, 3).unwrap();
        let options = TrainOptions::from_json(&json!({"seed": 4})).unwrap();
        let mut trainer = Trainer::new(model.as_ref(), Rc::clone(data), options).unwrap();
        trainer.step(2).unwrap();
        let bytes = checkpoint::save(trainer.model(), None, Precision::Half).unwrap();
        std::fs::write(&path, bytes).unwrap();
    }
    json!({"file": file, "answers": answers(load(&path).as_ref(), data)})
}
