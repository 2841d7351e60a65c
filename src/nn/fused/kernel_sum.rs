//! The sum of an inverse multiquadratic kernel over all pairs of rows.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::{contiguous, output};
use crate::nn::tensors::flat_values;

/// Scales of the kernel (Tolstikhin et al. 2018, WAE-MMD).
pub(crate) const SCALES: [f64; 7] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// sum_{i, j, s} C_s / (C_s + |a_i - b_j|^2), C_s = 2 K s, s one of [`SCALES`].
///
/// # Shapes
///
/// a `[n, K]`, b `[m, K]` -> a scalar.
///
/// # Errors
///
/// [`crate::Error::Tensor`] when the tensors are no matrices of one width.
pub(crate) fn kernel_sum(a: &Tensor, b: &Tensor) -> crate::Result<Tensor> {
    let (_, width) = a.dims2()?;
    let kernel = KernelSum(SCALES.map(|scale| (2.0 * width as f64 * scale) as f32));
    Ok(a.contiguous()?.apply_op2(&b.contiguous()?, kernel)?)
}

/// C_s of each scale.
struct KernelSum([f32; SCALES.len()]);

impl KernelSum {
    /// Calls `row` with each row of a and its squared distances to all rows of b, given column by column.
    fn each_row(a: &[f32], columns: &[f32], width: usize, mut row: impl FnMut(usize, &[f32])) {
        let others = columns.len() / width;
        let mut squares = vec![0f32; others];
        for (at, a) in a.chunks_exact(width).enumerate() {
            squares.fill(0.0);
            for (a, column) in a.iter().zip(columns.chunks_exact(others)) {
                for (square, b) in squares.iter_mut().zip(column) {
                    let apart = a - b;
                    *square += apart * apart;
                }
            }
            row(at, &squares);
        }
    }
}

/// Rows to columns.
fn columns(rows: &[f32], width: usize) -> Vec<f32> {
    let of_column = |k| rows.iter().skip(k).step_by(width).copied();
    (0..width).flat_map(of_column).collect()
}

impl CustomOp2 for KernelSum {
    fn name(&self) -> &'static str {
        "kernel-sum"
    }

    fn cpu_fwd(
        &self,
        a: &CpuStorage,
        a_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, width) = a_layout.shape().dims2()?;
        if b_layout.shape().dims2()?.1 != width || width == 0 {
            candle_core::bail!("a kernel compares rows of one width");
        }
        let b = columns(contiguous(b, b_layout)?, width);
        let mut sum = 0f64;
        Self::each_row(contiguous(a, a_layout)?, &b, width, |_, squares| {
            for c in self.0 {
                // Partial sums that a register holds.
                let mut parts = [0f32; 8];
                let chunks = squares.chunks_exact(8);
                let rest = chunks.remainder();
                for chunk in chunks {
                    for (part, square) in parts.iter_mut().zip(chunk) {
                        *part += c / (c + square);
                    }
                }
                let rest: f32 = rest.iter().map(|square| c / (c + square)).sum();
                sum += f64::from(parts.iter().sum::<f32>() + rest);
            }
        });
        Ok(output(vec![sum as f32], ()))
    }

    /// d/da_i = -2 sum_j w_ij (a_i - b_j), d/db_j = 2 sum_i w_ij (a_i - b_j), w_ij = sum_s C_s / (C_s + |a_i - b_j|^2)^2.
    fn bwd(
        &self,
        a: &Tensor,
        b: &Tensor,
        _result: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (_, width) = a.dims2()?;
        let flat = |tensor: &Tensor| flat_values(tensor).map_err(candle_core::Error::wrap);
        let (a_values, b_values) = (flat(a)?, columns(&flat(b)?, width));
        let scale = 2.0 * grad.to_scalar::<f32>()?;
        let others = b_values.len() / width;
        let mut to_a = vec![0f32; a_values.len()];
        let mut to_b = vec![0f32; b_values.len()];
        let mut weights = vec![0f32; others];
        Self::each_row(&a_values, &b_values, width, |at, squares| {
            weights.fill(0.0);
            for c in self.0 {
                for (weight, square) in weights.iter_mut().zip(squares) {
                    let inverse = 1.0 / (c + square);
                    *weight += scale * c * inverse * inverse;
                }
            }
            let row = at * width..(at + 1) * width;
            let numbers = a_values[row.clone()].iter().zip(&mut to_a[row]);
            let of_column = b_values
                .chunks_exact(others)
                .zip(to_b.chunks_exact_mut(others));
            for ((a, to_a), (column, to_column)) in numbers.zip(of_column) {
                let mut sum = 0f64;
                for ((b, to_b), weight) in column.iter().zip(to_column).zip(&weights) {
                    let pull = weight * (a - b);
                    *to_b += pull;
                    sum += f64::from(pull);
                }
                *to_a -= sum as f32;
            }
        });
        let to_b: Vec<f32> = columns(&to_b, others);
        Ok((
            Some(Tensor::from_vec(to_a, a.shape(), a.device())?),
            Some(Tensor::from_vec(to_b, b.shape(), b.device())?),
        ))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Var;

    use super::*;
    use crate::Rng;
    use crate::nn::gradient_check;
    use crate::nn::tensors::matrix;

    /// Against the definition in f64, with a number of rows that no register divides.
    #[test]
    fn it_is_the_definition() {
        let mut rng = Rng::from_seed(2);
        for width in [1, 2, 5] {
            let (a, b) = (rng.normals(13 * width), rng.normals(21 * width));
            let mut wanted = 0.0;
            for a in a.chunks_exact(width) {
                for b in b.chunks_exact(width) {
                    let squares = a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2));
                    let square: f64 = squares.sum();
                    let c = SCALES.map(|scale| 2.0 * width as f64 * scale);
                    wanted += c.iter().map(|c| c / (c + square)).sum::<f64>();
                }
            }
            let (a, b) = (matrix(&a, width).unwrap(), matrix(&b, width).unwrap());
            let found = kernel_sum(&a, &b).unwrap();
            let found = f64::from(found.to_scalar::<f32>().unwrap());
            assert!((found - wanted).abs() < 1e-6 * wanted, "{found} {wanted}");
        }
        let other = matrix(&[0.0; 6], 3).unwrap();
        assert!(kernel_sum(&matrix(&[0.0; 6], 2).unwrap(), &other).is_err());
    }

    #[test]
    fn gradients_match_finite_differences() {
        let mut rng = Rng::from_seed(3);
        let var = |rng: &mut Rng, rows: usize| {
            Var::from_tensor(&matrix(&rng.normals(3 * rows), 3).unwrap())
        };
        let (a, b) = (var(&mut rng, 5).unwrap(), var(&mut rng, 9).unwrap());
        gradient_check::along_gradients([("a", &a), ("b", &b)], 1e-2, || {
            kernel_sum(&a, &b).unwrap()
        });
        // Rows against themselves and others, as a discrepancy takes them.
        gradient_check::along_gradients([("a", &a)], 1e-2, || {
            kernel_sum(&a.narrow(0, 1, 3).unwrap(), &a).unwrap()
        });
    }
}
