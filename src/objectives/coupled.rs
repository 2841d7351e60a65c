//! Losses that hold what is made of all images of a batch against each other. Such a batch can be cut all the same, in
//! three passes (Gao et al. 2021 do so to save memory): the numbers that are held against each other, of some units at a
//! time; the charge on all of them, for some rows at a time, with its gradient towards them; the numbers once more,
//! pulled along that gradient.

use std::ops::Range;

use candle_core::Tensor;

use super::{Bound, ElboOptions, Images, elbo, enumerated, exact, tc, wae};
use crate::models::Model;
use crate::{Error, Result};

/// What a loss holds against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coupling {
    /// The mean KL of each latent against its floor.
    FreeBits,
    /// All codes together against the prior.
    Discrepancy,
    /// All codes against the q(z|x) of all images.
    TotalCorrelation,
    /// Every image against every code of the plane: the units are codes.
    Codes,
}

/// What is made of some units.
#[derive(Debug)]
pub struct Made {
    /// What is charged with that of all other units: tensors of two axes in the graph of the model, whose rows are the
    /// units', or those of all units' first draws and then their second ones.
    pub held: Vec<Tensor>,
    /// E_q log p(x|z), a mean over the images; none where the charge knows it.
    pub reconstruction: Option<Tensor>,
}

/// How much of the units is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What is held only.
    Held,
    /// The reconstruction besides.
    All,
}

/// The share of some rows in the loss and its parts, nats; over all rows they add up to the whole.
#[derive(Debug)]
pub struct Charge {
    /// What the loss is more than -reconstruction, a scalar in the graph of what is held.
    pub loss: Tensor,
    /// KL(q(z|x) || p(z)), a scalar.
    pub kl: Tensor,
    /// E log p(x|z), a scalar, where it is not the units' own.
    pub reconstruction: Option<Tensor>,
}

impl Coupling {
    /// What is made of some units: of images and their noise, or, where the units are codes, of the noise alone,
    /// the first of which is number `first` of all.
    ///
    /// # Errors
    ///
    /// As the objective's `sample`.
    pub fn make(
        self,
        model: &dyn Model,
        images: Images<'_>,
        (noise, first): (&Tensor, usize),
        extent: Extent,
    ) -> Result<Made> {
        match self {
            Self::FreeBits => match model.values()? {
                Some(values) => enumerated::made(model, images, &values),
                None => elbo::made(model, images, noise, extent),
            },
            Self::Discrepancy => wae::made(model, images, noise, extent),
            Self::TotalCorrelation => tc::made(model, images, noise, extent),
            Self::Codes => exact::made(model, noise, first),
        }
    }

    /// How many rows the charge on all that is held has, for this many images and draws of z in all.
    pub fn rows(self, images: usize, drawn: usize) -> usize {
        match self {
            // Means over all images: there is nothing to cut.
            Self::FreeBits => 1,
            Self::Discrepancy | Self::TotalCorrelation => drawn,
            Self::Codes => images,
        }
    }

    /// The charge on what is held, for some rows.
    ///
    /// # Errors
    ///
    /// As the objective's `sample`.
    pub fn charge(
        self,
        model: &dyn Model,
        x: &Tensor,
        held: &[Tensor],
        rows: Range<usize>,
        options: ElboOptions,
    ) -> Result<Charge> {
        match self {
            Self::FreeBits => elbo::charge(model, held, options),
            Self::Discrepancy => wae::charge(held, rows, options),
            Self::TotalCorrelation => tc::charge(held, rows, options),
            Self::Codes => exact::charge(model, x, held, rows),
        }
    }

    /// The loss of a whole batch at once.
    ///
    /// # Errors
    ///
    /// As [`Coupling::make`] and [`Coupling::charge`].
    pub fn sample<'a>(
        self,
        model: &dyn Model,
        images: impl Into<Images<'a>>,
        noise: &Tensor,
        options: ElboOptions,
    ) -> Result<Bound> {
        let images = images.into();
        let made = self.make(model, images, (noise, 0), Extent::All)?;
        let drawn = made.held.first().map_or(Ok(0), |first| first.dim(0))?;
        let rows = self.rows(images.x.dim(0)?, drawn);
        let charge = self.charge(model, images.x, &made.held, 0..rows, options)?;
        bound(made.reconstruction, charge)
    }
}

/// The loss of what was made and its charge.
pub(super) fn bound(own: Option<Tensor>, charge: Charge) -> Result<Bound> {
    let loss = match &own {
        Some(own) => (charge.loss - own)?,
        None => charge.loss,
    };
    let reconstruction = own.or(charge.reconstruction);
    Ok(Bound {
        loss,
        reconstruction: reconstruction
            .ok_or_else(|| Error::shape("neither the images nor their charge have a likelihood"))?,
        kl: charge.kl,
    })
}
