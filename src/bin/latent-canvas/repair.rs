//! `latent-canvas repair`: degrades test images and compares ways to repair them.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::ValueEnum;
use latent_canvas::mcmc::Start;
use latent_canvas::models::{self, Model, inference};
use latent_canvas::repair::posterior::Diagnostics;
use latent_canvas::repair::{Degradation, Noise, Operator, Options, alternate, repair};
use latent_canvas::{PIXELS, Result, Rng, SIDE};
use serde::Serialize;

use crate::chains::Chains;
use crate::files::{self, TestImages};
use crate::numbers::at_least_one;
use crate::plots::PictureFile;
use crate::progress;
use crate::report::Printable;

/// The probability that a pixel is flipped in the task "denoise".
const FLIPS: f32 = 0.1;
/// Rounds and runs of the alternation.
const ROUNDS: usize = 100;
const RUNS: usize = 8;
/// How many images the sheet shows, and how many completions of each.
const SHOWN: usize = 10;
const COMPLETIONS: usize = 4;
/// Chains with a larger R-hat do not agree.
const DISAGREEING: f64 = 1.1;

#[derive(Clone, Copy, ValueEnum)]
enum Task {
    /// The lower half is hidden
    Inpaint,
    /// A tenth of the pixels is flipped
    Denoise,
    /// Only the mean of each block of 2 x 2 pixels is known
    Superres2,
    /// Only the mean of each block of 4 x 4 pixels is known
    Superres4,
}

#[derive(clap::Args)]
pub struct Arguments {
    /// The checkpoint
    file: PathBuf,
    #[command(flatten)]
    data: files::DataArguments,
    #[arg(long, value_enum)]
    task: Task,
    /// The first N test images
    #[arg(long, default_value = "100", value_parser = at_least_one)]
    limit: NonZeroUsize,
    /// Seed of the binarisation, the noise and the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write a sheet of the first images, as .png or .svg: x, y, reconstruction, alternation, E[x|y], completions
    #[arg(long, value_parser = PictureFile::parse)]
    out: Option<PictureFile>,
    /// Print one JSON object, and no progress
    #[arg(long)]
    json: bool,
    #[command(
        flatten,
        next_help_heading = "Chains, for models of more than two latents"
    )]
    chains: Chains,
}

/// How many ways to repair there are, in the order of [`Ways`].
const WAYS: usize = 4;

pub fn run(arguments: Arguments) -> Result<()> {
    if let Some(out) = &arguments.out {
        out.try_to_write()?;
    }
    let loaded = files::read_checkpoint(&arguments.file)?;
    let model = loaded.model.as_ref();
    let limit = Some(arguments.limit);
    let TestImages { x, labels, .. } =
        files::test_images(&arguments.data, limit, &loaded, None, arguments.seed)?;
    let degradation = degradation(arguments.task)?;

    let bar = progress::of_images(labels.len(), arguments.json);
    let (mut errors, mut found) = ([const { Vec::new() }; WAYS], Vec::new());
    let mut shown = Vec::new();
    for (index, x) in x.chunks_exact(PIXELS).enumerate() {
        let rng = Rng::from_seed(arguments.seed).split_index("repair", index as u64);
        // A code of a conditional model means something else for each class, so the model is given the image's class.
        let given = models::given_labels(model, &labels[index..=index])?;
        let model = given.as_deref().unwrap_or(model);
        let (images, completions, diagnostics) =
            all_ways(model, &degradation, x, &rng, &arguments)?;
        for (errors, image) in errors.iter_mut().zip(&images) {
            errors.push(squared_error(image, x));
        }
        found.push(diagnostics);
        if index < SHOWN {
            shown.extend_from_slice(x);
            shown.extend(images.concat());
            shown.extend(completions);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if let Some(out) = &arguments.out {
        let columns = 1 + WAYS + COMPLETIONS;
        out.write_sheet(&shown, columns)?;
    }
    let report = Report::of(&errors, &found, &arguments);
    report.show(arguments.json)
}

fn degradation(task: Task) -> Result<Degradation> {
    let (operator, noise) = match task {
        Task::Inpaint => {
            let upper = (0..PIXELS).map(|pixel| pixel < PIXELS / 2);
            (Operator::Mask(upper.collect()), Noise::None)
        }
        Task::Denoise => (Operator::Mask(vec![true; PIXELS]), Noise::Flips(FLIPS)),
        Task::Superres2 => (Operator::Average(2), Noise::None),
        Task::Superres4 => (Operator::Average(4), Noise::None),
    };
    Degradation::new(operator, noise)
}

/// One image repaired in each way, completions `[COMPLETIONS, 784]`, and the diagnostics of the last way.
fn all_ways(
    model: &dyn Model,
    degradation: &Degradation,
    x: &[f32],
    rng: &Rng,
    arguments: &Arguments,
) -> Result<([Vec<f32>; WAYS], Vec<f32>, Diagnostics)> {
    let y = degradation.degrade(x, &mut rng.split("noise"))?;
    let observation = degradation.observe(&y)?;
    let seed = rng.split("draws").bits();
    let crude = observation.crude().to_vec();
    let reconstruction = inference::decode(model, &inference::encode(model, &crude)?.mean)?;
    let alternation = alternate(model, &observation, ROUNDS, RUNS, seed)?;
    let options = Options {
        chains: arguments.chains.options(Start::Prior, seed)?,
        completions: COMPLETIONS,
    };
    let repaired = repair(model, &observation, options)?;
    let images = [crude, reconstruction, alternation, repaired.mean];
    Ok((images, repaired.completions.pixels, repaired.diagnostics))
}

/// The squared error, a mean over the pixels.
fn squared_error(image: &[f32], x: &[f32]) -> f64 {
    let squares = image.iter().zip(x).map(|(a, b)| f64::from(a - b).powi(2));
    squares.sum::<f64>() / (SIDE * SIDE) as f64
}

/// The mean and its standard error.
fn summary(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0).max(1.0) / count).sqrt())
}

#[derive(Serialize)]
struct Report {
    images: usize,
    task: String,
    seed: u64,
    #[serde(flatten)]
    ways: Ways,
    /// None where the posterior is exact, by a grid.
    chains: Option<ChainsReport>,
}

/// Each way to repair.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ways {
    as_it_is: Summary,
    reconstruction: Summary,
    alternation: Summary,
    posterior: Summary,
}

/// A squared error per pixel.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    squared_error: f64,
    standard_error: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChainsReport {
    /// Images whose chains do not agree.
    disagreeing: usize,
    /// Of the worst latent, mean over the images.
    least_effective_samples: f64,
}

impl Summary {
    fn of(values: &[f64]) -> Self {
        let (squared_error, standard_error) = summary(values);
        Self {
            squared_error,
            standard_error,
        }
    }
}

impl Report {
    fn of(errors: &[Vec<f64>; WAYS], found: &[Diagnostics], arguments: &Arguments) -> Self {
        let task = arguments.task.to_possible_value();
        let (mut r_hats, mut effective) = (Vec::new(), Vec::new());
        for diagnostics in found {
            if let Diagnostics::Chains {
                r_hat,
                effective_samples,
                ..
            } = diagnostics
            {
                r_hats.push(*r_hat);
                effective.push(*effective_samples);
            }
        }
        let [as_it_is, reconstruction, alternation, posterior] =
            errors.each_ref().map(|errors| Summary::of(errors));
        Self {
            images: found.len(),
            task: task.map_or_else(String::new, |value| value.get_name().to_owned()),
            seed: arguments.seed,
            ways: Ways {
                as_it_is,
                reconstruction,
                alternation,
                posterior,
            },
            chains: (!r_hats.is_empty()).then(|| ChainsReport {
                disagreeing: r_hats.iter().filter(|r| **r > DISAGREEING).count(),
                least_effective_samples: summary(&effective).0,
            }),
        }
    }
}

impl Printable for Report {
    fn print(&self) {
        println!(
            "{} test images, {}: squared error per pixel",
            self.images, self.task
        );
        for (name, way) in [
            ("as it is", &self.ways.as_it_is),
            ("reconstruction", &self.ways.reconstruction),
            ("alternation", &self.ways.alternation),
            ("posterior", &self.ways.posterior),
        ] {
            println!(
                "{name:15} {:.5} +- {:.5}",
                way.squared_error, way.standard_error
            );
        }
        match &self.chains {
            None => println!("the posterior is exact, by a grid"),
            Some(chains) => println!(
                "chains: {} images with R-hat above {DISAGREEING}; {:.0} effective samples of the worst latent, mean over \
                 the images",
                chains.disagreeing, chains.least_effective_samples
            ),
        }
    }
}
