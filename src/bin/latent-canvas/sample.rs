//! `latent-canvas sample`: draws images from a model.

use std::path::PathBuf;

use latent_canvas::Result;
use latent_canvas::models::inference;
use serde::Serialize;

use crate::files;
use crate::numbers::at_least;
use crate::plots::PictureFile;
use crate::report::Printable;

#[derive(clap::Args)]
pub struct Arguments {
    /// The checkpoint
    file: PathBuf,
    /// How many images
    #[arg(long, default_value_t = 64, value_parser = at_least::<1>)]
    count: usize,
    /// The sheet to write, as .png or .svg
    #[arg(long, value_parser = PictureFile::parse)]
    out: PictureFile,
    /// Factor on the draws of z; below 1 they stay near the middle of the prior
    #[arg(long, default_value_t = 1.0)]
    temperature: f64,
    /// Seed of the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The class of the images, for a model that takes classes
    #[arg(long)]
    label: Option<u8>,
    /// Draw black or white pixels instead of showing their probabilities
    #[arg(long)]
    binary: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: Arguments) -> Result<()> {
    arguments.out.try_to_write()?;
    let model = files::read_model(&arguments.file, arguments.label)?;
    let (count, temperature) = (arguments.count, arguments.temperature);
    let samples = inference::sample(model.as_ref(), count, temperature, arguments.seed)?;
    let images = if arguments.binary {
        samples.pixels
    } else {
        samples.probabilities
    };
    let columns = (count as f64).sqrt().ceil() as usize;
    arguments.out.write_sheet(&images, columns)?;
    let report = Report {
        out: arguments.out.path().to_owned(),
        count,
        seed: arguments.seed,
        latents: samples.latents,
    };
    report.show(arguments.json)
}

#[derive(Serialize)]
struct Report {
    out: PathBuf,
    count: usize,
    seed: u64,
    /// The codes that were drawn, one after another.
    latents: Vec<f32>,
}

impl Printable for Report {
    fn print(&self) {
        println!("wrote {} samples to {}", self.count, self.out.display());
    }
}
