//! `latent-canvas quality`: compares a model's samples with test images, by the features of a fixed classifier.

use std::path::PathBuf;

use latent_canvas::data::{CLASSES, Dataset};
use latent_canvas::latent::gaussian_codes;
use latent_canvas::models::{Model, inference, one_hot};
use latent_canvas::quality::classifier::{Classifier, conditional_accuracy};
use latent_canvas::quality::density_coverage::{NEIGHBOURS, density_coverage};
use latent_canvas::quality::frechet::frechet_distance;
use latent_canvas::{Error, PIXELS, Result, Rng};
use serde::Serialize;

use crate::files;
use crate::numbers::at_least;
use crate::report::{Printable, ReportArguments};

/// The default classifier. It is built in, so that the figures do not depend on the folder of the command.
const JUDGE: &[u8] = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/judge.safetensors"
));
/// How many training images' codes the Gaussian of a model without prior is fitted to.
const GUESSED_FROM: usize = 10_000;

#[derive(clap::Args)]
pub struct Arguments {
    /// The checkpoint
    file: PathBuf,
    #[command(flatten)]
    data: files::DataArguments,
    /// A file with another classifier than the built-in one
    #[arg(long)]
    judge: Option<PathBuf>,
    /// How many samples, and how many test images to compare them with
    #[arg(long, default_value_t = 5000, value_parser = at_least::<2>)]
    count: usize,
    /// Seed of the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    report: ReportArguments,
}

/// How similar images are to test images.
#[derive(Serialize)]
struct Likeness {
    frechet: f64,
    density: f64,
    coverage: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    /// For samples; for a model without prior, for images decoded from unit normal codes.
    #[serde(flatten)]
    likeness: Likeness,
    /// For a model without prior: for images decoded from a Gaussian that is fitted to its codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    of_guessed_codes: Option<Likeness>,
    samples: usize,
    seed: u64,
    frechet_of_training_images: f64,
    /// The share of samples that the classifier reads as the class they were asked for; none where no class can be asked for.
    conditional_accuracy: Option<f64>,
}

pub fn run(arguments: Arguments) -> Result<()> {
    let loaded = files::read_checkpoint(&arguments.file)?;
    let judge = match &arguments.judge {
        Some(path) => files::of_file(path, Classifier::from_bytes(&files::read(path)?))?,
        None => Classifier::from_bytes(JUDGE)?,
    };
    let report = judged(loaded.model.as_ref(), &judge, &arguments)?;
    let from = (arguments.file.as_path(), &loaded);
    arguments.report.give(&report, Some("quality"), from)
}

fn judged(model: &dyn Model, judge: &Classifier, arguments: &Arguments) -> Result<Report> {
    let (count, width) = (arguments.count, judge.feature_width());
    let training = files::training(&arguments.data)?;
    let images = |data: &Dataset| data.images(0, data.len().min(count));
    let test = judge.read(&images(&files::held_out(&arguments.data)?)?)?;
    let train = judge.read(&images(&training)?)?;
    let compare = |images: Vec<f32>| -> Result<Likeness> {
        let samples = judge.read(&images)?;
        let neighbourhood = density_coverage(&test.features, &samples.features, width, NEIGHBOURS)?;
        Ok(Likeness {
            frechet: frechet_distance(&test.features, &samples.features, width)?,
            density: neighbourhood.density,
            coverage: neighbourhood.coverage,
        })
    };
    let seed = arguments.seed;
    let (likeness, of_guessed_codes) = match model.prior()? {
        Some(_) => (
            compare(inference::sample(model, count, 1.0, seed)?.probabilities)?,
            None,
        ),
        None => (
            compare(from_normals(model, count, seed)?)?,
            Some(compare(from_guess(model, &training, count, seed)?)?),
        ),
    };
    Ok(Report {
        likeness,
        of_guessed_codes,
        samples: count,
        seed,
        frechet_of_training_images: frechet_distance(&test.features, &train.features, width)?,
        conditional_accuracy: class_accuracy(model, judge, count, seed)?,
    })
}

impl Printable for Report {
    fn print(&self) {
        println!(
            "Frechet distance of training images to test images {:.3}",
            self.frechet_of_training_images
        );
        match &self.of_guessed_codes {
            None => self.likeness.print("samples"),
            Some(guessed) => {
                println!("the model has no prior to sample from");
                self.likeness.print("from unit normals, as if it had one");
                guessed.print("from a Gaussian that fits its codes");
            }
        }
        match self.conditional_accuracy {
            Some(share) => println!(
                "{:.2} % of the samples by class are read as the class asked for",
                100.0 * share
            ),
            None => println!("the model cannot be asked for a class"),
        }
    }
}

impl Likeness {
    fn print(&self, what: &str) {
        println!(
            "{what}: Frechet distance {:.3}, density {:.3}, coverage {:.3}",
            self.frechet, self.density, self.coverage
        );
    }
}

/// Decoded images of unit normal codes, for a model without prior.
fn from_normals(model: &dyn Model, count: usize, seed: u64) -> Result<Vec<f32>> {
    let mut rng = Rng::from_seed(seed).split("unit normal codes");
    inference::decode(model, &rng.normals(count * model.latents()))
}

/// Decoded images of codes drawn from a Gaussian with the mean and the covariance of the codes of training images, for a model
/// without prior.
fn from_guess(model: &dyn Model, training: &Dataset, count: usize, seed: u64) -> Result<Vec<f32>> {
    let images = training.images(0, training.len().min(GUESSED_FROM))?;
    let codes = inference::encode(model, &inference::as_drawn(model, images))?.mean;
    let mut rng = Rng::from_seed(seed).split("guessed codes");
    let latents = gaussian_codes(&codes, model.latents(), count, &mut rng)?;
    inference::decode(model, &latents)
}

/// The share of samples that the classifier reads as the class they were asked for.
fn class_accuracy(
    model: &dyn Model,
    judge: &Classifier,
    count: usize,
    seed: u64,
) -> Result<Option<f64>> {
    let of_class = |class: usize| model.given(&one_hot(&[Some(class as u8)])?);
    match of_class(0) {
        Err(Error::Unsupported(_)) => return Ok(None),
        other => other?,
    };
    let each = count.div_ceil(CLASSES);
    let mut pixels = Vec::with_capacity(each * CLASSES * PIXELS);
    let mut labels = Vec::with_capacity(each * CLASSES);
    for class in 0..CLASSES {
        let seed = Rng::from_seed(seed)
            .split_index("class", class as u64)
            .bits();
        let model = of_class(class)?;
        pixels.extend(inference::sample(model.as_ref(), each, 1.0, seed)?.probabilities);
        labels.extend(std::iter::repeat_n(class as u8, each));
    }
    let read = judge.read(&pixels)?;
    conditional_accuracy(&read.probabilities, &labels).map(Some)
}
