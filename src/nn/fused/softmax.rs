//! The logarithm of the softmax of each row.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::{contiguous, output};

/// a_j - log sum_i exp(a_i) of each row.
///
/// # Shapes
///
/// `[B, M]` -> `[B, M]`.
///
/// # Errors
///
/// [`crate::Error::Tensor`] when the tensor is no matrix.
pub(crate) fn log_softmax(a: &Tensor) -> crate::Result<Tensor> {
    Ok(a.contiguous()?.apply_op1(LogSoftmax)?)
}

struct LogSoftmax;

impl CustomOp1 for LogSoftmax {
    fn name(&self) -> &'static str {
        "log-softmax"
    }

    fn cpu_fwd(&self, a: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, width) = layout.shape().dims2()?;
        let mut values = contiguous(a, layout)?.to_vec();
        for row in values.chunks_exact_mut(width.max(1)) {
            let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = row.iter().map(|a| (a - largest).exp()).sum();
            // One after the other: beside a large number the logarithm of the sum would lose its digits.
            row.iter_mut().for_each(|a| *a = (*a - largest) - sum.ln());
        }
        Ok(output(values, layout.shape()))
    }

    #[cfg(feature = "complete")]
    /// grad - softmax(a) sum_j grad_j.
    fn bwd(&self, _a: &Tensor, result: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let (_, width) = result.dims2()?;
        let logs = result.flatten_all()?.to_vec1::<f32>()?;
        let mut grads = grad.contiguous()?.flatten_all()?.to_vec1::<f32>()?;
        let rows = grads.chunks_exact_mut(width.max(1));
        for (grads, logs) in rows.zip(logs.chunks_exact(width.max(1))) {
            let sum: f32 = grads.iter().sum();
            for (grad, log) in grads.iter_mut().zip(logs) {
                *grad -= sum * log.exp();
            }
        }
        Tensor::from_vec(grads, result.shape(), result.device()).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn values_and_gradients_match_the_definition() {
        let start = [0.5f32, -1.0, 2.0, 300.0, 299.0, -400.0];
        let weights = [1.0f32, -0.5, 0.25, 2.0, 0.3, -1.0];
        let a = Var::from_slice(&start, (2, 3), &Device::Cpu).unwrap();
        let weights_row = Tensor::from_slice(&weights, (2, 3), &Device::Cpu).unwrap();
        let logs = log_softmax(a.as_tensor()).unwrap();
        let exact = |values: &[f64], at: usize| {
            let row = at / 3 * 3;
            values[at] - crate::math::logsumexp(&values[row..row + 3])
        };
        let wide: Vec<f64> = start.iter().map(|v| f64::from(*v)).collect();
        let found = logs.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        for (at, found) in found.iter().enumerate() {
            let wanted = exact(&wide, at);
            assert!((f64::from(*found) - wanted).abs() < 1e-6 * wanted.abs().max(1.0));
        }
        let loss = (logs * weights_row).unwrap().sum_all().unwrap();
        let store = loss.backward().unwrap();
        let gradient = store.get(&a).unwrap().flatten_all().unwrap();
        let total = |values: &[f64]| -> f64 {
            (0..6)
                .map(|at| f64::from(weights[at]) * exact(values, at))
                .sum()
        };
        for (at, found) in gradient.to_vec1::<f32>().unwrap().iter().enumerate() {
            let moved = |by: f64| {
                let mut values = wide.clone();
                values[at] += by;
                total(&values)
            };
            let slope = (moved(1e-4) - moved(-1e-4)) / 2e-4;
            assert!((f64::from(*found) - slope).abs() < 1e-5, "{at}");
        }
    }
}
