//! A stack of affine layers, each followed by the same non-linearity.

use candle_core::Tensor;

use crate::{Result, Rng};

use super::{Activation, Linear, Parameters};

/// The hidden layers of a perceptron; the heads that read them are [`Linear`] layers of their own.
#[derive(Clone, Debug)]
pub struct Mlp {
    layers: Vec<Linear>,
    activation: Activation,
    input_gradient: bool,
}

impl Mlp {
    /// Layers named `name.0`, `name.1`, ... of sizes `inputs -> hidden[0] -> hidden[1] ...`.
    ///
    /// `input_gradient` says whether anything before this stack is trained.
    pub(crate) fn new(
        parameters: &mut Parameters,
        rng: &Rng,
        name: &str,
        inputs: usize,
        hidden: &[usize],
        activation: Activation,
        input_gradient: bool,
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
        Ok(Self {
            layers,
            activation,
            input_gradient,
        })
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
        for (index, layer) in self.layers.iter().enumerate() {
            let input_gradient = index > 0 || self.input_gradient;
            h = layer.forward_activated(&h, self.activation, input_gradient)?;
        }
        Ok(h)
    }
}
