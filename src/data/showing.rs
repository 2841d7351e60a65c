//! A data set as a model is shown it: binarised one way, in blocks.

use super::{Binarization, Dataset};
use crate::Rng;

/// All of a data set, for what looks at all of it.
#[derive(Clone, Debug)]
pub struct Showing<'a> {
    data: &'a Dataset,
    binarization: Binarization,
    rng: &'a Rng,
    step: u64,
}

impl<'a> Showing<'a> {
    /// `rng` and `step` as in [`Dataset::batch`].
    pub fn new(data: &'a Dataset, binarization: Binarization, rng: &'a Rng, step: u64) -> Self {
        Self {
            data,
            binarization,
            rng,
            step,
        }
    }

    /// Number of images; never zero.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// The mean grey value of each pixel, in [0, 1].
    pub fn mean_image(&self) -> Vec<f32> {
        self.data.mean_image()
    }

    /// The stream of random numbers that belongs to this showing.
    pub fn rng(&self, label: &str) -> Rng {
        self.rng.split_index(label, self.step)
    }

    /// The x of these images, `[indices.len(), 784]`.
    pub fn rows(&self, indices: &[u32]) -> Vec<f32> {
        self.data
            .batch(indices, self.binarization, self.rng, self.step)
    }

    /// At most `rows` of them, in order, from number `first` on.
    pub fn block(&self, first: usize, rows: usize) -> Vec<f32> {
        let end = self.len().min(first.saturating_add(rows));
        let indices: Vec<u32> = (first as u32..end as u32).collect();
        // Dynamic pixels start a stream at every call; it must be another one for every block.
        let step = match self.binarization {
            Binarization::Dynamic => self.step.wrapping_mul(1 << 32) + first as u64,
            Binarization::Grey | Binarization::Static => self.step,
        };
        self.data.batch(&indices, self.binarization, self.rng, step)
    }
}
