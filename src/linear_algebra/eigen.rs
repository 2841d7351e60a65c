//! Eigenvalues and eigenvectors of symmetric matrices.

use super::{check_square, dot, mirror};
use crate::{Error, Result};

/// A symmetric matrix taken apart: A = sum_i `values_i` v_i v_i^T.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigen {
    /// Eigenvalues, falling.
    pub values: Vec<f64>,
    /// Orthonormal eigenvectors: row i is v_i, its entry of largest magnitude positive.
    pub vectors: Vec<f64>,
}

/// Eigenvalues and eigenvectors of a symmetric matrix, of which the lower triangle is read.
///
/// Householder reflections to a tridiagonal matrix, then QL with implicit shifts (Wilkinson & Reinsch
/// 1971). The error of an eigenvalue is of the order of 1e-15 n times the largest one.
///
/// # Shapes
///
/// matrix `[n, n]`.
///
/// # Errors
///
/// [`Error::Shape`] or [`Error::NonFinite`] for a matrix that is not n x n finite numbers;
/// [`Error::NonFinite`] when the iteration does not settle.
pub fn symmetric_eigen(matrix: &[f64], n: usize) -> Result<Eigen> {
    check_square(matrix, n)?;
    let largest = matrix.iter().fold(0f64, |most, v| most.max(v.abs()));
    let scale = if largest > 0.0 { largest } else { 1.0 };
    let mut reduced: Vec<f64> = matrix.iter().map(|v| v / scale).collect();
    mirror(&mut reduced, n);
    let (mut diagonal, off_diagonal) = tridiagonalise(&mut reduced, n);
    let mut vectors = reflections(&reduced, n);
    implicit_ql(&mut diagonal, off_diagonal, &mut vectors)?;

    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| diagonal[b].total_cmp(&diagonal[a]));
    let signed = |&at: &usize| {
        let row = &vectors[at * n..(at + 1) * n];
        let most = row
            .iter()
            .fold(0f64, |most, v| if v.abs() > most.abs() { *v } else { most });
        row.iter().map(move |v| v * most.signum())
    };
    Ok(Eigen {
        values: order.iter().map(|&at| diagonal[at] * scale).collect(),
        vectors: order.iter().flat_map(signed).collect(),
    })
}

/// A = Q T Q^T with Q a product of reflections I - 2 v v^T. Gives the diagonal of T and what stands
/// beside it (the last is 0), and leaves the unit vector v of step k in row k of `matrix`, from column
/// k + 1 on.
fn tridiagonalise(matrix: &mut [f64], n: usize) -> (Vec<f64>, Vec<f64>) {
    let (mut diagonal, mut beside) = (vec![0f64; n], vec![0f64; n]);
    let mut image = vec![0f64; n];
    for k in 0..n {
        diagonal[k] = matrix[k * n + k];
        if k + 1 == n {
            break;
        }
        let (head, tail) = matrix.split_at_mut((k + 1) * n);
        let v = &mut head[k * n + k + 1..];
        let length = dot(v, v).sqrt();
        let target = -length.copysign(v[0]);
        beside[k] = target;
        if length == 0.0 {
            continue;
        }
        v[0] -= target;
        let length = dot(v, v).sqrt();
        v.iter_mut().for_each(|entry| *entry /= length);

        // (I - 2 v v^T) S (I - 2 v v^T) = S - 2 (v w^T + w v^T) with w = S v - (v . S v) v.
        let w = &mut image[k + 1..];
        for (entry, row) in w.iter_mut().zip(tail.chunks_exact(n)) {
            *entry = dot(&row[k + 1..], v);
        }
        let along = dot(w, v);
        w.iter_mut()
            .zip(&*v)
            .for_each(|(entry, v)| *entry -= along * v);
        for ((row, v_i), w_i) in tail.chunks_exact_mut(n).zip(&*v).zip(&*w) {
            let entries = row[k + 1..].iter_mut().zip(&*v).zip(&*w);
            entries.for_each(|((entry, v_j), w_j)| *entry -= 2.0 * (v_i * w_j + w_i * v_j));
        }
    }
    (diagonal, beside)
}

/// Q^T from the vectors that [`tridiagonalise`] left.
fn reflections(reduced: &[f64], n: usize) -> Vec<f64> {
    let mut transposed = vec![0f64; n * n];
    transposed
        .iter_mut()
        .step_by(n + 1)
        .for_each(|entry| *entry = 1.0);
    // From the last to the first, so that each touches only the corner that is not yet the identity.
    for k in (0..n.saturating_sub(1)).rev() {
        let v = &reduced[k * n + k + 1..(k + 1) * n];
        for row in transposed.chunks_exact_mut(n).skip(k + 1) {
            let corner = &mut row[k + 1..];
            let twice = 2.0 * dot(corner, v);
            corner
                .iter_mut()
                .zip(v)
                .for_each(|(entry, v)| *entry -= twice * v);
        }
    }
    transposed
}

/// Turns the tridiagonal matrix into a diagonal one by plane rotations, and the rows of `vectors` with it.
fn implicit_ql(diagonal: &mut [f64], mut beside: Vec<f64>, vectors: &mut [f64]) -> Result<()> {
    const MOST_SWEEPS: usize = 60;
    let n = diagonal.len();
    let size = diagonal
        .iter()
        .chain(&beside)
        .fold(0f64, |most, v| most.max(v.abs()));
    let negligible = f64::EPSILON * size;
    for first in 0..n {
        let mut sweeps = 0;
        loop {
            let last = (first..n - 1)
                .find(|&at| beside[at].abs() <= negligible)
                .unwrap_or(n - 1);
            if last == first {
                break;
            }
            sweeps += 1;
            if sweeps > MOST_SWEEPS {
                return Err(Error::NonFinite(
                    "the eigenvalues did not settle; the matrix may hold numbers of too different sizes"
                        .to_owned(),
                ));
            }
            sweep(diagonal, &mut beside, vectors, first, last);
        }
    }
    Ok(())
}

/// One QL step with Wilkinson's shift on the block from `first` to `last`.
fn sweep(diagonal: &mut [f64], beside: &mut [f64], vectors: &mut [f64], first: usize, last: usize) {
    let n = diagonal.len();
    let slope = (diagonal[first + 1] - diagonal[first]) / (2.0 * beside[first]);
    let shift = beside[first] / (slope + slope.hypot(1.0).copysign(slope));
    let mut bulge = diagonal[last] - diagonal[first] + shift;
    let (mut sine, mut cosine, mut carried) = (1.0, 1.0, 0.0);
    for at in (first..last).rev() {
        let crossed = sine * beside[at];
        let kept = cosine * beside[at];
        let length = crossed.hypot(bulge);
        beside[at + 1] = length;
        if length == 0.0 {
            diagonal[at + 1] -= carried;
            beside[last] = 0.0;
            return;
        }
        sine = crossed / length;
        cosine = bulge / length;
        let below = diagonal[at + 1] - carried;
        let turned = (diagonal[at] - below) * sine + 2.0 * cosine * kept;
        carried = sine * turned;
        diagonal[at + 1] = below + carried;
        bulge = cosine * turned - kept;
        let (upper, lower) = vectors[at * n..(at + 2) * n].split_at_mut(n);
        for (a, b) in upper.iter_mut().zip(lower) {
            (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
        }
    }
    diagonal[first] -= carried;
    beside[first] = bulge;
    beside[last] = 0.0;
}

#[cfg(test)]
mod tests {
    use super::super::product_transposed;
    use super::super::samples::symmetric;
    use super::*;

    /// The largest |A v - value v| and |V V^T - I|.
    fn faults(matrix: &[f64], eigen: &Eigen, n: usize) -> (f64, f64) {
        let image = product_transposed(&eigen.vectors, matrix, n);
        let lengths = eigen.values.iter().flat_map(|v| vec![*v; n]);
        let residual = image.iter().zip(eigen.vectors.iter().zip(lengths));
        let gram = product_transposed(&eigen.vectors, &eigen.vectors, n);
        let off = gram.iter().enumerate();
        (
            residual.fold(0.0, |most, (a, (v, l))| most.max((a - l * v).abs())),
            off.fold(0.0, |most, (at, g)| {
                most.max((g - f64::from(u8::from(at % (n + 1) == 0))).abs())
            }),
        )
    }

    #[test]
    fn eigenvalues_of_the_second_difference_are_known() {
        // 2 on the diagonal, -1 beside it: 2 - 2 cos(pi j / (n + 1)).
        let n = 40;
        let entry = |at: usize| match (at / n).abs_diff(at % n) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        };
        let matrix: Vec<f64> = (0..n * n).map(entry).collect();
        let eigen = symmetric_eigen(&matrix, n).unwrap();
        for (j, value) in eigen.values.iter().rev().enumerate() {
            let exact = 2.0 - 2.0 * (std::f64::consts::PI * (j + 1) as f64 / (n + 1) as f64).cos();
            assert!((value - exact).abs() < 1e-13, "{value} {exact}");
        }
    }

    #[test]
    fn a_matrix_is_the_sum_of_its_eigenvectors() {
        for (n, seed) in [(1, 0), (2, 1), (3, 2), (17, 3), (120, 4)] {
            let matrix = symmetric(n, seed);
            let eigen = symmetric_eigen(&matrix, n).unwrap();
            let (residual, skew) = faults(&matrix, &eigen, n);
            assert!(residual < 1e-12 && skew < 1e-12, "{n}: {residual} {skew}");
            assert!(eigen.values.is_sorted_by(|a, b| a >= b));
        }
    }

    #[test]
    fn repeated_tiny_and_zero_eigenvalues_are_found() {
        let n = 30;
        let basis = symmetric_eigen(&symmetric(n, 5), n).unwrap().vectors;
        for values in [vec![0.0], vec![1e300, 1e300, 1.0], vec![1e-300, 1e-308]] {
            let scaled: Vec<f64> = values
                .iter()
                .zip(basis.chunks_exact(n))
                .flat_map(|(l, v)| v.iter().map(move |v| l * v))
                .collect();
            let mut matrix = vec![0f64; n * n];
            for (scaled, v) in scaled.chunks_exact(n).zip(basis.chunks_exact(n)) {
                for (row, a) in matrix.chunks_exact_mut(n).zip(scaled) {
                    row.iter_mut().zip(v).for_each(|(m, b)| *m += a * b);
                }
            }
            let eigen = symmetric_eigen(&matrix, n).unwrap();
            for (at, value) in eigen.values.iter().enumerate() {
                let exact = values.get(at).copied().unwrap_or(0.0);
                assert!(
                    (value - exact).abs() <= 1e-13 * values[0],
                    "{value} {exact}"
                );
            }
        }
    }

    #[test]
    fn malformed_matrices_are_refused() {
        for matrix in [vec![], vec![1.0; 3], vec![f64::NAN; 4]] {
            assert!(symmetric_eigen(&matrix, 2).is_err());
        }
    }
}
