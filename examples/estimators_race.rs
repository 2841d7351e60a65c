//! Estimators of log p(x) beside the exact value, each with the same number of decoded codes.

// A program may read files.
#![allow(clippy::disallowed_methods)]

use std::rc::Rc;

use latent_canvas::data::Dataset;
use latent_canvas::estimators::race::{Runner, Way};
use latent_canvas::estimators::{Estimator, Options, ais, estimate};
use latent_canvas::models::Model;
use latent_canvas::{Error, Result, checkpoint};

const MODEL: &str = "www/public/models/strokes-2d.safetensors";
const DECODED: usize = 20_000;

fn main() -> Result<()> {
    let bytes = std::fs::read(MODEL).map_err(|cause| Error::Io(cause.to_string()))?;
    let model: Rc<dyn Model> = Rc::from(checkpoint::load(&bytes)?.model);
    let digit = Dataset::strokes(1, 1)?.images(0, 1)?;
    let exact = estimate(
        model.as_ref(),
        &digit,
        Options::usual(Estimator::Quadrature, 1),
    )?;
    println!("exact             {:8.2} nats", exact.log_likelihood);

    let annealing = ais::Options {
        temperatures: 50,
        leapfrogs: 5,
    };
    for name in ["naive", "importance", "annealed"] {
        let way = Way::parse(name, 10, annealing)?;
        let mut runner = Runner::new(Rc::clone(&model), &digit, way, 1)?;
        let mut last = None;
        while runner.decoder_evaluations() < DECODED {
            last = runner.advance(10)?.or(last);
        }
        if let Some(found) = last {
            println!(
                "{name:16}  {:8.2} ± {:.2} nats, {:.0} effective samples",
                found.log_likelihood, found.standard_error, found.effective_samples
            );
        }
    }
    Ok(())
}
