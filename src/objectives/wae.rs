//! The Wasserstein autoencoder with a maximum mean discrepancy (Tolstikhin et al. 2018): codes of all images together
//! are pulled to the prior, not those of each.

use candle_core::Tensor;

use super::elbo::{ElboOptions, divergence};
use super::{Bound, draws};
use crate::models::{Model, required_prior};
use crate::priors::Kind;
use crate::{Error, Result};

/// Scales of the kernel.
const SCALES: [f64; 7] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// One sample of -E_q log p(x|z) + mmd_weight MMD^2(q(z), p(z)), the squared discrepancy estimated without bias from the
/// draws of z and as many of the prior. `kl` is that of the evidence lower bound, which is not trained here.
///
/// # Shapes
///
/// x `[B, D]`; noise `[2 k B, K]`, standard normal: k draws of z for each image, then as many draws of the prior.
///
/// # Errors
///
/// [`Error::Unsupported`] unless the prior is a unit normal; [`Error::Shape`] for fewer than two draws in all;
/// [`Error::Tensor`] when shapes do not fit the model.
pub fn sample(
    model: &dyn Model,
    x: &Tensor,
    noise: &Tensor,
    options: ElboOptions,
) -> Result<Bound> {
    if required_prior(model)?.kind() != Kind::UnitNormal {
        return Err(Error::Unsupported(
            "the objective \"wae\" compares codes with a unit normal; this model has another prior"
                .to_owned(),
        ));
    }
    let rows = noise.dim(0)? / 2;
    if rows < 2 {
        return Err(Error::shape(
            "a discrepancy of codes needs at least two of them",
        ));
    }
    let (noise, of_prior) = (noise.narrow(0, 0, rows)?, noise.narrow(0, rows, rows)?);
    let draws = draws(x, &noise)?;
    let q = model.encode(x)?;
    let (z, kl) = divergence(model, q.as_ref(), draws, &noise.contiguous()?)?;
    let x = x.repeat((draws, 1))?;
    let reconstruction = model.log_likelihood(&x, &model.decode(&z)?)?.mean_all()?;
    let distance = squared_mmd(&z, &of_prior)?;
    Ok(Bound {
        loss: (distance.affine(options.mmd_weight, 0.0)? - &reconstruction)?,
        reconstruction,
        kl,
    })
}

/// The unbiased estimate of the squared maximum mean discrepancy of two sets of as many codes, with its gradient; the
/// kernel is that of [`crate::latent::squared_mmd`].
fn squared_mmd(first: &Tensor, second: &Tensor) -> Result<Tensor> {
    let rows = first.dim(0)? as f64;
    let pairs = rows * (rows - 1.0);
    // A row is as near to itself as can be: each scale gives 1.
    let selves = rows * SCALES.len() as f64;
    let within =
        |z: &Tensor| -> Result<Tensor> { Ok(total(z, z)?.affine(1.0 / pairs, -selves / pairs)?) };
    let across = total(first, second)?.affine(-2.0 / (rows * rows), 0.0)?;
    Ok(((within(first)? + within(second)?)? + across)?)
}

/// The sum of the kernel over all pairs of rows: sum_s C_s / (C_s + |a - b|^2), C_s = 2 K s.
fn total(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let latents = a.dim(1)? as f64;
    let squares = a
        .unsqueeze(1)?
        .broadcast_sub(&b.unsqueeze(0)?)?
        .sqr()?
        .sum(2)?;
    let mut sum: Option<Tensor> = None;
    for scale in SCALES {
        let c = 2.0 * latents * scale;
        let part = squares.affine(1.0 / c, 1.0)?.recip()?.sum_all()?;
        sum = Some(match sum {
            None => part,
            Some(sum) => (sum + part)?,
        });
    }
    sum.ok_or_else(|| Error::shape("a kernel needs a scale"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::latent;
    use crate::models::{self, ModelSpec};
    use crate::nn::gradient_check;
    use crate::nn::tensors::{flat_values, matrix};
    use crate::{PIXELS, Rng};

    #[test]
    fn the_discrepancy_is_that_of_the_figures() {
        let mut rng = Rng::from_seed(3);
        let first: Vec<f32> = rng.normals(60).iter().map(|v| 0.5 * v + 1.0).collect();
        let second = rng.normals(60);
        let wanted = latent::squared_mmd(&first, &second, 3).unwrap();
        let found = squared_mmd(&matrix(&first, 3).unwrap(), &matrix(&second, 3).unwrap());
        let found = f64::from(flat_values(&found.unwrap()).unwrap()[0]);
        assert!((found - wanted).abs() < 1e-5, "{found} {wanted}");
    }

    #[test]
    fn gradients_match_finite_differences_and_other_priors_are_refused() {
        let spec = |prior| json!({"model": "vae", "latents": 2, "hidden": [5], "activation": "tanh", "prior": prior});
        let build = |prior| models::build(&ModelSpec::from_json(&spec(prior)).unwrap(), 5).unwrap();
        let model = build("normal");
        let mut rng = Rng::from_seed(1);
        let pixels: Vec<f32> = (0..4 * PIXELS).map(|_| rng.uniform().round()).collect();
        let x = matrix(&pixels, PIXELS).unwrap();
        let noise = matrix(&rng.normals(2 * 8 * 2), 2).unwrap();
        // So heavy that its gradient is not lost in the likelihood's.
        let options = ElboOptions {
            mmd_weight: 300.0,
            ..ElboOptions::default()
        };
        gradient_check::along_gradients(model.parameters().iter(), 1e-2, || {
            sample(model.as_ref(), &x, &noise, options).unwrap().loss
        });
        let refused = sample(build("mixture").as_ref(), &x, &noise, options);
        assert_eq!(refused.unwrap_err().code(), "unsupported");
    }
}
