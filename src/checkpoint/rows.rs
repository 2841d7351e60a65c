//! Weights in eight bits: each row of a matrix is whole numbers, times one scale.
//!
//! A matrix `name` of shape `[out, in]` is stored as I8; the F32 tensor `name.row_scale` of shape `[out]` holds the scale of
//! each row: `weight[o][i] = scale[o] * stored[o][i]`. The whole numbers go from `-levels` to `levels`. Fewer levels make
//! no smaller file, but one that compresses better.

use safetensors::tensor::{Dtype, TensorView};

use crate::{Error, Result};

/// What the name of a matrix's scales ends in.
pub const SCALE: &str = ".row_scale";

/// Smaller matrices stay in 16 bits: they are few bytes, and a network's last layers need the precision.
#[cfg(feature = "complete")]
const FEWEST_WEIGHTS: usize = 30_000;

/// Whether a tensor of this shape is stored in rows.
#[cfg(feature = "complete")]
pub fn apply_to(shape: &[usize]) -> bool {
    matches!(shape, [rows, width] if rows * width >= FEWEST_WEIGHTS)
}

/// The nearest whole numbers to a matrix, and the scale of each row.
#[cfg(feature = "complete")]
pub fn split(values: &[f32], width: usize, levels: u8) -> (Vec<u8>, Vec<f32>) {
    let mut numbers = Vec::with_capacity(values.len());
    let mut scales = Vec::with_capacity(values.len() / width);
    for row in values.chunks_exact(width) {
        let largest = row
            .iter()
            .fold(0.0f32, |most, weight| most.max(weight.abs()));
        let scale = largest / f32::from(levels);
        let most = f32::from(levels);
        numbers.extend(row.iter().map(|weight| {
            let number = if scale > 0.0 { weight / scale } else { 0.0 };
            number.round().clamp(-most, most) as i8 as u8
        }));
        scales.push(scale);
    }
    (numbers, scales)
}

/// The matrix that these numbers and scales stand for.
pub fn join(numbers: &TensorView, scales: &TensorView) -> Result<Vec<f32>> {
    let rows = numbers.shape().first().copied().unwrap_or_default().max(1);
    if scales.dtype() != Dtype::F32 || scales.shape() != [rows] {
        return Err(Error::checkpoint(
            "a matrix in rows needs one F32 scale for each",
        ));
    }
    let width = (numbers.data().len() / rows).max(1);
    let (words, _) = scales.data().as_chunks::<4>();
    let mut values = Vec::with_capacity(numbers.data().len());
    for (row, word) in numbers.data().chunks(width).zip(words) {
        let scale = f32::from_le_bytes(*word);
        values.extend(row.iter().map(|number| scale * f32::from(*number as i8)));
    }
    Ok(values)
}
