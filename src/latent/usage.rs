//! Which latents a model uses.

use crate::math::check_rows;
use crate::{Error, Result};

/// Variance of a code's mean over images above which a latent counts as active (Burda et al. 2015).
pub const ACTIVE_VARIANCE: f64 = 0.01;

/// How much each latent says about images.
#[derive(Clone, Debug, PartialEq)]
pub struct Usage {
    /// KL(q(z_k|x) || N(0, 1)) in nats, its mean over images, `[K]`; near 0 for a collapsed latent.
    pub kl: Vec<f64>,
    /// Var_x(E_q z_k), `[K]`.
    pub variance: Vec<f64>,
}

impl Usage {
    /// The usage of latents whose posterior is N(mean, exp(log_var)) and whose prior is N(0, 1).
    ///
    /// # Shapes
    ///
    /// mean and log_var `[n, latents]`, a row an image.
    ///
    /// # Errors
    ///
    /// As [`check_rows`]; [`Error::Shape`] when mean and log_var differ in length.
    pub fn of(mean: &[f32], log_var: &[f32], latents: usize) -> Result<Self> {
        let rows = check_rows("mean", mean, latents)? as f64;
        check_rows("log_var", log_var, latents)?;
        if mean.len() != log_var.len() {
            return Err(Error::shape(format!(
                "mean and log_var must be equally long; got {} and {} numbers",
                mean.len(),
                log_var.len()
            )));
        }
        let column = |values: &[f32], latent: usize| -> Vec<f64> {
            let entries = values.iter().skip(latent).step_by(latents);
            entries.map(|v| f64::from(*v)).collect()
        };
        let mut usage = Self {
            kl: Vec::with_capacity(latents),
            variance: Vec::with_capacity(latents),
        };
        for latent in 0..latents {
            let (mean, log_var) = (column(mean, latent), column(log_var, latent));
            let centre = mean.iter().sum::<f64>() / rows;
            let squares = mean.iter().map(|m| (m - centre).powi(2));
            usage.variance.push(squares.sum::<f64>() / rows);
            // exp(l) - 1 - l loses digits near l = 0 unless it is taken together.
            let kl = |(m, l): (&f64, &f64)| 0.5 * (m * m + (l.exp_m1() - l));
            let total = mean.iter().zip(&log_var).map(kl).sum::<f64>();
            usage.kl.push(total / rows);
        }
        Ok(usage)
    }

    /// The number of active latents: those with a variance above [`ACTIVE_VARIANCE`].
    pub fn active(&self) -> usize {
        let active = self.variance.iter().filter(|v| **v > ACTIVE_VARIANCE);
        active.count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_latents_by_hand() {
        // Collapsed; moving by 0.3 either way with variance 1/4; fixed at 2.
        let mean = [0.0, 0.3, 2.0, 0.0, -0.3, 2.0];
        let quarter = -(4f32.ln());
        let log_var = [0.0, quarter, 0.0, 0.0, quarter, 0.0];
        let usage = Usage::of(&mean, &log_var, 3).unwrap();
        let kl = [0.0, 0.5 * (0.09 + 0.25 - 1.0 + 4f64.ln()), 2.0];
        let variance = [0.0, 0.09, 0.0];
        for (found, wanted) in usage
            .kl
            .iter()
            .zip(kl)
            .chain(usage.variance.iter().zip(variance))
        {
            assert!((found - wanted).abs() < 1e-7, "{usage:?}");
        }
        assert_eq!(usage.active(), 1);
    }

    #[test]
    fn the_border_of_activity_is_a_deviation_of_a_tenth() {
        let active = |size: f32| {
            let mean = [size, -size];
            Usage::of(&mean, &[0.0; 2], 1).unwrap().active()
        };
        assert_eq!((active(0.0999), active(0.1001)), (0, 1));
    }

    #[test]
    fn malformed_input_is_refused() {
        assert!(Usage::of(&[], &[], 1).is_err());
        assert!(Usage::of(&[0.0; 2], &[0.0; 4], 2).is_err());
        assert!(Usage::of(&[0.0; 2], &[f32::NAN; 2], 2).is_err());
    }
}
