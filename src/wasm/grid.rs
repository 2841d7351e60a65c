//! Exact posteriors in JavaScript's hands.

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Model;
use super::convert::{Record, count};
use super::failure::{JsResult, guard};
use crate::estimators::quadrature::{Grid, Square};
use crate::models;

/// Nats by which the interleaved coarser grids may differ from a grid that counts as exact.
const EXACT_NATS: f64 = 0.01;

/// The decoder of a two-latent model on a grid over [-extent, extent]², kept for many drawings.
#[wasm_bindgen]
pub struct LatentGrid {
    model: Box<dyn models::Model>,
    grid: Grid,
    extent: f32,
}

#[wasm_bindgen]
impl LatentGrid {
    /// Decodes every cell once.
    #[wasm_bindgen(constructor)]
    pub fn new(model: &Model, resolution: f64, extent: f32) -> JsResult<Self> {
        guard()?;
        let square = Square {
            centre: [0.0, 0.0],
            half_width: extent,
            resolution: count("the resolution", resolution)?,
        };
        Ok(Self {
            grid: Grid::new(model.inner.as_ref(), square)?,
            model: models::duplicate(model.inner.as_ref())?,
            extent,
        })
    }

    /// The posterior of one image on this grid.
    #[wasm_bindgen(unchecked_return_type = "GridPosterior")]
    pub fn posterior(&self, pixels: &[f32]) -> JsResult<JsValue> {
        guard()?;
        let posterior = self.grid.posterior(pixels)?;
        Ok(Record::default()
            .with("logLikelihood", posterior.log_likelihood)
            .floats("density", &posterior.density)
            .with("resolution", posterior.square.resolution as f64)
            .with("extent", self.extent)
            .done())
    }

    /// The posterior on cells cut finer where its mass is, until log p(x) is exact to 0.01 nats.
    #[wasm_bindgen(unchecked_return_type = "RefinedPosterior")]
    pub fn refine(&self, pixels: &[f32]) -> JsResult<JsValue> {
        guard()?;
        let posterior = self.grid.refine(self.model.as_ref(), pixels, EXACT_NATS)?;
        let [z1, z2] = posterior.square.centre;
        Ok(Record::default()
            .with("logLikelihood", posterior.log_likelihood)
            .with("tolerance", posterior.tolerance)
            .floats("density", &posterior.density)
            .with("resolution", posterior.square.resolution as f64)
            .with("centre", Array::of2(&z1.into(), &z2.into()))
            .with("halfWidth", posterior.square.half_width)
            .done())
    }
}
