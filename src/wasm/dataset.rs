//! A data set, for JavaScript.

use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::{Record, count, seed};
use super::failure::{JsResult, guard};
use crate::Error;
use crate::data;
use crate::data::contents::Items;
use crate::data::file::{Named, of_name};
use crate::data::file_set::Part;
use crate::data::inspection::{FoundSet, inspect};
use crate::data::{idx, picture};

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

    /// The bytes of IDX files, plain or gzip; `transposed` exchanges rows and columns, `inverted` ink and paper.
    #[wasm_bindgen(js_name = fromIdx)]
    pub fn from_idx(
        images: &[u8],
        labels: Option<Vec<u8>>,
        transposed: Option<bool>,
        inverted: Option<bool>,
    ) -> JsResult<Self> {
        guard()?;
        let mut data = data::Dataset::from_idx(images, labels.as_deref())?;
        if transposed == Some(true) {
            data = data.transposed();
        }
        if inverted == Some(true) {
            data = data.inverted();
        }
        Ok(data.into())
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

/// Reads data files that belong together, IDX files, plain or gzip, and NumPy's `.npy` and `.npz`: what is what, how many images
/// they hold, and the first images. Refuses files that cannot be used, with the reason.
#[wasm_bindgen(js_name = inspectFiles, unchecked_return_type = "FileInspection")]
pub fn inspect_files(names: Vec<String>, files: Vec<Uint8Array>) -> JsResult<JsValue> {
    guard()?;
    if names.len() != files.len() {
        let message = format!("there are {} names for {} files", names.len(), files.len());
        return Err(Error::argument(message).into());
    }
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let found = inspect(&names, |place| files[place].to_vec())?;
    let idx = |place: Option<usize>| match place.map(|place| &found.sets[place]) {
        Some(FoundSet::Idx(file)) => files[*file].clone().into(),
        Some(FoundSet::Converted(bytes)) => Uint8Array::from(bytes.as_slice()).into(),
        None => JsValue::UNDEFINED,
    };
    let places = found.arrangement;
    Ok(Record::default()
        .with("images", idx(Some(places.images)))
        .with("labels", idx(places.labels))
        .with("testImages", idx(places.test_images))
        .with("testLabels", idx(places.test_labels))
        .with("count", found.images as f64)
        .with("testCount", found.test_images as f64)
        .with("set", found.set.map_or(JsValue::UNDEFINED, JsValue::from))
        .with("transposed", found.transposed)
        .with("inverted", found.inverted)
        .floats("first", &found.first)
        .with(
            "unusableLabels",
            found
                .unusable_labels
                .map_or(JsValue::UNDEFINED, JsValue::from),
        )
        .done())
}

/// The grey values, 784, of a square picture of this name, given as red, green, blue and opacity, 0 to 255 each: before black, scaled to
/// 28×28 by area.
#[wasm_bindgen(js_name = greyPicture)]
pub fn grey_picture(name: &str, rgba: &[u8], width: f64, height: f64) -> JsResult<Vec<u8>> {
    guard()?;
    let (width, height) = (count("the width", width)?, count("the height", height)?);
    Ok(of_name(name, picture::grey(rgba, width, height))?)
}

/// Pictures that belong together, already grey, n×784, as IDX files. The folders in a picture's path say its class, and whether
/// it is to test with.
#[wasm_bindgen(js_name = picturesAsIdx, unchecked_return_type = "NamedIdx[]")]
pub fn pictures_as_idx(paths: Vec<String>, greys: &[u8]) -> JsResult<JsValue> {
    guard()?;
    let paths: Vec<_> = paths.iter().map(String::as_str).collect();
    let files = picture::data_set(&paths, greys)?;
    let named = |file: Named| {
        Record::default()
            .with("name", file.name)
            .bytes("bytes", &file.contents.to_idx())
            .done()
    };
    Ok(files.into_iter().map(named).collect::<Array>().into())
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
