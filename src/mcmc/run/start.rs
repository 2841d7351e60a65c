//! The places where chains start.

use candle_core::Tensor;

use crate::mcmc::Target;
use crate::nn::tensors::{flat_values, matrix};
use crate::{Error, Result, Rng};

/// Where chains start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// All chains around the encoder's answer, spread with twice its deviation. They soon reach the posterior near it, but
    /// never find a part of the posterior that lies far from it.
    #[default]
    Encoder,
    /// The first chain around the encoder's answer, the others at draws of the prior. If they end in different places, the
    /// posterior has several modes.
    Prior,
}

impl Start {
    /// The names that [`Start::parse`] knows.
    pub const NAMES: [&'static str; 2] = ["encoder", "prior"];

    /// The start of this name.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for any other name.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "encoder" => Ok(Self::Encoder),
            "prior" => Ok(Self::Prior),
            _ => Err(Error::argument(format!(
                "chains cannot start at \"{name}\"; they start at one of {}",
                Self::NAMES.join(", ")
            ))),
        }
    }

    /// The first places of the chains, `[C, K]` in one row.
    pub(super) fn places(
        self,
        target: &Target<'_>,
        x: &Tensor,
        chains: usize,
        rng: &mut Rng,
    ) -> Result<Vec<f32>> {
        let latents = target.model().latents();
        let q = target.model().encode(x)?.moments()?.repeat(chains)?;
        let wide = (matrix(&rng.normals(chains * latents), latents)? * 2.0)?;
        let mut places = flat_values(&q.reparameterise(&wide)?)?;
        if self == Self::Prior {
            let drawn = target.prior().sample(chains - 1, 1.0, rng)?;
            places[latents..].copy_from_slice(&drawn);
        }
        Ok(places)
    }
}
