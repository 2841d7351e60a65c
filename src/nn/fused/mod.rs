//! Kernels of the training hot path, as candle operations with their gradients. Who only looks at models (without the
//! feature `complete`) needs those towards codes through the decoder, and has no others.

pub(crate) mod adam;
pub(crate) mod affine;
pub(crate) mod bernoulli;
pub(crate) mod continuous_bernoulli;
pub(crate) mod descent;
pub(crate) mod gaussian;
pub(crate) mod gemm;
pub(crate) mod kernel_sum;
pub(crate) mod logsumexp;
pub mod parallel;
pub mod roofline;
#[cfg(target_feature = "simd128")]
mod simd;
pub(crate) mod softmax;
#[cfg(feature = "threads")]
mod team;
pub(crate) mod triangular;

use candle_core::{CpuStorage, Layout, Result, Shape};

/// The numbers of a contiguous f32 operand of a custom operation.
pub(crate) fn contiguous<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let values = storage.as_slice::<f32>()?;
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&values[start..end]),
        None => candle_core::bail!("fused operations need contiguous operands"),
    }
}

/// What a custom operation gives back.
pub(crate) fn output(values: Vec<f32>, shape: impl Into<Shape>) -> (CpuStorage, Shape) {
    (CpuStorage::F32(values), shape.into())
}
