//! `latent-canvas quality`: a model's samples, judged by a frozen classifier.

use std::path::PathBuf;

use latent_canvas::data::{CLASSES, Dataset};
use latent_canvas::latent::gaussian_codes;
use latent_canvas::models::{Model, inference, one_hot};
use latent_canvas::quality::classifier::{Classifier, conditional_accuracy};
use latent_canvas::quality::density_coverage::{NEIGHBOURS, density_coverage};
use latent_canvas::quality::frechet::frechet_distance;
use latent_canvas::{Error, PIXELS, Result, Rng};
use serde_json::{Value, json};

use crate::files;

/// Training images whose codes the guess is made from.
const GUESSED_FROM: usize = 10_000;

#[derive(clap::Args)]
pub struct Arguments {
    /// The checkpoint
    file: PathBuf,
    #[command(flatten)]
    data: files::DataArguments,
    /// The frozen classifier
    #[arg(long, default_value = "tests/fixtures/judge.safetensors")]
    judge: PathBuf,
    /// How many samples, and how many test images they are compared with
    #[arg(long, default_value_t = 5000)]
    count: usize,
    /// Fixes the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Note the result in the file's provenance; a training run in the file is dropped
    #[arg(long)]
    record: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: Arguments) -> Result<()> {
    let loaded = files::read_checkpoint(&arguments.file)?;
    let model = loaded.model.as_ref();
    let judge = files::read(&arguments.judge)?;
    let judge = files::of_file(&arguments.judge, Classifier::from_bytes(&judge))?;
    let (count, width) = (arguments.count, judge.feature_width());
    let training = files::training(&arguments.data)?;
    let images = |data: &Dataset| data.images(0, data.len().min(count));
    let test = judge.read(&images(&files::held_out(&arguments.data)?)?)?;
    let train = judge.read(&images(&training)?)?;
    let compare = |images: Vec<f32>| -> Result<Value> {
        let samples = judge.read(&images)?;
        let neighbourhood = density_coverage(&test.features, &samples.features, width, NEIGHBOURS)?;
        Ok(json!({
            "frechet": frechet_distance(&test.features, &samples.features, width)?,
            "density": neighbourhood.density, "coverage": neighbourhood.coverage,
        }))
    };
    let mut report = match model.prior()? {
        Some(_) => compare(inference::sample(model, count, 1.0, arguments.seed)?.probabilities)?,
        None => {
            let of_normals = compare(from_normals(model, count, arguments.seed)?)?;
            let guessed = compare(from_guess(model, &training, count, arguments.seed)?)?;
            let mut report = of_normals;
            report["ofGuessedCodes"] = guessed;
            report
        }
    };
    report["samples"] = json!(count);
    report["seed"] = json!(arguments.seed);
    report["frechetOfTrainingImages"] =
        json!(frechet_distance(&test.features, &train.features, width)?);
    let accuracy = class_accuracy(model, &judge, count, arguments.seed)?;
    report["conditionalAccuracy"] = json!(accuracy);
    if arguments.record {
        files::record(&arguments.file, &loaded, Some("quality"), &report)?;
    }
    if arguments.json {
        println!("{report}");
        return Ok(());
    }
    println!(
        "Frechet distance of training images to test images {:.3}",
        number(&report["frechetOfTrainingImages"])
    );
    let say = |what: &str, figures: &Value| {
        println!(
            "{what}: Frechet distance {:.3}, density {:.3}, coverage {:.3}",
            number(&figures["frechet"]),
            number(&figures["density"]),
            number(&figures["coverage"])
        );
    };
    match &report["ofGuessedCodes"] {
        Value::Null => say("samples", &report),
        guessed => {
            println!("the model has no prior to sample from");
            say("from unit normals, as if it had one", &report);
            say("from a Gaussian that fits its codes", guessed);
        }
    }
    match accuracy {
        Some(share) => println!("{:.2} % of samples by class are read as it", 100.0 * share),
        None => println!("the model draws no images by class"),
    }
    Ok(())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

/// Pixel means of codes drawn from a unit normal, which a model without prior has not learnt to fill.
fn from_normals(model: &dyn Model, count: usize, seed: u64) -> Result<Vec<f32>> {
    let mut rng = Rng::from_seed(seed).split("unit normal codes");
    inference::decode(model, &rng.normals(count * model.latents()))
}

/// Pixel means of codes drawn from a Gaussian with the mean and the covariance that the codes of training images
/// have: the best guess that two moments allow.
fn from_guess(model: &dyn Model, training: &Dataset, count: usize, seed: u64) -> Result<Vec<f32>> {
    let images = training.images(0, training.len().min(GUESSED_FROM))?;
    let codes = inference::encode(model, &inference::as_drawn(model, images))?.mean;
    let mut rng = Rng::from_seed(seed).split("guessed codes");
    let latents = gaussian_codes(&codes, model.latents(), count, &mut rng)?;
    inference::decode(model, &latents)
}

/// The share of samples of each class that the classifier reads as it.
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
