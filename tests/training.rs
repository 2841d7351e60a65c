//! Runs of training: they learn, they repeat, they resume bit for bit, and they survive divergence.
#![cfg(not(target_arch = "wasm32"))]

use std::rc::Rc;

use latent_canvas::Rng;
use latent_canvas::checkpoint;
use latent_canvas::data::corruption::salt_and_pepper;
use latent_canvas::data::{Binarization, Dataset};
use latent_canvas::estimators::bound;
use latent_canvas::models::{self, Model, ModelSpec, inference};
use latent_canvas::train::{TrainOptions, Trainer};
use serde_json::{Value, json};

fn model(seed: u64) -> Box<dyn Model> {
    let spec = json!({"model": "vae", "latents": 2, "hidden": [48], "activation": "relu"});
    models::build(&ModelSpec::from_json(&spec).unwrap(), seed).unwrap()
}

fn digits(count: usize) -> Rc<Dataset> {
    Rc::new(Dataset::strokes(count, 1).unwrap())
}

fn trainer(data: Rc<Dataset>, options: Value) -> Trainer {
    let options = TrainOptions::from_json(&options).unwrap();
    Trainer::new(model(3).as_ref(), data, options).unwrap()
}

fn weights(trainer: &Trainer) -> Vec<Vec<f32>> {
    trainer.model().parameters().values().unwrap()
}

#[test]
fn two_hundred_steps_lower_the_loss_and_repeat() {
    let run = || {
        let mut trainer = trainer(digits(1000), json!({"batchSize": 50}));
        let first = trainer.step(10).unwrap();
        trainer.step(180).unwrap();
        (first, trainer.step(10).unwrap())
    };
    let (first, last) = run();
    assert!(
        last.loss < first.loss - 20.0,
        "{} to {}",
        first.loss,
        last.loss
    );
    assert_eq!((last.step, last.epoch), (200, 10.0));
    assert!((last.elbo - (last.reconstruction - last.kl)).abs() < 1e-9);
    assert_eq!(run(), (first, last));
}

/// Cut in mid-epoch, with every source of randomness and schedule in use.
#[test]
fn a_resumed_run_equals_the_uninterrupted_one_bit_for_bit() {
    for binarization in ["grey", "static", "dynamic"] {
        let options = json!({
            "batchSize": 32, "binarization": binarization, "warmupSteps": 40, "decaySteps": 80,
            "freeBits": 0.1, "seed": 9,
        });
        let data = digits(300);
        let mut whole = trainer(Rc::clone(&data), options.clone());
        let mut part = trainer(Rc::clone(&data), options);
        part.step(23).unwrap();
        let mut resumed = Trainer::resume(&part.save().unwrap(), data).unwrap();
        drop(part);
        whole.step(23).unwrap();
        let (expected, found) = (whole.step(40).unwrap(), resumed.step(40).unwrap());
        assert_eq!(found, expected);
        assert_eq!(weights(&resumed), weights(&whole));
        let load = |trainer: &Trainer| checkpoint::load(&trainer.save().unwrap()).unwrap();
        let bits = |trainer: &Trainer| load(trainer).model.parameters().values().unwrap();
        assert_eq!(bits(&resumed), bits(&whole));
    }
}

#[test]
fn the_learning_rate_changes_without_a_reset() {
    let data = digits(200);
    let mut steady = trainer(Rc::clone(&data), json!({"batchSize": 20}));
    let mut changed = trainer(data, json!({"batchSize": 20}));
    steady.step(30).unwrap();
    changed.step(30).unwrap();
    changed.set_learning_rate(0.004).unwrap();
    assert_eq!(weights(&changed), weights(&steady));
    assert_eq!(changed.step(1).unwrap().learning_rate, 0.004);
    assert!(changed.set_learning_rate(-1.0).is_err());
    assert_eq!(changed.options().base_learning_rate(), 0.004);
}

#[test]
fn divergence_goes_back_halves_the_rate_and_says_so() {
    let mut trainer = trainer(digits(200), json!({"batchSize": 20, "learningRate": 1.0}));
    let mut recovered = false;
    for _ in 0..200 {
        let report = trainer.step(1).unwrap();
        assert!(report.loss.is_finite());
        recovered |= report.recovered;
    }
    assert!(recovered, "a learning rate of 1 must diverge on this model");
    assert!(trainer.options().base_learning_rate() < 1.0);
    assert!(weights(&trainer).iter().flatten().all(|w| w.is_finite()));
}

#[test]
fn a_run_never_touches_the_model_it_starts_from() {
    let start = model(3);
    let before = start.parameters().values().unwrap();
    let options = TrainOptions::from_json(&json!({})).unwrap();
    Trainer::new(start.as_ref(), digits(100), options)
        .unwrap()
        .step(3)
        .unwrap();
    assert_eq!(start.parameters().values().unwrap(), before);
}

#[test]
fn damaged_runs_are_refused() {
    let data = digits(100);
    let mut run = trainer(Rc::clone(&data), json!({"batchSize": 10}));
    run.step(5).unwrap();
    let bytes = run.save().unwrap();
    assert!(
        checkpoint::load(&bytes).is_ok(),
        "a run's checkpoint also holds its model"
    );
    let plain = checkpoint::save(run.model(), None, checkpoint::Precision::Full).unwrap();
    let refusal = |bytes: &[u8]| Trainer::resume(bytes, Rc::clone(&data)).unwrap_err();
    assert!(refusal(&plain).to_string().contains("no training run"));
    for length in (0..bytes.len()).step_by(bytes.len() / 50) {
        assert_eq!(refusal(&bytes[..length]).code(), "checkpoint");
    }
}

#[test]
fn more_data_on_resuming_begins_a_new_epoch() {
    let mut run = trainer(digits(100), json!({"batchSize": 10}));
    run.step(15).unwrap();
    let more = Rc::new(Dataset::concatenate(&digits(100), &digits(50)));
    let mut resumed = Trainer::resume(&run.save().unwrap(), more).unwrap();
    let report = resumed.step(1).unwrap();
    assert_eq!(report.step, 16);
    assert!((report.epoch - (2.0 + 10.0 / 150.0)).abs() < 1e-9);
    assert!(report.loss.is_finite());
}

#[test]
fn a_batch_larger_than_the_data_is_the_data() {
    let mut run = trainer(digits(7), json!({"batchSize": 64}));
    let report = run.step(2).unwrap();
    assert_eq!((report.images, report.epoch), (14, 2.0));
    assert!(run.step(0).is_err());
}

#[test]
fn the_importance_weighted_bound_trains_and_refuses_free_bits() {
    for objective in ["iwae", "dreg"] {
        let options = json!({"batchSize": 50, "objective": objective, "draws": 5});
        let mut run = trainer(digits(500), options);
        let first = run.step(5).unwrap();
        run.step(150).unwrap();
        let last = run.step(20).unwrap();
        assert!(
            last.loss < first.loss - 20.0,
            "{objective}: {first:?} {last:?}"
        );
        // Tighter than the evidence lower bound of the same steps.
        assert!(-last.loss > last.elbo, "{objective}: {last:?}");
    }
    let both = json!({"objective": "iwae", "freeBits": 0.5});
    let refusal = TrainOptions::from_json(&both).unwrap_err();
    assert!(refusal.to_string().contains("freeBits"));
    let too_much = json!({"batchSize": 2048, "draws": 1000});
    assert_eq!(
        TrainOptions::from_json(&too_much).unwrap_err().code(),
        "invalid-argument"
    );
    assert!(TrainOptions::from_json(&json!({"objective": "wake-sleep"})).is_err());
}

/// A run that learns to denoise redraws clean digits from noisy ones better than one that never saw noise: the squared
/// error of a pixel, over 200 digits that neither run has seen.
#[test]
fn a_run_on_noisy_digits_learns_to_take_the_noise_away() {
    let error_on_noisy = |corruption: f64| {
        let spec = json!({"model": "vae", "latents": 8, "hidden": [64]});
        let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 3).unwrap();
        let options = json!({"batchSize": 50, "corruption": corruption, "learningRate": 0.003});
        let options = TrainOptions::from_json(&options).unwrap();
        let data = Rc::new(Dataset::endless_strokes(1_000, 1).unwrap());
        let mut trainer = Trainer::new(model.as_ref(), data, options).unwrap();
        trainer.step(1_500).unwrap();
        let held_out = Dataset::strokes(200, 77).unwrap();
        let rng = &mut Rng::from_seed(5);
        let all: Vec<u32> = (0..200).collect();
        let x = held_out.batch(&all, Binarization::Static, rng, 0);
        let seen = salt_and_pepper(&x, 0.4, rng);
        let z = inference::encode(trainer.model(), &seen).unwrap().mean;
        let redrawn = inference::decode(trainer.model(), &z).unwrap();
        let squares = redrawn
            .iter()
            .zip(&x)
            .map(|(a, b)| f64::from(a - b).powi(2));
        squares.sum::<f64>() / x.len() as f64
    };
    let (clean, noisy) = (error_on_noisy(0.0), error_on_noisy(0.4));
    println!("{clean} {noisy}");
    assert!(noisy < 0.9 * clean, "{noisy} {clean}");
}

/// Steps until the next report, in parts.
fn advance(trainer: &mut Trainer) -> (u32, latent_canvas::train::StepReport) {
    let mut calls = 1;
    loop {
        if let Some(report) = trainer.advance().unwrap() {
            return (calls, report);
        }
        calls += 1;
    }
}

#[test]
fn a_step_in_parts_is_the_step() {
    let data = digits(2_000);
    for (options, cut) in [
        (json!({"batchSize": 2000}), true),
        (json!({"batchSize": 2000, "corruption": 0.3}), true),
        (
            json!({"batchSize": 2000, "corruption": 0.3, "freeBits": 0.1}),
            true,
        ),
        (json!({"batchSize": 700, "draws": 3}), true),
        (
            json!({"batchSize": 700, "draws": 3, "objective": "iwae"}),
            true,
        ),
        (
            json!({"batchSize": 700, "draws": 3, "objective": "dreg"}),
            true,
        ),
        (json!({"batchSize": 100}), false),
        (json!({"batchSize": 2000, "freeBits": 0.5}), true),
        (
            json!({"batchSize": 1500, "draws": 2, "freeBits": 0.2}),
            true,
        ),
        (
            json!({"batchSize": 700, "draws": 2, "objective": "tc", "minibatch": "stratified", "beta": 3}),
            true,
        ),
        (
            json!({"batchSize": 1500, "objective": "tc", "beta": 4}),
            true,
        ),
        (
            json!({"batchSize": 300, "draws": 3, "objective": "wae"}),
            true,
        ),
        (json!({"batchSize": 900, "objective": "exact"}), true),
        (json!({"batchSize": 60, "objective": "wae"}), false),
    ] {
        let mut whole = trainer(Rc::clone(&data), options.clone());
        let mut parts = trainer(Rc::clone(&data), options.clone());
        for step in 1..=3 {
            let expected = whole.step(1).unwrap();
            let (calls, found) = advance(&mut parts);
            assert_eq!(calls > 1, cut, "{options}: {calls} calls");
            assert_eq!((found.step, found.epoch), (step, expected.epoch));
            // Rounding turns a gradient near 0 now and then, and Adam moves as far for a small one as for a large one.
            let slack = if step == 1 { 1e-5 } else { 1e-3 };
            for (a, b) in [
                (found.loss, expected.loss),
                (found.reconstruction, expected.reconstruction),
                (found.kl, expected.kl),
            ] {
                assert!(
                    (a - b).abs() <= slack * b.abs().max(1.0),
                    "{options} {step}: {a} {b}"
                );
            }
        }
        let differences: Vec<f32> = weights(&whole)
            .concat()
            .iter()
            .zip(weights(&parts).concat())
            .map(|(a, b)| (a - b).abs())
            .collect();
        let mean = differences.iter().sum::<f32>() / differences.len() as f32;
        assert!(mean < 2e-5, "{options}: {mean}");
    }
}

/// The surprise at known classes is a mean over them alone, and parts have different shares of them.
#[test]
fn a_step_of_a_model_that_learns_classes_is_cut_as_well() {
    let data = digits(900);
    let spec = json!({"model": "m2", "latents": 3, "hidden": [64], "activation": "tanh"});
    let spec = ModelSpec::from_json(&spec).unwrap();
    let start = || {
        let options = json!({"batchSize": 900, "labelled": 70, "classWeight": 20});
        let options = TrainOptions::from_json(&options).unwrap();
        let model = models::build(&spec, 3).unwrap();
        Trainer::new(model.as_ref(), Rc::clone(&data), options).unwrap()
    };
    let (mut whole, mut parts) = (start(), start());
    let expected = whole.step(1).unwrap();
    let (calls, found) = advance(&mut parts);
    assert!(calls > 2, "{calls}");
    for (a, b) in [
        (found.loss, expected.loss),
        (found.reconstruction, expected.reconstruction),
        (found.kl, expected.kl),
    ] {
        assert!((a - b).abs() <= 1e-5 * b.abs(), "{a} {b}");
    }
    let (whole, parts) = (weights(&whole).concat(), weights(&parts).concat());
    let differences = whole.iter().zip(&parts).map(|(a, b)| (a - b).abs());
    let mean = differences.sum::<f32>() / whole.len() as f32;
    assert!(mean < 2e-5, "{mean}");
}

/// The same blocks in the same order, whether all at once or one by one.
#[test]
fn a_fit_in_parts_is_the_fit_bit_for_bit() {
    let data = digits(900);
    for spec in [
        json!({"model": "ppca", "latents": 3}),
        json!({"model": "factor-analysis", "latents": 3}),
        json!({"model": "bernoulli-mixture", "components": 6}),
    ] {
        let start = || {
            let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 3).unwrap();
            let options = TrainOptions::from_json(&json!({})).unwrap();
            Trainer::new(model.as_ref(), Rc::clone(&data), options).unwrap()
        };
        let (mut whole, mut parts) = (start(), start());
        for _ in 0..2 {
            let expected = whole.step(1).unwrap();
            let (calls, found) = advance(&mut parts);
            assert!(calls > 2, "{spec}: {calls}");
            assert_eq!(found, expected);
        }
        assert_eq!(weights(&whole), weights(&parts), "{spec}");
    }
}

/// What was done of the step is done again.
#[test]
fn a_run_saved_between_two_parts_goes_on_bit_for_bit() {
    let data = digits(2_500);
    let mut whole = trainer(Rc::clone(&data), json!({"batchSize": 2000}));
    advance(&mut whole);
    assert_eq!(whole.advance().unwrap(), None);
    let mut resumed = Trainer::resume(&whole.save().unwrap(), data).unwrap();
    for _ in 0..2 {
        assert_eq!(advance(&mut whole).1, advance(&mut resumed).1);
    }
    assert_eq!(weights(&whole), weights(&resumed));
}

/// The last part comes after the weights are found.
#[test]
fn a_fit_saved_between_two_parts_goes_on_bit_for_bit() {
    let data = digits(900);
    for spec in [
        json!({"model": "ppca", "latents": 3}),
        json!({"model": "bernoulli-mixture", "components": 6}),
    ] {
        let start = || {
            let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 3).unwrap();
            let options = TrainOptions::from_json(&json!({})).unwrap();
            Trainer::new(model.as_ref(), Rc::clone(&data), options).unwrap()
        };
        let mut whole = start();
        let (calls, first) = advance(&mut whole);
        let expected = (first, advance(&mut whole).1);
        for parts in [1, calls / 2, calls - 1] {
            let mut stopped = start();
            for _ in 0..parts {
                assert_eq!(stopped.advance().unwrap(), None);
            }
            let mut resumed = Trainer::resume(&stopped.save().unwrap(), Rc::clone(&data)).unwrap();
            let found = (advance(&mut resumed).1, advance(&mut resumed).1);
            assert_eq!(found, expected, "{spec}: saved after {parts} of {calls}");
            assert_eq!(weights(&whole), weights(&resumed), "{spec}");
        }
    }
}

#[test]
fn endless_digits_are_the_same_after_a_resume() {
    let data = || Rc::new(Dataset::endless_strokes(120, 4).unwrap());
    let mut whole = trainer(data(), json!({"batchSize": 40, "seed": 5}));
    whole.step(25).unwrap();
    let bytes = whole.save().unwrap();
    let mut resumed = Trainer::resume(&bytes, data()).unwrap();
    // By now every digit has made way once.
    let mut fixed = Trainer::resume(&bytes, Rc::new(Dataset::strokes(120, 4).unwrap())).unwrap();
    let expected = whole.step(30).unwrap();
    assert_eq!(resumed.step(30).unwrap(), expected);
    assert_ne!(fixed.step(30).unwrap(), expected);
    assert_eq!(weights(&whole), weights(&resumed));
}

/// The point of digits without end: what is seen in training is what holds for digits never seen. A small set, that its
/// digits are learnt by heart at once; means over a thousand images and more, whose standard errors are near a nat.
#[test]
fn endless_digits_are_hardly_learnt_by_heart() {
    let gap = |data: Dataset| {
        let held_out = others_of_the_same_classes(&data);
        let mut trainer = trainer(Rc::new(data), json!({"batchSize": 50}));
        trainer.step(1_100).unwrap();
        let training = trainer.step(100).unwrap().elbo;
        training - held_out_elbo(&trainer, &held_out)
    };
    let fixed = gap(Dataset::strokes(300, 1).unwrap());
    let endless = gap(Dataset::endless_strokes(300, 1).unwrap());
    println!("{fixed} {endless}");
    assert!(fixed > 10.0, "{fixed}");
    assert!(endless < fixed / 3.0, "{fixed} {endless}");
}

/// Three unseen digits for each one: some classes are easier than others, so that their shares matter.
fn others_of_the_same_classes(data: &Dataset) -> Dataset {
    let labels = |data: &Dataset| data.labels(0, data.len()).unwrap().to_vec();
    let mut wanted = [0; 10];
    for label in labels(data).into_iter().flatten() {
        wanted[usize::from(label)] += 3;
    }
    let candidates = Dataset::strokes(2_000, 99).unwrap();
    let (mut pixels, mut kept) = (Vec::new(), Vec::new());
    for (index, label) in labels(&candidates).into_iter().enumerate() {
        let left = &mut wanted[usize::from(label.unwrap())];
        if *left > 0 {
            *left -= 1;
            pixels.extend(candidates.images(index, 1).unwrap());
            kept.push(label);
        }
    }
    assert_eq!(wanted, [0; 10]);
    Dataset::from_pixels(&pixels, Some(kept)).unwrap()
}

fn held_out_elbo(trainer: &Trainer, data: &Dataset) -> f64 {
    let binarization = trainer.binarization();
    let bound = bound::held_out(trainer.model(), data, data.len(), binarization);
    bound.unwrap().elbo
}
