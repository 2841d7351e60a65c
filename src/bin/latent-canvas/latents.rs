//! `latent-canvas latents`: what a model's latents are used for.

use std::path::PathBuf;

use latent_canvas::data::synth;
use latent_canvas::latent::disentanglement::{Importance, linear_readout, mutual_information};
use latent_canvas::latent::mmd::squared_mmd;
use latent_canvas::latent::usage::Usage;
use latent_canvas::models::{Model, inference};
use latent_canvas::{Result, Rng};
use serde_json::{Value, json};

use crate::files;

/// The factors of a stroke digit that a latent may stand for.
const FACTORS: [&str; 7] = [
    "class",
    "slant",
    "rotation",
    "thickness",
    "aspect",
    "curvature",
    "loopSize",
];

#[derive(clap::Args)]
pub struct Arguments {
    /// The checkpoint
    file: PathBuf,
    #[command(flatten)]
    data: files::DataArguments,
    /// How many test images
    #[arg(long, default_value_t = 5000)]
    count: usize,
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
    let data = files::held_out(&arguments.data)?.truncated(arguments.count);
    let images = inference::as_drawn(model, data.images(0, data.len())?);
    let codes = inference::encode(model, &images)?;
    let usage = Usage::of(&codes.mean, &codes.log_var, model.latents())?;
    let mut report = json!({
        "images": data.len(), "latents": model.latents(), "activeUnits": usage.active(),
        "klPerLatent": usage.kl, "varianceOfMeans": usage.variance, "mmd": prior_mmd(model, &codes)?,
    });
    if arguments.data.is_strokes() {
        report["factors"] = of_factors(&codes.mean, model.latents(), data.len())?;
    }
    if arguments.record {
        files::record(&arguments.file, &loaded, Some("latents"), &report)?;
    }
    if arguments.json {
        println!("{report}");
        return Ok(());
    }
    println!(
        "{} of {} latents are active on {} images",
        usage.active(),
        model.latents(),
        data.len()
    );
    println!("latent  kl (nats)  variance of means");
    for (latent, (kl, variance)) in usage.kl.iter().zip(&usage.variance).enumerate() {
        println!("{latent:>6}  {kl:>9.3}  {variance:>17.3}");
    }
    match &report["mmd"] {
        Value::Null => println!("the codes have no prior to compare with"),
        mmd => println!("squared MMD of the codes and the prior {mmd:.4} (0: the same)"),
    }
    if let Some(factors) = report["factors"].as_object() {
        for (name, value) in factors {
            println!("{name:<15} {value}");
        }
    }
    Ok(())
}

/// The aggregate posterior against the prior.
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
fn of_factors(codes: &[f32], latents: usize, count: usize) -> Result<Value> {
    let mut factors = Vec::with_capacity(count * FACTORS.len());
    for index in 0..count as u64 {
        let f = synth::digit(files::STROKE_SEEDS.1, index)?.factors;
        factors.push(f64::from(f.class));
        let continuous = [
            f.slant,
            f.rotation,
            f.thickness,
            f.aspect,
            f.curvature,
            f.loop_size,
        ];
        factors.extend(continuous.map(f64::from));
    }
    let information = mutual_information(codes, latents, &factors, FACTORS.len())?;
    let readout = linear_readout(codes, latents, &factors, FACTORS.len())?;
    let importance = Importance::of(&readout);
    let by_name: serde_json::Map<String, Value> = FACTORS
        .iter()
        .zip(&readout.r_squared)
        .map(|(name, r_squared)| ((*name).to_owned(), json!(r_squared)))
        .collect();
    let rows = |matrix: &[f64]| -> Vec<Vec<f64>> {
        matrix.chunks(FACTORS.len()).map(<[f64]>::to_vec).collect()
    };
    Ok(json!({
        "names": FACTORS, "mig": information.gap(), "information": rows(&information.matrix),
        "disentanglement": importance.disentanglement, "completeness": importance.completeness,
        "informativeness": importance.informativeness, "rSquared": by_name,
    }))
}
