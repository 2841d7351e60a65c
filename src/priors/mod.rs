//! What a model believes of a code before it has seen an image: p(z), assumed or learned.

pub mod categorical;
pub(crate) mod choice;
pub mod gaussian_mixture;
#[cfg(test)]
pub(crate) mod properties;
pub mod unit_normal;
pub(crate) mod vamp;
pub mod with_class;

use candle_core::Tensor;

use crate::{Result, Rng};

pub use categorical::CategoricalPrior;
pub use gaussian_mixture::MixturePrior;
pub use unit_normal::UnitNormal;
pub use with_class::WithClass;

/// What kind of codes a prior is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The prior that [`crate::approximate_posteriors::ApproximatePosterior::kl_to_standard`] compares with, real codes: N(0, 1).
    UnitNormal,
    /// The same for discrete codes: every value as probable.
    Uniform,
    /// Another density of real codes.
    Continuous,
    /// Another distribution of discrete codes.
    Discrete,
}

impl Kind {
    /// Whether [`crate::approximate_posteriors::ApproximatePosterior::kl_to_standard`] compares with it.
    pub fn is_standard(self) -> bool {
        matches!(self, Self::UnitNormal | Self::Uniform)
    }

    /// Whether codes are real numbers, so that log p(x, z) has a gradient and chains can walk on it.
    pub fn is_continuous(self) -> bool {
        matches!(self, Self::UnitNormal | Self::Continuous)
    }
}

/// p(z).
pub trait Prior: std::fmt::Debug {
    /// What codes it is for.
    fn kind(&self) -> Kind;

    /// The distribution itself, if it is a mixture of diagonal Gaussians.
    fn mixture(&self) -> Option<&MixturePrior> {
        None
    }

    /// log p of every category, `[1, categories]`, nats, where a code is one categorical variable.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] if a tensor cannot be read.
    fn log_probabilities(&self) -> Result<Option<Tensor>> {
        Ok(None)
    }

    /// log p(z) of each row, nats.
    ///
    /// # Shapes
    ///
    /// z `[B, K]` -> `[B]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] for a z of another width.
    fn log_prob(&self, z: &Tensor) -> Result<Tensor>;

    /// Draws, `[count, K]`, row-major. A temperature below 1 keeps to the middle: it scales the deviation
    /// of real codes and leaves discrete ones alone.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] if a tensor cannot be read.
    fn sample(&self, count: usize, temperature: f32, rng: &mut Rng) -> Result<Vec<f32>>;
}
