//! Values and gradients against definitions, and in expectation.

use candle_core::Device;
use serde_json::json;

use super::*;
use crate::distributions::bernoulli;
use crate::models::linear_gaussian::LinearGaussian;
use crate::models::{self, ModelSpec};
use crate::nn::gradient_check;
use crate::nn::tensors::flat_values;
use crate::objectives::{ElboOptions, Objective, elbo};
use crate::{PIXELS, Rng};

const IMAGES: usize = 4;
const LATENTS: usize = 2;

fn setup() -> (Box<dyn Model>, Tensor) {
    setup_with(&json!({}))
}

fn setup_with(options: &serde_json::Value) -> (Box<dyn Model>, Tensor) {
    let mut spec = json!({"model": "vae", "latents": LATENTS, "hidden": [6], "activation": "tanh"});
    for (name, value) in options.as_object().unwrap() {
        spec[name] = value.clone();
    }
    let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 5).unwrap();
    let x = bernoulli::sample(&vec![0.3; IMAGES * PIXELS], &mut Rng::from_seed(1));
    (
        model,
        Tensor::from_vec(x, (IMAGES, PIXELS), &Device::Cpu).unwrap(),
    )
}

/// Away from the untrained start, where q is the prior and every bound is the same.
fn sharpen(model: &dyn Model, encoder: f64, decoder: f64) {
    let weights = model.parameters().iter();
    for (name, var) in weights.filter(|(name, _)| name.ends_with("weight")) {
        let scale = if name.contains("decoder") {
            decoder
        } else {
            encoder
        };
        var.set(&(var.as_tensor() * scale).unwrap()).unwrap();
    }
}

fn noise(rng: &mut Rng, draws: usize) -> Tensor {
    let rows = IMAGES * draws;
    Tensor::from_vec(rng.normals(rows * LATENTS), (rows, LATENTS), &Device::Cpu).unwrap()
}

fn scalar(tensor: &Tensor) -> f64 {
    f64::from(tensor.to_scalar::<f32>().unwrap())
}

const PLAIN: EncoderGradient = EncoderGradient::Plain;
const DREG: EncoderGradient = EncoderGradient::DoublyReparameterised;

#[test]
fn the_value_is_the_definition_in_f64() {
    let (model, x) = setup();
    let draws = 5;
    let noise = noise(&mut Rng::from_seed(2), draws);
    let rows = |tensor: &Tensor| tensor.to_vec2::<f32>().unwrap();
    let q = model.encode(&x).unwrap().moments().unwrap();
    let z = q.repeat(draws).unwrap().reparameterise(&noise).unwrap();
    let (mean, log_var, z_rows) = (rows(&q.mean), rows(&q.log_var), rows(&z));
    let (pixels, logits) = (rows(&x), rows(&model.decode(&z).unwrap()));
    let log_weight = |row: usize| -> f64 {
        let image = row % IMAGES;
        let likelihood: f64 = (pixels[image].iter().zip(&logits[row]))
            .map(|(x, l)| {
                let l = f64::from(*l);
                f64::from(*x) * l - l.max(0.0) - (-l.abs()).exp().ln_1p()
            })
            .sum();
        let ratio: f64 = (0..LATENTS)
            .map(|k| {
                let z = f64::from(z_rows[row][k]);
                let log_var = f64::from(log_var[image][k]);
                let square = (z - f64::from(mean[image][k])).powi(2) / log_var.exp();
                0.5 * (square + log_var - z * z)
            })
            .sum();
        likelihood + ratio
    };
    let wanted: f64 = (0..IMAGES)
        .map(|image| {
            let weights: Vec<f64> = (0..draws).map(|i| log_weight(i * IMAGES + image)).collect();
            crate::math::logsumexp(&weights) - (draws as f64).ln()
        })
        .sum::<f64>()
        / IMAGES as f64;
    for gradient in [PLAIN, DREG] {
        let bound = sample(model.as_ref(), &x, &noise, gradient, 1.0).unwrap();
        assert!((scalar(&bound.loss) + wanted).abs() < 2e-3, "{gradient:?}");
    }
    assert!(
        sample(
            model.as_ref(),
            &x,
            &noise.narrow(0, 0, 7).unwrap(),
            PLAIN,
            1.0
        )
        .is_err()
    );
}

/// The means of 400 seeds lie within five standard errors; one false alarm in a million.
#[test]
fn one_draw_is_the_evidence_lower_bound_and_more_are_tighter() {
    let (model, x) = setup();
    sharpen(model.as_ref(), 3.0, 8.0);
    let seeds = 400;
    let means = |draws: usize| -> (f64, f64) {
        let values: Vec<f64> = (0..seeds)
            .map(|seed| {
                let noise = noise(&mut Rng::from_seed(seed), draws);
                -scalar(&sample(model.as_ref(), &x, &noise, PLAIN, 1.0).unwrap().loss)
            })
            .collect();
        let mean = values.iter().sum::<f64>() / seeds as f64;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        (
            mean,
            (variance / (seeds as f64 - 1.0) / seeds as f64).sqrt(),
        )
    };
    let elbo: f64 = (0..seeds)
        .map(|seed| {
            let noise = noise(&mut Rng::from_seed(seed), 1);
            let bound = elbo::sample(model.as_ref(), &x, &noise, ElboOptions::default());
            -scalar(&bound.unwrap().loss)
        })
        .sum::<f64>()
        / seeds as f64;
    let [one, five, fifty] = [1, 5, 50].map(means);
    assert!((one.0 - elbo).abs() < 5.0 * one.1, "{one:?} {elbo}");
    assert!(five.0 > one.0 + 5.0 * (five.1 + one.1), "{five:?} {one:?}");
    assert!(
        fifty.0 > five.0 + 5.0 * (fifty.1 + five.1),
        "{fifty:?} {five:?}"
    );
}

#[test]
fn the_plain_gradient_matches_finite_differences() {
    let (model, x) = setup();
    let noise = noise(&mut Rng::from_seed(3), 6);
    gradient_check::along_gradients(model.parameters().iter(), 2e-2, || {
        let bound = sample(model.as_ref(), &x, &noise, PLAIN, 1.0);
        bound.unwrap().loss
    });
}

/// The mean difference of the encoder's two gradients along where it is largest, its standard error, and the size
/// of the plain one. The first half of the seeds says where to look, the second half is looked at.
fn disagreement(model: &dyn Model, x: &Tensor, options: ElboOptions) -> [f64; 3] {
    let seeds = 1200;
    let of = |name: &str, noise: &Tensor| {
        let objective = Objective::parse(name).unwrap();
        let bound = objective.sample(model, x, None, noise, options).unwrap();
        let store = bound.loss.backward().unwrap();
        let encoder = model
            .parameters()
            .iter()
            .filter(|(name, _)| name.starts_with("encoder"));
        let gradients = encoder.map(|(_, var)| {
            flat_values(store.get(var).unwrap())
                .unwrap()
                .into_iter()
                .map(f64::from)
        });
        gradients.flatten().collect::<Vec<f64>>()
    };
    let pairs: Vec<[Vec<f64>; 2]> = (0..seeds)
        .map(|seed| {
            let noise = noise(&mut Rng::from_seed(seed), 4);
            ["iwae", "dreg"].map(|name| of(name, &noise))
        })
        .collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mean = |rows: &mut dyn Iterator<Item = Vec<f64>>| {
        let mut sum = vec![0f64; pairs[0][0].len()];
        let mut count = 0.0;
        for row in rows {
            sum.iter_mut().zip(row).for_each(|(sum, v)| *sum += v);
            count += 1.0;
        }
        sum.iter_mut().for_each(|sum| *sum /= count);
        sum
    };
    let difference = |[plain, dreg]: &[Vec<f64>; 2]| {
        plain
            .iter()
            .zip(dreg)
            .map(|(a, b)| a - b)
            .collect::<Vec<f64>>()
    };
    let (first, second) = pairs.split_at(seeds as usize / 2);
    let direction = mean(&mut first.iter().map(difference));
    // At beta 0 they are one and the same.
    let length = dot(&direction, &direction).sqrt().max(f64::MIN_POSITIVE);
    let along: Vec<f64> = second
        .iter()
        .map(|pair| dot(&difference(pair), &direction) / length)
        .collect();
    let count = along.len() as f64;
    let centre = along.iter().sum::<f64>() / count;
    let variance = along.iter().map(|v| (v - centre).powi(2)).sum::<f64>() / (count - 1.0);
    let plain = mean(&mut pairs.iter().map(|pair| pair[0].clone()));
    [
        centre,
        (variance / count).sqrt(),
        dot(&plain, &plain).sqrt(),
    ]
}

/// Under every weight of the divergence, in a warm-up and with a posterior and a prior that are no plain Gaussians:
/// within five standard errors, one false alarm in 200,000 runs, where a fifth of the gradient would be seen.
#[test]
fn both_gradients_of_the_encoder_agree_in_expectation() {
    let beta = |beta| ElboOptions {
        beta,
        ..ElboOptions::default()
    };
    // A warm-up to 2, after three of its eight steps.
    let warming = 2.0 * 3.0 / 8.0;
    let cases = [
        (json!({}), beta(0.0)),
        (json!({}), beta(0.5)),
        (json!({}), beta(1.0)),
        (json!({}), beta(2.0)),
        (json!({}), beta(warming)),
        (json!({"posterior": "full"}), beta(2.0)),
        (json!({"prior": "vamp", "priorComponents": 3}), beta(0.5)),
    ];
    for (options, weights) in cases {
        let (model, x) = setup_with(&options);
        sharpen(model.as_ref(), 1.0, 2.0);
        let [mean, error, size] = disagreement(model.as_ref(), &x, weights);
        let beta = weights.beta;
        assert!(
            mean.abs() <= 5.0 * error,
            "{options} {beta}: {mean} +- {error}"
        );
        assert!(
            5.0 * error < size / 5.0,
            "{options} {beta}: {error} of {size}"
        );
    }
}

#[test]
fn the_exact_posterior_has_a_bound_and_a_gradient_without_noise() {
    let model = LinearGaussian::new(LATENTS);
    let values = [0.3f32, -1.2, 2.0, 0.7, -0.4, 1.1, 0.0, -2.5];
    let x = Tensor::from_slice(&values, (IMAGES, LATENTS), &Device::Cpu).unwrap();
    let rows = values.chunks(LATENTS);
    let exact = rows.map(LinearGaussian::log_likelihood_of).sum::<f64>() / IMAGES as f64;
    for (seed, draws) in [(1, 1), (2, 3), (3, 20)] {
        let noise = noise(&mut Rng::from_seed(seed), draws);
        for kind in [PLAIN, DREG] {
            let bound = sample(&model, &x, &noise, kind, 1.0).unwrap();
            assert!(
                (scalar(&bound.loss) + exact).abs() < 1e-5,
                "{kind:?} {draws}"
            );
            let store = bound.loss.backward().unwrap();
            let slope = scalar(&store.get(&model.mean_slope).unwrap().sum_all().unwrap());
            if kind == DREG {
                assert!(slope.abs() < 1e-5, "{slope}");
            }
        }
    }
}
