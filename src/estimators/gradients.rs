//! Two estimators of the gradient of the evidence lower bound by random draws. Their means are the same, their variances not.
//!
//! L(q) = E_q[log p(x, z) - log q(z)], q = N(mean, exp(log_var)) diagonal, z = mean + sd eps. One draw gives an estimate of
//! its gradient with respect to the mean,
//!
//! - by **reparameterisation** (Kingma & Welling 2014; Rezende et al. 2014): the gradient of log p(x, z) with respect to z at
//!   z = mean + sd eps, because log q(z) does not change when z moves with the mean;
//! - by the **score function** (Williams 1992): (log p(x, z) - log q(z)) eps / sd, which needs no gradient of the model.

use crate::math::{LN_TWO_PI, check_image, check_rows};
use crate::mcmc::Target;
use crate::models::Model;
use crate::models::inference::Codes;
use crate::nn::tensors::matrix;
use crate::{Error, Result};

/// Both estimates of the gradient with respect to the mean, from each of n draws.
#[derive(Clone, Debug, PartialEq)]
pub struct MeanGradients {
    /// The draws z, `[n, K]`.
    pub latents: Vec<f32>,
    /// log p(x, z) - log q(z) of each draw, nats; their mean estimates the bound.
    pub log_ratios: Vec<f64>,
    /// By reparameterisation, `[n, K]`, nats per unit of the mean.
    pub reparameterised: Vec<f64>,
    /// By the score function, `[n, K]`, nats per unit of the mean.
    pub score: Vec<f64>,
}

/// Both estimates for the bound of one image at a diagonal Gaussian q (one row of mean and log_var), from each row of the
/// noise eps.
///
/// # Shapes
///
/// pixels `[784]`, q `[K]`, noise `[n, K]` standard normal.
///
/// # Errors
///
/// As [`check_image`]; [`Error::Shape`] when q or the noise does not fit the model; [`Error::Unsupported`] for a model whose
/// codes are discrete or have no prior; [`Error::NonFinite`] where a bound or a gradient is not finite.
///
/// # Examples
///
/// ```
/// # use latent_canvas::models::{self, ModelSpec};
/// # let spec = serde_json::json!({ "model": "vae", "latents": 2, "hidden": [16] });
/// # let model = models::build(&ModelSpec::from_json(&spec)?, 1)?;
/// # let model = model.as_ref();
/// # use latent_canvas::data::Dataset;
/// # let digit = Dataset::strokes(1, 1)?.images(0, 1)?;
/// # let digit: Vec<f32> = digit.iter().map(|ink| ink.round()).collect();
/// use latent_canvas::estimators::gradients;
/// use latent_canvas::models::inference;
/// use latent_canvas::Rng;
///
/// let q = inference::encode(model, &digit)?;
/// let noise = Rng::from_seed(1).normals(50 * 2);
/// let found = gradients::of_mean(model, &digit, &q, &noise)?;
/// assert_eq!(found.reparameterised.len(), found.score.len());
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn of_mean(
    model: &dyn Model,
    pixels: &[f32],
    q: &Codes,
    noise: &[f32],
) -> Result<MeanGradients> {
    check_image(pixels)?;
    let latents = model.latents();
    if q.mean.len() != latents || q.log_var.len() != latents {
        return Err(Error::shape(format!(
            "q must have {latents} means and log-variances; got {} and {}",
            q.mean.len(),
            q.log_var.len()
        )));
    }
    let draws = check_rows("the noise", noise, latents)?;
    let deviations: Vec<f32> = q.log_var.iter().map(|v| (0.5 * v).exp()).collect();
    let z = noise.iter().enumerate().map(|(at, eps)| {
        let k = at % latents;
        q.mean[k] + deviations[k] * eps
    });
    let target = Target::new(model, &matrix(pixels, pixels.len())?, draws)?;
    let (state, gradient) = target.state_and_gradient(z.collect())?;
    let log_scale: f64 = (q.log_var.iter())
        .map(|v| 0.5 * f64::from(v + LN_TWO_PI))
        .sum();
    let log_ratios: Vec<f64> = noise
        .chunks_exact(latents)
        .enumerate()
        .map(|(row, eps)| {
            let square: f64 = eps.iter().map(|e| f64::from(*e).powi(2)).sum();
            state.log_joint(row, 1.0) + log_scale + 0.5 * square
        })
        .collect();
    let score: Vec<f64> = noise
        .iter()
        .enumerate()
        .map(|(at, eps)| log_ratios[at / latents] * f64::from(*eps / deviations[at % latents]))
        .collect();
    let reparameterised: Vec<f64> = gradient.into_iter().map(f64::from).collect();
    if !score.iter().chain(&reparameterised).all(|v| v.is_finite()) {
        return Err(Error::NonFinite(
            "a gradient of the bound is not finite: bring q nearer to the posterior, or the model's weights have grown too large"
                .to_owned(),
        ));
    }
    Ok(MeanGradients {
        latents: state.z().to_vec(),
        log_ratios,
        reparameterised,
        score,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Dataset;
    use crate::models::inference;
    use crate::{PIXELS, Rng, checkpoint};

    fn moments(values: &[f64], latents: usize, k: usize) -> (f64, f64) {
        let of_k: Vec<f64> = values.iter().skip(k).step_by(latents).copied().collect();
        let count = of_k.len() as f64;
        let mean = of_k.iter().sum::<f64>() / count;
        let square = of_k.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        (mean, square / (count - 1.0))
    }

    /// For a digit under the shipped model, at the encoder's answer and beside it: the means agree within five standard errors
    /// of their difference (four comparisons: one false alarm in 400,000; the seed is fixed), and the score function has at
    /// least ten times the deviation. The gradient is also compared with differences of the bound with the same noise.
    #[test]
    fn both_estimators_have_one_mean_and_one_scatters_far_more() {
        let bytes = include_bytes!("../../www/public/models/strokes-2d.safetensors");
        let model = checkpoint::load(bytes).unwrap().model;
        let grey = Dataset::strokes(4, 3).unwrap().images(2, 1).unwrap();
        let pixels: Vec<f32> = grey.iter().map(|v| v.round()).collect();
        assert_eq!(pixels.len(), PIXELS);
        let answer = inference::encode(model.as_ref(), &pixels).unwrap();
        let noise = Rng::from_seed(3).split("noise").normals(2 * 20_000);
        for shift in [0.0f32, 1.0] {
            let moved = |by: f32| Codes {
                mean: (answer.mean.iter().zip(&answer.log_var))
                    .map(|(mean, log_var)| mean + by * (0.5 * log_var).exp())
                    .collect(),
                log_var: answer.log_var.clone(),
            };
            let found = of_mean(model.as_ref(), &pixels, &moved(shift), &noise).unwrap();
            for k in 0..2 {
                let (direct, spread) = moments(&found.reparameterised, 2, k);
                let (score, scatter) = moments(&found.score, 2, k);
                let error = ((spread + scatter) / 20_000.0).sqrt();
                assert!(
                    (direct - score).abs() < 5.0 * error,
                    "{shift} {k}: {direct} and {score}, {error}"
                );
                assert!(scatter > 100.0 * spread, "{shift} {k}: {scatter} {spread}");
            }
            let bound = |q: &Codes| {
                let found = of_mean(model.as_ref(), &pixels, q, &noise[..2000]).unwrap();
                found.log_ratios.iter().sum::<f64>() / 1000.0
            };
            let step = 0.01f32;
            let mut ahead = moved(shift);
            let mut behind = moved(shift);
            let width = step * (0.5 * answer.log_var[0]).exp();
            ahead.mean[0] += width;
            behind.mean[0] -= width;
            let slope =
                (bound(&ahead) - bound(&behind)) / f64::from(ahead.mean[0] - behind.mean[0]);
            let found = of_mean(model.as_ref(), &pixels, &moved(shift), &noise[..2000]).unwrap();
            let (direct, spread) = moments(&found.reparameterised, 2, 0);
            // Sums of 784 numbers of 32 bits round by about 1e-5 nats; the steps are a hundredth of a deviation.
            assert!(
                (slope - direct).abs() < 0.02 * spread.sqrt(),
                "{shift}: {slope} {direct} {spread}"
            );
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let bytes = include_bytes!("../../www/public/models/strokes-2d.safetensors");
        let model = checkpoint::load(bytes).unwrap().model;
        let q = |latents: usize| Codes {
            mean: vec![0.0; latents],
            log_var: vec![0.0; latents],
        };
        let pixels = [0.0; PIXELS];
        for (q, noise) in [(q(3), vec![0.0; 6]), (q(2), vec![0.0; 3])] {
            let refused = of_mean(model.as_ref(), &pixels, &q, &noise).unwrap_err();
            assert_eq!(refused.code(), "shape");
        }
        let far = Codes {
            mean: vec![f32::MAX; 2],
            log_var: vec![0.0; 2],
        };
        let refused = of_mean(model.as_ref(), &pixels, &far, &[1.0, 1.0]).unwrap_err();
        assert_eq!(refused.code(), "non-finite");
    }
}
