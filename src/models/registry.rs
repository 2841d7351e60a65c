//! Which model families there are. A new one is a file beside this and a line in [`families`].

use serde::Serialize;

use super::linear_factors::{factor_analysis, ppca};
use super::{Model, ModelSpec, ae, bernoulli_mixture, categorical_vae, cvae, m2, vae};
use crate::options::ParameterSpec;
use crate::{Error, Result};

/// What a family of models can be asked for.
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
    /// It tells the class of an image.
    pub classifies: bool,
    /// It is fitted by expectation-maximisation or at once, not by gradients: a step is one over all the data.
    pub fitted: bool,
}

/// A registered family: how it presents itself, what options it takes and how one is built.
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
    /// What it can be asked for.
    pub capabilities: Capabilities,
    /// Its options.
    pub parameters: Vec<ParameterSpec>,
    #[serde(skip)]
    pub(crate) build: fn(&ModelSpec, u64) -> Result<Box<dyn Model>>,
}

/// Every family, in the order to show them; the VAE alone without the feature `complete`.
pub fn families() -> Vec<ModelFamily> {
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
}

/// The family of this id.
///
/// # Errors
///
/// [`Error::UnknownModel`], which lists the known ids.
pub fn family(id: &str) -> Result<ModelFamily> {
    let families = families();
    let known: Vec<_> = families.iter().map(|family| family.id).collect();
    let known = known.join(", ");
    let found = families.into_iter().find(|family| family.id == id);
    found.ok_or_else(|| Error::UnknownModel {
        name: id.to_owned(),
        known,
    })
}

/// An untrained model: the same spec and seed give the same weights.
///
/// # Errors
///
/// [`Error::UnknownModel`] when the spec names no registered family.
pub fn build(spec: &ModelSpec, seed: u64) -> Result<Box<dyn Model>> {
    (family(&spec.model)?.build)(spec, seed)
}
