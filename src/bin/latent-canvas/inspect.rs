//! `latent-canvas inspect` and `latent-canvas models`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use latent_canvas::Result;
use latent_canvas::checkpoint::{self, Checkpoint};
use latent_canvas::models::{self, ModelFamily};
use latent_canvas::options::{ParameterKind, ParameterSpec};
use latent_canvas::train::train_parameters;
use serde::Serialize;
use serde_json::Value;

use crate::files;
use crate::plots::CURVES;
use crate::report::Printable;

#[derive(clap::Args)]
pub struct InspectArguments {
    /// The checkpoint
    file: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub struct ModelsArguments {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    file: PathBuf,
    bytes: usize,
    spec: Value,
    /// How many numbers all tensors hold together.
    parameters: usize,
    /// The shape of each tensor, by name.
    tensors: BTreeMap<String, Vec<usize>>,
    provenance: Option<Value>,
}

pub fn run(arguments: InspectArguments) -> Result<()> {
    let bytes = files::read(&arguments.file)?;
    let Checkpoint {
        model, provenance, ..
    } = files::of_file(&arguments.file, checkpoint::load(&bytes))?;
    let parameters = model.parameters();
    let report = Report {
        bytes: bytes.len(),
        spec: model.spec().to_json(),
        parameters: parameters.count(),
        tensors: parameters
            .iter()
            .map(|(name, var)| (name.to_owned(), var.dims().to_vec()))
            .collect(),
        provenance,
        file: arguments.file,
    };
    report.show(arguments.json)
}

impl Printable for Report {
    fn print(&self) {
        println!("{} ({} bytes)", self.file.display(), self.bytes);
        println!("spec        {}", self.spec);
        println!("parameters  {}", self.parameters);
        for (name, shape) in &self.tensors {
            println!("  {name:<24} {shape:?}");
        }
        match &self.provenance {
            Some(provenance) => println!("provenance  {:#}", in_short(provenance)),
            None => println!("provenance  none recorded"),
        }
    }
}

/// The registry.
#[derive(Serialize)]
struct ModelsReport {
    models: &'static [ModelFamily],
    training: Vec<ParameterSpec>,
}

pub fn models(arguments: ModelsArguments) -> Result<()> {
    let report = ModelsReport {
        models: models::families(),
        training: train_parameters(),
    };
    report.show(arguments.json)
}

impl Printable for ModelsReport {
    fn print(&self) {
        for family in self.models {
            println!(
                "{}  {} ({})",
                family.id, family.description, family.reference
            );
            family.parameters.iter().for_each(explain);
        }
        println!("training");
        self.training.iter().for_each(explain);
    }
}

/// An option as it is written on the command line, with its default, meaning and range.
fn explain(parameter: &ParameterSpec) {
    let (default, values) = match &parameter.kind {
        ParameterKind::Integer { min, max, default } => {
            (default.to_string(), format!("{min} to {max}"))
        }
        ParameterKind::Number {
            min, max, default, ..
        } => (default.to_string(), format!("{min} to {max}")),
        ParameterKind::Choice {
            options, default, ..
        } => ((*default).to_owned(), options.join(", ")),
        ParameterKind::IntegerList {
            min,
            max,
            min_length,
            max_length,
            default,
        } => {
            let default: Vec<String> = default.iter().map(ToString::to_string).collect();
            let values =
                format!("{min_length} to {max_length} numbers of {min} to {max}, as 400,200");
            (default.join(","), values)
        }
    };
    let unit = parameter
        .unit
        .map(|unit| format!(" {unit}"))
        .unwrap_or_default();
    println!("  --set {}={default}", parameter.name);
    println!("      {} [{values}{unit}]", parameter.description);
    if let ParameterKind::Choice { options, texts, .. } = &parameter.kind {
        for (option, text) in options.iter().zip(*texts) {
            println!("        {option:<20} {}: {}", text.label, text.description);
        }
    }
    if !parameter.depends_on.is_empty() {
        let others: Vec<String> = parameter
            .depends_on
            .iter()
            .map(ToString::to_string)
            .collect();
        println!("      acts where {}", others.join(", "));
    }
}

/// Without the points of a run's curves, which fill screens.
fn in_short(provenance: &Value) -> Value {
    let mut short = provenance.clone();
    if let Some(curves) = short.get_mut(CURVES) {
        let points = curves["training"].as_array().map_or(0, Vec::len);
        *curves = format!("{points} points").into();
    }
    short
}
