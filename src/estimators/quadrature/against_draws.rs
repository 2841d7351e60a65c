//! How well draws of z match the exact posterior, whether they come from chains or from elsewhere.

use super::{GridPosterior, SquareDensity};
use crate::math::check_rows;
use crate::{Error, Result};

/// Bins along a side of the histogram, each one standard deviation wide; draws outside count in the outermost bins.
const BINS: usize = 8;
/// Cells along a side of the picture from which the exact histogram is made.
const CELLS: usize = 256;

/// What draws say about a posterior, beside the exact values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Exact mean.
    pub mean: [f64; 2],
    /// Exact standard deviations.
    pub deviation: [f64; 2],
    /// Mean of the draws minus the exact one, in exact standard deviations.
    pub mean_error: [f64; 2],
    /// Largest entry of the draws' covariance minus the exact one, each divided by the exact standard deviations of its
    /// row and column.
    pub covariance_error: f64,
    /// Total variation distance of the draws' histogram and the exact one, 8 x 8 bins a standard deviation wide.
    pub total_variation: f64,
    /// An upper limit of its mean for as many independent draws of the posterior: sum_b sqrt(p_b / n) / sqrt(2 pi).
    pub expected_variation: f64,
}

impl GridPosterior {
    /// Compares draws `[n, 2]` with this posterior; `effective` is their effective sample size.
    ///
    /// # Errors
    ///
    /// As [`check_rows`]; [`Error::InvalidArgument`] for an effective number that is not above 0.
    pub fn compare(&self, draws: &[f32], effective: f64) -> Result<Comparison> {
        let count = check_rows("draws", draws, 2)?;
        if effective.is_nan() || effective <= 0.0 {
            return Err(Error::argument(format!(
                "the effective number of draws must be above 0; got {effective}"
            )));
        }
        let exact = Moments::of(&self.points, &self.weights);
        let SquareDensity { square, density } = self.on_square(CELLS);
        let (points, area) = (square.points(), square.cell_area());
        let mass: Vec<f64> = density.iter().map(|d| f64::from(*d) * area).collect();
        let even = vec![1.0 / count as f64; count];
        let drawn = Moments::of(draws, &even);
        let deviation = [0, 1].map(|k| exact.covariance[k][k].sqrt());
        let scaled = |a: usize, b: usize| {
            (drawn.covariance[a][b] - exact.covariance[a][b]).abs() / (deviation[a] * deviation[b])
        };
        let histogram = |z: &[f32], weights: &[f64]| {
            let mut bins = [0f64; BINS * BINS];
            let side = |z: f32, k: usize| {
                let at = (f64::from(z) - exact.mean[k]) / deviation[k];
                (at + BINS as f64 / 2.0).clamp(0.0, BINS as f64 - 0.01) as usize
            };
            for (z, weight) in z.chunks_exact(2).zip(weights) {
                bins[BINS * side(z[0], 0) + side(z[1], 1)] += weight;
            }
            bins
        };
        let (wanted, found) = (histogram(&points, &mass), histogram(draws, &even));
        let differences = wanted.iter().zip(&found).map(|(a, b)| (a - b).abs());
        let expected = wanted.iter().map(|p| (p / effective).sqrt()).sum::<f64>();
        Ok(Comparison {
            mean: exact.mean,
            deviation,
            mean_error: [0, 1].map(|k| (drawn.mean[k] - exact.mean[k]) / deviation[k]),
            covariance_error: scaled(0, 0).max(scaled(0, 1)).max(scaled(1, 1)),
            total_variation: 0.5 * differences.sum::<f64>(),
            expected_variation: expected / std::f64::consts::TAU.sqrt(),
        })
    }
}

struct Moments {
    mean: [f64; 2],
    covariance: [[f64; 2]; 2],
}

impl Moments {
    /// Mean and covariance of points `[n, 2]` with weights that add up to 1.
    fn of(points: &[f32], weights: &[f64]) -> Self {
        let sum = |f: &dyn Fn([f64; 2]) -> f64| -> f64 {
            let points = points.chunks_exact(2).zip(weights);
            points
                .map(|(z, weight)| weight * f([f64::from(z[0]), f64::from(z[1])]))
                .sum()
        };
        let mean = [0, 1].map(|k| sum(&|z| z[k]));
        let covariance =
            [0, 1].map(|a| [0, 1].map(|b| sum(&|z| (z[a] - mean[a]) * (z[b] - mean[b]))));
        Self { mean, covariance }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;
    use crate::estimators::EXACT_NATS;
    use crate::estimators::quadrature::climb::Peak;
    use crate::estimators::quadrature::lattice::Lattice;

    /// A normal with deviations 0.5 and 0.8 and the correlation 0.6, seen through a decoder that ignores z.
    fn posterior() -> GridPosterior {
        let density = |z: [f64; 2]| -> f64 {
            let (a, b) = ((z[0] - 0.3) / 0.5, (z[1] + 0.1) / 0.8);
            -0.5 * (a * a - 1.2 * a * b + b * b) / 0.64
        };
        let peak = Peak {
            z: [0.3, -0.1],
            log_joint: 0.0,
            axes: [[0.5, 0.48], [0.0, 0.64]],
        };
        let surface = |points: &[[f64; 2]]| Ok(points.iter().copied().map(density).collect());
        let (lattice, spread) = Lattice::integrate(&surface, &[peak], EXACT_NATS).unwrap();
        GridPosterior::new(lattice, spread, 0)
    }

    fn draws(count: usize, correlation: f32) -> Vec<f32> {
        let mut rng = Rng::from_seed(6);
        let rest = (1.0 - correlation * correlation).sqrt();
        (0..count)
            .flat_map(|_| {
                let (a, b) = (rng.normal(), rng.normal());
                [0.3 + 0.5 * a, -0.1 + 0.8 * (correlation * a + rest * b)]
            })
            .collect()
    }

    /// Independent draws differ by what is expected of them: five standard errors of 20,000 draws.
    #[test]
    fn true_draws_match() {
        let found = posterior().compare(&draws(20_000, 0.6), 20_000.0).unwrap();
        assert!((found.mean[0] - 0.3).abs() < 1e-6 && (found.deviation[1] - 0.8).abs() < 5e-4);
        assert!(
            found.mean_error.iter().all(|error| error.abs() < 0.036),
            "{found:?}"
        );
        assert!(found.covariance_error < 0.05, "{found:?}");
        let ratio = found.total_variation / found.expected_variation;
        assert!((0.5..1.5).contains(&ratio), "{found:?}");
    }

    #[test]
    fn a_lost_correlation_shows() {
        let found = posterior().compare(&draws(20_000, 0.0), 20_000.0).unwrap();
        assert!((found.covariance_error - 0.6).abs() < 0.05, "{found:?}");
        assert!(
            found.total_variation > 5.0 * found.expected_variation,
            "{found:?}"
        );
    }

    #[test]
    fn misuse_is_refused() {
        assert_eq!(
            posterior().compare(&[1.0], 1.0).unwrap_err().code(),
            "shape"
        );
        let none = posterior().compare(&[1.0, 2.0], 0.0).unwrap_err();
        assert_eq!(none.code(), "invalid-argument");
    }
}
