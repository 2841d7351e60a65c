//! The register tile: a 5 x 8 block of C from packed panels of A and B.

/// Rows of A in a panel.
pub(super) const ROWS: usize = 5;
/// Columns of B in a panel.
pub(super) const COLUMNS: usize = 8;

/// A block of C.
pub(super) type Tile = [[f32; COLUMNS]; ROWS];

/// bias + sum_k a_k b_k^T. Ten accumulators, two vectors of B and one broadcast of A fit into the sixteen
/// registers that a wasm engine has on x86.
///
/// Two pointers and one comparison a step: slices would compare twice, and what limits this loop is the
/// number of instructions. It stays as it is written only without LLVM's loop strength reduction
/// (`.cargo/config.toml`), which undoes the constant offsets.
#[cfg(target_feature = "simd128")]
#[inline(always)]
#[allow(unsafe_code)]
pub(super) fn multiply(a: &[[f32; ROWS]], b: &[[f32; COLUMNS]], bias: [f32; COLUMNS]) -> Tile {
    use crate::nn::fused::simd::{lanes, load, multiply_add};
    use core::arch::wasm32::{f32x4_splat, v128, v128_load};

    assert_eq!(a.len(), b.len(), "panels of one product are equally deep");
    let [p, q, r, s, t, u, v, w] = bias;
    let mut c = [[load([p, q, r, s]), load([t, u, v, w])]; ROWS];
    let mut a = a.as_ptr();
    let b = b.as_ptr_range();
    let mut at = b.start;
    while at != b.end {
        // SAFETY: `at` stays inside the panel of B until it is its end, and A has as many steps.
        unsafe {
            let row = at.cast::<v128>();
            let (low, high) = (v128_load(row), v128_load(row.add(1)));
            for (c, a) in c.iter_mut().zip(&*a) {
                let a = f32x4_splat(*a);
                c[0] = multiply_add(a, low, c[0]);
                c[1] = multiply_add(a, high, c[1]);
            }
            (a, at) = (a.add(1), at.add(1));
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
