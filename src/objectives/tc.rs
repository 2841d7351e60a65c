//! The total correlation VAE (Chen et al. 2018): of the divergence from the prior, only what latents know of each other
//! is weighed.

use candle_core::Tensor;

use super::elbo::ElboOptions;
use super::{Bound, draws};
use crate::distributions::DiagonalGaussian;
use crate::math::LN_TWO_PI;
use crate::models::{Model, required_prior};
use crate::nn::fused::logsumexp::logsumexp;
use crate::{Error, Result};

/// E_q[log q(z|x) - log p(z)] in three parts, means over the draws, nats.
#[derive(Debug)]
pub struct Parts {
    /// E log q(z|x) / q(z): what a code tells of its image.
    pub mutual_information: Tensor,
    /// E log q(z) / prod_k q(z_k): what latents tell of each other.
    pub total_correlation: Tensor,
    /// E log prod_k q(z_k) / p(z).
    pub dimension_wise: Tensor,
}

/// One sample of -E_q log p(x|z) + I(x; z) + beta TC(z) + sum_k KL(q(z_k) || p(z_k)), q(z) = E_x q(z|x) by
/// minibatch-weighted sampling from the batch and the size of the data.
///
/// # Shapes
///
/// x `[B, D]`, noise `[k B, K]`, standard normal.
///
/// # Errors
///
/// [`Error::Unsupported`] unless the posterior is a diagonal Gaussian; [`Error::Shape`] when the noise has not a
/// multiple of x's rows; [`Error::Tensor`] when shapes do not fit the model.
pub fn sample(
    model: &dyn Model,
    x: &Tensor,
    noise: &Tensor,
    options: ElboOptions,
) -> Result<Bound> {
    let draws = draws(x, noise)?;
    let q = model.encode(x)?;
    let gaussian = q.diagonal().ok_or_else(|| {
        Error::Unsupported(
            "the objective \"tc\" needs codes with a diagonal Gaussian posterior".to_owned(),
        )
    })?;
    let z = DiagonalGaussian::repeat(gaussian, draws)?.reparameterise(noise)?;
    let parts = parts(model, gaussian, &z, options.data_size)?;
    let x = x.repeat((draws, 1))?;
    let reconstruction = model.log_likelihood(&x, &model.decode(&z)?)?.mean_all()?;
    let others = (&parts.mutual_information + &parts.dimension_wise)?;
    let charged = (parts.total_correlation.affine(options.beta, 0.0)? + &others)?;
    Ok(Bound {
        loss: (charged - &reconstruction)?,
        reconstruction,
        kl: (others + parts.total_correlation)?,
    })
}

/// The parts for draws z `[k B, K]` from q, all images' first draws, then their second ones.
fn parts(model: &dyn Model, q: &DiagonalGaussian, z: &Tensor, data_size: usize) -> Result<Parts> {
    let (images, latents) = q.mean.dims2()?;
    let rows = z.dim(0)?;
    // log q(z_k|x_j) of each draw, latent and image, `[k B, K, B]`.
    let by_image = |of_q: &Tensor| -> Result<Tensor> { Ok(of_q.t()?.contiguous()?.unsqueeze(0)?) };
    let (mean, log_var) = (by_image(&q.mean)?, by_image(&q.log_var)?);
    let squares = z.unsqueeze(2)?.broadcast_sub(&mean)?.sqr()?;
    let scaled = squares.broadcast_mul(&log_var.neg()?.exp()?)?;
    let each = scaled
        .broadcast_add(&log_var)?
        .affine(-0.5, f64::from(-0.5 * LN_TWO_PI))?;
    // Weighed by how few of the data a batch shows (Chen et al. 2018, appendix C).
    let shown = ((data_size.max(1) * images) as f64).ln();
    let of_code = logsumexp(&each.sum(1)?)?.affine(1.0, -shown)?;
    let of_latents = logsumexp(&each.reshape((rows * latents, images))?)?
        .affine(1.0, -shown)?
        .reshape((rows, latents))?
        .sum(1)?;
    let of_image = DiagonalGaussian::repeat(q, rows / images)?.log_prob(z)?;
    let prior = required_prior(model)?.log_prob(z)?;
    Ok(Parts {
        mutual_information: (of_image - &of_code)?.mean_all()?,
        total_correlation: (of_code - &of_latents)?.mean_all()?,
        dimension_wise: (of_latents - prior)?.mean_all()?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::models::{self, ModelSpec};
    use crate::nn::gradient_check;
    use crate::nn::tensors::{flat_values, matrix};
    use crate::{PIXELS, Rng};

    fn scalar(tensor: &Tensor) -> f64 {
        f64::from(tensor.to_scalar::<f32>().unwrap())
    }

    fn setup() -> (Box<dyn Model>, Tensor, Tensor) {
        let spec = json!({"model": "vae", "latents": 2, "hidden": [5], "activation": "tanh"});
        let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 5).unwrap();
        let mut rng = Rng::from_seed(1);
        let pixels: Vec<f32> = (0..4 * PIXELS).map(|_| rng.uniform().round()).collect();
        let noise = matrix(&rng.normals(8 * 2), 2).unwrap();
        (model, matrix(&pixels, PIXELS).unwrap(), noise)
    }

    /// Every part in f64, pair by pair, and their sum, in which the estimates of q(z) cancel.
    #[test]
    fn the_parts_are_the_definition_and_sum_to_the_divergence() {
        let (model, x, noise) = setup();
        let q = model.encode(&x).unwrap().moments().unwrap();
        let z = DiagonalGaussian::repeat(&q, 2)
            .unwrap()
            .reparameterise(&noise)
            .unwrap();
        let data_size = 50;
        let found = parts(model.as_ref(), &q, &z, data_size).unwrap();
        let doubles = |tensor: &Tensor| -> Vec<f64> {
            flat_values(tensor)
                .unwrap()
                .into_iter()
                .map(f64::from)
                .collect()
        };
        let (mean, log_var, z) = (doubles(&q.mean), doubles(&q.log_var), doubles(&z));
        let density = |row: usize, image: usize, k: usize| {
            let (m, l) = (mean[2 * image + k], log_var[2 * image + k]);
            -0.5 * ((z[2 * row + k] - m).powi(2) / l.exp() + l + std::f64::consts::TAU.ln())
        };
        let shown = (4.0 * data_size as f64).ln();
        let mixed = |terms: Vec<f64>| crate::math::logsumexp(&terms) - shown;
        let mut wanted = [0f64; 3];
        for row in 0..8 {
            let both = |image| density(row, image, 0) + density(row, image, 1);
            let of_code = mixed((0..4).map(both).collect());
            let of_latents: f64 = (0..2)
                .map(|k| mixed((0..4).map(|image| density(row, image, k)).collect()))
                .sum();
            let prior: f64 = (0..2)
                .map(|k| -0.5 * (z[2 * row + k].powi(2) + std::f64::consts::TAU.ln()))
                .sum();
            wanted[0] += (both(row % 4) - of_code) / 8.0;
            wanted[1] += (of_code - of_latents) / 8.0;
            wanted[2] += (of_latents - prior) / 8.0;
        }
        let found_parts = [
            &found.mutual_information,
            &found.total_correlation,
            &found.dimension_wise,
        ];
        for (found, wanted) in found_parts.into_iter().zip(wanted) {
            assert!((scalar(found) - wanted).abs() < 1e-5, "{wanted}");
        }
        let options = ElboOptions {
            data_size,
            ..ElboOptions::default()
        };
        let bound = sample(model.as_ref(), &x, &noise, options).unwrap();
        let kl: f64 = wanted.iter().sum();
        assert!((scalar(&bound.kl) - kl).abs() < 1e-5);
        assert!((scalar(&bound.loss) - (kl - scalar(&bound.reconstruction))).abs() < 1e-3);
    }

    #[test]
    fn gradients_match_finite_differences() {
        let (model, x, noise) = setup();
        let options = ElboOptions {
            beta: 60.0,
            data_size: 50,
            ..ElboOptions::default()
        };
        gradient_check::along_gradients(model.parameters().iter(), 1e-2, || {
            sample(model.as_ref(), &x, &noise, options).unwrap().loss
        });
    }
}
