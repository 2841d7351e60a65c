//! The prior of a code that holds a class: a unit normal z, every class as probable.

use candle_core::Tensor;

use super::{Kind, Prior};
use crate::data::CLASSES;
use crate::distributions::gaussian;
use crate::{Result, Rng};

/// N(z; 0, 1) / CLASSES, of codes `[z, y]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WithClass {
    /// Numbers of z alone.
    pub latents: usize,
}

impl Prior for WithClass {
    fn kind(&self) -> Kind {
        Kind::Discrete
    }

    fn log_prob(&self, z: &Tensor) -> Result<Tensor> {
        let of_z = gaussian::unit_log_prob(&z.narrow(1, 0, self.latents)?)?;
        Ok(of_z.affine(1.0, -(CLASSES as f64).ln())?)
    }

    fn sample(&self, count: usize, temperature: f32, rng: &mut Rng) -> Result<Vec<f32>> {
        let mut codes = Vec::with_capacity(count * (self.latents + CLASSES));
        for _ in 0..count {
            codes.extend(rng.normals(self.latents).iter().map(|z| z * temperature));
            let class = rng.below(CLASSES);
            codes.extend((0..CLASSES).map(|y| f32::from(u8::from(y == class))));
        }
        Ok(codes)
    }
}
