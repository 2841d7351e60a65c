//! `latent-canvas eval` and `latent-canvas codes`.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::ValueEnum;
use latent_canvas::checkpoint::Checkpoint;
use latent_canvas::data::{Binarization, Dataset};
use latent_canvas::estimators::{LogLikelihood, Sampling, ais, bound, exact, quadrature};
use latent_canvas::models::{self, Model, inference};
use latent_canvas::quality::classifier::conditional_accuracy;
use latent_canvas::{Error, PIXELS, Result, Rng};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};

use crate::{files, progress};

/// Draws, and annealed chains, for each image unless told otherwise.
const DRAWS: usize = 5000;
const CHAINS: usize = 16;
/// Grids of exact integration, coarse to fine, over [-6, 6]^2: the prior has 4e-9 of its mass outside.
const RESOLUTIONS: [usize; 4] = [256, 384, 576, 864];
const EXTENT: f32 = 6.0;
/// Nats by which the means of two grids may differ to count as exact.
const EXACT_NATS: f64 = 0.005;

#[derive(Clone, Copy, ValueEnum)]
enum Estimator {
    /// Importance sampling from the encoder
    Importance,
    /// Draws from the prior
    Naive,
    /// Annealed importance sampling: chains from the prior to the posterior
    Annealed,
    /// Exact integration on a grid (two latents)
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
    /// Directory with the MNIST files, or "strokes" for built-in digits the model never saw
    #[arg(long)]
    data: String,
    #[arg(long, value_enum, default_value = "importance")]
    estimator: Estimator,
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
    /// Directory with the MNIST files, or "strokes"
    #[arg(long)]
    data: String,
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
    let given = arguments.binarization.as_deref();
    let name_of_pixels = given.unwrap_or_else(|| files::pixels_of_training(&loaded));
    let binarization = Binarization::parse(name_of_pixels)?;
    let rng = Rng::from_seed(arguments.seed).split("evaluation");
    let x = data.batch(&all, binarization, &rng, 0);

    let labels = data.labels(0, data.len())?;
    let bound = bound::elbo_given_labels(model, &x, labels, 1, arguments.seed)?;
    let sampled = |name, sampling, usual| {
        let draws = arguments.samples.unwrap_or(usual);
        by_sampling(sampling, draws, (model, labels), &x, &arguments)
            .map(|figure| (name, Some(figure)))
    };
    let (name, figure) = match arguments.estimator {
        Estimator::Elbo => ("elbo", None),
        Estimator::Importance => sampled("importance", Sampling::Importance, DRAWS)?,
        Estimator::Naive => sampled("naive", Sampling::Naive, DRAWS)?,
        Estimator::Annealed => {
            let options = ais::Options {
                temperatures: arguments.temperatures,
                leapfrogs: arguments.leapfrogs,
            };
            sampled("annealed", Sampling::Annealed(options), CHAINS)?
        }
        Estimator::Quadrature => ("quadrature", Some(by_quadrature(model, &x)?)),
        Estimator::Exact => ("exact", Some(exactly(model, &x)?)),
    };
    let mut report = json!({
        "images": data.len(), "estimator": name,
        "seed": arguments.seed, "binarization": name_of_pixels,
        "nll": figure.as_ref().map(|f| f.nll),
        "standardError": figure.as_ref().map(|f| f.standard_error),
        "elbo": bound.elbo, "reconstruction": bound.reconstruction, "kl": bound.kl,
    });
    if let Some(share) = wrongly_classified(model, &data)? {
        report["classError"] = json!(share);
    }
    for (key, value) in figure.iter().flat_map(|f| &f.effort) {
        report[key] = value.clone();
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
    if let Some(figure) = figure {
        println!("nll {:.3} nats by {name} ({})", figure.nll, figure.how);
    }
    if let Some(share) = report["classError"].as_f64() {
        println!("{:.2} % of the classes told wrong", 100.0 * share);
    }
    Ok(())
}

/// The share of images that a model which tells classes tells wrongly; of grey pixels, as they are.
fn wrongly_classified(model: &dyn Model, data: &Dataset) -> Result<Option<f64>> {
    let Some(classes) = inference::classify(model, &data.images(0, data.len())?)? else {
        return Ok(None);
    };
    let labels: Vec<u8> = data
        .labels(0, data.len())?
        .iter()
        .flatten()
        .copied()
        .collect();
    conditional_accuracy(&classes, &labels).map(|share| Some(1.0 - share))
}

/// A negative log-likelihood, nats, mean over the images.
struct Figure {
    nll: f64,
    standard_error: f64,
    /// What it cost, by its name in the report.
    effort: Vec<(&'static str, Value)>,
    /// How sure it is, in words.
    how: String,
}

fn by_sampling(
    sampling: Sampling,
    draws: usize,
    (model, labels): (&dyn Model, &[Option<u8>]),
    x: &[f32],
    arguments: &Arguments,
) -> Result<Figure> {
    let bar = progress::of_images(x.len() / PIXELS, arguments.json);
    let mut images = Vec::new();
    for (x, label) in x.chunks(PIXELS).zip(labels) {
        let given = models::given_labels(model, &[*label])?;
        let model = given.as_deref().unwrap_or(model);
        let first = images.len();
        images.extend(sampling.log_likelihoods_from(model, x, draws, arguments.seed, first)?);
        bar.set_position(images.len() as u64);
    }
    bar.finish_and_clear();
    let mean = LogLikelihood::mean_of(&images);
    let (error, effective) = (mean.standard_error, mean.effective_samples);
    Ok(Figure {
        nll: -mean.log_likelihood,
        standard_error: error,
        effort: vec![
            ("samples", json!(draws)),
            ("effectiveSamples", json!(effective)),
        ],
        how: format!("standard error {error:.4}; {effective:.1} effective samples of an image"),
    })
}

fn exactly(model: &dyn Model, x: &[f32]) -> Result<Figure> {
    let values = exact::log_likelihoods(model, x)?;
    Ok(Figure {
        nll: -values.iter().sum::<f64>() / values.len() as f64,
        standard_error: 0.0,
        effort: Vec::new(),
        how: "no estimate".to_owned(),
    })
}

/// Refines until the means of two grids agree; their difference stands for the standard error.
fn by_quadrature(model: &dyn Model, x: &[f32]) -> Result<Figure> {
    let mut last = f64::INFINITY;
    for resolution in RESOLUTIONS {
        let values = quadrature::log_likelihoods(model, x, resolution, EXTENT)?;
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let difference = (mean - last).abs();
        if difference < EXACT_NATS {
            let cells = resolution * resolution;
            return Ok(Figure {
                nll: -mean,
                standard_error: difference,
                effort: vec![("cells", json!(cells))],
                how: format!(
                    "two grids agree to {difference:.4} nats; the finer has {cells} cells"
                ),
            });
        }
        last = mean;
    }
    Err(Error::NonFinite(format!(
        "two grids of up to {} cells a side do not agree within {EXACT_NATS} nats",
        RESOLUTIONS[RESOLUTIONS.len() - 1]
    )))
}

pub fn codes(arguments: CodesArguments) -> Result<()> {
    let Checkpoint { model, .. } = files::read_checkpoint(&arguments.file)?;
    let data: Dataset = files::held_out(&arguments.data)?.truncated(arguments.count);
    let codes = inference::encode(model.as_ref(), &data.images(0, data.len())?)?;
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
    let none: Option<HashMap<String, String>> = None;
    let bytes = safetensors::serialize(tensors, none)
        .map_err(|cause| Error::Checkpoint(cause.to_string()))?;
    files::write(&arguments.out, &bytes)
}
