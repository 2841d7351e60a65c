//! Which model families there are, and specs read against them. A new family is a file beside this and a line in
//! the list.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::linear_factors::{factor_analysis, ppca};
use super::{Model, ModelFamily, ModelSpec, ae, bernoulli_mixture, categorical_vae, cvae, m2, vae};
use crate::options::{ParameterSpec, Values};
use crate::{Error, Result};

static FAMILIES: LazyLock<Vec<ModelFamily>> = LazyLock::new(|| {
    let mut families = vec![vae::family()];
    if cfg!(feature = "complete") {
        families.extend([
            ae::family(),
            cvae::family(),
            m2::family(),
            categorical_vae::family(),
            ppca::family(),
            factor_analysis::family(),
            bernoulli_mixture::family(),
        ]);
    }
    families
});

/// Every family, in the order to show them; the VAE alone without the feature `complete`.
///
/// # Examples
///
/// ```
/// use latent_canvas::models;
///
/// let ids: Vec<&str> = models::families().iter().map(|family| family.id).collect();
/// assert!(ids.contains(&"vae") && ids.contains(&"ppca"));
/// ```
pub fn families() -> &'static [ModelFamily] {
    &FAMILIES
}

/// The family of this id.
///
/// # Errors
///
/// [`Error::UnknownModel`], which lists the known ids.
pub fn family(id: &str) -> Result<&'static ModelFamily> {
    let found = families().iter().find(|family| family.id == id);
    found.ok_or_else(|| {
        let known: Vec<_> = families().iter().map(|family| family.id).collect();
        Error::UnknownModel {
            name: id.to_owned(),
            known: known.join(", "),
        }
    })
}

impl ModelSpec {
    /// Validates a flat JSON object against the families; options left out take their defaults.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownModel`], or [`Error::InvalidArgument`] for an unknown or wrong option, or one away from its default
    /// that does nothing with the others.
    ///
    /// # Examples
    ///
    /// ```
    /// use latent_canvas::models::ModelSpec;
    ///
    /// let spec = serde_json::json!({ "model": "vae", "latents": 0 });
    /// let error = ModelSpec::from_json(&spec).expect_err("a model has a latent");
    /// assert!(error.to_string().contains("latents"));
    /// ```
    pub fn from_json(json: &Value) -> Result<Self> {
        Self::read(json, Values::validate)
    }

    /// [`ModelSpec::from_json`] of a stored model: what does nothing takes its default.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownModel`], or [`Error::InvalidArgument`] for an unknown or wrong option.
    pub(crate) fn restore(json: &Value) -> Result<Self> {
        Self::read(json, |given, parameters| {
            Values::restore(given, parameters, &BTreeMap::new())
        })
    }

    fn read(
        json: &Value,
        values: fn(&BTreeMap<String, Value>, &[ParameterSpec]) -> Result<Values>,
    ) -> Result<Self> {
        #[derive(Deserialize)]
        struct Flat {
            model: String,
            #[serde(flatten)]
            given: BTreeMap<String, Value>,
        }
        let flat = Flat::deserialize(json)
            .map_err(|cause| Error::argument(format!("not a model spec: {cause}")))?;
        let family = family(&flat.model)?;
        Ok(Self {
            values: values(&flat.given, &family.parameters)?,
            family,
        })
    }
}

/// An untrained model: the same spec and seed give the same weights.
///
/// # Errors
///
/// [`Error::InvalidArgument`] for options that do not go together.
///
/// # Examples
///
/// ```
/// use latent_canvas::models::{self, ModelSpec};
///
/// let spec = serde_json::json!({ "model": "vae", "latents": 2, "hidden": [400] });
/// let model = models::build(&ModelSpec::from_json(&spec)?, 1)?;
/// assert_eq!(model.latents(), 2);
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn build(spec: &ModelSpec, seed: u64) -> Result<Box<dyn Model>> {
    (spec.family().build)(spec, seed)
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

    /// A categorical VAE knows log p(x) as long as its code is one variable.
    #[test]
    fn capabilities_are_those_of_the_model() {
        for (variables, exact) in [(1, true), (2, false)] {
            let spec = json!({"model": "categorical-vae", "variables": variables, "hidden": []});
            let model = build(&ModelSpec::from_json(&spec).unwrap(), 1).unwrap();
            assert_eq!(model.capabilities().exact, exact);
        }
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
