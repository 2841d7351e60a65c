//! Products of fewer rows than a tile has: packing would cost more than it saves.

use super::{Matrix, Start};
use crate::nn::fused::parallel;

const LANES: usize = 16;

/// C = start + A B, a row of A at a time.
pub(super) fn multiply(c: &mut [f32], a: Matrix<'_>, b: Matrix<'_>, start: Start<'_>) {
    let n = b.columns;
    let mut gathered = Vec::new();
    for (i, c) in c.chunks_exact_mut(n).enumerate() {
        match start {
            Start::Zero => c.fill(0.0),
            Start::Bias(bias) => c.copy_from_slice(bias),
            Start::Kept => {}
        }
        let row = &a.values[i * a.row_stride..];
        let row = match a.column_stride {
            1 => &row[..a.columns],
            stride => {
                gathered.clear();
                gathered.extend(row.iter().step_by(stride).take(a.columns));
                &gathered[..]
            }
        };
        if b.row_stride == 1 {
            let part = parallel::part(n, a.columns, 1);
            parallel::run(c.chunks_mut(part).enumerate(), |(index, c)| {
                dots(c, row, b.block(0, b.rows, index * part, c.len()));
            });
        } else {
            sum_of_rows(c, row, b);
        }
    }
}

/// Each number of C is the dot product of two runs of memory.
fn dots(c: &mut [f32], row: &[f32], b: Matrix<'_>) {
    for (j, c) in c.iter_mut().enumerate() {
        let start = j * b.column_stride;
        *c += dot(row, &b.values[start..start + row.len()]);
    }
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_blocks, a_rest) = a.as_chunks::<LANES>();
    let (b_blocks, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0f32; LANES];
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    // Halves are added as vectors, the last four as numbers.
    for width in [8, 4, 2, 1] {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
    }
    sums[0] + rest
}

/// C is a weighted sum of the rows of B, which are runs of memory (or are read as they lie).
fn sum_of_rows(c: &mut [f32], row: &[f32], b: Matrix<'_>) {
    for (k, a) in row.iter().enumerate() {
        let values = &b.values[k * b.row_stride..];
        match b.column_stride {
            1 => c.iter_mut().zip(values).for_each(|(c, b)| *c += a * b),
            stride => {
                let values = values.iter().step_by(stride);
                c.iter_mut().zip(values).for_each(|(c, b)| *c += a * b);
            }
        }
    }
}
