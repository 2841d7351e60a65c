//! Models as bytes: safetensors with the spec and the provenance in its metadata. Knows no paths.
//!
//! Tensors are named as in [`crate::nn::Parameters`]; weights are `[out, in]`. Metadata key `spec` holds
//! the model spec as JSON, `provenance` (optional) where the weights come from, `class` (optional) the class that the
//! model was given. A trainer's checkpoint adds tensors `optimizer.*` and the key `trainer`; [`load`] reads its model
//! and ignores the rest, as it does metadata of other programs.
//!
//! Numbers are stored as F32, F16 or, in matrices, I8: then the F32 tensor `NAME.row_scale` of shape `[out]` holds one scale
//! for each row of the matrix `NAME`, and `weight[o][i] = scale[o] * stored[o][i]` ([`Precision`]).

mod contents;
mod rows;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use candle_core::Tensor;
use safetensors::SafeTensors;
use serde_json::Value;

use crate::models::{self, Model, ModelSpec, one_hot};
use crate::{Error, Result};

pub(crate) use contents::Contents;
pub use contents::{MAX_BYTES, Precision};

const SPEC_KEY: &str = "spec";
const CLASS_KEY: &str = "class";
const PROVENANCE_KEY: &str = "provenance";
/// Metadata that only a trainer reads.
pub(crate) const TRAINER_KEY: &str = "trainer";
/// Prefix of the tensors that only a trainer needs.
pub(crate) const OPTIMIZER_PREFIX: &str = "optimizer.";

/// A model read from bytes.
#[derive(Debug)]
pub struct Checkpoint {
    /// The model, with the stored weights.
    pub model: Box<dyn Model>,
    /// Where the weights come from: data, seed, steps, metrics, command.
    pub provenance: Option<Value>,
}

/// The bytes of a model.
///
/// # Errors
///
/// [`Error::NonFinite`] when a weight is not finite, or overflows in half precision; [`Error::Unsupported`] for a model
/// that was given the classes of several images.
pub fn save(
    model: &dyn Model,
    provenance: Option<&Value>,
    precision: Precision,
) -> Result<Vec<u8>> {
    model_contents(model, provenance)?.to_bytes(precision)
}

/// The same file with another provenance: its numbers stay as they are stored. A training run in it is left out.
///
/// # Errors
///
/// [`Error::Checkpoint`] when the bytes are no safetensors file.
pub fn with_provenance(bytes: &[u8], provenance: &Value) -> Result<Vec<u8>> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(Error::checkpoint)?;
    let file = SafeTensors::deserialize(bytes).map_err(Error::checkpoint)?;
    let mut metadata = header.metadata().clone().unwrap_or_default();
    metadata.remove(TRAINER_KEY);
    metadata.insert(PROVENANCE_KEY.to_owned(), provenance.to_string());
    let tensors = file
        .iter()
        .filter(|(name, _)| !name.starts_with(OPTIMIZER_PREFIX));
    safetensors::serialize(tensors, Some(metadata)).map_err(Error::checkpoint)
}

/// The model in these bytes.
///
/// # Errors
///
/// [`Error::Checkpoint`] when the bytes are no safetensors file, hold no valid spec, or when tensors are
/// missing, unknown, of another shape or not finite; [`Error::UnknownModel`].
pub fn load(bytes: &[u8]) -> Result<Checkpoint> {
    from_contents(&Contents::from_bytes(bytes)?)
}

pub(crate) fn from_contents(contents: &Contents) -> Result<Checkpoint> {
    let spec = contents
        .metadata
        .get(SPEC_KEY)
        .ok_or_else(|| Error::checkpoint("the checkpoint does not say which model it holds"))?;
    let spec = ModelSpec::restore(spec).map_err(|cause| match cause {
        Error::UnknownModel { .. } => cause,
        _ => Error::checkpoint(format!("the checkpoint's spec is not usable: {cause}")),
    })?;
    let model = models::build(&spec, 0)?;
    let parameters = model.parameters();
    let mut values = Vec::new();
    for (name, var) in parameters.iter() {
        values.push(contents.tensor(name, var.dims())?.to_vec());
    }
    let unknown = contents
        .tensors
        .keys()
        .find(|name| !name.starts_with(OPTIMIZER_PREFIX) && parameters.get(name).is_none());
    if let Some(name) = unknown {
        return Err(Error::checkpoint(format!(
            "the checkpoint's tensor \"{name}\" has no place in its model"
        )));
    }
    parameters.set_values(&values)?;
    let model = match contents.metadata.get(CLASS_KEY) {
        None => model,
        Some(class) => {
            let label = class.as_u64().and_then(|class| u8::try_from(class).ok());
            let label = label.ok_or_else(|| {
                Error::checkpoint(format!(
                    "the checkpoint's class must be a whole number; got {class}"
                ))
            })?;
            let given = one_hot(&[Some(label)]).and_then(|y| model.given(&y));
            given.map_err(|cause| {
                Error::checkpoint(format!("the checkpoint's class is not usable: {cause}"))
            })?
        }
    };
    Ok(Checkpoint {
        model,
        provenance: contents.metadata.get(PROVENANCE_KEY).cloned(),
    })
}

pub(crate) fn model_contents(model: &dyn Model, provenance: Option<&Value>) -> Result<Contents> {
    let mut contents = Contents::default();
    for ((name, var), values) in model.parameters().iter().zip(model.parameters().values()?) {
        contents
            .tensors
            .insert(name.to_owned(), (var.dims().to_vec(), values));
    }
    let metadata = &mut contents.metadata;
    metadata.insert(SPEC_KEY.to_owned(), model.spec().to_json());
    if let Some(y) = model.given_classes() {
        metadata.insert(CLASS_KEY.to_owned(), single_class(y)?.into());
    }
    if let Some(provenance) = provenance {
        metadata.insert(PROVENANCE_KEY.to_owned(), provenance.clone());
    }
    Ok(contents)
}

/// The class that all images were given as.
fn single_class(y: &Tensor) -> Result<usize> {
    let rows = y.to_vec2::<f32>()?;
    let class = match rows.as_slice() {
        [row] => row.iter().position(|entry| *entry == 1.0),
        [] | [_, _, ..] => None,
    };
    class.ok_or_else(|| {
        Error::Unsupported(
            "a model that was given the classes of several images, or a hidden one, cannot be saved; save the model \
             that it was made from"
                .to_owned(),
        )
    })
}
