//! A VAE whose codes are categorical: each variable takes one of a few values, written as a 1 among zeros.
//!
//! One variable is summed over exactly: its bound has no noise, and log p(x) is a finite sum. Several are drawn by
//! the Gumbel-softmax trick (Jang et al. 2017; Maddison et al. 2017).

use candle_core::{Device, Tensor};

use super::network::{Network, network_parameters, weights_rng};
use super::{Capabilities, Model, ModelFamily, ModelSpec, enumeration};
use crate::Result;
use crate::approximate_posteriors::{ApproximatePosterior, Categorical};
use crate::nn::{Linear, Parameters};
use crate::options::{Dependency, ParameterKind, ParameterSpec};
use crate::priors::{CategoricalPrior, Prior};

/// The family.
pub fn family() -> ModelFamily {
    let whole = |name, label, description, (min, max, default)| ParameterSpec {
        name,
        label,
        description,
        unit: None,
        depends_on: vec![],
        kind: ParameterKind::Integer { min, max, default },
    };
    let own = [
        whole(
            "variables",
            "Variables",
            "How many categorical variables a code has; one alone is summed over exactly.",
            (1, 32, 1),
        ),
        whole(
            "categories",
            "Categories",
            "How many values each of them can take.",
            (2, 64, 20),
        ),
        ParameterSpec {
            name: "temperature",
            label: "Gumbel temperature",
            description: "How soft draws of several variables are in training; near 0 they are nearly true choices.",
            unit: None,
            depends_on: vec![Dependency::on_more("variables", 1)],
            kind: ParameterKind::Number {
                min: 0.1,
                max: 10.0,
                logarithmic: true,
                default: 0.7,
            },
        },
    ];
    ModelFamily {
        id: "categorical-vae",
        label: "Categorical VAE",
        description: "A VAE whose codes are choices instead of numbers.",
        reference: "Jang et al. 2017, arXiv 1611.01144",
        capabilities: Capabilities {
            sample: true,
            likelihood: true,
            ..Capabilities::default()
        },
        parameters: own.into_iter().chain(network_parameters()).collect(),
        build: |spec, seed| Ok(Box::new(CategoricalVae::new(spec, seed)?)),
    }
}

/// A categorical VAE; see the module's documentation.
#[derive(Debug)]
pub struct CategoricalVae {
    spec: ModelSpec,
    variables: usize,
    categories: usize,
    temperature: f64,
    parameters: Parameters,
    network: Network,
    class: Linear,
}

impl CategoricalVae {
    fn new(spec: &ModelSpec, seed: u64) -> Result<Self> {
        let rng = weights_rng(seed);
        let variables = spec.values.integer("variables") as usize;
        let categories = spec.values.integer("categories") as usize;
        let latents = variables * categories;
        let mut parameters = Parameters::default();
        let network = Network::new(&mut parameters, &rng, spec, (latents, 1), 0)?;
        let size = (network.inner, latents);
        let class = Linear::new(&mut parameters, &rng, "encoder.categories", size, 1.0)?;
        Ok(Self {
            spec: spec.clone(),
            variables,
            categories,
            temperature: spec.values.number("temperature"),
            parameters,
            network,
            class,
        })
    }
}

impl Model for CategoricalVae {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    /// One variable alone is summed over: log p(x) is exact.
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            exact: self.variables == 1,
            ..self.spec.family().capabilities
        }
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn latents(&self) -> usize {
        self.variables * self.categories
    }

    fn encode(&self, x: &Tensor) -> Result<Box<dyn ApproximatePosterior>> {
        let logits = self.class.forward(&self.network.encode(x)?)?;
        let q = Categorical::new(&logits, self.categories, self.temperature)?;
        Ok(Box::new(q))
    }

    fn decode(&self, z: &Tensor) -> Result<Tensor> {
        self.network.decode(z)
    }

    fn prior(&self) -> Result<Option<Box<dyn Prior>>> {
        let prior = CategoricalPrior::uniform(self.variables, self.categories)?;
        Ok(Some(Box::new(prior)))
    }

    fn values(&self) -> Result<Option<Tensor>> {
        match self.variables {
            1 => Ok(Some(identity(self.categories)?)),
            _ => Ok(None),
        }
    }

    fn exact_log_likelihood(&self, x: &Tensor) -> Result<Option<Vec<f64>>> {
        let values = self.values()?;
        values
            .map(|values| enumeration::log_likelihood(self, x, &values))
            .transpose()
    }
}

/// A row for each value of one categorical variable.
pub(crate) fn identity(categories: usize) -> Result<Tensor> {
    let mut rows = vec![0f32; categories * categories];
    rows.iter_mut()
        .step_by(categories + 1)
        .for_each(|v| *v = 1.0);
    Ok(Tensor::from_vec(
        rows,
        (categories, categories),
        &Device::Cpu,
    )?)
}
