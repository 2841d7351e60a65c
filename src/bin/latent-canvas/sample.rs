//! `latent-canvas sample`: draws images from a model.

use std::path::PathBuf;

use latent_canvas::checkpoint::Checkpoint;
use latent_canvas::models::{inference, one_hot};
use latent_canvas::{Error, PIXELS, Result, SIDE};
use serde::Serialize;

use crate::files;
use crate::numbers::at_least;
use crate::report::Printable;

/// Blank pixels between the images of a sheet.
const GAP: usize = 2;

#[derive(clap::Args)]
pub struct Arguments {
    /// The checkpoint
    file: PathBuf,
    /// How many images
    #[arg(long, default_value_t = 64, value_parser = at_least::<1>)]
    count: usize,
    /// The PNG sheet to write
    #[arg(long)]
    out: PathBuf,
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
    let Checkpoint { mut model, .. } = files::read_checkpoint(&arguments.file)?;
    if arguments.label.is_some() {
        model = model.given(&one_hot(&[arguments.label])?)?;
    }
    let (count, temperature) = (arguments.count, arguments.temperature);
    let samples = inference::sample(model.as_ref(), count, temperature, arguments.seed)?;
    let images = if arguments.binary {
        samples.pixels
    } else {
        samples.probabilities
    };
    let columns = (count as f64).sqrt().ceil() as usize;
    files::write(&arguments.out, &sheet(&images, columns)?)?;
    let report = Report {
        out: arguments.out,
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

/// A PNG of images in rows of `columns` images, ink black on white.
pub fn sheet(images: &[f32], columns: usize) -> Result<Vec<u8>> {
    let count = images.len() / PIXELS;
    let rows = count.div_ceil(columns);
    let (width, height) = (columns * (SIDE + GAP) + GAP, rows * (SIDE + GAP) + GAP);
    let mut grey = vec![255u8; width * height];
    for (index, image) in images.chunks_exact(PIXELS).enumerate() {
        let left = GAP + (index % columns) * (SIDE + GAP);
        let top = GAP + (index / columns) * (SIDE + GAP);
        for (row, line) in image.chunks_exact(SIDE).enumerate() {
            let start = (top + row) * width + left;
            for (pixel, ink) in grey[start..start + SIDE].iter_mut().zip(line) {
                *pixel = 255 - (ink * 255.0).round() as u8;
            }
        }
    }
    let fail = |cause: png::EncodingError| Error::Io(format!("cannot encode the PNG: {cause}"));
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(fail)?;
    writer.write_image_data(&grey).map_err(fail)?;
    writer.finish().map_err(fail)?;
    Ok(bytes)
}
