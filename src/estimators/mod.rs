//! How probable an image is under a model: log p(x), its lower bound, and the exact posterior.
//!
//! Every number is in nats. An estimator knows no model family: it needs `encode`, `decode` and a prior.

pub mod bound;
pub mod importance;
pub mod quadrature;

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

impl LogLikelihood {
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
