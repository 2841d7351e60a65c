//! Adam (Kingma & Ba 2015), one pass over each tensor, in place.

use std::sync::Mutex;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp2, Layout};

use crate::nn::{Parameters, contiguous};
use crate::{Error, Result};

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f32 = 1e-8;

/// First and second moments of every parameter's gradient, in the order of names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moments {
    /// Running means of the gradients.
    pub first: Vec<Vec<f32>>,
    /// Running means of their squares.
    pub second: Vec<Vec<f32>>,
}

impl Moments {
    /// Zero moments for these parameters.
    pub fn zeros(parameters: &Parameters) -> Self {
        let zeros: Vec<Vec<f32>> = parameters
            .iter()
            .map(|(_, var)| vec![0.0; var.elem_count()])
            .collect();
        Self {
            first: zeros.clone(),
            second: zeros,
        }
    }
}

/// One step down the gradients. `step` counts from 1 and corrects the moments' start at zero.
///
/// # Errors
///
/// [`Error::Shape`] when the moments are not those of the parameters; [`Error::Tensor`] otherwise.
pub fn update(
    parameters: &Parameters,
    gradients: &GradStore,
    moments: &mut Moments,
    learning_rate: f64,
    step: u64,
) -> Result<()> {
    let power = i32::try_from(step).unwrap_or(i32::MAX);
    let correction_1 = 1.0 - BETA_1.powi(power);
    let correction_2 = 1.0 - BETA_2.powi(power);
    let rate = (learning_rate / correction_1) as f32;
    let scale = (1.0 / correction_2) as f32;
    let both = moments.first.iter_mut().zip(&mut moments.second);
    for ((name, var), (first, second)) in parameters.iter().zip(both) {
        if first.len() != var.elem_count() {
            return Err(Error::shape(format!(
                "the moments of \"{name}\" do not fit it"
            )));
        }
        // A tensor that the loss does not reach has no gradient and stays.
        if let Some(gradient) = gradients.get(var) {
            let kernel = Update {
                moments: Mutex::new((first, second)),
                rate,
                scale,
            };
            var.inplace_op2(&gradient.contiguous()?, &kernel)?;
        }
    }
    Ok(())
}

struct Update<'a> {
    /// candle hands operations out by shared reference; the lock is never contended.
    moments: Mutex<(&'a mut [f32], &'a mut [f32])>,
    rate: f32,
    scale: f32,
}

impl InplaceOp2 for Update<'_> {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn cpu_fwd(
        &self,
        weights: &mut CpuStorage,
        layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> candle_core::Result<()> {
        let CpuStorage::F32(weights) = weights else {
            candle_core::bail!("weights must be f32");
        };
        let Some((start, end)) = layout.contiguous_offsets() else {
            candle_core::bail!("weights must be contiguous");
        };
        let Ok(mut moments) = self.moments.lock() else {
            candle_core::bail!("an earlier update was interrupted");
        };
        let (first, second) = &mut *moments;
        // The differences are taken before rounding: 1 - 0.999 in f32 is off by 5e-5.
        let (keep_1, keep_2) = ((1.0 - BETA_1) as f32, (1.0 - BETA_2) as f32);
        let gradient = contiguous(gradient, gradient_layout)?;
        for (((w, g), m), v) in weights[start..end]
            .iter_mut()
            .zip(gradient)
            .zip(first.iter_mut())
            .zip(second.iter_mut())
        {
            *m += (g - *m) * keep_1;
            *v += (g * g - *v) * keep_2;
            *w -= self.rate * *m / ((*v * self.scale).sqrt() + EPSILON);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;

    /// The recursion of the paper, written out in f64.
    #[test]
    fn three_steps_follow_the_recursion() {
        let mut parameters = Parameters::default();
        parameters
            .uniform(&Rng::from_seed(1), "w", (1, 3), 1.0)
            .unwrap();
        parameters.set_values(&[vec![1.0, -2.0, 3.0]]).unwrap();
        let scales = [1.0f64, 0.5, 2.0];
        let mut moments = Moments::zeros(&parameters);
        let (mut w, mut m, mut v) = ([1.0f64, -2.0, 3.0], [0.0; 3], [0.0; 3]);
        for step in 1..=3 {
            let var = parameters.get("w").unwrap();
            let scale =
                candle_core::Tensor::from_slice(&[1f32, 0.5, 2.0], (1, 3), var.device()).unwrap();
            let loss = (var.sqr().unwrap() * scale).unwrap().sum_all().unwrap();
            update(
                &parameters,
                &loss.backward().unwrap(),
                &mut moments,
                0.1,
                step,
            )
            .unwrap();
            for i in 0..3 {
                let g = 2.0 * w[i] * scales[i];
                m[i] = 0.9 * m[i] + 0.1 * g;
                v[i] = 0.999 * v[i] + 0.001 * g * g;
                let power = step as i32;
                let (m_hat, v_hat) = (
                    m[i] / (1.0 - 0.9f64.powi(power)),
                    v[i] / (1.0 - 0.999f64.powi(power)),
                );
                w[i] -= 0.1 * m_hat / (v_hat.sqrt() + 1e-8);
            }
        }
        for (found, wanted) in parameters.values().unwrap()[0].iter().zip(w) {
            assert!((f64::from(*found) - wanted).abs() < 1e-6);
        }
    }
}
