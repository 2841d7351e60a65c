//! Where a layer leaves the gradients of its parameters.
//!
//! candle's backward pass makes a tensor of zeros for every gradient, adds the gradient to it into a
//! third, and gives the last one to whoever asks: for the weights of a layer, more than half of the
//! numbers that a training step touches. A layer can leave them in buffers that stay instead, or spare
//! itself the work.

use std::sync::{Arc, Mutex, MutexGuard};

use candle_core::Result;

use super::Parameters;
use super::fused::gemm::Start;

/// What becomes of the gradients of a layer's parameters in a backward pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gradients {
    /// candle's `GradStore` holds them.
    #[default]
    InStore,
    /// Buffers that belong to the parameters hold them; for a trainer.
    Kept,
    /// Nobody wants them: for gradients towards latents.
    Spared,
}

#[derive(Debug, Default)]
struct Slot {
    mode: Gradients,
    /// Whether the values are those of this backward pass.
    filled: bool,
    values: Vec<f32>,
}

/// One parameter's buffer.
#[derive(Clone, Debug, Default)]
pub(crate) struct GradientSlot(Arc<Mutex<Slot>>);

impl GradientSlot {
    fn lock(&self) -> Result<MutexGuard<'_, Slot>> {
        match self.0.lock() {
            Ok(slot) => Ok(slot),
            Err(_) => candle_core::bail!("an earlier backward pass was interrupted"),
        }
    }

    /// Has a gradient of `length` numbers written, or added to what this pass has left already, where
    /// it is wanted. Gives back what belongs into candle's store.
    pub(crate) fn leave(
        &self,
        length: usize,
        write: impl FnOnce(&mut [f32], Start<'_>) -> Result<()>,
    ) -> Result<Option<Vec<f32>>> {
        let mut slot = self.lock()?;
        match slot.mode {
            Gradients::Spared => Ok(None),
            Gradients::InStore => {
                let mut values = vec![0f32; length];
                write(&mut values, Start::Zero)?;
                Ok(Some(values))
            }
            Gradients::Kept => {
                let start = if slot.filled {
                    Start::Kept
                } else {
                    Start::Zero
                };
                slot.values.resize(length, 0.0);
                write(&mut slot.values, start)?;
                slot.filled = true;
                Ok(None)
            }
        }
    }

    /// Calls `read` with the gradient that the last backward pass left, if it left one.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&[f32]) -> T) -> Result<Option<T>> {
        let slot = self.lock()?;
        Ok(slot.filled.then(|| read(&slot.values)))
    }

    fn set(&self, mode: Gradients) -> Result<()> {
        let mut slot = self.lock()?;
        slot.mode = mode;
        slot.filled = false;
        Ok(())
    }
}

/// While this lives, the gradients of some parameters go where it says; then to candle's store again.
#[derive(Debug)]
pub struct GradientsGuard<'a>(&'a Parameters);

impl<'a> GradientsGuard<'a> {
    pub(super) fn new(parameters: &'a Parameters, mode: Gradients) -> crate::Result<Self> {
        let guard = Self(parameters);
        for slot in parameters.slots() {
            slot.set(mode)?;
        }
        Ok(guard)
    }
}

impl Drop for GradientsGuard<'_> {
    fn drop(&mut self) {
        for slot in self.0.slots() {
            // A slot that an interrupted pass has poisoned says so when it is next used.
            slot.set(Gradients::InStore).unwrap_or_default();
        }
    }
}
