//! The way back from numbers that are not finite: to the last good state of the run.

use super::{Position, Tally, Trainer};
use crate::nn::Parameters;
use crate::nn::optimiser::Moments;
use crate::{Error, Result};

/// Steps between the states that a run falls back to when its numbers stop being finite.
const SNAPSHOT_STEPS: u64 = 50;
/// Fall-backs in a row, without a new good state, after which the run gives up.
const MAX_RECOVERIES: u32 = 20;

/// The state of a run at one of its steps.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    weights: Vec<Vec<f32>>,
    moments: Moments,
    position: Position,
}

impl Snapshot {
    pub(super) fn of(
        parameters: &Parameters,
        moments: &Moments,
        position: Position,
    ) -> Result<Self> {
        Ok(Self {
            weights: parameters.values()?,
            moments: moments.clone(),
            position,
        })
    }

    fn is_finite(&self) -> bool {
        let Moments { first, second } = &self.moments;
        let all = [&self.weights, first, second].into_iter();
        all.flatten().flatten().all(|value| value.is_finite())
    }
}

impl Trainer {
    /// Adds a step's loss, reconstruction and KL to the tally; where a number is not finite, the run falls back instead.
    pub(super) fn settle(&mut self, tally: &mut Tally, parts: [f64; 3], rate: f64) -> Result<()> {
        tally.rate = rate;
        tally.images += self.batch_size() as u64;
        if parts.iter().all(|v| v.is_finite()) && self.keep_good_state()? {
            let sums = tally.sums.iter_mut().zip(parts);
            sums.for_each(|(sum, part)| *sum += part);
            tally.finite += 1;
        } else {
            self.fall_back()?;
            tally.recovered = true;
        }
        Ok(())
    }

    /// Remembers the state after every [`SNAPSHOT_STEPS`] steps; false if a number in it is not finite.
    fn keep_good_state(&mut self) -> Result<bool> {
        if !self.position.step.is_multiple_of(SNAPSHOT_STEPS) {
            return Ok(true);
        }
        let state = Snapshot::of(self.model.parameters(), &self.moments, self.position)?;
        if !state.is_finite() {
            return Ok(false);
        }
        self.last_good = state;
        self.recoveries = 0;
        Ok(true)
    }

    /// Goes back to the last good state and halves the learning rate.
    fn fall_back(&mut self) -> Result<()> {
        self.recoveries += 1;
        let good = &self.last_good;
        self.model.parameters().set_values(&good.weights)?;
        self.moments = good.moments.clone();
        self.position = good.position;
        self.order = self.data.epoch_order(&self.rng, self.position.epoch);
        let halved = self.options.base_learning_rate() / 2.0;
        if self.recoveries > MAX_RECOVERIES || self.options.set_learning_rate(halved).is_err() {
            return Err(Error::NonFinite(format!(
                "training diverged and going back to step {} did not help; reset the model or \
                 choose a smaller learning rate",
                self.position.step
            )));
        }
        Ok(())
    }
}
