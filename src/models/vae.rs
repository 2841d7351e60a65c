//! The variational autoencoder with Bernoulli pixels (Kingma & Welling 2014; Rezende et al. 2014).
//!
//! p(z) = N(0, 1), p(x|z) = prod_j Bernoulli(x_j; sigmoid(logits_j)), q(z|x) = N(mean, exp(log_var)),
//! with perceptrons on both sides.

use candle_core::Tensor;

use super::registry::Capabilities;
use super::spec::ParameterKind;
use super::{Model, ModelFamily, ModelSpec, ParameterSpec};
use crate::distributions::DiagonalGaussian;
use crate::nn::{Activation, Linear, Mlp, Parameters};
use crate::{PIXELS, Result, Rng};

/// How this family presents itself in the registry.
pub fn family() -> ModelFamily {
    ModelFamily {
        id: "vae",
        label: "Variational autoencoder",
        description: "An encoder and a decoder trained together to maximise a lower bound on log p(x).",
        reference: "Kingma & Welling 2014, arXiv 1312.6114",
        capabilities: Capabilities {
            sample: true,
            conditional: false,
            likelihood: true,
        },
        parameters: vec![
            ParameterSpec {
                name: "latents",
                label: "Latents",
                description: "How many numbers the code of an image has.",
                unit: None,
                kind: ParameterKind::Integer {
                    min: 1,
                    max: 128,
                    default: 2,
                },
            },
            ParameterSpec {
                name: "hidden",
                label: "Hidden layers",
                description: "Units of each hidden layer of the encoder; the decoder has them in reverse.",
                unit: Some("units"),
                kind: ParameterKind::IntegerList {
                    min: 1,
                    max: 1024,
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
        ],
        build: |spec, seed| Ok(Box::new(Vae::new(spec, seed)?)),
    }
}

/// A variational autoencoder; see the module's documentation.
#[derive(Debug)]
pub struct Vae {
    spec: ModelSpec,
    latents: usize,
    parameters: Parameters,
    encoder: Mlp,
    mean: Linear,
    log_var: Linear,
    decoder: Mlp,
    logits: Linear,
}

const LOGITS: &str = "decoder.logits";

impl Vae {
    fn new(spec: &ModelSpec, seed: u64) -> Result<Self> {
        let rng = Rng::from_seed(seed).split("initial weights");
        let latents = spec.values.integer("latents") as usize;
        let activation = Activation::parse(spec.values.choice("activation"))?;
        let hidden = spec.values.sizes("hidden");
        let reversed: Vec<usize> = hidden.iter().rev().copied().collect();
        let outer = hidden.first().copied().unwrap_or(PIXELS);
        let inner = reversed.first().copied().unwrap_or(PIXELS);

        let mut p = Parameters::default();
        let encoder = Mlp::new(&mut p, &rng, "encoder", PIXELS, &hidden, activation, false)?;
        let mean = Linear::new(&mut p, &rng, "encoder.mean", (inner, latents), 1.0)?;
        let log_var = Linear::new(&mut p, &rng, "encoder.log_var", (inner, latents), 1.0)?;
        let decoder = Mlp::new(
            &mut p, &rng, "decoder", latents, &reversed, activation, true,
        )?;
        let logits = Linear::new(&mut p, &rng, LOGITS, (outer, PIXELS), 1.0)?;
        Ok(Self {
            spec: spec.clone(),
            latents,
            parameters: p,
            encoder,
            mean,
            log_var,
            decoder,
            logits,
        })
    }
}

impl Model for Vae {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn latents(&self) -> usize {
        self.latents
    }

    fn encode(&self, x: &Tensor) -> Result<DiagonalGaussian> {
        let h = self.encoder.forward(x)?;
        Ok(DiagonalGaussian {
            mean: self.mean.forward(&h)?,
            log_var: self.log_var.forward(&h)?,
        })
    }

    fn decode(&self, z: &Tensor) -> Result<Tensor> {
        self.logits.forward(&self.decoder.forward(z)?)
    }

    fn initialise_from_mean(&self, mean_image: &[f32]) -> Result<()> {
        self.parameters
            .set_bias_to_logit(&format!("{LOGITS}.bias"), mean_image)
    }
}
