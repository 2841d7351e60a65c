//! What training maximises. An objective knows no model family: it needs an encoder, a likelihood and a
//! prior.

pub mod coupled;
pub mod elbo;
pub mod enumerated;
pub mod exact;
pub mod images;
pub mod iwae;
pub mod m2;
pub mod tc;
pub mod wae;

use candle_core::Tensor;

use crate::models::Model;
use crate::options::ChoiceText;
use crate::{Error, Result};

pub use coupled::Coupling;
pub use elbo::ElboOptions;
pub use images::Images;
pub use iwae::EncoderGradient;
pub use tc::Minibatch;

/// One sample of a bound on log p(x) and its parts, means over the batch, in nats.
#[derive(Debug)]
pub struct Bound {
    /// What to minimise, a scalar that carries the graph.
    pub loss: Tensor,
    /// E_q log p(x|z), a scalar.
    pub reconstruction: Tensor,
    /// KL(q(z|x) || p(z)), a scalar; from the draws where it has no closed form, 0 where there is no prior.
    pub kl: Tensor,
}

/// A bound that training can maximise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// The evidence lower bound; several draws are averaged.
    Elbo,
    /// The importance weighted bound: several draws make it tighter.
    Iwae(EncoderGradient),
    /// The reconstruction with a pull of all codes together to the prior: a Wasserstein autoencoder.
    Wae,
    /// The evidence lower bound with beta on the total correlation of the latents alone.
    TotalCorrelation,
    /// log p(x) itself, summed over the plane of two latents without an encoder.
    Exact,
}

impl Objective {
    /// The names that [`Objective::parse`] knows.
    pub const NAMES: [&'static str; 6] = ["elbo", "iwae", "dreg", "wae", "tc", "exact"];
    pub(crate) const TEXTS: [ChoiceText; 6] = [
        ChoiceText::new(
            "evidence lower bound",
            "The evidence lower bound (ELBO): how well an image is redrawn, minus the KL of its code.",
        ),
        ChoiceText::new(
            "importance weighted bound",
            "Several draws of z together give one bound (IWAE). The more draws, the nearer it is to log p(x).",
        ),
        ChoiceText::new(
            "importance weighted, less noise",
            "The same bound with another gradient for the encoder, doubly reparameterised (DReG).",
        ),
        ChoiceText::new(
            "Wasserstein autoencoder",
            "The codes of all images together are kept near the prior, not each code by itself.",
        ),
        ChoiceText::new(
            "total correlation",
            "The ELBO, but beta weighs only the total correlation: how much the latents depend on each other.",
        ),
        ChoiceText::new(
            "exact log p(x), no encoder",
            "For two latents: log p(x) itself, summed over codes all over the plane. The encoder has no part in it; \
             it only learns to guess the posterior.",
        ),
    ];

    /// The objective of this name.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for any other name.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "elbo" => Ok(Self::Elbo),
            "iwae" => Ok(Self::Iwae(EncoderGradient::Plain)),
            "dreg" => Ok(Self::Iwae(EncoderGradient::DoublyReparameterised)),
            "wae" => Ok(Self::Wae),
            "tc" => Ok(Self::TotalCorrelation),
            "exact" => Ok(Self::Exact),
            _ => Err(Error::argument(format!(
                "there is no objective \"{name}\"; there are {}",
                Self::NAMES.join(", ")
            ))),
        }
    }

    /// What its loss holds against each other; none where it is a mean over the images, each by itself.
    pub fn coupling(self, options: ElboOptions) -> Option<Coupling> {
        match self {
            Self::Elbo => (options.free_bits > 0.0).then_some(Coupling::FreeBits),
            Self::Iwae(_) => None,
            Self::Wae => Some(Coupling::Discrepancy),
            Self::TotalCorrelation => Some(Coupling::TotalCorrelation),
            Self::Exact => Some(Coupling::Codes),
        }
    }

    /// How many rows of noise it needs for this number of draws of z.
    pub fn noise_rows(self, draws: usize) -> usize {
        match self {
            Self::Wae => 2 * draws,
            Self::Exact => exact::CODES,
            _ => draws,
        }
    }

    /// One sample of it; as [`elbo::sample`] (a model whose codes have few values: [`enumerated::sample`]; one that tells
    /// classes: [`m2::sample`]), [`iwae::sample`] and [`Coupling::sample`] say, after [`wae`],
    /// [`tc`] and [`exact`]. A model that knows of classes takes their rows `y`, zeros where a
    /// class is not known.
    ///
    /// # Errors
    ///
    /// As those; [`Error::Unsupported`] for another objective than the evidence lower bound of a model that tells
    /// classes.
    pub fn sample<'a>(
        self,
        model: &dyn Model,
        images: impl Into<Images<'a>>,
        y: Option<&Tensor>,
        noise: &Tensor,
        options: ElboOptions,
    ) -> Result<Bound> {
        let images = images.into();
        if let Some(y) = y {
            return match (model.capabilities().classifies, self) {
                (true, Self::Elbo) => m2::sample(model, images.x, y, noise, options),
                (true, _) => Err(Error::Unsupported(
                    "a model that tells classes is trained with the objective \"elbo\"".to_owned(),
                )),
                (false, Self::Exact) => Err(Error::Unsupported(
                    "the objective \"exact\" is for models without classes".to_owned(),
                )),
                (false, _) => self.sample(model.given(y)?.as_ref(), images, None, noise, options),
            };
        }
        match self {
            Self::Elbo => match model.values()? {
                Some(values) => enumerated::sample(model, images, &values, options),
                None => elbo::sample(model, images, noise, options),
            },
            Self::Iwae(gradient) => iwae::sample(model, images, noise, gradient, options.beta),
            Self::Wae => Coupling::Discrepancy.sample(model, images, noise, options),
            Self::TotalCorrelation => {
                Coupling::TotalCorrelation.sample(model, images, noise, options)
            }
            Self::Exact => Coupling::Codes.sample(model, images, noise, options),
        }
    }
}

/// How many draws of z the noise is for, for each row of x.
fn draws(x: &Tensor, noise: &Tensor) -> Result<usize> {
    let (images, rows) = (x.dim(0)?, noise.dim(0)?);
    if images == 0 || rows == 0 || !rows.is_multiple_of(images) {
        return Err(Error::shape(format!(
            "{rows} rows of noise are no whole number of draws for {images} images"
        )));
    }
    Ok(rows / images)
}
