//! What every registered model must do, known from its spec alone.

use std::collections::BTreeMap;
use std::rc::Rc;

use candle_core::{Device, Tensor};
use latent_canvas::checkpoint::{self, Precision};
use latent_canvas::data::Dataset;
use latent_canvas::estimators::{Estimator, Options, bound, estimates, exact};
use latent_canvas::models::{self, Model, ModelFamily, ModelSpec, inference, one_hot};
use latent_canvas::objectives::{ElboOptions, Objective};
use latent_canvas::options::ParameterKind;
use latent_canvas::train::{TrainOptions, Trainer};
use latent_canvas::{PIXELS, Rng};
use serde_json::{Value, json};

/// A family with one choice of its options, small enough to test.
pub struct Candidate {
    pub family: ModelFamily,
    pub spec: ModelSpec,
    pub name: String,
}

/// Every family, with the defaults and with each name that one of its options can have.
pub fn candidates() -> Vec<Candidate> {
    let mut all = Vec::new();
    for family in models::families() {
        let mut small = BTreeMap::new();
        for parameter in &family.parameters {
            let value: Option<Value> = match (parameter.name, &parameter.kind) {
                ("hidden", _) => Some(json!([10, 6])),
                // Smooth, so that finite differences are gradients.
                ("activation", _) => Some("tanh".into()),
                ("latents", _) => Some(3.into()),
                (_, ParameterKind::Integer { max, default, .. }) if *default > 4 => {
                    Some(4.min(*max).into())
                }
                _ => None,
            };
            if let Some(value) = value {
                small.insert(parameter.name, value);
            }
        }
        let mut add = |changed: Option<(&str, &str)>| {
            let mut given = BTreeMap::from([("model".to_owned(), family.id.into())]);
            let mut name = family.id.to_owned();
            if let Some((option, choice)) = changed {
                given.insert(option.to_owned(), choice.into());
                name = format!("{name}, {option} {choice}");
            }
            // What depends on others stands after them.
            for parameter in &family.parameters {
                let spec = ModelSpec::from_json(&json!(given)).unwrap().to_json();
                let options = serde_json::from_value(spec).unwrap();
                let value = small.get(parameter.name);
                if let Some(value) = value.filter(|_| parameter.acts(&options)) {
                    given.insert(parameter.name.to_owned(), value.clone());
                }
            }
            all.push(Candidate {
                spec: ModelSpec::from_json(&json!(given)).unwrap(),
                family: family.clone(),
                name,
            });
        };
        add(None);
        for parameter in family.parameters.iter().filter(|p| p.name != "activation") {
            if let ParameterKind::Choice {
                options, default, ..
            } = &parameter.kind
            {
                let others = options.iter().filter(|option| *option != default);
                others.for_each(|option| add(Some((parameter.name, option))));
            }
        }
    }
    all
}

fn digits() -> Rc<Dataset> {
    Rc::new(Dataset::strokes(96, 5).unwrap())
}

/// Images as the family's pixels are: black or white, but for those that are real numbers.
pub fn images(count: usize) -> Vec<f32> {
    let grey = digits().images(0, count).unwrap();
    grey.iter().map(|p| p.round()).collect()
}

fn options(family: &ModelFamily) -> TrainOptions {
    let mut options = json!({"seed": 4});
    if !family.capabilities.fitted {
        options["batchSize"] = 24.into();
        options["learningRate"] = 0.003.into();
    }
    TrainOptions::from_json(&options).unwrap()
}

/// A model that a few steps have moved away from its start.
pub fn trained(candidate: &Candidate) -> Trainer {
    let model = models::build(&candidate.spec, 3).unwrap();
    let options = options(&candidate.family);
    let mut trainer = Trainer::new(model.as_ref(), digits(), options).unwrap();
    let report = trainer.step(3).unwrap();
    assert!(
        report.loss.is_finite() && !report.recovered,
        "{}",
        candidate.name
    );
    trainer
}

fn finite(values: &[f32]) -> bool {
    values.iter().all(|v| v.is_finite())
}

/// Codes, images and samples have their sizes and ranges.
pub fn shapes(candidate: &Candidate) {
    let name = &candidate.name;
    let trainer = trained(candidate);
    let (model, x) = (trainer.model(), images(5));
    let codes = inference::encode(model, &x).unwrap();
    assert_eq!(codes.mean.len(), 5 * model.latents(), "{name}");
    assert_eq!(codes.log_var.len(), 5 * model.latents(), "{name}");
    assert!(finite(&codes.mean) && finite(&codes.log_var), "{name}");
    let decoded = inference::decode(model, &codes.mean).unwrap();
    assert_eq!(decoded.len(), 5 * PIXELS, "{name}");
    assert!(decoded.iter().all(|p| (0.0..=1.0).contains(p)), "{name}");
    let elbo = bound::elbo(model, &x, 2, 1).unwrap();
    assert!(
        (elbo.reconstruction - elbo.kl - elbo.elbo).abs() < 1e-9,
        "{name}"
    );
    let shares = elbo.kl_per_latent.len();
    assert!(shares == 0 || shares == model.latents(), "{name}");
    match inference::classify(model, &x).unwrap() {
        Some(classes) => {
            assert!(candidate.family.capabilities.classifies, "{name}");
            for row in classes.chunks(10) {
                assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{name}");
            }
        }
        None => assert!(!candidate.family.capabilities.classifies, "{name}"),
    }
}

/// Seed, spec and data decide every number, and a run goes on where it was saved.
pub fn seeds_and_checkpoints(candidate: &Candidate) {
    let name = &candidate.name;
    let (mut first, second) = (trained(candidate), trained(candidate));
    let values = |model: &dyn Model| model.parameters().values().unwrap();
    assert_eq!(values(first.model()), values(second.model()), "{name}");
    let other = models::build(&candidate.spec, 4).unwrap();
    assert_ne!(values(other.as_ref()), values(first.model()), "{name}");

    let bytes = checkpoint::save(first.model(), None, Precision::Full).unwrap();
    let loaded = checkpoint::load(&bytes).unwrap().model;
    assert_eq!(loaded.spec(), first.model().spec(), "{name}");
    assert_eq!(values(loaded.as_ref()), values(first.model()), "{name}");
    let x = images(3);
    let answer = |model: &dyn Model| {
        let codes = inference::encode(model, &x).unwrap();
        inference::decode(model, &codes.mean).unwrap()
    };
    assert_eq!(answer(loaded.as_ref()), answer(first.model()), "{name}");
    for length in [0, 9, bytes.len() / 2, bytes.len() - 1] {
        let error = checkpoint::load(&bytes[..length]).unwrap_err();
        assert_eq!(error.code(), "checkpoint", "{name}");
    }

    let mut resumed = Trainer::resume(&first.save().unwrap(), digits()).unwrap();
    let (went_on, again) = (first.step(2).unwrap(), resumed.step(2).unwrap());
    assert_eq!(went_on, again, "{name}");
    assert_eq!(values(first.model()), values(resumed.model()), "{name}");
}

/// Bad input is an error and changes nothing.
pub fn bad_input(candidate: &Candidate) {
    let name = &candidate.name;
    let trainer = trained(candidate);
    let model = trainer.model();
    let before = model.parameters().values().unwrap();
    let mut poisoned = images(2);
    poisoned[800] = f32::NAN;
    let bright = vec![1.5; PIXELS];
    for (pixels, code) in [
        (&[][..], "shape"),
        (&images(1)[1..], "shape"),
        (&poisoned[..], "non-finite"),
        (&bright[..], "invalid-argument"),
    ] {
        let error = inference::encode(model, pixels).unwrap_err();
        assert_eq!(error.code(), code, "{name}");
        let error = bound::elbo(model, pixels, 1, 1).unwrap_err();
        assert_eq!(error.code(), code, "{name}");
    }
    let latents = vec![0.0; model.latents() + 1];
    assert!(
        inference::decode(model, &latents).is_err() || model.latents() == 1,
        "{name}"
    );
    assert!(inference::decode(model, &[]).is_err(), "{name}");
    assert!(
        inference::decode(model, &vec![f32::NAN; model.latents()]).is_err(),
        "{name}"
    );
    assert!(inference::sample(model, 0, 1.0, 1).is_err(), "{name}");
    assert_eq!(model.parameters().values().unwrap(), before, "{name}");
}

/// The gradient of what the family is trained with, along itself, by central differences.
pub fn gradients(candidate: &Candidate) {
    if candidate.family.capabilities.fitted {
        return;
    }
    let trainer = trained(candidate);
    let model = trainer.model();
    let x = Tensor::from_vec(images(4), (4, PIXELS), &Device::Cpu).unwrap();
    let capabilities = candidate.family.capabilities;
    let y = match (capabilities.conditional, capabilities.classifies) {
        (false, _) => None,
        (true, false) => Some(one_hot(&[Some(1), Some(2), None, Some(0)]).unwrap()),
        (true, true) => Some(one_hot(&[Some(1), Some(2), None, None]).unwrap()),
    };
    let noise = Rng::from_seed(2).normals(4 * model.latents());
    let noise = Tensor::from_vec(noise, (4, model.latents()), &Device::Cpu).unwrap();
    let loss = || {
        let options = ElboOptions::default();
        let bound = Objective::Elbo.sample(model, &x, y.as_ref(), &noise, options);
        bound.unwrap().loss
    };
    let scalar = |tensor: &Tensor| f64::from(tensor.to_scalar::<f32>().unwrap());
    let store = loss().backward().unwrap();
    for (name, var) in model.parameters().iter() {
        let name = format!("{}: {name}", candidate.name);
        let gradient = store
            .get(var)
            .unwrap_or_else(|| panic!("{name} has no gradient"));
        let length = scalar(&gradient.sqr().unwrap().sum_all().unwrap()).sqrt();
        if length == 0.0 {
            continue;
        }
        let direction = (gradient / length).unwrap();
        let start = var.as_tensor().copy().unwrap();
        let at = |step: f64| {
            var.set(&(&start + (&direction * step).unwrap()).unwrap())
                .unwrap();
            scalar(&loss())
        };
        // Of losses near 500 that are known to 5e-5, over a step that moves them by a thousandth or more.
        let step = (0.05 / length).clamp(2e-3, 2e-2);
        let slope = (at(step) - at(-step)) / (2.0 * step);
        var.set(&start).unwrap();
        let error = (slope - length).abs() / length.max(0.5);
        assert!(error < 4e-2, "{name}: {slope} against {length}");
    }
}

/// Samples come from the prior and the likelihood, or are refused where there is no prior. Means of 2,000 draws:
/// five standard errors, a false alarm in some thousand runs of the suite.
pub fn sampling(candidate: &Candidate) {
    let name = &candidate.name;
    let trainer = trained(candidate);
    let model = trainer.model();
    let count = 2000;
    if !candidate.family.capabilities.sample {
        let error = inference::sample(model, count, 1.0, 1).unwrap_err();
        assert_eq!(error.code(), "unsupported", "{name}");
        let error = inference::log_prior(model, &vec![0.0; model.latents()]).unwrap_err();
        assert_eq!(error.code(), "unsupported", "{name}");
        return;
    }
    let samples = inference::sample(model, count, 1.0, 7).unwrap();
    assert_eq!(
        samples,
        inference::sample(model, count, 1.0, 7).unwrap(),
        "{name}"
    );
    assert_ne!(
        samples,
        inference::sample(model, count, 1.0, 8).unwrap(),
        "{name}"
    );
    assert_eq!(samples.latents.len(), count * model.latents(), "{name}");
    // Rows by themselves are added up in another order than rows in a block.
    let decoded = decoded_of_class(model, &samples);
    let mut pairs = samples.probabilities.iter().zip(&decoded);
    assert!(pairs.all(|(a, b)| (a - b).abs() < 1e-5), "{name}");
    assert!(
        samples.pixels.iter().all(|p| (0.0..=1.0).contains(p)),
        "{name}"
    );
    // Ink, in all images: the sum of independent draws has the sum of their means.
    let total = |values: &[f32]| values.iter().map(|v| f64::from(*v)).sum::<f64>();
    let (ink, expected) = (total(&samples.pixels), total(&samples.probabilities));
    let pixels = samples.pixels.len() as f64;
    // Real pixels are cut to [0, 1], which moves their mean.
    let likelihood = model.likelihood();
    if likelihood.of_squares().unwrap().is_none() && likelihood.numbers() == 1 {
        assert!(
            (ink - expected).abs() < 5.0 * 0.5 * pixels.sqrt(),
            "{name}: {ink} {expected}"
        );
    }
    let log_prior = inference::log_prior(model, &samples.latents).unwrap();
    assert!(log_prior.len() == count && finite(&log_prior), "{name}");
    let row = samples.latents.chunks(model.latents()).nth(1234).unwrap();
    let alone = inference::log_prior(model, row).unwrap()[0];
    assert!(
        (alone - log_prior[1234]).abs() < 1e-4 * (1.0 + alone.abs()),
        "{name}"
    );
}

/// What the codes of samples decode to, each given its class where one was drawn.
fn decoded_of_class(model: &dyn Model, samples: &inference::Samples) -> Vec<f32> {
    let decode = |model: &dyn Model, z: &[f32]| inference::decode(model, z).unwrap();
    if samples.labels.is_empty() {
        return decode(model, &samples.latents);
    }
    let rows = samples.latents.chunks(model.latents());
    rows.zip(&samples.labels)
        .flat_map(|(z, label)| {
            let given = model.given(&one_hot(&[Some(*label)]).unwrap()).unwrap();
            decode(given.as_ref(), z)
        })
        .collect()
}

/// Estimators say what the spec promises: a bound below an estimate that agrees with the exact value where there is
/// one.
pub fn likelihoods(candidate: &Candidate) {
    let name = &candidate.name;
    let trainer = trained(candidate);
    let (model, x) = (trainer.model(), images(2));
    let capabilities = candidate.family.capabilities;
    let estimate = |estimator, draws| {
        let options = Options {
            estimator,
            draws,
            seed: 1,
        };
        estimates(model, &x, options)
    };
    if !capabilities.likelihood {
        let error = estimate(Estimator::Importance, 10).unwrap_err();
        assert_eq!(error.code(), "unsupported", "{name}");
        return;
    }
    let importance = estimate(Estimator::Importance, 2000).unwrap();
    let mean = importance.iter().map(|e| e.log_likelihood).sum::<f64>() / 2.0;
    let error = importance
        .iter()
        .map(|e| e.standard_error)
        .fold(0.0, f64::max);
    let elbo = bound::elbo(model, &x, 500, 1).unwrap().elbo;
    assert!(elbo < mean + 5.0 * error + 0.5, "{name}: {elbo} {mean}");
    match exact::log_likelihoods(model, &x) {
        Ok(values) => {
            assert!(model.capabilities().exact, "{name}");
            for (exact, estimate) in values.iter().zip(&importance) {
                let difference = (exact - estimate.log_likelihood).abs();
                assert!(
                    difference < 5.0 * estimate.standard_error + 0.02,
                    "{name}: {exact} {estimate:?}"
                );
            }
        }
        Err(error) => {
            assert_eq!(error.code(), "unsupported", "{name}");
            assert!(!model.capabilities().exact, "{name}");
        }
    }
}

/// Classes can be given exactly where the spec says so.
pub fn classes(candidate: &Candidate) {
    let name = &candidate.name;
    let trainer = trained(candidate);
    let model = trainer.model();
    let of = |label| model.given(&one_hot(&[Some(label)]).unwrap());
    assert!(model.given_classes().is_none(), "{name}");
    if !model.capabilities().conditional {
        assert_eq!(of(3).unwrap_err().code(), "unsupported", "{name}");
        return;
    }
    let [three, five] = [3, 5].map(|label| {
        let model = of(label).unwrap();
        inference::sample(model.as_ref(), 4, 1.0, 1)
            .unwrap()
            .probabilities
    });
    assert_ne!(three, five, "{name}");
    assert!(one_hot(&[Some(10)]).is_err());
    keep_their_class(of(3).unwrap().as_ref(), name);
    let many = one_hot(&[Some(1), Some(2)]).unwrap();
    let many = model.given(&many).unwrap();
    let refused = checkpoint::save(many.as_ref(), None, Precision::Full);
    assert_eq!(refused.unwrap_err().code(), "unsupported", "{name}");
}

/// A model that was given a class is the model of that class wherever it is copied to, and cannot be asked for another.
fn keep_their_class(of_three: &dyn Model, name: &str) {
    assert!(!of_three.capabilities().conditional, "{name}");
    assert!(!of_three.capabilities().classifies, "{name}");
    let bytes = checkpoint::save(of_three, None, Precision::Full).unwrap();
    let saved = checkpoint::load(&bytes).unwrap().model;
    let copy = models::duplicate(of_three).unwrap();
    let answers = |model: &dyn Model| {
        let z = Rng::from_seed(4).normals(2 * model.latents());
        let codes = inference::encode(model, &images(2)).unwrap();
        (codes, inference::decode(model, &z).unwrap())
    };
    for other in [saved, copy] {
        assert_eq!(answers(other.as_ref()), answers(of_three), "{name}");
        assert!(!other.capabilities().conditional, "{name}");
    }
    let refused = Trainer::new(of_three, digits(), options(of_three.spec().family()));
    assert_eq!(refused.unwrap_err().code(), "unsupported", "{name}");
}
