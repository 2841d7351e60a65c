//! What a checkpoint file holds, and its bytes.

use std::collections::{BTreeMap, HashMap};

use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::Value;

use super::{CLASS_KEY, PROVENANCE_KEY, SPEC_KEY, TRAINER_KEY, rows};
use crate::{Error, Result};

/// No checkpoint of a registered model is larger; more is refused unread.
pub const MAX_BYTES: usize = 256 << 20;

/// How weights are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// 32 bits: exactly the weights in memory.
    #[default]
    Full,
    /// 16 bits: half the size; measure what the file then gives.
    #[cfg(feature = "complete")]
    Half,
    /// 8 bits: large matrices as whole numbers from `-levels` to `levels`, with one scale a row, and the rest in 16
    /// bits. A quarter of the size, or less when it is compressed; measure what the file then gives.
    #[cfg(feature = "complete")]
    Rows {
        /// 1 to 127.
        levels: u8,
    },
}

/// A tensor's shape and numbers.
pub(crate) type Entry = (Vec<usize>, Vec<f32>);

/// Named tensors and JSON metadata: what a checkpoint file holds, before it is checked against a spec.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub tensors: BTreeMap<String, Entry>,
    pub metadata: BTreeMap<String, Value>,
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
            let finite = |v: &f32| match precision {
                Precision::Full => v.is_finite(),
                #[cfg(feature = "complete")]
                Precision::Half | Precision::Rows { .. } => f16::from_f32(*v).is_finite(),
            };
            if !values.iter().all(finite) {
                return Err(Error::NonFinite(format!(
                    "the tensor \"{name}\" holds a number that is not finite, so it was not saved"
                )));
            }
            let (dtype, bytes) = match precision {
                #[cfg(feature = "complete")]
                Precision::Rows { levels } if rows::apply_to(shape) => {
                    let (numbers, scales) = rows::split(values, shape[1], levels);
                    let name = format!("{name}{}", rows::SCALE);
                    stored.push((name, Dtype::F32, vec![shape[0]], words(&scales)));
                    (Dtype::I8, numbers)
                }
                Precision::Full => (Dtype::F32, words(values)),
                #[cfg(feature = "complete")]
                Precision::Half | Precision::Rows { .. } => {
                    let halves = values.iter().map(|v| f16::from_f32(*v));
                    (Dtype::F16, halves.flat_map(f16::to_le_bytes).collect())
                }
            };
            stored.push((name.clone(), dtype, shape.clone(), bytes));
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
            Error::checkpoint(format!(
                "this is no checkpoint in the safetensors format, or not the whole of one: {cause}"
            ))
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
            if name.ends_with(rows::SCALE) {
                continue;
            }
            let values = match view.dtype() {
                Dtype::F32 => {
                    let (words, _) = view.data().as_chunks::<4>();
                    words.iter().map(|word| f32::from_le_bytes(*word)).collect()
                }
                Dtype::F16 => {
                    let (words, _) = view.data().as_chunks::<2>();
                    words
                        .iter()
                        .map(|word| f16::from_le_bytes(*word).to_f32())
                        .collect()
                }
                Dtype::I8 => {
                    let scales = file.tensor(&format!("{name}{}", rows::SCALE));
                    rows::join(&view, &scales.map_err(Error::checkpoint)?)?
                }
                other => {
                    return Err(Error::checkpoint(format!(
                        "the checkpoint's tensor \"{name}\" is stored as {other:?}; only F32, F16 and I8 are read"
                    )));
                }
            };
            let entry = (view.shape().to_vec(), values);
            contents.tensors.insert(name.to_owned(), entry);
        }
        Ok(contents)
    }
}

fn words(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}
