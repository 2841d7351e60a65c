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

    /// Goes on with what follows the last image, by some ten milliseconds; the next model once it is found.
    ///
    /// # Errors
    ///
    /// [`crate::Error::InvalidArgument`] when there were no images; [`crate::Error::NonFinite`] when the fit breaks down.
    fn finish(&mut self) -> Result<Option<Fitted>>;
}

/// What a fit found.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Of the next model, in the order of their names.
    pub tensors: Vec<Vec<f32>>,
    /// log p of all images under the model before, nats.
    pub log_likelihood: f64,
}
