//! The mixture of Bernoullis: an image belongs to one of C components, each with a probability of ink for every
//! pixel. Fitted without gradients; p(z|x) and p(x) are exact.

pub mod fit;
pub mod mixture;

use candle_core::{Device, Tensor};

pub use fit::Iteration;
pub use mixture::{BernoulliMixture, Smoothing};

use super::categorical_vae::identity;
use super::{Capabilities, Fit, Model, ModelFamily, ModelSpec};
use crate::approximate_posteriors::{ApproximatePosterior, Categorical};
use crate::data::Showing;
use crate::nn::Parameters;
use crate::nn::fused::gemm::matrix_product;
use crate::nn::tensors::{self, matrix};
use crate::options::{ParameterKind, ParameterSpec};
use crate::priors::{CategoricalPrior, Prior};
use crate::{PIXELS, Result};

/// The family.
pub fn family() -> ModelFamily {
    ModelFamily {
        id: "bernoulli-mixture",
        label: "Mixture of Bernoullis",
        description: "Each image is one of a number of blurred templates: p(z|x) and log p(x) are exact sums.",
        reference: "Bishop 2006, Pattern Recognition and Machine Learning, section 9.3.3",
        capabilities: Capabilities {
            sample: true,
            likelihood: true,
            exact: true,
            fitted: true,
            ..Capabilities::default()
        },
        parameters: vec![
            ParameterSpec {
                name: "components",
                label: "Components",
                description: "How many templates there are.",
                unit: None,
                depends_on: vec![],
                kind: ParameterKind::Integer {
                    min: 1,
                    max: 1000,
                    default: 50,
                },
            },
            ParameterSpec {
                name: "smoothing",
                label: "Smoothing",
                description: "How many copies of the mean image each component is shown beside the data.",
                unit: Some("images"),
                depends_on: vec![],
                kind: ParameterKind::Number {
                    min: 0.01,
                    max: 100.0,
                    logarithmic: true,
                    default: 1.0,
                },
            },
        ],
        build: |spec, _| Ok(Box::new(Mixture::new(spec)?)),
    }
}

/// A mixture of Bernoullis; see the module's documentation.
///
/// Tensors: `decoder.weight`, the logits of the templates, `[784, C]`; `prior.log_weights` `[C]`.
#[derive(Debug)]
pub struct Mixture {
    spec: ModelSpec,
    components: usize,
    parameters: Parameters,
    logits: Tensor,
}

impl Mixture {
    fn new(spec: &ModelSpec) -> Result<Self> {
        let components = spec.values.integer("components") as usize;
        let mut parameters = Parameters::default();
        let logits = Tensor::from_vec(
            vec![0f32; PIXELS * components],
            (PIXELS, components),
            &Device::Cpu,
        )?;
        let logits = parameters.values_from("decoder.weight", logits)?;
        parameters.zeros("prior.log_weights", components)?;
        Ok(Self {
            spec: spec.clone(),
            components,
            parameters,
            logits: logits.tensor,
        })
    }

    /// The tensors as numbers.
    ///
    /// # Errors
    ///
    /// As [`BernoulliMixture::new`].
    pub fn in_f64(&self) -> Result<BernoulliMixture> {
        let mut tensors = self.parameters.values()?.into_iter();
        // In the order of names.
        let logits = tensors.next().unwrap_or_default();
        let log_weights = tensors.flatten().map(f64::from).collect();
        BernoulliMixture::new(logits, log_weights)
    }

    fn smoothing(&self, data: &Showing<'_>) -> Result<Smoothing> {
        Smoothing::new(&data.mean_image(), self.spec.values.number("smoothing"))
    }
}

/// The tensors of a mixture, in the order of their names.
fn tensors_of(mixture: &BernoulliMixture) -> Vec<Vec<f32>> {
    let log_weights = mixture.log_weights().iter().map(|w| *w as f32).collect();
    vec![mixture.logits().to_vec(), log_weights]
}

impl Model for Mixture {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// A code is a 1 at its component and 0 elsewhere.
    fn latents(&self) -> usize {
        self.components
    }

    /// p(z|x) itself.
    fn encode(&self, x: &Tensor) -> Result<Box<dyn ApproximatePosterior>> {
        let joint = self.in_f64()?.log_joint(&tensors::flat_values(x)?)?;
        let joint = matrix(&joint, self.components)?;
        Ok(Box::new(Categorical::new(&joint, self.components, 1.0)?))
    }

    fn decode(&self, z: &Tensor) -> Result<Tensor> {
        Ok(matrix_product(z, &self.logits.t()?)?)
    }

    fn prior(&self) -> Result<Option<Box<dyn Prior>>> {
        let mixture = self.in_f64()?;
        let log_weights: Vec<f32> = mixture.log_weights().iter().map(|w| *w as f32).collect();
        let prior = CategoricalPrior::weighted(matrix(&log_weights, self.components)?)?;
        Ok(Some(Box::new(prior)))
    }

    fn values(&self) -> Result<Option<Tensor>> {
        identity(self.components).map(Some)
    }

    fn exact_log_likelihood(&self, x: &Tensor) -> Result<Option<Vec<f64>>> {
        let x = tensors::flat_values(x)?;
        self.in_f64()?.log_likelihoods(&x).map(Some)
    }

    /// Each component starts at an image of its own, drawn by seed, so that none stay alike.
    fn initialise(&self, data: &Showing<'_>) -> Result<()> {
        if tensors::flat_values(&self.logits)?
            .iter()
            .any(|l| *l != 0.0)
        {
            return Ok(());
        }
        let mut order: Vec<u32> = (0..data.len() as u32).collect();
        data.rng("first templates").shuffle(&mut order);
        let images: Vec<u32> = order.into_iter().cycle().take(self.components).collect();
        let start = BernoulliMixture::from_rows(&data.rows(&images), &self.smoothing(data)?)?;
        self.parameters.set_values(&tensors_of(&start))
    }

    fn begin_fit(&self, data: &Showing<'_>) -> Result<Option<Box<dyn Fit>>> {
        let iteration = Iteration::of(self.in_f64()?, self.smoothing(data)?)?;
        Ok(Some(Box::new(iteration)))
    }
}
