//! One step of Adam (Kingma & Ba 2015) in one pass over a tensor, in place.

use std::sync::Mutex;

use candle_core::{CpuStorage, InplaceOp1, Layout, Result, Var};

use super::parallel;

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f32 = 1e-8;

/// The learning rate and the scale of the second moments, both corrected for the moments' start at
/// zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    rate: f32,
    scale: f32,
}

impl Rates {
    /// At a step, counted from 1.
    pub(crate) fn new(learning_rate: f64, step: u64) -> Self {
        let power = i32::try_from(step).unwrap_or(i32::MAX);
        Self {
            rate: (learning_rate / (1.0 - BETA_1.powi(power))) as f32,
            scale: (1.0 / (1.0 - BETA_2.powi(power))) as f32,
        }
    }
}

/// m += (1 - beta_1)(g - m), v += (1 - beta_2)(g^2 - v), w -= rate m / (sqrt(scale v) + epsilon).
///
/// # Errors
///
/// When the gradient or the moments have another size than the weights.
pub(crate) fn update(
    weights: &Var,
    gradient: &[f32],
    moments: (&mut [f32], &mut [f32]),
    rates: Rates,
) -> Result<()> {
    let count = weights.elem_count();
    if [gradient.len(), moments.0.len(), moments.1.len()] != [count; 3] {
        candle_core::bail!("a gradient or its moments do not fit their {count} weights");
    }
    weights.inplace_op1(&Update {
        gradient,
        moments: Mutex::new(moments),
        rates,
    })
}

struct Update<'a> {
    gradient: &'a [f32],
    /// candle hands operations out by shared reference; the lock is never contended.
    moments: Mutex<(&'a mut [f32], &'a mut [f32])>,
    rates: Rates,
}

impl InplaceOp1 for Update<'_> {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn cpu_fwd(&self, weights: &mut CpuStorage, layout: &Layout) -> Result<()> {
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
        let weights = &mut weights[start..end];
        let part = parallel::part(weights.len(), 1, 64);
        let state = first.chunks_mut(part).zip(second.chunks_mut(part));
        let parts = weights
            .chunks_mut(part)
            .zip(self.gradient.chunks(part))
            .zip(state);
        parallel::run(parts, |((weights, gradient), (first, second))| {
            parallel::vectorised(|| step(weights, gradient, first, second, self.rates));
        });
        Ok(())
    }
}

#[inline(always)]
fn step(
    weights: &mut [f32],
    gradient: &[f32],
    first: &mut [f32],
    second: &mut [f32],
    rates: Rates,
) {
    // The differences are taken before rounding: 1 - 0.999 in f32 is off by 5e-5.
    let (keep_1, keep_2) = ((1.0 - BETA_1) as f32, (1.0 - BETA_2) as f32);
    let moments = first.iter_mut().zip(second);
    for ((w, g), (m, v)) in weights.iter_mut().zip(gradient).zip(moments) {
        *m += (g - *m) * keep_1;
        *v += (g * g - *v) * keep_2;
        *w -= rates.rate * *m / ((*v * rates.scale).sqrt() + EPSILON);
    }
}
