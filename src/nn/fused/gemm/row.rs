//! Products of few rows: packing would cost more than it saves.

use super::tile::ROWS;
use super::{Matrix, Start};
use crate::nn::fused::parallel;

/// Columns of B that are taken at once: enough to hide the latency of an addition, even of one row.
const AT_ONCE: usize = 4;

/// Rows that share a pass over B.
const ROWS_AT_ONCE: usize = 3;
/// With more rows packing pays: measured, with the sizes of a decoder's layers.
const MOST_ROWS: usize = 12;

/// Whether a product of this many rows is faster here than in blocks.
pub(super) fn is_faster(rows: usize, b: Matrix<'_>) -> bool {
    rows < ROWS || (b.row_stride == 1 && rows <= MOST_ROWS)
}

/// C = start + A B. A number of C is the same whatever the number of rows.
pub(super) fn multiply(c: &mut [f32], a: Matrix<'_>, b: Matrix<'_>, start: Start<'_>) {
    let n = b.columns;
    for c in c.chunks_exact_mut(n) {
        match start {
            Start::Zero => c.fill(0.0),
            Start::Bias(bias) => c.copy_from_slice(bias),
            Start::Kept => {}
        }
    }
    let mut gathered = Vec::new();
    let rows: Vec<&[f32]> = if a.column_stride == 1 {
        let row = |i: usize| &a.values[i * a.row_stride..][..a.columns];
        (0..a.rows).map(row).collect()
    } else {
        for i in 0..a.rows {
            let row = a.values[i * a.row_stride..].iter();
            gathered.extend(row.step_by(a.column_stride).take(a.columns));
        }
        gathered.chunks_exact(a.columns).collect()
    };
    if b.row_stride != 1 {
        for (c, row) in c.chunks_exact_mut(n).zip(rows) {
            sum_of_rows(c, row, b);
        }
        return;
    }
    for (c, rows) in c
        .chunks_mut(ROWS_AT_ONCE * n)
        .zip(rows.chunks(ROWS_AT_ONCE))
    {
        if let Ok(rows) = <[&[f32]; ROWS_AT_ONCE]>::try_from(rows) {
            dots(c, rows, b);
            continue;
        }
        for (c, row) in c.chunks_mut(n).zip(rows) {
            let part = parallel::part(n, b.rows, 1);
            parallel::run(c.chunks_mut(part).enumerate(), |(index, c)| {
                dots(c, [row], b.block(0, b.rows, index * part, c.len()));
            });
        }
    }
}

/// Each number of C, `[R, b.columns]`, is the dot product of two runs of memory.
fn dots<const R: usize>(c: &mut [f32], rows: [&[f32]; R], b: Matrix<'_>) {
    let n = b.columns;
    for first in (0..n).step_by(AT_ONCE) {
        // At the end the last column is read again and again.
        let columns = std::array::from_fn(|i| {
            &b.values[(first + i).min(n - 1) * b.column_stride..][..b.rows]
        });
        for (c, found) in c.chunks_exact_mut(n).zip(dots_at_once(rows, columns)) {
            let sums = c[first..].iter_mut().zip(found);
            sums.for_each(|(c, dot)| *c += dot);
        }
    }
}

#[cfg(target_feature = "simd128")]
#[inline(always)]
fn dots_at_once<const R: usize>(a: [&[f32]; R], b: [&[f32]; AT_ONCE]) -> [[f32; AT_ONCE]; R] {
    use crate::nn::fused::simd::{lanes, load, multiply_add};
    use core::arch::wasm32::f32x4_splat;

    // All of one length, which takes the checks of bounds out of the loop.
    let count = a[0].len() / 4;
    let rows = a.map(|a| &a.as_chunks::<4>().0[..count]);
    let columns = b.map(|b| &b.as_chunks::<4>().0[..count]);
    let mut sums = [[f32x4_splat(0.0); AT_ONCE]; R];
    for at in 0..count {
        let columns = columns.map(|b| load(b[at]));
        for (sums, row) in sums.iter_mut().zip(rows) {
            let row = load(row[at]);
            for (sum, column) in sums.iter_mut().zip(columns) {
                *sum = multiply_add(row, column, *sum);
            }
        }
    }
    let done = 4 * count;
    let mut dots = [[0f32; AT_ONCE]; R];
    for ((dots, sums), a) in dots.iter_mut().zip(sums).zip(a) {
        for ((dot, sum), b) in dots.iter_mut().zip(sums).zip(b) {
            let tail: f32 = a[done..].iter().zip(&b[done..]).map(|(a, b)| a * b).sum();
            *dot = lanes(sum).iter().sum::<f32>() + tail;
        }
    }
    dots
}

#[cfg(not(target_feature = "simd128"))]
fn dots_at_once<const R: usize>(a: [&[f32]; R], b: [&[f32]; AT_ONCE]) -> [[f32; AT_ONCE]; R] {
    a.map(|a| b.map(|b| a.iter().zip(b).map(|(a, b)| a * b).sum()))
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
