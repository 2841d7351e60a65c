//! A code without doubt: what a plain autoencoder says.

use candle_core::Tensor;

use super::{ApproximatePosterior, Draw, Kind};
use crate::Result;
use crate::distributions::DiagonalGaussian;

/// Stands for a variance of 0, whose logarithm is not finite: a deviation of 2e-9.
const LOG_VAR: f64 = -40.0;

/// All of q(z|x) at one place. It has no density: log q counts as 0.
#[derive(Clone, Debug)]
pub struct Point {
    /// The codes, `[B, K]`.
    pub code: Tensor,
}

impl ApproximatePosterior for Point {
    fn kind(&self) -> Kind {
        Kind::Point
    }

    fn moments(&self) -> Result<DiagonalGaussian> {
        Ok(DiagonalGaussian {
            mean: self.code.clone(),
            log_var: self.code.zeros_like()?.affine(1.0, LOG_VAR)?,
        })
    }

    fn repeat(&self, count: usize) -> Result<Box<dyn ApproximatePosterior>> {
        Ok(Box::new(Self {
            code: self.code.repeat((count, 1))?,
        }))
    }

    fn draw(&self, _noise: &Tensor) -> Result<Draw> {
        Ok(Draw {
            z: self.code.clone(),
            log_q: self.code.narrow(1, 0, 1)?.zeros_like()?.sum(1)?,
        })
    }
}
