//! `latent-canvas quality`: a model's samples, judged by a frozen classifier.

use std::path::PathBuf;

use latent_canvas::checkpoint::Checkpoint;
use latent_canvas::data::{CLASSES, Dataset};
use latent_canvas::latent::gaussian_codes;
use latent_canvas::models::{Model, inference, one_hot};
use latent_canvas::quality::classifier::{Classifier, conditional_accuracy};
use latent_canvas::quality::density_coverage::{NEIGHBOURS, density_coverage};
use latent_canvas::quality::frechet::frechet_distance;
use latent_canvas::{Error, PIXELS, Result, Rng};
use serde_json::json;

use crate::files;

/// Training images whose codes the guess is made from.
const GUESSED_FROM: usize = 10_000;

#[derive(clap::Args)]
pub struct Arguments {
    /// The checkpoint
    file: PathBuf,
    /// Directory with the MNIST files, or "strokes"
    #[arg(long)]
    data: String,
    /// The frozen classifier
    #[arg(long, default_value = "tests/fixtures/judge.safetensors")]
    judge: PathBuf,
    /// How many samples, and how many test images they are compared with
    #[arg(long, default_value_t = 5000)]
    count: usize,
    /// Fixes the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: Arguments) -> Result<()> {
    let Checkpoint { model, .. } = files::read_checkpoint(&arguments.file)?;
    let model = model.as_ref();
    let judge = files::read(&arguments.judge)?;
    let judge = files::of_file(&arguments.judge, Classifier::from_bytes(&judge))?;
    let (count, width) = (arguments.count, judge.feature_width());
    let training = files::training(&arguments.data)?;
    let images = |data: &Dataset| data.images(0, data.len().min(count));
    let test = judge.read(&images(&files::held_out(&arguments.data)?)?)?;
    let train = judge.read(&images(&training)?)?;
    let samples = judge.read(&samples(model, &training, count, arguments.seed)?)?;
    let neighbourhood = density_coverage(&test.features, &samples.features, width, NEIGHBOURS)?;
    let accuracy = of_classes(model, &judge, count, arguments.seed)?;
    let report = json!({
        "samples": count, "seed": arguments.seed,
        "frechet": frechet_distance(&test.features, &samples.features, width)?,
        "frechetOfTrainingImages": frechet_distance(&test.features, &train.features, width)?,
        "density": neighbourhood.density, "coverage": neighbourhood.coverage,
        "conditionalAccuracy": accuracy,
    });
    if arguments.json {
        println!("{report}");
        return Ok(());
    }
    println!(
        "Frechet distance to test images {:.3} (of training images {:.3})",
        report["frechet"].as_f64().unwrap_or(f64::NAN),
        report["frechetOfTrainingImages"]
            .as_f64()
            .unwrap_or(f64::NAN)
    );
    println!(
        "density {:.3}, coverage {:.3}",
        neighbourhood.density, neighbourhood.coverage
    );
    match accuracy {
        Some(share) => println!("{:.2} % of samples by class are read as it", 100.0 * share),
        None => println!("the model draws no images by class"),
    }
    Ok(())
}

/// Pixel means of samples. Of a model without prior, whose codes one can only guess at: of draws from a Gaussian
/// with the mean and the covariance that the codes of training images have.
fn samples(model: &dyn Model, training: &Dataset, count: usize, seed: u64) -> Result<Vec<f32>> {
    if model.prior()?.is_some() {
        return Ok(inference::sample(model, count, 1.0, seed)?.probabilities);
    }
    let images = training.images(0, training.len().min(GUESSED_FROM))?;
    let codes = inference::encode(model, &images)?.mean;
    let mut rng = Rng::from_seed(seed).split("guessed codes");
    let latents = gaussian_codes(&codes, model.latents(), count, &mut rng)?;
    inference::decode(model, &latents)
}

/// The share of samples of each class that the classifier reads as it.
fn of_classes(
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
