//! The estimators that draw, by name, and what they say of many images.

use super::ais::{self, Ais};
use super::importance::{Importance, MAX_SAMPLES};
use super::naive::Naive;
use super::{Estimator, ImageEstimate, importance};
use crate::math::check_pixels;
use crate::models::Model;
use crate::{Error, PIXELS, Result, Rng};

/// An estimator of log p(x) that draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// From the prior.
    Naive,
    /// From the encoder.
    Importance,
    /// Chains from the prior to the posterior.
    Annealed(ais::Options),
}

impl Sampling {
    /// The names that [`Sampling::parse`] knows.
    pub const NAMES: [&'static str; 3] = ["naive", "importance", "annealed"];

    /// The estimator of this name, annealing as carefully as it does by default.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for any other name.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "naive" => Ok(Self::Naive),
            "importance" => Ok(Self::Importance),
            "annealed" if cfg!(feature = "complete") => Ok(Self::Annealed(ais::Options::default())),
            _ => Err(Error::argument(format!(
                "there is no estimator \"{name}\" that draws; there are {}",
                Self::NAMES.join(", ")
            ))),
        }
    }

    /// Draws (or chains) that are usually enough for a look.
    pub fn usual_draws(self) -> usize {
        match self {
            Self::Naive | Self::Importance => 500,
            Self::Annealed(_) => 16,
        }
    }

    /// Ready to estimate log p(x) of one image.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for annealing options out of their ranges; [`Error::Tensor`] when the image
    /// does not fit the model.
    pub fn start<'a>(
        self,
        model: &'a dyn Model,
        pixels: &[f32],
        rng: Rng,
    ) -> Result<Box<dyn Estimator + 'a>> {
        Ok(match self {
            Self::Naive => Box::new(Naive::new(model, pixels, rng)?),
            Self::Importance => Box::new(Importance::new(model, pixels, rng)?),
            Self::Annealed(options) => Box::new(Ais::new(model, pixels, options, rng)?),
        })
    }

    /// log p(x) of images number `first`, `first + 1`, ... of a larger set, from so many draws (or chains)
    /// each; an image's numbers depend on its place alone.
    ///
    /// # Shapes
    ///
    /// pixels `[n, 784]` -> n estimates.
    ///
    /// # Errors
    ///
    /// As [`check_pixels`] and [`Sampling::start`]; [`Error::InvalidArgument`] for no draws or more than a
    /// million; [`Error::NonFinite`] when a weight is no number or all of them are 0.
    pub fn log_likelihoods_from(
        self,
        model: &dyn Model,
        pixels: &[f32],
        draws: usize,
        seed: u64,
        first: usize,
    ) -> Result<Vec<ImageEstimate>> {
        let stream = match self {
            Self::Importance => {
                return importance::log_likelihoods_from(model, pixels, draws, seed, first);
            }
            Self::Naive => "naive",
            Self::Annealed(_) => "annealed",
        };
        check_pixels(pixels)?;
        if !(1..=MAX_SAMPLES).contains(&draws) {
            return Err(Error::argument(format!(
                "samples must be 1 to {MAX_SAMPLES}; got {draws}"
            )));
        }
        let rng = Rng::from_seed(seed).split(stream);
        let images = pixels.chunks_exact(PIXELS).enumerate();
        images
            .map(|(index, x)| {
                let rng = rng.split_index("image", (first + index) as u64);
                let found = self.start(model, x, rng)?.advance(draws)?;
                Ok(ImageEstimate {
                    log_likelihood: found.log_likelihood,
                    standard_error: found.standard_error,
                    effective_samples: found.effective_samples,
                })
            })
            .collect()
    }
}
