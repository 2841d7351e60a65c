//! The shipped models: they load, they are as large as promised, and their figures hold up.
#![cfg(not(target_arch = "wasm32"))]
// The models are files.
#![allow(clippy::disallowed_methods)]

use candle_core::{Device, Tensor};
use latent_canvas::PIXELS;
use latent_canvas::checkpoint::{self, Checkpoint};
use latent_canvas::data::Dataset;
use latent_canvas::estimators::quadrature::Grid;
use latent_canvas::estimators::{EXACT_NATS, Estimator, Options, estimates};
use latent_canvas::latent::{Path, interpolate};
use latent_canvas::models::{Model, inference};
use serde_json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/www/public/models");

fn load(file: &str) -> Checkpoint {
    checkpoint::load(&std::fs::read(format!("{FOLDER}/{file}")).unwrap()).unwrap()
}

fn catalogue() -> Vec<Value> {
    let text = std::fs::read_to_string(format!("{FOLDER}/index.json")).unwrap();
    let index: Value = serde_json::from_str(&text).unwrap();
    index["models"].as_array().unwrap().clone()
}

#[test]
fn the_catalogue_says_what_the_files_say() {
    for entry in catalogue() {
        let file = entry["file"].as_str().unwrap();
        let Checkpoint {
            model, provenance, ..
        } = load(file);
        let metrics = &provenance.unwrap()["metrics"];
        let bytes = std::fs::metadata(format!("{FOLDER}/{file}")).unwrap().len();
        assert_eq!(entry["bytes"].as_u64(), Some(bytes));
        assert!(bytes <= 2_000_000, "{file} has {bytes} bytes");
        assert_eq!(entry["latents"], model.spec().to_json()["latents"]);
        assert_eq!(
            metrics["images"], 10_000,
            "{file} was measured on the whole test set"
        );
        let estimator = metrics["estimator"].as_str().unwrap();
        if ["quadrature", "exact"].contains(&estimator) {
            let tolerance = metrics["tolerance"].as_f64();
            assert!(
                tolerance.is_some_and(|tolerance| tolerance < EXACT_NATS),
                "{file} was not measured by what is called exact: {tolerance:?}"
            );
        }
        for (name, figure, rounding) in [
            ("nll", &metrics["nll"], 0.005),
            ("nllGivenClass", &metrics["nllGivenClass"], 0.005),
            ("nllImages", &metrics["nllImages"], 0.0),
            ("classError", &metrics["classError"], 0.00005),
            ("frechet", &metrics["quality"]["frechet"], 0.05),
            (
                "accuracyByClass",
                &metrics["quality"]["conditionalAccuracy"],
                0.0005,
            ),
            (
                "mutualInformationGap",
                &metrics["latents"]["factors"]["mig"],
                0.0005,
            ),
        ] {
            let difference = entry[name].as_f64().zip(figure.as_f64());
            let same = difference.map_or(entry[name].is_null() && figure.is_null(), |(a, b)| {
                (a - b).abs() <= rounding
            });
            assert!(same, "{file}: {name} {} of {figure}", entry[name]);
        }
    }
}

#[test]
fn figures_keep_their_bars() {
    let catalogue = catalogue();
    let figure = |id: &str, name: &str| {
        let entry = catalogue.iter().find(|entry| entry["id"] == id).unwrap();
        entry[name].as_f64().unwrap()
    };
    assert!(figure("mnist-2d", "nll") <= 128.0);
    assert!(figure("mnist-32d", "nll") <= 84.7);
    assert!(figure("mnist-cvae", "accuracyByClass") >= 0.95);
    // Whoever is told the class knows it: that is worth up to log 10 nats, and never less than nothing.
    let of_class = figure("mnist-cvae", "nll") - figure("mnist-cvae", "nllGivenClass");
    assert!((0.0..=10f64.ln()).contains(&of_class), "{of_class}");
    // A hundred labels tell less than 60,000.
    let read_wrong = |id: &str| figure(id, "classError");
    assert!(read_wrong("mnist-m2") <= 0.13 && read_wrong("mnist-cvae") <= 0.03);
    assert!(figure("mnist-m2", "bytes") <= 800_000.0);
    // What is drawn from a unit normal is worse for an autoencoder than for a VAE.
    assert!(figure("mnist-ae-2d", "frechet") > 2.0 * figure("mnist-2d", "frechet"));
    // And what it codes comes back better: nothing but the pixels was asked of it.
    assert!(figure("mnist-ae-2d", "reconstruction") > figure("mnist-2d", "reconstruction"));
}

/// What a first visit waits for.
#[test]
fn weights_in_eight_bits_cost_little() {
    let stored = load("mnist-2d.safetensors").provenance.unwrap();
    let now = stored["metrics"]["nll"].as_f64().unwrap();
    let cost = now - stored["quantised"]["nllBefore"].as_f64().unwrap();
    assert!((0.0..0.15).contains(&cost), "{cost} nats");
    let catalogue = catalogue();
    let entry = catalogue.iter().find(|entry| entry["id"] == "mnist-2d");
    let told = entry.unwrap()["quantisationNats"].as_f64().unwrap();
    assert!((told - cost).abs() <= 0.005, "{told} of {cost}");
    assert!(entry.unwrap()["bytes"].as_u64().unwrap() < 700_000);
}

#[test]
fn together_they_are_small() {
    let bytes_of = |of_series: bool| -> u64 {
        let entries = catalogue().into_iter();
        let entries = entries.filter(|entry| entry["series"].is_null() != of_series);
        let files = entries.flat_map(|entry| {
            let names = ["file", "codes", "likelihoods"].map(|name| entry[name].clone());
            names
                .into_iter()
                .filter_map(|name| name.as_str().map(str::to_owned))
        });
        files
            .map(|file| std::fs::metadata(format!("{FOLDER}/{file}")).unwrap().len())
            .sum()
    };
    // A visitor loads one of them; where models are compared, all but a series, or that series.
    let (apart, series) = (bytes_of(false), bytes_of(true));
    assert!(apart < 7_500_000, "{apart}");
    assert!(series < 1_750_000, "{series}");
}

/// Posteriors of a trained model are narrower than the cells of the first grid. Importance sampling
/// knows no grid: where its weights are even, the two must agree within five standard errors.
#[test]
fn refining_finds_posteriors_that_fall_between_cells() {
    let model = load("mnist-2d.safetensors").model;
    let grid = Grid::new(model.as_ref()).unwrap();
    let digits = Dataset::strokes(12, 4).unwrap().images(0, 12).unwrap();
    let x: Vec<f32> = digits
        .iter()
        .map(|p| f32::from(u8::from(*p >= 0.5)))
        .collect();
    let options = Options {
        estimator: Estimator::Importance,
        draws: 2000,
        seed: 1,
    };
    let sampled = estimates(model.as_ref(), &x, options).unwrap();
    let mut compared = 0;
    for (image, sampled) in x.chunks(PIXELS).zip(sampled) {
        let exact = grid
            .posterior(model.as_ref(), image)
            .unwrap()
            .log_likelihood;
        // Sampling may miss a part of the posterior, the grid may not.
        let excess = sampled.log_likelihood - exact;
        assert!(
            excess < 5.0 * sampled.standard_error + 0.05,
            "{sampled:?} against {exact}"
        );
        if sampled.effective_samples > 200.0 {
            assert!(
                excess > -5.0 * sampled.standard_error - 0.05,
                "{sampled:?} against {exact}"
            );
            compared += 1;
        }
    }
    assert!(compared >= 3, "only {compared} images had even weights");
}

/// log p(x) of each image by a plain sum over cells of 0.01, up to 3 deviations away: fine enough for a peak of 0.007, and it knows
/// nothing of peaks.
fn by_plain_sum(model: &dyn Model, images: &[f32]) -> Vec<f64> {
    const CELL: f32 = 0.01;
    const SIDE: i32 = 600;
    let place = |index: i32| (index as f32 - (SIDE - 1) as f32 / 2.0) * CELL;
    let device = &Device::Cpu;
    let count = images.len() / PIXELS;
    let x = Tensor::from_slice(images, (count, PIXELS), device).unwrap();
    // The highest term so far, and the sum of all in units of it.
    let mut sums = vec![(f64::NEG_INFINITY, 0.0); count];
    for row in 0..SIDE {
        let points = (0..SIDE).flat_map(|column| [place(column), place(row)]);
        let z = Tensor::from_iter(points, device)
            .and_then(|z| z.reshape((SIDE as usize, 2)))
            .unwrap();
        let logits = model.decode(&z).unwrap();
        let softplus = |l: &Tensor| (l.relu()? + (l.abs()?.neg()?.exp()? + 1.0)?.log()?)?.sum(1);
        let constants = (model.log_prior(&z).unwrap() - softplus(&logits).unwrap()).unwrap();
        let joint = x
            .matmul(&logits.t().unwrap())
            .and_then(|fit| fit.broadcast_add(&constants))
            .and_then(|joint| joint.to_vec2::<f32>())
            .unwrap();
        for ((highest, sum), row) in sums.iter_mut().zip(joint) {
            for term in row.into_iter().map(f64::from) {
                if term > *highest {
                    *sum = *sum * (*highest - term).exp() + 1.0;
                    *highest = term;
                } else {
                    *sum += (term - *highest).exp();
                }
            }
        }
    }
    let area = f64::from(CELL).powi(2).ln();
    sums.iter()
        .map(|(highest, sum)| highest + sum.ln() + area)
        .collect()
}

/// What Interpolate shows along its three paths: posteriors a tenth of a scan's cell wide, each of them exact.
#[test]
fn images_along_paths_are_exact() {
    let model = load("mnist-2d.safetensors").model;
    let digits = Dataset::strokes(12, 4).unwrap().images(6, 6).unwrap();
    let black = |pixels: &[f32]| -> Vec<f32> {
        let black = pixels.iter().map(|p| f32::from(u8::from(*p >= 0.5)));
        black.collect()
    };
    let codes = inference::encode(model.as_ref(), &black(&digits))
        .unwrap()
        .mean;
    let images: Vec<f32> = [Path::Linear, Path::Spherical, Path::Geodesic]
        .into_iter()
        .zip(codes.chunks_exact(4))
        .flat_map(|(path, ends)| {
            let z = interpolate(model.as_ref(), &ends[..2], &ends[2..], 17, path).unwrap();
            black(&inference::decode(model.as_ref(), &z).unwrap())
        })
        .collect();
    let grid = Grid::new(model.as_ref()).unwrap();
    let wanted = by_plain_sum(model.as_ref(), &images);
    let mut furthest: f64 = 0.0;
    for (path, wanted) in images
        .chunks_exact(17 * PIXELS)
        .zip(wanted.chunks_exact(17))
    {
        let found = grid.log_likelihoods(model.as_ref(), path).unwrap();
        for (found, wanted) in found.iter().zip(wanted) {
            furthest = furthest.max((found - wanted).abs());
        }
    }
    assert!(furthest < EXACT_NATS, "{furthest}");
}
