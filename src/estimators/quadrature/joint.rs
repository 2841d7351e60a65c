//! The function that is integrated: log p(seen|z) + log p(z).

use std::cell::Cell;

use crate::Result;
use crate::models::Model;
use crate::models::inference::{BLOCK, decode_raw};
use crate::nn::tensors::{flat_values, matrix};

/// log p(seen|z) of each row of the decoder's answer, `[n, D]` -> n, nats.
pub type Fit<'a> = dyn Fn(&[f32]) -> Result<Vec<f64>> + 'a;

/// The logarithm of a density, up to a constant, at each point.
pub(super) type Surface<'a> = dyn Fn(&[[f64; 2]]) -> Result<Vec<f64>> + 'a;

/// The logarithm of p(seen, z) at any z, with a count of its evaluations.
pub(super) struct LogJoint<'a> {
    pub model: &'a dyn Model,
    pub fit: &'a Fit<'a>,
    pub evaluations: Cell<usize>,
}

impl<'a> LogJoint<'a> {
    pub fn new(model: &'a dyn Model, fit: &'a Fit<'a>) -> Self {
        Self {
            model,
            fit,
            evaluations: Cell::new(0),
        }
    }

    /// At each point. NaN counts as impossible, so that an overflow far away does not spoil the rest.
    pub fn at(&self, points: &[[f64; 2]]) -> Result<Vec<f64>> {
        self.evaluations.set(self.evaluations.get() + points.len());
        let flat: Vec<f32> = points.iter().flatten().map(|v| *v as f32).collect();
        let mut values = Vec::with_capacity(points.len());
        for points in flat.chunks(2 * BLOCK) {
            let prior = flat_values(&self.model.log_prior(&matrix(points, 2)?)?)?;
            let fit = (self.fit)(&decode_raw(self.model, points)?)?;
            let joint = prior.iter().zip(fit).map(|(p, fit)| f64::from(*p) + fit);
            values.extend(joint.map(or_impossible));
        }
        Ok(values)
    }
}

/// Minus infinity in place of NaN and plus infinity.
pub(super) fn or_impossible(log_joint: f64) -> f64 {
    if log_joint < f64::INFINITY {
        log_joint
    } else {
        f64::NEG_INFINITY
    }
}
