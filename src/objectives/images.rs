//! The images of a batch, as the encoder sees them and as they are to be redrawn.

use candle_core::Tensor;

/// Rows of pixels, `[B, D]`. The two differ where a model learns to denoise (Vincent et al. 2008, Im et al. 2017): with
/// q(z|corrupted x) the evidence lower bound is still one on log p(x), for it is so with any q.
#[derive(Clone, Copy, Debug)]
pub struct Images<'a> {
    /// What the encoder sees.
    pub seen: &'a Tensor,
    /// What p(x|z) is of.
    pub x: &'a Tensor,
}

impl<'a> From<&'a Tensor> for Images<'a> {
    fn from(x: &'a Tensor) -> Self {
        Self { seen: x, x }
    }
}
