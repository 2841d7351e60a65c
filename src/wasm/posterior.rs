//! Chains on the posterior and the gaps of the bound, for JavaScript.

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Model;
use super::convert::{Record, count, options, seed};
use super::failure::{JsResult, guard};
use super::refinement::record as best_gaussian_record;
use crate::estimators::gaps;
use crate::math::check_image;
use crate::mcmc::{self, Draws, Start};
use crate::nn::tensors::matrix;

/// Lengths of chains and their start; options that are left out have their usual values.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChainOptions {
    #[serde(default)]
    seed: f64,
    chains: Option<f64>,
    warm_up: Option<f64>,
    draws: Option<f64>,
    start: Option<String>,
    kernel: Option<String>,
}

impl ChainOptions {
    pub fn parsed(&self, usual: mcmc::Options) -> JsResult<mcmc::Options> {
        let or = |what, given: Option<f64>, usual| given.map_or(Ok(usual), |v| count(what, v));
        Ok(mcmc::Options {
            chains: or("chains", self.chains, usual.chains)?,
            warm_up: or("warmUp", self.warm_up, usual.warm_up)?,
            draws: or("draws", self.draws, usual.draws)?,
            start: match &self.start {
                Some(name) => Start::parse(name)?,
                None => usual.start,
            },
            seed: seed(self.seed)?,
        })
    }
}

#[wasm_bindgen]
impl Model {
    /// Draws from p(z|x) of one image by several chains at once: `latents` draws×chains×K.
    #[wasm_bindgen(js_name = samplePosterior, unchecked_return_type = "PosteriorDraws")]
    pub fn sample_posterior(
        &self,
        pixels: &[f32],
        #[wasm_bindgen(js_name = options, unchecked_param_type = "ChainOptions")] given: JsValue,
    ) -> JsResult<JsValue> {
        guard()?;
        let given: ChainOptions = options("the chains' options", given)?;
        check_image(pixels)?;
        let x = matrix(pixels, pixels.len())?;
        let model = self.inner.as_ref();
        let mut kernel = mcmc::kernel(given.kernel.as_deref().unwrap_or("hmc"), model, &x)?;
        let found = mcmc::sample(
            model,
            &x,
            kernel.as_mut(),
            given.parsed(mcmc::Options::default())?,
        )?;
        let Draws {
            z,
            acceptance,
            scale,
            r_hat,
            effective_samples,
        } = found;
        Ok(Record::default()
            .floats("latents", &z)
            .with("acceptance", acceptance)
            .with("scale", scale)
            .with("rHat", r_hat)
            .with("effectiveSamples", effective_samples)
            .done())
    }

    /// The best diagonal Gaussian for one image, by gradient ascent from the encoder's answer.
    #[wasm_bindgen(js_name = bestGaussian, unchecked_return_type = "BestGaussian")]
    pub fn best_gaussian(
        &self,
        pixels: &[f32],
        #[wasm_bindgen(js_name = seed)] chosen_seed: f64,
    ) -> JsResult<JsValue> {
        guard()?;
        check_image(pixels)?;
        let found = gaps::best_gaussian(self.inner.as_ref(), pixels, seed(chosen_seed)?)?;
        Ok(best_gaussian_record(&found))
    }
}
