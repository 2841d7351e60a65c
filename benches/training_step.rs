//! Milliseconds of a training step, natively, for the works that `benches/README.md` describes.
//!
//! `cargo bench --features cli --bench training_step -- --json` prints one line for each number of
//! threads: `{"threads":1,"A":9.1,"B":1.9,"C":25.0}`, medians.
#![allow(
    clippy::disallowed_methods,
    reason = "a bench reads the clock and its arguments"
)]

use std::rc::Rc;
use std::time::Instant;

use latent_canvas::data::Dataset;
use latent_canvas::models::{self, ModelSpec};
use latent_canvas::train::{TrainOptions, Trainer};
use serde_json::json;

/// Name, hidden units, latents and images a step.
const WORKS: [(&str, usize, usize, usize); 3] =
    [("A", 400, 20, 128), ("B", 128, 2, 64), ("C", 400, 20, 512)];
const WARM_UP: usize = 10;
const BLOCKS: usize = 5;
const STEPS_A_BLOCK: usize = 12;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let as_json = std::env::args().any(|argument| argument == "--json");
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()?;
        let medians = pool.install(medians)?;
        if as_json {
            let [a, b, c] = medians;
            println!("{}", json!({ "threads": threads, "A": a, "B": b, "C": c }));
        } else {
            let named = WORKS.iter().zip(medians);
            let words: Vec<String> = named
                .map(|((name, ..), median)| format!("{name} {median:.2} ms"))
                .collect();
            println!("{threads} threads: {}", words.join(", "));
        }
    }
    Ok(())
}

/// The works in turns, so that whatever else the machine does slows all alike.
fn medians() -> Result<[f64; 3], Failure> {
    let data = Rc::new(Dataset::strokes(4096, 1)?);
    let mut trainers = Vec::new();
    for (_, hidden, latents, batch) in WORKS {
        let spec = json!({"model": "vae", "latents": latents, "hidden": [hidden]});
        let model = models::build(&ModelSpec::from_json(&spec)?, 1)?;
        let options = json!({
            "batchSize": batch, "learningRate": 1e-3, "binarization": "dynamic", "seed": 1,
        });
        let options = TrainOptions::from_json(&options)?;
        let mut trainer = Trainer::new(model.as_ref(), data.clone(), options)?;
        trainer.step(WARM_UP)?;
        trainers.push(trainer);
    }
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..BLOCKS {
        for (trainer, times) in trainers.iter_mut().zip(&mut times) {
            for _ in 0..STEPS_A_BLOCK {
                let start = Instant::now();
                trainer.step(1)?;
                times.push(start.elapsed().as_secs_f64() * 1e3);
            }
        }
    }
    Ok(times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    }))
}
