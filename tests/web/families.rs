//! Every registered family in a real browser's worker: the conformance suite, and the JavaScript surface from the
//! spec alone.

use js_sys::{JSON, Reflect};
use latent_canvas::models;
use latent_canvas::wasm::{Dataset, Model, Trainer, degrade};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::suite;

fn object(json: &str) -> JsValue {
    JSON::parse(json).unwrap()
}

fn code<T>(result: Result<T, JsValue>) -> String {
    let error = result.err().expect("an error");
    let code = Reflect::get(&error, &"code".into()).unwrap();
    code.as_string().expect("a code")
}

fn number(value: &JsValue, key: &str) -> f64 {
    Reflect::get(value, &key.into())
        .unwrap()
        .as_f64()
        .expect(key)
}

#[wasm_bindgen_test]
fn shapes() {
    suite::candidates().iter().for_each(suite::shapes);
}

#[wasm_bindgen_test]
fn seeds_and_checkpoints() {
    suite::candidates()
        .iter()
        .for_each(suite::seeds_and_checkpoints);
}

#[wasm_bindgen_test]
fn bad_input() {
    suite::candidates().iter().for_each(suite::bad_input);
}

#[wasm_bindgen_test]
fn sampling() {
    suite::candidates().iter().for_each(suite::sampling);
}

#[wasm_bindgen_test]
fn classes() {
    suite::candidates().iter().for_each(suite::classes);
}

/// From the spec as JavaScript gets it to a trained model, and what the spec says it can do.
#[wasm_bindgen_test]
fn javascript_reaches_every_family() {
    let data = Dataset::strokes(64.0, 5.0).unwrap();
    let x = suite::images(2);
    for candidate in suite::candidates() {
        let name = &candidate.name;
        let spec = object(&candidate.spec.to_json().to_string());
        let model = Model::new(spec, 3.0).unwrap();
        let can = models::build(&candidate.spec, 3).unwrap().capabilities();
        let options = if can.fitted {
            object(r#"{"seed": 2}"#)
        } else {
            object(r#"{"batchSize": 16, "seed": 2}"#)
        };
        let mut trainer = Trainer::new(&model, &data, options).unwrap();
        let report = trainer.step(2.0).unwrap();
        assert!(number(&report, "loss").is_finite(), "{name}");
        let model = trainer.model().unwrap();
        let estimate = |estimator: &str| {
            let options = format!(r#"{{"estimator": "{estimator}", "samples": 50, "seed": 1}}"#);
            model.log_likelihood(&x, object(&options))
        };
        let sampled = model.sample(2.0, object(r#"{"seed": 1, "label": 3}"#));
        if can.conditional {
            assert!(sampled.is_ok() && model.given(3).is_ok(), "{name}")
        } else {
            assert_eq!(code(sampled), "unsupported", "{name}")
        }
        if can.classifies || can.conditional {
            assert_eq!(model.classify(&x).unwrap().len(), 20, "{name}")
        } else {
            assert_eq!(code(model.classify(&x)), "unsupported", "{name}")
        }
        let origin = vec![0.0; model.latents()];
        if can.sample {
            assert_eq!(model.log_prior(&origin).unwrap().len(), 1, "{name}")
        } else {
            assert_eq!(code(model.log_prior(&origin)), "unsupported", "{name}")
        }
        assert_eq!(model.prior_kind().unwrap() == "none", !can.sample, "{name}");
        if can.likelihood {
            assert!(number(&estimate("importance").unwrap(), "logLikelihood").is_finite())
        } else {
            assert_eq!(code(estimate("importance")), "unsupported", "{name}")
        }
        if can.exact {
            assert!(
                number(&estimate("exact").unwrap(), "logLikelihood").is_finite(),
                "{name}"
            );
        }
        let copy = Model::load(&model.save().unwrap()).unwrap();
        assert_eq!(copy.latents(), model.latents(), "{name}");
    }
}

fn floats(value: &JsValue, key: &str) -> Vec<f32> {
    js_sys::Float32Array::from(Reflect::get(value, &key.into()).unwrap()).to_vec()
}

fn two_latents() -> (Model, Vec<f32>) {
    let spec = object(r#"{"model": "vae", "latents": 2, "hidden": [16]}"#);
    let x = suite::images(1).iter().map(|v| v.round()).collect();
    (Model::new(spec, 3.0).unwrap(), x)
}

fn exact(model: &Model, x: &[f32]) -> f64 {
    let options = object(r#"{"estimator": "quadrature"}"#);
    number(&model.log_likelihood(x, options).unwrap(), "logLikelihood")
}

#[wasm_bindgen_test]
fn chains_and_gaps() {
    let (model, x) = two_latents();
    for kernel in ["random-walk", "independence", "pcn", "hmc"] {
        let options = format!(
            r#"{{"kernel": "{kernel}", "chains": 3, "warmUp": 50, "draws": 100, "seed": 1}}"#
        );
        let drawn = model.sample_posterior(&x, object(&options)).unwrap();
        let again = model.sample_posterior(&x, object(&options)).unwrap();
        assert_eq!(floats(&drawn, "latents").len(), 600, "{kernel}");
        assert_eq!(floats(&drawn, "latents"), floats(&again, "latents"));
        assert_eq!(floats(&drawn, "rHat").len(), 2, "{kernel}");
        assert!(number(&drawn, "acceptance") > 0.1, "{kernel}");
    }
    let best = model.best_gaussian(&x, 1.0).unwrap();
    let error = 5.0 * number(&best, "standardError");
    assert!(number(&best, "elbo") > number(&best, "encoderElbo") - error);
    assert!(number(&best, "elbo") < exact(&model, &x) + error);
    for (wrong, wanted) in [
        (r#"{"kernel": "gibbs"}"#, "invalid-argument"),
        (r#"{"chains": 1}"#, "invalid-argument"),
        (r#"{"draws": 1e9}"#, "invalid-argument"),
        (r#"{"drawings": 10}"#, "invalid-argument"),
    ] {
        assert_eq!(
            code(model.sample_posterior(&x, object(wrong))),
            wanted,
            "{wrong}"
        );
    }
    let two = [x.clone(), x].concat();
    assert_eq!(code(model.sample_posterior(&two, object("{}"))), "shape");
    assert_eq!(code(model.best_gaussian(&two, 1.0)), "shape");
}

#[wasm_bindgen_test]
fn repair() {
    let (model, x) = two_latents();
    let mask = |seen: usize| {
        let bits: Vec<&str> = (0..784)
            .map(|pixel| if pixel < seen { "1" } else { "0" })
            .collect();
        object(&format!(r#"{{"mask": [{}]}}"#, bits.join(",")))
    };
    let repaired = |y: &[f32], degradation: JsValue| {
        model.repair(y, degradation, 3.0, object(r#"{"seed": 1}"#))
    };
    // Everything seen: nothing to repair, and p(y) is p(x).
    let whole = degrade(&x, mask(784), 1.0).unwrap();
    assert_eq!(whole, x);
    let found = repaired(&whole, mask(784)).unwrap();
    assert_eq!(floats(&found, "mean"), x);
    assert!((number(&found, "logLikelihood") - exact(&model, &x)).abs() < 0.02);
    // Half of it: what was seen stays, the rest is grey.
    let half = degrade(&x, mask(392), 1.0).unwrap();
    let found = repaired(&half, mask(392)).unwrap();
    assert_eq!(floats(&found, "mean")[..392], x[..392]);
    assert_eq!(floats(&found, "pixels").len(), 3 * 784);
    assert_eq!(floats(&found, "latents").len(), 6);
    let quick = model.repair_by_alternation(&half, mask(392), 10.0, 2.0, 1.0);
    assert_eq!(quick.unwrap()[..392], x[..392]);
    let blocks = degrade(&x, object(r#"{"average": 4}"#), 1.0).unwrap();
    assert_eq!(blocks.len(), 49);
    for wrong in [
        "{}",
        r#"{"average": 3}"#,
        r#"{"average": 2, "flips": 0.1}"#,
        r#"{"average": 2, "noise": 1}"#,
        r#"{"average": 2, "mask": [1]}"#,
    ] {
        assert_eq!(
            code(degrade(&x, object(wrong), 1.0)),
            "invalid-argument",
            "{wrong}"
        );
    }
    assert_eq!(code(degrade(&x, object(r#"{"mask": [1]}"#), 1.0)), "shape");
    assert_eq!(code(repaired(&half[1..], mask(392))), "shape");
}
