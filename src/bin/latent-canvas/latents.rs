//! `latent-canvas latents`: which latents a model uses, and what they have to do with known factors.

use std::collections::BTreeMap;
use std::path::PathBuf;

use latent_canvas::data::synth::{self, StrokeFactors};
use latent_canvas::latent::disentanglement::{
    Importance, class_columns, linear_readout, mutual_information,
};
use latent_canvas::latent::mmd::squared_mmd;
use latent_canvas::latent::usage::Usage;
use latent_canvas::models::{Model, inference};
use latent_canvas::{Result, Rng};
use serde::Serialize;

use crate::files;
use crate::numbers::at_least;
use crate::report::{Printable, ReportArguments};

const FACTORS: [&str; StrokeFactors::NAMES.len()] = StrokeFactors::NAMES;

#[derive(clap::Args)]
pub struct Arguments {
    /// The checkpoint
    file: PathBuf,
    #[command(flatten)]
    data: files::DataArguments,
    /// How many test images
    #[arg(long, default_value_t = 5000, value_parser = at_least::<2>)]
    count: usize,
    #[command(flatten)]
    report: ReportArguments,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    images: usize,
    latents: usize,
    active_units: usize,
    kl_per_latent: Vec<f64>,
    variance_of_means: Vec<f64>,
    /// None where the model has no prior.
    mmd: Option<f64>,
    /// Only for stroke digits: their factors are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    factors: Option<FactorScores>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FactorScores {
    names: [&'static str; FACTORS.len()],
    mig: f64,
    /// Mutual information of each latent and factor, nats.
    information: Vec<Vec<f64>>,
    disentanglement: f64,
    completeness: f64,
    informativeness: f64,
    /// For the linear read-out of each factor.
    r_squared: BTreeMap<&'static str, f64>,
}

pub fn run(arguments: Arguments) -> Result<()> {
    let loaded = files::read_checkpoint(&arguments.file)?;
    let model = loaded.model.as_ref();
    let data = files::held_out(&arguments.data)?.truncated(arguments.count);
    let images = inference::as_drawn(model, data.images(0, data.len())?);
    let codes = inference::encode(model, &images)?;
    let (mean, log_var) = (&codes.mean, &codes.log_var);
    let usage = match model.prior()? {
        Some(prior) => Usage::under(prior.as_ref(), mean, log_var, model.latents())?,
        None => Usage::of(mean, log_var, model.latents())?,
    };
    let factors = if arguments.data.is_strokes() {
        Some(of_factors(&codes.mean, model.latents(), data.len())?)
    } else {
        None
    };
    let report = Report {
        images: data.len(),
        latents: model.latents(),
        active_units: usage.active(),
        kl_per_latent: usage.kl,
        variance_of_means: usage.variance,
        mmd: prior_mmd(model, &codes)?,
        factors,
    };
    let from = (arguments.file.as_path(), &loaded);
    arguments.report.give(&report, Some("latents"), from)
}

impl Printable for Report {
    fn print(&self) {
        println!(
            "{} of {} latents are active on {} images",
            self.active_units, self.latents, self.images
        );
        println!("latent  kl (nats)  variance of means");
        let rows = self.kl_per_latent.iter().zip(&self.variance_of_means);
        for (latent, (kl, variance)) in rows.enumerate() {
            println!("{latent:>6}  {kl:>9.3}  {variance:>17.3}");
        }
        match self.mmd {
            None => println!("the codes have no prior to compare with"),
            Some(mmd) => println!("squared MMD of the codes and the prior {mmd:.4} (0: the same)"),
        }
        if let Some(factors) = &self.factors {
            factors.print();
        }
    }
}

impl FactorScores {
    fn print(&self) {
        println!("mutual information gap {:.3}", self.mig);
        println!(
            "disentanglement {:.3}, completeness {:.3}, informativeness {:.3}",
            self.disentanglement, self.completeness, self.informativeness
        );
        println!("R squared of a linear read-out, and mutual information with each latent (nats):");
        for (factor, name) in self.names.iter().enumerate() {
            let known: Vec<_> = (self.information.iter())
                .map(|latent| format!("{:.2}", latent[factor]))
                .collect();
            println!(
                "  {name:<10} {:>6.3}  {}",
                self.r_squared[name],
                known.join(" ")
            );
        }
    }
}

/// The squared MMD between the aggregate posterior and the prior.
fn prior_mmd(model: &dyn Model, codes: &inference::Codes) -> Result<Option<f64>> {
    let Some(prior) = model.prior()? else {
        return Ok(None);
    };
    let mut rng = Rng::from_seed(1).split("aggregate posterior");
    let drawn: Vec<f32> = codes
        .mean
        .iter()
        .zip(&codes.log_var)
        .map(|(mean, log_var)| mean + (0.5 * log_var).exp() * rng.normal())
        .collect();
    let rows = drawn.len() / model.latents();
    let other = prior.sample(rows, 1.0, &mut rng)?;
    squared_mmd(&drawn, &other, model.latents()).map(Some)
}

/// MIG, DCI and the linear read-out of the factors that the held-out digits were made from.
fn of_factors(codes: &[f32], latents: usize, count: usize) -> Result<FactorScores> {
    let mut factors = Vec::with_capacity(count * FACTORS.len());
    for index in 0..count as u64 {
        factors.extend(synth::digit(files::STROKE_SEEDS.1, index)?.factors.values());
    }
    // One column for each class: as a single number, a 4 would lie between a 3 and a 5.
    let rows = || factors.chunks_exact(FACTORS.len());
    let classes: Vec<u8> = rows().map(|row| row[0] as u8).collect();
    let (class, width) = class_columns(&classes);
    let by_row = class.chunks_exact(width.max(1)).zip(rows());
    let columns: Vec<f64> = by_row
        .flat_map(|(class, row)| class.iter().chain(&row[1..]))
        .copied()
        .collect();
    let mut widths = [1; FACTORS.len()];
    widths[0] = width;
    let information = mutual_information(codes, latents, &factors, FACTORS.len())?;
    let readout = linear_readout(codes, latents, &columns, widths.iter().sum())?;
    let readout = readout.joined(&widths)?;
    let importance = Importance::of(&readout);
    let r_squared = readout.r_squared.iter().copied();
    let rows = |matrix: &[f64]| -> Vec<Vec<f64>> {
        matrix.chunks(FACTORS.len()).map(<[f64]>::to_vec).collect()
    };
    Ok(FactorScores {
        names: FACTORS,
        mig: information.gap(),
        information: rows(&information.matrix),
        disentanglement: importance.disentanglement,
        completeness: importance.completeness,
        informativeness: importance.informativeness,
        r_squared: FACTORS.into_iter().zip(r_squared).collect(),
    })
}
