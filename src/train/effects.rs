//! Every option of every family and of training, from its spec alone: by training with it, not by reading.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value, json};

use super::{TrainOptions, Trainer, train_parameters};
use crate::checkpoint::{Contents, Precision, TRAINER_KEY};
use crate::data::Dataset;
use crate::models::{self, ModelFamily, ModelSpec, families};
use crate::objectives::Objective;
use crate::options::{Condition, Dependency, ParameterKind, ParameterSpec, Values};
use crate::{Error, Result};

/// Numbers that are nearer than this to each other, or than this share, are the same but for rounding.
const ROUNDING: f32 = 1e-5;

/// Objectives, each with every beta that options depend on.
const OBJECTIVES: [(&str, f64); 14] = [
    ("elbo", 1.0),
    ("elbo", 0.0),
    ("elbo", 4.0),
    ("iwae", 1.0),
    ("iwae", 0.0),
    ("iwae", 4.0),
    ("dreg", 1.0),
    ("dreg", 0.0),
    ("dreg", 4.0),
    ("wae", 1.0),
    ("tc", 1.0),
    ("tc", 0.0),
    ("tc", 4.0),
    ("exact", 1.0),
];

/// A model's options and those of its training, by name.
type Setting = BTreeMap<String, Value>;

/// A family with the options of training beside its own.
struct Table {
    family: &'static ModelFamily,
    parameters: Vec<ParameterSpec>,
}

impl Table {
    fn all() -> Vec<Self> {
        let table = |family: &'static ModelFamily| Self {
            family,
            parameters: [family.parameters.clone(), train_parameters()].concat(),
        };
        families().iter().map(table).collect()
    }

    fn parameter(&self, name: &str) -> Option<&ParameterSpec> {
        self.parameters.iter().find(|p| p.name == name)
    }

    /// The defaults, but for sizes.
    fn start(&self) -> Setting {
        let spec = ModelSpec::from_json(&json!({"model": self.family.id})).unwrap();
        let training = TrainOptions::from_json(&json!({})).unwrap();
        let mut setting: Setting = serde_json::from_value(spec.to_json()).unwrap();
        setting.extend(serde_json::from_value::<Setting>(training.to_json()).unwrap());
        if !self.family.capabilities.fitted {
            setting.insert("batchSize".to_owned(), json!(8));
        }
        for (name, small) in [
            ("latents", json!(2)),
            ("hidden", json!([4])),
            ("categories", json!(3)),
            ("components", json!(3)),
        ] {
            if self.family.parameters.iter().any(|p| p.name == name) {
                setting.insert(name.to_owned(), small);
            }
        }
        setting
    }

    /// Gives the other options values with which this one acts, if that can be.
    fn meet(&self, parameter: &ParameterSpec, setting: &mut Setting) -> bool {
        parameter.depends_on.iter().all(|dependency| {
            if dependency.holds(setting) {
                return true;
            }
            let Some(other) = self.parameter(dependency.option) else {
                return false;
            };
            let value = match (&dependency.condition, &other.kind) {
                (Condition::OneOf(names), _) => json!(names[0]),
                (Condition::Above(least), ParameterKind::IntegerList { .. }) => {
                    json!(vec![4; *least as usize + 1])
                }
                (Condition::Above(number) | Condition::OtherThan(number), _) => json!(number + 1),
            };
            setting.insert(other.name.to_owned(), value);
            self.meet(other, setting)
        })
    }

    /// The setting with another value of the option that the dependency is on, so that it does not hold.
    fn broken(&self, dependency: &Dependency, setting: &Setting) -> Option<Setting> {
        if !dependency.holds(setting) {
            return Some(setting.clone());
        }
        let other = self.parameter(dependency.option)?;
        let value = match (&dependency.condition, &other.kind) {
            (Condition::OneOf(names), ParameterKind::Choice { options, .. }) => {
                json!(options.iter().find(|option| !names.contains(option)))
            }
            (Condition::Above(0), ParameterKind::IntegerList { .. }) => json!([]),
            (Condition::Above(number) | Condition::OtherThan(number), _) => json!(number),
            (Condition::OneOf(_), _) => panic!("{dependency:?} is on no choice"),
        };
        let mut setting = setting.clone();
        setting.insert(other.name.to_owned(), value);
        Some(setting)
    }

    fn part(&self, setting: &Setting, of_model: bool) -> Value {
        let known =
            |name: &str| name == "model" || self.family.parameters.iter().any(|p| p.name == name);
        let part = setting.iter().filter(|(name, _)| known(name) == of_model);
        json!(part.collect::<BTreeMap<_, _>>())
    }

    /// Refused with a sentence, or the options of both.
    fn checked(&self, setting: &Setting) -> Result<(ModelSpec, TrainOptions)> {
        let spec = ModelSpec::from_json(&self.part(setting, true))?;
        let options = TrainOptions::from_json(&self.part(setting, false))?;
        options.check_for(&spec)?;
        Ok((spec, options))
    }

    /// Weights after some steps and the loss on the way, options that do nothing included.
    fn trained(&self, setting: &Setting, data: &Rc<Dataset>) -> Result<Vec<Vec<f32>>> {
        let given = |of_model| -> Setting {
            let mut given: Setting = serde_json::from_value(self.part(setting, of_model)).unwrap();
            given.remove("model");
            given
        };
        let mut spec = ModelSpec::from_json(&json!({"model": self.family.id}))?;
        spec.values = Values::in_range(&given(true), &self.family.parameters)?;
        let options = Values::in_range(&given(false), &train_parameters())?;
        let options = TrainOptions::from_values(options)?;
        let model = models::build(&spec, 1)?;
        let mut trainer = Trainer::begin(model.as_ref(), Rc::clone(data), options)?;
        // A fit sees all the data in one.
        let steps = 3 - 2 * usize::from(self.family.capabilities.fitted);
        let loss = trainer.step(steps)?.loss;
        let mut numbers = trainer.model().parameters().values()?;
        numbers.push(vec![loss as f32]);
        Ok(numbers)
    }
}

/// Values in range that are not this one: of a choice every other.
fn moved(parameter: &ParameterSpec, from: Option<&Value>) -> Vec<Value> {
    match &parameter.kind {
        ParameterKind::Integer { default, .. } => {
            let from = from.map_or(*default, |from| from.as_u64().unwrap());
            vec![json!(from + 1)]
        }
        ParameterKind::Number { max, default, .. } => vec![json!(0.5 * (default + max))],
        ParameterKind::Choice {
            options, default, ..
        } => {
            let from = from.map_or(*default, |from| from.as_str().unwrap());
            let others = options.iter().filter(|option| **option != from);
            others.map(|option| json!(option)).collect()
        }
        ParameterKind::IntegerList { min, .. } => vec![json!([min])],
    }
}

fn with(setting: &Setting, name: &str, value: &Value) -> Setting {
    let mut setting = setting.clone();
    setting.insert(name.to_owned(), value.clone());
    setting
}

fn differ(before: &[Vec<f32>], after: &[Vec<f32>]) -> bool {
    let (before, after) = (before.concat(), after.concat());
    let pairs = before.iter().zip(&after);
    before.len() != after.len()
        || pairs
            .into_iter()
            .any(|(a, b)| (a - b).abs() > ROUNDING * a.abs().max(1.0))
}

/// Each option of each family that depends on others: taken where all of them hold, and refused where one does not, with a
/// sentence that says what would make it act. In a file it is ignored.
#[test]
fn what_depends_on_others_is_taken_with_them_and_refused_without() {
    let (mut taken, mut refused) = (BTreeMap::new(), BTreeMap::new());
    for table in Table::all() {
        let dependent = table.parameters.iter().filter(|p| !p.depends_on.is_empty());
        for parameter in dependent {
            let name = parameter.name;
            let value = &moved(parameter, None)[0];
            let mut acting = table.start();
            acting.remove(name);
            if table.meet(parameter, &mut acting) {
                table.checked(&with(&acting, name, value)).unwrap();
                *taken.entry(name).or_insert(0) += 1;
            }
            for dependency in &parameter.depends_on {
                let Some(idle) = table.broken(dependency, &acting) else {
                    continue;
                };
                let idle = with(&idle, name, value);
                match table.checked(&idle) {
                    Err(Error::InvalidArgument(text)) => {
                        let starts = format!("{name} does nothing while {} is ", dependency.option);
                        assert!(text.starts_with(&starts), "{}: {text}", table.family.id);
                        let remedy = format!("it acts where {dependency}; leave it at ");
                        assert!(text.contains(&remedy), "{}: {text}", table.family.id);
                    }
                    other => panic!("{} {idle:?}: {other:?}", table.family.id),
                }
                *refused.entry(name).or_insert(0) += 1;

                let spec = ModelSpec::restore(&table.part(&idle, true)).unwrap();
                let options = TrainOptions::restore(&table.part(&idle, false), &spec).unwrap();
                let read = [spec.to_json(), options.to_json()];
                let read = read.iter().find_map(|json| json.get(name));
                assert_eq!(
                    read,
                    Some(&parameter.default_value()),
                    "{}",
                    table.family.id
                );
                options.check_for(&spec).unwrap();
            }
        }
    }
    for table in Table::all() {
        for parameter in table.parameters.iter().filter(|p| !p.depends_on.is_empty()) {
            assert!(taken.contains_key(parameter.name), "{}", parameter.name);
            assert!(refused.contains_key(parameter.name), "{}", parameter.name);
        }
    }
}

/// Each option of training, with each objective that fits the family: where it is taken it changes loss or weights, and
/// where it is refused it does not.
#[test]
fn options_of_training_change_a_run_where_they_are_taken_and_nowhere_else() {
    let data = Rc::new(Dataset::strokes(40, 1).unwrap());
    let mut tried = 0;
    for table in Table::all() {
        let mut start = table.start();
        if table.parameter("variables").is_some() {
            // What one variable alone makes of its draws is seen below.
            start.insert("variables".to_owned(), json!(2));
        }
        for (objective, beta) in OBJECTIVES {
            let mut start = start.clone();
            start.extend([
                ("objective".to_owned(), json!(objective)),
                ("beta".to_owned(), json!(beta)),
            ]);
            // An objective that does not fit the family is refused as such.
            let before = match (table.checked(&start), table.trained(&start, &data)) {
                (Ok(_), Ok(before)) => before,
                (_, Err(Error::Unsupported(_))) | (Err(Error::InvalidArgument(_)), Ok(_)) => {
                    continue;
                }
                other => panic!("{}: {other:?}", table.family.id),
            };
            tried += 1;
            for parameter in train_parameters() {
                // Where nothing is drawn, as in the fit of PPCA, a seed is a name for the run.
                if ["objective", "seed"].contains(&parameter.name) {
                    continue;
                }
                for value in moved(&parameter, start.get(parameter.name)) {
                    let usual = ["grey", "dynamic"].contains(&value.as_str().unwrap_or_default());
                    if parameter.name == "binarization" && usual {
                        // One of them is what the model shows by itself.
                        continue;
                    }
                    let setting = with(&start, parameter.name, &value);
                    let is_taken = table.checked(&setting).is_ok();
                    let after = table.trained(&setting, &data).unwrap();
                    assert_eq!(
                        differ(&before, &after),
                        is_taken,
                        "{} with {objective} and beta {beta}: {} {value}",
                        table.family.id,
                        parameter.name
                    );
                }
            }
        }
    }
    assert!(tried > 20, "{tried}");
}

/// The objectives that fit a family are different ones.
#[test]
fn objectives_change_a_run() {
    let data = Rc::new(Dataset::strokes(40, 1).unwrap());
    for table in Table::all()
        .iter()
        .filter(|t| !t.family.capabilities.fitted)
    {
        let start = table.start();
        let before = table.trained(&start, &data).unwrap();
        for objective in &Objective::NAMES[1..] {
            match table.trained(&with(&start, "objective", &json!(objective)), &data) {
                Err(Error::Unsupported(_)) => {}
                after => assert!(
                    differ(&before, &after.unwrap()),
                    "{}, {objective}",
                    table.family.id
                ),
            }
        }
    }
}

/// Each option of each family: where it is taken it changes loss or weights, and where it is refused it does not.
#[test]
fn options_of_models_change_a_run_where_they_are_taken_and_nowhere_else() {
    let data = Rc::new(Dataset::strokes(40, 1).unwrap());
    for table in Table::all() {
        for parameter in &table.family.parameters {
            let mut start = table.start();
            let mut settings = vec![start.clone()];
            for dependency in &parameter.depends_on {
                settings.extend(table.broken(dependency, &start));
            }
            if table.meet(parameter, &mut start) {
                settings.push(start);
            }
            for start in settings {
                let before = table.trained(&start, &data).unwrap();
                for value in moved(parameter, start.get(parameter.name)) {
                    let setting = with(&start, parameter.name, &value);
                    let is_taken = table.checked(&setting).is_ok();
                    let after = table.trained(&setting, &data).unwrap();
                    assert_eq!(
                        differ(&before, &after),
                        is_taken,
                        "{}: {} {value}",
                        table.family.id,
                        parameter.name
                    );
                }
            }
        }
    }
}

/// Files from before what does nothing was refused are read, and go on as if it were not there.
#[test]
fn a_file_with_what_does_nothing_goes_on() {
    let data = Rc::new(Dataset::strokes(40, 1).unwrap());
    let spec = json!({"model": "vae", "latents": 2, "hidden": [4]});
    let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 1).unwrap();
    let options = json!({"objective": "iwae", "draws": 2, "batchSize": 8});
    let options = TrainOptions::from_json(&options).unwrap();
    let mut run = Trainer::new(model.as_ref(), Rc::clone(&data), options).unwrap();
    run.step(2).unwrap();
    let mut contents = Contents::from_bytes(&run.save().unwrap()).unwrap();
    for (key, part, name, value) in [
        ("spec", None, "priorComponents", json!(8)),
        (TRAINER_KEY, Some("options"), "freeBits", json!(0.5)),
    ] {
        let stored = contents.metadata.get_mut(key).unwrap();
        let options = match part {
            Some(part) => &mut stored[part],
            None => stored,
        };
        assert!(options[name].is_number());
        options[name] = value;
    }
    let bytes = contents.to_bytes(Precision::Full).unwrap();
    let mut read = Trainer::resume(&bytes, data).unwrap();
    assert_eq!(read.model().spec(), run.model().spec());
    assert_eq!(read.options(), run.options());
    assert_eq!(read.step(2).unwrap().loss, run.step(2).unwrap().loss);
}

#[test]
fn every_choice_has_a_name_and_a_sentence_of_its_own() {
    for parameter in Table::all().iter().flat_map(|table| &table.parameters) {
        if let ParameterKind::Choice { options, texts, .. } = &parameter.kind {
            assert_eq!(options.len(), texts.len(), "{}", parameter.name);
            let labels: BTreeMap<_, _> = texts.iter().map(|t| (t.label, t.description)).collect();
            assert_eq!(labels.len(), texts.len(), "{}", parameter.name);
            assert!(texts.iter().all(|text| text.description.ends_with('.')));
        }
    }
}

/// One variable is summed over, without draws.
#[test]
fn draws_of_one_categorical_variable_are_refused_and_nothing_is_trained_alone_by_tc() {
    let one = ModelSpec::from_json(&json!({"model": "categorical-vae"})).unwrap();
    let draws = TrainOptions::from_json(&json!({"draws": 3})).unwrap();
    assert_eq!(
        draws.check_for(&one).unwrap_err().to_string(),
        "draws does nothing while variables is 1: it acts where variables is more than 1; leave it at 1"
    );
    let data = Rc::new(Dataset::strokes(20, 1).unwrap());
    let lone = ModelSpec::from_json(&json!({"model": "vae", "latents": 1})).unwrap();
    let tc = TrainOptions::from_json(&json!({"objective": "tc"})).unwrap();
    let refused = Trainer::new(models::build(&lone, 1).unwrap().as_ref(), data, tc);
    assert_eq!(refused.unwrap_err().code(), "unsupported");
}
