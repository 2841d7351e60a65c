//! The register tile: a 4 x 8 block of C from packed panels of A and B.

/// Rows of A in a panel.
pub(super) const ROWS: usize = 4;
/// Columns of B in a panel.
pub(super) const COLUMNS: usize = 8;

/// A block of C.
pub(super) type Tile = [[f32; COLUMNS]; ROWS];

/// bias + sum_k a_k b_k^T. Eight accumulators, two vectors of B and one broadcast of A are what a wasm
/// engine's sixteen registers hold; a taller tile spills.
#[cfg(target_feature = "simd128")]
#[inline(always)]
pub(super) fn multiply(a: &[[f32; ROWS]], b: &[[f32; COLUMNS]], bias: [f32; COLUMNS]) -> Tile {
    use crate::nn::fused::simd::{lanes, load, multiply_add};
    use core::arch::wasm32::f32x4_splat;

    let halves =
        |[p, q, r, s, t, u, v, w]: [f32; COLUMNS]| [load([p, q, r, s]), load([t, u, v, w])];
    let mut c = [halves(bias); ROWS];
    for (a, b) in a.iter().zip(b) {
        let [low, high] = halves(*b);
        for (c, a) in c.iter_mut().zip(a) {
            let a = f32x4_splat(*a);
            c[0] = multiply_add(a, low, c[0]);
            c[1] = multiply_add(a, high, c[1]);
        }
    }
    c.map(|[low, high]| {
        let ([p, q, r, s], [t, u, v, w]) = (lanes(low), lanes(high));
        [p, q, r, s, t, u, v, w]
    })
}

/// bias + sum_k a_k b_k^T.
#[cfg(not(target_feature = "simd128"))]
#[inline(always)]
pub(super) fn multiply(a: &[[f32; ROWS]], b: &[[f32; COLUMNS]], bias: [f32; COLUMNS]) -> Tile {
    let mut c = [bias; ROWS];
    for (a, b) in a.iter().zip(b) {
        for (c, a) in c.iter_mut().zip(a) {
            for (c, b) in c.iter_mut().zip(b) {
                *c += a * b;
            }
        }
    }
    c
}
