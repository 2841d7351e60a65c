//! What a family of models is: how it presents itself, what it can be asked for, and how one of its models is specified.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::Model;
use crate::Result;
use crate::options::{ParameterSpec, Values};

/// What a model can be asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    /// It has a prior to draw z from.
    pub sample: bool,
    /// It can be asked for an image of a given class.
    pub conditional: bool,
    /// Its log p(x) has lower bounds and estimators.
    pub likelihood: bool,
    /// Its log p(x) is known exactly, in closed form or as a finite sum.
    pub exact: bool,
    /// It has a network that tells the class of an image.
    pub classifies: bool,
    /// It is fitted by expectation-maximisation or at once, not by gradients: a step is one over all the data.
    pub fitted: bool,
}

/// A family: how it presents itself, what options it takes and how one of its models is built.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelFamily {
    /// Stable name, as specs and the command line spell it.
    pub id: &'static str,
    /// Name for people.
    pub label: &'static str,
    /// One sentence: what it is.
    pub description: &'static str,
    /// The paper it follows.
    pub reference: &'static str,
    /// What each of its models can be asked for. Some options give a model more: ask it ([`Model::capabilities`]).
    pub capabilities: Capabilities,
    /// Its options.
    pub parameters: Vec<ParameterSpec>,
    #[serde(skip)]
    pub(crate) build: fn(&ModelSpec, u64) -> Result<Box<dyn Model>>,
}

/// Which model: its family and a validated value for each of the family's options.
///
/// As JSON it is one flat object: `{"model": "vae", "latents": 2, "hidden": [400], ...}`.
#[derive(Clone, Serialize)]
pub struct ModelSpec {
    #[serde(rename = "model", serialize_with = "id_alone")]
    pub(super) family: &'static ModelFamily,
    /// The options.
    #[serde(flatten)]
    pub values: Values,
}

fn id_alone<S: Serializer>(
    family: &&'static ModelFamily,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(family.id)
}

impl ModelSpec {
    /// The family.
    pub fn family(&self) -> &'static ModelFamily {
        self.family
    }

    /// The flat JSON object, which [`ModelSpec::from_json`] reads.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl PartialEq for ModelSpec {
    fn eq(&self, other: &Self) -> bool {
        self.family.id == other.family.id && self.values == other.values
    }
}

impl fmt::Debug for ModelSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelSpec")
            .field("family", &self.family.id)
            .field("values", &self.values)
            .finish()
    }
}
