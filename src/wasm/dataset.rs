//! A data set, for JavaScript.

use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::{Record, count, seed};
use super::failure::{JsResult, guard};
use crate::Error;
use crate::data;
use crate::data::file_set::Part;
use crate::data::idx::{self, Items};
use crate::data::inspection::inspect;

/// Stands for an unknown label where others are known.
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

    /// The same, but training replaces them bit by bit by the next digits of the seed.
    #[wasm_bindgen(js_name = endlessStrokes)]
    pub fn endless_strokes(
        n: f64,
        #[wasm_bindgen(js_name = seed)] digit_seed: f64,
    ) -> JsResult<Self> {
        guard()?;
        let n = count("the number of digits", n)?;
        Ok(data::Dataset::endless_strokes(n, seed(digit_seed)?)?.into())
    }

    /// The bytes of IDX files, plain or gzip; `transposed` exchanges rows and columns.
    #[wasm_bindgen(js_name = fromIdx)]
    pub fn from_idx(
        images: &[u8],
        labels: Option<Vec<u8>>,
        transposed: Option<bool>,
    ) -> JsResult<Self> {
        guard()?;
        let data = data::Dataset::from_idx(images, labels.as_deref())?;
        Ok(if transposed == Some(true) {
            data.transposed().into()
        } else {
            data.into()
        })
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

    /// Removes the last tenth of the images (at most 1,000) and returns it as a test set. A single image stays, and is the test
    /// set as well.
    #[wasm_bindgen(js_name = setAside)]
    pub fn set_aside(&mut self) -> JsResult<Dataset> {
        guard()?;
        let (train, test) = self.inner.set_aside();
        self.inner = Rc::new(train);
        Ok(test.into())
    }

    /// The name of the data set, if a checksum or the generator tells it.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.inner.name().to_owned()
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

/// Reads IDX files, plain or gzip, that belong together: which file is which, how many images they hold, and the first images.
/// Refuses files that cannot be used, with the reason.
#[wasm_bindgen(js_name = inspectIdx, unchecked_return_type = "IdxInspection")]
pub fn inspect_idx(names: Vec<String>, files: Vec<Uint8Array>) -> JsResult<JsValue> {
    guard()?;
    if names.len() != files.len() {
        let message = format!("there are {} names for {} files", names.len(), files.len());
        return Err(Error::argument(message).into());
    }
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let found = inspect(&names, |place| files[place].to_vec())?;
    let place = |place: Option<usize>| match place {
        Some(place) => JsValue::from_f64(place as f64),
        None => JsValue::UNDEFINED,
    };
    let places = found.arrangement;
    Ok(Record::default()
        .with("images", place(Some(places.images)))
        .with("labels", place(places.labels))
        .with("testImages", place(places.test_images))
        .with("testLabels", place(places.test_labels))
        .with("count", found.images as f64)
        .with("testCount", found.test_images as f64)
        .with("set", found.set.map_or(JsValue::UNDEFINED, JsValue::from))
        .floats("first", &found.first)
        .with(
            "unusableLabels",
            found
                .unusable_labels
                .map_or(JsValue::UNDEFINED, JsValue::from),
        )
        .done())
}

/// The data set and the part that this file is, if its checksum is a published one; undefined for any other bytes.
#[wasm_bindgen(js_name = publishedIdx, unchecked_return_type = "PublishedIdx | undefined")]
pub fn published_idx(bytes: &[u8]) -> JsResult<JsValue> {
    guard()?;
    let Ok(file) = idx::read(bytes) else {
        return Ok(JsValue::UNDEFINED);
    };
    Ok(file.published.map_or(JsValue::UNDEFINED, |published| {
        let items = match file.items {
            Items::Images => "images",
            Items::Labels => "labels",
        };
        let part = match published.part {
            Part::Train => "train",
            Part::Test => "test",
        };
        Record::default()
            .with("set", published.set)
            .with("part", part)
            .with("items", items)
            .done()
    }))
}
