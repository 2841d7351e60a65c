//! The fit of a model to all of its data at once, by expectation-maximisation or in closed form, taken in blocks.

use crate::Result;

/// A fit under way: give it every image once, in blocks of any size.
pub trait Fit: std::fmt::Debug {
    /// Goes on with some images.
    ///
    /// # Shapes
    ///
    /// rows `[n, 784]`.
    ///
    /// # Errors
    ///
    /// As [`crate::math::check_rows`].
    fn add(&mut self, rows: &[f32]) -> Result<()>;

    /// The tensors of the next model in the order of their names, and log p of all images under the one before, nats.
    ///
    /// # Errors
    ///
    /// [`crate::Error::InvalidArgument`] when there were no images; [`crate::Error::NonFinite`] when the fit breaks down.
    fn finish(self: Box<Self>) -> Result<(Vec<Vec<f32>>, f64)>;
}
