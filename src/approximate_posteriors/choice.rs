//! Which posterior a model has: its options.

use super::full::FullHead;
use super::{DiagonalHead, EncoderHead, iaf, planar};
use crate::nn::Parameters;
use crate::options::{ParameterKind, ParameterSpec, Values};
use crate::{Result, Rng};

/// The options `posterior` and `flowSteps`.
pub(crate) fn parameters() -> [ParameterSpec; 2] {
    [
        ParameterSpec {
            name: "posterior",
            label: "ApproximatePosterior",
            description: "q(z|x): a Gaussian with independent latents or with a full covariance, or such a Gaussian bent \
                          by an inverse autoregressive or a planar flow.",
            unit: None,
            kind: ParameterKind::Choice {
                options: &["diagonal", "full", "iaf", "planar"],
                default: "diagonal",
            },
        },
        ParameterSpec {
            name: "flowSteps",
            label: "Steps of the flow",
            description: "How often a flow bends the Gaussian; used by the inverse autoregressive and the planar flow.",
            unit: None,
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
    let steps = options.integer("flowSteps") as usize;
    Ok(match options.choice("posterior") {
        "full" => Box::new(FullHead::new(parameters, rng, hidden, latents)?),
        "iaf" => Box::new(iaf::head(parameters, rng, (hidden, latents), steps)?),
        "planar" => Box::new(planar::head(parameters, rng, (hidden, latents), steps)?),
        _ => Box::new(DiagonalHead::new(parameters, rng, hidden, latents)?),
    })
}
