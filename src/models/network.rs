//! The two perceptrons that models with an encoder share.

use candle_core::Tensor;

use super::ModelSpec;
use super::spec::{ParameterKind, ParameterSpec};
use crate::data::Showing;
use crate::likelihoods::Likelihood;
use crate::nn::{Activation, Linear, Mlp, Parameters};
use crate::{Error, PIXELS, Result, Rng};

/// Name of the decoder's last layer.
pub(crate) const OUTPUT: &str = "decoder.logits";

/// How many numbers a code has.
pub(crate) fn latents_parameter(default: u64) -> ParameterSpec {
    ParameterSpec {
        name: "latents",
        label: "Latents",
        description: "How many numbers the code of an image has.",
        unit: None,
        kind: ParameterKind::Integer {
            min: 1,
            max: 128,
            default,
        },
    }
}

/// The options of the two perceptrons.
pub(crate) fn network_parameters() -> [ParameterSpec; 2] {
    [
        ParameterSpec {
            name: "hidden",
            label: "Hidden layers",
            description: "Units of each hidden layer of the encoder; the decoder has them in reverse. None: both are linear.",
            unit: Some("units"),
            kind: ParameterKind::IntegerList {
                min: 1,
                max: 1024,
                min_length: 0,
                max_length: 4,
                default: &[128],
            },
        },
        ParameterSpec {
            name: "activation",
            label: "Activation",
            description: "The non-linearity after each hidden layer.",
            unit: None,
            kind: ParameterKind::Choice {
                options: &Activation::NAMES,
                default: "relu",
            },
        },
    ]
}

/// Layers from pixels to the last hidden layer of the encoder, and from a code to a number for each pixel.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    encoder: Mlp,
    decoder: Mlp,
    output: Linear,
    /// Units of the encoder's last hidden layer, or its inputs where it has none.
    pub(crate) inner: usize,
}

impl Network {
    /// Layers `encoder.0`, ..., `decoder.0`, ..., [`OUTPUT`]; `given` numbers join the pixels on one side and the
    /// code on the other.
    pub(crate) fn new(
        parameters: &mut Parameters,
        rng: &Rng,
        spec: &ModelSpec,
        latents: usize,
        given: usize,
    ) -> Result<Self> {
        let activation = Activation::parse(spec.values.choice("activation"))?;
        let hidden = spec.values.sizes("hidden");
        let reversed: Vec<usize> = hidden.iter().rev().copied().collect();
        let (image, code) = (PIXELS + given, latents + given);
        let outer = hidden.first().copied().unwrap_or(code);
        let inner = reversed.first().copied().unwrap_or(image);
        let p = parameters;
        Ok(Self {
            encoder: Mlp::new(p, rng, "encoder", image, &hidden, activation)?,
            decoder: Mlp::new(p, rng, "decoder", code, &reversed, activation)?,
            output: Linear::new(p, rng, OUTPUT, (outer, PIXELS), 1.0)?,
            inner,
        })
    }

    /// The encoder's last hidden layer, from pixels and what is given with them.
    pub(crate) fn encode(&self, input: &Tensor) -> Result<Tensor> {
        self.encoder.forward(input)
    }

    /// A number for each pixel, from a code and what is given with it.
    pub(crate) fn decode(&self, input: &Tensor) -> Result<Tensor> {
        self.output.forward(&self.decoder.forward(input)?)
    }
}

/// Rows of numbers with rows of classes behind them; the classes are repeated until there is a row for each.
///
/// # Errors
///
/// [`Error::Shape`] when the rows are no multiple of the classes' rows.
pub(crate) fn join(rows: &Tensor, y: &Tensor) -> Result<Tensor> {
    let (count, of_classes) = (rows.dim(0)?, y.dim(0)?);
    if of_classes == 0 || !count.is_multiple_of(of_classes) {
        return Err(Error::shape(format!(
            "{of_classes} rows of classes do not fit {count} rows"
        )));
    }
    let y = y.repeat((count / of_classes, 1))?;
    Ok(Tensor::cat(&[rows, &y], 1)?.contiguous()?)
}

/// Sets an all-zero bias of the decoder's last layer so that it gives the mean of the data; leaves any other
/// alone.
pub(crate) fn start_from_mean(
    parameters: &Parameters,
    likelihood: &dyn Likelihood,
    data: &Showing<'_>,
) -> Result<()> {
    let mean = data.mean_image();
    let bias = mean.into_iter().map(|mean| likelihood.of_mean(mean));
    parameters.set_if_zero(&format!("{OUTPUT}.bias"), bias.collect())
}

/// The seeded stream of initial weights.
pub(crate) fn weights_rng(seed: u64) -> Rng {
    Rng::from_seed(seed).split("initial weights")
}
