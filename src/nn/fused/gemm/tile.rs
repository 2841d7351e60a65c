//! The register tile: a 4 x 8 block of C from packed panels of A and B.

/// Rows of A in a panel.
pub(super) const ROWS: usize = 4;
/// Columns of B in a panel.
pub(super) const COLUMNS: usize = 8;

/// A block of C.
pub(super) type Tile = [[f32; COLUMNS]; ROWS];

#[cfg(target_feature = "simd128")]
use core::arch::wasm32::{f32x4, f32x4_extract_lane, f32x4_splat, v128};

#[cfg(target_feature = "simd128")]
#[inline(always)]
pub(super) fn lanes(v: v128) -> [f32; 4] {
    [
        f32x4_extract_lane::<0>(v),
        f32x4_extract_lane::<1>(v),
        f32x4_extract_lane::<2>(v),
        f32x4_extract_lane::<3>(v),
    ]
}

/// a b + c: in one rounding where the build has relaxed-simd, in two elsewhere.
#[cfg(target_feature = "simd128")]
#[inline(always)]
pub(in crate::nn::fused) fn multiply_add(a: v128, b: v128, c: v128) -> v128 {
    #[cfg(target_feature = "relaxed-simd")]
    return core::arch::wasm32::f32x4_relaxed_madd(a, b, c);
    #[cfg(not(target_feature = "relaxed-simd"))]
    return core::arch::wasm32::f32x4_add(core::arch::wasm32::f32x4_mul(a, b), c);
}

/// bias + sum_k a_k b_k^T. Eight accumulators, two vectors of B and one broadcast of A are what a wasm
/// engine's sixteen registers hold; a taller tile spills.
#[cfg(target_feature = "simd128")]
#[inline(always)]
pub(super) fn multiply(a: &[[f32; ROWS]], b: &[[f32; COLUMNS]], bias: [f32; COLUMNS]) -> Tile {
    let halves = |[p, q, r, s, t, u, v, w]: [f32; COLUMNS]| [f32x4(p, q, r, s), f32x4(t, u, v, w)];
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
