//! A product blocked for registers and caches (Goto & van de Geijn 2008).
//!
//! A panel of B stays in the first cache while the panels of A pass it; the block of A stays in the
//! second. Sums run in the order of k within blocks of 400, so that a result depends on nothing but
//! its operands.

use std::cell::Cell;

use super::tile::{COLUMNS, ROWS, Tile};
use super::{Matrix, Start, pack, row, tile};
use crate::nn::fused::parallel;

/// Depth of a block: a panel of B takes 12.8 kB of the first cache.
const DEPTH: usize = 400;
/// Rows of a block of A, a multiple of a panel's: 208 kB of the second cache.
const BLOCK_ROWS: usize = 130;
/// Columns of a block of B.
const BLOCK_COLUMNS: usize = 1024;

thread_local! {
    // Kept between products: making the panels anew would fill them with zeros each time.
    static A_PANELS: Cell<Vec<[f32; ROWS]>> = const { Cell::new(Vec::new()) };
    static B_PANELS: Cell<Vec<[f32; COLUMNS]>> = const { Cell::new(Vec::new()) };
}

/// C = start + A B; nothing is empty.
pub(super) fn multiply(c: &mut [f32], a: Matrix<'_>, b: Matrix<'_>, start: Start<'_>) {
    let (m, n, k) = (a.rows, b.columns, a.columns);
    if row::is_faster(m, b) {
        return row::multiply(c, a, b, start);
    }
    let depth = k.div_ceil(k.div_ceil(DEPTH));
    let block_rows = parallel::part(m, n, ROWS).min(BLOCK_ROWS);
    let mut b_panels = B_PANELS.take();
    for j in (0..n).step_by(BLOCK_COLUMNS) {
        let columns = BLOCK_COLUMNS.min(n - j);
        for p in (0..k).step_by(depth) {
            let depth = depth.min(k - p);
            let start = if p == 0 { start } else { Start::Kept };
            pack::rows_together(&mut b_panels, b.block(p, depth, j, columns).t());
            let b_panels = &b_panels[..];
            let blocks = c.chunks_mut(block_rows * n).enumerate();
            parallel::run(blocks, |(index, c)| {
                let mut a_panels = A_PANELS.take();
                let rows = c.len() / n;
                pack::rows(&mut a_panels, a.block(index * block_rows, rows, p, depth));
                multiply_panels(c, (n, j, columns), &a_panels, b_panels, depth, start);
                A_PANELS.set(a_panels);
            });
        }
    }
    B_PANELS.set(b_panels);
}

/// Adds the product of packed panels to `columns` columns, from the j-th, of some rows of C.
fn multiply_panels(
    c: &mut [f32],
    (n, j, columns): (usize, usize, usize),
    a_panels: &[[f32; ROWS]],
    b_panels: &[[f32; COLUMNS]],
    depth: usize,
    start: Start<'_>,
) {
    for (at, b) in (0..columns)
        .step_by(COLUMNS)
        .zip(b_panels.chunks_exact(depth))
    {
        let width = COLUMNS.min(columns - at);
        let at = j + at;
        let mut bias = [0f32; COLUMNS];
        if let Start::Bias(values) = start {
            bias[..width].copy_from_slice(&values[at..at + width]);
        }
        let kept = matches!(start, Start::Kept);
        for (c, a) in c.chunks_mut(ROWS * n).zip(a_panels.chunks_exact(depth)) {
            let tile = tile::multiply(a, b, bias);
            match width {
                COLUMNS if kept => add(c, n, at, &tile),
                COLUMNS => store(c, n, at, &tile),
                _ => edge(c, (n, at, width), &tile, kept),
            }
        }
    }
}

#[inline(always)]
fn store(c: &mut [f32], n: usize, at: usize, tile: &Tile) {
    for (c, row) in c.chunks_exact_mut(n).zip(tile) {
        c[at..at + COLUMNS].copy_from_slice(row);
    }
}

#[inline(always)]
fn add(c: &mut [f32], n: usize, at: usize, tile: &Tile) {
    for (c, row) in c.chunks_exact_mut(n).zip(tile) {
        let c = &mut c[at..at + COLUMNS];
        c.iter_mut().zip(row).for_each(|(c, v)| *c += v);
    }
}

/// The last columns, fewer than a tile's.
fn edge(c: &mut [f32], (n, at, width): (usize, usize, usize), tile: &Tile, kept: bool) {
    for (c, row) in c.chunks_exact_mut(n).zip(tile) {
        for (c, v) in c[at..at + width].iter_mut().zip(row) {
            *c = if kept { *c + v } else { *v };
        }
    }
}
