//! Regular sets of codes: the manifold of a two-latent model, and traversals of single latents.

use crate::estimators::quadrature::Square;
use crate::math::check_rows;
use crate::{Error, Result};

/// Codes at the middles of `resolution^2` cells over [-extent, extent]^2, rows of rising z2.
///
/// # Errors
///
/// [`Error::InvalidArgument`] for a resolution outside 1 to 128 or an extent that is not above 0.
pub fn manifold(resolution: usize, extent: f32) -> Result<Vec<f32>> {
    if !(1..=128).contains(&resolution) || !(extent > 0.0 && extent <= 100.0) {
        return Err(Error::argument(format!(
            "a manifold needs 1 to 128 cells a side and an extent above 0 and at most 100; got \
             {resolution} and {extent}"
        )));
    }
    let square = Square {
        centre: [0.0, 0.0],
        half_width: extent,
        resolution,
    };
    Ok(square.points())
}

/// The code with each latent in turn moved over [-extent, extent] in `steps` steps.
///
/// # Shapes
///
/// code `[K]` -> `[K * steps, K]`, one run of `steps` rows for each latent.
///
/// # Errors
///
/// As [`check_rows`]; [`Error::InvalidArgument`] for fewer than 2 or more than 100 steps, or an extent
/// that is not above 0.
pub fn traversals(code: &[f32], steps: usize, extent: f32) -> Result<Vec<f32>> {
    check_rows("the code", code, code.len().max(1))?;
    if !(2..=100).contains(&steps) || !(extent > 0.0 && extent <= 100.0) {
        return Err(Error::argument(format!(
            "a traversal needs 2 to 100 steps and an extent above 0 and at most 100; got {steps} and \
             {extent}"
        )));
    }
    let mut rows = Vec::with_capacity(code.len() * code.len() * steps);
    for latent in 0..code.len() {
        for step in 0..steps {
            let mut row = code.to_vec();
            row[latent] = extent * (2.0 * step as f32 / (steps - 1) as f32 - 1.0);
            rows.extend(row);
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifold_runs_along_z1_first() {
        assert_eq!(
            manifold(2, 2.0).unwrap(),
            vec![-1.0, -1.0, 1.0, -1.0, -1.0, 1.0, 1.0, 1.0]
        );
        assert!(manifold(0, 1.0).is_err() && manifold(3, f32::NAN).is_err());
    }

    #[test]
    fn a_traversal_moves_one_latent_at_a_time() {
        let rows = traversals(&[5.0, 7.0], 3, 2.0).unwrap();
        assert_eq!(rows[..6], [-2.0, 7.0, 0.0, 7.0, 2.0, 7.0]);
        assert_eq!(rows[6..], [5.0, -2.0, 5.0, 0.0, 5.0, 2.0]);
        assert!(traversals(&[], 3, 2.0).is_err() && traversals(&[1.0], 1, 2.0).is_err());
    }
}
