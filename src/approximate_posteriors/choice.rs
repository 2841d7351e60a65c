//! Which posterior a model has: its options.

use super::full::FullHead;
use super::{DiagonalHead, EncoderHead};
#[cfg(feature = "complete")]
use super::{iaf, planar};
use crate::nn::Parameters;
use crate::options::{
    ChoiceText, Dependency, ParameterKind, ParameterSpec, Values, unknown_choice,
};
use crate::{Result, Rng};

/// The posteriors that real codes can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PosteriorChoice {
    Diagonal,
    Full,
    InverseAutoregressive,
    Planar,
}

impl PosteriorChoice {
    const NAMES: [&'static str; 4] = ["diagonal", "full", "iaf", "planar"];
    const TEXTS: [ChoiceText; 4] = [
        ChoiceText::new(
            "Gaussian, independent",
            "Each latent has a mean and a deviation of its own.",
        ),
        ChoiceText::new(
            "Gaussian, any direction",
            "Latents may depend on each other: an ellipse at an angle.",
        ),
        ChoiceText::new(
            "inverse autoregressive flow",
            "A Gaussian bent in steps: each latent depends on those before it.",
        ),
        ChoiceText::new(
            "planar flow",
            "A Gaussian bent in steps, each along one plane.",
        ),
    ];

    /// By the option `posterior`.
    pub(crate) fn of(options: &Values) -> Result<Self> {
        match options.choice("posterior") {
            "diagonal" => Ok(Self::Diagonal),
            "full" => Ok(Self::Full),
            "iaf" => Ok(Self::InverseAutoregressive),
            "planar" => Ok(Self::Planar),
            unknown => Err(unknown_choice("posterior", &Self::NAMES, unknown)),
        }
    }
}

/// The options `posterior` and `flowSteps`.
pub(crate) fn parameters() -> [ParameterSpec; 2] {
    [
        ParameterSpec {
            name: "posterior",
            label: "Posterior",
            description: "q(z|x): the shape of the encoder's answer to an image.",
            unit: None,
            depends_on: vec![],
            kind: ParameterKind::Choice {
                options: &PosteriorChoice::NAMES,
                texts: &PosteriorChoice::TEXTS,
                default: "diagonal",
            },
        },
        ParameterSpec {
            name: "flowSteps",
            label: "Steps of the flow",
            description: "How often a flow bends the Gaussian.",
            unit: None,
            depends_on: vec![Dependency::on("posterior", ["iaf", "planar"])],
            kind: ParameterKind::Integer {
                min: 1,
                max: 16,
                default: 2,
            },
        },
    ]
}

/// By the option `posterior`, from `hidden` units to `latents` numbers; a flow's layers are named `flow.*`.
pub(crate) fn build(
    parameters: &mut Parameters,
    rng: &Rng,
    options: &Values,
    hidden: usize,
    latents: usize,
) -> Result<Box<dyn EncoderHead>> {
    #[cfg(feature = "complete")]
    let (size, steps) = ((hidden, latents), options.integer("flowSteps") as usize);
    Ok(match PosteriorChoice::of(options)? {
        PosteriorChoice::Diagonal => Box::new(DiagonalHead::new(parameters, rng, hidden, latents)?),
        PosteriorChoice::Full => Box::new(FullHead::new(parameters, rng, hidden, latents)?),
        #[cfg(feature = "complete")]
        PosteriorChoice::InverseAutoregressive => {
            Box::new(iaf::head(parameters, rng, size, steps)?)
        }
        #[cfg(feature = "complete")]
        PosteriorChoice::Planar => Box::new(planar::head(parameters, rng, size, steps)?),
        // Who only looks at VAEs has no room for flows, and asks the whole package as for a family that it does not know.
        #[cfg(not(feature = "complete"))]
        _ => {
            return Err(crate::Error::UnknownModel {
                name: options.choice("posterior").to_owned(),
                known: PosteriorChoice::NAMES[..2].join(", "),
            });
        }
    })
}
