//! Between Rust values and plain JavaScript objects.

use js_sys::{Array, Float32Array, Object, Reflect, Uint8Array, Uint32Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

use super::failure::JsResult;
use crate::Error;
use crate::estimators::bound::ElboEstimate;

/// An options object, or an error that says which part is wrong.
pub(super) fn options<T>(what: &str, value: JsValue) -> JsResult<T>
where
    T: DeserializeOwned + Serialize,
{
    let unusable = |cause: String| Error::argument(format!("{what} are not usable: {cause}"));
    // Without an options object, every option has its default.
    let value = if value.is_undefined() || value.is_null() {
        Object::new().into()
    } else {
        value
    };
    let parsed: T = serde_wasm_bindgen::from_value(value.clone())
        .map_err(|cause| unusable(cause.to_string()))?;
    // serde-wasm-bindgen reads only the names that it knows, so serde's `deny_unknown_fields` never sees any others.
    let known = serde_json::to_value(&parsed).map_err(|cause| unusable(cause.to_string()))?;
    let given = value.dyn_ref::<Object>().map(Object::keys);
    let unknown = given
        .iter()
        .flat_map(Array::iter)
        .filter_map(|name| name.as_string())
        .find(|name| known.get(name).is_none());
    match unknown {
        Some(name) => Err(unusable(format!("there is no option \"{name}\"")).into()),
        None => Ok(parsed),
    }
}

/// A plain object, not a `Map`.
pub(super) fn plain<T: Serialize + ?Sized>(value: &T) -> JsResult<JsValue> {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .map_err(|cause| Error::argument(format!("cannot hand over a report: {cause}")).into())
}

/// A seed: a whole number that JavaScript holds exactly.
pub(super) fn seed(value: f64) -> JsResult<u64> {
    whole("the seed", value)
}

/// A count or a position.
pub(super) fn count(what: &str, value: f64) -> JsResult<usize> {
    Ok(usize::try_from(whole(what, value)?)
        .map_err(|_| Error::argument(format!("{what} is too large")))?)
}

fn whole(what: &str, value: f64) -> JsResult<u64> {
    const LARGEST: f64 = 9_007_199_254_740_991.0;
    if value.fract() == 0.0 && (0.0..=LARGEST).contains(&value) {
        Ok(value as u64)
    } else {
        Err(Error::argument(format!(
            "{what} must be a whole number from 0 to 2^53 - 1; got {value}"
        ))
        .into())
    }
}

/// Builds `{ name: value, ... }`.
#[derive(Default)]
pub(super) struct Record(Object);

impl Record {
    pub fn with(self, name: &str, value: impl Into<JsValue>) -> Self {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
        self
    }

    pub fn floats(self, name: &str, values: &[f32]) -> Self {
        self.with(name, Float32Array::from(values))
    }

    pub fn lengths(self, name: &str, values: &[u32]) -> Self {
        self.with(name, Uint32Array::from(values))
    }

    pub fn bytes(self, name: &str, values: &[u8]) -> Self {
        self.with(name, Uint8Array::from(values))
    }

    pub fn done(self) -> JsValue {
        self.0.into()
    }
}

/// A bound as `Elbo`.
pub(super) fn bound_record(bound: &ElboEstimate) -> JsValue {
    Record::default()
        .with("elbo", bound.elbo)
        .with("standardError", bound.standard_error)
        .with("reconstruction", bound.reconstruction)
        .with("kl", bound.kl)
        .floats("klPerLatent", &bound.kl_per_latent)
        .done()
}
