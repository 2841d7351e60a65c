//! p(z|y), and with it the repaired image.

use super::Observation;
use crate::estimators::quadrature::{self, GridPosterior, SquareDensity};
use crate::mcmc::{self, Draws, Hmc, Target};
use crate::models::Model;
use crate::models::inference::{BLOCK, Samples, decode_raw};
use crate::nn::tensors::matrix;
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

/// Codes and how probable each is; the weights add up to 1.
struct Weighed {
    z: Vec<f32>,
    weights: Vec<f64>,
}

/// E[x|y] and draws from p(x|y): exact where the model has two latents, by chains elsewhere.
///
/// # Errors
///
/// As [`on_grid`] and [`by_chains`]; [`Error::InvalidArgument`] for more than 10,000 completions.
pub fn repair(model: &dyn Model, observation: &Observation, options: Options) -> Result<Repaired> {
    if options.completions > 10_000 {
        return Err(Error::argument(format!(
            "at most 10000 completions are drawn; got {}",
            options.completions
        )));
    }
    let rng = Rng::from_seed(options.chains.seed).split("completions");
    let mut chosen = rng.split("codes");
    let count = options.completions;
    let (weighed, codes, diagnostics) = match model.latents() {
        2 => {
            let found = on_grid(model, observation)?;
            let diagnostics = Diagnostics::Grid {
                log_likelihood: found.log_likelihood,
                tolerance: found.tolerance,
                picture: found.picture(),
            };
            let codes = found.sample(count, &mut chosen);
            let weighed = Weighed {
                z: found.points,
                weights: found.weights,
            };
            (weighed, codes, diagnostics)
        }
        latents => {
            let found = by_chains(model, observation, options.chains)?;
            let draws = found.z.len() / latents;
            let fold =
                |values: &[f64], from, f: fn(f64, f64) -> f64| values.iter().copied().fold(from, f);
            let diagnostics = Diagnostics::Chains {
                acceptance: found.acceptance,
                r_hat: fold(&found.r_hat, 0.0, f64::max),
                effective_samples: fold(&found.effective_samples, f64::INFINITY, f64::min),
            };
            let codes = (0..count)
                .map(|_| (chosen.uniform() * draws as f32) as usize)
                .flat_map(|draw| &found.z[draw * latents..(draw + 1) * latents]);
            let codes = codes.copied().collect();
            let weighed = Weighed {
                z: found.z,
                weights: vec![1.0 / draws as f64; draws],
            };
            (weighed, codes, diagnostics)
        }
    };
    Ok(Repaired {
        mean: weighed.mean(model, observation)?,
        completions: completions(model, observation, codes, rng)?,
        diagnostics,
    })
}

/// p(z|y) on a grid as fine as it needs.
///
/// # Errors
///
/// As [`quadrature::posterior`] and [`Observation::explain`].
pub fn on_grid(model: &dyn Model, observation: &Observation) -> Result<GridPosterior> {
    let fit = |decoded: &[f32]| -> Result<Vec<f64>> {
        let values = observation.explain(model, &mut decoded.to_vec())?;
        Ok(values.into_iter().map(f64::from).collect())
    };
    quadrature::posterior(model, &fit)
}

/// Draws from p(z|y) by Hamiltonian Monte Carlo; the encoder's answer, for chains that start there, is that for the crude
/// image.
///
/// # Errors
///
/// As [`mcmc::explore`] and [`Observation::explain`].
pub fn by_chains(
    model: &dyn Model,
    observation: &Observation,
    options: mcmc::Options,
) -> Result<Draws> {
    let target = Target::of(model, observation)?;
    let crude = matrix(observation.crude(), PIXELS)?;
    let mut kernel = Hmc {
        step: 0.1,
        leapfrogs: 10,
    };
    mcmc::explore(&target, &crude, &mut kernel, options)
}

impl Weighed {
    fn mean(&self, model: &dyn Model, observation: &Observation) -> Result<Vec<f32>> {
        let mut sums = vec![0f64; PIXELS];
        let blocks = self.z.chunks(BLOCK * model.latents());
        for (z, weights) in blocks.zip(self.weights.chunks(BLOCK)) {
            let mut explained = decode_raw(model, z)?;
            observation.explain(model, &mut explained)?;
            for (row, weight) in explained.chunks_exact(PIXELS).zip(weights) {
                for (sum, value) in sums.iter_mut().zip(row) {
                    *sum += weight * f64::from(*value);
                }
            }
        }
        Ok(sums.iter().map(|sum| *sum as f32).collect())
    }
}

/// Of codes `[n, K]`: what each makes of the image, and a draw of it.
fn completions(
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
