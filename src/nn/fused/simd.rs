//! Vectors of four numbers, as every browser's WebAssembly has them.

use core::arch::wasm32::{f32x4, f32x4_extract_lane, v128};

#[inline(always)]
pub(super) fn load([p, q, r, s]: [f32; 4]) -> v128 {
    f32x4(p, q, r, s)
}

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
#[inline(always)]
pub(super) fn multiply_add(a: v128, b: v128, c: v128) -> v128 {
    #[cfg(target_feature = "relaxed-simd")]
    return core::arch::wasm32::f32x4_relaxed_madd(a, b, c);
    #[cfg(not(target_feature = "relaxed-simd"))]
    return core::arch::wasm32::f32x4_add(core::arch::wasm32::f32x4_mul(a, b), c);
}
