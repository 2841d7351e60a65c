//! A stack of affine layers, each followed by the same non-linearity.

use candle_core::Tensor;

use crate::{Result, Rng};

use super::{Activation, Linear, Parameters};

/// The hidden layers of a perceptron; the heads that read them are [`Linear`] layers of their own.
#[derive(Clone, Debug)]
pub struct Mlp {
    layers: Vec<Linear>,
    activation: Activation,
}

impl Mlp {
    /// Layers named `name.0`, `name.1`, ... of sizes `inputs -> hidden[0] -> hidden[1] ...`.
    pub(crate) fn new(
        parameters: &mut Parameters,
        rng: &Rng,
        name: &str,
        inputs: usize,
        hidden: &[usize],
        activation: Activation,
    ) -> Result<Self> {
        let mut width = inputs;
        let mut layers = Vec::with_capacity(hidden.len());
        for (index, outputs) in hidden.iter().enumerate() {
            let name = format!("{name}.{index}");
            let size = (width, *outputs);
            layers.push(Linear::new(
                parameters,
                rng,
                &name,
                size,
                activation.gain(),
            )?);
            width = *outputs;
        }
        Ok(Self { layers, activation })
    }

    /// # Shapes
    ///
    /// `[B, inputs]` -> `[B, last hidden size]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] when x has another width.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let mut h = x.clone();
        for layer in &self.layers {
            h = layer.forward_activated(&h, self.activation)?;
        }
        Ok(h)
    }
}
