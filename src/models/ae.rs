//! The plain autoencoder (Hinton & Salakhutdinov 2006): a code, and an image made from it again.
//!
//! No distribution of codes: nothing to sample from, no bound, no p(x). It shows what the VAE's other term is
//! for.

use candle_core::Tensor;

use super::network::{Network, latents_parameter, network_parameters, weights_rng};
use super::{Capabilities, Model, ModelFamily, ModelSpec};
use crate::Result;
use crate::approximate_posteriors::{ApproximatePosterior, Point};
use crate::nn::{Linear, Parameters};
use crate::priors::Prior;

/// The family.
pub fn family() -> ModelFamily {
    ModelFamily {
        id: "ae",
        label: "Autoencoder",
        description: "An encoder and a decoder trained only to redraw the image: its codes have no distribution to \
                      sample from.",
        reference: "Hinton & Salakhutdinov 2006, doi 10.1126/science.1127647",
        capabilities: Capabilities::default(),
        parameters: [latents_parameter(2)]
            .into_iter()
            .chain(network_parameters())
            .collect(),
        build: |spec, seed| Ok(Box::new(Autoencoder::new(spec, seed)?)),
    }
}

/// An autoencoder; see the module's documentation.
#[derive(Debug)]
pub struct Autoencoder {
    spec: ModelSpec,
    latents: usize,
    parameters: Parameters,
    network: Network,
    code: Linear,
}

impl Autoencoder {
    fn new(spec: &ModelSpec, seed: u64) -> Result<Self> {
        let rng = weights_rng(seed);
        let latents = spec.values.integer("latents") as usize;
        let mut parameters = Parameters::default();
        let network = Network::new(&mut parameters, &rng, spec, (latents, 1), 0)?;
        let size = (network.inner, latents);
        let code = Linear::new(&mut parameters, &rng, "encoder.code", size, 1.0)?;
        Ok(Self {
            spec: spec.clone(),
            latents,
            parameters,
            network,
            code,
        })
    }
}

impl Model for Autoencoder {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn latents(&self) -> usize {
        self.latents
    }

    fn encode(&self, x: &Tensor) -> Result<Box<dyn ApproximatePosterior>> {
        let code = self.code.forward(&self.network.encode(x)?)?;
        Ok(Box::new(Point { code }))
    }

    fn decode(&self, z: &Tensor) -> Result<Tensor> {
        self.network.decode(z)
    }

    fn prior(&self) -> Result<Option<Box<dyn Prior>>> {
        Ok(None)
    }
}
