//! Runs of chains: a warm-up that finds the size of the moves, then draws.

mod chains;
mod start;
#[cfg(test)]
mod tests;

use candle_core::Tensor;

use crate::mcmc::{Kernel, Target};
use crate::models::Model;
use crate::{Error, Result};

pub use chains::{Chains, Diagnosis};
pub use start::Start;

/// The most draws of all chains together, and the most steps before them.
const MOST: usize = 1_000_000;

/// How long to run, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Chains, at least 2.
    pub chains: usize,
    /// Steps before the first draw; they find the size of the moves, which is then kept.
    pub warm_up: usize,
    /// Draws of each chain, at least 4.
    pub draws: usize,
    /// Where the chains start.
    pub start: Start,
    /// The seed of all random numbers.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            chains: 4,
            warm_up: 500,
            draws: 1000,
            start: Start::Encoder,
            seed: 1,
        }
    }
}

impl Options {
    pub(crate) fn validate(self) -> Result<()> {
        let Self {
            chains,
            warm_up,
            draws,
            ..
        } = self;
        if chains < 2 || draws < 4 {
            return Err(Error::argument(format!(
                "a run needs 2 chains and 4 draws at least; got {chains} and {draws}"
            )));
        }
        if chains.saturating_mul(draws) > MOST || warm_up > MOST {
            return Err(Error::argument(format!(
                "a run makes at most {MOST} draws of all chains together, after at most {MOST} steps of warm-up; got {draws} draws of {chains} chains after {warm_up} steps"
            )));
        }
        Ok(())
    }
}

/// The draws of the chains, and how far to trust them.
#[derive(Clone, Debug, PartialEq)]
pub struct Draws {
    /// `[draws, chains, K]`.
    pub z: Vec<f32>,
    /// Share of the proposals that were accepted.
    pub acceptance: f64,
    /// The size of the moves used for the draws, if the kernel has one.
    pub scale: Option<f64>,
    /// Split R-hat of each latent: 1 when the chains agree, above about 1.01 when they do not.
    pub r_hat: Vec<f64>,
    /// Effective sample size of each latent: the number of independent draws with the same standard error of the mean.
    pub effective_samples: Vec<f64>,
}

/// Runs chains on the posterior p(z|x) of an image x `[1, D]`.
///
/// # Errors
///
/// As [`explore`].
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
/// use candle_core::{Device, Tensor};
/// use latent_canvas::mcmc;
///
/// let x = Tensor::from_slice(&digit, (1, 784), &Device::Cpu)?;
/// let mut kernel = mcmc::kernel("hmc", model, &x)?;
/// let options = mcmc::Options { warm_up: 50, draws: 50, ..mcmc::Options::default() };
/// let draws = mcmc::sample(model, &x, kernel.as_mut(), options)?;
/// assert_eq!(draws.z.len(), 50 * 4 * 2);
/// assert_eq!(draws.r_hat.len(), 2);
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn sample(
    model: &dyn Model,
    x: &Tensor,
    kernel: &mut dyn Kernel,
    options: Options,
) -> Result<Draws> {
    options.validate()?;
    let target = Target::new(model, x, options.chains)?;
    explore(&target, x, kernel, options)
}

/// Runs chains on a target. A start at the encoder's answer is its answer for the image x `[1, D]`.
///
/// # Errors
///
/// [`Error::InvalidArgument`] for fewer than 2 chains or 4 draws, or more than a million draws or steps of warm-up;
/// [`Error::NonFinite`] when the model's weights have grown too large; [`Error::Tensor`] when x does not fit the model.
pub fn explore(
    target: &Target<'_>,
    x: &Tensor,
    kernel: &mut dyn Kernel,
    options: Options,
) -> Result<Draws> {
    options.validate()?;
    let mut chains = Chains::start(target, x, options)?;
    for _ in 0..options.warm_up + options.draws {
        chains.step(target, kernel)?;
    }
    let Diagnosis {
        acceptance,
        r_hat,
        effective_samples,
    } = chains.diagnose();
    Ok(Draws {
        acceptance,
        scale: kernel.scale().map(|scale| *scale.size),
        r_hat,
        effective_samples,
        z: chains.into_draws(),
    })
}
