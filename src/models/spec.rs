//! Which model: a family and a value for each of its options.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::options::Values;
use crate::{Error, Result};

/// Which model: the family's id and a validated value for each of its options.
///
/// As JSON it is one flat object: `{"model": "vae", "latents": 2, "hidden": [400], ...}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelSpec {
    /// Id of the family in the registry.
    pub model: String,
    /// The options.
    #[serde(flatten)]
    pub values: Values,
}

impl ModelSpec {
    /// Validates a flat JSON object against the registry; options left out take their defaults.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownModel`], or [`Error::InvalidArgument`] for an unknown or wrong option.
    pub fn from_json(json: &Value) -> Result<Self> {
        #[derive(Deserialize)]
        struct Flat {
            model: String,
            #[serde(flatten)]
            given: BTreeMap<String, Value>,
        }
        let flat = Flat::deserialize(json)
            .map_err(|cause| Error::argument(format!("not a model spec: {cause}")))?;
        let family = super::family(&flat.model)?;
        Ok(Self {
            values: Values::validate(&flat.given, &family.parameters)?,
            model: flat.model,
        })
    }

    /// The flat JSON object.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_fill_in_and_floats_that_are_whole_pass() {
        let spec = ModelSpec::from_json(&json!({"model": "vae", "latents": 3.0})).unwrap();
        assert_eq!(spec.values.integer("latents"), 3);
        assert_eq!(spec, ModelSpec::from_json(&spec.to_json()).unwrap());
    }

    #[test]
    fn wrong_values_are_refused_with_a_sentence() {
        let refuse = |json: Value| ModelSpec::from_json(&json).unwrap_err();
        assert_eq!(refuse(json!({"model": "gan"})).code(), "unknown-model");
        for wrong in [
            json!({"model": "vae", "latents": 0}),
            json!({"model": "vae", "latents": 129}),
            json!({"model": "vae", "latents": 2.5}),
            json!({"model": "vae", "latents": "2"}),
            json!({"model": "vae", "hidden": [1, 1, 1, 1, 1]}),
            json!({"model": "vae", "hidden": [0]}),
            json!({"model": "vae", "activation": "sine"}),
            json!({"model": "vae", "depth": 2}),
            json!({"latents": 2}),
            json!(7),
        ] {
            assert_eq!(refuse(wrong.clone()).code(), "invalid-argument", "{wrong}");
        }
        let error = refuse(json!({"model": "vae", "latents": 0}));
        assert_eq!(
            error.to_string(),
            "latents must be a whole number from 1 to 128; got 0"
        );
    }
}
