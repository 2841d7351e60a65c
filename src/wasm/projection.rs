//! A plane through many codes, for JavaScript.

use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::count;
use super::failure::{JsResult, guard};
use crate::latent;

/// The plane of the first two principal components of some codes.
#[wasm_bindgen]
pub struct Projection {
    inner: latent::Projection,
}

#[wasm_bindgen]
impl Projection {
    /// Fits the plane to n codes, n×latents.
    pub fn fit(codes: &[f32], latents: f64) -> JsResult<Self> {
        guard()?;
        let latents = count("the number of latents", latents)?;
        Ok(Self {
            inner: latent::Projection::fit(codes, latents)?,
        })
    }

    /// The projection of codes onto the plane, n×2.
    pub fn project(&self, codes: &[f32]) -> JsResult<Vec<f32>> {
        guard()?;
        Ok(self.inner.project(codes)?)
    }

    /// The codes on the plane at n points, n×2 -> n×K.
    pub fn lift(&self, points: &[f32]) -> JsResult<Vec<f32>> {
        guard()?;
        Ok(self.inner.lift(points)?)
    }

    /// The share of the codes' variance along each direction.
    #[wasm_bindgen(getter)]
    pub fn explained(&self) -> Vec<f32> {
        self.inner.explained().to_vec()
    }
}
