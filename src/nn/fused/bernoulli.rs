//! log p(x | logits) of independent Bernoulli pixels, and its gradient in the same pass.

use std::sync::Mutex;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::{contiguous, output, parallel};
use crate::math::{exp_nonpositive, log1p_unit};

/// sum_j [x_j l_j - softplus(l_j)] of each row, in nats; the gradient goes to the logits alone. Each
/// pixel's term is off by at most 3e-7 max(1, |l|), its gradient by 1e-6.
///
/// # Shapes
///
/// logits `[B, D]`, x `[B, D]` -> `[B]`.
///
/// # Errors
///
/// [`crate::Error::Tensor`] when shapes differ.
pub(crate) fn log_prob(logits: &Tensor, x: &Tensor) -> crate::Result<Tensor> {
    let operation = LogProb {
        wants_gradient: logits.track_op(),
        gradient: Mutex::default(),
    };
    Ok(logits
        .contiguous()?
        .apply_op2(&x.contiguous()?, operation)?)
}

/// log p(x | logits) of each row of logits for one and the same x.
pub(crate) fn log_prob_of_one(logits: &[f32], x: &[f32]) -> Vec<f32> {
    let mut sums = vec![0f32; logits.len() / x.len()];
    let part = parallel::part(sums.len(), x.len(), 1);
    let parts = sums.chunks_mut(part).zip(logits.chunks(part * x.len()));
    parallel::run(parts, |(sums, logits)| {
        parallel::vectorised(|| {
            for (sum, logits) in sums.iter_mut().zip(logits.chunks_exact(x.len())) {
                *sum = row_value(logits, x);
            }
        });
    });
    sums
}

struct LogProb {
    wants_gradient: bool,
    /// x - sigmoid(logits), from the forward pass to the backward pass.
    gradient: Mutex<Vec<f32>>,
}

impl CustomOp2 for LogProb {
    fn name(&self) -> &'static str {
        "bernoulli-log-prob"
    }

    fn cpu_fwd(
        &self,
        logits: &CpuStorage,
        logits_layout: &Layout,
        x: &CpuStorage,
        x_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (rows, width) = logits_layout.shape().dims2()?;
        if x_layout.shape() != logits_layout.shape() {
            candle_core::bail!("x and logits differ in shape");
        }
        let logits = contiguous(logits, logits_layout)?;
        let x = contiguous(x, x_layout)?;
        let mut sums = vec![0f32; rows];
        if self.wants_gradient {
            let gradient = sums_and_gradient(logits, x, width, &mut sums);
            if let Ok(mut slot) = self.gradient.lock() {
                *slot = gradient;
            }
        } else {
            parallel::vectorised(|| {
                let rows = logits.chunks_exact(width).zip(x.chunks_exact(width));
                for (sum, (logits, x)) in sums.iter_mut().zip(rows) {
                    *sum = row_value(logits, x);
                }
            });
        }
        Ok(output(sums, rows))
    }

    fn bwd(
        &self,
        logits: &Tensor,
        x: &Tensor,
        _sums: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = grad.to_vec1::<f32>()?;
        let width = logits.dim(1)?;
        let mut gradient = match self.gradient.lock() {
            Ok(mut slot) => std::mem::take(&mut *slot),
            Err(_) => Vec::new(),
        };
        if gradient.is_empty() {
            // A second pass through the same graph.
            let (logits, x) = (logits.flatten_all()?, x.flatten_all()?);
            let (logits, x) = (logits.to_vec1::<f32>()?, x.to_vec1::<f32>()?);
            gradient = sums_and_gradient(&logits, &x, width, &mut vec![0.0; grad.len()]);
        }
        let part = parallel::part(grad.len(), width, 1);
        let parts = gradient.chunks_mut(part * width).zip(grad.chunks(part));
        parallel::run(parts, |(gradient, grad)| {
            for (row, weight) in gradient.chunks_exact_mut(width).zip(grad) {
                row.iter_mut().for_each(|v| *v *= weight);
            }
        });
        let gradient = Tensor::from_vec(gradient, logits.shape(), logits.device())?;
        Ok((Some(gradient), None))
    }
}

fn sums_and_gradient(logits: &[f32], x: &[f32], width: usize, sums: &mut [f32]) -> Vec<f32> {
    let mut gradient = vec![0f32; logits.len()];
    let part = parallel::part(sums.len(), width, 1);
    let inputs = logits.chunks(part * width).zip(x.chunks(part * width));
    let outputs = gradient.chunks_mut(part * width).zip(sums.chunks_mut(part));
    parallel::run(inputs.zip(outputs), |((logits, x), (gradient, sums))| {
        parallel::vectorised(|| {
            let inputs = logits.chunks_exact(width).zip(x.chunks_exact(width));
            let outputs = gradient.chunks_exact_mut(width).zip(sums);
            for ((logits, x), (gradient, sum)) in inputs.zip(outputs) {
                *sum = row_value_and_slopes(logits, x, gradient);
            }
        });
    });
    gradient
}

/// x l - softplus(l), arranged so that a saturated right answer loses nothing to rounding, and
/// x - sigmoid(l); both from one exponential.
#[inline(always)]
fn term(logit: f32, x: f32) -> (f32, f32) {
    let e = exp_nonpositive(-logit.abs());
    let value = logit * x - logit.max(0.0) - log1p_unit(e);
    let numerator = if logit >= 0.0 { 1.0 } else { e };
    (value, x - numerator / (1.0 + e))
}

/// Numbers that are worked on at once: their terms stay in the first cache until they are summed.
const STRIP: usize = 128;

/// The sum of a row's terms.
#[inline(always)]
fn row_value(logits: &[f32], x: &[f32]) -> f32 {
    let mut sum = 0.0;
    for (logits, x) in logits.chunks(STRIP).zip(x.chunks(STRIP)) {
        let mut values = [0f32; STRIP];
        for ((value, logit), x) in values.iter_mut().zip(logits).zip(x) {
            *value = term(*logit, *x).0;
        }
        sum += total(&values[..logits.len()]);
    }
    sum
}

/// The sum of a row's terms, and the slope of each.
#[inline(always)]
fn row_value_and_slopes(logits: &[f32], x: &[f32], slopes: &mut [f32]) -> f32 {
    let mut sum = 0.0;
    let inputs = logits.chunks(STRIP).zip(x.chunks(STRIP));
    for ((logits, x), slopes) in inputs.zip(slopes.chunks_mut(STRIP)) {
        let mut values = [0f32; STRIP];
        let outputs = values.iter_mut().zip(slopes);
        for ((value, slope), (logit, x)) in outputs.zip(logits.iter().zip(x)) {
            (*value, *slope) = term(*logit, *x);
        }
        sum += total(&values[..logits.len()]);
    }
    sum
}

/// Eight partial sums vectorise and keep the rounding error small.
#[inline(always)]
pub(super) fn total(values: &[f32]) -> f32 {
    let (blocks, rest) = values.as_chunks::<8>();
    let mut sums = [0f32; 8];
    for block in blocks {
        sums.iter_mut().zip(block).for_each(|(sum, v)| *sum += v);
    }
    sums.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;
    use crate::Rng;

    fn exact(logit: f64, x: f64) -> (f64, f64) {
        let value = x * logit - logit.max(0.0) - (-logit.abs()).exp().ln_1p();
        (value, x - 1.0 / (1.0 + (-logit).exp()))
    }

    #[test]
    fn terms_keep_their_stated_bounds() {
        for step in 0..=160_000 {
            let logit = step as f32 / 1000.0 - 80.0;
            for x in [0.0f32, 0.3, 1.0] {
                let (value, slope) = term(logit, x);
                let (wanted, wanted_slope) = exact(f64::from(logit), f64::from(x));
                let bound = 3e-7 * f64::from(logit.abs().max(1.0));
                assert!((f64::from(value) - wanted).abs() < bound, "{logit} {x}");
                assert!(
                    (f64::from(slope) - wanted_slope).abs() < 1e-6,
                    "{logit} {x}"
                );
            }
        }
    }

    /// Widths beside the blocks of eight; a backward pass twice through one graph; weights of rows.
    #[test]
    fn rows_are_summed_and_their_gradients_weighed() {
        let mut rng = Rng::from_seed(4);
        for width in [1, 7, 8, 9, 784] {
            let logits: Vec<f32> = rng.normals(3 * width).iter().map(|v| v * 5.0).collect();
            let x: Vec<f32> = (0..3 * width).map(|_| rng.uniform()).collect();
            let shape = (3, width);
            let var = Var::from_slice(&logits, shape, &Device::Cpu).unwrap();
            let pixels = Tensor::from_slice(&x, shape, &Device::Cpu).unwrap();
            let sums = log_prob(&var, &pixels).unwrap();
            let plain = log_prob(&var.as_detached_tensor(), &pixels).unwrap();
            let first = log_prob_of_one(&logits, &x[..width]);
            let weights = [1.0f32, -2.0, 0.5];
            let probe = Tensor::from_slice(&weights, 3, &Device::Cpu).unwrap();
            let loss = (&sums * probe).unwrap().sum_all().unwrap();
            let sums = sums.to_vec1::<f32>().unwrap();
            assert_eq!(sums, plain.to_vec1::<f32>().unwrap());
            assert_eq!((first.len(), first[0]), (3, sums[0]));
            for _pass in 0..2 {
                let store = loss.backward().unwrap();
                let gradient = store.get(&var).unwrap().to_vec2::<f32>().unwrap();
                for row in 0..3 {
                    let mut wanted_sum = 0.0;
                    for (column, found) in gradient[row].iter().enumerate() {
                        let at = row * width + column;
                        let (value, slope) = exact(f64::from(logits[at]), f64::from(x[at]));
                        wanted_sum += value;
                        let wanted = f64::from(weights[row]) * slope;
                        assert!((f64::from(*found) - wanted).abs() < 3e-6);
                    }
                    assert!((f64::from(sums[row]) - wanted_sum).abs() < 1e-3);
                }
            }
        }
    }
}
