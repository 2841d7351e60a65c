//! A stack of affine layers, each followed by the same non-linearity.

use candle_core::Tensor;

use crate::{Result, Rng};

use super::fused::affine;
use super::{Activation, Linear, Parameters};

/// The hidden layers of a perceptron; the heads that read them are [`Linear`] layers of their own.
#[derive(Clone, Debug)]
pub struct Mlp {
    layers: Vec<Linear>,
    activation: Activation,
    /// What the first layer makes of classes, `[hidden[0], classes]`: its own weights for them, apart, so that x is
    /// multiplied once for all classes.
    class_weight: Option<Tensor>,
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
        Ok(Self {
            layers,
            activation,
            class_weight: None,
        })
    }

    /// The same for inputs and classes, whose weights are named `name.class`.
    pub(crate) fn with_classes(
        parameters: &mut Parameters,
        rng: &Rng,
        name: &str,
        (inputs, classes): (usize, usize),
        hidden: &[usize],
        activation: Activation,
    ) -> Result<Self> {
        let mut mlp = Self::new(parameters, rng, name, inputs, hidden, activation)?;
        if let (Some(outputs), true) = (hidden.first(), classes > 0) {
            let bound = activation.gain() * (6.0 / (inputs + classes + outputs) as f32).sqrt();
            let name = format!("{name}.class");
            let weight = parameters.uniform(rng, &name, (*outputs, classes), bound)?;
            mlp.class_weight = Some(weight.tensor);
        }
        Ok(mlp)
    }

    /// With a row of classes for each row of x, or several for each: all rows of x with the first ones, then again
    /// with the next.
    ///
    /// # Shapes
    ///
    /// x `[B, inputs]`, y `[k B, classes]` -> `[k B, last hidden size]`; without hidden layers x and y, joined.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] when x or y has another width; [`crate::Error::Shape`] when y's rows are no multiple
    /// of x's.
    pub(crate) fn forward_given(&self, x: &Tensor, y: &Tensor) -> Result<Tensor> {
        let (rows, class_rows) = (x.dim(0)?, y.dim(0)?);
        if rows == 0 || !class_rows.is_multiple_of(rows) {
            return Err(crate::Error::shape(format!(
                "{class_rows} rows of classes do not fit {rows} rows"
            )));
        }
        let times = |x: Tensor| match class_rows / rows {
            1 => Ok(x),
            more => x.repeat((more, 1)),
        };
        let (Some(weight), Some((first, others))) = (&self.class_weight, self.layers.split_first())
        else {
            return Ok(Tensor::cat(&[&times(x.clone())?, y], 1)?.contiguous()?);
        };
        let nothing = Tensor::zeros(weight.dim(0)?, weight.dtype(), weight.device())?;
        let of_y = affine::computed(y, weight, &nothing)?;
        let sum = (times(first.forward(x)?)? + of_y)?;
        let mut h = self.activation.apply(&sum)?;
        for layer in others {
            h = layer.forward_activated(&h, self.activation)?;
        }
        Ok(h)
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
