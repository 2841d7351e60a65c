//! A running summary of importance weights, whose mean is p(x).

use super::Estimate;
use crate::{Error, Result};

/// The sums that an estimate needs, relative to the largest weight so far: even weights of e^-800 do not become 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weights {
    largest: Option<f64>,
    sum: f64,
    square_sum: f64,
    count: f64,
}

impl Weights {
    /// Adds one weight, given as its logarithm; minus infinity is a weight of 0.
    ///
    /// # Errors
    ///
    /// [`Error::NonFinite`] for a logarithm that is not a number or plus infinity.
    pub fn add(&mut self, log_weight: f64) -> Result<()> {
        if log_weight.is_nan() || log_weight == f64::INFINITY {
            return Err(diverged());
        }
        self.count += 1.0;
        if log_weight == f64::NEG_INFINITY {
            return Ok(());
        }
        let largest = self.largest.map_or(log_weight, |v| v.max(log_weight));
        let shrink = self.largest.map_or(0.0, |before| (before - largest).exp());
        let weight = (log_weight - largest).exp();
        self.sum = self.sum * shrink + weight;
        self.square_sum = self.square_sum * shrink * shrink + weight * weight;
        self.largest = Some(largest);
        Ok(())
    }

    /// The logarithm of the mean weight, its standard error by the delta method, sd(w) / (mean(w) sqrt(n)), and the effective
    /// sample size (sum w)^2 / sum w^2. `decoder_evaluations` is noted as their cost.
    ///
    /// # Errors
    ///
    /// [`Error::NonFinite`] before the first weight above 0.
    pub fn estimate(&self, decoder_evaluations: usize) -> Result<Estimate> {
        let largest = self.largest.ok_or_else(diverged)?;
        let normalised = self.square_sum / (self.sum * self.sum);
        Ok(Estimate {
            log_likelihood: largest + (self.sum / self.count).ln(),
            standard_error: (normalised - 1.0 / self.count).max(0.0).sqrt(),
            effective_samples: 1.0 / normalised,
            tolerance: None,
            decoder_evaluations,
        })
    }
}

fn diverged() -> Error {
    Error::NonFinite(
        "an importance weight is not finite: the model's weights have grown too large".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summarise(log_weights: &[f64]) -> Result<Estimate> {
        let mut weights = Weights::default();
        for log_weight in log_weights {
            weights.add(*log_weight)?;
        }
        weights.estimate(log_weights.len())
    }

    #[test]
    fn summaries_of_known_weights() {
        let equal = summarise(&[-3.0; 8]).unwrap();
        assert!((equal.log_likelihood + 3.0).abs() < 1e-12);
        assert!(equal.standard_error < 1e-7 && (equal.effective_samples - 8.0).abs() < 1e-9);
        let one = summarise(&[0.0, -1000.0]).unwrap();
        assert!((one.log_likelihood + 2f64.ln()).abs() < 1e-12);
        assert!((one.effective_samples - 1.0).abs() < 1e-12);
        assert_eq!(summarise(&[f64::NAN]).unwrap_err().code(), "non-finite");
        assert_eq!(summarise(&[]).unwrap_err().code(), "non-finite");
    }

    /// The order does not matter: a small weight after a large one, or before it.
    #[test]
    fn weights_of_any_size_in_any_order() {
        let log_weights = [-800.0, -790.0, f64::NEG_INFINITY, -1200.0, -792.5];
        let largest = -790.0;
        let mean = log_weights
            .iter()
            .map(|w: &f64| (w - largest).exp())
            .sum::<f64>()
            / 5.0;
        let wanted = largest + mean.ln();
        let mut turned = log_weights;
        for _ in 0..5 {
            turned.rotate_left(1);
            let found = summarise(&turned).unwrap();
            assert!((found.log_likelihood - wanted).abs() < 1e-12);
        }
    }
}
