//! A data set in JavaScript's hands.

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::{count, seed};
use super::failure::{JsResult, guard};
use crate::data;

/// How an unknown label crosses where others are known.
const UNKNOWN: u8 = 255;

/// Images of 28×28 grey pixels, with labels where they are known.
#[wasm_bindgen]
pub struct Dataset {
    pub(super) inner: Rc<data::Dataset>,
}

impl From<data::Dataset> for Dataset {
    fn from(inner: data::Dataset) -> Self {
        Self {
            inner: Rc::new(inner),
        }
    }
}

#[wasm_bindgen]
impl Dataset {
    /// The first n built-in digits of this seed.
    pub fn strokes(n: f64, #[wasm_bindgen(js_name = seed)] digit_seed: f64) -> JsResult<Self> {
        guard()?;
        let n = count("the number of digits", n)?;
        Ok(data::Dataset::strokes(n, seed(digit_seed)?)?.into())
    }

    /// The bytes of IDX files, plain or gzip.
    #[wasm_bindgen(js_name = fromIdx)]
    pub fn from_idx(images: &[u8], labels: Option<Vec<u8>>) -> JsResult<Self> {
        guard()?;
        Ok(data::Dataset::from_idx(images, labels.as_deref())?.into())
    }

    /// Pixels in [0, 1], n×784, and n labels 0-9 (255 where one is not known).
    #[wasm_bindgen(js_name = fromPixels)]
    pub fn from_pixels(pixels: &[f32], labels: Option<Vec<u8>>) -> JsResult<Self> {
        guard()?;
        let known = |label| (label != UNKNOWN).then_some(label);
        let labels = labels.map(|labels| labels.into_iter().map(known).collect());
        Ok(data::Dataset::from_pixels(pixels, labels)?.into())
    }

    /// The images of `a`, then those of `b`.
    pub fn concatenate(a: &Dataset, b: &Dataset) -> JsResult<Self> {
        guard()?;
        Ok(data::Dataset::concatenate(&a.inner, &b.inner).into())
    }

    /// Number of images.
    #[wasm_bindgen(getter)]
    pub fn size(&self) -> usize {
        self.inner.len()
    }

    /// Grey pixels of n images from number `from` on, n×784.
    pub fn images(&self, from: f64, n: f64) -> JsResult<Vec<f32>> {
        guard()?;
        let (from, n) = (
            count("the first image", from)?,
            count("the number of images", n)?,
        );
        Ok(self.inner.images(from, n)?)
    }

    /// Labels of n images from number `from` on, 255 where one is not known; undefined if none is.
    pub fn labels(&self, from: f64, n: f64) -> JsResult<Option<Vec<u8>>> {
        guard()?;
        let (from, n) = (
            count("the first image", from)?,
            count("the number of images", n)?,
        );
        let labels = self.inner.labels(from, n)?;
        let known = labels.iter().any(Option::is_some);
        Ok(known.then(|| {
            labels
                .iter()
                .map(|label| label.unwrap_or(UNKNOWN))
                .collect()
        }))
    }
}
