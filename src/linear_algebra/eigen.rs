//! Eigenvalues and eigenvectors of symmetric matrices.

use super::{check_square, dot, mirror};
use crate::{Error, Result};

/// Sweeps for one eigenvalue; more never come where the iteration settles.
const MOST_SWEEPS: usize = 60;

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
/// # Shapes
///
/// matrix `[n, n]`.
///
/// # Errors
///
/// As [`EigenSolver::new`] and [`EigenSolver::advance`].
pub fn symmetric_eigen(matrix: &[f64], n: usize) -> Result<Eigen> {
    let mut solver = EigenSolver::new(matrix, n)?;
    loop {
        if let Some(eigen) = solver.advance(f64::INFINITY)? {
            return Ok(eigen);
        }
    }
}

/// Eigenvalues and eigenvectors of a symmetric matrix, found in as many parts as the caller likes.
///
/// Householder reflections to a tridiagonal matrix, then QL with implicit shifts (Wilkinson & Reinsch
/// 1971). The error of an eigenvalue is of the order of 1e-15 n times the largest one.
#[derive(Clone, Debug)]
pub struct EigenSolver {
    n: usize,
    /// The matrix was divided by it.
    scale: f64,
    /// The matrix; below and right of what is reduced it is still to be reduced. Row k of what is reduced holds, from column
    /// k + 1 on, the unit vector v of reflection k.
    reduced: Vec<f64>,
    /// Of the tridiagonal matrix.
    diagonal: Vec<f64>,
    /// What stands beside the diagonal; the last is 0.
    beside: Vec<f64>,
    vectors: Vec<f64>,
    stage: Stage,
}

/// What the solver does next.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// A = Q T Q^T with Q a product of reflections I - 2 v v^T: finds that of this column.
    Reduce(usize),
    /// Q^T, from the last reflection to the first: this many are still to be multiplied.
    Multiply(usize),
    /// Turns T into a diagonal matrix by plane rotations, and the rows of Q^T with it.
    Turn {
        first: usize,
        sweeps: usize,
        negligible: f64,
    },
}

impl EigenSolver {
    /// Nothing is computed yet.
    ///
    /// # Shapes
    ///
    /// matrix `[n, n]`.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] or [`Error::NonFinite`] for a matrix that is not n x n finite numbers.
    pub fn new(matrix: &[f64], n: usize) -> Result<Self> {
        check_square(matrix, n)?;
        let largest = matrix.iter().fold(0f64, |most, v| most.max(v.abs()));
        let scale = if largest > 0.0 { largest } else { 1.0 };
        let mut reduced: Vec<f64> = matrix.iter().map(|v| v / scale).collect();
        mirror(&mut reduced, n);
        Ok(Self {
            n,
            scale,
            reduced,
            diagonal: vec![0.0; n],
            beside: vec![0.0; n],
            vectors: Vec::new(),
            stage: Stage::Reduce(0),
        })
    }

    /// Goes on by about so many floating-point operations, and gives all eigenvectors once they are found.
    ///
    /// # Errors
    ///
    /// [`Error::NonFinite`] when the iteration does not settle.
    pub fn advance(&mut self, mut flops: f64) -> Result<Option<Eigen>> {
        let n = self.n;
        while flops > 0.0 {
            match self.stage {
                Stage::Reduce(k) => {
                    self.reduce(k);
                    flops -= 6.0 * ((n - k) as f64).powi(2);
                    self.stage = if k + 1 < n {
                        Stage::Reduce(k + 1)
                    } else {
                        self.vectors = identity(n);
                        Stage::Multiply(n - 1)
                    };
                }
                Stage::Multiply(0) => self.stage = self.first_turn(),
                Stage::Multiply(left) => {
                    self.multiply(left - 1);
                    flops -= 4.0 * ((n - left) as f64).powi(2);
                    self.stage = Stage::Multiply(left - 1);
                }
                Stage::Turn { first, .. } if first == n => return Ok(Some(self.sorted())),
                Stage::Turn {
                    first,
                    sweeps,
                    negligible,
                } => {
                    let last = (first..n - 1)
                        .find(|&at| self.beside[at].abs() <= negligible)
                        .unwrap_or(n - 1);
                    let (first, sweeps) = if last == first {
                        (first + 1, 0)
                    } else {
                        if sweeps == MOST_SWEEPS {
                            return Err(Error::NonFinite(
                                "the eigenvalues did not settle; the matrix may hold numbers of too different sizes"
                                    .to_owned(),
                            ));
                        }
                        sweep(
                            &mut self.diagonal,
                            &mut self.beside,
                            &mut self.vectors,
                            first,
                            last,
                        );
                        flops -= 6.0 * ((last - first) * n) as f64;
                        (first, sweeps + 1)
                    };
                    self.stage = Stage::Turn {
                        first,
                        sweeps,
                        negligible,
                    };
                }
            }
        }
        Ok(None)
    }

    fn sorted(&self) -> Eigen {
        let (n, diagonal) = (self.n, &self.diagonal);
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| diagonal[b].total_cmp(&diagonal[a]));
        let signed = |&at: &usize| {
            let row = &self.vectors[at * n..(at + 1) * n];
            let most = row
                .iter()
                .fold(0f64, |most, v| if v.abs() > most.abs() { *v } else { most });
            row.iter().map(move |v| v * most.signum())
        };
        Eigen {
            values: order.iter().map(|&at| diagonal[at] * self.scale).collect(),
            vectors: order.iter().flat_map(signed).collect(),
        }
    }

    /// Reflection k.
    fn reduce(&mut self, k: usize) {
        let n = self.n;
        self.diagonal[k] = self.reduced[k * n + k];
        if k + 1 == n {
            return;
        }
        let (head, tail) = self.reduced.split_at_mut((k + 1) * n);
        let v = &mut head[k * n + k + 1..];
        let length = dot(v, v).sqrt();
        let target = -length.copysign(v[0]);
        self.beside[k] = target;
        if length == 0.0 {
            return;
        }
        v[0] -= target;
        let length = dot(v, v).sqrt();
        v.iter_mut().for_each(|entry| *entry /= length);

        // (I - 2 v v^T) S (I - 2 v v^T) = S - 2 (v w^T + w v^T) with w = S v - (v . S v) v.
        let mut w: Vec<f64> = tail
            .chunks_exact(n)
            .map(|row| dot(&row[k + 1..], v))
            .collect();
        let along = dot(&w, v);
        w.iter_mut()
            .zip(&*v)
            .for_each(|(entry, v)| *entry -= along * v);
        for ((row, v_i), w_i) in tail.chunks_exact_mut(n).zip(&*v).zip(&w) {
            let entries = row[k + 1..].iter_mut().zip(&*v).zip(&w);
            entries.for_each(|((entry, v_j), w_j)| *entry -= 2.0 * (v_i * w_j + w_i * v_j));
        }
    }

    /// Multiplies by reflection k. From the last to the first, so that each touches only the corner that is not yet the
    /// identity.
    fn multiply(&mut self, k: usize) {
        let n = self.n;
        let v = &self.reduced[k * n + k + 1..(k + 1) * n];
        for row in self.vectors.chunks_exact_mut(n).skip(k + 1) {
            let corner = &mut row[k + 1..];
            let twice = 2.0 * dot(corner, v);
            corner
                .iter_mut()
                .zip(v)
                .for_each(|(entry, v)| *entry -= twice * v);
        }
    }

    fn first_turn(&self) -> Stage {
        let size = self
            .diagonal
            .iter()
            .chain(&self.beside)
            .fold(0f64, |most, v| most.max(v.abs()));
        Stage::Turn {
            first: 0,
            sweeps: 0,
            negligible: f64::EPSILON * size,
        }
    }
}

fn identity(n: usize) -> Vec<f64> {
    let mut matrix = vec![0f64; n * n];
    matrix
        .iter_mut()
        .step_by(n + 1)
        .for_each(|entry| *entry = 1.0);
    matrix
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
    fn found_in_parts_they_are_the_same() {
        let n = 60;
        let matrix = symmetric(n, 6);
        let mut solver = EigenSolver::new(&matrix, n).unwrap();
        let mut parts = 1;
        let found = loop {
            match solver.advance(2e4).unwrap() {
                Some(found) => break found,
                None => parts += 1,
            }
        };
        assert!(parts > 10, "{parts}");
        assert_eq!(found, symmetric_eigen(&matrix, n).unwrap());
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
