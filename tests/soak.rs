//! What counts thousands of posteriors, so `make soak` runs it and `make test` does not: are the posteriors calibrated, and how
//! wide is the sandwich around log p(x)? docs/trust.md has the figures.
#![cfg(not(target_arch = "wasm32"))]
// The shipped models are files.
#![allow(clippy::disallowed_methods)]

use latent_canvas::estimators::StreamingEstimator;
use latent_canvas::estimators::ais::{self, Ais};
use latent_canvas::estimators::quadrature::Grid;
use latent_canvas::mcmc;
use latent_canvas::models::Model;
use latent_canvas::models::inference::{self, Samples};
use latent_canvas::{PIXELS, Rng, checkpoint};

/// Bins of the ranks.
const BINS: usize = 20;
/// Of chi squared with 19 degrees of freedom, one in a thousand lies above.
const CRITICAL: f64 = 43.82;

fn shipped(name: &str) -> Box<dyn Model> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/www/public/models");
    let bytes = std::fs::read(format!("{folder}/{name}.safetensors")).unwrap();
    checkpoint::load(&bytes).unwrap().model
}

/// Codes of the prior, and an image of each.
fn simulated(model: &dyn Model, count: usize) -> Samples {
    inference::sample(model, count, 1.0, 20).unwrap()
}

/// How far ranks in [0, 1) are from being even: chi squared over the bins.
fn chi_squared(ranks: &[f64]) -> f64 {
    let mut counts = [0.0; BINS];
    for rank in ranks {
        counts[((rank * BINS as f64) as usize).min(BINS - 1)] += 1.0;
    }
    let expected = ranks.len() as f64 / BINS as f64;
    counts
        .iter()
        .map(|count: &f64| (count - expected).powi(2) / expected)
        .sum()
}

/// Simulation-based calibration (Talts et al. 2018): the code that made an image is a draw of its posterior, so its rank among
/// draws of the right posterior is even. `draws` gives draws `[n, K]` that are independent or nearly so.
fn calibrate(
    name: &str,
    model: &dyn Model,
    count: usize,
    draws: impl Fn(usize, &[f32]) -> Vec<f32>,
) -> Vec<f64> {
    let Samples {
        latents, pixels, ..
    } = simulated(model, count);
    let k = model.latents();
    let mut ranks = vec![Vec::with_capacity(count); k];
    let mut ties = Rng::from_seed(21).split(name);
    for (index, (code, image)) in latents.chunks(k).zip(pixels.chunks(PIXELS)).enumerate() {
        let drawn = draws(index, image);
        for (latent, ranks) in ranks.iter_mut().enumerate() {
            let below = drawn
                .chunks(k)
                .filter(|draw| draw[latent] < code[latent])
                .count() as f64;
            ranks.push((below + f64::from(ties.uniform())) / (drawn.len() / k + 1) as f64);
        }
    }
    let statistics: Vec<f64> = ranks.iter().map(|ranks| chi_squared(ranks)).collect();
    println!("{name}: {count} images, chi squared with 19 degrees of freedom {statistics:.1?}");
    statistics
}

#[test]
#[ignore = "takes minutes: make soak"]
fn the_grid_is_calibrated() {
    for name in ["mnist-2d", "strokes-2d"] {
        let model = shipped(name);
        let grid = Grid::new(model.as_ref()).unwrap();
        let statistics = calibrate(
            &format!("the grid, {name}"),
            model.as_ref(),
            2_000,
            |index, image| {
                let mut rng = Rng::from_seed(22).split_index("draws", index as u64);
                grid.posterior(model.as_ref(), image)
                    .unwrap()
                    .sample(199, &mut rng)
            },
        );
        assert!(statistics.iter().all(|value| *value < CRITICAL));
    }
}

#[test]
#[ignore = "takes minutes: make soak"]
fn hamiltonian_chains_are_calibrated() {
    let model = shipped("mnist-2d");
    let x = |image: &[f32]| {
        candle_core::Tensor::from_slice(image, (1, PIXELS), &candle_core::Device::Cpu).unwrap()
    };
    let statistics = calibrate(
        "Hamiltonian chains, mnist-2d",
        model.as_ref(),
        400,
        |index, image| {
            let x = x(image);
            let mut kernel = mcmc::kernel("hmc", model.as_ref(), &x).unwrap();
            let options = mcmc::Options {
                warm_up: 100,
                draws: 200,
                seed: index as u64,
                ..mcmc::Options::default()
            };
            let drawn = mcmc::sample(model.as_ref(), &x, kernel.as_mut(), options).unwrap();
            // Every fourth step of four chains.
            let k = model.latents();
            drawn
                .z
                .chunks(options.chains * k)
                .step_by(4)
                .flatten()
                .copied()
                .collect()
        },
    );
    assert!(statistics.iter().all(|value| *value < CRITICAL));
}

/// Bidirectional annealing (Grosse et al. 2015): of an image that the model has made, log p(x) lies between two estimates,
/// but for their errors.
#[test]
#[ignore = "takes minutes: make soak"]
fn the_sandwich_is_narrow_and_holds_the_truth() {
    for (name, count) in [("mnist-2d", 200), ("mnist-32d", 100)] {
        let model = shipped(name);
        let model = model.as_ref();
        let grid = (model.latents() == 2).then(|| Grid::new(model).unwrap());
        let options = ais::Options::default();
        let samples = simulated(model, count);
        let (mut widths, mut outside) = (Vec::new(), 0);
        for (index, (code, image)) in samples
            .latents
            .chunks(model.latents())
            .zip(samples.pixels.chunks(PIXELS))
            .enumerate()
        {
            let rng = Rng::from_seed(23).split_index("image", index as u64);
            let mut chains = Ais::new(model, image, options, rng).unwrap();
            let below = chains.advance(100).unwrap();
            let above = chains.upper_bound(code, 100).unwrap();
            widths.push(above.log_likelihood - below.log_likelihood);
            if let Some(grid) = &grid {
                let truth = grid.posterior(model, image).unwrap().log_likelihood;
                let low = below.log_likelihood - 4.0 * below.standard_error;
                let high = above.log_likelihood + 4.0 * above.standard_error;
                outside += usize::from(!(low..=high).contains(&truth));
            }
        }
        widths.sort_by(f64::total_cmp);
        let at = |share: f64| widths[(share * (count - 1) as f64) as usize];
        println!(
            "{name}: {count} images, upper minus lower bound in nats: median {:.3}, 90 % below {:.3}, widest {:.3}{}",
            at(0.5),
            at(0.9),
            at(1.0),
            if grid.is_some() {
                format!("; exact log p(x) outside by more than four standard errors: {outside}")
            } else {
                String::new()
            }
        );
        assert!(at(0.5) < 0.5);
    }
}
