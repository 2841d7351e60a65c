//! Plain numbers to tensors, and back.

use candle_core::{Device, Tensor};

use crate::Result;

/// Rows of `width` numbers each, `[n, width]`.
pub(crate) fn matrix(values: &[f32], width: usize) -> Result<Tensor> {
    let shape = (values.len() / width, width);
    Ok(Tensor::from_slice(values, shape, &Device::Cpu)?)
}

/// All numbers, row-major.
pub(crate) fn flat_values(tensor: &Tensor) -> Result<Vec<f32>> {
    Ok(tensor.flatten_all()?.to_vec1::<f32>()?)
}
