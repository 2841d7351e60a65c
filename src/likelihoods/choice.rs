//! Which likelihood a model has: its options.

use super::{Bernoulli, ContinuousBernoulli, Gaussian, Likelihood};
use crate::Result;
use crate::nn::Parameters;
use crate::options::{Dependency, ParameterKind, ParameterSpec, Values, unknown_choice};

const NAMES: [&str; 5] = [
    "bernoulli",
    "continuous-bernoulli",
    "gaussian-fixed",
    "gaussian-scalar",
    "gaussian-pixel",
];

/// The options `likelihood` and `standardDeviation`.
pub(crate) fn parameters() -> [ParameterSpec; 2] {
    [
        ParameterSpec {
            name: "likelihood",
            label: "Likelihood",
            description: "p(x|z): pixels black or white, grey in [0, 1], or with Gaussian noise of a fixed deviation, a \
                          learned one, or one learned for each pixel.",
            unit: None,
            depends_on: vec![],
            kind: ParameterKind::Choice {
                options: &NAMES,
                default: "bernoulli",
            },
        },
        ParameterSpec {
            name: "standardDeviation",
            label: "Standard deviation",
            description: "Of a pixel's noise, white being 0 and ink 1; used by \"gaussian-fixed\".",
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
        unknown => return Err(unknown_choice("likelihood", &NAMES, unknown)),
    })
}
