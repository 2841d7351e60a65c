//! log p(x) of two latents itself, without an encoder: a sum over codes that cover the whole prior. The generative
//! topographic mapping (Bishop et al. 1998) is its ancestor; here the codes move a little at every step.

use std::f64::consts::TAU;
use std::ops::Range;

use candle_core::Tensor;

use super::coupled::{Charge, Made};
use crate::distributions::DiagonalGaussian;
use crate::math::LN_TWO_PI;
use crate::models::{Model, enumeration, required_prior};
use crate::nn::fused::affine;
use crate::nn::fused::logsumexp::logsumexp;
use crate::nn::tensors::{flat_values, matrix};
use crate::priors::Kind;
use crate::{Error, Result};

/// Rings round the origin and sectors of each: cells about as wide as long where most of the prior lies.
const RINGS: usize = 16;
const SECTORS: usize = 64;
/// Codes in all.
pub const CODES: usize = RINGS * SECTORS;

/// The codes of one sample of log p(x) = log mean_g p(x|z_g), g over [`CODES`] cells of equal prior probability with a
/// draw in each, from the cell of number `first` on. The mean is right on average, and so its logarithm a little low.
///
/// # Shapes
///
/// noise `[G, 2]`, standard normal. Held are the codes `[G, 2]`, what they are decoded to `[G, D]`, and log p(0|z) `[G, 1]`.
///
/// # Errors
///
/// [`Error::Unsupported`] unless there are two latents with a unit normal prior and pixels that are black or white;
/// [`Error::Tensor`] when shapes do not fit the model.
pub(super) fn made(model: &dyn Model, noise: &Tensor, first: usize) -> Result<Made> {
    if model.latents() != 2 || required_prior(model)?.kind() != Kind::UnitNormal {
        return Err(Error::Unsupported(
            "the objective \"exact\" sums over the plane of two latents with a unit normal prior; this model has other \
             latents or another prior"
                .to_owned(),
        ));
    }
    let codes = matrix(&stratified(&flat_values(noise)?, first), 2)?;
    let (decoded, without_ink) = enumeration::decoded(model, &codes)?;
    Ok(Made {
        held: vec![codes, decoded, without_ink.unsqueeze(1)?],
        reconstruction: None,
    })
}

/// The share of some images in -log p(x), with what the encoder learns beside it. The gradient towards the decoder is that
/// of each code weighed by its posterior p(z_g|x): no q takes part. The encoder learns the posterior's mean and variance,
/// which changes nothing of the decoder; it is there for those who want a code.
///
/// The parts are exact on these codes: E_{p(z|x)} log p(x|z) and KL(p(z|x) || p(z)).
///
/// # Shapes
///
/// x `[B, D]`; what is held as [`made`] says, of all codes.
///
/// # Errors
///
/// [`Error::Unsupported`] unless the encoder gives mean and variance; [`Error::Tensor`] when shapes do not fit the model.
pub(super) fn charge(
    model: &dyn Model,
    x: &Tensor,
    held: &[Tensor],
    rows: Range<usize>,
) -> Result<Charge> {
    let [codes, decoded, without_ink] = held else {
        return Err(Error::shape(
            "log p(x) is summed over codes and what they are decoded to",
        ));
    };
    let images = x.dim(0)? as f64;
    let x = x.narrow(0, rows.start, rows.len())?;
    let given = affine::computed(&x, decoded, &without_ink.squeeze(1)?)?;
    let sums = logsumexp(&given)?;
    let log_weights = given.detach().broadcast_sub(&sums.detach().unsqueeze(1)?)?;
    let weights = log_weights.exp()?;
    let share =
        |terms: Tensor| -> Result<Tensor> { Ok(terms.sum_all()?.affine(1.0 / images, 0.0)?) };
    let log_codes = (CODES as f64).ln();
    let reconstruction = share((&weights * given.detach())?)?;
    let log_evidence = share((sums - log_codes)?)?;
    // Not as the difference of the two, which in f32 would lose what is left of them.
    let kl = share(((&weights * log_weights)?.sum(1)? + log_codes)?)?;
    let q = model.encode(&x)?;
    let q = q.diagonal().ok_or_else(|| {
        Error::Unsupported(
            "the objective \"exact\" fits the mean and variance of the posterior; choose a posterior of independent \
             Gaussians"
                .to_owned(),
        )
    })?;
    let surprise = share(surprise(q, &codes.detach(), &weights)?)?;
    Ok(Charge {
        kl,
        reconstruction: Some(reconstruction),
        loss: (surprise - log_evidence)?,
    })
}

/// E_{p(z|x)}[-log q(z|x)] of each image and latent, `[B, 2]`: least where q has the posterior's mean and variance.
fn surprise(q: &DiagonalGaussian, codes: &Tensor, weights: &Tensor) -> Result<Tensor> {
    let codes = codes.t()?.contiguous()?;
    let nothing = codes.narrow(1, 0, 1)?.flatten_all()?.zeros_like()?;
    let first = affine::computed(weights, &codes, &nothing)?;
    let second = affine::computed(weights, &codes.sqr()?, &nothing)?;
    // E (z - q's mean)^2 by the posterior's own mean and variance; rounding may leave a variance of 0 a little below it.
    let spread = (second - first.sqr()?)?.abs()?;
    let squares = (spread + (&q.mean - first)?.sqr()?)?;
    let terms = ((squares * q.log_var.neg()?.exp()?)? + &q.log_var)?;
    Ok(terms.affine(0.5, f64::from(0.5 * LN_TWO_PI))?)
}

/// A draw of the unit normal in each cell: the radius and the angle of a pair of normal numbers are uniform after
/// their distribution functions, and each is brought into its part of [0, 1]. The first pair is for cell `first`.
fn stratified(noise: &[f32], first: usize) -> Vec<f32> {
    let pairs = noise.chunks_exact(2).enumerate();
    pairs
        .flat_map(|(at, pair)| {
            let cell = first + at;
            let (a, b) = (f64::from(pair[0]), f64::from(pair[1]));
            let beyond = (-0.5 * (a * a + b * b)).exp();
            let turn = b.atan2(a) / TAU + 0.5;
            let (ring, sector) = (cell / SECTORS % RINGS, cell % SECTORS);
            // Probability of a larger radius: never 0, for the smallest number has a logarithm.
            let beyond = ((ring as f64 + beyond) / RINGS as f64).max(1e-12);
            let angle = TAU * (sector as f64 + turn) / SECTORS as f64;
            let radius = (-2.0 * beyond.ln()).sqrt();
            [(radius * angle.cos()) as f32, (radius * angle.sin()) as f32]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::estimators::quadrature::Grid;
    use crate::models::{self, ModelSpec};
    use crate::nn::gradient_check;
    use crate::objectives::{Bound, Coupling, ElboOptions};
    use crate::{PIXELS, Rng};

    fn model(spec: serde_json::Value) -> Box<dyn Model> {
        models::build(&ModelSpec::from_json(&spec).unwrap(), 5).unwrap()
    }

    fn small() -> Box<dyn Model> {
        model(json!({"model": "vae", "latents": 2, "hidden": [6], "activation": "tanh"}))
    }

    fn images(count: usize) -> Vec<f32> {
        let mut rng = Rng::from_seed(1);
        (0..count * PIXELS).map(|_| rng.uniform().round()).collect()
    }

    fn noise(seed: u64) -> Tensor {
        matrix(&Rng::from_seed(seed).normals(2 * CODES), 2).unwrap()
    }

    fn whole(model: &dyn Model, x: &Tensor, noise: &Tensor) -> Result<Bound> {
        Coupling::Codes.sample(model, x, noise, ElboOptions::default())
    }

    fn scalar(tensor: &Tensor) -> f64 {
        f64::from(tensor.to_scalar::<f32>().unwrap())
    }

    /// One code in each cell of equal probability: each quadrant has a quarter of them, the share within a radius is
    /// that of the normal to one ring, and moments to a hundredth.
    #[test]
    fn codes_cover_the_prior_evenly() {
        let z = stratified(&Rng::from_seed(3).normals(2 * CODES), 0);
        let points: Vec<[f64; 2]> = z
            .chunks_exact(2)
            .map(|pair| [f64::from(pair[0]), f64::from(pair[1])])
            .collect();
        let share = |of: &dyn Fn(&[f64; 2]) -> bool| {
            points.iter().filter(|point| of(point)).count() as f64 / CODES as f64
        };
        assert_eq!(share(&|[x, y]| *x > 0.0 && *y > 0.0), 0.25);
        for radius in [0.5f64, 1.0, 2.0] {
            let wanted = 1.0 - (-0.5 * radius * radius).exp();
            let found = share(&|[x, y]| x.hypot(*y) < radius);
            assert!(
                (found - wanted).abs() <= 1.0 / RINGS as f64,
                "{radius}: {found}"
            );
        }
        let mean_square = points.iter().map(|[x, y]| x * x + y * y).sum::<f64>() / CODES as f64;
        assert!((mean_square - 2.0).abs() < 0.1, "{mean_square}");
    }

    /// Of posteriors that several cells cover, log p(x) to a twentieth of a nat; and never more than a little above.
    #[test]
    fn it_is_the_exact_log_likelihood() {
        let model = small();
        for (name, var) in model.parameters().iter() {
            let scale = if name.starts_with("decoder.") {
                1.5
            } else {
                1.0
            };
            var.set(&(var.as_tensor() * scale).unwrap()).unwrap();
        }
        let pixels = images(5);
        let grid = Grid::new(model.as_ref()).unwrap();
        let exact = pixels.chunks_exact(PIXELS).map(|pixels| {
            let posterior = grid.posterior(model.as_ref(), pixels).unwrap();
            posterior.estimate().log_likelihood
        });
        let exact = exact.sum::<f64>() / 5.0;
        let x = matrix(&pixels, PIXELS).unwrap();
        for seed in 1..=5 {
            let bound = whole(model.as_ref(), &x, &noise(seed)).unwrap();
            let found = scalar(&bound.reconstruction) - scalar(&bound.kl);
            assert!((found - exact).abs() < 0.05, "{found} {exact}");
            assert!(scalar(&bound.kl) > 0.01, "the posterior is not the prior");
        }
    }

    /// Towards the decoder the gradient is that of log p(x) alone, towards the encoder that of its fit to the posterior.
    #[test]
    fn gradients_match_finite_differences() {
        let model = small();
        let x = matrix(&images(4), PIXELS).unwrap();
        let noise = noise(2);
        let named = |prefix: &'static str| {
            let all = model.parameters().iter();
            all.filter(move |(name, _)| name.starts_with(prefix))
        };
        gradient_check::along_gradients(named("encoder."), 1e-2, || {
            whole(model.as_ref(), &x, &noise).unwrap().loss
        });
        let codes = matrix(&stratified(&flat_values(&noise).unwrap(), 0), 2).unwrap();
        let log_evidence = || {
            let (decoded, without_ink) = enumeration::decoded(model.as_ref(), &codes).unwrap();
            let given = affine::computed(&x, &decoded, &without_ink).unwrap();
            logsumexp(&given).unwrap().mean_all().unwrap()
        };
        gradient_check::along_gradients(named("decoder."), 1e-2, log_evidence);
        let whole = whole(model.as_ref(), &x, &noise).unwrap().loss;
        let (whole, alone) = (
            whole.backward().unwrap(),
            log_evidence().backward().unwrap(),
        );
        for (name, var) in named("decoder.") {
            let sum = (whole.get(var).unwrap() + alone.get(var).unwrap()).unwrap();
            let error = scalar(&sum.abs().unwrap().max_all().unwrap());
            assert!(error < 1e-4, "{name}: {error}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for spec in [
            json!({"model": "vae", "latents": 3, "hidden": [4]}),
            json!({"model": "vae", "latents": 2, "hidden": [4], "prior": "mixture"}),
            json!({"model": "vae", "latents": 2, "hidden": [4], "posterior": "full"}),
            json!({"model": "vae", "latents": 2, "hidden": [4], "likelihood": "gaussian-fixed"}),
            json!({"model": "ae", "latents": 2, "hidden": [4]}),
        ] {
            let x = matrix(&images(1), PIXELS).unwrap();
            let refused = whole(model(spec.clone()).as_ref(), &x, &noise(1));
            assert_eq!(refused.unwrap_err().code(), "unsupported", "{spec}");
        }
    }
}
