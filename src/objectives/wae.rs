//! The Wasserstein autoencoder with a maximum mean discrepancy (Tolstikhin et al. 2018): codes of all images together
//! are pulled to the prior, not those of each.

use std::ops::Range;

use candle_core::Tensor;

use super::coupled::{Charge, Extent, Made};
use super::elbo::{ElboOptions, divergence, reconstruction};
use super::{Images, draws};
use crate::models::{Model, required_prior};
use crate::nn::fused::kernel_sum::{SCALES, kernel_sum};
use crate::priors::Kind;
use crate::{Error, Result};

/// The codes of images for one sample of -E_q log p(x|z) + mmd_weight MMD^2(q(z), p(z)), the squared discrepancy estimated
/// without bias from the draws of z and as many of the prior.
///
/// # Shapes
///
/// x `[B, D]`; noise `[2 k B, K]`, standard normal: k draws of z for each image, then as many draws of the prior. Held are
/// the draws of z `[k B, K]`, those of the prior `[k B, K]` and the KL of each `[k B, 1]`.
///
/// # Errors
///
/// [`Error::Unsupported`] unless the prior is a unit normal; [`Error::Tensor`] when shapes do not fit the model.
pub(super) fn made(
    model: &dyn Model,
    images: Images<'_>,
    noise: &Tensor,
    extent: Extent,
) -> Result<Made> {
    if required_prior(model)?.kind() != Kind::UnitNormal {
        return Err(Error::Unsupported(
            "the objective \"wae\" compares codes with a unit normal; this model has another prior"
                .to_owned(),
        ));
    }
    let rows = noise.dim(0)? / 2;
    let (noise, of_prior) = (noise.narrow(0, 0, rows)?, noise.narrow(0, rows, rows)?);
    let draws = draws(images.x, &noise)?;
    let q = model.encode(images.seen)?;
    let (z, kl) = divergence(model, q.as_ref(), draws, &noise.contiguous()?)?;
    let kl = kl.repeat(rows / kl.dim(0)?)?.unsqueeze(1)?;
    Ok(Made {
        reconstruction: reconstruction(model, images.x, &z, extent)?,
        held: vec![z, of_prior, kl],
    })
}

/// mmd_weight times the share of some draws in MMD^2; shapes as [`made`] says. The KL is that of the evidence lower bound,
/// which is not trained here.
///
/// # Errors
///
/// [`Error::Shape`] for fewer than two draws in all.
pub(super) fn charge(held: &[Tensor], rows: Range<usize>, options: ElboOptions) -> Result<Charge> {
    let [z, of_prior, kl] = held else {
        return Err(Error::shape(
            "a discrepancy is of codes, the prior's draws and the KL",
        ));
    };
    let all = z.dim(0)? as f64;
    if all < 2.0 {
        return Err(Error::shape(
            "a discrepancy of codes needs at least two of them",
        ));
    }
    let kl = kl.narrow(0, rows.start, rows.len())?.sum_all()?;
    Ok(Charge {
        loss: squared_mmd(z, of_prior, rows)?.affine(options.mmd_weight, 0.0)?,
        kl: kl.affine(1.0 / all, 0.0)?,
        reconstruction: None,
    })
}

/// The share of these rows in the unbiased estimate of the squared maximum mean discrepancy of two sets of as many codes,
/// with its gradient; the kernel is that of [`crate::latent::squared_mmd`].
fn squared_mmd(first: &Tensor, second: &Tensor, rows: Range<usize>) -> Result<Tensor> {
    let all = first.dim(0)? as f64;
    let pairs = all * (all - 1.0);
    // A row is as near to itself as can be: each scale gives 1.
    let selves = (rows.len() * SCALES.len()) as f64;
    let of_rows = |z: &Tensor, others: &Tensor| -> Result<Tensor> {
        kernel_sum(&z.narrow(0, rows.start, rows.len())?, others)
    };
    let within =
        |z: &Tensor| -> Result<Tensor> { Ok(of_rows(z, z)?.affine(1.0 / pairs, -selves / pairs)?) };
    let across = of_rows(first, second)?.affine(-2.0 / (all * all), 0.0)?;
    Ok(((within(first)? + within(second)?)? + across)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::latent;
    use crate::models::{self, ModelSpec};
    use crate::nn::gradient_check;
    use crate::nn::tensors::{flat_values, matrix};
    use crate::objectives::Coupling;
    use crate::{PIXELS, Rng};

    #[test]
    fn the_discrepancy_is_that_of_the_figures() {
        let mut rng = Rng::from_seed(3);
        let first: Vec<f32> = rng.normals(60).iter().map(|v| 0.5 * v + 1.0).collect();
        let second = rng.normals(60);
        let wanted = latent::squared_mmd(&first, &second, 3).unwrap();
        let (first, second) = (matrix(&first, 3).unwrap(), matrix(&second, 3).unwrap());
        let share = |rows| squared_mmd(&first, &second, rows).unwrap();
        let found = [share(0..13), share(13..20)];
        let found = found.map(|share| f64::from(flat_values(&share).unwrap()[0]));
        let found: f64 = found.into_iter().sum();
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
            Coupling::Discrepancy
                .sample(model.as_ref(), &x, &noise, options)
                .unwrap()
                .loss
        });
        let refused = Coupling::Discrepancy.sample(build("mixture").as_ref(), &x, &noise, options);
        assert_eq!(refused.unwrap_err().code(), "unsupported");
    }
}
