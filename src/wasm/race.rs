//! Estimators of log p(x) that can be watched while they run, for JavaScript.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Model;
use super::convert::{count, options, seed};
use super::failure::{JsResult, guard};
use super::model::log_likelihood_record;
use crate::estimators::ais;
use crate::estimators::race::{Runner, Way};
use crate::models;

/// The default annealing schedule: short, so that the first chains soon arrive.
const ANNEALING: ais::Options = ais::Options {
    temperatures: 60,
    leapfrogs: 4,
};
const IN_GROUP: usize = 5;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct StreamOptions {
    estimator: String,
    #[serde(default)]
    seed: f64,
    k: Option<f64>,
    temperatures: Option<f64>,
    leapfrogs: Option<f64>,
}

/// log p(x) of one image by one estimator, which gets better with every call of `advance`.
#[wasm_bindgen]
pub struct EstimatorStream {
    inner: Runner,
}

#[wasm_bindgen]
impl EstimatorStream {
    /// Works on a copy of the model.
    #[wasm_bindgen(constructor)]
    pub fn new(
        model: &Model,
        pixels: &[f32],
        #[wasm_bindgen(js_name = options, unchecked_param_type = "StreamOptions")] given: JsValue,
    ) -> JsResult<Self> {
        guard()?;
        let given: StreamOptions = options("the stream's options", given)?;
        let or = |what, given: Option<f64>, usual| given.map_or(Ok(usual), |v| count(what, v));
        let annealing = ais::Options {
            temperatures: or("temperatures", given.temperatures, ANNEALING.temperatures)?,
            leapfrogs: or("leapfrogs", given.leapfrogs, ANNEALING.leapfrogs)?,
        };
        let in_group = or("k", given.k, IN_GROUP)?;
        let way = Way::parse(&given.estimator, in_group, annealing)?;
        let model = Rc::from(models::duplicate(model.inner.as_ref())?);
        Ok(Self {
            inner: Runner::new(model, pixels, way, seed(given.seed)?)?,
        })
    }

    /// Goes on by this number of draws, groups of draws or temperatures; returns the estimate from all so far, undefined before
    /// there is one.
    #[wasm_bindgen(unchecked_return_type = "LogLikelihood | undefined")]
    pub fn advance(&mut self, draws: f64) -> JsResult<JsValue> {
        guard()?;
        let found = self.inner.advance(count("the number of draws", draws)?)?;
        Ok(found.map_or(JsValue::UNDEFINED, |found| log_likelihood_record(&found)))
    }

    /// How many codes were decoded so far, including those of annealed chains that are still on their way.
    #[wasm_bindgen(getter, js_name = decoderEvaluations)]
    pub fn decoder_evaluations(&self) -> f64 {
        self.inner.decoder_evaluations() as f64
    }

    /// Whether the annealed chains of the upper bound start from draws of the posterior itself, not from other chains.
    #[wasm_bindgen(getter, js_name = startsAtPosterior)]
    pub fn starts_at_posterior(&self) -> bool {
        self.inner.starts_at_posterior()
    }
}
