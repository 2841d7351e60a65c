//! The hyper-parameters of training, as options that describe themselves.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::data::Binarization;
use crate::models::{Model, ModelSpec};
use crate::nn::optimiser::Optimiser;
use crate::objectives::{ElboOptions, Minibatch, Objective};
use crate::options::Values;
use crate::train::parameters::{AS_MODEL, train_parameters};
use crate::{Error, Result};

/// Codes that one step may decode: what it keeps of them for its gradients is some 300 MB, and a tab may
/// have no more.
const MOST_ROWS: u64 = 20_000;

/// Validated hyper-parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainOptions {
    values: Values,
    /// None until a model says what its pixels are.
    binarization: Option<Binarization>,
    objective: Objective,
    minibatch: Minibatch,
    optimiser: Optimiser,
}

impl TrainOptions {
    /// Validates a flat JSON object; options left out take their defaults.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for an unknown or wrong option, or one away from its default that does nothing with the
    /// others.
    pub fn from_json(json: &Value) -> Result<Self> {
        Self::from_values(Values::validate(&given(json)?, &train_parameters())?)
    }

    /// [`TrainOptions::from_json`] of a stored run of this model: what does nothing takes its default.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for an unknown or wrong option.
    pub(crate) fn restore(json: &Value, spec: &ModelSpec) -> Result<Self> {
        let model = by_name(spec);
        Self::from_values(Values::restore(&given(json)?, &train_parameters(), &model)?)
    }

    pub(super) fn from_values(values: Values) -> Result<Self> {
        let objective = Objective::parse(values.choice("objective"))?;
        let rows = values.integer("batchSize") * values.integer("draws");
        if rows > MOST_ROWS {
            return Err(Error::argument(format!(
                "a step would decode {rows} codes, batch size times draws; at most {MOST_ROWS} fit"
            )));
        }
        Ok(Self {
            binarization: match values.choice("binarization") {
                AS_MODEL => None,
                name => Some(Binarization::parse(name)?),
            },
            minibatch: Minibatch::parse(values.choice("minibatch"))?,
            optimiser: Optimiser::parse(values.choice("optimiser"))?,
            objective,
            values,
        })
    }

    /// The flat JSON object, every option present.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(&self.values).unwrap_or_default()
    }

    /// How pixels are shown to this model.
    pub fn binarization(&self, model: &dyn Model) -> Binarization {
        let usual = || Binarization::usual(model.likelihood().is_binary());
        self.binarization.unwrap_or_else(usual)
    }

    /// Refuses an option away from its default that does nothing for such a model.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`], which says what would make it act.
    pub fn check_for(&self, spec: &ModelSpec) -> Result<()> {
        self.values.refuse_idle(&train_parameters(), &by_name(spec))
    }

    /// The options of a run with this model: what it decides is written down.
    pub(crate) fn for_model(mut self, model: &dyn Model) -> Result<Self> {
        let binarization = self.binarization(model);
        self.binarization = Some(binarization);
        self.replace("binarization", &binarization.name().into())?;
        Ok(self)
    }

    fn replace(&mut self, name: &str, value: &Value) -> Result<()> {
        let parameters = train_parameters();
        match parameters.iter().find(|p| p.name == name) {
            Some(parameter) => self.values.replace(parameter, value),
            None => Ok(()),
        }
    }

    /// The bound that is maximised.
    pub fn objective(&self) -> Objective {
        self.objective
    }

    /// How weights follow their gradients.
    pub fn optimiser(&self) -> Optimiser {
        self.optimiser
    }

    /// Whether an untouched decoder first learns the mean of the data.
    pub fn starts_from_mean(&self) -> bool {
        self.values.choice("firstImage") == "mean"
    }

    /// Draws of z for each image.
    pub fn draws(&self) -> usize {
        self.values.integer("draws") as usize
    }

    /// Images whose class may be known; 0 for all.
    pub fn labelled(&self) -> usize {
        self.values.integer("labelled") as usize
    }

    /// Share of the labels that a conditional model is not told.
    pub fn label_dropout(&self) -> f64 {
        self.values.number("labelDropout")
    }

    /// Share of the pixels that the encoder sees replaced at random.
    pub fn corruption(&self) -> f64 {
        self.values.number("corruption")
    }

    /// Images per step.
    pub fn batch_size(&self) -> usize {
        self.values.integer("batchSize") as usize
    }

    /// What fixes every random choice of the run.
    pub fn seed(&self) -> u64 {
        self.values.integer("seed")
    }

    /// The learning rate before decay.
    pub fn base_learning_rate(&self) -> f64 {
        self.values.number("learningRate")
    }

    /// Changes the learning rate of a run.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] outside the option's range.
    pub fn set_learning_rate(&mut self, rate: f64) -> Result<()> {
        self.replace("learningRate", &rate.into())
    }

    /// The learning rate at this step: a half cosine from the base to a hundredth of it.
    pub fn learning_rate(&self, step: u64) -> f64 {
        let base = self.base_learning_rate();
        match self.values.integer("decaySteps") {
            0 => base,
            steps => {
                let progress = (step as f64 / steps as f64).min(1.0);
                let cosine = 0.5 * (1.0 + (std::f64::consts::PI * progress).cos());
                base * (0.01 + 0.99 * cosine)
            }
        }
    }

    /// The weights of the bound's terms at this step of a run on `data_size` images.
    pub fn elbo(&self, step: u64, data_size: usize) -> ElboOptions {
        let warmup = self.values.integer("warmupSteps");
        let rise = match warmup {
            0 => 1.0,
            steps => (step as f64 / steps as f64).min(1.0),
        };
        ElboOptions {
            beta: self.values.number("beta") * rise,
            free_bits: self.values.number("freeBits"),
            class_weight: self.values.number("classWeight"),
            mmd_weight: self.values.number("mmdWeight"),
            minibatch: self.minibatch,
            data_size,
        }
    }
}

fn given(json: &Value) -> Result<BTreeMap<String, Value>> {
    serde::Deserialize::deserialize(json)
        .map_err(|cause| Error::argument(format!("not training options: {cause}")))
}

/// A model's family and options, for the options of training that depend on them.
fn by_name(spec: &ModelSpec) -> BTreeMap<String, Value> {
    let mut options = spec.values.by_name().clone();
    options.insert("model".to_owned(), spec.family().id.into());
    options
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::models::{self, ModelSpec};

    #[test]
    fn schedules_have_their_ends() {
        let options =
            json!({"learningRate": 0.01, "decaySteps": 100, "beta": 4, "warmupSteps": 10});
        let mut options = TrainOptions::from_json(&options).unwrap();
        assert_eq!(options.learning_rate(0), 0.01);
        assert!((options.learning_rate(50) - 0.00505).abs() < 1e-9);
        assert!((options.learning_rate(500) - 0.0001).abs() < 1e-12);
        assert_eq!(options.elbo(0, 1).beta, 0.0);
        assert_eq!(options.elbo(5, 1).beta, 2.0);
        assert_eq!(options.elbo(50, 1).beta, 4.0);
        options.set_learning_rate(0.5).unwrap();
        assert_eq!(options.learning_rate(0), 0.5);
        assert!(options.set_learning_rate(f64::NAN).is_err());
        assert_eq!(options.base_learning_rate(), 0.5);
    }

    /// A run shows the pixels that its model's likelihood is of, unless told otherwise, and writes down which.
    #[test]
    fn pixels_follow_the_likelihood() {
        for (spec, usual) in [
            (json!({"model": "vae", "hidden": []}), "dynamic"),
            (
                json!({"model": "vae", "hidden": [], "likelihood": "gaussian-pixel"}),
                "grey",
            ),
            (
                json!({"model": "vae", "hidden": [], "likelihood": "continuous-bernoulli"}),
                "grey",
            ),
            (json!({"model": "ppca"}), "grey"),
            (json!({"model": "factor-analysis"}), "grey"),
            (json!({"model": "bernoulli-mixture"}), "dynamic"),
        ] {
            let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 1).unwrap();
            let shown = |given: Value| {
                let options = TrainOptions::from_json(&given).unwrap();
                let options = options.for_model(model.as_ref()).unwrap();
                let written = options.to_json()["binarization"].clone();
                assert_eq!(written, options.binarization(model.as_ref()).name());
                written
            };
            assert_eq!(shown(json!({})), usual, "{spec}");
            assert_eq!(shown(json!({"binarization": "static"})), "static", "{spec}");
        }
    }

    #[test]
    fn wrong_options_are_refused() {
        for wrong in [
            json!({"learningRate": 0}),
            json!({"batchSize": 0}),
            json!({"binarization": "soft"}),
            json!({"momentum": 0.9}),
            json!([]),
        ] {
            assert_eq!(
                TrainOptions::from_json(&wrong).unwrap_err().code(),
                "invalid-argument"
            );
        }
    }
}
