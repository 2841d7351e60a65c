//! p(z|y), and with it the repaired image.

use super::{Observation, Repairing};
use crate::estimators::quadrature::{self, GridPosterior, SquareDensity};
use crate::mcmc;
use crate::models::Model;
use crate::models::inference::{BLOCK, Samples, decode_raw};
use crate::{Error, PIXELS, Result, Rng};

/// How carefully to repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Chains, their lengths and where they start, where there are more than two latents; the seed also fixes the
    /// completions.
    pub chains: mcmc::Options,
    /// How many completions to draw, up to 10,000.
    pub completions: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            // What is hidden may be one thing or another, and the encoder's answer to half an image only one.
            chains: mcmc::Options {
                start: mcmc::Start::Prior,
                ..mcmc::Options::default()
            },
            completions: 8,
        }
    }
}

/// How p(z|y) was found, and how far to believe it.
#[derive(Clone, Debug, PartialEq)]
pub enum Diagnostics {
    /// By a grid.
    Grid {
        /// log p(y), nats.
        log_likelihood: f64,
        /// What it may be off by.
        tolerance: f64,
        /// p(z|y), seen from above.
        picture: SquareDensity,
    },
    /// By Hamiltonian Monte Carlo.
    Chains {
        /// Share of the proposals that were accepted.
        acceptance: f64,
        /// Split R-hat of the latent that agrees least.
        r_hat: f64,
        /// Effective samples of the latent that has fewest.
        effective_samples: f64,
    },
}

/// A repaired image.
#[derive(Clone, Debug, PartialEq)]
pub struct Repaired {
    /// E[x|y], `[784]`: of all images the one with the least expected squared error.
    pub mean: Vec<f32>,
    /// Draws of z from p(z|y), E[x|y, z] of each (`probabilities`), and a draw of x from p(x|y, z).
    pub completions: Samples,
    /// How z was found.
    pub diagnostics: Diagnostics,
}

/// E[x|y] and draws from p(x|y): exact where the model has two latents, by chains elsewhere.
///
/// # Errors
///
/// As [`on_grid`] and [`Repairing`]; [`Error::InvalidArgument`] for more than 10,000 completions.
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
/// use latent_canvas::repair::{self, Degradation, Noise, Operator};
/// use latent_canvas::Rng;
///
/// // The upper half is seen.
/// let mask = (0..784).map(|pixel| pixel < 392).collect();
/// let half = Degradation::new(Operator::Mask(mask), Noise::None)?;
/// let observation = half.observe(&half.degrade(&digit, &mut Rng::from_seed(1))?)?;
/// let options = repair::Options { completions: 3, ..repair::Options::default() };
/// let repaired = repair::repair(model, &observation, options)?;
/// assert_eq!(repaired.mean.len(), 784);
/// assert_eq!(repaired.completions.pixels[..392], digit[..392]);
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn repair(model: &dyn Model, observation: &Observation, options: Options) -> Result<Repaired> {
    if options.completions > 10_000 {
        return Err(Error::argument(format!(
            "at most 10000 completions are drawn; got {}",
            options.completions
        )));
    }
    if model.latents() != 2 {
        let mut repairing = Repairing::start(model, observation, options.chains)?;
        let steps = options.chains.warm_up + options.chains.draws;
        repairing.advance(model, observation, steps)?;
        return repairing.repaired(model, observation, options.completions);
    }
    let rng = Rng::from_seed(options.chains.seed).split("completions");
    let found = on_grid(model, observation)?;
    let codes = found.sample(options.completions, &mut rng.split("codes"));
    let mut mean = vec![0.0; PIXELS];
    sum_explained(model, observation, &found.points, &found.weights, &mut mean)?;
    Ok(Repaired {
        mean: mean.into_iter().map(|value| value as f32).collect(),
        completions: completions(model, observation, codes, rng)?,
        diagnostics: Diagnostics::Grid {
            log_likelihood: found.log_likelihood,
            tolerance: found.tolerance,
            picture: found.picture(),
        },
    })
}

/// p(z|y) on a grid as fine as it needs.
///
/// # Errors
///
/// As [`quadrature::posterior`] and [`Observation::explain`].
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
/// use latent_canvas::repair::{self, Degradation, Noise, Operator};
/// use latent_canvas::Rng;
///
/// // The upper half is seen.
/// let mask = (0..784).map(|pixel| pixel < 392).collect();
/// let half = Degradation::new(Operator::Mask(mask), Noise::None)?;
/// let observation = half.observe(&half.degrade(&digit, &mut Rng::from_seed(1))?)?;
/// // p(z|y), and log p(y) of what was seen.
/// let posterior = repair::posterior::on_grid(model, &observation)?;
/// assert!(posterior.log_likelihood < 0.0);
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn on_grid(model: &dyn Model, observation: &Observation) -> Result<GridPosterior> {
    let fit = |decoded: &[f32]| -> Result<Vec<f64>> {
        let values = observation.explain(model, &mut decoded.to_vec())?;
        Ok(values.into_iter().map(f64::from).collect())
    };
    quadrature::posterior(model, &fit)
}

/// Adds E[x|y, z] of codes z `[n, K]`, by their weights `[n]`, to the sum `[784]`.
pub(super) fn sum_explained(
    model: &dyn Model,
    observation: &Observation,
    z: &[f32],
    weights: &[f64],
    sum: &mut [f64],
) -> Result<()> {
    let blocks = z.chunks(BLOCK * model.latents());
    for (z, weights) in blocks.zip(weights.chunks(BLOCK)) {
        let mut explained = decode_raw(model, z)?;
        observation.explain(model, &mut explained)?;
        for (row, weight) in explained.chunks_exact(PIXELS).zip(weights) {
            for (sum, value) in sum.iter_mut().zip(row) {
                *sum += weight * f64::from(*value);
            }
        }
    }
    Ok(())
}

/// Of codes `[n, K]`: what each makes of the image, and a draw of it.
pub(super) fn completions(
    model: &dyn Model,
    observation: &Observation,
    codes: Vec<f32>,
    mut rng: Rng,
) -> Result<Samples> {
    let mut samples = Samples {
        latents: codes,
        probabilities: Vec::new(),
        pixels: Vec::new(),
        labels: Vec::new(),
    };
    if !samples.latents.is_empty() {
        samples.probabilities = decode_raw(model, &samples.latents)?;
        samples.pixels = samples.probabilities.clone();
        observation.explain(model, &mut samples.probabilities)?;
        observation.complete(model, &mut samples.pixels, &mut rng)?;
    }
    Ok(samples)
}
