//! Panels: a matrix rearranged so that the tile reads it front to back.

use super::Matrix;
use crate::nn::fused::parallel;

/// Copies a block of a matrix into panels of `W` rows: panel p holds, for every column k of the block,
/// the W values of rows p W .. p W + W, zeros past the last row.
pub(super) fn rows<const W: usize>(panels: &mut Vec<[f32; W]>, block: Matrix<'_>) {
    panels.resize(size::<W>(block), [0.0; W]);
    fill(panels, block, 0);
}

/// As [`rows`], by all threads.
pub(super) fn rows_together<const W: usize>(panels: &mut Vec<[f32; W]>, block: Matrix<'_>) {
    panels.resize(size::<W>(block), [0.0; W]);
    let part = parallel::part(block.rows.div_ceil(W), W * block.columns, 1);
    let parts = panels.chunks_mut(part * block.columns).enumerate();
    parallel::run(parts, |(index, panels)| fill(panels, block, index * part));
}

fn size<const W: usize>(block: Matrix<'_>) -> usize {
    block.rows.div_ceil(W) * block.columns
}

/// Fills some of the block's panels, from the `first_panel`-th.
fn fill<const W: usize>(panels: &mut [[f32; W]], block: Matrix<'_>, first_panel: usize) {
    for (index, panel) in panels.chunks_exact_mut(block.columns).enumerate() {
        let first = (first_panel + index) * W;
        let count = W.min(block.rows - first);
        if count < W {
            panel.fill([0.0; W]);
        }
        if block.row_stride == 1 {
            down_contiguous_columns(panel, block, first, count);
        } else {
            along_rows(panel, block, first, count);
        }
    }
}

/// Each step of the depth is a run of memory.
fn down_contiguous_columns<const W: usize>(
    panel: &mut [[f32; W]],
    block: Matrix<'_>,
    first: usize,
    count: usize,
) {
    for (k, step) in panel.iter_mut().enumerate() {
        let start = first + k * block.column_stride;
        match block.values[start..].first_chunk::<W>() {
            Some(run) if count == W => *step = *run,
            _ => step[..count].copy_from_slice(&block.values[start..start + count]),
        }
    }
}

/// Four rows at a time are read along and written across.
fn along_rows<const W: usize>(
    panel: &mut [[f32; W]],
    block: Matrix<'_>,
    first: usize,
    count: usize,
) {
    let row = |w: usize| {
        let start = (first + w) * block.row_stride;
        &block.values[start..start + (block.columns - 1) * block.column_stride + 1]
    };
    for w in (0..count).step_by(4) {
        if w + 4 > count || block.column_stride != 1 {
            for w in w..count.min(w + 4) {
                let values = row(w).iter().step_by(block.column_stride);
                panel
                    .iter_mut()
                    .zip(values)
                    .for_each(|(step, v)| step[w] = *v);
            }
        } else {
            across(panel, w, [row(w), row(w + 1), row(w + 2), row(w + 3)]);
        }
    }
}

/// Writes four rows into lanes w .. w + 4 of the panel: squares of 4 x 4 are transposed in registers.
fn across<const W: usize>(panel: &mut [[f32; W]], w: usize, rows: [&[f32]; 4]) {
    let [p, q, r, s] = rows.map(|row| row.as_chunks::<4>());
    let (squares, rest) = panel.as_chunks_mut::<4>();
    for ((((square, p), q), r), s) in squares.iter_mut().zip(p.0).zip(q.0).zip(r.0).zip(s.0) {
        let columns = transposed([*p, *q, *r, *s]);
        for (step, column) in square.iter_mut().zip(columns) {
            step[w..w + 4].copy_from_slice(&column);
        }
    }
    for ((((step, p), q), r), s) in rest.iter_mut().zip(p.1).zip(q.1).zip(r.1).zip(s.1) {
        step[w..w + 4].copy_from_slice(&[*p, *q, *r, *s]);
    }
}

#[cfg(target_feature = "simd128")]
#[inline(always)]
fn transposed(rows: [[f32; 4]; 4]) -> [[f32; 4]; 4] {
    use crate::nn::fused::simd::{lanes, load};
    use core::arch::wasm32::i32x4_shuffle;

    let [p, q, r, s] = rows.map(load);
    let (low, high) = (
        i32x4_shuffle::<0, 4, 1, 5>(p, q),
        i32x4_shuffle::<2, 6, 3, 7>(p, q),
    );
    let (low_2, high_2) = (
        i32x4_shuffle::<0, 4, 1, 5>(r, s),
        i32x4_shuffle::<2, 6, 3, 7>(r, s),
    );
    [
        lanes(i32x4_shuffle::<0, 1, 4, 5>(low, low_2)),
        lanes(i32x4_shuffle::<2, 3, 6, 7>(low, low_2)),
        lanes(i32x4_shuffle::<0, 1, 4, 5>(high, high_2)),
        lanes(i32x4_shuffle::<2, 3, 6, 7>(high, high_2)),
    ]
}

#[cfg(not(target_feature = "simd128"))]
#[inline(always)]
fn transposed(rows: [[f32; 4]; 4]) -> [[f32; 4]; 4] {
    core::array::from_fn(|column| rows.map(|row| row[column]))
}
