//! Products of fewer rows than a tile has: packing would cost more than it saves.

use super::{Matrix, Start};
use crate::nn::fused::parallel;

/// Dot products that are taken at once: enough to hide the latency of an addition.
const AT_ONCE: usize = 4;

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
    let run = |j: usize| &b.values[j * b.column_stride..][..row.len()];
    let (blocks, rest) = c.as_chunks_mut::<AT_ONCE>();
    for (block, c) in blocks.iter_mut().enumerate() {
        let found = dots_at_once(row, std::array::from_fn(|i| run(block * AT_ONCE + i)));
        c.iter_mut().zip(found).for_each(|(c, dot)| *c += dot);
    }
    let done = blocks.len() * AT_ONCE;
    for (at, c) in rest.iter_mut().enumerate() {
        let [dot, ..] = dots_at_once(row, [run(done + at); AT_ONCE]);
        *c += dot;
    }
}

#[cfg(target_feature = "simd128")]
#[inline(always)]
fn dots_at_once(a: &[f32], b: [&[f32]; AT_ONCE]) -> [f32; AT_ONCE] {
    use crate::nn::fused::simd::{lanes, load, multiply_add};
    use core::arch::wasm32::f32x4_splat;

    let (blocks, rest) = a.as_chunks::<4>();
    let [p, q, r, s] = b.map(|b| b.as_chunks::<4>().0);
    let mut sums = [f32x4_splat(0.0); AT_ONCE];
    for ((((a, p), q), r), s) in blocks.iter().zip(p).zip(q).zip(r).zip(s) {
        let a = load(*a);
        for (sum, b) in sums.iter_mut().zip([p, q, r, s]) {
            *sum = multiply_add(a, load(*b), *sum);
        }
    }
    let done = a.len() - rest.len();
    let mut dots = [0f32; AT_ONCE];
    for ((dot, sum), b) in dots.iter_mut().zip(sums).zip(b) {
        let tail: f32 = rest.iter().zip(&b[done..]).map(|(a, b)| a * b).sum();
        *dot = lanes(sum).iter().sum::<f32>() + tail;
    }
    dots
}

#[cfg(not(target_feature = "simd128"))]
fn dots_at_once(a: &[f32], b: [&[f32]; AT_ONCE]) -> [f32; AT_ONCE] {
    b.map(|b| a.iter().zip(b).map(|(a, b)| a * b).sum())
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
