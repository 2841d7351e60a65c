//! Options that describe themselves: a caller, the command line or the page draws its controls from
//! them, and one validation serves all.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::{Error, Result};

/// One option: its name, meaning, kind, range and default.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ParameterSpec {
    /// Key of the option, in camel case.
    pub name: &'static str,
    /// Name for people.
    pub label: &'static str,
    /// One sentence: what it does.
    pub description: &'static str,
    /// Unit of the value, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<&'static str>,
    /// What other options must be for this one to act: all of these hold.
    #[cfg_attr(feature = "complete", serde(skip_serializing_if = "Vec::is_empty"))]
    #[cfg_attr(not(feature = "complete"), serde(skip))]
    pub depends_on: Vec<Dependency>,
    /// Kind, range and default.
    #[serde(flatten)]
    pub kind: ParameterKind,
}

/// What another option must be for an option to act. "model", the family, is an option like any other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dependency {
    /// Name of the other option.
    pub option: &'static str,
    /// What it must be.
    #[serde(flatten)]
    pub condition: Condition,
}

/// What is asked of a value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// To be one of these names.
    OneOf(Vec<&'static str>),
    /// To be a larger number, or a list of more elements.
    Above(u64),
    /// To be another number.
    OtherThan(u64),
}

impl Dependency {
    /// The option must be one of these names.
    pub(crate) fn on(option: &'static str, names: impl Into<Vec<&'static str>>) -> Self {
        let condition = Condition::OneOf(names.into());
        Self { option, condition }
    }

    /// The option must be a number larger than this, or a list of more elements.
    pub(crate) fn on_more(option: &'static str, than: u64) -> Self {
        let condition = Condition::Above(than);
        Self { option, condition }
    }

    /// The option must be another number.
    pub(crate) fn on_other(option: &'static str, than: u64) -> Self {
        let condition = Condition::OtherThan(than);
        Self { option, condition }
    }

    pub(crate) fn holds(&self, options: &BTreeMap<String, Value>) -> bool {
        let Some(value) = options.get(self.option) else {
            return true;
        };
        match (&self.condition, value) {
            (Condition::OneOf(names), _) => value.as_str().is_some_and(|v| names.contains(&v)),
            (Condition::Above(least), Value::Array(items)) => items.len() as u64 > *least,
            (Condition::Above(least), _) => value.as_f64().is_some_and(|v| v > *least as f64),
            (Condition::OtherThan(number), _) => value.as_f64() != Some(*number as f64),
        }
    }
}

impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is ", self.option)?;
        match &self.condition {
            Condition::OneOf(names) => f.write_str(&names.join(" or ")),
            Condition::Above(0) => f.write_str("neither 0 nor empty"),
            Condition::Above(least) => write!(f, "more than {least}"),
            Condition::OtherThan(number) => write!(f, "other than {number}"),
        }
    }
}

/// What values an option takes. Ranges include both ends.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum ParameterKind {
    /// A whole number.
    Integer {
        /// Smallest value.
        min: u64,
        /// Largest value.
        max: u64,
        /// Value when none is given.
        default: u64,
    },
    /// A real number.
    Number {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
        /// Whether a control should step by factors rather than differences.
        logarithmic: bool,
        /// Value when none is given.
        default: f64,
    },
    /// One of a few names.
    Choice {
        /// The names.
        options: &'static [&'static str],
        /// What each of them is for people.
        #[cfg_attr(not(feature = "complete"), serde(skip))]
        texts: &'static [ChoiceText],
        /// Value when none is given.
        default: &'static str,
    },
    /// A list of whole numbers.
    IntegerList {
        /// Smallest element.
        min: u64,
        /// Largest element.
        max: u64,
        /// Fewest elements.
        min_length: usize,
        /// Most elements.
        max_length: usize,
        /// Value when none is given.
        default: &'static [u64],
    },
}

/// One of a few names, for people.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChoiceText {
    /// Name for people.
    pub label: &'static str,
    /// One sentence: what it does.
    pub description: &'static str,
}

impl ChoiceText {
    pub(crate) const fn new(label: &'static str, description: &'static str) -> Self {
        Self { label, description }
    }
}

impl ParameterSpec {
    /// Whether it has an effect where other options are these. One that is not among them is no hindrance: a part of all
    /// options says nothing of the rest.
    pub fn acts(&self, options: &BTreeMap<String, Value>) -> bool {
        self.missing(options).is_none()
    }

    /// The first dependency that does not hold.
    fn missing(&self, options: &BTreeMap<String, Value>) -> Option<&Dependency> {
        self.depends_on.iter().find(|other| !other.holds(options))
    }

    pub(crate) fn default_value(&self) -> Value {
        match &self.kind {
            ParameterKind::Integer { default, .. } => (*default).into(),
            ParameterKind::Number { default, .. } => (*default).into(),
            ParameterKind::Choice { default, .. } => (*default).into(),
            ParameterKind::IntegerList { default, .. } => default.to_vec().into(),
        }
    }

    /// The value in its canonical form, or an error that says what is allowed.
    fn validate(&self, value: &Value) -> Result<Value> {
        let refuse = |allowed: String| {
            Err(Error::argument(format!(
                "{} must be {allowed}; got {value}",
                self.name
            )))
        };
        match &self.kind {
            ParameterKind::Integer { min, max, .. } => match whole(value) {
                Some(number) if (*min..=*max).contains(&number) => Ok(number.into()),
                _ => refuse(format!("a whole number from {min} to {max}")),
            },
            ParameterKind::Number { min, max, .. } => match value.as_f64() {
                Some(number) if (*min..=*max).contains(&number) => Ok(number.into()),
                _ => refuse(format!("a number from {min} to {max}")),
            },
            ParameterKind::Choice { options, .. } => match value.as_str() {
                Some(name) if options.contains(&name) => Ok(name.into()),
                _ => refuse(format!("one of {}", options.join(", "))),
            },
            ParameterKind::IntegerList {
                min,
                max,
                min_length,
                max_length,
                ..
            } => {
                let numbers: Option<Vec<u64>> = value
                    .as_array()
                    .and_then(|items| items.iter().map(whole).collect());
                match numbers {
                    Some(list)
                        if (*min_length..=*max_length).contains(&list.len())
                            && list.iter().all(|n| (*min..=*max).contains(n)) =>
                    {
                        Ok(list.into())
                    }
                    _ => refuse(format!(
                        "a list of {min_length} to {max_length} whole numbers from {min} to {max}"
                    )),
                }
            }
        }
    }
}

/// What to say of a name that an option does not have.
pub(crate) fn unknown_choice(option: &str, names: &[&str], got: &str) -> Error {
    Error::argument(format!(
        "{option} must be one of {}; got \"{got}\"",
        names.join(", ")
    ))
}

/// A whole number, also when JavaScript wrote it as a float.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        value
            .as_f64()
            .filter(|n| n.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(n))
            .map(|n| n as u64)
    })
}

/// Validated values of a list of options, every option present.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Values(BTreeMap<String, Value>);

impl Values {
    /// Validates `given` against `parameters`, filling in defaults.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for an unknown name, a value out of range, or one away from its default that does not
    /// act.
    pub fn validate(given: &BTreeMap<String, Value>, parameters: &[ParameterSpec]) -> Result<Self> {
        let values = Self::in_range(given, parameters)?;
        if cfg!(feature = "complete") {
            values.refuse_idle(parameters, &BTreeMap::new())?;
        }
        Ok(values)
    }

    /// [`Values::validate`] of what is stored: older programs let values pass that do not act. They take their defaults.
    /// `others` are options that are validated elsewhere.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for an unknown name or a value out of range.
    pub(crate) fn restore(
        given: &BTreeMap<String, Value>,
        parameters: &[ParameterSpec],
        others: &BTreeMap<String, Value>,
    ) -> Result<Self> {
        let mut values = Self::in_range(given, parameters)?;
        if cfg!(feature = "complete") {
            while let Some((idle, _)) = values.first_idle(parameters, others) {
                values.0.insert(idle.name.to_owned(), idle.default_value());
            }
        }
        Ok(values)
    }

    /// Refuses a value away from its default that does not act with the rest of them and `others`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`], which says what would make it act.
    pub(crate) fn refuse_idle(
        &self,
        parameters: &[ParameterSpec],
        others: &BTreeMap<String, Value>,
    ) -> Result<()> {
        let Some((idle, missing)) = self.first_idle(parameters, others) else {
            return Ok(());
        };
        let options = [&self.0, others];
        let is = options.iter().find_map(|all| all.get(missing.option));
        Err(Error::argument(format!(
            "{} does nothing while {} is {}: it acts where {missing}; leave it at {}",
            idle.name,
            missing.option,
            is.unwrap_or(&Value::Null),
            idle.default_value()
        )))
    }

    /// The first option away from its default that does not act, and what it lacks.
    fn first_idle<'a>(
        &self,
        parameters: &'a [ParameterSpec],
        others: &BTreeMap<String, Value>,
    ) -> Option<(&'a ParameterSpec, &'a Dependency)> {
        let changed = |p: &ParameterSpec| self.0.get(p.name) != Some(&p.default_value());
        parameters.iter().filter(|p| changed(p)).find_map(|p| {
            let missing = p.missing(&self.0).or_else(|| p.missing(others));
            missing.map(|missing| (p, missing))
        })
    }

    pub(crate) fn in_range(
        given: &BTreeMap<String, Value>,
        parameters: &[ParameterSpec],
    ) -> Result<Self> {
        if let Some(name) = given
            .keys()
            .find(|name| parameters.iter().all(|p| p.name != name.as_str()))
        {
            let known: Vec<_> = parameters.iter().map(|p| p.name).collect();
            return Err(Error::argument(format!(
                "unknown option \"{name}\"; known options: {}",
                known.join(", ")
            )));
        }
        let mut values = BTreeMap::new();
        for parameter in parameters {
            let value = match given.get(parameter.name) {
                Some(value) => parameter.validate(value)?,
                None => parameter.default_value(),
            };
            values.insert(parameter.name.to_owned(), value);
        }
        Ok(Self(values))
    }

    /// A whole number; 0 if no option has this name.
    pub fn integer(&self, name: &str) -> u64 {
        self.0.get(name).and_then(Value::as_u64).unwrap_or_default()
    }

    /// A number; 0 if no option has this name.
    pub fn number(&self, name: &str) -> f64 {
        self.0.get(name).and_then(Value::as_f64).unwrap_or_default()
    }

    /// A name; empty if no option has this name.
    pub fn choice(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A list of sizes; empty if no option has this name.
    pub fn sizes(&self, name: &str) -> Vec<usize> {
        let items = self.0.get(name).and_then(Value::as_array);
        items
            .into_iter()
            .flatten()
            .filter_map(Value::as_u64)
            .map(|n| n as usize)
            .collect()
    }

    /// All of them by name.
    pub(crate) fn by_name(&self) -> &BTreeMap<String, Value> {
        &self.0
    }

    pub(crate) fn replace(&mut self, parameter: &ParameterSpec, value: &Value) -> Result<()> {
        let value = parameter.validate(value)?;
        self.0.insert(parameter.name.to_owned(), value);
        Ok(())
    }
}
