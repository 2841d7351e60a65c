//! The integral against known values, and against simple sums over fine grids.

use candle_core::{DType, Tensor};
use serde_json::json;

use super::*;
use crate::data::Dataset;
use crate::distributions::bernoulli;
use crate::estimators::EXACT_NATS;
use crate::math::logsumexp;
use crate::models::inference::decode_raw;
use crate::models::linear_factors::FactorModel;
use crate::models::{self, ModelSpec};
use crate::nn::tensors::{flat_values, matrix};
use crate::{PIXELS, Rng, checkpoint};

/// log p(x) of an image whose 784 pixels are fair coins.
fn of_coins() -> f64 {
    784.0 * 0.5f64.ln()
}

fn exactly(model: &dyn Model, image: &[f32]) -> GridPosterior {
    Grid::new(model).unwrap().posterior(model, image).unwrap()
}

/// log p(x) of each image by the simplest rule: the middle of each cell of a square, all with the same weight, summed in f64.
fn plain_sums(model: &dyn Model, images: &[Vec<f32>], square: Square) -> Vec<f64> {
    let mut terms = vec![Vec::new(); images.len()];
    for points in square.points().chunks(2000) {
        let decoded = decode_raw(model, points).unwrap();
        let prior = model.log_prior(&matrix(points, 2).unwrap()).unwrap();
        let prior = flat_values(&prior).unwrap();
        for (terms, image) in terms.iter_mut().zip(images) {
            let fit = model.likelihood().log_prob_of_one(&decoded, image).unwrap();
            terms.extend(prior.iter().zip(fit).map(|(p, fit)| f64::from(*p) + fit));
        }
    }
    let log_area = square.cell_area().ln();
    terms
        .iter()
        .map(|terms| logsumexp(terms) + log_area)
        .collect()
}

fn model(latents: usize) -> Box<dyn Model> {
    let spec = json!({"model": "vae", "latents": latents, "hidden": [16], "activation": "tanh"});
    models::build(&ModelSpec::from_json(&spec).unwrap(), 4).unwrap()
}

/// A decoder that ignores z: log p(x) is 784 log(1/2), and the posterior is the prior.
fn silent_model() -> Box<dyn Model> {
    let model = model(2);
    let mut values = model.parameters().values().unwrap();
    values.iter_mut().flatten().for_each(|v| *v = 0.0);
    model.parameters().set_values(&values).unwrap();
    model
}

fn image() -> Vec<f32> {
    bernoulli::sample(&vec![0.4; PIXELS], &mut Rng::from_seed(2))
}

#[test]
fn without_a_decoder_the_posterior_is_the_prior() {
    let found = exactly(silent_model().as_ref(), &image());
    assert!((found.log_likelihood - of_coins()).abs() < EXACT_NATS / 5.0);
    assert!(found.tolerance < EXACT_NATS);
    let SquareDensity { square, density } = found.picture();
    for (point, density) in square.points().chunks(2).zip(&density) {
        let length = f64::from(point[0]).powi(2) + f64::from(point[1]).powi(2);
        let prior = (-0.5 * length).exp() / std::f64::consts::TAU;
        assert!(
            (f64::from(*density) - prior).abs() < 1e-4,
            "{point:?}: {density} {prior}"
        );
    }
}

/// A learned prior may lie anywhere: here at (20, -15), far outside of a unit normal's reach.
#[test]
fn mass_far_out_is_found() {
    let spec = json!({"model": "vae", "latents": 2, "hidden": [4], "prior": "mixture", "priorComponents": 2});
    let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 4).unwrap();
    let mut values = model.parameters().values().unwrap();
    for ((name, _), values) in model.parameters().iter().zip(&mut values) {
        let moved = name == "prior.mean";
        values.iter_mut().for_each(|v| *v = 0.0);
        if moved {
            values.copy_from_slice(&[20.0, -15.0, 21.0, -15.0]);
        }
    }
    model.parameters().set_values(&values).unwrap();
    let found = exactly(model.as_ref(), &image());
    assert!(
        (found.log_likelihood - of_coins()).abs() < EXACT_NATS / 5.0,
        "{}",
        found.log_likelihood
    );
    let mean: f64 = found
        .points
        .iter()
        .step_by(2)
        .zip(&found.weights)
        .map(|(z, w)| f64::from(*z) * w)
        .sum();
    assert!((mean - 20.5).abs() < 1e-3, "{mean}");
}

/// Digits, two digits at once, noise, blank paper and all ink under the shipped model of stroke digits, against the
/// simplest sum over the whole plane. Its cells are 0.0125 wide, less than any of these posteriors.
#[test]
fn every_kind_of_image_is_within_the_tolerance_of_a_plain_sum() {
    let bytes = include_bytes!("../../../www/public/models/strokes-2d.safetensors");
    let model = checkpoint::load(bytes).unwrap().model;
    let digits = Dataset::strokes(6, 3).unwrap();
    let digit = |index| -> Vec<f32> {
        digits
            .images(index, 1)
            .unwrap()
            .iter()
            .map(|v| v.round())
            .collect()
    };
    let both = digit(0)
        .iter()
        .zip(&digit(1))
        .map(|(a, b)| a.max(*b))
        .collect();
    let noise = bernoulli::sample(&[0.3; PIXELS], &mut Rng::from_seed(5));
    let mut images = vec![both, noise, vec![0.0; PIXELS], vec![1.0; PIXELS]];
    images.extend((0..3).map(digit));
    let whole = Square {
        centre: [0.0, 0.0],
        half_width: 6.0,
        resolution: 960,
    };
    let wanted = plain_sums(model.as_ref(), &images, whole);
    let grid = Grid::new(model.as_ref()).unwrap();
    for (image, wanted) in images.iter().zip(wanted) {
        let found = grid.posterior(model.as_ref(), image).unwrap();
        let error = (found.log_likelihood - wanted).abs();
        assert!(
            error < found.tolerance + 1e-4 * wanted.abs().sqrt(),
            "{error} {wanted} {}",
            found.tolerance
        );
        assert!(found.tolerance < EXACT_NATS);
        assert!((found.weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }
}

/// Linear decoders have log p(x) in closed form. With Gaussian pixels of deviations down to the floor the terms are as
/// large as 10^6 and cancel; sums in 32 bits would be off by more than the stated tolerance.
#[test]
fn gaussian_pixels_at_the_floor_are_exact_too() {
    for deviation in [0.3, 0.03, 0.01] {
        let spec = json!({"model": "vae", "latents": 2, "hidden": [], "likelihood": "gaussian-fixed",
            "standardDeviation": deviation});
        let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 7).unwrap();
        let tensor = |name: &str| -> Vec<f64> {
            let var = model.parameters().get(name).unwrap();
            flat_values(var.as_tensor())
                .unwrap()
                .into_iter()
                .map(f64::from)
                .collect()
        };
        let weight = tensor("decoder.logits.weight")
            .iter()
            .map(|w| w * 20.0)
            .collect::<Vec<_>>();
        let scaled: Vec<f32> = weight.iter().map(|w| *w as f32).collect();
        let var = model.parameters().get("decoder.logits.weight").unwrap();
        var.set(&matrix(&scaled, 2).unwrap()).unwrap();
        let variance = f64::from((deviation * deviation) as f32);
        let exact = FactorModel::new(
            tensor("decoder.logits.weight"),
            tensor("decoder.logits.bias"),
            vec![variance; PIXELS],
        )
        .unwrap();
        let grid = Grid::new(model.as_ref()).unwrap();
        let near = model.decode(&matrix(&[0.7, -1.1], 2).unwrap()).unwrap();
        let near = flat_values(&near).unwrap();
        let mut rng = Rng::from_seed(3);
        let noisy: Vec<f32> = near
            .iter()
            .map(|v| v + deviation as f32 * rng.normal())
            .collect();
        for image in [near, noisy, vec![0.5; PIXELS]] {
            let image: Vec<f32> = image.iter().map(|v| v.clamp(0.0, 1.0)).collect();
            let wanted = exact.log_likelihoods(&image).unwrap()[0];
            let found = grid.posterior(model.as_ref(), &image).unwrap();
            let error = (found.log_likelihood - wanted).abs();
            assert!(
                error < EXACT_NATS && error < found.tolerance,
                "deviation {deviation}: {} is off by {error} of {}",
                found.log_likelihood,
                found.tolerance
            );
        }
    }
}

/// The noise of a pixel depends on the code, so that log p(x|z) has a square of x for every z.
#[test]
fn noise_that_depends_on_the_code_is_exact_too() {
    let spec = json!({"model": "vae", "latents": 2, "hidden": [8], "activation": "tanh",
        "likelihood": "gaussian-decoder"});
    let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 7).unwrap();
    let mut rng = Rng::from_seed(3);
    let decoded = decode_raw(model.as_ref(), &[0.7, -1.1]).unwrap();
    let drawn = model.likelihood().sample(&decoded, &mut rng).unwrap();
    let drawn: Vec<f32> = drawn.iter().map(|v| v.clamp(0.0, 1.0)).collect();
    let images = [drawn, vec![0.5; PIXELS]];
    let square = Square {
        centre: [0.0, 0.0],
        half_width: 6.0,
        resolution: 600,
    };
    let wanted = plain_sums(model.as_ref(), &images, square);
    for (image, wanted) in images.iter().zip(wanted) {
        let found = exactly(model.as_ref(), image).log_likelihood;
        assert!((found - wanted).abs() < EXACT_NATS, "{found} {wanted}");
    }
}

/// A decoder that ignores z under a prior of two peaks, each a tenth of a cell of the scan wide and far apart:
/// the posterior is that prior, and log p(x) is known.
#[derive(Debug)]
struct TwoPeaks(Box<dyn Model>);

const PEAKS: [([f32; 2], f32); 2] = [([-1.234, 0.777], 0.3), ([1.9, -0.41], 0.7)];
const PEAK_SD: f32 = 0.02;

impl Model for TwoPeaks {
    fn spec(&self) -> &ModelSpec {
        self.0.spec()
    }
    fn parameters(&self) -> &crate::nn::Parameters {
        self.0.parameters()
    }
    fn latents(&self) -> usize {
        2
    }
    fn encode(
        &self,
        x: &Tensor,
    ) -> Result<Box<dyn crate::approximate_posteriors::ApproximatePosterior>> {
        self.0.encode(x)
    }
    fn decode(&self, z: &Tensor) -> Result<Tensor> {
        Ok(Tensor::zeros((z.dim(0)?, PIXELS), DType::F32, z.device())?)
    }
    fn log_prior(&self, z: &Tensor) -> Result<Tensor> {
        let values: Vec<f32> = z
            .to_vec2::<f32>()?
            .iter()
            .map(|z| {
                let log_peaks = PEAKS.map(|(middle, share)| {
                    let square: f32 = (0..2)
                        .map(|axis| ((z[axis] - middle[axis]) / PEAK_SD).powi(2))
                        .sum();
                    let scale = std::f32::consts::TAU * PEAK_SD * PEAK_SD;
                    f64::from(-0.5 * square + (share / scale).ln())
                });
                crate::math::logsumexp(&log_peaks) as f32
            })
            .collect();
        Ok(Tensor::new(values, z.device())?)
    }
    fn initialise(&self, _: &crate::data::Showing<'_>) -> Result<()> {
        Ok(())
    }
}

#[test]
fn narrow_peaks_between_cells_are_found_and_weighed() {
    let found = exactly(&TwoPeaks(model(2)), &image());
    assert!((found.log_likelihood - of_coins()).abs() < EXACT_NATS / 5.0);
    let left = |points: &[f32], weights: &[f64]| -> f64 {
        let pairs = points.chunks(2).zip(weights);
        pairs
            .filter(|(z, _)| z[0] < 0.0)
            .map(|(_, weight)| weight)
            .sum()
    };
    assert!((left(&found.points, &found.weights) - 0.3).abs() < 1e-3);
    let draws = found.sample(20_000, &mut Rng::from_seed(1));
    // Five standard errors.
    assert!((left(&draws, &[5e-5; 20_000]) - 0.3).abs() < 0.017);
}

/// Several images share one scan in f32, which must lead to the same peaks.
#[test]
fn many_images_at_once_have_the_values_of_each_alone() {
    let model = model(2);
    let grid = Grid::new(model.as_ref()).unwrap();
    let images: Vec<f32> = (0..5)
        .flat_map(|seed| {
            let mut rng = Rng::from_seed(seed);
            (0..PIXELS).map(move |_| rng.uniform())
        })
        .chain(image())
        .collect();
    let found = grid.log_likelihoods(model.as_ref(), &images).unwrap();
    for (image, found) in images.chunks_exact(PIXELS).zip(found) {
        let alone = exactly(model.as_ref(), image).log_likelihood;
        assert!((found - alone).abs() < 1e-3, "{found} {alone}");
    }
}

#[test]
fn misuse_is_refused() {
    assert_eq!(
        Grid::new(model(3).as_ref()).unwrap_err().code(),
        "unsupported"
    );
    let model = model(2);
    let grid = Grid::new(model.as_ref()).unwrap();
    for pixels in [10, 2 * PIXELS] {
        let refused = grid.posterior(model.as_ref(), &vec![0.0; pixels]);
        assert_eq!(refused.unwrap_err().code(), "shape");
    }
    let mut values = model.parameters().values().unwrap();
    values.iter_mut().flatten().for_each(|v| *v = f32::NAN);
    model.parameters().set_values(&values).unwrap();
    let diverged =
        Grid::new(model.as_ref()).and_then(|grid| grid.posterior(model.as_ref(), &image()));
    assert_eq!(diverged.unwrap_err().code(), "non-finite");
}
