//! Exact posteriors, for JavaScript.

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Model;
use super::convert::Record;
use super::failure::{JsResult, guard};
use crate::estimators::quadrature::{Grid, GridPosterior, SquareDensity};
use crate::models;

/// The scan that exact posteriors of a two-latent model start from. It is made once and used for many images.
#[wasm_bindgen]
pub struct LatentGrid {
    model: Box<dyn models::Model>,
    grid: Grid,
}

#[wasm_bindgen]
impl LatentGrid {
    /// Decodes a grid over the whole plane of codes once.
    #[wasm_bindgen(constructor)]
    pub fn new(model: &Model) -> JsResult<Self> {
        guard()?;
        Ok(Self {
            grid: Grid::new(model.inner.as_ref())?,
            model: models::duplicate(model.inner.as_ref())?,
        })
    }

    /// The exact posterior of one image, with log p(x) off by less than `tolerance`.
    #[wasm_bindgen(unchecked_return_type = "GridPosterior")]
    pub fn posterior(&self, pixels: &[f32]) -> JsResult<JsValue> {
        guard()?;
        let posterior = self.grid.posterior(self.model.as_ref(), pixels)?;
        Ok(posterior_record(&posterior))
    }

    /// The exact log p(x) of each of n images, nats.
    #[wasm_bindgen(js_name = logLikelihoods)]
    pub fn log_likelihoods(&self, pixels: &[f32]) -> JsResult<Vec<f64>> {
        guard()?;
        Ok(self.grid.log_likelihoods(self.model.as_ref(), pixels)?)
    }
}

/// A posterior as a JavaScript object.
pub(super) fn posterior_record(posterior: &GridPosterior) -> JsValue {
    let record = Record::default()
        .with("logLikelihood", posterior.log_likelihood)
        .with("tolerance", posterior.tolerance)
        .with("decoderEvaluations", posterior.decoder_evaluations as f64);
    with_density(record, &posterior.picture()).done()
}

/// Adds a density, as the page's maps draw it.
pub(super) fn with_density(record: Record, picture: &SquareDensity) -> Record {
    let SquareDensity { square, density } = picture;
    let [z1, z2] = square.centre;
    record
        .floats("density", density)
        .with("resolution", square.resolution as f64)
        .with("centre", Array::of2(&z1.into(), &z2.into()))
        .with("halfWidth", square.half_width)
}
