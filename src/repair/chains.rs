//! A repair by Hamiltonian chains under way: it can be looked at after any step, and gone on with.

use super::Observation;
use super::posterior::{Diagnostics, Repaired, completions, sum_explained};
use crate::mcmc::{self, Chains, Diagnosis, Hmc, Target};
use crate::models::Model;
use crate::nn::tensors::matrix;
use crate::{Error, PIXELS, Result, Rng};

/// Chains on p(z|y) and what they have made of the image so far. What is asked in between changes nothing.
#[derive(Debug)]
pub struct Repairing {
    kernel: Hmc,
    chains: Chains,
    /// E[x|y, z] of all draws so far, added up.
    sum: Vec<f64>,
    seed: u64,
}

impl Repairing {
    /// Chains that start where the options say; the encoder's answer is that for the crude image. Their number of draws is
    /// only checked.
    ///
    /// # Errors
    ///
    /// As [`mcmc::explore`] and [`Observation::explain`].
    pub fn start(
        model: &dyn Model,
        observation: &Observation,
        options: mcmc::Options,
    ) -> Result<Self> {
        options.validate()?;
        let target = Target::of(model, observation)?;
        let crude = matrix(observation.crude(), PIXELS)?;
        Ok(Self {
            kernel: Hmc {
                step: 0.1,
                leapfrogs: 10,
            },
            chains: Chains::start(&target, &crude, options)?,
            sum: vec![0.0; PIXELS],
            seed: options.seed,
        })
    }

    /// Moves every chain so many times; the model and what was seen are those of the start.
    ///
    /// # Errors
    ///
    /// As [`Chains::step`] and [`Observation::explain`].
    pub fn advance(
        &mut self,
        model: &dyn Model,
        observation: &Observation,
        steps: usize,
    ) -> Result<()> {
        let target = Target::of(model, observation)?;
        let counted = self.chains.draws().len();
        for _ in 0..steps {
            self.chains.step(&target, &mut self.kernel)?;
        }
        let fresh = &self.chains.draws()[counted..];
        let weights = vec![1.0; fresh.len() / model.latents()];
        sum_explained(model, observation, fresh, &weights, &mut self.sum)
    }

    /// Steps so far, those of the warm-up among them.
    pub fn steps(&self) -> usize {
        self.chains.steps()
    }

    /// Draws so far, `[draws, C, K]`.
    pub fn draws(&self) -> &[f32] {
        self.chains.draws()
    }

    /// What the draws so far say of the chains.
    pub fn diagnose(&self) -> Diagnosis {
        self.chains.diagnose()
    }

    /// The image as the draws so far have it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] before the first draw.
    pub fn repaired(
        &self,
        model: &dyn Model,
        observation: &Observation,
        count: usize,
    ) -> Result<Repaired> {
        let latents = model.latents();
        let draws = self.draws().len() / latents;
        if draws == 0 {
            return Err(Error::argument(
                "the chains are still in their warm-up: no draw yet",
            ));
        }
        let rng = Rng::from_seed(self.seed).split("completions");
        let mut chosen = rng.split("codes");
        let codes = (0..count)
            .map(|_| (chosen.uniform() * draws as f32) as usize)
            .flat_map(|draw| &self.draws()[draw * latents..(draw + 1) * latents])
            .copied()
            .collect();
        let Diagnosis {
            acceptance,
            r_hat,
            effective_samples,
        } = self.diagnose();
        Ok(Repaired {
            mean: (self.sum.iter().map(|sum| (sum / draws as f64) as f32)).collect(),
            completions: completions(model, observation, codes, rng)?,
            diagnostics: Diagnostics::Chains {
                acceptance,
                r_hat: r_hat.into_iter().fold(0.0, f64::max),
                effective_samples: effective_samples.into_iter().fold(f64::INFINITY, f64::min),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Degradation, Noise, Operator};
    use super::*;
    use crate::checkpoint;
    use crate::data::Dataset;

    /// The upper half of a digit.
    fn observation() -> Observation {
        let grey = Dataset::strokes(4, 3).unwrap().images(2, 1).unwrap();
        let x: Vec<f32> = grey.iter().map(|v| v.round()).collect();
        let mask = (0..PIXELS).map(|pixel| pixel < PIXELS / 2).collect();
        let degradation = Degradation::new(Operator::Mask(mask), Noise::None).unwrap();
        let y = degradation.degrade(&x, &mut Rng::from_seed(6)).unwrap();
        degradation.observe(&y).unwrap()
    }

    #[test]
    fn in_pieces_it_is_what_it_is_at_once() {
        let bytes = include_bytes!("../../www/public/models/strokes-2d.safetensors");
        let model = checkpoint::load(bytes).unwrap().model;
        let model = model.as_ref();
        let observation = observation();
        let options = mcmc::Options {
            warm_up: 20,
            draws: 30,
            ..mcmc::Options::default()
        };
        let start = || Repairing::start(model, &observation, options).unwrap();
        let mut whole = start();
        whole.advance(model, &observation, 50).unwrap();
        let whole = whole.repaired(model, &observation, 3).unwrap();

        let mut pieces = start();
        pieces.advance(model, &observation, 20).unwrap();
        let error = pieces.repaired(model, &observation, 3).unwrap_err();
        assert_eq!(error.code(), "invalid-argument");
        for steps in [1, 9, 20] {
            pieces.advance(model, &observation, steps).unwrap();
            pieces.repaired(model, &observation, 3).unwrap();
        }
        assert_eq!(pieces.steps(), 50);
        assert_eq!(pieces.repaired(model, &observation, 3).unwrap(), whole);

        // E[x|y] is the mean of E[x|y, z] of the draws: what is seen stays as it is, the rest is as probable as decoded.
        let decoded: Vec<Vec<f32>> = (pieces.draws().chunks(2))
            .map(|z| crate::models::inference::decode_raw(model, z).unwrap())
            .collect();
        for pixel in 0..PIXELS {
            let expected = if pixel < PIXELS / 2 {
                f64::from(observation.crude()[pixel])
            } else {
                let of = |logits: &Vec<f32>| 1.0 / (1.0 + (-f64::from(logits[pixel])).exp());
                decoded.iter().map(of).sum::<f64>() / decoded.len() as f64
            };
            assert!((f64::from(whole.mean[pixel]) - expected).abs() < 1e-6);
        }
    }
}
