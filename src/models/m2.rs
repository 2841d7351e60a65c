//! The semi-supervised model M2 (Kingma et al. 2014): p(x) = sum_y p(y) int p(z) p(x|z, y) dz, the class y a latent like z
//! that some images come with, q(y, z|x) = q(y|x) q(z|x, y).
//!
//! A code is z followed by ten numbers for y: 1 at the class and 0 elsewhere.

use candle_core::Tensor;

use super::network::{Network, latents_parameter, network_parameters, weights_rng};
use super::{Capabilities, Model, ModelFamily, ModelSpec};
use crate::Result;
use crate::approximate_posteriors::{ApproximatePosterior, DiagonalHead, EncoderHead, WithClass};
use crate::data::{CLASSES, Showing};
use crate::nn::{Activation, Linear, Mlp, Parameters};
use crate::priors::{self, Prior};

/// The family.
pub fn family() -> ModelFamily {
    ModelFamily {
        id: "m2",
        label: "Semi-supervised VAE (M2)",
        description: "A VAE with the class as a second latent: it learns to read digits from a few labels and many \
                      images without a label.",
        reference: "Kingma et al. 2014, arXiv 1406.5298",
        capabilities: Capabilities {
            sample: true,
            conditional: true,
            likelihood: true,
            classifies: true,
            ..Capabilities::default()
        },
        parameters: [latents_parameter(16)]
            .into_iter()
            .chain(network_parameters())
            .collect(),
        build: |spec, seed| Ok(Box::new(SemiSupervised::new(spec, seed)?)),
    }
}

/// The layers of M2.
#[derive(Clone, Debug)]
struct Layers {
    spec: ModelSpec,
    /// Numbers of z alone.
    latents: usize,
    parameters: Parameters,
    network: Network,
    head: DiagonalHead,
    classifier: Mlp,
    class: Linear,
}

impl Layers {
    fn encode(&self, x: &Tensor, y: &Tensor) -> Result<Box<dyn ApproximatePosterior>> {
        self.head.posterior(&self.network.encode_given(x, y)?)
    }

    fn class_logits(&self, x: &Tensor) -> Result<Tensor> {
        self.class.forward(&self.classifier.forward(x)?)
    }
}

/// The semi-supervised model; see the module's documentation.
#[derive(Clone, Debug)]
pub struct SemiSupervised(Layers);

impl SemiSupervised {
    fn new(spec: &ModelSpec, seed: u64) -> Result<Self> {
        let rng = weights_rng(seed);
        let latents = spec.values.integer("latents") as usize;
        let activation = Activation::parse(spec.values.choice("activation"))?;
        let hidden = spec.values.sizes("hidden");
        let mut parameters = Parameters::default();
        let network = Network::new(&mut parameters, &rng, spec, (latents, 1), CLASSES)?;
        let p = &mut parameters;
        let head = DiagonalHead::new(p, &rng, network.inner, latents)?;
        let classifier = Mlp::new(p, &rng, "classifier", crate::PIXELS, &hidden, activation)?;
        let size = (hidden.last().copied().unwrap_or(crate::PIXELS), CLASSES);
        let class = Linear::new(p, &rng, "classifier.logits", size, 1.0)?;
        Ok(Self(Layers {
            spec: spec.clone(),
            latents,
            parameters,
            network,
            head,
            classifier,
            class,
        }))
    }
}

impl Model for SemiSupervised {
    fn spec(&self) -> &ModelSpec {
        &self.0.spec
    }

    fn parameters(&self) -> &Parameters {
        &self.0.parameters
    }

    fn latents(&self) -> usize {
        self.0.latents + CLASSES
    }

    fn encode(&self, x: &Tensor) -> Result<Box<dyn ApproximatePosterior>> {
        let layers = self.0.clone();
        let given_class = move |x: &Tensor, y: &Tensor| layers.encode(x, y);
        let logits = self.0.class_logits(x)?;
        Ok(Box::new(WithClass::new(x, &logits, given_class)?))
    }

    fn decode(&self, z: &Tensor) -> Result<Tensor> {
        let latents = self.0.latents;
        let part = |from, width| z.narrow(1, from, width)?.contiguous();
        let (z, y) = (part(0, latents)?, part(latents, CLASSES)?);
        self.0.network.decode_given(&z, &y)
    }

    fn prior(&self) -> Result<Option<Box<dyn Prior>>> {
        let latents = self.0.latents;
        Ok(Some(Box::new(priors::WithClass { latents })))
    }

    /// With the class known, an ordinary model of z.
    fn given(&self, y: &Tensor) -> Result<Box<dyn Model>> {
        Ok(Box::new(OfClass {
            layers: self.0.clone(),
            y: y.clone(),
        }))
    }

    fn classify(&self, x: &Tensor) -> Result<Option<Tensor>> {
        self.0.class_logits(x).map(Some)
    }
}

/// M2 with the classes known: p(x, z|y) and q(z|x, y).
#[derive(Debug)]
struct OfClass {
    layers: Layers,
    y: Tensor,
}

impl Model for OfClass {
    fn spec(&self) -> &ModelSpec {
        &self.layers.spec
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            conditional: false,
            classifies: false,
            ..self.layers.spec.family().capabilities
        }
    }

    fn given_classes(&self) -> Option<&Tensor> {
        Some(&self.y)
    }

    fn parameters(&self) -> &Parameters {
        &self.layers.parameters
    }

    fn latents(&self) -> usize {
        self.layers.latents
    }

    fn encode(&self, x: &Tensor) -> Result<Box<dyn ApproximatePosterior>> {
        self.layers.encode(x, &self.y)
    }

    fn decode(&self, z: &Tensor) -> Result<Tensor> {
        self.layers.network.decode_given(z, &self.y)
    }

    fn initialise(&self, _data: &Showing<'_>) -> Result<()> {
        Ok(())
    }
}
