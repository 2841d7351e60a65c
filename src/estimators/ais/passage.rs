//! The sequence of distributions between prior and posterior, and chains that go through it.

use candle_core::Tensor;

use super::Options;
use crate::estimators::weights::Weights;
use crate::math::sigmoid;
use crate::mcmc::{Hmc, Kernel, State, Target, hmc};
use crate::models::{Handle, continuous_prior};
use crate::nn::tensors::matrix;
use crate::priors::Prior;
use crate::{Error, Result, Rng};

const FIRST_STEP: f64 = 0.2;
/// How fast the trial run follows the rate of acceptance.
const PACE: f64 = 0.3;
/// The schedule is the part of a logistic curve from minus this to plus this.
const STEEPNESS: f32 = 4.0;
/// A gradient costs about this many decoded codes.
const GRADIENT_COST: usize = 3;

/// p(z) p(x|z)^beta for every beta of the schedule, and how chains move there.
#[derive(Debug)]
pub(super) struct Course<'a> {
    model: Handle<'a>,
    prior: Box<dyn Prior>,
    x: Tensor,
    leapfrogs: usize,
    betas: Vec<f64>,
    /// The length of the leapfrogs at each beta but the first, fixed after the trial run: if the lengths depended on the chains
    /// themselves, their weights would be biased.
    steps: Vec<f64>,
}

/// Chains on their way through the schedule.
#[derive(Debug)]
pub(super) struct Passage<'a> {
    target: Target<'a>,
    state: State,
    log_weights: Vec<f64>,
    /// How many temperatures they have passed.
    done: usize,
}

impl Passage<'_> {
    pub fn log_weights(&self) -> &[f64] {
        &self.log_weights
    }

    pub fn chains(&self) -> usize {
        self.log_weights.len()
    }

    /// Where the chains are, each drawn as often as its weight says: at the end, approximate draws from the posterior.
    ///
    /// # Errors
    ///
    /// [`Error::NonFinite`] when no chain has a weight.
    pub fn resampled(&self, rng: &mut Rng) -> Result<Vec<f32>> {
        let mut weights = Weights::default();
        for log_weight in &self.log_weights {
            weights.add(*log_weight)?;
        }
        let log_mean = weights.estimate(0)?.log_likelihood;
        let latents = self.state.z().len() / self.chains();
        let mut drawn = Vec::with_capacity(self.state.z().len());
        for _ in 0..self.chains() {
            let mut left = f64::from(rng.uniform()) * self.chains() as f64;
            let mut chosen = self.chains() - 1;
            for (chain, log_weight) in self.log_weights.iter().enumerate() {
                left -= (log_weight - log_mean).exp();
                if left <= 0.0 {
                    chosen = chain;
                    break;
                }
            }
            drawn.extend_from_slice(&self.state.z()[chosen * latents..(chosen + 1) * latents]);
        }
        Ok(drawn)
    }
}

impl<'a> Course<'a> {
    /// From the prior to the posterior of an image, before the trial run.
    ///
    /// # Errors
    ///
    /// As [`super::Ais::new`].
    pub fn new(model: Handle<'a>, pixels: &[f32], options: Options) -> Result<Self> {
        let Options {
            temperatures,
            leapfrogs,
        } = options;
        if !(1..=100_000).contains(&temperatures) || !(1..=1000).contains(&leapfrogs) {
            return Err(Error::argument(format!(
                "annealing takes 1 to 100000 temperatures and 1 to 1000 leapfrogs; got \
                 {temperatures} and {leapfrogs}"
            )));
        }
        Ok(Self {
            prior: continuous_prior(&*model)?,
            model,
            x: matrix(pixels, pixels.len())?,
            leapfrogs,
            betas: schedule(temperatures),
            steps: vec![FIRST_STEP; temperatures],
        })
    }

    /// The cost of one temperature for this number of chains, in decoded codes.
    pub fn cost_of_temperature(&self, chains: usize) -> usize {
        GRADIENT_COST * chains * (self.leapfrogs + 1)
    }

    /// The cost of the whole schedule.
    pub fn cost(&self, chains: usize) -> usize {
        chains + self.steps.len() * self.cost_of_temperature(chains)
    }

    /// Chains at draws of the prior.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] when the image does not fit the model.
    pub fn start_at_prior(&self, chains: usize, rng: &mut Rng) -> Result<Passage<'a>> {
        let target = Target::held(self.model.clone(), &self.x, chains)?;
        let state = target.state(self.prior.sample(chains, 1.0, rng)?)?;
        Ok(Passage {
            target,
            state,
            log_weights: vec![0.0; chains],
            done: 0,
        })
    }

    /// Chains at these draws of the posterior `[C, K]`.
    ///
    /// # Errors
    ///
    /// As [`Course::start_at_prior`].
    pub fn start_at_posterior(&self, draws: Vec<f32>) -> Result<Passage<'a>> {
        let chains = draws.len() / self.model.latents();
        let target = Target::held(self.model.clone(), &self.x, chains)?;
        let state = target.state(draws)?;
        Ok(Passage {
            target,
            state,
            log_weights: vec![0.0; chains],
            done: 0,
        })
    }

    /// One temperature up in the trial run: the length of the leapfrogs follows the acceptance, and is kept for the later
    /// chains. Tells whether that was the last temperature.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] when a tensor cannot be computed.
    pub fn try_out(&mut self, passage: &mut Passage<'a>, rng: &mut Rng) -> Result<bool> {
        let index = passage.done;
        passage.target.set_beta(self.betas[index + 1]);
        let accepted = self
            .kernel(index)
            .step(&passage.target, &mut passage.state, rng)?;
        let rate = accepted.iter().sum::<f64>() / accepted.len() as f64;
        let next = self.steps[index] * (PACE * (rate - hmc::WANTED_ACCEPTANCE)).exp();
        if let Some(step) = self.steps.get_mut(index + 1) {
            *step = next;
        }
        passage.done += 1;
        Ok(passage.done == self.steps.len())
    }

    /// One temperature up, towards the posterior; tells whether that was the last. The mean of the weights is then p(x).
    ///
    /// # Errors
    ///
    /// As [`Course::try_out`].
    pub fn climb(&self, passage: &mut Passage<'a>, rng: &mut Rng) -> Result<bool> {
        let index = passage.done;
        self.weigh(passage, self.betas[index + 1] - self.betas[index]);
        passage.target.set_beta(self.betas[index + 1]);
        self.kernel(index)
            .step(&passage.target, &mut passage.state, rng)?;
        passage.done += 1;
        Ok(passage.done == self.steps.len())
    }

    /// One temperature down, towards the prior; tells whether that was the last. The mean of the weights is then 1 / p(x).
    ///
    /// # Errors
    ///
    /// As [`Course::try_out`].
    pub fn descend(&self, passage: &mut Passage<'a>, rng: &mut Rng) -> Result<bool> {
        let index = self.steps.len() - 1 - passage.done;
        passage.target.set_beta(self.betas[index + 1]);
        self.kernel(index)
            .step(&passage.target, &mut passage.state, rng)?;
        self.weigh(passage, self.betas[index] - self.betas[index + 1]);
        passage.done += 1;
        Ok(passage.done == self.steps.len())
    }

    fn kernel(&self, index: usize) -> Hmc {
        Hmc {
            step: self.steps[index],
            leapfrogs: self.leapfrogs,
        }
    }

    fn weigh(&self, passage: &mut Passage<'a>, change: f64) {
        let fits = passage.state.log_likelihood();
        for (log_weight, log_likelihood) in passage.log_weights.iter_mut().zip(fits) {
            *log_weight += change * log_likelihood;
        }
    }
}

/// beta_0 = 0 to beta_T = 1 along a logistic curve, with small steps at both ends.
fn schedule(temperatures: usize) -> Vec<f64> {
    let (low, high) = (sigmoid(-STEEPNESS), sigmoid(STEEPNESS));
    (0..=temperatures)
        .map(|t| match t {
            0 => 0.0,
            t if t == temperatures => 1.0,
            t => {
                let at = STEEPNESS * (2.0 * t as f32 / temperatures as f32 - 1.0);
                f64::from((sigmoid(at) - low) / (high - low))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedule_climbs_from_the_prior_to_the_posterior() {
        let betas = schedule(100);
        assert_eq!((betas[0], betas[100]), (0.0, 1.0));
        assert!(betas.windows(2).all(|pair| pair[0] < pair[1]));
        assert!((betas[50] - 0.5).abs() < 1e-6 && betas[1] < 0.005);
        assert_eq!(schedule(1), [0.0, 1.0]);
    }
}
