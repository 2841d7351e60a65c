//! What the evidence lower bound loses, and why (Cremer et al. 2018).
//!
//! With q* the diagonal Gaussian that is best for one image: log p(x) - L(q*) is the approximation gap, for
//! the posterior is no diagonal Gaussian, and L(q*) - L(q) the amortisation gap, for the encoder has to
//! answer for every image at once.

use candle_core::Tensor;

use crate::distributions::DiagonalGaussian;
use crate::models::{Model, continuous_prior};
use crate::nn::adam::{self, Moments};
use crate::nn::tensors::{flat_values, matrix};
use crate::nn::{Gradients, Parameters};
use crate::{Error, Result, Rng};

const STEPS: u64 = 400;
const DRAWS: usize = 32;
const LEARNING_RATE: f64 = 0.05;
/// Draws by which the two bounds are compared in the end, the same ones for both.
const COMPARED: usize = 2000;

/// The best diagonal Gaussian for one image, beside the encoder's.
#[derive(Clone, Debug, PartialEq)]
pub struct BestGaussian {
    /// Mean of q*, `[K]`.
    pub mean: Vec<f32>,
    /// Log of the variance of q*, `[K]`.
    pub log_var: Vec<f32>,
    /// L(q*), in nats.
    pub bound: f64,
    /// L(q) of the encoder's answer, in nats, by the same draws; what L(q*) is above it is the
    /// amortisation gap.
    pub encoder_bound: f64,
    /// Standard error of `bound`, in nats.
    pub standard_error: f64,
}

/// Climbs the bound of one image in mean and log_var, from the encoder's answer, by gradients without the
/// part that has the mean 0 ("sticking the landing", Roeder et al. 2017).
///
/// # Errors
///
/// [`Error::Unsupported`] for a model whose codes are discrete or have no prior; [`Error::Tensor`] when the
/// image does not fit the model; [`Error::NonFinite`] when the bound is no number.
pub fn best_gaussian(model: &dyn Model, pixels: &[f32], seed: u64) -> Result<BestGaussian> {
    let rng = Rng::from_seed(seed).split("best gaussian");
    let x = matrix(pixels, pixels.len())?;
    let latents = model.latents();
    continuous_prior(model)?;
    let answer = model.encode(&x)?.moments()?;
    let encoder = DiagonalGaussian {
        mean: answer.mean.detach(),
        log_var: answer.log_var.detach(),
    };

    let mut parameters = Parameters::default();
    let q = DiagonalGaussian {
        mean: parameters.values_from("mean", encoder.mean.copy()?)?.tensor,
        log_var: parameters
            .values_from("log_var", encoder.log_var.copy()?)?
            .tensor,
    };
    let mut moments = Moments::zeros(&parameters);
    let _guard = model.parameters().gradients(Gradients::Spared)?;
    for step in 1..=STEPS {
        let noise = rng.split_index("climb", step).normals(DRAWS * latents);
        let loss = log_ratios(model, &x, &q, &noise)?.mean_all()?.neg()?;
        let rate = LEARNING_RATE * (1.0 - step as f64 / STEPS as f64);
        adam::update(&parameters, &loss.backward()?, &mut moments, rate, step)?;
    }

    let noise = rng.split("compare").normals(COMPARED * latents);
    let bounds = |q: &DiagonalGaussian| -> Result<(f64, f64)> {
        let ratios = flat_values(&log_ratios(model, &x, q, &noise)?)?;
        let mean = ratios.iter().map(|v| f64::from(*v)).sum::<f64>() / COMPARED as f64;
        let squares = ratios.iter().map(|v| (f64::from(*v) - mean).powi(2));
        let error = (squares.sum::<f64>() / (COMPARED as f64 - 1.0) / COMPARED as f64).sqrt();
        if mean.is_finite() {
            Ok((mean, error))
        } else {
            Err(Error::NonFinite(
                "the bound is not finite: the model's weights have diverged".to_owned(),
            ))
        }
    };
    let ((bound, standard_error), (encoder_bound, _)) = (bounds(&q)?, bounds(&encoder)?);
    Ok(BestGaussian {
        mean: flat_values(&q.mean)?,
        log_var: flat_values(&q.log_var)?,
        bound,
        encoder_bound,
        standard_error,
    })
}

/// log p(x, z) - log q(z) of draws of z; through z alone do gradients reach q.
fn log_ratios(
    model: &dyn Model,
    x: &Tensor,
    q: &DiagonalGaussian,
    noise: &[f32],
) -> Result<Tensor> {
    let noise = matrix(noise, model.latents())?;
    let draws = noise.dim(0)?;
    let repeated = q.repeat(draws)?;
    let z = repeated.reparameterise(&noise)?;
    let held = DiagonalGaussian {
        mean: repeated.mean.detach(),
        log_var: repeated.log_var.detach(),
    };
    let x = x.repeat((draws, 1))?;
    let log_likelihood = model.log_likelihood(&x, &model.decode(&z)?)?;
    Ok((log_likelihood + (model.log_prior(&z)? - held.log_prob(&z)?)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Dataset;
    use crate::estimators::quadrature::{Grid, Square};
    use crate::models::linear_gaussian::LinearGaussian;
    use crate::{PIXELS, checkpoint};

    /// The posterior is a diagonal Gaussian: no approximation gap, and the encoder's is a divergence known
    /// in closed form, sum_k (0.1 x_k)^2.
    #[test]
    fn both_gaps_are_what_a_linear_model_says() {
        let model = LinearGaussian::new(3);
        model
            .mean_slope
            .set(&(model.mean_slope.as_tensor() * 0.8).unwrap())
            .unwrap();
        let x = [2.0f32, -3.0, 1.0];
        let found = best_gaussian(&model, &x, 1).unwrap();
        let exact = LinearGaussian::log_likelihood_of(&x);
        assert!((found.bound - exact).abs() < 2e-3, "{found:?} {exact}");
        assert!(found.standard_error < 2e-3);
        let gap = 0.01 * x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        // Five standard errors of 2000 draws, whose deviation is the square root of twice the gap.
        let error = 5.0 * (2.0 * gap / COMPARED as f64).sqrt();
        assert!(
            (found.bound - found.encoder_bound - gap).abs() < error,
            "{found:?} {gap}"
        );
        for (mean, x) in found.mean.iter().zip(x) {
            assert!((mean - x / 2.0).abs() < 0.02);
        }
    }

    #[test]
    fn the_bounds_stand_in_order_below_the_exact_value() {
        let bytes = include_bytes!("../../www/public/models/strokes-2d.safetensors");
        let model = checkpoint::load(bytes).unwrap().model;
        let digits = Dataset::strokes(4, 3).unwrap();
        let square = Square {
            centre: [0.0, 0.0],
            half_width: 6.0,
            resolution: 64,
        };
        let grid = Grid::new(model.as_ref(), square).unwrap();
        for index in 0..4 {
            let grey = digits.images(index, 1).unwrap();
            let pixels: Vec<f32> = grey.iter().map(|v| v.round()).collect();
            assert_eq!(pixels.len(), PIXELS);
            let exact = grid
                .refine(model.as_ref(), &pixels, 1e-3)
                .unwrap()
                .log_likelihood;
            let found = best_gaussian(model.as_ref(), &pixels, 1).unwrap();
            let slack = 5.0 * found.standard_error;
            assert!(found.bound < exact + slack, "{found:?} {exact}");
            assert!(found.bound > found.encoder_bound - slack, "{found:?}");
        }
    }
}
