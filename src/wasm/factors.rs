//! Stroke digits with known factors, and what latents tell of those.

use js_sys::Float64Array;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::{Record, count, options, plain, seed};
use super::failure::{JsResult, guard};
use super::strokes::record_of;
use crate::Rng;
use crate::data::synth::{self, SyntheticDigit};
use crate::latent::disentanglement;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct StrokeFactors {
    class: u8,
    variant: u8,
    slant: f32,
    rotation: f32,
    thickness: f32,
    aspect: f32,
    curvature: f32,
    loop_size: f32,
    jitter: f32,
}

impl From<StrokeFactors> for synth::StrokeFactors {
    fn from(given: StrokeFactors) -> Self {
        Self {
            class: given.class,
            variant: given.variant,
            slant: given.slant,
            rotation: given.rotation,
            thickness: given.thickness,
            aspect: given.aspect,
            curvature: given.curvature,
            loop_size: given.loop_size,
            jitter: given.jitter,
        }
    }
}

/// The digit of these factors; the seed decides which way an unsteady hand strays.
#[wasm_bindgen(js_name = writeDigit, unchecked_return_type = "StrokeDigit")]
pub fn write_digit(
    #[wasm_bindgen(unchecked_param_type = "StrokeFactors")] factors: JsValue,
    #[wasm_bindgen(js_name = seed)] hand_seed: f64,
) -> JsResult<JsValue> {
    guard()?;
    let factors: StrokeFactors = options("the factors", factors)?;
    let rng = Rng::from_seed(seed(hand_seed)?).split("hand");
    record_of(&SyntheticDigit::from_factors(factors.into(), &rng)?)
}

/// Digits number `from` to `from + n` of the built-in set with this seed, with the factors of each.
#[wasm_bindgen(js_name = factoredDigits, unchecked_return_type = "FactoredDigits")]
pub fn factored_digits(
    #[wasm_bindgen(js_name = seed)] digit_seed: f64,
    from: f64,
    n: f64,
) -> JsResult<JsValue> {
    guard()?;
    let (digit_seed, from) = (seed(digit_seed)?, seed(from)?);
    let n = count("the number of digits", n)? as u64;
    let (mut pixels, mut factors) = (Vec::new(), Vec::new());
    for index in from..from.saturating_add(n) {
        let digit = synth::digit(digit_seed, index)?;
        pixels.extend(digit.pixels()?);
        factors.extend(digit.factors.values());
    }
    Ok(Record::default()
        .with("names", plain(&synth::StrokeFactors::NAMES)?)
        .floats("pixels", &pixels)
        .with("factors", Float64Array::from(factors.as_slice()))
        .done())
}

/// What each latent of n codes tells of each of their factors, in nats, by histograms of 20 bins.
#[wasm_bindgen(js_name = mutualInformation, unchecked_return_type = "MutualInformation")]
pub fn mutual_information(
    codes: &[f32],
    latents: f64,
    factors: &[f64],
    #[wasm_bindgen(js_name = factorCount)] factor_count: f64,
) -> JsResult<JsValue> {
    guard()?;
    let latents = count("the number of latents", latents)?;
    let factor_count = count("the number of factors", factor_count)?;
    let found = disentanglement::mutual_information(codes, latents, factors, factor_count)?;
    Ok(Record::default()
        .with("matrix", Float64Array::from(found.matrix.as_slice()))
        .with("entropies", Float64Array::from(found.entropies.as_slice()))
        .with("gap", found.gap())
        .done())
}
