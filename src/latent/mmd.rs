//! Maximum mean discrepancy: whether two sets of codes come from one distribution (Gretton et al. 2012).

use crate::math::check_rows;
use crate::nn::fused::kernel_sum::SCALES;
use crate::{Error, Result};

/// The unbiased estimate of the squared maximum mean discrepancy of two sets of codes:
/// mean_{i != j} k(x_i, x_j) + mean_{i != j} k(y_i, y_j) - 2 mean_{i, j} k(x_i, y_j).
///
/// The kernel is inverse multiquadratic, k(x, y) = sum_s C_s / (C_s + |x - y|^2) with C_s = 2 K s and s
/// in {0.1, 0.2, 0.5, 1, 2, 5, 10}: the scale fits the unit normal prior. Equal distributions give 0 on
/// average, so single estimates fall below 0 as well; the most possible is 14. Takes a time
/// proportional to (n + m)^2 K.
///
/// # Shapes
///
/// first `[n, latents]`, second `[m, latents]`, with n and m at least 2.
///
/// # Errors
///
/// As [`check_rows`]; [`Error::InvalidArgument`] for a single row.
pub fn squared_mmd(first: &[f32], second: &[f32], latents: usize) -> Result<f64> {
    let n = check_rows("the first codes", first, latents)?;
    let m = check_rows("the second codes", second, latents)?;
    if n.min(m) < 2 {
        return Err(Error::argument(
            "a maximum mean discrepancy needs at least two rows in each set",
        ));
    }
    let across: f64 = first
        .chunks_exact(latents)
        .map(|row| total(row, second))
        .sum();
    let pairs = |rows: usize| rows as f64 * (rows as f64 - 1.0);
    Ok(
        within(first, latents) / pairs(n) + within(second, latents) / pairs(m)
            - 2.0 * across / (n as f64 * m as f64),
    )
}

/// sum_{i != j} k(x_i, x_j).
fn within(rows: &[f32], latents: usize) -> f64 {
    let each = rows.chunks_exact(latents).enumerate();
    each.map(|(at, row)| 2.0 * total(row, &rows[(at + 1) * latents..]))
        .sum()
}

/// The sum of k(row, y) over the rows y of `others`.
fn total(row: &[f32], others: &[f32]) -> f64 {
    let scales = SCALES.map(|scale| 2.0 * row.len() as f64 * scale);
    let kernel = |other: &[f32]| {
        let apart = row.iter().zip(other);
        let squared: f64 = apart
            .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
            .sum();
        scales.iter().map(|c| c / (c + squared)).sum::<f64>()
    };
    others.chunks_exact(row.len()).map(kernel).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;

    const NUMPY: f64 = 0.603_270_858_396_992_8;

    #[test]
    fn four_numbers_by_hand() {
        // {0, 1} and {0, 2}: k(1) + k(2) - (k(0) + k(2) + k(1) + k(1)) / 2, C = 2 s.
        let k = |distance: f64| -> f64 {
            let term = |s: f64| 2.0 * s / (2.0 * s + distance * distance);
            SCALES.map(term).iter().sum()
        };
        let exact = k(1.0) + k(2.0) - (7.0 + k(2.0) + 2.0 * k(1.0)) / 2.0;
        let found = squared_mmd(&[0.0, 1.0], &[0.0, 2.0], 1).unwrap();
        assert!((found - exact).abs() < 1e-14);
    }

    #[test]
    fn many_rows_match_numpy() {
        // tests/goldens/squared_mmd.py
        let rows = |count: usize, step: usize| -> Vec<f32> {
            let value = |at: usize| (at * step % 1024) as f32 / 256.0 - 2.0;
            (0..3 * count).map(value).collect()
        };
        let found = squared_mmd(&rows(40, 389), &rows(25, 151), 3).unwrap();
        assert!((found - NUMPY).abs() < 1e-12, "{found}");
    }

    #[test]
    fn equal_distributions_give_zero_on_average() {
        // The mean over independent repetitions, in standard errors of the repetitions: five of them
        // give a false alarm below 1e-6.
        let estimates = |shift: f32| -> (f64, f64) {
            let repetitions = 400;
            let values: Vec<f64> = (0..repetitions)
                .map(|seed| {
                    let mut rng = Rng::from_seed(seed).split("mmd");
                    let first = rng.normals(40 * 3);
                    let second: Vec<f32> = rng.normals(30 * 3).iter().map(|v| v + shift).collect();
                    squared_mmd(&first, &second, 3).unwrap()
                })
                .collect();
            let count = repetitions as f64;
            let mean = values.iter().sum::<f64>() / count;
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (count - 1.0);
            (mean, (variance / count).sqrt())
        };
        let (mean, error) = estimates(0.0);
        assert!(error < 0.005 && mean.abs() < 5.0 * error, "{mean} {error}");
        let (mean, error) = estimates(0.5);
        assert!(mean > 10.0 * error, "{mean} {error}");
    }

    #[test]
    fn malformed_input_is_refused() {
        assert!(squared_mmd(&[0.0], &[0.0, 1.0], 1).is_err());
        assert!(squared_mmd(&[0.0, 1.0], &[0.0], 1).is_err());
        assert!(squared_mmd(&[0.0, 1.0], &[f32::NAN, 0.0], 1).is_err());
        assert!(squared_mmd(&[0.0, 1.0], &[0.0, 1.0, 2.0], 2).is_err());
    }
}
