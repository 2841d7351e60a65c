//! Chains that can be stopped after any step, looked at, and continued.

use candle_core::Tensor;

use super::Options;
use crate::mcmc::{DualAveraging, Kernel, State, Target, diagnostics};
use crate::models::continuous_prior;
use crate::{Error, Result, Rng};

/// Chains on a target, one step at a time: first the warm-up, which finds the size of the moves, then the draws. Looking at
/// the chains in between changes nothing.
#[derive(Clone, Debug)]
pub struct Chains {
    rng: Rng,
    state: State,
    warm_up: usize,
    adaptation: Option<DualAveraging>,
    steps: usize,
    /// The sum of the acceptance probabilities of all draws.
    accepted: f64,
    /// `[draws, C, K]`.
    draws: Vec<f32>,
}

/// What the draws show about the chains.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// The mean acceptance probability of the proposals; NaN before the first draw.
    pub acceptance: f64,
    /// Split R-hat of each latent.
    pub r_hat: Vec<f64>,
    /// Effective sample size of each latent.
    pub effective_samples: Vec<f64>,
}

impl Chains {
    /// Chains that start where the options say; the options' number of draws is ignored. A start at the encoder's answer is its
    /// answer for the image x `[1, D]`.
    ///
    /// # Errors
    ///
    /// As [`super::explore`].
    pub fn start(target: &Target<'_>, x: &Tensor, options: Options) -> Result<Self> {
        let mut rng = Rng::from_seed(options.seed).split("chains");
        continuous_prior(target.model())?;
        let places = options.start.places(target, x, options.chains, &mut rng)?;
        Self::with(target, places, options.warm_up, rng)
    }

    /// Chains that start at places `[C, K]` of the caller's choice.
    ///
    /// # Errors
    ///
    /// As [`super::explore`].
    pub fn at(target: &Target<'_>, places: Vec<f32>, warm_up: usize, seed: u64) -> Result<Self> {
        let rng = Rng::from_seed(seed).split("chains");
        Self::with(target, places, warm_up, rng)
    }

    fn with(target: &Target<'_>, places: Vec<f32>, warm_up: usize, rng: Rng) -> Result<Self> {
        let state = target.state(places)?;
        let mut chains = 0..state.log_likelihood().len();
        if !chains.all(|chain| state.log_joint(chain, target.beta()).is_finite()) {
            return Err(Error::NonFinite(
                "log p(x, z) is not finite where a chain starts: start elsewhere, or the model's weights have grown too large"
                    .to_owned(),
            ));
        }
        Ok(Self {
            rng,
            state,
            warm_up,
            adaptation: None,
            steps: 0,
            accepted: 0.0,
            draws: Vec::new(),
        })
    }

    /// Moves every chain once; gives the acceptance probability of each chain's proposal.
    ///
    /// # Errors
    ///
    /// As [`Kernel::step`].
    pub fn step(&mut self, target: &Target<'_>, kernel: &mut dyn Kernel) -> Result<Vec<f64>> {
        self.step_along(target, kernel, &mut |_| {})
    }

    /// The same; `visit` is called with the places on the way to the proposals, as in [`Kernel::step_along`].
    ///
    /// # Errors
    ///
    /// As [`Kernel::step_along`].
    pub fn step_along(
        &mut self,
        target: &Target<'_>,
        kernel: &mut dyn Kernel,
        visit: &mut dyn FnMut(&[f32]),
    ) -> Result<Vec<f64>> {
        if self.steps == 0 && self.warm_up > 0 {
            self.adaptation = kernel.scale().map(|scale| {
                DualAveraging::new(*scale.size, scale.largest, scale.wanted_acceptance)
            });
        }
        let accepted = kernel.step_along(target, &mut self.state, &mut self.rng, visit)?;
        self.steps += 1;
        if self.steps <= self.warm_up {
            if let (Some(adaptation), Some(scale)) = (&mut self.adaptation, kernel.scale()) {
                let next = adaptation.update(accepted.iter().sum::<f64>() / accepted.len() as f64);
                *scale.size = if self.steps == self.warm_up {
                    adaptation.settled()
                } else {
                    next
                };
            }
        } else {
            self.accepted += accepted.iter().sum::<f64>();
            self.draws.extend_from_slice(self.state.z());
        }
        Ok(accepted)
    }

    /// Where the chains are, `[C, K]`.
    pub fn places(&self) -> &[f32] {
        self.state.z()
    }

    /// Steps so far, including the warm-up.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Draws so far, `[draws, C, K]`.
    pub fn draws(&self) -> &[f32] {
        &self.draws
    }

    /// The draws, without the chains.
    pub fn into_draws(self) -> Vec<f32> {
        self.draws
    }

    /// Whether the chains agree, and their effective sample sizes. This takes at least four draws of each chain: before, R-hat
    /// is infinite and the effective sample size is 0.
    pub fn diagnose(&self) -> Diagnosis {
        let traces = self.traces();
        let drawn = self.draws.len() / self.state.z().len();
        let of_each = |value: fn(&[Vec<f64>]) -> f64, too_few: f64| {
            let enough = |chains: &Vec<Vec<f64>>| if drawn < 4 { too_few } else { value(chains) };
            traces.iter().map(enough).collect()
        };
        Diagnosis {
            acceptance: self.accepted / (drawn * self.chains()) as f64,
            r_hat: of_each(diagnostics::split_r_hat, f64::INFINITY),
            effective_samples: of_each(diagnostics::effective_samples, 0.0),
        }
    }

    /// The correlation of draws at lags 0 to `lags` for each latent, `[K, lags + 1]`; the effective sample size is computed
    /// from the same.
    pub fn autocorrelations(&self, lags: usize) -> Vec<Vec<f64>> {
        self.traces()
            .iter()
            .map(|chains| diagnostics::autocorrelations(chains, lags))
            .collect()
    }

    fn chains(&self) -> usize {
        self.state.log_likelihood().len()
    }

    /// The values of each latent in each chain, in the order of the draws: `traces[k][chain]`.
    fn traces(&self) -> Vec<Vec<Vec<f64>>> {
        let chains = self.chains();
        let latents = self.state.z().len() / chains;
        let trace = |k: usize, chain: usize| {
            let first = self.draws.iter().skip(chain * latents + k);
            first
                .step_by(chains * latents)
                .map(|value| f64::from(*value))
                .collect()
        };
        (0..latents)
            .map(|k| (0..chains).map(|chain| trace(k, chain)).collect())
            .collect()
    }
}
