//! log sum exp of each row: the density of a mixture from those of its components.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::bernoulli::total;
use super::{contiguous, output, parallel};
use crate::math::exp_nonpositive;

/// log sum_m exp(values_m) of each row, without overflow; its gradient is the softmax of the row. A row with NaN
/// in it gives NaN.
///
/// # Shapes
///
/// `[B, M]` -> `[B]`.
///
/// # Errors
///
/// [`crate::Error::Tensor`] for a tensor that is no matrix or has no columns.
pub(crate) fn logsumexp(values: &Tensor) -> crate::Result<Tensor> {
    Ok(values.contiguous()?.apply_op1(LogSumExp)?)
}

struct LogSumExp;

impl CustomOp1 for LogSumExp {
    fn name(&self) -> &'static str {
        "logsumexp"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, width) = layout.shape().dims2()?;
        if width == 0 {
            candle_core::bail!("a sum of no exponentials has no logarithm");
        }
        let values = contiguous(storage, layout)?;
        let mut sums = vec![0f32; rows];
        let part = parallel::part(rows, width, 1);
        let parts = sums.chunks_mut(part).zip(values.chunks(part * width));
        parallel::run(parts, |(sums, values)| {
            parallel::vectorised(|| {
                let mut terms = vec![0f32; width];
                for (sum, row) in sums.iter_mut().zip(values.chunks_exact(width)) {
                    *sum = of_row(row, &mut terms);
                }
            });
        });
        Ok(output(sums, rows))
    }

    #[cfg(feature = "complete")]
    fn bwd(&self, values: &Tensor, sums: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let width = values.dim(1)?;
        let mut slopes = values.flatten_all()?.to_vec1::<f32>()?;
        let (sums, grad) = (sums.to_vec1::<f32>()?, grad.to_vec1::<f32>()?);
        let part = parallel::part(grad.len(), width, 1);
        let rows = sums.chunks(part).zip(grad.chunks(part));
        parallel::run(
            slopes.chunks_mut(part * width).zip(rows),
            |(slopes, (sums, grad))| {
                parallel::vectorised(|| {
                    let rows = slopes.chunks_exact_mut(width);
                    for (row, (sum, grad)) in rows.zip(sums.iter().zip(grad)) {
                        row.iter_mut()
                            .for_each(|v| *v = grad * exp_nonpositive(*v - sum));
                    }
                });
            },
        );
        Ok(Some(Tensor::from_vec(
            slopes,
            values.shape(),
            values.device(),
        )?))
    }
}

#[inline(always)]
fn of_row(row: &[f32], terms: &mut [f32]) -> f32 {
    // Written so that NaN stays NaN.
    let larger = |max: f32, v: &f32| if *v > max || v.is_nan() { *v } else { max };
    let max = row.iter().fold(f32::NEG_INFINITY, larger);
    if !max.is_finite() {
        return max;
    }
    for (term, v) in terms.iter_mut().zip(row) {
        *term = exp_nonpositive(v - max);
    }
    max + total(terms).ln()
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;
    use crate::Rng;
    use crate::math;
    use crate::nn::gradient_check;

    fn matrix(values: Vec<f32>, width: usize) -> Tensor {
        let rows = values.len() / width;
        Tensor::from_vec(values, (rows, width), &Device::Cpu).unwrap()
    }

    /// Widths on both sides of the eight partial sums, rows far from 0, one term far above the others.
    #[test]
    fn rows_are_those_of_the_definition_in_f64() {
        let mut rng = Rng::from_seed(1);
        for width in [1, 3, 8, 21, 500] {
            let mut values = rng.normals(6 * width);
            values.iter_mut().for_each(|v| *v *= 5.0);
            for (row, shift) in values.chunks_mut(width).zip([0.0, 1e4, -1e4, 80.0]) {
                row.iter_mut().for_each(|v| *v += shift);
            }
            values[5 * width] += 200.0;
            let found = logsumexp(&matrix(values.clone(), width)).unwrap();
            for (row, found) in values.chunks(width).zip(found.to_vec1::<f32>().unwrap()) {
                let row: Vec<f64> = row.iter().map(|v| f64::from(*v)).collect();
                let wanted = math::logsumexp(&row);
                let error = (f64::from(found) - wanted).abs();
                assert!(error < 3e-7 * wanted.abs().max(4.0), "{found} {wanted}");
            }
        }
    }

    #[test]
    fn what_is_no_number_stays_none() {
        let rows = vec![0.0, f32::NAN, 1.0, f32::INFINITY, 0.0, 0.0];
        let sums = logsumexp(&matrix(rows, 3)).unwrap();
        let sums = sums.to_vec1::<f32>().unwrap();
        assert!(sums[0].is_nan() && sums[1] == f32::INFINITY);
        assert!(logsumexp(&matrix(vec![0.0; 3], 3).flatten_all().unwrap()).is_err());
    }

    #[test]
    fn gradients_match_finite_differences() {
        let mut rng = Rng::from_seed(2);
        let probe = Tensor::from_vec(rng.normals(4), 4, &Device::Cpu).unwrap();
        let values = Var::from_tensor(&matrix(rng.normals(4 * 11), 11)).unwrap();
        gradient_check::along_gradients([("values", &values)], 1e-3, || {
            (logsumexp(&values).unwrap() * &probe)
                .unwrap()
                .sum_all()
                .unwrap()
        });
    }
}
