//! The diagonal Gaussian posterior (Kingma & Welling 2014).

use candle_core::Tensor;

use super::{ApproximatePosterior, Draw, EncoderHead, Kind};
use crate::distributions::DiagonalGaussian;
use crate::nn::{Linear, Parameters};
use crate::{Result, Rng};

impl ApproximatePosterior for DiagonalGaussian {
    fn kind(&self) -> Kind {
        Kind::Diagonal
    }

    fn moments(&self) -> Result<DiagonalGaussian> {
        Ok(self.clone())
    }

    fn diagonal(&self) -> Option<&DiagonalGaussian> {
        Some(self)
    }

    fn repeat(&self, count: usize) -> Result<Box<dyn ApproximatePosterior>> {
        Ok(Box::new(DiagonalGaussian::repeat(self, count)?))
    }

    fn draw(&self, noise: &Tensor) -> Result<Draw> {
        let z = self.reparameterise(noise)?;
        let log_q = self.log_prob(&z)?;
        Ok(Draw { z, log_q })
    }

    fn relaxed(&self, noise: &Tensor) -> Result<Tensor> {
        self.reparameterise(noise)
    }

    fn held_log_prob(&self, z: &Tensor) -> Result<Tensor> {
        let held = DiagonalGaussian {
            mean: self.mean.detach(),
            log_var: self.log_var.detach(),
        };
        held.log_prob(z)
    }

    fn kl_to_standard(&self) -> Result<Option<Tensor>> {
        self.kl_to_unit_normal().map(Some)
    }
}

/// Two layers: mean and log-variance.
#[derive(Clone, Debug)]
pub struct DiagonalHead {
    mean: Linear,
    log_var: Linear,
}

impl DiagonalHead {
    /// Layers `encoder.mean` and `encoder.log_var`, from `hidden` units to `latents` numbers.
    pub(crate) fn new(
        parameters: &mut Parameters,
        rng: &Rng,
        hidden: usize,
        latents: usize,
    ) -> Result<Self> {
        let size = (hidden, latents);
        Ok(Self {
            mean: Linear::new(parameters, rng, "encoder.mean", size, 1.0)?,
            log_var: Linear::new(parameters, rng, "encoder.log_var", size, 1.0)?,
        })
    }

    /// The Gaussian itself.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] for an h of another width.
    pub fn gaussian(&self, h: &Tensor) -> Result<DiagonalGaussian> {
        Ok(DiagonalGaussian {
            mean: self.mean.forward(h)?,
            log_var: self.log_var.forward(h)?,
        })
    }
}

impl EncoderHead for DiagonalHead {
    fn posterior(&self, h: &Tensor) -> Result<Box<dyn ApproximatePosterior>> {
        Ok(Box::new(self.gaussian(h)?))
    }
}
