//! `latent-canvas posterior`: chains on p(z|x), and what the evidence bound loses.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use candle_core::{Device, Tensor};
use latent_canvas::estimators::quadrature::{Comparison, Grid, GridPosterior};
use latent_canvas::estimators::{Estimator, Options, estimate, gaps};
use latent_canvas::mcmc::{self, KERNELS, Start};
use latent_canvas::models::{self, Model};
use latent_canvas::{PIXELS, Result, Rng};
use serde_json::{Value, json};

use crate::chains::Chains;
use crate::{files, progress};

/// Draws for log p(x) where nothing exact is known.
const DRAWS: usize = 5000;
/// R-hat above which chains do not agree.
const DISAGREEING: f64 = 1.01;

#[derive(clap::Args)]
pub struct Arguments {
    /// The checkpoint
    file: PathBuf,
    #[command(flatten)]
    data: files::DataArguments,
    /// How the chains move
    #[arg(long, default_value = "hmc", value_parser = KERNELS)]
    kernel: String,
    /// The first N test images
    #[arg(long, default_value = "10")]
    limit: NonZeroUsize,
    /// Fixes the binarisation and the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print one JSON object, and no progress
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    chains: Chains,
}

/// What was found of one image.
struct Found {
    acceptance: f64,
    /// Of the latent that agrees least.
    r_hat: f64,
    /// Of the latent that has fewest.
    effective: f64,
    log_likelihood: f64,
    /// L(q*) and L(q) of the encoder's answer.
    best: f64,
    encoder: f64,
    grid: Option<Comparison>,
}

pub fn run(arguments: Arguments) -> Result<()> {
    let loaded = files::read_checkpoint(&arguments.file)?;
    let model = loaded.model.as_ref();
    let data = files::held_out(&arguments.data)?.truncated(arguments.limit.get());
    let all: Vec<u32> = (0..data.len() as u32).collect();
    let rng = Rng::from_seed(arguments.seed).split("evaluation");
    let x = data.batch(&all, files::pixels_of_training(&loaded)?, &rng, 0);
    let labels = data.labels(0, data.len())?;

    let bar = progress::of_images(data.len(), arguments.json);
    let mut found = Vec::with_capacity(data.len());
    for (index, x) in x.chunks_exact(PIXELS).enumerate() {
        let mut rng = Rng::from_seed(arguments.seed).split_index("posterior", index as u64);
        // Codes of a conditional model mean something else for each class: an image's own is given.
        let given = models::given_labels(model, &labels[index..=index])?;
        let model = given.as_deref().unwrap_or(model);
        found.push(of_image(model, x, rng.bits(), &arguments)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let report = report(&found, model, &arguments.kernel);
    if arguments.json {
        println!("{report}")
    } else {
        print(&report)
    }
    Ok(())
}

fn of_image(model: &dyn Model, x: &[f32], seed: u64, arguments: &Arguments) -> Result<Found> {
    let tensor = Tensor::from_slice(x, (1, PIXELS), &Device::Cpu)?;
    let mut kernel = mcmc::kernel(&arguments.kernel, model, &tensor)?;
    let draws = mcmc::sample(
        model,
        &tensor,
        kernel.as_mut(),
        arguments.chains.options(Start::Encoder, seed)?,
    )?;
    let effective = (draws.effective_samples.iter()).fold(f64::INFINITY, |a, b| a.min(*b));
    let best = gaps::best_gaussian(model, x, seed)?;
    let grid = if Estimator::of(model)?.contains(&Estimator::Quadrature) {
        Some(Grid::new(model)?.posterior(model, x)?)
    } else {
        None
    };
    Ok(Found {
        acceptance: draws.acceptance,
        r_hat: draws.r_hat.iter().fold(0.0, |a, b| a.max(*b)),
        effective,
        log_likelihood: log_likelihood(model, x, grid.as_ref(), seed)?,
        best: best.bound,
        encoder: best.encoder_bound,
        grid: match &grid {
            Some(grid) => Some(grid.compare(&draws.z, effective)?),
            None => None,
        },
    })
}

/// By the best way that the model has.
fn log_likelihood(
    model: &dyn Model,
    x: &[f32],
    grid: Option<&GridPosterior>,
    seed: u64,
) -> Result<f64> {
    if let Some(grid) = grid {
        return Ok(grid.log_likelihood);
    }
    let best = Estimator::of(model)?
        .first()
        .copied()
        .unwrap_or(Estimator::Importance);
    let options = Options {
        estimator: best,
        draws: DRAWS,
        seed,
    };
    Ok(estimate(model, x, options)?.log_likelihood)
}

fn report(found: &[Found], model: &dyn Model, kernel: &str) -> Value {
    let count = found.len() as f64;
    let mean = |of: &dyn Fn(&Found) -> f64| found.iter().map(of).sum::<f64>() / count;
    let disagreeing = found.iter().filter(|image| image.r_hat > DISAGREEING);
    let mut report = json!({
        "images": found.len(), "latents": model.latents(), "kernel": kernel,
        "acceptance": mean(&|image| image.acceptance),
        "leastEffectiveSamples": mean(&|image| image.effective),
        "worstRHat": found.iter().fold(0.0, |worst: f64, image| worst.max(image.r_hat)),
        "disagreeing": disagreeing.count(),
        "logLikelihood": mean(&|image| image.log_likelihood),
        "elbo": mean(&|image| image.encoder),
        "bestGaussianElbo": mean(&|image| image.best),
        "approximationGap": mean(&|image| image.log_likelihood - image.best),
        "amortisationGap": mean(&|image| image.best - image.encoder),
        "grid": null,
    });
    let grids: Vec<(&Comparison, f64)> = (found.iter())
        .filter_map(|image| Some((image.grid.as_ref()?, image.effective)))
        .collect();
    if !grids.is_empty() {
        let mean = |of: &dyn Fn(&Comparison, f64) -> f64| {
            grids
                .iter()
                .map(|(grid, worth)| of(grid, *worth))
                .sum::<f64>()
                / grids.len() as f64
        };
        let square = |grid: &Comparison| grid.mean_error.iter().map(|e| e * e / 2.0).sum::<f64>();
        report["grid"] = json!({
            "meanErrorInDeviations": mean(&|grid, _| square(grid)).sqrt(),
            "meanErrorInStandardErrors": mean(&|grid, worth| square(grid) * worth).sqrt(),
            "covarianceError": mean(&|grid, _| grid.covariance_error),
            "totalVariation": mean(&|grid, _| grid.total_variation),
            "totalVariationOfTrueDraws": mean(&|grid, _| grid.expected_variation),
        });
    }
    report
}

fn print(report: &Value) {
    let number = |key: &str| report[key].as_f64().unwrap_or(f64::NAN);
    println!(
        "{} test images, {} latents, chains by {}",
        report["images"], report["latents"], report["kernel"]
    );
    println!(
        "accepted {:.2}; {:.0} effective samples of the worst latent; {} images with R-hat above {DISAGREEING}, the \
         largest {:.3}",
        number("acceptance"),
        number("leastEffectiveSamples"),
        report["disagreeing"],
        number("worstRHat"),
    );
    println!("log p(x)             {:>9.3} nats", number("logLikelihood"));
    println!("  - approximation gap {:>8.3}", number("approximationGap"));
    println!("best Gaussian's ELBO {:>9.3}", number("bestGaussianElbo"));
    println!("  - amortisation gap {:>9.3}", number("amortisationGap"));
    println!("encoder's ELBO       {:>9.3}", number("elbo"));
    if let Some(grid) = report["grid"].as_object() {
        println!("against the exact posterior:");
        for (name, value) in grid {
            println!("  {name:<28} {:.4}", value.as_f64().unwrap_or(f64::NAN));
        }
    }
}
