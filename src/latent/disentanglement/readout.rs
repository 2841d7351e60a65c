//! How much of each factor a linear function of all latents recovers.

use super::{check, constant};
use crate::linear_algebra::{cholesky, solve_cholesky};
use crate::{Error, Result};

/// Added to the diagonal of the latents' correlations, so that copies of a latent share its weight
/// instead of making the equations singular. Too small to be seen in a figure.
const RIDGE: f64 = 1e-9;

/// A least-squares read-out of factors from latents.
#[derive(Clone, Debug, PartialEq)]
pub struct Readout {
    /// Share of each factor's variance that is explained in rows not fitted to, `[F]`; 1 is perfect, 0
    /// is no better than the mean, below 0 is worse.
    pub r_squared: Vec<f64>,
    /// Change of each factor a change of each latent, both in standard deviations, `[K, F]`.
    pub coefficients: Vec<f64>,
}

impl Readout {
    /// The read-out of factors of several neighbouring columns (a class has one for each value). `widths` says how many columns
    /// each factor has, in order. R^2 is the mean over the columns, a coefficient the root of their mean square.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] when the widths are not those of all columns together.
    pub fn joined(&self, widths: &[usize]) -> Result<Self> {
        let columns = self.r_squared.len();
        if widths.contains(&0) || widths.iter().sum::<usize>() != columns {
            return Err(Error::shape(format!(
                "factors of {widths:?} columns do not make up {columns} columns"
            )));
        }
        let in_turn = |values: &[f64], summary: fn(&[f64]) -> f64| -> Vec<f64> {
            let mut left = values;
            let parts = widths.iter().map(|width| {
                let (part, rest) = left.split_at(*width);
                left = rest;
                summary(part)
            });
            parts.collect()
        };
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let size = |values: &[f64]| {
            let squares = values.iter().map(|v| v * v).sum::<f64>();
            (squares / values.len() as f64).sqrt()
        };
        let rows = self.coefficients.chunks_exact(columns);
        Ok(Self {
            r_squared: in_turn(&self.r_squared, mean),
            coefficients: rows.flat_map(|row| in_turn(row, size)).collect(),
        })
    }
}

/// A class as columns of a read-out: for each class that occurs in both halves but not in every row of one, 1 where it is
/// the row's and 0 elsewhere. A class that one half never shows, or shows alone, cannot be judged.
///
/// # Shapes
///
/// -> `[n, columns]` and the number of columns.
pub fn class_columns(classes: &[u8]) -> (Vec<f64>, usize) {
    let mut present: Vec<u8> = classes.to_vec();
    present.sort_unstable();
    present.dedup();
    present.retain(|class| {
        [0, 1].iter().all(|first| {
            let mut half = classes.iter().skip(*first).step_by(2);
            let its = half.clone().any(|other| other == class);
            its && half.any(|other| other != class)
        })
    });
    let rows = classes.iter();
    let columns = rows.flat_map(|class| {
        present
            .iter()
            .map(move |of| f64::from(u8::from(class == of)))
    });
    (columns.collect(), present.len())
}

/// Fits v = a + W z by least squares to the first, third, fifth, ... row and judges it on the others.
///
/// # Shapes
///
/// codes `[n, latents]`, factors `[n, factor_count]`, n >= 4.
///
/// # Errors
///
/// As [`crate::math::check_rows`], for factors too; [`Error::InvalidArgument`] for fewer than four rows,
/// or for a factor that does not change in one of the halves.
pub fn linear_readout(
    codes: &[f32],
    latents: usize,
    factors: &[f64],
    factor_count: usize,
) -> Result<Readout> {
    let rows = check(codes, latents, factors, factor_count)?;
    if rows < 4 {
        return Err(Error::argument("a read-out needs at least four rows"));
    }
    let codes: Vec<f64> = codes.iter().map(|v| f64::from(*v)).collect();
    let latent_scales = Scales::of_fitted(&codes, latents);
    let factor_scales = Scales::of_fitted(factors, factor_count);
    if let Some(factor) = factor_scales.deviation.iter().position(|d| *d == 0.0) {
        return Err(constant(factor));
    }
    let z = latent_scales.standardise(&codes);
    let v = factor_scales.standardise(factors);

    let mut correlations = vec![0f64; latents * latents];
    let mut shared = vec![0f64; factor_count * latents];
    let fitted = rows.div_ceil(2) as f64;
    let pairs = z.chunks_exact(latents).zip(v.chunks_exact(factor_count));
    for (z, v) in pairs.step_by(2) {
        add_outer(z, z, fitted, &mut correlations);
        add_outer(v, z, fitted, &mut shared);
    }
    correlations
        .iter_mut()
        .step_by(latents + 1)
        .for_each(|entry| *entry += RIDGE);
    // A latent that never changes has nothing to say: its equation is ridge * weight = 0.
    let weights = solve_cholesky(&cholesky(&correlations, latents)?, latents, &shared)?;

    let mut r_squared = Vec::with_capacity(factor_count);
    for (factor, weights) in weights.chunks_exact(latents).enumerate() {
        let held_out = v.chunks_exact(factor_count).map(|row| row[factor]);
        let truth: Vec<f64> = held_out.skip(1).step_by(2).collect();
        let mean = truth.iter().sum::<f64>() / truth.len() as f64;
        let spread: f64 = truth.iter().map(|v| (v - mean).powi(2)).sum();
        if spread == 0.0 {
            return Err(constant(factor));
        }
        let codes = z.chunks_exact(latents).skip(1).step_by(2);
        let missed: f64 = codes
            .zip(&truth)
            .map(|(z, v)| {
                let read: f64 = z.iter().zip(weights).map(|(z, w)| z * w).sum();
                (v - read).powi(2)
            })
            .sum();
        r_squared.push(1.0 - missed / spread);
    }
    let by_latent = (0..latents).flat_map(|latent| weights.iter().skip(latent).step_by(latents));
    Ok(Readout {
        r_squared,
        coefficients: by_latent.copied().collect(),
    })
}

/// Mean and standard deviation of each column of the rows that are fitted.
struct Scales {
    mean: Vec<f64>,
    deviation: Vec<f64>,
}

impl Scales {
    fn of_fitted(values: &[f64], width: usize) -> Self {
        let fitted = || values.chunks_exact(width).step_by(2);
        let count = fitted().count() as f64;
        let column = |at: usize| fitted().map(move |row| row[at]);
        let mean: Vec<f64> = (0..width)
            .map(|at| column(at).sum::<f64>() / count)
            .collect();
        let deviation = (0..width).map(|at| {
            let first = column(at).next();
            // A column of one number: its mean is rounded, and would leave a deviation.
            if column(at).all(|v| Some(v) == first) {
                return 0.0;
            }
            let squares = column(at).map(|v| (v - mean[at]).powi(2));
            (squares.sum::<f64>() / count).sqrt()
        });
        Self {
            deviation: deviation.collect(),
            mean,
        }
    }

    /// Zeros for a column that never changes.
    fn standardise(&self, values: &[f64]) -> Vec<f64> {
        let columns = self.mean.iter().zip(&self.deviation).cycle();
        let standard = |(value, (mean, deviation)): (&f64, (&f64, &f64))| {
            if *deviation > 0.0 {
                (value - mean) / deviation
            } else {
                0.0
            }
        };
        values.iter().zip(columns).map(standard).collect()
    }
}

/// sum += a b^T / count.
fn add_outer(a: &[f64], b: &[f64], count: f64, sum: &mut [f64]) {
    for (row, a) in sum.chunks_exact_mut(b.len()).zip(a) {
        row.iter_mut().zip(b).for_each(|(s, b)| *s += a * b / count);
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{grid, turned};
    use super::*;
    use crate::Rng;

    #[test]
    fn any_linear_code_is_read_perfectly() {
        let factors = grid();
        let shifted: Vec<f32> = turned(&factors).iter().map(|v| 3.0 * v + 7.0).collect();
        let found = linear_readout(&shifted, 2, &factors, 2).unwrap();
        assert!(found.r_squared.iter().all(|r| (r - 1.0).abs() < 1e-9));
    }

    #[test]
    fn noise_is_read_as_far_as_it_leaves_the_factor_visible() {
        // v = z_1 + e with variances 4 and 1 is read with R^2 = 4/5; z_2 and v_2 have no part in it. The
        // standard deviation of R^2 over halves of 10,000 rows is below 0.005, so 0.03 is six of them.
        let (rows, mut rng) = (20_000, Rng::from_seed(4));
        let codes = rng.normals(2 * rows);
        let noise = rng.normals(2 * rows);
        let factors: Vec<f64> = codes
            .chunks_exact(2)
            .zip(noise.chunks_exact(2))
            .flat_map(|(z, e)| [2.0 * z[0] + e[0], e[1]].map(f64::from))
            .collect();
        let found = linear_readout(&codes, 2, &factors, 2).unwrap();
        assert!((found.r_squared[0] - 0.8).abs() < 0.03 && found.r_squared[1].abs() < 0.03);
        let weights = [0.8f64.sqrt(), 0.0, 0.0, 0.0];
        let both = found.coefficients.iter().zip(weights);
        both.for_each(|(found, wanted)| assert!((found - wanted).abs() < 0.05));
    }

    /// Three classes at the corners of a triangle, in an order that no line has: as numbers they are read badly, as
    /// columns perfectly.
    #[test]
    fn classes_are_read_as_columns_and_not_as_numbers() {
        let corners = [[0.0f32, 0.0], [1.0, 0.0], [0.0, 1.0]];
        let mut rng = Rng::from_seed(2);
        let classes: Vec<u8> = (0..600).map(|_| (3.0 * rng.uniform()) as u8).collect();
        // Class 1 lies apart from the line between 0 and 2.
        let codes: Vec<f32> = classes
            .iter()
            .flat_map(|c| corners[usize::from(*c)])
            .collect();
        let first: Vec<f32> = codes.iter().copied().step_by(2).collect();
        let numbers: Vec<f64> = classes.iter().map(|c| f64::from(*c)).collect();
        let as_number = linear_readout(&first, 1, &numbers, 1).unwrap();
        assert!(as_number.r_squared[0] < 0.1, "{as_number:?}");

        let (columns, width) = class_columns(&classes);
        assert_eq!(width, 3);
        let found = linear_readout(&codes, 2, &columns, width).unwrap();
        let joined = found.joined(&[3]).unwrap();
        assert!((joined.r_squared[0] - 1.0).abs() < 1e-9, "{joined:?}");
        assert_eq!(joined.coefficients.len(), 2);
        // A lone factor stays as it is, but for a coefficient's sign.
        let alone = found.joined(&[1, 1, 1]).unwrap();
        let sizes: Vec<f64> = found.coefficients.iter().map(|w| w.abs()).collect();
        assert_eq!(
            (&alone.r_squared, alone.coefficients),
            (&found.r_squared, sizes)
        );
        assert!(found.joined(&[2]).is_err() && found.joined(&[3, 0]).is_err());
        // A class that one half never shows, or shows alone, cannot be judged.
        assert_eq!(class_columns(&[1, 2, 1, 2]).1, 0);
        assert_eq!(class_columns(&[1, 1, 2, 2, 1, 3]).1, 2);
    }

    #[test]
    fn copies_share_the_weight_and_constants_have_none() {
        let factors = grid();
        let codes: Vec<f32> = factors
            .chunks_exact(2)
            .flat_map(|pair| [pair[0] as f32, 0.1, pair[0] as f32])
            .collect();
        let found = linear_readout(&codes, 3, &factors, 2).unwrap();
        assert!((found.r_squared[0] - 1.0).abs() < 1e-6);
        let weights = [0, 2, 4].map(|at| found.coefficients[at]);
        assert!((weights[0] - 0.5).abs() < 1e-3 && (weights[2] - 0.5).abs() < 1e-3);
        assert_eq!(weights[1], 0.0);
    }

    #[test]
    fn malformed_input_is_refused() {
        let refused =
            |codes: &[f32], factors: &[f64]| linear_readout(codes, 1, factors, 1).is_err();
        assert!(refused(&[0.0, 1.0, 2.0], &[0.0, 1.0, 2.0]));
        assert!(refused(&[0.0, 1.0, 2.0, 3.0], &[0.1, 1.0, 0.1, 2.0]));
        assert!(refused(&[0.0, 1.0, 2.0, 3.0], &[1.0, 0.1, 2.0, 0.1]));
        assert!(refused(&[0.0, 1.0, 2.0, f32::NAN], &[0.0, 1.0, 2.0, 3.0]));
    }
}
