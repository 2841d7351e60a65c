//! One step of gradient descent over a tensor, in place.

use candle_core::{CpuStorage, InplaceOp1, Layout, Result, Var};

/// w -= rate g.
///
/// # Errors
///
/// When the gradient has another size than the weights.
pub(crate) fn update(weights: &Var, gradient: &[f32], rate: f32) -> Result<()> {
    let count = weights.elem_count();
    if gradient.len() != count {
        candle_core::bail!("a gradient does not fit its {count} weights");
    }
    weights.inplace_op1(&Update { gradient, rate })
}

struct Update<'a> {
    gradient: &'a [f32],
    rate: f32,
}

impl InplaceOp1 for Update<'_> {
    fn name(&self) -> &'static str {
        "descent"
    }

    fn cpu_fwd(&self, weights: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let CpuStorage::F32(weights) = weights else {
            candle_core::bail!("weights must be f32");
        };
        let Some((start, end)) = layout.contiguous_offsets() else {
            candle_core::bail!("weights must be contiguous");
        };
        let pairs = weights[start..end].iter_mut().zip(self.gradient);
        pairs.for_each(|(w, g)| *w -= self.rate * g);
        Ok(())
    }
}
