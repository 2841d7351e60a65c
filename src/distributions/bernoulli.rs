//! Independent Bernoulli pixels, parameterised by logits.

use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Shape, Tensor};

use crate::math::{exp_nonpositive, log1p_unit, sigmoid};
use crate::nn::contiguous;
use crate::{Result, Rng};

/// log p(x | logits) of each row: sum_j [x_j l_j - softplus(l_j)], in nats.
///
/// One pass, safe for saturated logits. For grey x it is minus the cross-entropy. The gradient goes to
/// the logits alone: x_j - sigmoid(l_j).
///
/// # Shapes
///
/// logits `[B, D]`, x `[B, D]` -> `[B]`.
///
/// # Errors
///
/// [`crate::Error::Tensor`] when shapes differ.
pub fn log_prob(logits: &Tensor, x: &Tensor) -> Result<Tensor> {
    Ok(logits.contiguous()?.apply_op2(&x.contiguous()?, LogProb)?)
}

/// The pixel probabilities sigmoid(l).
///
/// # Errors
///
/// [`crate::Error::Tensor`] if the logits cannot be read.
pub fn probabilities(logits: &Tensor) -> Result<Vec<f32>> {
    let logits = logits.flatten_all()?.to_vec1::<f32>()?;
    Ok(logits.into_iter().map(sigmoid).collect())
}

/// One draw of every pixel: 1 with its probability, else 0.
pub fn sample(probabilities: &[f32], rng: &mut Rng) -> Vec<f32> {
    probabilities
        .iter()
        .map(|p| f32::from(u8::from(rng.uniform() < *p)))
        .collect()
}

#[inline(always)]
fn term(logit: f32, x: f32) -> f32 {
    let e = exp_nonpositive(-logit.abs());
    // x l - softplus(l), arranged so that a saturated right answer loses nothing to rounding.
    logit * x - logit.max(0.0) - log1p_unit(e)
}

fn row_log_prob(logits: &[f32], x: &[f32]) -> f32 {
    // Eight partial sums vectorise and keep the rounding error of 784 terms small.
    const LANES: usize = 8;
    let mut sums = [0f32; LANES];
    let (logit_blocks, logit_rest) = logits.as_chunks::<LANES>();
    let (x_blocks, x_rest) = x.as_chunks::<LANES>();
    for (logits, x) in logit_blocks.iter().zip(x_blocks) {
        for lane in 0..LANES {
            sums[lane] += term(logits[lane], x[lane]);
        }
    }
    let rest: f32 = logit_rest
        .iter()
        .zip(x_rest)
        .map(|(l, x)| term(*l, *x))
        .sum();
    sums.iter().sum::<f32>() + rest
}

struct LogProb;

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
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (rows, width) = logits_layout.shape().dims2()?;
        if x_layout.shape() != logits_layout.shape() {
            candle_core::bail!("x and logits differ in shape");
        }
        let logits = contiguous(logits, logits_layout)?;
        let x = contiguous(x, x_layout)?;
        let sums = logits
            .chunks_exact(width)
            .zip(x.chunks_exact(width))
            .map(|(logits, x)| row_log_prob(logits, x))
            .collect();
        Ok((CpuStorage::F32(sums), Shape::from(rows)))
    }

    fn bwd(
        &self,
        logits: &Tensor,
        x: &Tensor,
        _sums: &Tensor,
        grad: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = logits.apply_op3_no_bwd(x, &grad.contiguous()?, &LogProbGradient)?;
        Ok((Some(grad), None))
    }
}

struct LogProbGradient;

impl CustomOp3 for LogProbGradient {
    fn name(&self) -> &'static str {
        "bernoulli-log-prob-gradient"
    }

    fn cpu_fwd(
        &self,
        logits: &CpuStorage,
        logits_layout: &Layout,
        x: &CpuStorage,
        x_layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let width = logits_layout.shape().dims2()?.1;
        let logits = contiguous(logits, logits_layout)?;
        let x = contiguous(x, x_layout)?;
        let mut values = Vec::with_capacity(logits.len());
        for ((logits, x), grad) in logits
            .chunks_exact(width)
            .zip(x.chunks_exact(width))
            .zip(contiguous(grad, grad_layout)?)
        {
            values.extend(logits.iter().zip(x).map(|(l, x)| grad * (x - sigmoid(*l))));
        }
        Ok((CpuStorage::F32(values), logits_layout.shape().clone()))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    fn exact(logit: f64, x: f64) -> f64 {
        x * logit - logit.max(0.0) - (-logit.abs()).exp().ln_1p()
    }

    #[test]
    fn saturated_logits_have_exact_values_and_gradients() {
        let logits = [
            -200.0f32, -80.0, -20.0, -1.0, 0.0, 1.0, 20.0, 80.0, 200.0, 0.5,
        ];
        for x in [0.0f32, 0.25, 1.0] {
            let var = Var::from_slice(&logits, (logits.len(), 1), &Device::Cpu).unwrap();
            let xs =
                Tensor::from_vec(vec![x; logits.len()], (logits.len(), 1), &Device::Cpu).unwrap();
            let sums = log_prob(var.as_tensor(), &xs).unwrap();
            let gradients = sums.sum_all().unwrap().backward().unwrap();
            let gradients = gradients
                .get(&var)
                .unwrap()
                .flatten_all()
                .unwrap()
                .to_vec1::<f32>()
                .unwrap();
            for ((logit, value), gradient) in logits
                .iter()
                .zip(sums.to_vec1::<f32>().unwrap())
                .zip(gradients)
            {
                let logit = f64::from(*logit);
                let wanted = exact(logit, f64::from(x));
                assert!(
                    (f64::from(value) - wanted).abs() < 2e-7 * wanted.abs().max(1.0),
                    "{logit} {x}"
                );
                let wanted = f64::from(x) - 1.0 / (1.0 + (-logit).exp());
                assert!((f64::from(gradient) - wanted).abs() < 1e-6, "{logit} {x}");
            }
        }
    }

    #[test]
    fn a_row_sums_its_pixels_whatever_its_width() {
        let mut rng = Rng::from_seed(4);
        for width in [1, 7, 8, 9, 784] {
            let logits: Vec<f32> = rng.normals(width).iter().map(|v| v * 5.0).collect();
            let x = sample(&vec![0.4; width], &mut rng);
            let wanted: f64 = logits
                .iter()
                .zip(&x)
                .map(|(l, x)| exact(f64::from(*l), f64::from(*x)))
                .sum();
            assert!((f64::from(row_log_prob(&logits, &x)) - wanted).abs() < 1e-3);
        }
    }

    /// Five standard errors: false alarms below 1e-6.
    #[test]
    fn samples_have_their_probability() {
        let ink: f32 = sample(&vec![0.3; 100_000], &mut Rng::from_seed(6))
            .iter()
            .sum();
        assert!((ink / 1e5 - 0.3).abs() < 5.0 * (0.21f32 / 1e5).sqrt());
    }
}
