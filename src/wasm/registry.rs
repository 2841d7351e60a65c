//! The model families and the options of training.

#[cfg(feature = "complete")]
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(feature = "complete")]
use super::convert::plain;
use super::failure::{JsResult, guard};
use crate::Error;

/// Every model family, with its options.
#[cfg(feature = "complete")]
#[wasm_bindgen(js_name = modelFamilies, unchecked_return_type = "ModelFamily[]")]
pub fn model_families() -> JsResult<JsValue> {
    guard()?;
    plain(&crate::models::families())
}

/// Every hyper-parameter of training.
#[cfg(feature = "complete")]
#[wasm_bindgen(js_name = trainParameters, unchecked_return_type = "ParameterSpec[]")]
pub fn train_parameters() -> JsResult<JsValue> {
    guard()?;
    plain(&crate::train::train_parameters())
}

/// A fresh seed from the browser's entropy, below 2^32.
#[wasm_bindgen(js_name = randomSeed)]
pub fn random_seed() -> JsResult<u32> {
    guard()?;
    let seed = getrandom::u32().map_err(|cause| {
        Error::Unsupported(format!("the browser gives no random numbers: {cause}"))
    })?;
    Ok(seed)
}
