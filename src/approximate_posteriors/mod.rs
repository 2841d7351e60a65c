//! What an encoder says of a code: q(z|x), a row for each image, and the layers that make one.

pub mod categorical;
pub(crate) mod choice;
pub mod diagonal;
#[cfg(feature = "complete")]
pub mod flow;
pub mod full;
#[cfg(feature = "complete")]
pub mod iaf;
#[cfg(feature = "complete")]
pub mod planar;
pub mod point;
#[cfg(test)]
pub(crate) mod properties;
pub mod with_class;

use candle_core::Tensor;

use crate::distributions::DiagonalGaussian;
use crate::{Error, Result};

pub use categorical::Categorical;
pub use diagonal::DiagonalHead;
#[cfg(feature = "complete")]
pub use flow::FlowPosterior;
pub use full::FullGaussian;
pub use point::Point;
pub use with_class::WithClass;

/// Draws of z and how probable they were.
#[derive(Clone, Debug)]
pub struct Draw {
    /// z, `[B, K]`; differentiable where the distribution is continuous.
    pub z: Tensor,
    /// log q(z|x) of each row, nats, `[B]`.
    pub log_q: Tensor,
}

/// What kind of distribution q(z|x) is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A Gaussian with independent numbers: mean and variance say all of it.
    Diagonal,
    /// A Gaussian with a covariance.
    Full,
    /// A Gaussian bent by a flow.
    Flow,
    /// Choices, each written as a 1 among zeros.
    Categorical,
    /// A class, and real numbers whose distribution depends on it.
    WithClass,
    /// One code, without doubt.
    Point,
}

impl Kind {
    /// The name that JavaScript knows it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Diagonal => "diagonal",
            Self::Full => "full",
            Self::Flow => "flow",
            Self::Categorical => "categorical",
            Self::WithClass => "with-class",
            Self::Point => "point",
        }
    }
}

/// q(z|x) of B images.
pub trait ApproximatePosterior: std::fmt::Debug {
    /// What kind of distribution it is.
    fn kind(&self) -> Kind;

    /// Mean and log-variance of every number of the code, for those who want no more.
    ///
    /// # Shapes
    ///
    /// -> `[B, K]` each.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] if a tensor cannot be computed.
    fn moments(&self) -> Result<DiagonalGaussian>;

    /// The distribution itself, if it is a diagonal Gaussian.
    fn diagonal(&self) -> Option<&DiagonalGaussian> {
        None
    }

    /// Every row `count` times: all rows, then all rows again.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] if a tensor cannot be copied.
    fn repeat(&self, count: usize) -> Result<Box<dyn ApproximatePosterior>>;

    /// A draw for each row, and its density.
    ///
    /// # Shapes
    ///
    /// noise `[B, K]`, standard normal, which a distribution turns into what it needs.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] when shapes differ.
    fn draw(&self, noise: &Tensor) -> Result<Draw>;

    /// A draw through which gradients flow; the draw itself unless the codes are discrete.
    ///
    /// # Errors
    ///
    /// As [`ApproximatePosterior::draw`].
    fn relaxed(&self, noise: &Tensor) -> Result<Tensor> {
        Ok(self.draw(noise)?.z)
    }

    /// log q(z|x) of any z `[B, K]`, the distribution held constant: gradients reach z alone.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where the density of a z that was not drawn here is not at hand.
    fn held_log_prob(&self, _z: &Tensor) -> Result<Tensor> {
        Err(Error::Unsupported(
            "this posterior's density is known for its own draws only; use the objective \"iwae\" or \"elbo\""
                .to_owned(),
        ))
    }

    /// log q of every value that a code can take, `[B, M]`, in the order of [`crate::models::Model::values`], for codes
    /// with few values.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] if a tensor cannot be computed.
    fn log_probabilities(&self) -> Result<Option<Tensor>> {
        Ok(None)
    }

    /// KL(q || the standard prior of such codes) of each number of the code, `[B, K]`, nats, in closed form:
    /// the unit normal for real codes, the uniform distribution for discrete ones. None where there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] if a tensor cannot be computed.
    fn kl_to_standard(&self) -> Result<Option<Tensor>> {
        Ok(None)
    }
}

/// The last layers of an encoder.
pub trait EncoderHead: std::fmt::Debug {
    /// q(z|x) from the encoder's last hidden layer.
    ///
    /// # Shapes
    ///
    /// h `[B, hidden]`.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] for an h of another width.
    fn posterior(&self, h: &Tensor) -> Result<Box<dyn ApproximatePosterior>>;
}
