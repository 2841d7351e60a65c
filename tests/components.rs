//! Models of every prior, posterior and likelihood: they train, they are kept, and a linear one reaches its closed form.
#![cfg(not(target_arch = "wasm32"))]

use std::rc::Rc;

use candle_core::{Device, Tensor};
use latent_canvas::checkpoint;
use latent_canvas::data::Dataset;
use latent_canvas::estimators::bound;
use latent_canvas::models::{self, Model, ModelSpec, inference};
use latent_canvas::nn::optimiser::{self, Moments, Optimiser};
use latent_canvas::nn::{Gradients, Parameters};
use latent_canvas::objectives::{ElboOptions, EncoderGradient, Objective};
use latent_canvas::train::{TrainOptions, Trainer};
use latent_canvas::{PIXELS, Rng};
use serde_json::{Value, json};

fn spec(options: &Value) -> latent_canvas::Result<ModelSpec> {
    let mut all = json!({"model": "vae", "latents": 3, "hidden": [12]});
    let (all, given) = (all.as_object_mut().unwrap(), options.as_object().unwrap());
    all.extend(given.clone());
    if given.contains_key("prior") {
        all.insert("priorComponents".to_owned(), 8.into());
    }
    ModelSpec::from_json(&Value::Object(all.clone()))
}

/// Some steps on digits raise the bound; the trained model survives its file, and can be asked for all that the
/// family can.
#[test]
fn every_component_trains_and_is_kept() {
    let data = Rc::new(Dataset::strokes(60, 1).unwrap());
    let pixels = data.images(0, 5).unwrap();
    for options in [
        json!({"prior": "mixture"}),
        json!({"prior": "vamp"}),
        json!({"posterior": "full"}),
        json!({"posterior": "iaf"}),
        json!({"posterior": "planar", "flowSteps": 3}),
        json!({"posterior": "iaf", "prior": "mixture", "latents": 1}),
        json!({"likelihood": "continuous-bernoulli"}),
        json!({"likelihood": "gaussian-fixed", "standardDeviation": 0.5}),
        json!({"likelihood": "gaussian-scalar"}),
        json!({"likelihood": "gaussian-pixel", "posterior": "full", "prior": "mixture"}),
        json!({"likelihood": "gaussian-decoder"}),
        json!({"hidden": []}),
    ] {
        let model = models::build(&spec(&options).unwrap(), 1).unwrap();
        let training = json!({"batchSize": 20, "binarization": "grey", "learningRate": 3e-3});
        let training = TrainOptions::from_json(&training).unwrap();
        let mut trainer = Trainer::new(model.as_ref(), Rc::clone(&data), training).unwrap();
        let first = trainer.step(3).unwrap();
        trainer.step(150).unwrap();
        let last = trainer.step(10).unwrap();
        assert!(
            last.elbo > first.elbo + 1.0,
            "{options}: {first:?} {last:?}"
        );
        assert!(!last.recovered);

        let trained = trainer.model();
        let bytes = checkpoint::save(trained, None, checkpoint::Precision::Full).unwrap();
        let loaded = checkpoint::load(&bytes).unwrap().model;
        let answers = |model: &dyn Model| {
            let samples = inference::sample(model, 4, 0.7, 2).unwrap();
            let codes = inference::encode(model, &pixels).unwrap();
            (samples, codes, bound::elbo(model, &pixels, 3, 1).unwrap())
        };
        assert_eq!(answers(trained), answers(loaded.as_ref()), "{options}");
    }
}

#[test]
fn a_vamp_prior_needs_a_density_of_the_encoder() {
    for posterior in ["full", "iaf", "planar"] {
        let spec = spec(&json!({"prior": "vamp", "posterior": posterior})).unwrap();
        let error = models::build(&spec, 1).unwrap_err();
        assert_eq!(error.code(), "invalid-argument");
    }
}

/// Twenty rows of two factors and noise of deviation 0.3, `[20, 784]`: so few that no step is shared between threads.
fn rows_of_two_factors() -> Vec<f32> {
    let mut rng = Rng::from_seed(1);
    let mean: Vec<f32> = rng.normals(PIXELS).iter().map(|v| 0.3 * v).collect();
    let loadings = [(); 2].map(|()| rng.normals(PIXELS));
    let mut rows = Vec::new();
    for _ in 0..20 {
        let (first, second) = (0.16 * rng.normal(), 0.1 * rng.normal());
        for pixel in 0..PIXELS {
            let signal = first * loadings[0][pixel] + second * loadings[1][pixel];
            rows.push(mean[pixel] + signal + 0.3 * rng.normal());
        }
    }
    rows
}

/// The largest log-likelihood of probabilistic PCA with so many factors, mean over the rows, nats (Tipping & Bishop
/// 1999): -1/2 [D ln 2 pi + sum_{j <= K} ln lambda_j + (D - K) ln sigma^2 + D], sigma^2 the mean of the other eigenvalues of
/// the covariance. The largest ones are those of the matrix of inner products, by power iteration.
fn closed_form(rows: &[f32], factors: usize) -> f64 {
    let count = rows.len() / PIXELS;
    let mean = |pixel: usize| {
        let column = rows.iter().skip(pixel).step_by(PIXELS);
        column.map(|v| f64::from(*v)).sum::<f64>() / count as f64
    };
    let means: Vec<f64> = (0..PIXELS).map(mean).collect();
    let centred: Vec<Vec<f64>> = rows
        .chunks(PIXELS)
        .map(|row| {
            row.iter()
                .zip(&means)
                .map(|(v, m)| f64::from(*v) - m)
                .collect()
        })
        .collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut products: Vec<Vec<f64>> = centred
        .iter()
        .map(|a| centred.iter().map(|b| dot(a, b) / count as f64).collect())
        .collect();
    let mut rest: f64 = (0..count).map(|i| products[i][i]).sum();
    let mut logs = 0.0;
    for _ in 0..factors {
        let mut v: Vec<f64> = (0..count).map(|i| 1.0 + (i as f64).sin()).collect();
        let mut eigenvalue = 0.0;
        for _ in 0..500 {
            v = products.iter().map(|row| dot(row, &v)).collect();
            eigenvalue = dot(&v, &v).sqrt();
            v.iter_mut().for_each(|v| *v /= eigenvalue);
        }
        for (row, a) in products.iter_mut().zip(&v) {
            row.iter_mut()
                .zip(&v)
                .for_each(|(p, b)| *p -= eigenvalue * a * b);
        }
        logs += eigenvalue.ln();
        rest -= eigenvalue;
    }
    let (d, others) = (PIXELS as f64, (PIXELS - factors) as f64);
    let noise = others * (rest / others).ln();
    -0.5 * (d * (2.0 * std::f64::consts::PI).ln() + logs + noise + d)
}

fn train(model: &dyn Model, x: &Tensor, steps: u64) {
    let parameters: &Parameters = model.parameters();
    let mut moments = Moments::zeros(parameters);
    let mut rng = Rng::from_seed(2);
    for step in 0..steps {
        let noise = rng.normals(2 * x.dim(0).unwrap());
        let noise = Tensor::from_vec(noise, (x.dim(0).unwrap(), 2), &Device::Cpu).unwrap();
        let options = ElboOptions::default();
        let bound = Objective::Elbo
            .sample(model, x, None, &noise, options)
            .unwrap();
        let _guard = parameters.gradients(Gradients::Kept).unwrap();
        let gradients = bound.loss.backward().unwrap();
        let rate = 2e-2 * 5e-4f64.powf(step as f64 / steps as f64);
        let rule = Optimiser::Adam.at(rate, step + 1);
        optimiser::update(parameters, &gradients, &mut moments, rule).unwrap();
    }
}

/// With linear layers and Gaussian pixels the model is probabilistic PCA, its posterior a Gaussian with a covariance that
/// is diagonal at one rotation of the factors: the bound is tight (Lucas et al. 2019). A model of one factor
/// would be more than 20 nats below.
#[test]
fn a_linear_model_reaches_the_closed_form_of_probabilistic_pca() {
    let rows = rows_of_two_factors();
    let x = Tensor::from_slice(&rows, (20, PIXELS), &Device::Cpu).unwrap();
    let best = closed_form(&rows, 2);
    assert!(closed_form(&rows, 1) < best - 20.0);
    let options = json!({"latents": 2, "hidden": [], "likelihood": "gaussian-scalar"});
    let model = models::build(&spec(&options).unwrap(), 1).unwrap();
    train(model.as_ref(), &x, 4000);
    let noise = Tensor::from_vec(Rng::from_seed(3).normals(40), (20, 2), &Device::Cpu).unwrap();
    // Of one draw: its log q is the draw's own, so that a tight bound has no noise.
    let objective = Objective::Iwae(EncoderGradient::Plain);
    let bound = objective.sample(model.as_ref(), &x, None, &noise, ElboOptions::default());
    let elbo = -f64::from(bound.unwrap().loss.to_scalar::<f32>().unwrap());
    assert!((elbo - best).abs() < 0.05, "{elbo} of {best}");
}
