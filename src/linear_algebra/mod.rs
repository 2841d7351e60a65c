//! Dense symmetric matrices in f64: moments of rows, eigenvectors, Cholesky factors. Plain loops over
//! slices, row-major; meant for sizes up to about a thousand.

mod cholesky;
mod eigen;
mod moments;

pub use cholesky::{cholesky, solve_cholesky};
pub use eigen::{Eigen, EigenSolver, symmetric_eigen};
pub use moments::Moments;

use crate::{Error, Result};

/// left right^T, of rows of `n` numbers each: every row's inner product with every row.
///
/// # Shapes
///
/// left `[m, n]`, right `[k, n]` -> `[m, k]`.
pub(crate) fn product_transposed(left: &[f64], right: &[f64], n: usize) -> Vec<f64> {
    let rows = left.chunks_exact(n);
    rows.flat_map(|row| right.chunks_exact(n).map(move |column| dot(row, column)))
        .collect()
}

pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    // Four sums at a time, so that the loop vectorises.
    let mut sums = [0f64; 4];
    let (a, b) = (left.chunks_exact(4), right.chunks_exact(4));
    let rest: f64 = a
        .remainder()
        .iter()
        .zip(b.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in a.zip(b) {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum += x * y;
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// Copies the lower triangle onto the upper one.
fn mirror(matrix: &mut [f64], n: usize) {
    for i in 0..n {
        for j in 0..i {
            matrix[j * n + i] = matrix[i * n + j];
        }
    }
}

fn check_square(matrix: &[f64], n: usize) -> Result<()> {
    if n == 0 || matrix.len() != n * n {
        return Err(Error::shape(format!(
            "a matrix of {n} rows and columns has {} numbers; got {}",
            n * n,
            matrix.len()
        )));
    }
    if matrix.iter().any(|v| !v.is_finite()) {
        return Err(Error::NonFinite(
            "the matrix must hold finite numbers".to_owned(),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod samples {
    use crate::Rng;

    pub fn symmetric(n: usize, seed: u64) -> Vec<f64> {
        let mut rng = Rng::from_seed(seed);
        let mut matrix: Vec<f64> = rng.normals(n * n).into_iter().map(f64::from).collect();
        super::mirror(&mut matrix, n);
        matrix
    }
}
