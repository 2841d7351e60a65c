//! The variational autoencoder (Kingma & Welling 2014; Rezende et al. 2014).
//!
//! By default p(z) = N(0, 1), p(x|z) = prod_j Bernoulli(x_j; sigmoid(logits_j)), q(z|x) = N(mean, exp(log_var)), with
//! perceptrons on both sides; each of the three can be another.

use candle_core::Tensor;

use super::network::{self, Network, latents_parameter, network_parameters, weights_rng};
use super::{Capabilities, Model, ModelFamily, ModelSpec};
use crate::Result;
use crate::approximate_posteriors::{self, ApproximatePosterior, EncoderHead};
use crate::data::Showing;
use crate::likelihoods::{self, Likelihood};
use crate::nn::Parameters;
use crate::priors::choice::PriorChoice;
use crate::priors::{self, Prior};

/// The family.
pub fn family() -> ModelFamily {
    ModelFamily {
        id: "vae",
        label: "Variational autoencoder",
        description: "An encoder and a decoder trained together to maximise a lower bound on log p(x).",
        reference: "Kingma & Welling 2014, arXiv 1312.6114",
        capabilities: Capabilities {
            sample: true,
            likelihood: true,
            ..Capabilities::default()
        },
        parameters: [latents_parameter(2)]
            .into_iter()
            .chain(network_parameters())
            .chain(priors::choice::parameters())
            .chain(approximate_posteriors::choice::parameters())
            .chain(likelihoods::choice::parameters())
            .collect(),
        build: |spec, seed| Ok(Box::new(Vae::new(spec, seed)?)),
    }
}

/// A variational autoencoder; see the module's documentation.
#[derive(Debug)]
pub struct Vae {
    spec: ModelSpec,
    latents: usize,
    parameters: Parameters,
    network: Network,
    head: Box<dyn EncoderHead>,
    prior: PriorChoice,
    likelihood: Box<dyn Likelihood>,
}

impl Vae {
    fn new(spec: &ModelSpec, seed: u64) -> Result<Self> {
        let rng = weights_rng(seed);
        let latents = spec.values.integer("latents") as usize;
        let options = &spec.values;
        let mut parameters = Parameters::default();
        let p = &mut parameters;
        let likelihood = likelihoods::choice::build(p, options)?;
        let network = Network::new(p, &rng, spec, (latents, likelihood.numbers()), 0)?;
        let head = approximate_posteriors::choice::build(p, &rng, options, network.inner, latents)?;
        let prior = PriorChoice::new(p, &rng, options, latents)?;
        Ok(Self {
            spec: spec.clone(),
            latents,
            parameters,
            network,
            head,
            prior,
            likelihood,
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

    fn encode(&self, x: &Tensor) -> Result<Box<dyn ApproximatePosterior>> {
        self.head.posterior(&self.network.encode(x)?)
    }

    fn decode(&self, z: &Tensor) -> Result<Tensor> {
        self.network.decode(z)
    }

    fn likelihood(&self) -> &dyn Likelihood {
        self.likelihood.as_ref()
    }

    fn prior(&self) -> Result<Option<Box<dyn Prior>>> {
        let prior = self.prior.prior(|images| self.encode(images)?.moments());
        prior.map(Some)
    }

    fn initialise(&self, data: &Showing<'_>) -> Result<()> {
        self.prior.initialise(&self.parameters, data)?;
        network::start_from_mean(&self.parameters, self.likelihood(), data)
    }
}
