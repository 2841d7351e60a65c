//! Which prior a model has: its options, and what it keeps of the one chosen.

use candle_core::Tensor;

use super::vamp::PseudoInputs;
use super::{MixturePrior, Prior, UnitNormal};
use crate::approximate_posteriors::choice::PosteriorChoice;
use crate::data::Showing;
use crate::distributions::DiagonalGaussian;
use crate::nn::Parameters;
use crate::options::{
    ChoiceText, Dependency, ParameterKind, ParameterSpec, Values, unknown_choice,
};
use crate::{Error, Result, Rng};

const NAMES: [&str; 3] = ["normal", "mixture", "vamp"];
const TEXTS: [ChoiceText; 3] = [
    ChoiceText::new(
        "unit normal",
        "Fixed: mean 0 and deviation 1 in every latent.",
    ),
    ChoiceText::new("mixture of Gaussians", "Learned with the model."),
    ChoiceText::new(
        "VampPrior",
        "The encoder's answers to images that are learned with the model.",
    ),
];

/// The options `prior` and `priorComponents`.
pub(crate) fn parameters() -> [ParameterSpec; 2] {
    [
        ParameterSpec {
            name: "prior",
            label: "Prior",
            description: "p(z): where codes are expected before an image is seen.",
            unit: None,
            depends_on: vec![],
            kind: ParameterKind::Choice {
                options: &NAMES,
                texts: &TEXTS,
                default: "normal",
            },
        },
        ParameterSpec {
            name: "priorComponents",
            label: "Prior's components",
            description: "How many Gaussians the prior is made of.",
            unit: None,
            depends_on: vec![Dependency::on("prior", ["mixture", "vamp"])],
            kind: ParameterKind::Integer {
                min: 1,
                max: 1000,
                default: 100,
            },
        },
    ]
}

/// The prior that the options name, with its parameters.
#[derive(Clone, Debug)]
pub(crate) enum PriorChoice {
    Normal(UnitNormal),
    Mixture(MixturePrior),
    Vamp(PseudoInputs),
}

impl PriorChoice {
    /// By the option `prior`; new parameters are named `prior.*`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for the VampPrior with a posterior that is not diagonal.
    pub(crate) fn new(
        parameters: &mut Parameters,
        rng: &Rng,
        options: &Values,
        latents: usize,
    ) -> Result<Self> {
        let components = options.integer("priorComponents") as usize;
        let prior = options.choice("prior");
        if prior == "vamp" && PosteriorChoice::of(options)? != PosteriorChoice::Diagonal {
            return Err(Error::argument(format!(
                "the VampPrior needs the density of the encoder's answers: set posterior to diagonal, or another prior; \
                 got posterior \"{}\"",
                options.choice("posterior")
            )));
        }
        Ok(match prior {
            "normal" => Self::Normal(UnitNormal { latents }),
            "mixture" => Self::Mixture(MixturePrior::new(parameters, rng, components, latents)?),
            "vamp" => Self::Vamp(PseudoInputs::new(parameters, components)?),
            unknown => return Err(unknown_choice("prior", &NAMES, unknown)),
        })
    }

    /// p(z) as it is now; `encode` gives mean and log-variance of q(z|x).
    pub(crate) fn prior(
        &self,
        encode: impl FnOnce(&Tensor) -> Result<DiagonalGaussian>,
    ) -> Result<Box<dyn Prior>> {
        Ok(match self {
            Self::Normal(prior) => Box::new(*prior),
            Self::Mixture(prior) => Box::new(prior.clone()),
            Self::Vamp(inputs) => Box::new(inputs.prior(encode)?),
        })
    }

    /// What an untrained prior learns from its data.
    pub(crate) fn initialise(&self, parameters: &Parameters, data: &Showing<'_>) -> Result<()> {
        match self {
            Self::Vamp(inputs) => inputs.initialise(parameters, data),
            Self::Normal(_) | Self::Mixture(_) => Ok(()),
        }
    }
}
