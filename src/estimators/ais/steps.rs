//! Annealing one temperature at a time, so that it can be watched.

use super::Options;
use super::passage::{Course, Passage};
use crate::approximate_posteriors::ApproximatePosterior;
use crate::estimators::Estimate;
use crate::estimators::quadrature::{Grid, GridPosterior};
use crate::estimators::weights::Weights;
use crate::models::Handle;
use crate::nn::tensors::{flat_values, matrix};
use crate::{Result, Rng};

/// Chains that run together.
const CHAINS: usize = 8;

/// From which side log p(x) is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Chains from the prior to the posterior: a lower bound on average.
    Up,
    /// Chains from draws of the posterior to the prior: an upper bound on average, if the draws really are from the posterior.
    Down,
}

/// Where draws of the posterior come from.
#[derive(Debug)]
enum Source {
    Integrated(Box<GridPosterior>),
    /// q(z|x), for a model whose q(z|x) is p(z|x).
    Known(Box<dyn ApproximatePosterior>),
    /// Chains that went from the prior to the posterior before.
    Chains,
}

#[derive(Debug)]
enum Stage<'a> {
    Trial(Passage<'a>),
    Up(Passage<'a>),
    Down(Passage<'a>),
}

/// Annealed chains for one image, eight at once, which stop after every temperature.
///
/// A trial run first finds the lengths of the leapfrogs. The chains of the upper bound start from draws of p(z|x): from
/// integration for two latents, from q(z|x) where that is the posterior; otherwise from chains that went up just before, drawn
/// by their weights. Those are near the posterior only if the chains have reached it.
#[derive(Debug)]
pub struct AnnealingSteps<'a> {
    course: Course<'a>,
    direction: Direction,
    source: Source,
    latents: usize,
    stage: Stage<'a>,
    rng: Rng,
    weights: Weights,
    evaluations: usize,
    /// Where the last chains arrived.
    found: Option<Estimate>,
}

impl<'a> AnnealingSteps<'a> {
    /// For one image `[D]`.
    ///
    /// # Errors
    ///
    /// As [`super::Ais::new`]; [`crate::Error::NonFinite`] when the model's weights have grown too large.
    pub fn new(
        model: Handle<'a>,
        pixels: &[f32],
        options: Options,
        direction: Direction,
        rng: Rng,
    ) -> Result<Self> {
        let mut evaluations = 0;
        let source = if direction == Direction::Up {
            Source::Chains
        } else if model.capabilities().exact {
            Source::Known(model.encode(&matrix(pixels, pixels.len())?)?)
        } else if model.latents() == 2 {
            let posterior = Grid::new(&*model)?.posterior(&*model, pixels)?;
            evaluations = posterior.decoder_evaluations;
            Source::Integrated(Box::new(posterior))
        } else {
            Source::Chains
        };
        let latents = model.latents();
        let course = Course::new(model, pixels, options)?;
        let mut rng = rng;
        let trial = course.start_at_prior(CHAINS, &mut rng)?;
        Ok(Self {
            course,
            direction,
            source,
            latents,
            stage: Stage::Trial(trial),
            rng,
            weights: Weights::default(),
            evaluations: evaluations + CHAINS,
            found: None,
        })
    }

    /// Whether the chains of the upper bound start from draws of the posterior itself.
    pub fn starts_at_posterior(&self) -> bool {
        !matches!(self.source, Source::Chains)
    }

    /// How many codes were decoded so far, including those of chains that are still on their way; a code whose gradient was
    /// taken counts as three.
    pub fn decoder_evaluations(&self) -> usize {
        self.evaluations
    }

    /// Goes on by `temperatures` temperatures; gives the estimate from all chains that have arrived, once there are any.
    ///
    /// # Errors
    ///
    /// [`crate::Error::NonFinite`] when a weight is not a number; [`crate::Error::Tensor`] when a tensor cannot be computed.
    pub fn advance(&mut self, temperatures: usize) -> Result<Option<Estimate>> {
        for _ in 0..temperatures {
            self.evaluations += self.course.cost_of_temperature(CHAINS);
            let arrived = match &mut self.stage {
                Stage::Trial(passage) => self.course.try_out(passage, &mut self.rng)?,
                Stage::Up(passage) => self.course.climb(passage, &mut self.rng)?,
                Stage::Down(passage) => self.course.descend(passage, &mut self.rng)?,
            };
            if arrived {
                self.arrive()?;
            }
        }
        Ok(self.found)
    }

    /// Adds the weights of the chains that have arrived, and starts the next ones.
    fn arrive(&mut self) -> Result<()> {
        let next = match (&self.stage, self.direction) {
            (Stage::Up(_), Direction::Up) | (Stage::Down(_), _) => {
                self.count()?;
                None
            }
            (Stage::Up(passage), Direction::Down) => Some(passage.resampled(&mut self.rng)?),
            (Stage::Trial(_), _) => None,
        };
        let posterior_draws = match (next, &self.source) {
            (Some(draws), _) => Some(draws),
            (None, _) if self.direction == Direction::Up => None,
            (None, Source::Chains) => None,
            (None, Source::Integrated(posterior)) => Some(posterior.sample(CHAINS, &mut self.rng)),
            (None, Source::Known(posterior)) => {
                let noise = matrix(&self.rng.normals(CHAINS * self.latents), self.latents)?;
                let drawn = posterior.repeat(CHAINS)?.draw(&noise)?;
                Some(flat_values(&drawn.z)?)
            }
        };
        self.stage = match posterior_draws {
            Some(draws) => Stage::Down(self.course.start_at_posterior(draws)?),
            None => Stage::Up(self.course.start_at_prior(CHAINS, &mut self.rng)?),
        };
        self.evaluations += CHAINS;
        Ok(())
    }

    fn count(&mut self) -> Result<()> {
        let (Stage::Trial(passage) | Stage::Up(passage) | Stage::Down(passage)) = &self.stage;
        for log_weight in passage.log_weights() {
            self.weights.add(*log_weight)?;
        }
        let mut found = self.weights.estimate(self.evaluations)?;
        if self.direction == Direction::Down {
            found.log_likelihood = -found.log_likelihood;
        }
        self.found = Some(found);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::linear_gaussian::LinearGaussian;

    const ROUGH: Options = Options {
        temperatures: 40,
        leapfrogs: 5,
    };
    /// The trial run and several passages of eight chains: up and, for the upper bound, down again.
    const ARRIVALS: usize = 40;

    fn annealed(latents: usize, direction: Direction) -> (Estimate, f64, bool) {
        let model = LinearGaussian::new(latents);
        let x = &[1.5f32, -2.5, 0.3, 3.0][..latents];
        let mut steps = AnnealingSteps::new(
            Handle::Borrowed(&model),
            x,
            ROUGH,
            direction,
            Rng::from_seed(3),
        )
        .unwrap();
        assert!(steps.advance(ROUGH.temperatures).unwrap().is_none());
        let turns = if direction == Direction::Down { 2 } else { 1 };
        let found = steps
            .advance(ROUGH.temperatures * ARRIVALS * turns)
            .unwrap();
        let exact = LinearGaussian::log_likelihood_of(x);
        (found.unwrap(), exact, steps.starts_at_posterior())
    }

    #[test]
    fn chains_that_go_up_reach_the_closed_form() {
        let (found, exact, _) = annealed(4, Direction::Up);
        let error = (found.log_likelihood - exact).abs();
        assert!(error < 5.0 * found.standard_error, "{found:?} {exact}");
        assert!(found.standard_error < 0.1);
        // A trial and 40 passages of 8 chains: a code each, and 40 temperatures of 6 gradients.
        assert_eq!(found.decoder_evaluations, 41 * 8 * (1 + 40 * 6 * 3));
    }

    /// With this many latents only chains give draws of the posterior.
    #[test]
    fn chains_that_went_up_come_down_to_the_closed_form() {
        let (found, exact, starts_at_posterior) = annealed(4, Direction::Down);
        assert!(!starts_at_posterior);
        let error = (found.log_likelihood - exact).abs();
        assert!(error < 5.0 * found.standard_error, "{found:?} {exact}");
        assert!(found.standard_error < 0.1);
    }
}
