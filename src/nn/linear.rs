//! The affine layer y = f(x W^T + b), with only the gradients that are asked for.

use candle_core::Tensor;

use super::fused::affine::{Affine, affine};
use super::parameters::Parameter;
use super::{Activation, Parameters};
use crate::{Result, Rng};

/// An affine layer; weight `[out, in]` as PyTorch keeps it, bias `[out]`.
#[derive(Clone, Debug)]
pub struct Linear {
    weight: Parameter,
    bias: Parameter,
}

impl Linear {
    /// A layer named `name`: weights uniform in gain * sqrt(6 / (in + out)) (Glorot & Bengio 2010,
    /// widened by the gain of the non-linearity that follows), bias zero.
    pub(crate) fn new(
        parameters: &mut Parameters,
        rng: &Rng,
        name: &str,
        (inputs, outputs): (usize, usize),
        gain: f32,
    ) -> Result<Self> {
        let bound = gain * (6.0 / (inputs + outputs) as f32).sqrt();
        let weight = format!("{name}.weight");
        Ok(Self {
            weight: parameters.uniform(rng, &weight, (outputs, inputs), bound)?,
            bias: parameters.zeros(&format!("{name}.bias"), outputs)?,
        })
    }

    /// y = x W^T + b.
    ///
    /// # Shapes
    ///
    /// `[B, in]` -> `[B, out]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] when x has another width.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.apply(x, None)
    }

    /// y = f(x W^T + b), f the non-linearity.
    ///
    /// # Shapes
    ///
    /// `[B, in]` -> `[B, out]`.
    ///
    /// # Errors
    ///
    /// As [`Linear::forward`].
    pub fn forward_activated(&self, x: &Tensor, activation: Activation) -> Result<Tensor> {
        if activation.slope_is_in_output() {
            self.apply(x, Some(activation))
        } else {
            activation.apply(&self.apply(x, None)?)
        }
    }

    fn apply(&self, x: &Tensor, activation: Option<Activation>) -> Result<Tensor> {
        let operation = Affine {
            activation,
            // Of data, a sixth of the work of training a VAE.
            input_gradient: x.track_op(),
            weight_gradient: self.weight.gradient.clone(),
            bias_gradient: self.bias.gradient.clone(),
        };
        affine(x, &self.weight.tensor, &self.bias.tensor, operation)
    }
}
