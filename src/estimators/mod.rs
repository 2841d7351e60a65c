//! How probable an image is under a model: log p(x), its lower bound, and the exact posterior.
//!
//! Every number is in nats. An estimator knows no model family: it needs `encode`, `decode` and a prior.

pub mod ais;
pub mod bound;
pub mod exact;
pub mod gaps;
pub mod importance;
pub mod naive;
pub mod quadrature;
pub mod sampling;
pub mod weights;

pub use sampling::Sampling;

use crate::Result;

/// An estimate of log p(x), averaged over some images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogLikelihood {
    /// Mean of log p(x), in nats.
    pub log_likelihood: f64,
    /// Standard error of that mean that is due to sampling (or to the grid), in nats.
    pub standard_error: f64,
    /// 1 / sum of squared normalised weights, averaged over the images; the grid's is the number of
    /// cells that carry the posterior.
    pub effective_samples: f64,
}

/// The estimate for one image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImageEstimate {
    /// log p(x), in nats.
    pub log_likelihood: f64,
    /// Its standard error by the delta method: sd(w) / (mean(w) sqrt(samples)).
    pub standard_error: f64,
    /// 1 / sum of squared normalised weights.
    pub effective_samples: f64,
}

/// An estimate of log p(x) of one image, and what it has cost so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// log p(x), in nats.
    pub log_likelihood: f64,
    /// Its standard error, in nats, as far as the draws so far can tell.
    pub standard_error: f64,
    /// Independent draws that would say as much.
    pub effective_samples: f64,
    /// Codes that were decoded; one whose gradient was taken counts as three.
    pub decoder_evaluations: usize,
}

impl Estimate {
    fn new(estimate: ImageEstimate, decoder_evaluations: usize) -> Self {
        Self {
            log_likelihood: estimate.log_likelihood,
            standard_error: estimate.standard_error,
            effective_samples: estimate.effective_samples,
            decoder_evaluations,
        }
    }
}

/// log p(x) of one image, better with every draw.
pub trait Estimator {
    /// Goes on by so many draws, at least one; the estimate from all so far.
    ///
    /// # Errors
    ///
    /// [`crate::Error::NonFinite`] when a weight is no number, or as long as all of them are 0;
    /// [`crate::Error::Tensor`] when the image does not fit the model.
    fn advance(&mut self, draws: usize) -> Result<Estimate>;
}

impl LogLikelihood {
    /// The mean of exact values: no error, and no draws.
    pub fn exact(values: &[f64]) -> Self {
        Self {
            log_likelihood: values.iter().sum::<f64>() / values.len() as f64,
            standard_error: 0.0,
            effective_samples: f64::INFINITY,
        }
    }

    /// The mean over images whose estimates are independent.
    pub fn mean_of(images: &[ImageEstimate]) -> Self {
        let n = images.len() as f64;
        let mean = |value: fn(&ImageEstimate) -> f64| images.iter().map(value).sum::<f64>() / n;
        let variance = mean(|image| image.standard_error.powi(2));
        Self {
            log_likelihood: mean(|image| image.log_likelihood),
            standard_error: (variance / n).sqrt(),
            effective_samples: mean(|image| image.effective_samples),
        }
    }
}
