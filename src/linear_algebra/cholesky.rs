//! Cholesky factors and the equations they solve.

use super::{check_square, dot};
use crate::{Error, Result};

/// The lower triangular L with A = L L^T, of a symmetric positive definite matrix of which the lower
/// triangle is read.
///
/// # Shapes
///
/// matrix `[n, n]` -> `[n, n]`, zeros above the diagonal.
///
/// # Errors
///
/// [`Error::Shape`] or [`Error::NonFinite`] for a matrix that is not n x n finite numbers;
/// [`Error::InvalidArgument`] for one that is not positive definite.
pub fn cholesky(matrix: &[f64], n: usize) -> Result<Vec<f64>> {
    check_square(matrix, n)?;
    let mut lower = vec![0f64; n * n];
    for i in 0..n {
        for j in 0..=i {
            let (done, row) = lower.split_at_mut(i * n);
            let other = if i == j {
                &row[..j]
            } else {
                &done[j * n..j * n + j]
            };
            let rest = matrix[i * n + j] - dot(&row[..j], other);
            if i != j {
                row[j] = rest / done[j * n + j];
            } else if rest > 0.0 {
                row[j] = rest.sqrt();
            } else {
                return Err(Error::argument(format!(
                    "the matrix is not positive definite at row {i}; add a small ridge to its diagonal"
                )));
            }
        }
    }
    Ok(lower)
}

/// The solutions of L L^T x = b for one or many right sides, with L from [`cholesky`].
///
/// # Shapes
///
/// lower `[n, n]`; right `[m, n]`, each row a right side -> `[m, n]`, each row its solution.
///
/// # Errors
///
/// [`Error::Shape`] when the lengths do not fit; [`Error::InvalidArgument`] for a zero on the diagonal.
pub fn solve_cholesky(lower: &[f64], n: usize, right: &[f64]) -> Result<Vec<f64>> {
    check_square(lower, n)?;
    if !right.len().is_multiple_of(n) {
        return Err(Error::shape(format!(
            "right sides must be whole rows of {n} numbers; got {} numbers",
            right.len()
        )));
    }
    if lower.iter().step_by(n + 1).any(|entry| *entry == 0.0) {
        return Err(Error::argument(
            "a Cholesky factor has no zero on its diagonal",
        ));
    }
    let mut solution = right.to_vec();
    for x in solution.chunks_exact_mut(n) {
        for i in 0..n {
            x[i] = (x[i] - dot(&lower[i * n..i * n + i], &x[..i])) / lower[i * n + i];
        }
        for i in (0..n).rev() {
            x[i] /= lower[i * n + i];
            let known = x[i];
            let above = x[..i].iter_mut().zip(&lower[i * n..]);
            above.for_each(|(x, entry)| *x -= entry * known);
        }
    }
    Ok(solution)
}

#[cfg(test)]
mod tests {
    use super::super::product_transposed;
    use super::super::samples::symmetric;
    use super::*;

    #[test]
    fn cholesky_solves_what_it_factors() {
        let n = 25;
        let rows = symmetric(n, 6);
        let mut matrix = product_transposed(&rows, &rows, n);
        matrix.iter_mut().step_by(n + 1).for_each(|d| *d += 1.0);
        let lower = cholesky(&matrix, n).unwrap();
        let product = product_transposed(&lower, &lower, n);
        assert!(
            matrix
                .iter()
                .zip(&product)
                .all(|(a, b)| (a - b).abs() < 1e-12)
        );
        let truth = &rows[..2 * n];
        let right = product_transposed(truth, &matrix, n);
        let solved = solve_cholesky(&lower, n, &right).unwrap();
        assert!(solved.iter().zip(truth).all(|(a, b)| (a - b).abs() < 1e-11));
        assert!(cholesky(&[1.0, 0.0, 2.0, 1.0], 2).is_err());
    }

    #[test]
    fn malformed_matrices_are_refused() {
        for matrix in [vec![], vec![1.0; 3], vec![f64::NAN; 4]] {
            assert!(cholesky(&matrix, 2).is_err());
        }
        assert!(solve_cholesky(&[1.0, 0.0, 0.0, 0.0], 2, &[1.0, 1.0]).is_err());
        assert!(solve_cholesky(&[1.0], 1, &[1.0, 1.0]).is_ok());
    }
}
