//! How far the evidence lower bound lies below log p(x), and why (Cremer et al. 2018).
//!
//! Let q* be the best diagonal Gaussian for one image. log p(x) - L(q*) is the approximation gap: the posterior is not a
//! diagonal Gaussian. L(q*) - L(q) is the amortisation gap: one encoder serves all images. Where the encoder's own q(z|x) is
//! more than a diagonal Gaussian (a full covariance, a flow), it may be better than q*, and the second gap is below 0.

use candle_core::Tensor;

mod start;

pub use start::ClimbStart;

use crate::approximate_posteriors::{ApproximatePosterior, Draw};
use crate::distributions::DiagonalGaussian;
use crate::models::{Model, continuous_prior};
use crate::nn::optimiser::{self, Moments, Optimiser};
use crate::nn::tensors::{flat_values, matrix};
use crate::nn::{Gradients, Parameters};
use crate::{Error, Result, Rng};

const STEPS: u64 = 400;
const DRAWS: usize = 32;
const LEARNING_RATE: f64 = 0.05;
/// How many draws the two bounds are compared with at the end; the same draws for both.
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
    /// L(q) of the encoder's own q, of any shape, in nats, with the same noise. L(q*) minus this is the amortisation gap.
    pub encoder_bound: f64,
    /// Standard error of `bound`, in nats.
    pub standard_error: f64,
}

/// The best diagonal Gaussian for one image: the better end of two whole [`Climb`]s, one from each [`ClimbStart`]. Where the
/// encoder is far off, the climb from its answer may end on a lower hill.
///
/// # Errors
///
/// As [`Climb::new`], [`Climb::advance`] and [`Climb::reached`].
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
/// use latent_canvas::estimators::{bound, gaps};
///
/// let best = gaps::best_gaussian(model, &digit, 1)?;
/// // What the encoder's q loses to the best q of its kind is the amortisation gap.
/// assert!(best.bound > bound::elbo(model, &digit, 1000, 1)?.elbo - 1.0);
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn best_gaussian(model: &dyn Model, pixels: &[f32], seed: u64) -> Result<BestGaussian> {
    let end = |start| {
        let mut climb = Climb::new(model, pixels, seed, start)?;
        climb.advance(model, STEPS)?;
        climb.reached(model)
    };
    let (near, far) = (end(ClimbStart::Encoder)?, end(ClimbStart::Search)?);
    Ok(if far.bound > near.bound { far } else { near })
}

/// Gradient ascent on the bound of one image in mean and log_var. The gradient leaves out its part of mean 0 ("sticking the
/// landing", Roeder et al. 2017). It can be stopped after any step, looked at, and continued.
#[derive(Debug)]
pub struct Climb {
    rng: Rng,
    x: Tensor,
    parameters: Parameters,
    q: DiagonalGaussian,
    moments: Moments,
    steps: u64,
}

impl Climb {
    /// How many steps a climb has.
    pub const STEPS: u64 = STEPS;

    /// At its start, before the first step.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for a model whose codes are discrete or have no prior; [`Error::Tensor`] when the
    /// image does not fit the model.
    pub fn new(model: &dyn Model, pixels: &[f32], seed: u64, start: ClimbStart) -> Result<Self> {
        let x = matrix(pixels, pixels.len())?;
        continuous_prior(model)?;
        let rng = Rng::from_seed(seed).split("best gaussian");
        let start = start.gaussian(model, &x, &rng.split("search"))?;
        let mut parameters = Parameters::default();
        let q = DiagonalGaussian {
            mean: parameters
                .values_from("mean", start.mean.detach().copy()?)?
                .tensor,
            log_var: parameters
                .values_from("log_var", start.log_var.detach().copy()?)?
                .tensor,
        };
        Ok(Self {
            rng,
            x,
            moments: Moments::zeros(&parameters),
            parameters,
            q,
            steps: 0,
        })
    }

    /// Takes `steps` more steps, but not more than are left.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] for a model other than the one it began with.
    pub fn advance(&mut self, model: &dyn Model, steps: u64) -> Result<()> {
        let latents = model.latents();
        let _guard = model.parameters().gradients(Gradients::Spared)?;
        let end = STEPS.min(self.steps.saturating_add(steps));
        for step in self.steps + 1..=end {
            let noise = self.rng.split_index("climb", step).normals(DRAWS * latents);
            let z = self
                .q
                .repeat(DRAWS)?
                .reparameterise(&matrix(&noise, latents)?)?;
            // The gradient reaches q only through z.
            let log_q = ApproximatePosterior::repeat(&self.q, DRAWS)?.held_log_prob(&z)?;
            let loss = log_ratios(model, &self.x, Draw { z, log_q })?
                .mean_all()?
                .neg()?;
            let rate = LEARNING_RATE * (1.0 - step as f64 / STEPS as f64);
            let gradients = loss.backward()?;
            let rule = Optimiser::Adam.at(rate, step);
            optimiser::update(&self.parameters, &gradients, &mut self.moments, rule)?;
            self.steps = step;
        }
        Ok(())
    }

    /// Steps so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The Gaussian reached so far, beside the encoder's answer; both bounds from the same 2000 draws.
    ///
    /// # Errors
    ///
    /// [`Error::NonFinite`] when a bound is not finite.
    pub fn reached(&self, model: &dyn Model) -> Result<BestGaussian> {
        self.compared(model, COMPARED)
    }

    /// The same from fewer draws, the first of the 2000: faster, and less exact.
    ///
    /// # Errors
    ///
    /// As [`Climb::reached`].
    pub fn compared(&self, model: &dyn Model, draws: usize) -> Result<BestGaussian> {
        let latents = model.latents();
        let draws = draws.clamp(2, COMPARED);
        let noise = self.rng.split("compare").normals(draws * latents);
        let noise = matrix(&noise, latents)?;
        let encoder = model.encode(&self.x)?;
        let _guard = model.parameters().gradients(Gradients::Spared)?;
        let bounds = |q: &dyn ApproximatePosterior| -> Result<(f64, f64)> {
            let draw = q.repeat(draws)?.draw(&noise)?;
            let ratios = flat_values(&log_ratios(model, &self.x, draw)?)?;
            let mean = ratios.iter().map(|v| f64::from(*v)).sum::<f64>() / draws as f64;
            let squares = ratios.iter().map(|v| (f64::from(*v) - mean).powi(2));
            let error = (squares.sum::<f64>() / (draws as f64 - 1.0) / draws as f64).sqrt();
            if mean.is_finite() {
                Ok((mean, error))
            } else {
                Err(Error::NonFinite(
                    "the bound is not finite: the model's weights have grown too large".to_owned(),
                ))
            }
        };
        let (bound, standard_error) = bounds(&self.q)?;
        let (encoder_bound, _) = bounds(encoder.as_ref())?;
        Ok(BestGaussian {
            mean: flat_values(&self.q.mean)?,
            log_var: flat_values(&self.q.log_var)?,
            bound,
            encoder_bound,
            standard_error,
        })
    }
}

/// log p(x, z) - log q(z) of draws of z for the one image x.
fn log_ratios(model: &dyn Model, x: &Tensor, draw: Draw) -> Result<Tensor> {
    let Draw { z, log_q } = draw;
    let x = x.repeat((z.dim(0)?, 1))?;
    let log_likelihood = model.log_likelihood(&x, &model.decode(&z)?)?;
    Ok((log_likelihood + (model.log_prior(&z)? - log_q)?)?)
}

#[cfg(test)]
mod tests;
