//! What a decoder's output says of the pixels: p(x|z).
//!
//! Every one has the form log p(x|z) = features(x) . natural(z) + log p(0|z) + h(x), so that one image is compared with
//! many codes by a product.

pub mod bernoulli;
pub(crate) mod choice;
pub mod continuous_bernoulli;
#[cfg(feature = "complete")]
pub mod decoded_gaussian;
pub mod gaussian;
#[cfg(test)]
pub(crate) mod properties;

use candle_core::Tensor;

use crate::{Result, Rng};

pub use bernoulli::Bernoulli;
pub use continuous_bernoulli::ContinuousBernoulli;
#[cfg(feature = "complete")]
pub use decoded_gaussian::DecodedGaussian;
pub use gaussian::Gaussian;

/// p(x|z), given what the decoder made of z: a number for each pixel, or several.
pub trait Likelihood: std::fmt::Debug {
    /// How many numbers the decoder gives for each pixel: the first of all pixels, then the second.
    fn numbers(&self) -> usize {
        1
    }

    /// log p(x|z) of each row, nats.
    ///
    /// # Shapes
    ///
    /// decoded `[B, numbers D]`, x `[B, D]` -> `[B]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] when shapes differ.
    fn log_prob(&self, decoded: &Tensor, x: &Tensor) -> Result<Tensor>;

    /// log p(x|z) of one and the same x `[D]` for each row that z was decoded to, nats.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] if a parameter cannot be read.
    fn log_prob_of_one(&self, decoded: &[f32], x: &[f32]) -> Result<Vec<f64>>;

    /// What of an image log p(x|z) is linear in, as many numbers as the decoder gives: x itself unless a likelihood has
    /// others.
    fn features(&self, x: &[f32]) -> Vec<f32> {
        x.to_vec()
    }

    /// The coefficients of the features in log p(x|z), in place of what was decoded; the same numbers unless a likelihood
    /// has others.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] if a parameter cannot be read.
    fn to_natural(&self, _decoded: &mut [f32]) -> Result<()> {
        Ok(())
    }

    /// The coefficients c of h(x) = sum_j c_j x_j^2, the part of log p(x|z) that no z changes, `[D]`; none where
    /// it is 0.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] if a parameter cannot be read.
    fn of_squares(&self) -> Result<Option<Vec<f32>>> {
        Ok(None)
    }

    /// E[x|z], `[n, D]`, in place of what was decoded.
    fn to_mean(&self, decoded: &mut Vec<f32>);

    /// E[x|z] with its gradient.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] if it cannot be computed.
    fn mean(&self, decoded: &Tensor) -> Result<Tensor>;

    /// A draw of every pixel, `[n, D]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] if a parameter cannot be read.
    fn sample(&self, decoded: &[f32], rng: &mut Rng) -> Result<Vec<f32>>;

    /// Whether pixels are black or white and what was decoded the logits of their probabilities.
    fn is_binary(&self) -> bool {
        false
    }

    /// What a decoder should give for an image of this mean, for the bias that training starts from.
    fn of_mean(&self, mean: f32) -> f32;
}
