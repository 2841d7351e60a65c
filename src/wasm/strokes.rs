//! Pen strokes.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::{Record, seed};
use super::failure::{JsResult, guard};
use crate::data::normalize::normalize_drawing;
use crate::data::stroke::Drawing;
use crate::data::synth::{self, SyntheticDigit};

/// 784 pixels in MNIST normal form; all zeros for no ink. Points are x0, y0, x1, y1, ... in [0, 1],
/// `strokeLengths` the number of points of each stroke, `penWidth` a share of the field's side.
#[wasm_bindgen(js_name = normalizeStrokes)]
pub fn normalize_strokes(
    points: &[f32],
    #[wasm_bindgen(js_name = strokeLengths)] stroke_lengths: &[u32],
    #[wasm_bindgen(js_name = penWidth)] pen_width: f32,
) -> JsResult<Vec<f32>> {
    guard()?;
    let drawing = Drawing::from_flat(points, stroke_lengths, pen_width)?;
    Ok(normalize_drawing(&drawing)?)
}

/// 784 pixels of the whole field, neither centred nor scaled: the share of each pixel that is ink.
#[cfg(feature = "complete")]
#[wasm_bindgen(js_name = rasterizeStrokes)]
pub fn rasterize_strokes(
    points: &[f32],
    #[wasm_bindgen(js_name = strokeLengths)] stroke_lengths: &[u32],
    #[wasm_bindgen(js_name = penWidth)] pen_width: f32,
) -> JsResult<Vec<f32>> {
    guard()?;
    let drawing = Drawing::from_flat(points, stroke_lengths, pen_width)?;
    Ok(drawing.rasterize(crate::SIDE)?)
}

/// Digit `index` of the built-in set with this seed, as pen strokes; of a given class if one is named.
#[wasm_bindgen(js_name = strokeDigit, unchecked_return_type = "StrokeDigit")]
pub fn stroke_digit(
    #[wasm_bindgen(js_name = seed)] digit_seed: f64,
    index: f64,
    label: Option<u8>,
) -> JsResult<JsValue> {
    guard()?;
    let (digit_seed, index) = (seed(digit_seed)?, seed(index)?);
    let digit = match label {
        Some(label) => synth::digit_of(digit_seed, index, label)?,
        None => synth::digit(digit_seed, index)?,
    };
    record_of(&digit)
}

/// A digit as JavaScript has it.
pub(super) fn record_of(digit: &SyntheticDigit) -> JsResult<JsValue> {
    let (points, lengths) = digit.drawing.to_flat();
    Ok(Record::default()
        .floats("points", &points)
        .lengths("strokeLengths", &lengths)
        .with("penWidth", digit.drawing.pen_width)
        .with("label", digit.label)
        .floats("pixels", &digit.pixels()?)
        .done())
}
