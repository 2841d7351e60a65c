//! Repairing images from JavaScript.

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Model;
use super::convert::{Record, count, options, seed};
use super::failure::{JsResult, guard};
use super::grid::with_density;
use super::posterior::ChainOptions;
use crate::repair::posterior::Diagnostics;
use crate::repair::{self, Noise, Observation, Operator};
use crate::{Error, Rng, mcmc, models};

/// y = A x + noise: one of `mask` and `average`, and `flips`, `gaussian` or neither.
#[derive(Deserialize, Serialize)]
struct Degradation {
    mask: Option<Vec<f64>>,
    average: Option<f64>,
    flips: Option<f32>,
    gaussian: Option<f32>,
}

impl Degradation {
    fn parse(value: JsValue) -> JsResult<repair::Degradation> {
        let given: Self = options("the degradation's options", value)?;
        let operator = match (given.mask, given.average) {
            (Some(seen), None) => Operator::Mask(seen.iter().map(|seen| *seen != 0.0).collect()),
            (None, Some(side)) => Operator::Average(count("the side of a block", side)?),
            _ => {
                return Err(
                    Error::argument("a degradation has either a mask or an average").into(),
                );
            }
        };
        let noise = match (given.flips, given.gaussian) {
            (None, None) => Noise::None,
            (Some(probability), None) => Noise::Flips(probability),
            (None, Some(deviation)) => Noise::Gaussian(deviation),
            _ => return Err(Error::argument("noise is either flips or gaussian").into()),
        };
        Ok(repair::Degradation::new(operator, noise)?)
    }
}

/// The degraded image y of one image of black and white pixels: 784 numbers, or one for each block.
#[wasm_bindgen]
pub fn degrade(
    pixels: &[f32],
    #[wasm_bindgen(unchecked_param_type = "Degradation")] degradation: JsValue,
    #[wasm_bindgen(js_name = seed)] chosen_seed: f64,
) -> JsResult<Vec<f32>> {
    guard()?;
    let mut rng = Rng::from_seed(seed(chosen_seed)?).split("noise");
    Ok(Degradation::parse(degradation)?.degrade(pixels, &mut rng)?)
}

#[wasm_bindgen]
impl Model {
    /// E[x|y] and draws from p(x|y), given what was seen of an image: on a grid for two latents, by chains for more.
    #[wasm_bindgen(unchecked_return_type = "Repaired")]
    pub fn repair(
        &self,
        observed: &[f32],
        #[wasm_bindgen(unchecked_param_type = "Degradation")] degradation: JsValue,
        completions: f64,
        #[wasm_bindgen(js_name = options, unchecked_param_type = "ChainOptions")] given: JsValue,
    ) -> JsResult<JsValue> {
        guard()?;
        let options = repair_options(completions, given)?;
        let observation = Degradation::parse(degradation)?.observe(observed)?;
        let repaired = repair::repair(self.inner.as_ref(), &observation, options)?;
        Ok(record(&repaired))
    }

    /// A fast approximation of E[x|y]: draws of the code and draws of the pixels in turns, in several runs at once.
    #[wasm_bindgen(js_name = repairByAlternation)]
    pub fn repair_by_alternation(
        &self,
        observed: &[f32],
        #[wasm_bindgen(unchecked_param_type = "Degradation")] degradation: JsValue,
        rounds: f64,
        runs: f64,
        #[wasm_bindgen(js_name = seed)] chosen_seed: f64,
    ) -> JsResult<Vec<f32>> {
        guard()?;
        let observation = Degradation::parse(degradation)?.observe(observed)?;
        let (rounds, runs) = (count("rounds", rounds)?, count("runs", runs)?);
        let seed = seed(chosen_seed)?;
        Ok(repair::alternate(
            self.inner.as_ref(),
            &observation,
            rounds,
            runs,
            seed,
        )?)
    }
}

/// A repair by chains that a page follows, on a copy of the model.
#[wasm_bindgen]
pub struct Repairing {
    model: Box<dyn models::Model>,
    observation: Observation,
    inner: repair::Repairing,
    options: repair::Options,
}

#[wasm_bindgen]
impl Repairing {
    /// Puts the chains where they start.
    #[wasm_bindgen(constructor)]
    pub fn new(
        model: &Model,
        observed: &[f32],
        #[wasm_bindgen(unchecked_param_type = "Degradation")] degradation: JsValue,
        completions: f64,
        #[wasm_bindgen(js_name = options, unchecked_param_type = "ChainOptions")] given: JsValue,
    ) -> JsResult<Self> {
        guard()?;
        let options = repair_options(completions, given)?;
        let observation = Degradation::parse(degradation)?.observe(observed)?;
        let model = models::duplicate(model.inner.as_ref())?;
        let inner = repair::Repairing::start(model.as_ref(), &observation, options.chains)?;
        Ok(Self {
            model,
            observation,
            inner,
            options,
        })
    }

    /// Goes on by so many steps, at most to the end.
    #[wasm_bindgen(unchecked_return_type = "RepairStage")]
    pub fn advance(&mut self, steps: f64) -> JsResult<JsValue> {
        guard()?;
        let mcmc::Options { warm_up, draws, .. } = self.options.chains;
        let total = warm_up + draws;
        let steps = count("steps", steps)?.min(total - self.inner.steps());
        let (model, observation) = (self.model.as_ref(), &self.observation);
        self.inner.advance(model, observation, steps)?;
        let stage = Record::default()
            .with("steps", self.inner.steps() as f64)
            .with("warmUp", warm_up as f64)
            .with("total", total as f64);
        if self.inner.steps() <= warm_up {
            return Ok(stage.done());
        }
        let completions = self.options.completions;
        let repaired = self.inner.repaired(model, observation, completions)?;
        Ok(stage.with("repaired", record(&repaired)).done())
    }
}

fn repair_options(completions: f64, given: JsValue) -> JsResult<repair::Options> {
    let given: ChainOptions = options("the chains' options", given)?;
    Ok(repair::Options {
        chains: given.parsed(repair::Options::default().chains)?,
        completions: count("completions", completions)?,
    })
}

fn record(repaired: &repair::Repaired) -> JsValue {
    let samples = &repaired.completions;
    let record = Record::default()
        .floats("mean", &repaired.mean)
        .floats("latents", &samples.latents)
        .floats("probabilities", &samples.probabilities)
        .floats("pixels", &samples.pixels);
    match &repaired.diagnostics {
        Diagnostics::Grid {
            log_likelihood,
            tolerance,
            picture,
        } => with_density(record, picture)
            .with("logLikelihood", *log_likelihood)
            .with("tolerance", *tolerance),
        Diagnostics::Chains {
            acceptance,
            r_hat,
            effective_samples,
        } => record
            .with("acceptance", *acceptance)
            .with("rHat", *r_hat)
            .with("effectiveSamples", *effective_samples),
    }
    .done()
}
