//! `latent-canvas interpolate`: the way from one image to another through latent space.

use std::path::PathBuf;

use latent_canvas::data::Dataset;
use latent_canvas::latent::interpolation::{Path, interpolate};
use latent_canvas::models::{Model, inference};
use latent_canvas::{Error, Result};
use serde::Serialize;

use crate::files;
use crate::numbers::at_least;
use crate::plots::PictureFile;
use crate::report::Printable;

#[derive(clap::Args)]
pub struct Arguments {
    /// The checkpoint
    file: PathBuf,
    #[command(flatten)]
    data: files::DataArguments,
    /// The test image that the way begins at, counted from 0
    #[arg(long, value_name = "INDEX", default_value_t = 0)]
    from: usize,
    /// The test image that it ends at
    #[arg(long, value_name = "INDEX", default_value_t = 1)]
    to: usize,
    /// How many images, with those of both ends
    #[arg(long, default_value_t = 10, value_parser = at_least::<2>)]
    steps: usize,
    /// The way: straight, along a circle round the middle, or where the image changes least
    #[arg(long, default_value = "linear", value_parser = Path::NAMES)]
    path: String,
    /// The class of the images, for a model that takes classes
    #[arg(long)]
    label: Option<u8>,
    /// The strip to write, as .png or .svg
    #[arg(long, value_parser = PictureFile::parse)]
    out: PictureFile,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: Arguments) -> Result<()> {
    arguments.out.try_to_write()?;
    let model = files::read_model(&arguments.file, arguments.label)?;
    let model = model.as_ref();
    if !model.of_each_class()?.is_empty() {
        return Err(Error::Unsupported(
            "this model takes classes, and a code means something else for each: name the class of the images by --label"
                .to_owned(),
        ));
    }
    let data = files::held_out(&arguments.data)?;
    let from = code_of(model, &data, arguments.from)?;
    let to = code_of(model, &data, arguments.to)?;
    let path = Path::parse(&arguments.path)?;
    let latents = interpolate(model, &from, &to, arguments.steps, path)?;
    let images = inference::decode(model, &latents)?;
    arguments.out.write_sheet(&images, arguments.steps)?;
    let report = Report {
        out: arguments.out.path().to_owned(),
        from: arguments.from,
        to: arguments.to,
        steps: arguments.steps,
        path: arguments.path,
        latents,
    };
    report.show(arguments.json)
}

/// The encoder's answer to a test image, as the model sees a drawing.
fn code_of(model: &dyn Model, data: &Dataset, index: usize) -> Result<Vec<f32>> {
    if index >= data.len() {
        return Err(Error::InvalidArgument(format!(
            "there are {} test images, counted from 0; got {index}",
            data.len()
        )));
    }
    let image = inference::as_drawn(model, data.images(index, 1)?);
    Ok(inference::encode(model, &image)?.mean)
}

#[derive(Serialize)]
struct Report {
    out: PathBuf,
    from: usize,
    to: usize,
    steps: usize,
    path: String,
    /// The codes on the way, one after another.
    latents: Vec<f32>,
}

impl Printable for Report {
    fn print(&self) {
        println!(
            "wrote the {} way from test image {} to {} in {} steps to {}",
            self.path,
            self.from,
            self.to,
            self.steps,
            self.out.display()
        );
    }
}
