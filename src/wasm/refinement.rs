//! The climb from the encoder's answer to the best Gaussian, and the gradients that such climbs are made of.

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Model;
use super::convert::{Record, count, options, seed};
use super::failure::{JsResult, guard};
use crate::Rng;
use crate::estimators::gaps::{BestGaussian, Climb, ClimbStart};
use crate::estimators::gradients;
use crate::math::check_image;
use crate::models;
use crate::models::inference::Codes;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Where a climb to the best Gaussian begins: at the encoder's answer, or at the most probable of 2000 codes. */
export type ClimbStart = "encoder" | "search";

/** `block`: the draws come in blocks, each with its own random numbers; the first is block 0. */
export interface MeanGradientOptions { draws: number; block?: number; seed?: number }

/**
 * The gradient of the ELBO with respect to the mean of q from each draw, n×K each, nats per unit of the mean: by
 * reparameterisation and by the score function. `noise` and `latents`, n×K: eps, and z = mean + sd·eps. `logRatios`:
 * log p(x, z) − log q(z), nats.
 */
export interface MeanGradients {
  noise: Float32Array;
  latents: Float32Array;
  logRatios: Float64Array;
  reparameterised: Float64Array;
  score: Float64Array;
}
"#;

/// Gradient ascent on the evidence lower bound of one image, step by step.
#[wasm_bindgen]
pub struct Refinement {
    model: Box<dyn models::Model>,
    climb: Climb,
}

#[wasm_bindgen]
impl Refinement {
    /// Starts at the encoder's answer, or where it is told to.
    #[wasm_bindgen(constructor)]
    pub fn new(
        model: &Model,
        pixels: &[f32],
        #[wasm_bindgen(js_name = seed)] chosen_seed: f64,
        #[wasm_bindgen(unchecked_optional_param_type = "ClimbStart")] start: Option<String>,
    ) -> JsResult<Self> {
        guard()?;
        check_image(pixels)?;
        let start = ClimbStart::parse(start.as_deref().unwrap_or("encoder"))?;
        let model = models::duplicate(model.inner.as_ref())?;
        let climb = Climb::new(model.as_ref(), pixels, seed(chosen_seed)?, start)?;
        Ok(Self { model, climb })
    }

    /// How many steps it has in all.
    #[wasm_bindgen(getter)]
    pub fn length(&self) -> f64 {
        Climb::STEPS as f64
    }

    /// Steps so far.
    #[wasm_bindgen(getter)]
    pub fn steps(&self) -> f64 {
        self.climb.steps() as f64
    }

    /// Takes `steps` more steps, but not more than are left.
    pub fn advance(&mut self, steps: f64) -> JsResult<()> {
        guard()?;
        let steps = count("steps", steps)? as u64;
        Ok(self.climb.advance(self.model.as_ref(), steps)?)
    }

    /// The Gaussian reached so far, with its bound and the encoder's from this number of draws, at most 2000.
    #[wasm_bindgen(unchecked_return_type = "BestGaussian")]
    pub fn reached(&self, draws: f64) -> JsResult<JsValue> {
        guard()?;
        let draws = count("draws", draws)?;
        Ok(record(&self.climb.compared(self.model.as_ref(), draws)?))
    }
}

/// The best Gaussian as a JavaScript object.
pub(super) fn record(found: &BestGaussian) -> JsValue {
    Record::default()
        .floats("mean", &found.mean)
        .floats("logVar", &found.log_var)
        .with("elbo", found.bound)
        .with("encoderElbo", found.encoder_bound)
        .with("standardError", found.standard_error)
        .done()
}

#[derive(Deserialize, Serialize)]
struct MeanGradientOptions {
    draws: f64,
    #[serde(default)]
    block: f64,
    #[serde(default)]
    seed: f64,
}

#[wasm_bindgen]
impl Model {
    /// Gradients of the ELBO of one image with respect to the mean of any diagonal Gaussian q, from draws of it.
    #[wasm_bindgen(js_name = meanGradients, unchecked_return_type = "MeanGradients")]
    pub fn mean_gradients(
        &self,
        pixels: &[f32],
        mean: Vec<f32>,
        #[wasm_bindgen(js_name = logVar)] log_var: Vec<f32>,
        #[wasm_bindgen(js_name = options, unchecked_param_type = "MeanGradientOptions")]
        given: JsValue,
    ) -> JsResult<JsValue> {
        guard()?;
        let given: MeanGradientOptions = options("the gradients' options", given)?;
        let model = self.inner.as_ref();
        let draws = count("draws", given.draws)?;
        let noise = Rng::from_seed(seed(given.seed)?)
            .split_index("gradients", count("block", given.block)? as u64)
            .normals(draws * model.latents());
        let q = Codes { mean, log_var };
        let found = gradients::of_mean(model, pixels, &q, &noise)?;
        Ok(Record::default()
            .floats("noise", &noise)
            .floats("latents", &found.latents)
            .with("logRatios", found.log_ratios)
            .with("reparameterised", found.reparameterised)
            .with("score", found.score)
            .done())
    }
}
