//! `latent-canvas quantise`: the weights of a model in 8 bits, for a file that is quick to fetch.

use std::path::PathBuf;

use latent_canvas::Result;
use latent_canvas::checkpoint::{self, Checkpoint, Precision};
use serde_json::{Value, json};

use crate::files;

#[derive(clap::Args)]
pub struct Arguments {
    /// The checkpoint
    file: PathBuf,
    /// The checkpoint to write; its figures must be measured anew
    #[arg(long)]
    out: PathBuf,
    /// Each weight becomes a whole number from -N to N times the scale of its row; fewer levels compress better
    #[arg(long, value_name = "N", default_value_t = 127, value_parser = clap::value_parser!(u8).range(1..=127))]
    levels: u8,
}

pub fn run(arguments: Arguments) -> Result<()> {
    let Checkpoint { model, provenance } = files::read_checkpoint(&arguments.file)?;
    let mut provenance = provenance
        .filter(Value::is_object)
        .unwrap_or_else(|| json!({}));
    // What was measured belongs to the weights before; their log p(x) stays, to tell what storing them so costs.
    let before = provenance["metrics"].take();
    provenance["quantised"] = json!({ "levels": arguments.levels, "nllBefore": before["nll"] });
    let precision = Precision::Rows {
        levels: arguments.levels,
    };
    let bytes = checkpoint::save(model.as_ref(), Some(&provenance), precision)?;
    files::write(&arguments.out, &bytes)
}
