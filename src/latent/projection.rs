//! A plane through many codes: their first two principal components (Pearson 1901).

use crate::math::check_rows;
use crate::{Error, Result, Rng};

/// The affine map from codes to the plane of their first two principal components.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    mean: Vec<f64>,
    /// Orthonormal directions of falling variance; the second is zero for a single latent.
    directions: [Vec<f64>; 2],
    explained: [f32; 2],
}

/// Power iterations: the error falls by the ratio of variances each time.
const ITERATIONS: usize = 300;

impl Projection {
    /// Fits the plane to codes.
    ///
    /// # Shapes
    ///
    /// codes `[n, latents]`, n >= 2.
    ///
    /// # Errors
    ///
    /// As [`check_rows`]; [`Error::InvalidArgument`] for a single code.
    pub fn fit(codes: &[f32], latents: usize) -> Result<Self> {
        let rows = check_rows("codes", codes, latents)?;
        if rows < 2 {
            return Err(Error::argument("a projection needs at least two codes"));
        }
        let mut mean = vec![0f64; latents];
        for row in codes.chunks_exact(latents) {
            mean.iter_mut()
                .zip(row)
                .for_each(|(m, v)| *m += f64::from(*v) / rows as f64);
        }
        let mut covariance = vec![vec![0f64; latents]; latents];
        for row in codes.chunks_exact(latents) {
            let centred: Vec<f64> = row
                .iter()
                .zip(&mean)
                .map(|(v, m)| f64::from(*v) - m)
                .collect();
            for (line, a) in covariance.iter_mut().zip(&centred) {
                line.iter_mut()
                    .zip(&centred)
                    .for_each(|(c, b)| *c += a * b / rows as f64);
            }
        }
        let total: f64 = (0..latents).map(|k| covariance[k][k]).sum();
        let mut directions = [vec![0f64; latents], vec![0f64; latents]];
        let mut explained = [0f32; 2];
        for component in 0..latents.min(2) {
            let (direction, variance) = leading(&covariance);
            for (line, a) in covariance.iter_mut().zip(&direction) {
                line.iter_mut()
                    .zip(&direction)
                    .for_each(|(c, b)| *c -= variance * a * b);
            }
            explained[component] = if total > 0.0 {
                (variance / total) as f32
            } else {
                0.0
            };
            directions[component] = direction;
        }
        Ok(Self {
            mean,
            directions,
            explained,
        })
    }

    /// The share of the codes' variance along each of the two directions.
    pub fn explained(&self) -> [f32; 2] {
        self.explained
    }

    /// Where codes fall on the plane.
    ///
    /// # Shapes
    ///
    /// codes `[n, K]` -> `[n, 2]`.
    ///
    /// # Errors
    ///
    /// As [`check_rows`].
    pub fn project(&self, codes: &[f32]) -> Result<Vec<f32>> {
        check_rows("codes", codes, self.mean.len())?;
        let coordinate = |row: &[f32], direction: &[f64]| {
            let terms = row.iter().zip(&self.mean).zip(direction);
            terms
                .map(|((v, m), d)| (f64::from(*v) - m) * d)
                .sum::<f64>() as f32
        };
        Ok(codes
            .chunks_exact(self.mean.len())
            .flat_map(|row| [0, 1].map(|axis| coordinate(row, &self.directions[axis])))
            .collect())
    }

    /// The codes on the plane at these points.
    ///
    /// # Shapes
    ///
    /// points `[n, 2]` -> `[n, K]`.
    ///
    /// # Errors
    ///
    /// As [`check_rows`].
    pub fn lift(&self, points: &[f32]) -> Result<Vec<f32>> {
        check_rows("points", points, 2)?;
        let [first, second] = &self.directions;
        Ok(points
            .chunks_exact(2)
            .flat_map(|point| {
                let (a, b) = (f64::from(point[0]), f64::from(point[1]));
                let directions = first.iter().zip(second);
                self.mean
                    .iter()
                    .zip(directions)
                    .map(move |(m, (u, v))| (m + a * u + b * v) as f32)
            })
            .collect())
    }
}

/// The leading eigenvector of a symmetric matrix and its eigenvalue, by power iteration. Its largest
/// entry is positive, so that the picture never flips.
fn leading(matrix: &[Vec<f64>]) -> (Vec<f64>, f64) {
    let mut rng = Rng::from_seed(0).split("power iteration");
    let mut vector: Vec<f64> = matrix.iter().map(|_| f64::from(rng.normal())).collect();
    let mut value = 0.0;
    for _ in 0..ITERATIONS {
        let image: Vec<f64> = matrix
            .iter()
            .map(|line| line.iter().zip(&vector).map(|(c, v)| c * v).sum())
            .collect();
        value = image.iter().map(|v| v * v).sum::<f64>().sqrt();
        if value < 1e-12 {
            break;
        }
        vector = image.iter().map(|v| v / value).collect();
    }
    let length = vector.iter().map(|v| v * v).sum::<f64>().sqrt();
    let largest = vector
        .iter()
        .copied()
        .fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
    let scale = if largest < 0.0 { -length } else { length };
    (vector.iter().map(|v| v / scale).collect(), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_aligned_cloud_is_recovered() {
        let mut rng = Rng::from_seed(2);
        let codes: Vec<f32> = (0..5000)
            .flat_map(|_| {
                [
                    0.1 * rng.normal(),
                    3.0 + 5.0 * rng.normal(),
                    2.0 * rng.normal(),
                ]
            })
            .collect();
        let projection = Projection::fit(&codes, 3).unwrap();
        let shares = projection.explained();
        assert!((shares[0] - 25.0 / 29.01).abs() < 0.02 && (shares[1] - 4.0 / 29.01).abs() < 0.02);
        let points = projection.project(&codes).unwrap();
        let back = projection.lift(&points).unwrap();
        for (code, back) in codes.chunks(3).zip(back.chunks(3)) {
            // What the plane cannot hold is the narrow first coordinate.
            assert!((code[1] - back[1]).abs() < 0.1 && (code[2] - back[2]).abs() < 0.1);
        }
    }

    #[test]
    fn degenerate_clouds_stay_finite() {
        for (codes, latents) in [(vec![1.0; 6], 3), (vec![1.0, 2.0], 1)] {
            let projection = Projection::fit(&codes, latents).unwrap();
            assert!(
                projection
                    .project(&codes)
                    .unwrap()
                    .iter()
                    .all(|v| v.is_finite())
            );
        }
        assert!(Projection::fit(&[1.0, 2.0], 2).is_err());
    }
}
