//! `latent-canvas inspect` and `latent-canvas models`.

use std::path::PathBuf;

use latent_canvas::checkpoint::{self, Checkpoint};
use latent_canvas::models;
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
    } = checkpoint::load(&bytes)?;
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
        for parameter in family.parameters {
            println!("  --set {}=…  {}", parameter.name, parameter.description);
        }
    }
    println!("training");
    for parameter in train_parameters() {
        println!("  --set {}=…  {}", parameter.name, parameter.description);
    }
    Ok(())
}

fn pretty(value: &Value) -> Result<String> {
    serde_json::to_string_pretty(value).map_err(|cause| Error::Checkpoint(cause.to_string()))
}
