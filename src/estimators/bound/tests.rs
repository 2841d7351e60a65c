use serde_json::json;

use super::*;
use crate::distributions::bernoulli;
use crate::models::{self, ModelSpec};
use crate::objectives::{ElboOptions, Objective};

/// Several draws in one block give the same as one draw after another.
#[test]
fn draws_at_once_are_draws_one_by_one() {
    let spec = json!({"model": "vae", "latents": 3, "hidden": [6]});
    let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 5).unwrap();
    let pixels = bernoulli::sample(&vec![0.3; 170 * PIXELS], &mut Rng::from_seed(1));
    let (images, draws) = (pixels.len() / PIXELS, 5);
    let together = elbo(model.as_ref(), &pixels, draws, 9).unwrap();

    let mut rng = Rng::from_seed(9).split("elbo");
    let x = matrix(&pixels, PIXELS).unwrap();
    let mut sum = 0.0;
    for _ in 0..draws {
        let noise = matrix(&rng.normals(3 * images), 3).unwrap();
        let one = Objective::Elbo
            .sample(model.as_ref(), &x, None, &noise, ElboOptions::default())
            .unwrap();
        sum -= f64::from(one.loss.to_scalar::<f32>().unwrap());
    }
    let wanted = sum / draws as f64;
    assert!(
        (together.elbo - wanted).abs() < 1e-3,
        "{} {wanted}",
        together.elbo
    );
    assert!((together.reconstruction - together.kl - together.elbo).abs() < 1e-9);
}
/// With codes that can be listed no draw is made: the bound is the sum over them, and so never above log p(x).
#[test]
fn codes_of_few_values_are_summed_over() {
    let mixture = json!({"model": "bernoulli-mixture", "components": 4});
    let vae = json!({"model": "categorical-vae", "categories": 5, "hidden": [6]});
    for (spec, tight) in [(mixture, true), (vae, false)] {
        let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 5).unwrap();
        let mut rng = Rng::from_seed(2);
        // Away from the untrained start, where every code decodes to much the same.
        for (_, var) in model.parameters().iter() {
            let noise: Vec<f32> = rng.normals(var.elem_count());
            let noise = Tensor::from_vec(noise, var.shape(), var.device()).unwrap();
            var.set(&(var.as_tensor() + noise.affine(0.3, 0.0).unwrap()).unwrap())
                .unwrap();
        }
        let pixels: Vec<f32> = (0..3 * PIXELS).map(|_| rng.uniform().round()).collect();
        let found = elbo(model.as_ref(), &pixels, 1, 1).unwrap();
        assert_eq!(found, elbo(model.as_ref(), &pixels, 3, 2).unwrap());
        assert_eq!(found.standard_error, Some(0.0));
        let x = matrix(&pixels, PIXELS).unwrap();
        let exact = model.exact_log_likelihood(&x).unwrap().unwrap();
        let exact = exact.iter().sum::<f64>() / 3.0;
        assert!(found.elbo < exact + 1e-3, "{} {exact}", found.elbo);
        // A mixture's q is its posterior.
        assert_eq!(found.elbo > exact - 1e-3, tight, "{} {exact}", found.elbo);
        // And it is what many draws come to.
        let (values, q) = (model.values().unwrap().unwrap(), model.encode(&x).unwrap());
        let mut drawn = 0.0;
        for _ in 0..2_000 {
            let noise = matrix(
                &rng.normals(3 * values.dim(0).unwrap()),
                values.dim(1).unwrap(),
            );
            let z = q.draw(&noise.unwrap()).unwrap().z;
            let fit = model
                .log_likelihood(&x, &model.decode(&z).unwrap())
                .unwrap();
            drawn += flat_values(&fit)
                .unwrap()
                .iter()
                .map(|fit| f64::from(*fit))
                .sum::<f64>();
        }
        let drawn = drawn / 6_000.0;
        assert!(
            (found.reconstruction - drawn).abs() < 0.5,
            "{} {drawn}",
            found.reconstruction
        );
    }
}

/// Over many seeds, the bound of one image strays as far as its standard error says.
#[test]
fn the_standard_error_is_the_spread_over_seeds() {
    let spec = json!({"model": "vae", "latents": 3, "hidden": [6]});
    let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 5).unwrap();
    for (_, var) in model.parameters().iter() {
        var.set(&(var.as_tensor() * 3.0).unwrap()).unwrap();
    }
    let pixels = bernoulli::sample(&vec![0.3; 2 * PIXELS], &mut Rng::from_seed(1));
    let found: Vec<ElboEstimate> = (0..400)
        .map(|seed| elbo(model.as_ref(), &pixels, 20, seed).unwrap())
        .collect();
    let n = found.len() as f64;
    let mean = found.iter().map(|one| one.elbo).sum::<f64>() / n;
    let variance = found
        .iter()
        .map(|one| (one.elbo - mean).powi(2))
        .sum::<f64>()
        / (n - 1.0);
    let stated = found.iter().map(|one| one.standard_error.unwrap().powi(2));
    let ratio = stated.sum::<f64>() / n / variance;
    assert!((0.8..1.25).contains(&ratio), "{ratio}");
    let single = elbo(model.as_ref(), &pixels, 1, 0).unwrap();
    assert_eq!(single.standard_error, None);
}
