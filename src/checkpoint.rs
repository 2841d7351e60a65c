//! Models as bytes: safetensors with the spec and the provenance in its metadata. Knows no paths.
//!
//! Tensors are named as in [`crate::nn::Parameters`]; weights are `[out, in]`. Metadata key `spec` holds
//! the model spec as JSON, `provenance` (optional) where the weights come from, `class` (optional) the class that the
//! model was given. A trainer's checkpoint adds tensors `optimizer.*` and the key `trainer`; [`load`] reads its model
//! and ignores the rest, as it does metadata of other programs.

use std::collections::{BTreeMap, HashMap};

use candle_core::Tensor;
use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::Value;

use crate::models::{self, Model, ModelSpec, one_hot};
use crate::{Error, Result};

/// No checkpoint of a registered model is larger; more is refused unread.
pub const MAX_BYTES: usize = 256 << 20;
const SPEC_KEY: &str = "spec";
const CLASS_KEY: &str = "class";
const PROVENANCE_KEY: &str = "provenance";
/// Metadata that only a trainer reads.
pub(crate) const TRAINER_KEY: &str = "trainer";
/// Prefix of the tensors that only a trainer needs.
pub(crate) const OPTIMIZER_PREFIX: &str = "optimizer.";

/// How weights are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    #[default]
    /// 32 bits: exactly the weights in memory.
    Full,
    /// 16 bits: half the size; measure what the file then gives.
    Half,
}

/// A model read from bytes.
#[derive(Debug)]
pub struct Checkpoint {
    /// The model, with the stored weights.
    pub model: Box<dyn Model>,
    /// Where the weights come from: data, seed, steps, metrics, command.
    pub provenance: Option<Value>,
    /// How the bytes store the weights; half where any tensor is in half precision.
    pub precision: Precision,
}

/// A tensor's shape and numbers.
pub(crate) type Entry = (Vec<usize>, Vec<f32>);

/// Named tensors and JSON metadata: what a checkpoint file holds, before it is checked against a spec.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub tensors: BTreeMap<String, Entry>,
    pub metadata: BTreeMap<String, Value>,
    pub precision: Precision,
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
        .ok_or_else(|| Error::checkpoint("the checkpoint has no model spec in its metadata"))?;
    let spec = ModelSpec::from_json(spec).map_err(|cause| match cause {
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
        precision: contents.precision,
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

impl Contents {
    /// The finite numbers of a tensor that must have this shape.
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<&[f32]> {
        let Some((found, values)) = self.tensors.get(name) else {
            return Err(Error::checkpoint(format!(
                "the checkpoint lacks the tensor \"{name}\" that its model needs"
            )));
        };
        if found != shape {
            return Err(Error::checkpoint(format!(
                "the checkpoint's tensor \"{name}\" has shape {found:?}; its model needs {shape:?}"
            )));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(Error::checkpoint(format!(
                "the checkpoint's tensor \"{name}\" holds a number that is not finite"
            )));
        }
        Ok(values)
    }

    pub fn to_bytes(&self, precision: Precision) -> Result<Vec<u8>> {
        let mut stored = Vec::with_capacity(self.tensors.len());
        for (name, (shape, values)) in &self.tensors {
            let (dtype, bytes) = match precision {
                Precision::Full => (
                    Dtype::F32,
                    values.iter().flat_map(|v| v.to_le_bytes()).collect(),
                ),
                Precision::Half => {
                    let halves = values.iter().map(|v| f16::from_f32(*v));
                    (
                        Dtype::F16,
                        halves.flat_map(f16::to_le_bytes).collect::<Vec<u8>>(),
                    )
                }
            };
            let finite = |v: &f32| match precision {
                Precision::Full => v.is_finite(),
                Precision::Half => f16::from_f32(*v).is_finite(),
            };
            if !values.iter().all(finite) {
                return Err(Error::NonFinite(format!(
                    "the tensor \"{name}\" holds a number that is not finite, so it was not saved"
                )));
            }
            stored.push((name, dtype, shape.clone(), bytes));
        }
        let mut views = Vec::with_capacity(stored.len());
        for (name, dtype, shape, bytes) in &stored {
            let view = TensorView::new(*dtype, shape.clone(), bytes).map_err(Error::checkpoint)?;
            views.push((name.as_str(), view));
        }
        let metadata: HashMap<String, String> = self
            .metadata
            .iter()
            .map(|(key, value)| (key.clone(), value.to_string()))
            .collect();
        safetensors::serialize(views, Some(metadata)).map_err(Error::checkpoint)
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let damaged = |cause: &dyn std::fmt::Display| {
            Error::checkpoint(format!("not a whole safetensors checkpoint: {cause}"))
        };
        if bytes.len() > MAX_BYTES {
            return Err(Error::checkpoint(format!(
                "the checkpoint has {} bytes; at most {MAX_BYTES} are read",
                bytes.len()
            )));
        }
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|cause| damaged(&cause))?;
        let file = SafeTensors::deserialize(bytes).map_err(|cause| damaged(&cause))?;
        let mut contents = Self::default();
        for (key, text) in header.metadata().iter().flatten() {
            let value = match (key.as_str(), serde_json::from_str(text)) {
                (PROVENANCE_KEY, parsed) => parsed.unwrap_or_else(|_| text.clone().into()),
                (SPEC_KEY | CLASS_KEY | TRAINER_KEY, Ok(value)) => value,
                (SPEC_KEY | CLASS_KEY | TRAINER_KEY, Err(cause)) => {
                    return Err(Error::checkpoint(format!(
                        "metadata \"{key}\" is not JSON: {cause}"
                    )));
                }
                // Other programs leave notes of their own, such as `format: pt`.
                _ => continue,
            };
            contents.metadata.insert(key.clone(), value);
        }
        for (name, view) in file.iter() {
            let values = match view.dtype() {
                Dtype::F32 => {
                    let (words, _) = view.data().as_chunks::<4>();
                    words.iter().map(|word| f32::from_le_bytes(*word)).collect()
                }
                Dtype::F16 => {
                    contents.precision = Precision::Half;
                    let (words, _) = view.data().as_chunks::<2>();
                    words
                        .iter()
                        .map(|word| f16::from_le_bytes(*word).to_f32())
                        .collect()
                }
                other => {
                    return Err(Error::checkpoint(format!(
                        "the checkpoint's tensor \"{name}\" is stored as {other:?}; only F32 and F16 are read"
                    )));
                }
            };
            let entry = (view.shape().to_vec(), values);
            contents.tensors.insert(name.to_owned(), entry);
        }
        Ok(contents)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn model() -> Box<dyn Model> {
        let spec = json!({"model": "vae", "latents": 2, "hidden": [5]});
        models::build(&ModelSpec::from_json(&spec).unwrap(), 3).unwrap()
    }

    fn refusal(contents: &Contents) -> String {
        let bytes = contents.to_bytes(Precision::Full).unwrap();
        let error = load(&bytes).unwrap_err();
        assert_eq!(error.code(), "checkpoint");
        error.to_string()
    }

    #[test]
    fn a_model_survives_the_round_trip() {
        let provenance = json!({"data": "strokes", "seed": 3});
        let model = model();
        let bytes = save(model.as_ref(), Some(&provenance), Precision::Full).unwrap();
        let back = load(&bytes).unwrap();
        assert_eq!(back.model.spec(), model.spec());
        assert_eq!(back.provenance, Some(provenance));
        assert_eq!(
            back.model.parameters().values().unwrap(),
            model.parameters().values().unwrap()
        );
        let half = save(model.as_ref(), None, Precision::Half).unwrap();
        assert!(half.len() < bytes.len() * 6 / 10);
        assert_eq!(back.precision, Precision::Full);
        assert_eq!(load(&half).unwrap().precision, Precision::Half);
        let close = load(&half).unwrap().model.parameters().values().unwrap();
        for (a, b) in close
            .iter()
            .flatten()
            .zip(model.parameters().values().unwrap().iter().flatten())
        {
            assert!((a - b).abs() <= b.abs() * 5e-4 + 1e-7);
        }
    }

    /// As when Python opens one of our files and writes it again with `metadata={"format": "pt", **old}`.
    #[test]
    fn metadata_of_other_programs_is_ignored() {
        let with = |foreign: &[(&str, &str)]| {
            let contents = model_contents(model().as_ref(), Some(&json!({"seed": 3}))).unwrap();
            let bytes = contents.to_bytes(Precision::Full).unwrap();
            let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
            let mut metadata = header.metadata().clone().unwrap();
            for (key, text) in foreign {
                metadata.insert((*key).to_owned(), (*text).to_owned());
            }
            let file = SafeTensors::deserialize(&bytes).unwrap();
            safetensors::serialize(file.iter(), Some(metadata)).unwrap()
        };
        let back = load(&with(&[("format", "pt"), ("note", "{")])).unwrap();
        assert_eq!(back.model.spec(), model().spec());
        assert_eq!(back.provenance, Some(json!({"seed": 3})));
        let noted = load(&with(&[("provenance", "made by hand")])).unwrap();
        assert_eq!(noted.provenance, Some(json!("made by hand")));
        let broken = load(&with(&[("spec", "{")])).unwrap_err();
        assert!(broken.to_string().contains("metadata \"spec\" is not JSON"));
    }

    #[test]
    fn every_misfit_is_refused_with_its_name() {
        let fresh = || model_contents(model().as_ref(), None).unwrap();
        let mut contents = fresh();
        contents.tensors.remove("encoder.mean.bias");
        assert!(refusal(&contents).contains("lacks the tensor \"encoder.mean.bias\""));
        let mut contents = fresh();
        contents
            .tensors
            .insert("surplus".into(), (vec![1], vec![0.0]));
        assert!(refusal(&contents).contains("\"surplus\" has no place"));
        let mut contents = fresh();
        contents
            .tensors
            .insert("encoder.mean.bias".into(), (vec![3], vec![0.0; 3]));
        assert!(refusal(&contents).contains("shape [3]"));
        let mut contents = fresh();
        contents.metadata.remove("spec");
        assert!(refusal(&contents).contains("no model spec"));
        let mut contents = fresh();
        contents
            .metadata
            .insert("spec".into(), json!({"model": "gan"}));
        let bytes = contents.to_bytes(Precision::Full).unwrap();
        assert_eq!(load(&bytes).unwrap_err().code(), "unknown-model");
        let mut contents = fresh();
        contents
            .metadata
            .insert("spec".into(), json!({"model": "vae", "latents": 3}));
        assert!(refusal(&contents).contains("its model needs"));
    }

    #[test]
    fn numbers_that_are_not_finite_are_neither_saved_nor_loaded() {
        let mut contents = model_contents(model().as_ref(), None).unwrap();
        let bytes = contents.to_bytes(Precision::Full).unwrap();
        contents.tensors.get_mut("decoder.0.bias").unwrap().1[0] = f32::NAN;
        assert_eq!(
            contents.to_bytes(Precision::Full).unwrap_err().code(),
            "non-finite"
        );
        contents.tensors.get_mut("decoder.0.bias").unwrap().1[0] = 1e6;
        assert_eq!(
            contents.to_bytes(Precision::Half).unwrap_err().code(),
            "non-finite"
        );
        // The last four bytes of the file are the last number of the last tensor.
        let mut damaged = bytes.clone();
        let end = damaged.len();
        damaged[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
        assert!(
            load(&damaged)
                .unwrap_err()
                .to_string()
                .contains("not finite")
        );
    }

    #[test]
    fn truncated_files_are_refused_at_every_length() {
        let bytes = save(model().as_ref(), None, Precision::Full).unwrap();
        for length in (0..bytes.len()).step_by(97) {
            assert_eq!(load(&bytes[..length]).unwrap_err().code(), "checkpoint");
        }
        let longer = [bytes.as_slice(), &[0; 8]].concat();
        assert_eq!(load(&longer).unwrap_err().code(), "checkpoint");
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
            prop_assert_eq!(load(&bytes).unwrap_err().code(), "checkpoint");
        }

        #[test]
        fn damage_in_the_header_never_panics(at in 0usize..600, byte: u8) {
            let mut bytes = save(model().as_ref(), None, Precision::Full).unwrap();
            bytes[at] = byte;
            let _ = load(&bytes);
        }
    }
}
