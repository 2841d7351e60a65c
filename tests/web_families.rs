//! Every registered family in a real browser's worker: the conformance suite, and the JavaScript surface from the
//! spec alone.
#![cfg(target_arch = "wasm32")]

// Part of it is for the goldens.
#[allow(dead_code)]
#[path = "conformance/mod.rs"]
mod suite;

use js_sys::{JSON, Reflect};
use latent_canvas::wasm::{Dataset, Model, Trainer};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

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
        let (name, can) = (&candidate.name, candidate.family.capabilities);
        let spec = object(&candidate.spec.to_json().to_string());
        let model = Model::new(spec, 3.0).unwrap();
        let options = object(r#"{"batchSize": 16, "seed": 2}"#);
        let mut trainer = Trainer::new(&model, &data, options).unwrap();
        let report = trainer.step(2.0).unwrap();
        assert!(number(&report, "loss").is_finite(), "{name}");
        let model = trainer.model().unwrap();
        let estimate = |estimator: &str| {
            let options = format!(r#"{{"estimator": "{estimator}", "samples": 50, "seed": 1}}"#);
            model.log_likelihood(&x, object(&options))
        };
        let sampled = model.sample(2.0, object(r#"{"seed": 1, "label": 3}"#));
        match can.conditional {
            true => assert!(sampled.is_ok() && model.given(3).is_ok(), "{name}"),
            false => assert_eq!(code(sampled), "unsupported", "{name}"),
        }
        match can.classifies {
            true => assert_eq!(model.classify(&x).unwrap().len(), 20, "{name}"),
            false => assert_eq!(code(model.classify(&x)), "unsupported", "{name}"),
        }
        let origin = vec![0.0; model.latents()];
        match can.sample {
            true => assert_eq!(model.log_prior(&origin).unwrap().len(), 1, "{name}"),
            false => assert_eq!(code(model.log_prior(&origin)), "unsupported", "{name}"),
        }
        assert_eq!(model.prior_kind().unwrap() == "none", !can.sample, "{name}");
        match can.likelihood {
            true => assert!(number(&estimate("importance").unwrap(), "logLikelihood").is_finite()),
            false => assert_eq!(code(estimate("importance")), "unsupported", "{name}"),
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
