//! How probable an image is under a model: log p(x), its lower bound, and the exact posterior.
//!
//! Every number is in nats. An estimator knows no model family: it needs `encode`, `decode` and a prior.
//!
//! What may be called exact: log p(x) in closed form, as a sum over all codes, or integrated until the four lattices
//! that lie in the finest, each of twice its spacing, agree with it within [`EXACT_NATS`]. Everybody who shows an exact
//! figure asks for it here.

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
pub mod weights;

pub use estimator::{Estimation, Estimator, MOST_DRAWS, Options, estimate, estimates};

use crate::Result;

/// What is called exact is off by less, in nats.
pub const EXACT_NATS: f64 = 0.005;

/// log p(x) of one image, how far to believe it and what it has cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// log p(x), in nats.
    pub log_likelihood: f64,
    /// Its standard error, in nats, as far as the draws can tell, by the delta method: sd(w) / (mean(w) sqrt(n)); 0
    /// for what is exact.
    pub standard_error: f64,
    /// Independent draws that would say as much, 1 / sum of squared normalised weights; infinitely many for what is
    /// exact.
    pub effective_samples: f64,
    /// For what is exact, nats that are more than its error: 0 for a closed form. None for what is drawn.
    pub tolerance: Option<f64>,
    /// Codes that were decoded; one whose gradient was taken counts as three.
    pub decoder_evaluations: usize,
}

impl Estimate {
    /// What is known in closed form or as a finite sum.
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

/// log p(x) of one image, better with every draw.
pub trait StreamingEstimator: std::fmt::Debug {
    /// Goes on by so many draws, at least one; the estimate from all so far.
    ///
    /// # Errors
    ///
    /// [`crate::Error::NonFinite`] when a weight is no number, or as long as all of them are 0;
    /// [`crate::Error::Tensor`] when the image does not fit the model.
    fn advance(&mut self, draws: usize) -> Result<Estimate>;
}
