//! Independent Bernoulli pixels, parameterised by logits.

use candle_core::Tensor;

use crate::math::sigmoid;
use crate::nn::fused;
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
    fused::bernoulli::log_prob(logits, x)
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

    /// Five standard errors: false alarms below 1e-6.
    #[test]
    fn samples_have_their_probability() {
        let ink: f32 = sample(&vec![0.3; 100_000], &mut Rng::from_seed(6))
            .iter()
            .sum();
        assert!((ink / 1e5 - 0.3).abs() < 5.0 * (0.21f32 / 1e5).sqrt());
    }
}
