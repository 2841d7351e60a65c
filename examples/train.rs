//! Trains a VAE with two latents on digits that the crate draws itself, and writes it to a file that the page and the
//! command line open: `cargo run --release --example train -- strokes.safetensors`

// A program may write files.
#![allow(clippy::disallowed_methods)]

use std::rc::Rc;

use latent_canvas::checkpoint::{self, Precision};
use latent_canvas::data::Dataset;
use latent_canvas::models::{self, ModelSpec};
use latent_canvas::train::{TrainOptions, Trainer};
use latent_canvas::{Error, Result};
use serde_json::json;

fn main() -> Result<()> {
    let digits = Rc::new(Dataset::strokes(2000, 1)?);
    let spec = ModelSpec::from_json(&json!({ "model": "vae", "latents": 2, "hidden": [128] }))?;
    let untrained = models::build(&spec, 1)?;
    let options = json!({ "learningRate": 0.002, "batchSize": 64, "seed": 1 });
    let options = TrainOptions::from_json(&options)?;
    let mut trainer = Trainer::new(untrained.as_ref(), digits, options)?;
    for _ in 0..10 {
        let report = trainer.step(30)?;
        println!("step {}: ELBO {:.1} nats", report.step, report.elbo);
    }
    if let Some(file) = std::env::args().nth(1) {
        let bytes = checkpoint::save(trainer.model(), None, Precision::Full)?;
        std::fs::write(&file, bytes).map_err(|cause| Error::Io(cause.to_string()))?;
        println!("{file}");
    }
    Ok(())
}
