//! `latent-canvas inspect` and `latent-canvas models`.

use std::path::PathBuf;

use latent_canvas::checkpoint::{self, Checkpoint};
use latent_canvas::models;
use latent_canvas::options::{ParameterKind, ParameterSpec};
use latent_canvas::train::train_parameters;
use latent_canvas::{Error, Result};
use serde_json::{Value, json};

use crate::files;

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

pub fn run(arguments: InspectArguments) -> Result<()> {
    let bytes = files::read(&arguments.file)?;
    let Checkpoint {
        model, provenance, ..
    } = files::of_file(&arguments.file, checkpoint::load(&bytes))?;
    let tensors: Vec<(&str, &[usize])> = model
        .parameters()
        .iter()
        .map(|(name, var)| (name, var.dims()))
        .collect();
    if arguments.json {
        let shapes: serde_json::Map<String, Value> = tensors
            .iter()
            .map(|(name, shape)| ((*name).to_owned(), json!(shape)))
            .collect();
        let object = json!({
            "file": arguments.file, "bytes": bytes.len(), "spec": model.spec().to_json(),
            "parameters": model.parameters().count(), "tensors": shapes, "provenance": provenance,
        });
        println!("{object}");
        return Ok(());
    }
    println!("{} ({} bytes)", arguments.file.display(), bytes.len());
    println!("spec        {}", model.spec().to_json());
    println!("parameters  {}", model.parameters().count());
    for (name, shape) in tensors {
        println!("  {name:<24} {shape:?}");
    }
    match provenance {
        Some(provenance) => println!("provenance  {}", pretty(&provenance)?),
        None => println!("provenance  none recorded"),
    }
    Ok(())
}

pub fn models(arguments: ModelsArguments) -> Result<()> {
    let families = models::families();
    if arguments.json {
        println!(
            "{}",
            json!({ "models": families, "training": train_parameters() })
        );
        return Ok(());
    }
    for family in families {
        println!(
            "{}  {} ({})",
            family.id, family.description, family.reference
        );
        family.parameters.iter().for_each(explain);
    }
    println!("training");
    train_parameters().iter().for_each(explain);
    Ok(())
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
        ParameterKind::Choice { options, default } => ((*default).to_owned(), options.join(", ")),
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
}

fn pretty(value: &Value) -> Result<String> {
    serde_json::to_string_pretty(value).map_err(|cause| Error::Checkpoint(cause.to_string()))
}
