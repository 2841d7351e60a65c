//! Mean and scatter of rows.

use super::mirror;
use crate::Result;
use crate::math::check_rows;

/// The mean of many rows and how they vary about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// Number of rows.
    pub rows: usize,
    /// The mean row, `[width]`.
    pub mean: Vec<f64>,
    /// sum_i (x_i - mean)(x_i - mean)^T, `[width, width]`: divide by `rows` for the covariance that
    /// maximises the likelihood, by `rows - 1` for the unbiased one.
    pub scatter: Vec<f64>,
}

impl Moments {
    /// The moments of rows.
    ///
    /// # Shapes
    ///
    /// values `[n, width]`.
    ///
    /// # Errors
    ///
    /// As [`check_rows`].
    pub fn of(values: &[f32], width: usize) -> Result<Self> {
        let rows = check_rows("rows", values, width)?;
        let mut mean = vec![0f64; width];
        for row in values.chunks_exact(width) {
            mean.iter_mut()
                .zip(row)
                .for_each(|(m, v)| *m += f64::from(*v));
        }
        mean.iter_mut().for_each(|m| *m /= rows as f64);
        let mut scatter = vec![0f64; width * width];
        let mut centred = vec![0f64; width];
        for row in values.chunks_exact(width) {
            let terms = centred.iter_mut().zip(row).zip(&mean);
            terms.for_each(|((c, v), m)| *c = f64::from(*v) - m);
            for (i, a) in centred.iter().enumerate().filter(|(_, a)| **a != 0.0) {
                let lower = &mut scatter[i * width..=i * width + i];
                lower
                    .iter_mut()
                    .zip(&centred)
                    .for_each(|(s, b)| *s += a * b);
            }
        }
        mirror(&mut scatter, width);
        Ok(Self {
            rows,
            mean,
            scatter,
        })
    }

    /// The scatter divided by `divisor`.
    pub fn covariance(&self, divisor: f64) -> Vec<f64> {
        self.scatter.iter().map(|s| s / divisor).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_four_points() {
        let moments = Moments::of(&[1.0, 0.0, 3.0, 0.0, 1.0, 4.0, 3.0, 4.0], 2).unwrap();
        assert_eq!(moments.mean, [2.0, 2.0]);
        assert_eq!(moments.covariance(4.0), [1.0, 0.0, 0.0, 4.0]);
    }
}
