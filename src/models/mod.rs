//! Model families: what a latent variable model is, how one is specified, and which there are.
//!
//! Objectives and estimators are elsewhere: a model only encodes, decodes and knows its prior.

pub mod ae;
pub mod bernoulli_mixture;
pub mod categorical_vae;
pub mod cvae;
pub mod enumeration;
pub mod family;
pub mod fit;
pub mod handle;
pub mod inference;
pub mod linear_factors;
#[cfg(test)]
pub(crate) mod linear_gaussian;
pub mod m2;
pub mod moments;
pub mod network;
pub mod registry;
pub mod vae;

use candle_core::Tensor;

use crate::approximate_posteriors::ApproximatePosterior;
use crate::data::{CLASSES, Showing};
use crate::likelihoods::{Bernoulli, Likelihood};
use crate::nn::{Parameters, tensors};
use crate::priors::{Prior, UnitNormal};
use crate::{Error, Result};

pub use family::{Capabilities, ModelFamily, ModelSpec};
pub use fit::{Fit, Fitted};
pub use handle::Handle;
pub(crate) use network::copy_of_output_bias;
pub use registry::{build, families, family};

/// A latent variable model: p(z), p(x|z), and an encoder q(z|x).
///
/// What it can do beyond that it says in [`Model::capabilities`], and by the methods that have a default.
pub trait Model: std::fmt::Debug {
    /// What this model was built from.
    fn spec(&self) -> &ModelSpec;

    /// What this model can be asked for: what every model of its family can, and what its options and the classes
    /// that were given to it change of that.
    fn capabilities(&self) -> Capabilities {
        self.spec().family().capabilities
    }

    /// Its trainable tensors.
    fn parameters(&self) -> &Parameters;

    /// K, how many numbers a code has.
    fn latents(&self) -> usize;

    /// q(z|x).
    ///
    /// # Shapes
    ///
    /// x `[B, D]` -> a row of codes for each.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] for an x of another width.
    fn encode(&self, x: &Tensor) -> Result<Box<dyn ApproximatePosterior>>;

    /// What [`Model::likelihood`] needs to know of p(x|z): its numbers for each pixel.
    ///
    /// # Shapes
    ///
    /// z `[B, K]` -> `[B, D]`.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] for a z of another width.
    fn decode(&self, z: &Tensor) -> Result<Tensor>;

    /// How pixels are distributed round what was decoded.
    fn likelihood(&self) -> &dyn Likelihood {
        &Bernoulli
    }

    /// p(z); none where codes have no distribution, as a plain autoencoder's.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] if a learned prior cannot be computed.
    fn prior(&self) -> Result<Option<Box<dyn Prior>>> {
        Ok(Some(Box::new(UnitNormal {
            latents: self.latents(),
        })))
    }

    /// The model of images of known classes, p(x, z|y), for a model that knows of classes.
    ///
    /// # Shapes
    ///
    /// y, one row for all images or one for each, `[1 or B, CLASSES]`: 1 at the class, all 0 where it is not known.
    /// The model's methods then take a multiple of B rows: all images, then all again.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] from all other models.
    fn given(&self, _y: &Tensor) -> Result<Box<dyn Model>> {
        Err(Error::Unsupported(format!(
            "a model of the family \"{}\" knows nothing of classes",
            self.spec().family().id
        )))
    }

    /// The models of images of each class, in order, where a code does not hold the class: p(x) = sum_y p(y) p(x|y) with
    /// p(y) = 1 / CLASSES. Empty where there is no such sum.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] if a view cannot be made.
    fn of_each_class(&self) -> Result<Vec<Box<dyn Model>>> {
        Ok(Vec::new())
    }

    /// The classes that [`Model::given`] was called with, `[1 or B, CLASSES]`; none of a model that takes images of all
    /// classes. Whoever copies or saves such a model must keep them.
    fn given_classes(&self) -> Option<&Tensor> {
        None
    }

    /// The logits of q(y|x), `[B, CLASSES]`, for a model that tells the class of an image itself.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] for an x of another width.
    fn classify(&self, _x: &Tensor) -> Result<Option<Tensor>> {
        Ok(None)
    }

    /// Every value that a code can take, `[M, K]`, where they are few.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] if the tensor cannot be made.
    fn values(&self) -> Result<Option<Tensor>> {
        Ok(None)
    }

    /// log p(x) of each row in nats, exactly, where the model knows it in closed form or by a sum over all
    /// codes.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] for an x of another width; [`Error::NonFinite`] when the model's weights have grown too large.
    fn exact_log_likelihood(&self, _x: &Tensor) -> Result<Option<Vec<f64>>> {
        Ok(None)
    }

    /// Prepares an untrained model for its data; one that has been trained is left alone. Of a model with two networks, the
    /// decoder's last bias is set so that it gives the mean of the data.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] if a tensor cannot be written.
    fn initialise(&self, data: &Showing<'_>) -> Result<()> {
        network::start_from_mean(self.parameters(), self.likelihood(), data)
    }

    /// The beginning of a step over all the data, for a model that is fitted by expectation-maximisation or in closed form
    /// instead of by gradients.
    ///
    /// # Errors
    ///
    /// [`Error::NonFinite`] when the weights have diverged.
    fn begin_fit(&self, _data: &Showing<'_>) -> Result<Option<Box<dyn Fit>>> {
        Ok(None)
    }

    /// log p(x|z) of each row, nats.
    ///
    /// # Shapes
    ///
    /// x `[B, D]`, decoded `[B, D]` -> `[B]`.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] when shapes differ.
    fn log_likelihood(&self, x: &Tensor, decoded: &Tensor) -> Result<Tensor> {
        self.likelihood().log_prob(decoded, x)
    }

    /// log p(z) of each row, nats.
    ///
    /// # Shapes
    ///
    /// z `[B, K]` -> `[B]`.
    ///
    /// # Errors
    ///
    /// As [`required_prior`]; [`Error::Tensor`] for a z of another width.
    fn log_prior(&self, z: &Tensor) -> Result<Tensor> {
        required_prior(self)?.log_prob(z)
    }
}

/// The model's prior.
///
/// # Errors
///
/// [`Error::Unsupported`] where it has none.
pub fn required_prior<M: Model + ?Sized>(model: &M) -> Result<Box<dyn Prior>> {
    model.prior()?.ok_or_else(|| {
        Error::Unsupported(format!(
            "a model of the family \"{}\" has no prior: there is nothing to sample from, and no p(x)",
            model.spec().family().id
        ))
    })
}

/// [`required_prior`], for what needs a gradient of log p(z).
///
/// # Errors
///
/// [`Error::Unsupported`] also where codes are discrete; as [`require_one_class`].
pub fn continuous_prior(model: &dyn Model) -> Result<Box<dyn Prior>> {
    require_one_class(model)?;
    let prior = required_prior(model)?;
    if prior.kind().is_continuous() {
        Ok(prior)
    } else {
        Err(Error::Unsupported(format!(
            "the codes of the family \"{}\" are discrete, and this needs real numbers; log p(x) is an exact sum, or \
         importance sampling estimates it",
            model.spec().family().id
        )))
    }
}

/// For what is about the codes of one model p(x, z): refuses a model that sums over classes, each with codes of its own.
///
/// # Errors
///
/// [`Error::Unsupported`], which says to give the class.
pub fn require_one_class(model: &dyn Model) -> Result<()> {
    if model.of_each_class()?.is_empty() {
        Ok(())
    } else {
        Err(Error::Unsupported(format!(
            "a code of the family \"{}\" means something else for each class: give the model a class first",
            model.spec().family().id
        )))
    }
}

/// The model of images of these classes, if all of them are known and `model` is to be told of classes (one that tells
/// them itself is not).
///
/// # Errors
///
/// [`Error::Tensor`] if the view cannot be made.
pub fn given_labels(model: &dyn Model, labels: &[Option<u8>]) -> Result<Option<Box<dyn Model>>> {
    let capabilities = model.capabilities();
    let known = !labels.is_empty() && labels.iter().all(Option::is_some);
    if capabilities.conditional && !capabilities.classifies && known {
        Ok(Some(model.given(&one_hot(labels)?)?))
    } else {
        Ok(None)
    }
}

/// A row for each label: 1 at the class, all 0 where it is not known.
///
/// # Shapes
///
/// -> `[labels.len(), CLASSES]`.
///
/// # Errors
///
/// [`Error::InvalidArgument`] for a label beyond the classes.
pub fn one_hot(labels: &[Option<u8>]) -> Result<Tensor> {
    let mut rows = vec![0f32; labels.len() * CLASSES];
    for (row, label) in rows.chunks_exact_mut(CLASSES).zip(labels) {
        let Some(label) = label else { continue };
        match row.get_mut(usize::from(*label)) {
            Some(entry) => *entry = 1.0,
            None => {
                return Err(Error::argument(format!(
                    "a label must be 0 to {}; got {label}",
                    CLASSES - 1
                )));
            }
        }
    }
    tensors::matrix(&rows, CLASSES)
}

/// A copy with tensors of its own; of a model that was given classes, a model of the same classes.
///
/// # Errors
///
/// [`crate::Error::Tensor`] if a tensor cannot be copied.
pub fn duplicate(model: &dyn Model) -> Result<Box<dyn Model>> {
    let copy = build(model.spec(), 0)?;
    copy.parameters()
        .set_values(&model.parameters().values()?)?;
    match model.given_classes() {
        Some(y) => copy.given(y),
        None => Ok(copy),
    }
}
