//! `latent-canvas eval`: log p(x) and the evidence lower bound of test images.

mod report;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::ValueEnum;
use latent_canvas::estimators::{Estimate, Estimation, Estimator, Options, ais, bound};
use latent_canvas::models::{self, Model};
use latent_canvas::{PIXELS, Result};

use crate::files::{self, TestImages};
use crate::numbers::{at_least, at_least_one};
use crate::progress;
use crate::report::ReportArguments;
use report::{ClassError, GivenClass, Precision, Report};

/// Default number of draws, and of annealed chains, for each image.
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
    /// In closed form or as a finite sum (families that have one)
    Exact,
    /// Only the evidence lower bound
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
    /// Draws for each image (importance, naive) [default: 5000], or chains (annealed) [default: 16]
    #[arg(long, value_parser = at_least::<1>)]
    samples: Option<usize>,
    /// Temperatures between the prior and the posterior (annealed)
    #[arg(long, default_value_t = 500, value_parser = at_least::<1>)]
    temperatures: usize,
    /// Leapfrog steps at each temperature (annealed)
    #[arg(long, default_value_t = 10, value_parser = at_least::<1>)]
    leapfrogs: usize,
    /// Only the first N test images
    #[arg(long, value_parser = at_least_one)]
    limit: Option<NonZeroUsize>,
    /// Seed of the binarisation and the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How grey pixels are treated: "dynamic", "static" or "grey" [default: as in training]
    #[arg(long)]
    binarization: Option<String>,
    /// Also report log p(x) of each image
    #[arg(long)]
    each: bool,
    #[command(flatten)]
    report: ReportArguments,
}

pub fn run(arguments: Arguments) -> Result<()> {
    let loaded = files::read_checkpoint(&arguments.file)?;
    let model = loaded.model.as_ref();
    let TestImages {
        x,
        labels,
        binarization,
    } = files::test_images(
        &arguments.data,
        arguments.limit,
        &loaded,
        arguments.binarization.as_deref(),
        arguments.seed,
    )?;
    let bound = bound::elbo(model, &x, 1, arguments.seed)?;
    let way = arguments.estimator.of(&arguments);
    let found = match way {
        Some(options) => Some(estimates(options, (model, &[]), &x, arguments.report.json)?),
        None => None,
    };
    let mean = found.as_deref().map(Estimate::mean_of);
    let report = Report {
        images: labels.len(),
        estimator: way.map_or("elbo", |options| options.estimator.name()),
        seed: arguments.seed,
        binarization: binarization.name(),
        nll: mean.map(|mean| -mean.log_likelihood),
        standard_error: mean.map(|mean| mean.standard_error),
        elbo: bound.elbo,
        reconstruction: bound.reconstruction,
        kl: bound.kl,
        precision: way
            .zip(mean)
            .map(|(options, mean)| Precision::of(options, &mean, labels.len())),
        given_class: given_class(way, (model, &labels), &x, &arguments)?,
        class_error: ClassError::of(model, &x, &labels)?,
        log_likelihoods: found.filter(|_| arguments.each).map(|found| {
            let values = found.iter().map(|image| image.log_likelihood);
            values.collect()
        }),
    };
    let from = (arguments.file.as_path(), &loaded);
    arguments.report.give(&report, None, from)
}

/// The figures when the class of each image is given; none where the model takes no class, or a label is not known.
fn given_class(
    way: Option<Options>,
    (model, labels): (&dyn Model, &[Option<u8>]),
    x: &[f32],
    arguments: &Arguments,
) -> Result<Option<GivenClass>> {
    if models::given_labels(model, labels)?.is_none() {
        return Ok(None);
    }
    let bound = bound::elbo_given_labels(model, x, labels, 1, arguments.seed)?;
    let mean = match way {
        Some(options) => {
            let found = estimates(options, (model, labels), x, arguments.report.json)?;
            Some(Estimate::mean_of(&found))
        }
        None => None,
    };
    Ok(Some(GivenClass {
        elbo: bound.elbo,
        reconstruction: bound.reconstruction,
        kl: bound.kl,
        nll: mean.map(|mean| -mean.log_likelihood),
        standard_error: mean.map(|mean| mean.standard_error),
    }))
}

impl Way {
    /// How to estimate log p(x); none if only the bound is wanted, which is part of every report.
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

/// log p(x) of each image; a model that takes classes is given the class of each image that has a label.
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
