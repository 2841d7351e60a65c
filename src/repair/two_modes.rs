//! For tests: half of a digit that may be one digit or another, and what chains tell of it from either start.

use super::posterior::on_grid;
use super::{Degradation, Noise, Operator, Options, Repairing};
use crate::data::Dataset;
use crate::mcmc::{self, Start};
use crate::{PIXELS, Rng, checkpoint};

/// On the grid, 85 % of p(z|y) lie on one side of a gap in which there is nothing, 15 % on the other. From the encoder's
/// answer all chains end on one side and agree; from the prior R-hat tells that there is more, as repair starts them.
#[test]
fn chains_from_the_prior_tell_of_both_halves_of_the_posterior() {
    let bytes = include_bytes!("../../www/public/models/strokes-2d.safetensors");
    let model = checkpoint::load(bytes).unwrap().model;
    let grey = Dataset::strokes(10, 3).unwrap().images(9, 1).unwrap();
    let x: Vec<f32> = grey.iter().map(|v| v.round()).collect();
    let upper_half = (0..PIXELS).map(|pixel| pixel < PIXELS / 2).collect();
    let degradation = Degradation::new(Operator::Mask(upper_half), Noise::None).unwrap();
    let y = degradation.degrade(&x, &mut Rng::from_seed(2)).unwrap();
    let observation = degradation.observe(&y).unwrap();

    let exact = on_grid(model.as_ref(), &observation).unwrap();
    let mass = |chosen: fn(f32) -> bool| -> f64 {
        let cells = exact.points.chunks(2).zip(&exact.weights);
        cells
            .filter(|(z, _)| chosen(z[1]))
            .map(|(_, mass)| mass)
            .sum()
    };
    let (below, between) = (mass(|z| z < 1.5), mass(|z| (1.4..1.6).contains(&z)));
    assert!(
        (0.1..0.2).contains(&below) && between < 1e-4,
        "{below} {between}"
    );

    // R-hat of the latent that agrees least, and the share of the draws below the gap.
    let chains = |start| {
        let options = mcmc::Options {
            chains: 8,
            warm_up: 300,
            draws: 300,
            start,
            ..mcmc::Options::default()
        };
        let mut chains = Repairing::start(model.as_ref(), &observation, options).unwrap();
        chains.advance(model.as_ref(), &observation, 600).unwrap();
        let found = chains.draws().chunks(2).filter(|z| z[1] < 1.5).count();
        let r_hat = chains.diagnose().r_hat;
        (r_hat[0].max(r_hat[1]), found as f64 / 2400.0)
    };
    let (agreeing, share) = chains(Start::Encoder);
    assert!(agreeing < 1.05 && share == 1.0, "{agreeing} {share}");
    let (disagreeing, share) = chains(Start::Prior);
    assert!(disagreeing > 2.0 && share < 0.95, "{disagreeing} {share}");
    assert_eq!(Options::default().chains.start, Start::Prior);
}
