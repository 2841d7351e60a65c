//! Building blocks of networks: named parameters, fused operations with their gradients, perceptrons.

pub mod activation;
pub mod linear;
pub mod mlp;
pub mod parameters;

pub use activation::Activation;
pub use linear::Linear;
pub use mlp::Mlp;
pub use parameters::Parameters;

use candle_core::{CpuStorage, Layout, Result};

/// The numbers of a contiguous f32 operand of a custom operation.
pub(crate) fn contiguous<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let values = storage.as_slice::<f32>()?;
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&values[start..end]),
        None => candle_core::bail!("fused operations need contiguous operands"),
    }
}
