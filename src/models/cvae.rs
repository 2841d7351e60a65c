//! The conditional VAE (Kingma et al. 2014; Sohn et al. 2015): p(x, z|y) = p(z) p(x|z, y), the class y given to
//! encoder and decoder as ten numbers, 1 at the class and 0 elsewhere.
//!
//! Without a class the model is p(x) = sum_y p(y) p(x|y) with p(y) = 1/10 for each class: samples draw y first, and log p(x)
//! and its bound sum over the classes. A code by itself does not say which class it is of, so that p(z|x) is asked of a
//! model that was given one.
//!
//! Ten zeros stand for a hidden class. Training hides some of the labels, so that encoder and decoder have an answer for an
//! image whose class nobody has chosen: `encode` and `decode` without a class are this pair, a redrawing of the image and
//! no part of p(x).

use candle_core::Tensor;

use super::network::{Network, latents_parameter, network_parameters, weights_rng};
use super::{Capabilities, Model, ModelFamily, ModelSpec, one_hot};
use crate::Result;
use crate::approximate_posteriors::{ApproximatePosterior, DiagonalHead, EncoderHead};
use crate::data::CLASSES;
use crate::nn::Parameters;

/// The family.
pub fn family() -> ModelFamily {
    ModelFamily {
        id: "cvae",
        label: "Conditional VAE",
        description: "A VAE that is told the class of each image, and draws images of the class it is asked for.",
        reference: "Sohn et al. 2015, Learning structured output representation",
        capabilities: Capabilities {
            sample: true,
            conditional: true,
            likelihood: true,
            ..Capabilities::default()
        },
        parameters: [latents_parameter(2)]
            .into_iter()
            .chain(network_parameters())
            .collect(),
        build: |spec, seed| Ok(Box::new(ConditionalVae::new(spec, seed)?)),
    }
}

/// A conditional VAE, and what it has been told of the classes.
#[derive(Clone, Debug)]
pub struct ConditionalVae {
    spec: ModelSpec,
    latents: usize,
    parameters: Parameters,
    network: Network,
    head: DiagonalHead,
    /// The classes, where they were given.
    given: Option<Tensor>,
    /// Ten zeros: the class is not known.
    hidden: Tensor,
}

impl ConditionalVae {
    fn new(spec: &ModelSpec, seed: u64) -> Result<Self> {
        let rng = weights_rng(seed);
        let latents = spec.values.integer("latents") as usize;
        let mut parameters = Parameters::default();
        let network = Network::new(&mut parameters, &rng, spec, (latents, 1), CLASSES)?;
        let head = DiagonalHead::new(&mut parameters, &rng, network.inner, latents)?;
        Ok(Self {
            spec: spec.clone(),
            latents,
            parameters,
            network,
            head,
            given: None,
            hidden: one_hot(&[None])?,
        })
    }

    fn class_rows(&self) -> &Tensor {
        self.given.as_ref().unwrap_or(&self.hidden)
    }
}

impl Model for ConditionalVae {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            conditional: self.given.is_none(),
            ..self.spec.family().capabilities
        }
    }

    fn given_classes(&self) -> Option<&Tensor> {
        self.given.as_ref()
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn latents(&self) -> usize {
        self.latents
    }

    fn encode(&self, x: &Tensor) -> Result<Box<dyn ApproximatePosterior>> {
        self.head
            .posterior(&self.network.encode_given(x, self.class_rows())?)
    }

    fn decode(&self, z: &Tensor) -> Result<Tensor> {
        self.network.decode_given(z, self.class_rows())
    }

    fn given(&self, y: &Tensor) -> Result<Box<dyn Model>> {
        Ok(Box::new(Self {
            given: Some(y.clone()),
            ..self.clone()
        }))
    }

    fn of_each_class(&self) -> Result<Vec<Box<dyn Model>>> {
        if self.given.is_some() {
            return Ok(Vec::new());
        }
        (0..CLASSES as u8)
            .map(|class| self.given(&one_hot(&[Some(class)])?))
            .collect()
    }
}
