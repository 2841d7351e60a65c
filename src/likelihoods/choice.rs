//! Which likelihood a model has: its options.

use super::{Bernoulli, ContinuousBernoulli, Gaussian, Likelihood};
use crate::Result;
use crate::nn::Parameters;
use crate::options::{
    ChoiceText, Dependency, ParameterKind, ParameterSpec, Values, unknown_choice,
};

const NAMES: [&str; 6] = [
    "bernoulli",
    "continuous-bernoulli",
    "gaussian-fixed",
    "gaussian-scalar",
    "gaussian-pixel",
    "gaussian-decoder",
];
const TEXTS: [ChoiceText; 6] = [
    ChoiceText::new(
        "black or white",
        "Bernoulli: the decoder gives each pixel's probability of ink.",
    ),
    ChoiceText::new("grey", "Continuous Bernoulli: any value from paper to ink."),
    ChoiceText::new(
        "Gaussian, fixed noise",
        "Grey with noise of a deviation that you choose.",
    ),
    ChoiceText::new(
        "Gaussian, learned noise",
        "Grey with noise of one learned deviation.",
    ),
    ChoiceText::new(
        "Gaussian, noise by pixel",
        "Grey with noise of a learned deviation for each pixel.",
    ),
    ChoiceText::new(
        "Gaussian, noise by code",
        "Grey; the decoder gives each pixel's mean and deviation, so that both depend on the code.",
    ),
];

/// The options `likelihood` and `standardDeviation`.
pub(crate) fn parameters() -> [ParameterSpec; 2] {
    [
        ParameterSpec {
            name: "likelihood",
            label: "Likelihood",
            description: "p(x|z): how pixels vary around what the decoder gives.",
            unit: None,
            depends_on: vec![],
            kind: ParameterKind::Choice {
                options: &NAMES,
                texts: &TEXTS,
                default: "bernoulli",
            },
        },
        ParameterSpec {
            name: "standardDeviation",
            label: "Standard deviation",
            description: "Standard deviation of a pixel's noise; paper is 0 and ink is 1.",
            unit: None,
            depends_on: vec![Dependency::on("likelihood", ["gaussian-fixed"])],
            kind: ParameterKind::Number {
                min: 0.01,
                max: 10.0,
                logarithmic: true,
                default: 0.3,
            },
        },
    ]
}

/// By the option `likelihood`; a new parameter is named `decoder.log_var`.
pub(crate) fn build(parameters: &mut Parameters, options: &Values) -> Result<Box<dyn Likelihood>> {
    Ok(match options.choice("likelihood") {
        "bernoulli" => Box::new(Bernoulli),
        "continuous-bernoulli" => Box::new(ContinuousBernoulli),
        "gaussian-fixed" => Box::new(Gaussian::fixed(options.number("standardDeviation"))?),
        "gaussian-scalar" => Box::new(Gaussian::learned(parameters, false)?),
        "gaussian-pixel" => Box::new(Gaussian::learned(parameters, true)?),
        "gaussian-decoder" => of_decoder()?,
        unknown => return Err(unknown_choice("likelihood", &NAMES, unknown)),
    })
}

#[cfg(feature = "complete")]
fn of_decoder() -> Result<Box<dyn Likelihood>> {
    Ok(Box::new(super::DecodedGaussian))
}

/// Who only looks at VAEs has no room for it, and asks the whole package as for a family that it does not know.
#[cfg(not(feature = "complete"))]
fn of_decoder() -> Result<Box<dyn Likelihood>> {
    Err(crate::Error::UnknownModel {
        name: "gaussian-decoder".to_owned(),
        known: NAMES[..5].join(", "),
    })
}
