//! The JavaScript surface in a real browser's worker: every call of the contract, on real input and on
//! bad input.

use js_sys::{Array, Float32Array, Float64Array, Object, Reflect, Uint32Array};
use latent_canvas::wasm::{
    Belief, Dataset, EstimatorStream, LatentGrid, Model, Projection, Refinement, Repairing,
    Trainer, Walkers, degrade, factored_digits, model_families, mutual_information,
    normalize_strokes, random_seed, stroke_digit, train_parameters, write_digit,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::goldens;

fn object(json: &str) -> JsValue {
    js_sys::JSON::parse(json).unwrap()
}

fn get(value: &JsValue, key: &str) -> JsValue {
    let found = Reflect::get(value, &key.into()).unwrap();
    assert!(!found.is_undefined(), "the answer has no \"{key}\"");
    found
}

fn number(value: &JsValue, key: &str) -> f64 {
    get(value, key).as_f64().expect(key)
}

fn floats(value: &JsValue, key: &str) -> Vec<f32> {
    get(value, key)
        .dyn_into::<Float32Array>()
        .expect(key)
        .to_vec()
}

/// The `.code` of the JavaScript error that a call must throw; its message must be a sentence.
fn code<T>(result: Result<T, JsValue>) -> String {
    let Err(error) = result else {
        panic!("the call must fail");
    };
    assert!(error.is_instance_of::<js_sys::Error>());
    assert!(get(&error, "message").as_string().unwrap().len() > 10);
    get(&error, "code").as_string().unwrap()
}

fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    assert!(
        found
            .iter()
            .zip(expected)
            .all(|(a, b)| (a - b).abs() < 1e-6)
    );
}

fn spec(latents: usize) -> JsValue {
    object(&format!(
        r#"{{"model": "vae", "latents": {latents}, "hidden": [24], "activation": "tanh"}}"#
    ))
}

fn model(latents: usize) -> Model {
    Model::new(spec(latents), 3.0).unwrap()
}

fn digits(count: usize) -> (Dataset, Vec<f32>) {
    let data = Dataset::strokes(count as f64, 1.0).unwrap();
    let pixels = data.images(0.0, count as f64).unwrap();
    (data, pixels)
}

fn binary(pixels: &[f32]) -> Vec<f32> {
    pixels
        .iter()
        .map(|p| f32::from(u8::from(*p >= 0.5)))
        .collect()
}

#[wasm_bindgen_test]
fn wasm_reproduces_the_native_goldens() {
    let golden = serde_json::from_str(include_str!("../goldens/native.json")).unwrap();
    goldens::compare(&goldens::compute(), &golden);
}

#[wasm_bindgen_test]
fn strokes_are_normalised() {
    let line = [0.2, 0.1, 0.3, 0.9, 0.7, 0.5, 0.8, 0.6];
    let pixels = normalize_strokes(&line, &[2, 2], 0.05).unwrap();
    assert_eq!(pixels.len(), 784);
    assert!(pixels.iter().all(|p| (0.0..=1.0).contains(p)));
    assert!(pixels.iter().any(|p| *p > 0.9));
    assert_eq!(normalize_strokes(&[], &[], 0.05).unwrap(), vec![0.0; 784]);
    assert!(normalize_strokes(&[f32::NAN, 0.0], &[1], 0.05).is_err());
    assert!(normalize_strokes(&line, &[3, 3], 0.05).is_err());
    assert!(normalize_strokes(&line, &[2, 2], -1.0).is_err());

    let digit = stroke_digit(5.0, 8.0, Some(7)).unwrap();
    assert_eq!(number(&digit, "label"), 7.0);
    let points = floats(&digit, "points");
    let lengths = get(&digit, "strokeLengths")
        .dyn_into::<Uint32Array>()
        .unwrap()
        .to_vec();
    assert_eq!(points.len() as u32, 2 * lengths.iter().sum::<u32>());
    let pen_width = number(&digit, "penWidth") as f32;
    let again = normalize_strokes(&points, &lengths, pen_width).unwrap();
    assert_eq!(again, floats(&digit, "pixels"));
    assert_eq!(code(stroke_digit(5.0, 8.0, Some(10))), "invalid-argument");
    assert_eq!(code(stroke_digit(0.5, 8.0, None)), "invalid-argument");
}

#[wasm_bindgen_test]
fn digits_have_their_factors_and_codes_are_held_against_them() {
    let written = write_digit(
        object(
            r#"{"class": 6, "variant": 0, "slant": 0.2, "rotation": 0, "thickness": 2.5, "aspect": 1.1,
                "curvature": 0, "loopSize": 1.3, "jitter": 0}"#,
        ),
        1.0,
    );
    assert_eq!(number(&written.unwrap(), "label"), 6.0);
    assert_eq!(
        code(write_digit(object(r#"{"class": 6}"#), 1.0)),
        "invalid-argument"
    );

    let digits = factored_digits(5.0, 8.0, 30.0).unwrap();
    assert_eq!(floats(&digits, "pixels").len(), 30 * 784);
    let first = stroke_digit(5.0, 8.0, None).unwrap();
    assert_eq!(
        floats(&digits, "pixels")[..784],
        floats(&first, "pixels")[..]
    );
    let factors = get(&digits, "factors")
        .dyn_into::<Float64Array>()
        .unwrap()
        .to_vec();
    assert_eq!(factors.len(), 30 * 7);
    assert_eq!(factors[0], number(&first, "label"));

    // A code that is the class tells all of it.
    let codes: Vec<f32> = factors.chunks(7).map(|row| row[0] as f32).collect();
    let told = mutual_information(&codes, 1.0, &factors, 7.0).unwrap();
    let read = |key: &str| get(&told, key).dyn_into::<Float64Array>().unwrap().to_vec();
    assert!((read("matrix")[0] - read("entropies")[0]).abs() < 1e-12);
    assert!((0.0..=1.0).contains(&number(&told, "gap")));
    assert_eq!(
        code(mutual_information(&codes, 2.0, &factors, 7.0)),
        "shape"
    );
}

#[wasm_bindgen_test]
fn the_registry_describes_itself() {
    let families: Array = model_families().unwrap().into();
    let vae = families.get(0);
    assert_eq!(get(&vae, "id").as_string().unwrap(), "vae");
    let parameters: Array = get(&vae, "parameters").into();
    let kinds: Vec<String> = parameters
        .iter()
        .map(|p| get(&p, "kind").as_string().unwrap())
        .collect();
    assert_eq!(kinds[..4], ["integer", "integerList", "choice", "choice"]);
    assert_eq!(number(&parameters.get(1), "maxLength"), 4.0);
    let training: Array = train_parameters().unwrap().into();
    assert!(training.iter().any(|p| get(&p, "name") == "learningRate"));
    assert_ne!(
        (random_seed().unwrap(), random_seed().unwrap()),
        (random_seed().unwrap(), random_seed().unwrap())
    );
}

#[wasm_bindgen_test]
fn models_encode_decode_and_survive_bytes() {
    let model = model(2);
    let (_, pixels) = digits(3);
    let codes = model.encode(&pixels).unwrap();
    let mean = floats(&codes, "mean");
    assert_eq!((mean.len(), floats(&codes, "logVar").len()), (6, 6));
    let probabilities = model.decode(&mean).unwrap();
    assert_eq!(probabilities.len(), 3 * 784);
    assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)));

    let bytes = model.save().unwrap();
    let back = Model::load(&bytes).unwrap();
    assert_eq!(back.decode(&mean).unwrap(), probabilities);
    assert_eq!(number(&back.spec().unwrap(), "latents"), 2.0);
    assert!(back.provenance().unwrap().is_null());
    assert_eq!(
        Model::new(spec(2), 3.0).unwrap().decode(&mean).unwrap(),
        probabilities
    );

    assert_eq!(code(model.encode(&pixels[1..])), "shape");
    assert_eq!(code(model.encode(&[])), "shape");
    assert_eq!(code(model.encode(&[f32::NAN; 784])), "non-finite");
    assert_eq!(code(model.encode(&[2.0; 784])), "invalid-argument");
    assert_eq!(code(model.decode(&[1.0; 3])), "shape");
    assert_eq!(code(Model::load(&bytes[..bytes.len() / 2])), "checkpoint");
    assert_eq!(code(Model::load(b"nonsense")), "checkpoint");
    assert_eq!(
        code(Model::new(object(r#"{"model": "gan"}"#), 1.0)),
        "unknown-model"
    );
    assert_eq!(code(Model::new(spec(0), 1.0)), "invalid-argument");
    assert_eq!(code(Model::new(spec(2), -1.0)), "invalid-argument");
    assert_eq!(
        code(Model::new(JsValue::UNDEFINED, 1.0)),
        "invalid-argument"
    );
    assert_eq!(
        model.decode(&mean).unwrap(),
        probabilities,
        "bad calls change nothing"
    );
}

#[wasm_bindgen_test]
fn sampling_repeats_and_obeys_its_temperature() {
    let model = model(3);
    let draw = |options: &str| model.sample(4.0, object(options));
    let first = draw(r#"{"seed": 5}"#).unwrap();
    assert_eq!(floats(&first, "latents").len(), 12);
    assert_eq!(floats(&first, "probabilities").len(), 4 * 784);
    assert!(
        floats(&first, "pixels")
            .iter()
            .all(|p| *p == 0.0 || *p == 1.0)
    );
    assert_eq!(
        floats(&first, "latents"),
        floats(&draw(r#"{"seed": 5}"#).unwrap(), "latents")
    );
    assert_ne!(
        floats(&first, "latents"),
        floats(&draw(r#"{"seed": 6}"#).unwrap(), "latents")
    );
    let cold = draw(r#"{"seed": 5, "temperature": 0}"#).unwrap();
    assert!(floats(&cold, "latents").iter().all(|z| *z == 0.0));
    assert_eq!(
        code(draw(r#"{"seed": 5, "temperature": -1}"#)),
        "invalid-argument"
    );
    assert_eq!(code(draw(r#"{"seed": 5, "label": 3}"#)), "unsupported");
    assert_eq!(code(draw(r#"{"temperature": 1}"#)), "invalid-argument");
    assert_eq!(
        code(draw(r#"{"seed": 5, "warmth": 1}"#)),
        "invalid-argument"
    );
    assert_eq!(
        code(model.sample(0.0, object(r#"{"seed": 5}"#))),
        "invalid-argument"
    );
}

#[wasm_bindgen_test]
fn interpolation_ends_where_it_should() {
    let model = model(2);
    let (a, b) = ([1.0f32, -0.5], [-1.0f32, 2.0]);
    for path in ["linear", "spherical", "geodesic"] {
        let result = model.interpolate(&a, &b, 6.0, path).unwrap();
        let latents = floats(&result, "latents");
        assert_eq!((&latents[..2], &latents[10..]), (&a[..], &b[..]));
        let probabilities = floats(&result, "probabilities");
        // Rows of a larger product may be summed in another order.
        assert_close(&probabilities[..784], &model.decode(&a).unwrap());
        assert_close(&probabilities[5 * 784..], &model.decode(&b).unwrap());
    }
    assert_eq!(
        code(model.interpolate(&a, &b, 6.0, "curved")),
        "invalid-argument"
    );
    assert_eq!(
        code(model.interpolate(&a, &b, 1.0, "linear")),
        "invalid-argument"
    );
    assert_eq!(code(model.interpolate(&a, &b[..1], 6.0, "linear")), "shape");
}

#[wasm_bindgen_test]
fn bounds_and_estimates_are_consistent() {
    let model = model(2);
    let x = binary(&digits(2).1);
    let bound = model
        .elbo(&x, object(r#"{"seed": 1, "samples": 30}"#))
        .unwrap();
    let elbo = number(&bound, "elbo");
    assert!((elbo - number(&bound, "reconstruction") + number(&bound, "kl")).abs() < 1e-6);
    let shares: f32 = floats(&bound, "klPerLatent").iter().sum();
    assert!((f64::from(shares) - number(&bound, "kl")).abs() < 1e-4);
    let estimate = |options: &str| model.log_likelihood(&x, object(options));
    let exact = estimate(r#"{"estimator": "quadrature"}"#).unwrap();
    let sampled = estimate(r#"{"estimator": "importance", "samples": 2000, "seed": 1}"#).unwrap();
    let difference = number(&exact, "logLikelihood") - number(&sampled, "logLikelihood");
    assert!(difference.abs() < 5.0 * number(&sampled, "standardError") + 0.02);
    assert!(number(&exact, "logLikelihood") > elbo - 0.5);
    assert!(number(&sampled, "effectiveSamples") > 1.0);
    assert_eq!(
        code(estimate(r#"{"estimator": "guess"}"#)),
        "invalid-argument"
    );
    assert_eq!(
        code(estimate(r#"{"estimator": "importance", "samples": 0}"#)),
        "invalid-argument"
    );
    let three = model_of_three();
    assert_eq!(
        code(three.log_likelihood(&x, object(r#"{"estimator": "quadrature"}"#))),
        "unsupported"
    );
    assert_eq!(
        code(model.elbo(&x, object(r#"{"seed": 1}"#))),
        "invalid-argument"
    );
}

fn model_of_three() -> Model {
    model(3)
}

#[wasm_bindgen_test]
fn the_grid_gives_the_exact_posterior() {
    let model = model(2);
    let x = binary(&digits(1).1);
    let grid = LatentGrid::new(&model).unwrap();
    let found = grid.posterior(&x).unwrap();
    let density = floats(&found, "density");
    let side = number(&found, "resolution");
    assert_eq!(density.len(), (side * side) as usize);
    let cell = 2.0 * number(&found, "halfWidth") / side;
    let mass = f64::from(density.iter().sum::<f32>()) * cell * cell;
    assert!((mass - 1.0).abs() < 1e-3);
    assert!(number(&found, "tolerance") <= 0.005);
    assert!(number(&found, "decoderEvaluations") > 100.0);
    assert_eq!(Array::from(&get(&found, "centre")).length(), 2);
    // The same number whichever way it is asked for.
    let exact = number(&found, "logLikelihood");
    assert_eq!(grid.log_likelihoods(&x).unwrap(), [exact]);
    let options = || object(r#"{"estimator": "quadrature"}"#);
    assert_eq!(model.log_likelihoods(&x, options()).unwrap(), [exact]);
    let mean = model.log_likelihood(&x, options()).unwrap();
    assert_eq!(number(&mean, "logLikelihood"), exact);
    assert_eq!(model.estimators().unwrap()[0], "quadrature");
    assert_eq!(code(grid.posterior(&[0.0; 5])), "shape");
    assert_eq!(code(LatentGrid::new(&model_of_three())), "unsupported");
}

fn doubles(value: &JsValue, key: &str) -> Vec<f64> {
    get(value, key)
        .dyn_into::<Float64Array>()
        .expect(key)
        .to_vec()
}

/// In pieces, to the end and no further, a repair by chains is the one that is made at once.
#[wasm_bindgen_test]
fn a_repair_by_chains_is_followed() {
    let model = model_of_three();
    let x = binary(&digits(1).1);
    let upper_half: Vec<u8> = (0..784).map(|pixel| u8::from(pixel < 392)).collect();
    let damage = || object(&format!(r#"{{"mask": {upper_half:?}}}"#));
    let observed = degrade(&x, damage(), 4.0).unwrap();
    let options = || object(r#"{"chains": 2, "warmUp": 3, "draws": 6, "seed": 5}"#);
    let whole = model.repair(&observed, damage(), 2.0, options()).unwrap();

    let mut pieces = Repairing::new(&model, &observed, damage(), 2.0, options()).unwrap();
    let stage = pieces.advance(3.0).unwrap();
    assert_eq!(number(&stage, "steps"), 3.0);
    assert!(
        Reflect::get(&stage, &"repaired".into())
            .unwrap()
            .is_undefined()
    );
    pieces.advance(2.0).unwrap();
    let stage = pieces.advance(100.0).unwrap();
    assert_eq!(
        [number(&stage, "steps"), number(&stage, "total")],
        [9.0, 9.0]
    );
    let last = get(&stage, "repaired");
    for part in ["mean", "latents", "probabilities", "pixels"] {
        assert_eq!(floats(&last, part), floats(&whole, part), "{part}");
    }
    assert_eq!(number(&last, "rHat"), number(&whole, "rHat"));
    let flipped = object(r#"{"average": 4, "flips": 0.1}"#);
    assert_eq!(
        code(Repairing::new(&model, &observed, flipped, 2.0, options())),
        "invalid-argument"
    );
}

/// Nothing seen is the prior, all seen is log p(x); what is said of a pixel is 0, 1 or 2.
#[wasm_bindgen_test]
fn a_belief_follows_what_is_seen() {
    let model = model(2);
    let x = binary(&digits(1).1);
    let mut belief = Belief::new(&model).unwrap();
    let blank = belief.look(&[2; 784]).unwrap();
    assert!(number(&blank, "logEvidence").abs() < 1e-3);
    let seen: Vec<u8> = x.iter().map(|v| u8::from(*v > 0.5)).collect();
    belief.look(&seen).unwrap();
    let settled = belief.settle().unwrap();
    let exact = model
        .log_likelihood(&x, object(r#"{"estimator": "quadrature"}"#))
        .unwrap();
    let difference = number(&settled, "logEvidence") - number(&exact, "logLikelihood");
    assert!(difference.abs() <= 0.01, "{difference}");
    assert_eq!(floats(&settled, "mean"), x);
    assert_eq!(code(belief.look(&[3; 784])), "invalid-argument");
    assert_eq!(code(belief.look(&[1; 10])), "shape");
}

/// In parts or at once, with the same seed, a walk goes the same way; its orbit leads from where it was to a proposal.
#[wasm_bindgen_test]
fn walks_are_followed_step_by_step() {
    let model = model(2);
    let x = binary(&digits(1).1);
    let start = |options: &str| Walkers::new(&model, &x, object(options));
    for kernel in ["random-walk", "independence", "pcn", "hmc"] {
        let options = format!(r#"{{"kernel": "{kernel}", "chains": 3, "warmUp": 4, "seed": 5}}"#);
        let mut whole = start(&options).unwrap();
        let all = whole.advance(10.0).unwrap();
        let mut parts = start(&options).unwrap();
        let first = floats(&parts.advance(4.0).unwrap(), "latents");
        let before = parts.places().unwrap();
        let rest = parts.advance(6.0).unwrap();
        assert_eq!(before, first[first.len() - 6..]);
        assert_eq!(
            [first, floats(&rest, "latents")].concat(),
            floats(&all, "latents")
        );
        assert_eq!(floats(&all, "accepted").len(), 30);
        assert_eq!(number(&rest, "steps"), 10.0);
        let places = if kernel == "hmc" { 11 } else { 2 };
        assert_eq!(floats(&rest, "orbit").len(), places * 6, "{kernel}");
        let diagnosis = parts.diagnose(3.0).unwrap();
        assert_eq!(number(&diagnosis, "draws"), 6.0);
        assert_eq!(doubles(&diagnosis, "rHat").len(), 2);
        assert_eq!(doubles(&diagnosis, "autocorrelations").len(), 8);
    }
    let here = r#"{"start": [0.5, 0.25, -1, 2], "chains": 2, "scale": 0.125}"#;
    let mut walk = start(here).unwrap();
    assert_eq!(walk.places().unwrap(), [0.5, 0.25, -1.0, 2.0]);
    assert_eq!(number(&walk.advance(1.0).unwrap(), "scale"), 0.125);
    for (wrong, because) in [
        (r#"{"start": [0.5], "chains": 2}"#, "shape"),
        (r#"{"start": "nowhere"}"#, "invalid-argument"),
        (r#"{"kernel": "gibbs"}"#, "invalid-argument"),
        (r#"{"kernel": "pcn", "scale": 2}"#, "invalid-argument"),
        (r#"{"chains": 1}"#, "invalid-argument"),
        (r#"{"mask": [1]}"#, "shape"),
    ] {
        assert_eq!(code(start(wrong)), because, "{wrong}");
    }
}

#[wasm_bindgen_test]
fn what_was_not_seen_does_not_count() {
    let model = model(2);
    let x = binary(&digits(1).1);
    let all = vec![1.0; 784];
    let exact = number(
        &LatentGrid::new(&model).unwrap().posterior(&x).unwrap(),
        "logLikelihood",
    );
    let whole = number(&model.partial_posterior(&x, &all).unwrap(), "logLikelihood");
    assert!((whole - exact).abs() < 0.01, "{whole} {exact}");
    // Nothing seen: the posterior is the prior, and what was seen is certain.
    let nothing = model.partial_posterior(&x, &vec![0.0; 784]).unwrap();
    assert!(number(&nothing, "logLikelihood").abs() < 0.01);
    let joint = model
        .log_joint(&x, &[0.0, 0.0], Some(vec![0.0; 784]))
        .unwrap();
    assert!((joint[0] + std::f64::consts::TAU.ln()).abs() < 1e-5);
    let joint = |mask| model.log_joint(&x, &[0.3, -0.2, 1.0, 1.0], mask).unwrap();
    let (seen, masked) = (joint(None), joint(Some(all)));
    assert!(seen.iter().zip(masked).all(|(a, b)| (a - b).abs() < 1e-2));
    assert_eq!(code(model.log_joint(&x, &[0.0], None)), "shape");
    assert_eq!(
        code(model_of_three().log_joint(&x, &[0.0; 3], None)),
        "unsupported"
    );
}

#[wasm_bindgen_test]
fn a_climb_is_watched_and_gradients_come_draw_by_draw() {
    let model = model(2);
    let x = binary(&digits(1).1);
    let begin = |start: Option<&str>| Refinement::new(&model, &x, 4.0, start.map(str::to_owned));
    let first = begin(None).unwrap().reached(500.0).unwrap();
    assert_eq!(number(&first, "elbo"), number(&first, "encoderElbo"));
    let [near, far] = ["encoder", "search"].map(|start| {
        let mut climb = begin(Some(start)).unwrap();
        while climb.steps() < climb.length() {
            climb.advance(64.0).unwrap();
        }
        climb.reached(2000.0).unwrap()
    });
    let is_far_better = number(&far, "elbo") > number(&near, "elbo");
    let found = if is_far_better { far } else { near };
    let whole = model.best_gaussian(&x, 4.0).unwrap();
    for key in ["elbo", "encoderElbo", "standardError"] {
        assert_eq!(number(&found, key), number(&whole, key), "{key}");
    }
    assert_eq!(floats(&found, "mean"), floats(&whole, "mean"));

    let (mean, log_var) = (floats(&found, "mean"), floats(&found, "logVar"));
    let gradients =
        |options: &str| model.mean_gradients(&x, mean.clone(), log_var.clone(), object(options));
    let found = gradients(r#"{"draws": 20, "seed": 2}"#).unwrap();
    assert_eq!(doubles(&found, "reparameterised").len(), 40);
    let (noise, latents) = (floats(&found, "noise"), floats(&found, "latents"));
    let z = mean[1] + (0.5 * log_var[1]).exp() * noise[1];
    assert!((latents[1] - z).abs() < 1e-5);
    let score = doubles(&found, "logRatios")[0] * f64::from(noise[1] / (0.5 * log_var[1]).exp());
    assert!((doubles(&found, "score")[1] - score).abs() < 1e-6 * score.abs());
    let next = gradients(r#"{"draws": 20, "seed": 2, "block": 1}"#).unwrap();
    assert!(floats(&next, "noise") != noise);
    assert_eq!(code(gradients(r#"{"draws": 0}"#)), "shape");
    assert_eq!(code(Refinement::new(&model, &[0.0], 1.0, None)), "shape");
    assert_eq!(code(begin(Some("prior"))), "invalid-argument");
}

#[wasm_bindgen_test]
fn projections_go_to_the_plane_and_back() {
    let codes: Vec<f32> = (0..60).map(|i| ((i * 37) % 17) as f32 / 5.0).collect();
    let plane = Projection::fit(&codes, 3.0).unwrap();
    let points = plane.project(&codes).unwrap();
    assert_eq!(points.len(), 40);
    let lifted = plane.lift(&points).unwrap();
    let again = plane.project(&lifted).unwrap();
    assert!(points.iter().zip(again).all(|(a, b)| (a - b).abs() < 1e-3));
    assert_eq!(plane.explained().len(), 2);
    assert_eq!(code(Projection::fit(&codes, 7.0)), "shape");
    assert_eq!(code(plane.project(&[1.0; 4])), "shape");
}

#[wasm_bindgen_test]
fn data_sets_are_read_joined_and_checked() {
    let (data, pixels) = digits(5);
    assert_eq!(data.size(), 5);
    let labels = data.labels(0.0, 5.0).unwrap().unwrap();
    assert!(labels.iter().all(|label| *label < 10));
    let own = Dataset::from_pixels(&pixels[..784], Some(vec![3])).unwrap();
    let unlabelled = Dataset::from_pixels(&pixels[..784], None).unwrap();
    assert!(unlabelled.labels(0.0, 1.0).unwrap().is_none());
    let both = Dataset::concatenate(&own, &unlabelled).unwrap();
    assert_eq!(both.labels(0.0, 2.0).unwrap().unwrap(), [3, 255]);
    let mut idx = Vec::new();
    for word in [0x0803u32, 1, 28, 28] {
        idx.extend(word.to_be_bytes());
    }
    idx.extend([128; 784]);
    let read = Dataset::from_idx(&idx, None, None, None).unwrap();
    assert!((read.images(0.0, 1.0).unwrap()[0] - 128.0 / 255.0).abs() < 1e-6);
    assert_eq!(
        code(Dataset::from_idx(&idx[..100], None, None, None)),
        "data"
    );
    assert_eq!(
        code(Dataset::from_idx(
            &idx,
            Some(vec![0, 0, 8, 1, 0, 0, 0, 0]),
            None,
            None
        )),
        "data"
    );
    assert_eq!(code(Dataset::from_pixels(&pixels[..10], None)), "shape");
    assert_eq!(code(Dataset::strokes(0.0, 1.0)), "invalid-argument");
    assert_eq!(code(data.images(4.0, 2.0)), "invalid-argument");
    assert_eq!(code(data.images(-1.0, 2.0)), "invalid-argument");
}

#[wasm_bindgen_test]
fn two_hundred_steps_lower_the_loss_and_a_run_resumes() {
    let (data, _) = digits(500);
    let start = model(2);
    let before = start.save().unwrap();
    let options = object(r#"{"batchSize": 50, "learningRate": 0.002, "seed": 4}"#);
    let mut trainer = Trainer::new(&start, &data, options).unwrap();
    let first = trainer.step(1.0).unwrap();
    trainer.step(99.0).unwrap();
    let mut resumed = Trainer::resume(&trainer.save().unwrap(), &data).unwrap();
    let last = trainer.step(100.0).unwrap();
    assert!(number(&last, "loss") < number(&first, "loss") - 20.0);
    assert!(number(&last, "imagesPerSecond") > 0.0);
    assert_eq!(number(&last, "step"), 200.0);
    assert_eq!(get(&last, "recovered"), JsValue::FALSE);
    let twin = resumed.step(100.0).unwrap();
    assert_eq!(number(&twin, "loss"), number(&last, "loss"));
    let codes = [0.3f32, -0.4];
    assert_eq!(
        trainer.model().unwrap().decode(&codes).unwrap(),
        resumed.model().unwrap().decode(&codes).unwrap()
    );
    assert_eq!(start.save().unwrap().len(), before.len());
    assert_eq!(
        Model::load(&before).unwrap().decode(&codes).unwrap(),
        start.decode(&codes).unwrap()
    );

    let held_out = trainer.evaluate(&data, 200.0).unwrap();
    assert_eq!(
        number(&held_out, "elbo"),
        number(&trainer.evaluate(&data, 200.0).unwrap(), "elbo")
    );
    trainer.set_learning_rate(0.01).unwrap();
    assert_eq!(number(&trainer.options().unwrap(), "learningRate"), 0.01);
    assert_eq!(
        code(trainer.set_learning_rate(f64::NAN)),
        "invalid-argument"
    );
    assert_eq!(code(trainer.step(0.0)), "invalid-argument");
    assert_eq!(code(Trainer::resume(b"nonsense", &data)), "checkpoint");
    assert_eq!(
        code(Trainer::resume(&start.save().unwrap(), &data)),
        "checkpoint"
    );
    let wrong = object(r#"{"momentum": 1}"#);
    assert_eq!(code(Trainer::new(&start, &data, wrong)), "invalid-argument");
    assert!(Trainer::new(&start, &data, Object::new().into()).is_ok());
}

/// In pieces what `logLikelihood` says of as many draws, and the bounds of annealed chains on their sides.
#[wasm_bindgen_test]
fn estimators_stream() {
    let model = model(2);
    let image = binary(&digits(1).1);
    let options = |rest: &str| object(&format!(r#"{{"seed": 3, {rest}}}"#));
    let stream = |rest: &str| EstimatorStream::new(&model, &image, options(rest)).unwrap();
    let mut importance = stream(r#""estimator": "importance""#);
    importance.advance(10.0).unwrap();
    let found = importance.advance(30.0).unwrap();
    assert_eq!(importance.decoder_evaluations(), 40.0);
    let whole = model
        .log_likelihood(
            &image,
            options(r#""estimator": "importance", "samples": 40"#),
        )
        .unwrap();
    let [piecewise, at_once] = [&found, &whole].map(|value| number(value, "logLikelihood"));
    assert!((piecewise - at_once).abs() < 1e-3, "{piecewise} {at_once}");
    let exact = model
        .log_likelihood(&image, options(r#""estimator": "quadrature""#))
        .unwrap();
    let exact = number(&exact, "logLikelihood");
    for (estimator, side) in [
        ("iwae", -1.0),
        ("annealed", -1.0),
        ("reverse-annealed", 1.0),
    ] {
        let rest = format!(r#""estimator": "{estimator}", "k": 4, "temperatures": 5"#);
        let mut stream = stream(&rest);
        if estimator != "iwae" {
            assert!(stream.advance(5.0).unwrap().is_undefined());
        }
        let found = stream.advance(50.0).unwrap();
        let beyond = side * (exact - number(&found, "logLikelihood"));
        let error = 5.0 * number(&found, "standardError");
        assert!(beyond < error + 0.01, "{estimator}: {beyond} {error}");
        assert_eq!(
            stream.starts_at_posterior(),
            estimator == "reverse-annealed"
        );
    }
    for bad in [
        r#""estimator": "grid""#,
        r#""estimator": "iwae", "k": 0"#,
        r#""estimator": "annealed", "leapfrogs": 0.5"#,
        r#""estimator": "naive", "samples": 4"#,
    ] {
        let refused = EstimatorStream::new(&model, &image, options(bad));
        assert_eq!(code(refused), "invalid-argument", "{bad}");
    }
    let naive = options(r#""estimator": "naive""#);
    assert_eq!(
        code(EstimatorStream::new(&model, &[0.5; 3], naive)),
        "shape"
    );
    assert_eq!(code(importance.advance(0.0)), "invalid-argument");
}
