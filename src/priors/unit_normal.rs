//! The prior that most models assume: N(0, 1) in every latent.

use candle_core::Tensor;

use super::{Kind, Prior};
use crate::distributions::gaussian;
use crate::{Result, Rng};

/// N(0, 1) in each of the latents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitNormal {
    /// K.
    pub latents: usize,
}

impl Prior for UnitNormal {
    fn kind(&self) -> Kind {
        Kind::UnitNormal
    }

    fn log_prob(&self, z: &Tensor) -> Result<Tensor> {
        gaussian::unit_log_prob(z)
    }

    fn sample(&self, count: usize, temperature: f32, rng: &mut Rng) -> Result<Vec<f32>> {
        let mut z = rng.normals(count * self.latents);
        z.iter_mut().for_each(|z| *z *= temperature);
        Ok(z)
    }
}
