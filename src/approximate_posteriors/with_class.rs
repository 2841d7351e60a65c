//! The posterior of a code that holds a class: q(y|x) q(z|x, y).

use std::fmt;
use std::rc::Rc;

use candle_core::Tensor;

use super::categorical::one_hot_of_largest;
use super::{ApproximatePosterior, Categorical, Draw, Kind};
use crate::Result;
use crate::data::CLASSES;
use crate::distributions::DiagonalGaussian;
use crate::nn::tensors::{flat_values, matrix};

/// q(z|x, y) of rows of images and rows of classes.
type GivenClass = Rc<dyn Fn(&Tensor, &Tensor) -> Result<Box<dyn ApproximatePosterior>>>;

/// q(y|x) q(z|x, y), of codes `[z, y]`.
#[derive(Clone)]
pub struct WithClass {
    x: Tensor,
    class: Categorical,
    given_class: GivenClass,
}

impl WithClass {
    /// From the images, the logits of q(y|x) `[B, CLASSES]` and the rest of the encoder.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] when the logits have another width.
    pub fn new(
        x: &Tensor,
        logits: &Tensor,
        given_class: impl Fn(&Tensor, &Tensor) -> Result<Box<dyn ApproximatePosterior>> + 'static,
    ) -> Result<Self> {
        Ok(Self {
            x: x.clone(),
            class: Categorical::new(logits, CLASSES, 1.0)?,
            given_class: Rc::new(given_class),
        })
    }
}

impl fmt::Debug for WithClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithClass").finish_non_exhaustive()
    }
}

impl ApproximatePosterior for WithClass {
    fn kind(&self) -> Kind {
        Kind::WithClass
    }

    /// Those of z given the most probable class, and the probabilities of the classes.
    fn moments(&self) -> Result<DiagonalGaussian> {
        let of_class = ApproximatePosterior::moments(&self.class)?;
        let mut y = flat_values(&of_class.mean)?;
        one_hot_of_largest(&mut y, CLASSES);
        let of_z = (self.given_class)(&self.x, &matrix(&y, CLASSES)?)?.moments()?;
        let both = |z: &Tensor, y: &Tensor| Tensor::cat(&[z, y], 1)?.contiguous();
        Ok(DiagonalGaussian {
            mean: both(&of_z.mean, &of_class.mean)?,
            log_var: both(&of_z.log_var, &of_class.log_var)?,
        })
    }

    fn repeat(&self, count: usize) -> Result<Box<dyn ApproximatePosterior>> {
        Ok(Box::new(Self {
            x: self.x.repeat((count, 1))?,
            class: self.class.repeated(count)?,
            given_class: Rc::clone(&self.given_class),
        }))
    }

    fn draw(&self, noise: &Tensor) -> Result<Draw> {
        let latents = noise.dim(1)?.saturating_sub(CLASSES);
        let of_y = self.class.draw(&noise.narrow(1, latents, CLASSES)?)?;
        let q = (self.given_class)(&self.x, &of_y.z)?;
        let of_z = q.draw(&noise.narrow(1, 0, latents)?.contiguous()?)?;
        Ok(Draw {
            z: Tensor::cat(&[&of_z.z, &of_y.z], 1)?.contiguous()?,
            log_q: (of_z.log_q + of_y.log_q)?,
        })
    }
}
