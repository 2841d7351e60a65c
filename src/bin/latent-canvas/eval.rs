//! `latent-canvas eval` and `latent-canvas codes`.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::ValueEnum;
use latent_canvas::checkpoint::Checkpoint;
use latent_canvas::data::{Binarization, Dataset};
use latent_canvas::estimators::{Estimate, Estimation, Estimator, Options, ais, bound, classes};
use latent_canvas::models::{self, Model, inference};
use latent_canvas::quality::classifier::conditional_accuracy;
use latent_canvas::{Error, PIXELS, Result, Rng};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::json;

use crate::{files, progress};

/// Draws, and annealed chains, for each image unless told otherwise.
const DRAWS: usize = 5000;
const CHAINS: usize = 16;

#[derive(Clone, Copy, ValueEnum)]
enum Way {
    /// Importance sampling from the encoder
    Importance,
    /// Draws from the prior
    Naive,
    /// Annealed importance sampling: chains from the prior to the posterior
    Annealed,
    /// Exact integration (two latents)
    Quadrature,
    /// In closed form or as a finite sum (families that know it)
    Exact,
    /// The evidence lower bound alone
    Elbo,
}

#[derive(clap::Args)]
pub struct Arguments {
    /// The checkpoint
    file: PathBuf,
    #[command(flatten)]
    data: files::DataArguments,
    #[arg(long, value_enum, default_value = "importance")]
    estimator: Way,
    /// Draws for each image (importance, naive; 5000 unless given), or chains (annealed; 16)
    #[arg(long)]
    samples: Option<usize>,
    /// Steps between the prior and the posterior (annealed)
    #[arg(long, default_value_t = 500)]
    temperatures: usize,
    /// Leapfrogs of each of them (annealed)
    #[arg(long, default_value_t = 10)]
    leapfrogs: usize,
    /// Only the first N test images
    #[arg(long)]
    limit: Option<NonZeroUsize>,
    /// Fixes the binarisation and the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What becomes of grey pixels: "dynamic", "static" or "grey"; as in training unless given
    #[arg(long)]
    binarization: Option<String>,
    /// Also report log p(x) of each image
    #[arg(long)]
    each: bool,
    /// Note the result in the file's provenance; a training run in the file is dropped
    #[arg(long)]
    record: bool,
    /// Print one JSON object, and no progress
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub struct CodesArguments {
    /// The checkpoint
    file: PathBuf,
    #[command(flatten)]
    data: files::DataArguments,
    /// How many test images
    #[arg(long, default_value_t = 2000)]
    count: usize,
    /// The safetensors file to write: mean [N, K] and label [N]
    #[arg(long)]
    out: PathBuf,
}

pub fn run(arguments: Arguments) -> Result<()> {
    let loaded = files::read_checkpoint(&arguments.file)?;
    let model = loaded.model.as_ref();
    let data = files::held_out(&arguments.data)?;
    let data = data.truncated(arguments.limit.map_or(data.len(), NonZeroUsize::get));
    let all: Vec<u32> = (0..data.len() as u32).collect();
    let binarization = match arguments.binarization.as_deref() {
        Some(name) => Binarization::parse(name)?,
        None => files::pixels_of_training(&loaded)?,
    };
    let name_of_pixels = binarization.name();
    let rng = Rng::from_seed(arguments.seed).split("evaluation");
    let x = data.batch(&all, binarization, &rng, 0);

    let labels = data.labels(0, data.len())?;
    let bound = bound::elbo(model, &x, 1, arguments.seed)?;
    let way = arguments.estimator.of(&arguments);
    let found = match way {
        Some(options) => Some(estimates(options, (model, &[]), &x, arguments.json)?),
        None => None,
    };
    let mean = found.as_deref().map(Estimate::mean_of);
    let name = way.map_or("elbo", |options| options.estimator.name());
    let mut report = json!({
        "images": data.len(), "estimator": name,
        "seed": arguments.seed, "binarization": name_of_pixels,
        "nll": mean.map(|mean| -mean.log_likelihood),
        "standardError": mean.map(|mean| mean.standard_error),
        "elbo": bound.elbo, "reconstruction": bound.reconstruction, "kl": bound.kl,
    });
    let of_class = given_class(way, (model, labels), &x, &arguments)?;
    for (key, value) in of_class.iter().flatten() {
        report[key] = json!(value);
    }
    if let Some(share) = wrongly_classified(model, &x, labels)? {
        report["classError"] = json!(share);
    }
    if let (Some(Options { draws, .. }), Some(mean)) = (way, mean) {
        report["decoderEvaluations"] = json!(mean.decoder_evaluations / data.len());
        if let Some(tolerance) = mean.tolerance {
            report["tolerance"] = json!(tolerance);
        } else {
            report["samples"] = json!(draws);
            report["effectiveSamples"] = json!(mean.effective_samples);
        }
    }
    if let (true, Some(found)) = (arguments.each, &found) {
        let each: Vec<f64> = found.iter().map(|image| image.log_likelihood).collect();
        report["logLikelihoods"] = json!(each);
    }
    if arguments.record {
        files::record(&arguments.file, &loaded, None, &report)?;
    }
    if arguments.json {
        println!("{report}");
        return Ok(());
    }
    println!("{} test images, {} pixels", data.len(), name_of_pixels);
    println!(
        "elbo {:.3} = reconstruction {:.3} - kl {:.3} nats",
        bound.elbo, bound.reconstruction, bound.kl
    );
    if let Some(mean) = mean {
        println!(
            "nll {:.3} nats by {name} ({})",
            -mean.log_likelihood,
            in_words(&mean)
        );
    }
    if of_class.is_some() {
        let of_class = |key: &str| report[key].as_f64().unwrap_or(f64::NAN);
        println!(
            "without a class; with the class of each image given: elbo {:.3}, nll {:.3} nats",
            of_class("elboGivenClass"),
            of_class("nllGivenClass")
        );
    }
    for value in report["logLikelihoods"].as_array().into_iter().flatten() {
        println!("{value}");
    }
    if let Some(share) = report["classError"].as_f64() {
        println!("{:.2} % of the classes told wrong", 100.0 * share);
    }
    Ok(())
}

/// The figures of a model that is to be told of classes, with the class of each image given.
fn given_class(
    way: Option<Options>,
    (model, labels): (&dyn Model, &[Option<u8>]),
    x: &[f32],
    arguments: &Arguments,
) -> Result<Option<Vec<(&'static str, f64)>>> {
    if models::given_labels(model, labels)?.is_none() {
        return Ok(None);
    }
    let bound = bound::elbo_given_labels(model, x, labels, 1, arguments.seed)?;
    let mut figures = vec![
        ("elboGivenClass", bound.elbo),
        ("reconstructionGivenClass", bound.reconstruction),
        ("klGivenClass", bound.kl),
    ];
    if let Some(options) = way {
        let found = estimates(options, (model, labels), x, arguments.json)?;
        let mean = Estimate::mean_of(&found);
        figures.push(("nllGivenClass", -mean.log_likelihood));
        figures.push(("standardErrorGivenClass", mean.standard_error));
    }
    Ok(Some(figures))
}

/// The share of images whose class a model tells wrongly, by its network or by how well each class explains the image.
fn wrongly_classified(model: &dyn Model, x: &[f32], labels: &[Option<u8>]) -> Result<Option<f64>> {
    let Some(classes) = classes::class_probabilities(model, x)? else {
        return Ok(None);
    };
    let labels: Vec<u8> = labels.iter().flatten().copied().collect();
    conditional_accuracy(&classes, &labels).map(|share| Some(1.0 - share))
}

impl Way {
    /// None for the bound, which every report has.
    fn of(self, arguments: &Arguments) -> Option<Options> {
        let (estimator, usual) = match self {
            Self::Elbo => return None,
            Self::Importance => (Estimator::Importance, DRAWS),
            Self::Naive => (Estimator::Naive, DRAWS),
            Self::Annealed => {
                let options = ais::Options {
                    temperatures: arguments.temperatures,
                    leapfrogs: arguments.leapfrogs,
                };
                (Estimator::Annealed(options), CHAINS)
            }
            Self::Quadrature => (Estimator::Quadrature, 0),
            Self::Exact => (Estimator::Exact, 0),
        };
        Some(Options {
            estimator,
            draws: arguments.samples.unwrap_or(usual),
            seed: arguments.seed,
        })
    }
}

/// log p(x) of each image; for a model that is to be told of classes, given the class where there is a label.
fn estimates(
    options: Options,
    (model, labels): (&dyn Model, &[Option<u8>]),
    x: &[f32],
    quiet: bool,
) -> Result<Vec<Estimate>> {
    let bar = progress::of_images(x.len() / PIXELS, quiet);
    let mut by_class = BTreeMap::new();
    let mut found = Vec::new();
    for (index, x) in x.chunks_exact(PIXELS).enumerate() {
        let label = labels.get(index).copied().flatten();
        let (given, estimation) = match by_class.entry(label) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let given = models::given_labels(model, &[label])?;
                let estimation = Estimation::new(given.as_deref().unwrap_or(model), options)?;
                entry.insert((given, estimation))
            }
        };
        found.push(estimation.estimate(given.as_deref().unwrap_or(model), x, index)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(found)
}

/// How sure a figure is.
fn in_words(mean: &Estimate) -> String {
    match mean.tolerance {
        Some(tolerance) => format!("exact: off by less than {tolerance:.4}"),
        None => format!(
            "standard error {:.4}; {:.1} effective samples of an image",
            mean.standard_error, mean.effective_samples
        ),
    }
}

pub fn codes(arguments: CodesArguments) -> Result<()> {
    let Checkpoint { model, .. } = files::read_checkpoint(&arguments.file)?;
    let data: Dataset = files::held_out(&arguments.data)?.truncated(arguments.count);
    let images = inference::as_drawn(model.as_ref(), data.images(0, data.len())?);
    let codes = inference::encode(model.as_ref(), &images)?;
    let means: Vec<u8> = codes.mean.iter().flat_map(|v| v.to_le_bytes()).collect();
    let labels: Vec<u8> = data
        .labels(0, data.len())?
        .iter()
        .flatten()
        .copied()
        .collect();
    let shape = vec![data.len(), model.latents()];
    let view = |dtype, shape, bytes| {
        TensorView::new(dtype, shape, bytes).map_err(|cause| Error::Checkpoint(cause.to_string()))
    };
    let tensors = [
        ("mean", view(Dtype::F32, shape, &means)?),
        ("label", view(Dtype::U8, vec![labels.len()], &labels)?),
    ];
    let pixels = if model.likelihood().is_binary() {
        "black or white, cut at 1/2"
    } else {
        "grey"
    };
    let metadata = HashMap::from([("pixels".to_owned(), pixels.to_owned())]);
    let bytes = safetensors::serialize(tensors, Some(metadata))
        .map_err(|cause| Error::Checkpoint(cause.to_string()))?;
    files::write(&arguments.out, &bytes)
}
