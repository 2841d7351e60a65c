//! `latent-canvas posterior`: chains on p(z|x), and the gaps of the evidence lower bound.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use candle_core::{Device, Tensor};
use latent_canvas::estimators::quadrature::{Comparison, Grid, GridPosterior};
use latent_canvas::estimators::{Estimator, Options, estimate, gaps};
use latent_canvas::mcmc::{self, KERNELS, Start};
use latent_canvas::models::{self, Model};
use latent_canvas::{Error, PIXELS, Result, Rng};
use serde::Serialize;

use crate::chains::Chains;
use crate::files::{self, TestImages};
use crate::numbers::at_least_one;
use crate::plots::{PictureFile, PosteriorMap};
use crate::progress;
use crate::report::Printable;

/// Draws for log p(x) where there is no exact value.
const DRAWS: usize = 5000;
/// Chains with a larger R-hat do not agree.
const DISAGREEING: f64 = 1.01;

#[derive(clap::Args)]
pub struct Arguments {
    /// The checkpoint
    file: PathBuf,
    #[command(flatten)]
    data: files::DataArguments,
    /// The kernel: how the chains move
    #[arg(long, default_value = "hmc", value_parser = KERNELS)]
    kernel: String,
    /// The first N test images
    #[arg(long, default_value = "10", value_parser = at_least_one)]
    limit: NonZeroUsize,
    /// Draw the exact posterior of one image, as .png or .svg, for a model with two latents; the encoder's answer lies over it
    #[arg(long, value_parser = PictureFile::parse)]
    plot: Option<PictureFile>,
    /// Which of the test images to draw, counted from 0
    #[arg(long, value_name = "INDEX", default_value_t = 0, requires = "plot")]
    plot_image: usize,
    /// Seed of the binarisation and the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print one JSON object, and no progress
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    chains: Chains,
}

/// The results for one image.
struct Found {
    acceptance: f64,
    /// R-hat of the latent with the largest.
    r_hat: f64,
    /// Effective samples of the latent with the fewest.
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
    let limit = Some(arguments.limit);
    let TestImages { x, labels, .. } =
        files::test_images(&arguments.data, limit, &loaded, None, arguments.seed)?;

    if let Some(plot) = &arguments.plot {
        plot.try_to_write()?;
        may_be_drawn(model, labels.len(), arguments.plot_image)?;
    }
    let bar = progress::of_images(labels.len(), arguments.json);
    let mut found = Vec::with_capacity(labels.len());
    for (index, x) in x.chunks_exact(PIXELS).enumerate() {
        let mut rng = Rng::from_seed(arguments.seed).split_index("posterior", index as u64);
        // A code of a conditional model means something else for each class, so the model is given the image's class.
        let given = models::given_labels(model, &labels[index..=index])?;
        let model = given.as_deref().unwrap_or(model);
        let (image, grid) = of_image(model, x, rng.bits(), &arguments)?;
        let plot = arguments.plot.as_ref().zip(grid);
        if let Some((plot, grid)) = plot.filter(|_| index == arguments.plot_image) {
            let digit = labels[index].map_or(String::new(), |label| format!(", a {label}"));
            let map = PosteriorMap {
                model,
                image: x,
                posterior: &grid,
                name: format!("test image {index}{digit}"),
                elbo: image.encoder,
            };
            map.write(plot)?;
        }
        found.push(image);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let report = Report::of(&found, model, arguments.kernel);
    report.show(arguments.json)
}

/// Refuses before the chains run what no picture can show.
fn may_be_drawn(model: &dyn Model, images: usize, image: usize) -> Result<()> {
    if image >= images {
        return Err(Error::InvalidArgument(format!(
            "--plot-image counts the {images} test images from 0; got {image}"
        )));
    }
    if !Estimator::of(model)?.contains(&Estimator::Quadrature) {
        return Err(Error::Unsupported(format!(
            "--plot draws the exact posterior over the plane of two latents that are real numbers, and this model of the \
             family \"{}\" has no such plane; leave --plot out",
            model.spec().family().id
        )));
    }
    Ok(())
}

fn of_image(
    model: &dyn Model,
    x: &[f32],
    seed: u64,
    arguments: &Arguments,
) -> Result<(Found, Option<GridPosterior>)> {
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
    let found = Found {
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
    };
    Ok((found, grid))
}

/// log p(x) by the best estimator that the model has.
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

/// Means over the images, nats where a figure has a unit.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    images: usize,
    latents: usize,
    kernel: String,
    acceptance: f64,
    least_effective_samples: f64,
    worst_r_hat: f64,
    /// Images whose chains do not agree.
    disagreeing: usize,
    log_likelihood: f64,
    elbo: f64,
    best_gaussian_elbo: f64,
    approximation_gap: f64,
    amortisation_gap: f64,
    /// Against the exact posterior, where there is one.
    grid: Option<GridReport>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GridReport {
    mean_error_in_deviations: f64,
    mean_error_in_standard_errors: f64,
    covariance_error: f64,
    total_variation: f64,
    total_variation_of_true_draws: f64,
}

impl Report {
    fn of(found: &[Found], model: &dyn Model, kernel: String) -> Self {
        let count = found.len() as f64;
        let mean = |of: &dyn Fn(&Found) -> f64| found.iter().map(of).sum::<f64>() / count;
        let disagreeing = found.iter().filter(|image| image.r_hat > DISAGREEING);
        Self {
            images: found.len(),
            latents: model.latents(),
            kernel,
            acceptance: mean(&|image| image.acceptance),
            least_effective_samples: mean(&|image| image.effective),
            worst_r_hat: found
                .iter()
                .fold(0.0, |worst: f64, image| worst.max(image.r_hat)),
            disagreeing: disagreeing.count(),
            log_likelihood: mean(&|image| image.log_likelihood),
            elbo: mean(&|image| image.encoder),
            best_gaussian_elbo: mean(&|image| image.best),
            approximation_gap: mean(&|image| image.log_likelihood - image.best),
            amortisation_gap: mean(&|image| image.best - image.encoder),
            grid: GridReport::of(found),
        }
    }
}

impl Printable for Report {
    fn print(&self) {
        println!(
            "{} test images, {} latents, chains by {}",
            self.images, self.latents, self.kernel
        );
        println!(
            "accepted {:.2}; {:.0} effective samples of the worst latent; {} images with R-hat above {DISAGREEING}, \
             the largest {:.3}",
            self.acceptance, self.least_effective_samples, self.disagreeing, self.worst_r_hat,
        );
        println!("log p(x)             {:>9.3} nats", self.log_likelihood);
        println!("  - approximation gap {:>8.3}", self.approximation_gap);
        println!("best Gaussian's ELBO {:>9.3}", self.best_gaussian_elbo);
        println!("  - amortisation gap {:>9.3}", self.amortisation_gap);
        println!("encoder's ELBO       {:>9.3}", self.elbo);
        let Some(grid) = &self.grid else {
            return;
        };
        println!("against the exact posterior:");
        for (name, value) in [
            (
                "error of means, in deviations",
                grid.mean_error_in_deviations,
            ),
            ("in standard errors", grid.mean_error_in_standard_errors),
            ("error of covariances", grid.covariance_error),
            ("total variation", grid.total_variation),
            ("of as many true draws", grid.total_variation_of_true_draws),
        ] {
            println!("  {name:<30} {value:.4}");
        }
    }
}

impl GridReport {
    fn of(found: &[Found]) -> Option<Self> {
        let grids: Vec<(&Comparison, f64)> = (found.iter())
            .filter_map(|image| Some((image.grid.as_ref()?, image.effective)))
            .collect();
        if grids.is_empty() {
            return None;
        }
        let mean = |of: &dyn Fn(&Comparison, f64) -> f64| {
            let values = grids.iter().map(|(grid, worth)| of(grid, *worth));
            values.sum::<f64>() / grids.len() as f64
        };
        let square = |grid: &Comparison| grid.mean_error.iter().map(|e| e * e / 2.0).sum::<f64>();
        Some(Self {
            mean_error_in_deviations: mean(&|grid, _| square(grid)).sqrt(),
            mean_error_in_standard_errors: mean(&|grid, worth| square(grid) * worth).sqrt(),
            covariance_error: mean(&|grid, _| grid.covariance_error),
            total_variation: mean(&|grid, _| grid.total_variation),
            total_variation_of_true_draws: mean(&|grid, _| grid.expected_variation),
        })
    }
}
