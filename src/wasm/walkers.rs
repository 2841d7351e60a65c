//! Chains that a page follows step by step, and the density that they walk on.

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Model;
use super::convert::{Record, count, options, seed};
use super::failure::{JsResult, guard};
use super::grid::posterior_record;
use crate::error::{Error, Result};
use crate::estimators::quadrature;
use crate::math::check_image;
use crate::mcmc::{self, Chains, Kernel, Start, Target};
use crate::models;
use crate::nn::tensors::matrix;
use crate::repair::{Degradation, Noise, Observation, Operator, posterior::on_grid};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * `start`: the kind of start, or the first places of the chains, chains×K. `warmUp` steps, if there are any, find the size of
 * the moves; otherwise it is `scale`. `mask`, 784 numbers: only pixels where it is not 0 were seen.
 */
export interface WalkOptions {
  kernel?: "random-walk" | "independence" | "pcn" | "hmc";
  chains?: number;
  start?: "encoder" | "prior" | ArrayLike<number>;
  scale?: number;
  warmUp?: number;
  mask?: ArrayLike<number>;
  seed?: number;
}

/**
 * Steps of a walk: `latents` steps×chains×K, and the acceptance probability of each proposal, steps×chains; `orbit`
 * places×chains×K, the places on the way to the last proposal. `steps` so far, including the warm-up, and the size of the next
 * move.
 */
export interface WalkSteps {
  latents: Float32Array;
  accepted: Float32Array;
  orbit: Float32Array;
  steps: number;
  scale?: number;
}

/** What the draws since the warm-up show: for each latent split R-hat, effective samples, and correlations, lags+1×K. */
export interface WalkDiagnosis {
  draws: number;
  acceptance: number;
  rHat: Float64Array;
  effectiveSamples: Float64Array;
  autocorrelations: Float64Array;
}
"#;

/// More could not be told apart on a picture.
const MOST_CHAINS: usize = 64;

#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Place {
    Named(String),
    Of(Vec<f32>),
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct WalkOptions {
    #[serde(default)]
    seed: f64,
    kernel: Option<String>,
    chains: Option<f64>,
    start: Option<Place>,
    scale: Option<f64>,
    warm_up: Option<f64>,
    mask: Option<Vec<f64>>,
}

/// Chains on the posterior given one image, or given the part of it that a mask leaves.
#[wasm_bindgen]
pub struct Walkers {
    model: Box<dyn models::Model>,
    kernel: Box<dyn Kernel>,
    pixels: Vec<f32>,
    seen: Option<Observation>,
    chains: Chains,
    count: usize,
}

#[wasm_bindgen]
impl Walkers {
    /// Puts the chains where they start.
    #[wasm_bindgen(constructor)]
    pub fn new(
        model: &Model,
        pixels: &[f32],
        #[wasm_bindgen(js_name = options, unchecked_param_type = "WalkOptions")] given: JsValue,
    ) -> JsResult<Self> {
        guard()?;
        let given: WalkOptions = options("the walk's options", given)?;
        let model = models::duplicate(model.inner.as_ref())?;
        let seen = observation(pixels, given.mask.as_deref())?;
        let chains = count("chains", given.chains.unwrap_or(4.0))?;
        if !(2..=MOST_CHAINS).contains(&chains) {
            return Err(Error::argument(format!(
                "a walk has 2 to {MOST_CHAINS} chains; got {chains}"
            ))
            .into());
        }
        let warm_up = count("warmUp", given.warm_up.unwrap_or(0.0))?;
        let seed = seed(given.seed)?;
        // The encoder is given what was seen, with paper for the rest.
        let known = seen.as_ref().map_or(pixels, Observation::crude).to_vec();
        let x = matrix(&known, known.len())?;
        let name = given.kernel.as_deref().unwrap_or("hmc");
        let mut kernel = mcmc::kernel(name, model.as_ref(), &x)?;
        if let (Some(size), Some(scale)) = (given.scale, kernel.scale()) {
            if !(size > 0.0 && size <= scale.largest) {
                return Err(Error::argument(format!(
                    "the size of the moves must be above 0 and at most {}; got {size}",
                    scale.largest
                ))
                .into());
            }
            *scale.size = size;
        }
        let target = target_of(model.as_ref(), &known, seen.as_ref(), chains)?;
        let walk = mcmc::Options {
            chains,
            warm_up,
            seed,
            ..mcmc::Options::default()
        };
        let chains_at = match given.start {
            Some(Place::Of(places)) => {
                if places.len() != chains * model.latents() {
                    return Err(Error::shape(format!(
                        "{chains} chains of {} latents start at {} numbers; got {}",
                        model.latents(),
                        chains * model.latents(),
                        places.len()
                    ))
                    .into());
                }
                Chains::at(&target, places, warm_up, seed)?
            }
            Some(Place::Named(name)) => {
                let options = mcmc::Options {
                    start: Start::parse(&name)?,
                    ..walk
                };
                Chains::start(&target, &x, options)?
            }
            None => Chains::start(&target, &x, walk)?,
        };
        drop(target);
        Ok(Self {
            model,
            kernel,
            pixels: known,
            seen,
            chains: chains_at,
            count: chains,
        })
    }

    /// Where the chains are, chains×K.
    pub fn places(&self) -> JsResult<Vec<f32>> {
        guard()?;
        Ok(self.chains.places().to_vec())
    }

    /// Takes `steps` more steps.
    #[wasm_bindgen(unchecked_return_type = "WalkSteps")]
    pub fn advance(&mut self, steps: f64) -> JsResult<JsValue> {
        guard()?;
        let target = target_of(
            self.model.as_ref(),
            &self.pixels,
            self.seen.as_ref(),
            self.count,
        )?;
        let (mut latents, mut accepted, mut orbit) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..count("steps", steps)? {
            orbit.clear();
            orbit.extend_from_slice(self.chains.places());
            let rates = self
                .chains
                .step_along(&target, self.kernel.as_mut(), &mut |places| {
                    orbit.extend_from_slice(places);
                })?;
            accepted.extend(rates.into_iter().map(|rate| rate as f32));
            latents.extend_from_slice(self.chains.places());
        }
        Ok(Record::default()
            .floats("latents", &latents)
            .floats("accepted", &accepted)
            .floats("orbit", &orbit)
            .with("steps", self.chains.steps() as f64)
            .with("scale", self.kernel.scale().map(|scale| *scale.size))
            .done())
    }

    /// What the draws so far show about the chains, with correlations of draws up to `lags` steps apart.
    #[wasm_bindgen(unchecked_return_type = "WalkDiagnosis")]
    pub fn diagnose(&self, lags: f64) -> JsResult<JsValue> {
        guard()?;
        let found = self.chains.diagnose();
        let correlations = self.chains.autocorrelations(count("lags", lags)?);
        let draws = self.chains.draws().len() / self.chains.places().len();
        Ok(Record::default()
            .with("draws", draws as f64)
            .with("acceptance", found.acceptance)
            .with("rHat", found.r_hat)
            .with("effectiveSamples", found.effective_samples)
            .with("autocorrelations", correlations.concat())
            .done())
    }
}

#[wasm_bindgen]
impl Model {
    /// The exact posterior given the pixels where the mask is not 0; for two latents.
    #[wasm_bindgen(js_name = partialPosterior, unchecked_return_type = "GridPosterior")]
    pub fn partial_posterior(&self, pixels: &[f32], mask: &[f32]) -> JsResult<JsValue> {
        guard()?;
        let mask: Vec<f64> = mask.iter().map(|v| f64::from(*v)).collect();
        let model = self.inner.as_ref();
        let found = match observation(pixels, Some(&mask))? {
            Some(seen) => on_grid(model, &seen)?,
            None => quadrature::Grid::new(model)?.posterior(model, pixels)?,
        };
        Ok(posterior_record(&found))
    }

    /// log p(x, z) of codes n×2, nats; with a mask, only of the pixels where it is not 0. For two latents.
    #[wasm_bindgen(js_name = logJoint)]
    pub fn log_joint(
        &self,
        pixels: &[f32],
        latents: &[f32],
        mask: Option<Vec<f32>>,
    ) -> JsResult<Vec<f64>> {
        guard()?;
        let mask: Option<Vec<f64>> = mask.map(|mask| mask.into_iter().map(f64::from).collect());
        let model = self.inner.as_ref();
        let seen = observation(pixels, mask.as_deref())?;
        let fit = |decoded: &[f32]| -> Result<Vec<f64>> {
            match &seen {
                None => model.likelihood().log_prob_of_one(decoded, pixels),
                Some(seen) => Ok(seen
                    .explain(model, &mut decoded.to_vec())?
                    .into_iter()
                    .map(f64::from)
                    .collect()),
            }
        };
        Ok(quadrature::log_joint(model, &fit, latents)?)
    }
}

/// The pixels that the mask leaves of an image; none without a mask.
fn observation(pixels: &[f32], mask: Option<&[f64]>) -> Result<Option<Observation>> {
    check_image(pixels)?;
    let seen = mask.map(|mask| mask.iter().map(|seen| *seen != 0.0).collect());
    seen.map(|seen| Degradation::new(Operator::Mask(seen), Noise::None)?.observe(pixels))
        .transpose()
}

fn target_of<'a>(
    model: &'a dyn models::Model,
    pixels: &[f32],
    seen: Option<&'a Observation>,
    chains: usize,
) -> Result<Target<'a>> {
    match seen {
        Some(seen) => Target::of(model, seen),
        None => Target::new(model, &matrix(pixels, pixels.len())?, chains),
    }
}
