//! Which latents a model uses.

use crate::math::{check_rows, logsumexp};
use crate::nn::tensors::flat_values;
use crate::priors::{MixturePrior, Prior};
use crate::{Error, Result};

/// Points of the sum over a Gaussian, and the deviations that they reach from its mean.
const POINTS: i32 = 25;
const REACH: f64 = 6.0;

/// Variance of a code's mean over images, beside the prior's variance, above which a latent counts as active (Burda et
/// al. 2015, where the prior's is 1).
pub const ACTIVE_VARIANCE: f64 = 0.01;

/// How much each latent says about images.
#[derive(Clone, Debug, PartialEq)]
pub struct Usage {
    /// KL(q(z_k|x) || p(z_k)) in nats, its mean over images, `[K]`; near 0 for a collapsed latent.
    pub kl: Vec<f64>,
    /// Var_x(E_q z_k), `[K]`.
    pub variance: Vec<f64>,
    /// Var_p(z_k), `[K]`: 1 for a unit normal.
    pub prior_variance: Vec<f64>,
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
            prior_variance: vec![1.0; latents],
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

    /// [`Usage::of`] under this prior: a learned mixture of Gaussians, of which each latent has its marginal p(z_k), or the
    /// standard one.
    ///
    /// # Errors
    ///
    /// As [`Usage::of`]; [`Error::Shape`] for a prior of other latents.
    pub fn under(prior: &dyn Prior, mean: &[f32], log_var: &[f32], latents: usize) -> Result<Self> {
        let mut usage = Self::of(mean, log_var, latents)?;
        let Some(mixture) = prior.mixture() else {
            return Ok(usage);
        };
        let rows = (mean.len() / latents) as f64;
        usage.kl = vec![0.0; latents];
        for (k, marginal) in Marginal::of_each(mixture, latents)?.iter().enumerate() {
            usage.prior_variance[k] = marginal.variance();
            let codes = mean.iter().zip(log_var).skip(k).step_by(latents);
            for (mean, log_var) in codes {
                usage.kl[k] += marginal.divergence(f64::from(*mean), f64::from(*log_var)) / rows;
            }
        }
        Ok(usage)
    }

    /// The number of active latents: those with more than [`ACTIVE_VARIANCE`] of the prior's variance.
    pub fn active(&self) -> usize {
        let both = self.variance.iter().zip(&self.prior_variance);
        both.filter(|(found, prior)| **found > ACTIVE_VARIANCE * **prior)
            .count()
    }
}

/// p(z_k) of a mixture: weight, mean and variance of each component.
struct Marginal(Vec<[f64; 3]>);

impl Marginal {
    fn of_each(mixture: &MixturePrior, latents: usize) -> Result<Vec<Self>> {
        let weights = flat_values(&mixture.log_weights()?.exp()?)?;
        let means = flat_values(&mixture.components.mean)?;
        let log_vars = flat_values(&mixture.components.log_var)?;
        if means.len() != weights.len() * latents {
            return Err(Error::shape(format!(
                "a prior of {} latents does not fit codes of {latents}",
                means.len() / weights.len()
            )));
        }
        let marginal = |k: usize| {
            let components = weights.iter().enumerate().map(|(m, weight)| {
                let at = m * latents + k;
                let variance = f64::from(log_vars[at]).exp();
                [f64::from(*weight), f64::from(means[at]), variance]
            });
            Self(components.collect())
        };
        Ok((0..latents).map(marginal).collect())
    }

    fn variance(&self) -> f64 {
        let mean: f64 = self.0.iter().map(|[weight, mean, _]| weight * mean).sum();
        let terms = self.0.iter();
        terms
            .map(|[weight, m, variance]| weight * (variance + (m - mean).powi(2)))
            .sum()
    }

    fn log_density(&self, z: f64) -> f64 {
        let terms: Vec<f64> = (self.0.iter())
            .map(|[weight, mean, variance]| {
                let square = (z - mean).powi(2) / variance;
                weight.ln() - 0.5 * (square + (std::f64::consts::TAU * variance).ln())
            })
            .collect();
        logsumexp(&terms)
    }

    /// KL(N(mean, exp(log_var)) || this), by a sum over evenly spaced points, which is as good as exact for a smooth
    /// integrand.
    fn divergence(&self, mean: f64, log_var: f64) -> f64 {
        let deviation = (0.5 * log_var).exp();
        let spacing = 2.0 * REACH / f64::from(POINTS - 1);
        let expected: f64 = (0..POINTS)
            .map(|point| {
                let noise = spacing * f64::from(point) - REACH;
                let weight = spacing * (-0.5 * noise * noise).exp() / std::f64::consts::TAU.sqrt();
                weight * self.log_density(mean + deviation * noise)
            })
            .sum();
        -0.5 * (log_var + std::f64::consts::TAU.ln() + 1.0) - expected
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::DiagonalGaussian;
    use crate::nn::tensors::matrix;
    use crate::priors::UnitNormal;

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

    /// A prior of one Gaussian N(1, 1/4) for the first latent and N(0, 100) for the second: closed forms, and a latent that
    /// moves by 0.3 is little beside a prior ten wide.
    #[test]
    fn a_learned_prior_is_the_measure() {
        let log_var = [0.25f32.ln(), 100f32.ln()];
        let prior = |copies: usize| MixturePrior {
            weight_logits: matrix(&vec![0.3; copies], copies)
                .unwrap()
                .squeeze(0)
                .unwrap(),
            components: DiagonalGaussian {
                mean: matrix(&[1.0, 0.0].repeat(copies), 2).unwrap(),
                log_var: matrix(&log_var.repeat(copies), 2).unwrap(),
            },
        };
        let mean = [1.3, 0.3, 0.7, -0.3];
        let codes_log_var = [0.5f32.ln(), 0.0, 0.5f32.ln(), 0.0];
        let divergence =
            |off: f64, v: f64, s: f64| 0.5 * ((off * off + v) / s - 1.0 - (v / s).ln());
        for copies in [1, 3] {
            let found = Usage::under(&prior(copies), &mean, &codes_log_var, 2).unwrap();
            for (found, wanted) in [
                (found.kl[0], divergence(0.3, 0.5, 0.25)),
                (found.kl[1], divergence(0.3, 1.0, 100.0)),
                (found.prior_variance[0], 0.25),
                (found.prior_variance[1], 100.0),
            ] {
                assert!((found - wanted).abs() < 1e-5 * wanted, "{found} {wanted}");
            }
            assert_eq!(found.active(), 1);
        }
        // A mixture of -2 and 2: variances add, and a code at one of them knows which.
        let two = MixturePrior {
            weight_logits: matrix(&[0.0, 0.0], 2).unwrap().squeeze(0).unwrap(),
            components: DiagonalGaussian {
                mean: matrix(&[-2.0, 2.0], 1).unwrap(),
                log_var: matrix(&[0.01f32.ln(); 2], 1).unwrap(),
            },
        };
        let found = Usage::under(&two, &[2.0, -2.0], &[0.01f32.ln(); 2], 1).unwrap();
        assert!((found.kl[0] - 2f64.ln()).abs() < 1e-6, "{found:?}");
        assert!((found.prior_variance[0] - 4.01).abs() < 1e-6, "{found:?}");
        let standard = UnitNormal { latents: 1 };
        let usage = Usage::of(&mean, &codes_log_var, 1).unwrap();
        assert_eq!(
            Usage::under(&standard, &mean, &codes_log_var, 1).unwrap(),
            usage
        );
        assert!(Usage::under(&two, &mean, &codes_log_var, 2).is_err());
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
