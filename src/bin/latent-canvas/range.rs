//! `latent-canvas range`: log p(x) of test digits, which the page compares a drawing with.

use std::path::PathBuf;

use latent_canvas::estimators::{Estimate, Estimation, Estimator, Options};
use latent_canvas::models::inference;
use latent_canvas::{Error, PIXELS, Result};
use serde::Serialize;
use serde_json::json;

use crate::numbers::at_least;
use crate::report::{Printable, ReportArguments};
use crate::{files, progress};

/// The name under which the range is recorded in the model's file.
const GROUP: &str = "testLogLikelihood";
/// The shares of the images below the lower and the upper end of the range.
const OUTSIDE: f64 = 0.05;

#[derive(clap::Args)]
pub struct Arguments {
    /// The checkpoint
    file: PathBuf,
    #[command(flatten)]
    data: files::DataArguments,
    /// How many test images
    #[arg(long, default_value_t = 2000, value_parser = at_least::<1>)]
    count: usize,
    /// Draws for each image, where log p(x) is not known exactly
    #[arg(long, default_value_t = 1000, value_parser = at_least::<1>)]
    samples: usize,
    /// Seed of the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write all values to this JSON file: in ascending order, in tenths of a nat, first the lowest and then the differences
    #[arg(long)]
    values: Option<PathBuf>,
    #[command(flatten)]
    report: ReportArguments,
}

pub fn run(arguments: Arguments) -> Result<()> {
    let loaded = files::read_checkpoint(&arguments.file)?;
    let model = loaded.model.as_ref();
    let data = files::held_out(&arguments.data)?.truncated(arguments.count);
    // As the page treats a drawing: pixels drawn at random would make another kind of image.
    let pixels = inference::as_drawn(model, data.images(0, data.len())?);
    let best = Estimator::of(model)?.first().copied();
    let estimator = best.ok_or_else(|| {
        Error::Unsupported(
            "this model has no p(x), so there is no range of log p(x) to report".to_owned(),
        )
    })?;
    let options = Options {
        estimator,
        draws: arguments.samples,
        seed: arguments.seed,
    };
    let estimation = Estimation::new(model, options)?;
    let bar = progress::of_images(data.len(), arguments.report.json);
    let mut found: Vec<Estimate> = Vec::new();
    for (index, image) in pixels.chunks_exact(PIXELS).enumerate() {
        found.push(estimation.estimate(model, image, index)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let mut values: Vec<f64> = found.iter().map(|image| image.log_likelihood).collect();
    values.sort_by(f64::total_cmp);
    let [low, median, high] = [OUTSIDE, 0.5, 1.0 - OUTSIDE].map(|share| quantile(&values, share));
    let report = Report {
        median,
        low,
        high,
        pixels: if model.likelihood().is_binary() {
            "thresholded"
        } else {
            "grey"
        },
        images: values.len(),
        estimator: estimator.name(),
    };
    if let Some(path) = &arguments.values {
        let (first, steps) = steps_in_tenths(&values);
        let all = json!({
            "pixels": report.pixels, "estimator": report.estimator,
            "firstTenth": first, "stepsInTenths": steps,
        });
        files::write(path, all.to_string().as_bytes())?;
    }
    let from = (arguments.file.as_path(), &loaded);
    arguments.report.give(&report, Some(GROUP), from)
}

/// log p(x) of test images, nats.
#[derive(Serialize)]
struct Report {
    median: f64,
    low: f64,
    high: f64,
    pixels: &'static str,
    images: usize,
    estimator: &'static str,
}

impl Printable for Report {
    fn print(&self) {
        println!(
            "log p(x) of {} test images, {} pixels, by {}: median {:.2}, 90 % from {:.2} to {:.2} nats",
            self.images, self.pixels, self.estimator, self.median, self.low, self.high
        );
    }
}

/// Ascending values in tenths: the lowest, then the difference of each to the one before it.
fn steps_in_tenths(ascending: &[f64]) -> (i64, Vec<i64>) {
    let tenths: Vec<i64> = ascending
        .iter()
        .map(|v| (v * 10.0).round() as i64)
        .collect();
    let steps = tenths.windows(2).map(|pair| pair[1] - pair[0]).collect();
    (tenths.first().copied().unwrap_or_default(), steps)
}

/// The quantile of this share of ascending values, linearly interpolated between two of them.
fn quantile(ascending: &[f64], share: f64) -> f64 {
    let last = ascending.len().saturating_sub(1);
    let place = share * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    match (ascending.get(below), ascending.get(above)) {
        (Some(low), Some(high)) => low + (place - below as f64) * (high - low),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::{quantile, steps_in_tenths};

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let values: Vec<f64> = (0..=20).map(f64::from).collect();
        assert_eq!(quantile(&values, 0.05), 1.0);
        assert_eq!(quantile(&values, 0.5), 10.0);
        assert_eq!(quantile(&values, 0.95), 19.0);
        assert_eq!(quantile(&[1.0, 3.0], 0.25), 1.5);
        assert_eq!(quantile(&[7.0], 0.95), 7.0);
    }

    #[test]
    fn values_are_written_as_steps() {
        let (first, steps) = steps_in_tenths(&[-120.04, -119.97, -119.97, 3.26]);
        assert_eq!((first, steps), (-1200, vec![0, 0, 1233]));
    }
}
