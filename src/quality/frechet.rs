//! Frechet distance of two sets of feature rows (Dowson & Landau 1982; Heusel et al. 2017).

use crate::linear_algebra::{Moments, product_transposed, symmetric_eigen};
use crate::{Error, Result};

/// |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), the squared Wasserstein-2 distance of two normal
/// distributions with the sets' means m and unbiased covariances S.
///
/// In the square of the features' unit; 0 for equal sets, up to 1e-7 of their variance. Few rows make it
/// too large: compare only figures of equally many, and many more than `width`.
///
/// # Shapes
///
/// first `[n, width]`, second `[m, width]`, with n and m at least 2.
///
/// # Errors
///
/// As [`crate::math::check_rows`]; [`Error::InvalidArgument`] for a single row.
pub fn frechet_distance(first: &[f32], second: &[f32], width: usize) -> Result<f64> {
    let (first, second) = (Moments::of(first, width)?, Moments::of(second, width)?);
    if first.rows.min(second.rows) < 2 {
        return Err(Error::argument(
            "a Frechet distance needs at least two rows in each set",
        ));
    }
    let unbiased = |moments: &Moments| moments.covariance(moments.rows as f64 - 1.0);
    let covariances = [unbiased(&first), unbiased(&second)];
    let means = first.mean.iter().zip(&second.mean);
    let apart: f64 = means.map(|(a, b)| (a - b).powi(2)).sum();
    let trace = |matrix: &[f64]| matrix.iter().step_by(width + 1).sum::<f64>();
    let together = trace_of_root(&covariances, width)?;
    let distance = apart + trace(&covariances[0]) + trace(&covariances[1]) - 2.0 * together;
    Ok(distance.max(0.0))
}

/// tr (S1 S2)^(1/2).
///
/// S1 = V^T L V gives S1 S2 the eigenvalues of the symmetric matrix L^(1/2) V S2 V^T L^(1/2).
fn trace_of_root([first, second]: &[Vec<f64>; 2], width: usize) -> Result<f64> {
    let mut eigen = symmetric_eigen(first, width)?;
    let rows = eigen.vectors.chunks_exact_mut(width).zip(&eigen.values);
    rows.for_each(|(row, value)| {
        let root = value.max(0.0).sqrt();
        row.iter_mut().for_each(|entry| *entry *= root);
    });
    let half = product_transposed(&eigen.vectors, second, width);
    let product = product_transposed(&half, &eigen.vectors, width);
    let values = symmetric_eigen(&product, width)?.values;
    Ok(values.iter().map(|value| value.max(0.0).sqrt()).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;

    /// Rows with mean (a, b) and exactly this unbiased covariance.
    fn ellipse(mean: [f32; 2], sides: [[f32; 2]; 2]) -> Vec<f32> {
        let at =
            |sign: f32, [across, down]: [f32; 2]| [mean[0] + sign * across, mean[1] + sign * down];
        sides
            .into_iter()
            .flat_map(|side| [at(1.0, side), at(-1.0, side)].concat())
            .collect()
    }

    #[test]
    fn in_two_dimensions_it_has_a_closed_form() {
        // Covariances 2/3 sum_side side side^T, which do not commute.
        let sides = [[[1.0f32, 0.5], [0.0, 2.0]], [[3.0, -1.0], [0.5, 0.25]]];
        let covariances = sides.map(|sides| {
            let entry = |i: usize, j: usize| {
                let terms = sides.iter().map(|s| f64::from(s[i]) * f64::from(s[j]));
                terms.sum::<f64>() * 2.0 / 3.0
            };
            [entry(0, 0), entry(0, 1), entry(1, 1)]
        });
        let [[a, b, c], [d, e, f]] = covariances;
        // tr M^(1/2) = (tr M + 2 det(M)^(1/2))^(1/2) for M of two rows.
        let determinant = (a * c - b * b) * (d * f - e * e);
        let together = (a * d + 2.0 * b * e + c * f + 2.0 * determinant.sqrt()).sqrt();
        let exact = 1.0 + 4.0 + a + c + d + f - 2.0 * together;
        let first = ellipse([1.0, 2.0], sides[0]);
        let second = ellipse([2.0, 0.0], sides[1]);
        for found in [
            frechet_distance(&first, &second, 2).unwrap(),
            frechet_distance(&second, &first, 2).unwrap(),
        ] {
            assert!((found - exact).abs() < 1e-12 * exact, "{found} {exact}");
        }
    }

    #[test]
    fn a_move_and_a_stretch_are_read_off() {
        let mut rng = Rng::from_seed(1);
        let (rows, width) = (50, 8);
        let first = rng.normals(rows * width);
        let same = frechet_distance(&first, &first, width).unwrap();
        assert!(same < 1e-12, "{same}");
        let moved: Vec<f32> = first.iter().map(|v| v + 2.0).collect();
        let distance = frechet_distance(&first, &moved, width).unwrap();
        assert!((distance - 32.0).abs() < 1e-5, "{distance}");
        // S2 = 9 S1 gives (1 - 3)^2 tr S1, and the means differ by 2 m1.
        let stretched: Vec<f32> = first.iter().map(|v| 3.0 * v).collect();
        let moments = Moments::of(&first, width).unwrap();
        let trace: f64 = moments.scatter.iter().step_by(width + 1).sum::<f64>() / 49.0;
        let mean: f64 = moments.mean.iter().map(|m| m * m).sum();
        let distance = frechet_distance(&first, &stretched, width).unwrap();
        assert!((distance - 4.0 * (trace + mean)).abs() < 1e-5, "{distance}");
    }

    #[test]
    fn fewer_rows_than_features_are_no_fault() {
        let mut rng = Rng::from_seed(2);
        let first = rng.normals(3 * 10);
        let same = frechet_distance(&first, &first, 10).unwrap();
        assert!(same < 1e-6, "{same}");
        assert!(frechet_distance(&first, &first[..10], 10).is_err());
        assert!(frechet_distance(&first, &[f32::NAN; 20], 10).is_err());
        assert!(frechet_distance(&first, &[], 10).is_err());
    }
}
