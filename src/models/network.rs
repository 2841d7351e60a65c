//! The two perceptrons that models with an encoder share.

use candle_core::{Tensor, Var};

use super::ModelSpec;
use crate::data::Showing;
use crate::likelihoods::Likelihood;
use crate::nn::{Activation, Linear, Mlp, Parameters};
use crate::options::{Dependency, ParameterKind, ParameterSpec};
use crate::{PIXELS, Result, Rng};

/// Name of the decoder's last layer.
pub(crate) const OUTPUT: &str = "decoder.logits";

/// How many numbers a code has.
pub(crate) fn latents_parameter(default: u64) -> ParameterSpec {
    ParameterSpec {
        name: "latents",
        label: "Latents",
        description: "How many numbers the code of an image has.",
        unit: None,
        depends_on: vec![],
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
            depends_on: vec![],
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
            depends_on: vec![Dependency::on_more("hidden", 0)],
            kind: ParameterKind::Choice {
                options: &Activation::NAMES,
                texts: &Activation::TEXTS,
                default: "relu",
            },
        },
    ]
}

/// Layers from pixels to the last hidden layer of the encoder, and from a code to the numbers of each pixel.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    encoder: Mlp,
    decoder: Mlp,
    output: Linear,
    /// Units of the encoder's last hidden layer, or its inputs where it has none.
    pub(crate) inner: usize,
}

impl Network {
    /// Layers `encoder.0`, ..., `decoder.0`, ..., [`OUTPUT`], which gives this many `numbers` for each pixel; both sides
    /// also take `classes` numbers for the class.
    pub(crate) fn new(
        parameters: &mut Parameters,
        rng: &Rng,
        spec: &ModelSpec,
        (latents, numbers): (usize, usize),
        classes: usize,
    ) -> Result<Self> {
        let activation = Activation::parse(spec.values.choice("activation"))?;
        let hidden = spec.values.sizes("hidden");
        let reversed: Vec<usize> = hidden.iter().rev().copied().collect();
        let outer = hidden.first().copied().unwrap_or(latents + classes);
        let inner = reversed.first().copied().unwrap_or(PIXELS + classes);
        let p = parameters;
        let (image, code) = ((PIXELS, classes), (latents, classes));
        Ok(Self {
            encoder: Mlp::with_classes(p, rng, "encoder", image, &hidden, activation)?,
            decoder: Mlp::with_classes(p, rng, "decoder", code, &reversed, activation)?,
            output: Linear::new(p, rng, OUTPUT, (outer, numbers * PIXELS), 1.0)?,
            inner,
        })
    }

    /// The encoder's last hidden layer.
    pub(crate) fn encode(&self, x: &Tensor) -> Result<Tensor> {
        self.encoder.forward(x)
    }

    /// The numbers of each pixel.
    pub(crate) fn decode(&self, z: &Tensor) -> Result<Tensor> {
        self.output.forward(&self.decoder.forward(z)?)
    }

    /// The encoder's last hidden layer, the classes y given; several rows of y for each of x: all of x with the
    /// first ones, then again.
    pub(crate) fn encode_given(&self, x: &Tensor, y: &Tensor) -> Result<Tensor> {
        self.encoder.forward_given(x, &rows_for(x, y)?)
    }

    /// The numbers of each pixel, the classes given.
    pub(crate) fn decode_given(&self, z: &Tensor, y: &Tensor) -> Result<Tensor> {
        let h = self.decoder.forward_given(z, &rows_for(z, y)?)?;
        self.output.forward(&h)
    }
}

/// The classes, repeated until there is a row for each row of x, if there are fewer.
fn rows_for(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    let (rows, class_rows) = (x.dim(0)?, y.dim(0)?);
    if class_rows > 0 && class_rows < rows && rows.is_multiple_of(class_rows) {
        Ok(y.repeat((rows / class_rows, 1))?)
    } else {
        Ok(y.clone())
    }
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
    let mut bias: Vec<f32> = bias.collect();
    bias.resize(likelihood.numbers() * PIXELS, 0.0);
    parameters.set_if_zero(&format!("{OUTPUT}.bias"), bias)
}

/// The bias of the decoder's last layer, and a copy of its values; none where there is no such layer.
pub(crate) fn copy_of_output_bias(parameters: &Parameters) -> Result<Option<(&Var, Tensor)>> {
    let bias = parameters.get(&format!("{OUTPUT}.bias"));
    let copied = bias.map(|bias| Ok((bias, bias.as_tensor().copy()?)));
    copied.transpose()
}

/// The seeded stream of initial weights.
pub(crate) fn weights_rng(seed: u64) -> Rng {
    Rng::from_seed(seed).split("initial weights")
}
