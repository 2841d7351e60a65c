//! The limit that kernels are measured against: multiplications and additions on registers alone.

use std::hint::black_box;

use super::parallel;

/// Vectors of four numbers that are worked on at once: enough to hide the latency of an addition.
const ACCUMULATORS: usize = 10;

/// Does `rounds` rounds of multiply-adds on every thread; returns the number of floating-point
/// operations done, two a multiply-add.
pub fn roofline(rounds: u32) -> f64 {
    let threads = parallel::threads();
    parallel::run(0..threads, |_| {
        black_box(multiply_adds(black_box(rounds), black_box(0.5)));
    });
    f64::from(rounds) * threads as f64 * (ACCUMULATORS * 4 * 2) as f64
}

#[cfg(target_feature = "simd128")]
fn multiply_adds(rounds: u32, factor: f32) -> f32 {
    use super::simd::multiply_add;
    use core::arch::wasm32::{f32x4_add, f32x4_extract_lane, f32x4_splat};

    let factor = f32x4_splat(factor);
    let mut sums: [_; ACCUMULATORS] = core::array::from_fn(|at| f32x4_splat(at as f32));
    for _ in 0..rounds {
        for sum in &mut sums {
            *sum = multiply_add(*sum, factor, factor);
        }
    }
    f32x4_extract_lane::<0>(sums.into_iter().fold(factor, |a, b| f32x4_add(a, b)))
}

#[cfg(not(target_feature = "simd128"))]
fn multiply_adds(rounds: u32, factor: f32) -> f32 {
    let mut sums = [[factor; 4]; ACCUMULATORS];
    for _ in 0..rounds {
        for sum in sums.as_flattened_mut() {
            *sum = *sum * factor + factor;
        }
    }
    sums.as_flattened().iter().sum()
}

#[cfg(test)]
mod tests {
    #[test]
    fn operations_are_counted() {
        let threads = super::parallel::threads() as f64;
        assert_eq!(super::roofline(1000), 80_000.0 * threads);
    }
}
