//! How probable an image is under a model: log p(x), its lower bound, and the exact posterior.
//!
//! Every number is in nats. An estimator knows no model family: it needs `encode`, `decode` and a prior.
//!
//! log p(x) may be called exact if it is known in closed form, as a sum over all codes, or by integration on a lattice that
//! is made finer until the four lattices inside it, each of twice its spacing, agree with it within [`EXACT_NATS`]. The
//! command line, the package and the page all take their exact figures from here.

pub mod ais;
pub mod bound;
pub mod classes;
mod estimator;
pub mod exact;
pub mod gaps;
pub mod gradients;
pub mod importance;
pub mod iwae;
pub mod naive;
pub mod quadrature;
pub mod race;
mod running_mean;
pub mod weights;

pub use estimator::{Estimation, Estimator, MOST_DRAWS, Options, estimate, estimates};

use crate::Result;

/// An upper limit of the error of every value that is called exact, in nats.
pub const EXACT_NATS: f64 = 0.005;

/// An estimate of log p(x) of one image, with its error and its cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// log p(x), in nats.
    pub log_likelihood: f64,
    /// Its standard error in nats, estimated from the draws by the delta method: sd(w) / (mean(w) sqrt(n)); 0 for an
    /// exact value.
    pub standard_error: f64,
    /// How many draws with equal weights would give as good an estimate: 1 / sum of squared normalised weights; infinite
    /// for an exact value.
    pub effective_samples: f64,
    /// An upper limit of the error of an exact value, in nats: 0 for a closed form. None for an estimate from draws.
    pub tolerance: Option<f64>,
    /// How many codes were decoded; a code whose gradient was taken counts as three.
    pub decoder_evaluations: usize,
}

impl Estimate {
    /// A value that is known in closed form or as a finite sum.
    pub fn exact(log_likelihood: f64) -> Self {
        Self {
            log_likelihood,
            standard_error: 0.0,
            effective_samples: f64::INFINITY,
            tolerance: Some(0.0),
            decoder_evaluations: 0,
        }
    }

    /// The mean over images whose estimates are independent; the cost of all together.
    pub fn mean_of(images: &[Self]) -> Self {
        let n = images.len() as f64;
        let mean = |value: fn(&Self) -> f64| images.iter().map(value).sum::<f64>() / n;
        let variance = mean(|image| image.standard_error.powi(2));
        let tolerances: Option<Vec<f64>> = images.iter().map(|image| image.tolerance).collect();
        Self {
            log_likelihood: mean(|image| image.log_likelihood),
            standard_error: (variance / n).sqrt(),
            effective_samples: mean(|image| image.effective_samples),
            tolerance: tolerances.map(|all| all.iter().sum::<f64>() / n),
            decoder_evaluations: images.iter().map(|image| image.decoder_evaluations).sum(),
        }
    }
}

/// An estimate of log p(x) of one image that gets better with every draw.
pub trait StreamingEstimator: std::fmt::Debug {
    /// Takes `draws` more draws, at least one; gives the estimate from all draws so far.
    ///
    /// # Errors
    ///
    /// [`crate::Error::NonFinite`] when a weight is not a number, or as long as all of them are 0;
    /// [`crate::Error::Tensor`] when the image does not fit the model.
    fn advance(&mut self, draws: usize) -> Result<Estimate>;
}
