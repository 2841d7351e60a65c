//! Natively the gemm crate chooses kernels for the processor that it runs on.

use gemm::Parallelism;

use super::{Matrix, Start};
use crate::nn::fused::parallel::threads;

/// The last element that a matrix reads lies inside its numbers.
fn assert_inside(matrix: &Matrix<'_>) {
    let last = (matrix.rows - 1) * matrix.row_stride + (matrix.columns - 1) * matrix.column_stride;
    assert!(last < matrix.values.len(), "a matrix leaves its numbers");
}

/// C = start + A B; nothing is empty.
#[allow(unsafe_code)]
pub(super) fn multiply(c: &mut [f32], a: Matrix<'_>, b: Matrix<'_>, start: Start<'_>) {
    let (m, n, k) = (a.rows, b.columns, a.columns);
    assert_eq!(c.len(), m * n);
    assert_eq!(b.rows, k);
    assert_inside(&a);
    assert_inside(&b);
    if let Start::Bias(bias) = start {
        c.chunks_exact_mut(n).for_each(|c| c.copy_from_slice(bias));
    }
    let parallelism = match threads() {
        1 => Parallelism::None,
        count => Parallelism::Rayon(count),
    };
    // SAFETY: gemm reads A and B and writes C at the strides that it is given: the assertions above
    // keep all of them inside the slices, and C is borrowed for this call alone.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            c.as_mut_ptr(),
            1,
            n as isize,
            !matches!(start, Start::Zero),
            a.values.as_ptr(),
            a.column_stride as isize,
            a.row_stride as isize,
            b.values.as_ptr(),
            b.column_stride as isize,
            b.row_stride as isize,
            1f32,
            1f32,
            false,
            false,
            false,
            parallelism,
        );
    }
}
