use candle_core::{Device, Tensor, Var};

use super::posterior::on_grid;
use super::*;
use crate::checkpoint;
use crate::data::Dataset;
use crate::estimators::quadrature::{Grid, GridPosterior, Square, SquareDensity};
use crate::mcmc::{self, Evidence};
use crate::models::Model;
use crate::{PIXELS, Rng, SIDE};

fn model() -> Box<dyn Model> {
    let bytes = include_bytes!("../../www/public/models/strokes-2d.safetensors");
    checkpoint::load(bytes).unwrap().model
}

fn digit() -> Vec<f32> {
    let data = Dataset::strokes(4, 3).unwrap();
    let grey = data.images(2, 1).unwrap();
    grey.iter().map(|v| v.round()).collect()
}

fn all() -> Operator {
    Operator::Mask(vec![true; PIXELS])
}

fn upper_half() -> Operator {
    Operator::Mask((0..PIXELS).map(|pixel| pixel < PIXELS / 2).collect())
}

fn seen(operator: Operator, noise: Noise, x: &[f32]) -> (Vec<f32>, Observation) {
    let degradation = Degradation::new(operator, noise).unwrap();
    let y = degradation.degrade(x, &mut Rng::from_seed(6)).unwrap();
    let observation = degradation.observe(&y).unwrap();
    (y, observation)
}

fn logits(seed: u64) -> Vec<f32> {
    let normals = Rng::from_seed(seed).normals(PIXELS);
    normals.iter().map(|v| 2.0 * v).collect()
}

fn probability(logit: f32) -> f64 {
    1.0 / (1.0 + (-f64::from(logit)).exp())
}

fn normal(value: f64, deviation: f64) -> f64 {
    (-0.5 * (value / deviation).powi(2)).exp() / (deviation * std::f64::consts::TAU.sqrt())
}

/// The formulas for single pixels, in f64.
#[test]
fn pixels_are_explained_as_defined() {
    let (model, x, logits) = (model(), digit(), logits(3));
    for (operator, noise) in [
        (upper_half(), Noise::None),
        (upper_half(), Noise::Flips(0.2)),
        (upper_half(), Noise::Gaussian(0.4)),
        (all(), Noise::Flips(0.0)),
    ] {
        let (y, observation) = seen(operator.clone(), noise, &x);
        let Operator::Mask(mask) = operator else {
            unreachable!()
        };
        let mut explained = logits.clone();
        let value = observation.explain(model.as_ref(), &mut explained).unwrap()[0];
        let mut wanted = 0.0;
        for (pixel, y) in y.iter().enumerate() {
            let p = probability(logits[pixel]);
            if !mask[pixel] {
                assert!((f64::from(explained[pixel]) - p).abs() < 1e-6);
                continue;
            }
            let y = f64::from(*y);
            let (black, white) = match noise {
                Noise::None => (y, 1.0 - y),
                Noise::Flips(f) => {
                    let f = f64::from(f);
                    (y * (1.0 - f) + (1.0 - y) * f, y * f + (1.0 - y) * (1.0 - f))
                }
                Noise::Gaussian(s) => (normal(y - 1.0, s.into()), normal(y, s.into())),
            };
            let total = p * black + (1.0 - p) * white;
            wanted += total.ln();
            assert!((f64::from(explained[pixel]) - p * black / total).abs() < 2e-6);
        }
        assert!((f64::from(value) - wanted).abs() < 2e-3, "{noise:?}");
    }
}

/// Every way to blacken a block, one by one.
#[test]
fn blocks_are_explained_as_by_enumeration() {
    let (model, x, logits) = (model(), digit(), logits(4));
    for (side, noise) in [
        (2, Noise::None),
        (2, Noise::Gaussian(0.1)),
        (4, Noise::None),
        (4, Noise::Gaussian(0.1)),
    ] {
        let size = side * side;
        let (y, observation) = seen(Operator::Average(side), noise, &x);
        let mut explained = logits.clone();
        let value = observation.explain(model.as_ref(), &mut explained).unwrap()[0];
        let mut wanted = 0.0;
        for (block, y) in y.iter().enumerate() {
            let corner = block / (SIDE / side) * side * SIDE + block % (SIDE / side) * side;
            let pixel = |at: usize| corner + at / side * SIDE + at % side;
            let (mut total, mut black) = (0.0, vec![0.0; size]);
            for bits in 0..1u32 << size {
                let error = f64::from(*y) - f64::from(bits.count_ones()) / size as f64;
                let fits = match noise {
                    Noise::Gaussian(s) => normal(error, s.into()),
                    _ => f64::from(u8::from(error.abs() < 1e-6)),
                };
                if fits < 1e-12 {
                    continue;
                }
                let term: f64 = (0..size)
                    .map(|at| {
                        let p = probability(logits[pixel(at)]);
                        if bits >> at & 1 == 1 { p } else { 1.0 - p }
                    })
                    .product();
                total += fits * term;
                for (at, black) in black.iter_mut().enumerate() {
                    *black += fits * term * f64::from(bits >> at & 1);
                }
            }
            wanted += total.ln();
            for (at, black) in black.iter().enumerate() {
                let found = f64::from(explained[pixel(at)]);
                assert!((found - black / total).abs() < 1e-5, "{side} {block} {at}");
            }
        }
        assert!((f64::from(value) - wanted).abs() < 2e-3, "{side} {noise:?}");
    }
}

/// Central differences along the gradient towards z.
#[test]
fn gradients_match_finite_differences() {
    let (model, x) = (model(), digit());
    for (operator, noise) in [
        (upper_half(), Noise::None),
        (all(), Noise::Flips(0.1)),
        (all(), Noise::Gaussian(0.5)),
        (Operator::Average(2), Noise::None),
        (Operator::Average(4), Noise::Gaussian(0.1)),
    ] {
        let (_, observation) = seen(operator, noise, &x);
        let start = Tensor::from_slice(&[0.4f32, -0.7, -0.2, 0.9], (2, 2), &Device::Cpu).unwrap();
        let z = Var::from_tensor(&start).unwrap();
        let value = || {
            let decoded = model.decode(z.as_tensor()).unwrap();
            let rows = observation.log_likelihood(model.as_ref(), &decoded);
            rows.unwrap().sum_all().unwrap()
        };
        let gradient = value().backward().unwrap().get(&z).unwrap().clone();
        let length = gradient.sqr().unwrap().sum_all().unwrap();
        let length = f64::from(length.to_scalar::<f32>().unwrap().sqrt());
        let at = |step: f64| {
            let moved = (&start + (&gradient * (step / length)).unwrap()).unwrap();
            z.set(&moved).unwrap();
            f64::from(value().to_scalar::<f32>().unwrap())
        };
        let slope = (at(2e-3) - at(-2e-3)) / 4e-3;
        assert!(
            length > 1.0 && (slope / length - 1.0).abs() < 1e-2,
            "{slope} {length}"
        );
    }
}

/// The density at the middle of each cell.
fn density_on(posterior: &GridPosterior, square: Square) -> Vec<f32> {
    let points = square.points();
    let at = |z: &[f32]| {
        posterior
            .log_density([f64::from(z[0]), f64::from(z[1])])
            .exp() as f32
    };
    points.chunks(2).map(at).collect()
}

fn total_variation(a: &[f32], b: &[f32], area: f64) -> f64 {
    let pairs = a.iter().zip(b);
    0.5 * area * pairs.map(|(a, b)| f64::from((a - b).abs())).sum::<f64>()
}

#[test]
fn all_of_an_image_gives_its_posterior_and_nothing_the_prior() {
    let (model, x) = (model(), digit());
    let grid = Grid::new(model.as_ref()).unwrap();
    let wanted = grid.posterior(model.as_ref(), &x).unwrap();
    let found = on_grid(model.as_ref(), &seen(all(), Noise::None, &x).1).unwrap();
    assert!((found.log_likelihood - wanted.log_likelihood).abs() < 1e-3);
    let SquareDensity { square, density } = wanted.picture();
    let of_all = density_on(&found, square);
    assert!(total_variation(&of_all, &density, square.cell_area()) < 1e-3);

    let nothing = Operator::Mask(vec![false; PIXELS]);
    for (operator, noise, log_likelihood) in [
        (nothing, Noise::None, 0.0),
        // A coin says nothing of a pixel.
        (all(), Noise::Flips(0.5), 784.0 * 0.5f64.ln()),
    ] {
        let found = on_grid(model.as_ref(), &seen(operator, noise, &x).1).unwrap();
        assert!((found.log_likelihood - log_likelihood).abs() < 1e-3);
        let SquareDensity { square, density } = found.picture();
        let prior: Vec<f32> = (square.points().chunks(2))
            .map(|z| (normal(z[0].into(), 1.0) * normal(z[1].into(), 1.0)) as f32)
            .collect();
        assert!(total_variation(&density, &prior, square.cell_area()) < 1e-3);
    }
}

/// Means of z within five standard errors by the chains' own effective samples: one false
/// alarm in 400,000 runs.
#[test]
fn chains_agree_with_the_grid() {
    let (model, x) = (model(), digit());
    let options = mcmc::Options {
        warm_up: 300,
        draws: 600,
        ..mcmc::Options::default()
    };
    for (operator, noise) in [
        (upper_half(), Noise::None),
        (Operator::Average(4), Noise::None),
    ] {
        let (_, observation) = seen(operator, noise, &x);
        let exact = on_grid(model.as_ref(), &observation).unwrap();
        let mut chains = Repairing::start(model.as_ref(), &observation, options).unwrap();
        chains.advance(model.as_ref(), &observation, 900).unwrap();
        let diagnosis = chains.diagnose();
        for k in 0..2 {
            let points = exact.points.chunks(2).zip(&exact.weights);
            let moment = |f: &dyn Fn(f64) -> f64| -> f64 {
                let terms = points.clone();
                terms.map(|(z, weight)| f(f64::from(z[k])) * weight).sum()
            };
            let mean = moment(&|z| z);
            let deviation = moment(&|z| (z - mean).powi(2)).sqrt();
            let count = (chains.draws().len() / 2) as f64;
            let found = chains.draws().iter().skip(k).step_by(2);
            let found = found.map(|z| f64::from(*z)).sum::<f64>() / count;
            let error = deviation / diagnosis.effective_samples[k].sqrt();
            assert!(
                (found - mean).abs() < 5.0 * error,
                "{k}: {found} {mean} {error}"
            );
            assert!(diagnosis.r_hat[k] < 1.05 && error < 0.1 * deviation);
        }
    }
}

#[test]
fn what_was_made_of_x_has_the_stated_statistics() {
    let x = digit();
    let ink: f32 = x.iter().sum();
    // 784 draws: five standard errors.
    let (y, _) = seen(all(), Noise::Flips(0.1), &x);
    let flips = y.iter().zip(&x).filter(|(y, x)| y != x).count() as f64;
    assert!(
        (flips - 78.4).abs() < 5.0 * (784.0f64 * 0.09).sqrt(),
        "{flips}"
    );
    let (y, _) = seen(all(), Noise::Gaussian(0.5), &x);
    let errors: Vec<f64> = y.iter().zip(&x).map(|(y, x)| f64::from(y - x)).collect();
    let mean = errors.iter().sum::<f64>() / 784.0;
    let variance = errors.iter().map(|e| e * e).sum::<f64>() / 784.0;
    assert!(mean.abs() < 5.0 * 0.5 / 28.0, "{mean}");
    assert!(
        (variance / 0.25 - 1.0).abs() < 5.0 * (2.0f64 / 784.0).sqrt(),
        "{variance}"
    );
    for (side, length) in [(2, 196), (4, 49)] {
        let (y, observation) = seen(Operator::Average(side), Noise::None, &x);
        assert_eq!(y.len(), length);
        assert!((y.iter().sum::<f32>() * (side * side) as f32 - ink).abs() < 1e-3);
        // The first block of the image, and that of the crude image, in which each block has its mean.
        let corner = |image: &[f32]| -> f32 {
            let rows = image.chunks(SIDE).take(12);
            rows.flat_map(|row| &row[12..16]).sum()
        };
        assert!((corner(&x) - corner(observation.crude())).abs() < 1e-3);
    }
    let (y, observation) = seen(upper_half(), Noise::None, &x);
    assert_eq!(y[..PIXELS / 2], x[..PIXELS / 2]);
    assert!(y[PIXELS / 2..].iter().all(|v| *v == 0.0));
    assert_eq!(observation.crude(), y);
}

/// 2,000 draws of every pixel, five standard errors: one false alarm in 2,000.
#[test]
fn completions_keep_what_was_seen_and_have_their_probabilities() {
    let (model, x, logits) = (model(), digit(), logits(5));
    for operator in [upper_half(), Operator::Average(2), Operator::Average(4)] {
        let degradation = Degradation::new(operator, Noise::None).unwrap();
        let mut rng = Rng::from_seed(1);
        let y = degradation.degrade(&x, &mut rng).unwrap();
        let observation = degradation.observe(&y).unwrap();
        let mut wanted = logits.clone();
        observation.explain(model.as_ref(), &mut wanted).unwrap();
        let mut drawn = logits.repeat(2000);
        observation
            .complete(model.as_ref(), &mut drawn, &mut rng)
            .unwrap();
        let mut counts = vec![0f32; PIXELS];
        for row in drawn.chunks_exact(PIXELS) {
            assert_eq!(degradation.degrade(row, &mut rng).unwrap(), y);
            counts
                .iter_mut()
                .zip(row)
                .for_each(|(count, x)| *count += x);
        }
        for (count, p) in counts.iter().zip(&wanted) {
            let error = (p * (1.0 - p) / 2000.0).max(0.0).sqrt();
            assert!(
                (count / 2000.0 - p).abs() < 5.0 * error + 1e-5,
                "{count} {p}"
            );
        }

        let quick = alternate(model.as_ref(), &observation, 20, 4, 1).unwrap();
        let options = Options::default();
        let repaired = repair(model.as_ref(), &observation, options).unwrap();
        let samples = &repaired.completions;
        assert_eq!(samples.latents.len(), 2 * options.completions);
        for completion in samples.pixels.chunks_exact(PIXELS) {
            assert_eq!(degradation.degrade(completion, &mut rng).unwrap(), y);
        }
        // What fills the blocks of an image is what fills those of y: E[x|y] says of y what y says.
        let mean_of = |image: &[f32], side: usize| -> Vec<f32> {
            let block = |at: usize| {
                let corner = at / (SIDE / side) * side * SIDE + at % (SIDE / side) * side;
                let pixels = (0..side * side).map(|i| corner + i / side * SIDE + i % side);
                pixels.map(|pixel| image[pixel]).sum::<f32>() / (side * side) as f32
            };
            (0..PIXELS / (side * side)).map(block).collect()
        };
        for image in [&quick, &repaired.mean] {
            let side = match y.len() {
                196 => 2,
                49 => 4,
                _ => 1,
            };
            let found = mean_of(image, side);
            let rows = if side == 1 { PIXELS / 2 } else { y.len() };
            for (found, y) in found.iter().zip(&y).take(rows) {
                assert!((found - y).abs() < 1e-4, "{side}: {found} {y}");
            }
        }
    }
}

/// Where z says nothing, q is the posterior and the quick way is the exact one.
#[test]
fn the_ways_agree_where_the_code_says_nothing() {
    let (silent, x) = (model(), digit());
    let mut values = silent.parameters().values().unwrap();
    values.iter_mut().flatten().for_each(|v| *v = 0.0);
    silent.parameters().set_values(&values).unwrap();
    let (y, observation) = seen(upper_half(), Noise::Flips(0.2), &x);
    let quick = alternate(silent.as_ref(), &observation, 7, 3, 1).unwrap();
    let exact = repair(silent.as_ref(), &observation, Options::default()).unwrap();
    for (pixel, (quick, exact)) in quick.iter().zip(&exact.mean).enumerate() {
        let wanted = if pixel < PIXELS / 2 {
            0.2 + 0.6 * y[pixel]
        } else {
            0.5
        };
        assert!((quick - wanted).abs() < 1e-5 && (exact - wanted).abs() < 1e-5);
    }
}

#[test]
fn misuse_is_refused() {
    let code = |operator, noise| Degradation::new(operator, noise).unwrap_err().code();
    assert_eq!(code(Operator::Mask(vec![true; 10]), Noise::None), "shape");
    for (operator, noise) in [
        (Operator::Average(3), Noise::None),
        (Operator::Average(2), Noise::Flips(0.1)),
        (all(), Noise::Flips(0.6)),
        (all(), Noise::Flips(f32::NAN)),
        (all(), Noise::Gaussian(0.0)),
        (all(), Noise::Gaussian(f32::INFINITY)),
    ] {
        assert_eq!(code(operator, noise), "invalid-argument");
    }
    let whole = Degradation::new(all(), Noise::None).unwrap();
    let blocks = Degradation::new(Operator::Average(2), Noise::None).unwrap();
    let code = |degradation: &Degradation, y: &[f32]| degradation.observe(y).unwrap_err().code();
    assert_eq!(code(&whole, &[0.0; 10]), "shape");
    assert_eq!(code(&whole, &[f32::NAN; PIXELS]), "non-finite");
    assert_eq!(code(&whole, &[0.5; PIXELS]), "invalid-argument");
    assert_eq!(code(&blocks, &[0.3; 196]), "invalid-argument");
    assert_eq!(code(&blocks, &[2.0; 196]), "invalid-argument");
    assert!(blocks.observe(&[0.25; 196]).is_ok());
    let mut rng = Rng::from_seed(1);
    let code = |x: &[f32], rng: &mut Rng| whole.degrade(x, rng).unwrap_err().code();
    assert_eq!(code(&[0.5; PIXELS], &mut rng), "invalid-argument");
    assert_eq!(code(&[1.0; 2 * PIXELS], &mut rng), "shape");
    let observation = whole.observe(&digit()).unwrap();
    assert!(alternate(model().as_ref(), &observation, 0, 1, 1).is_err());
    let options = Options {
        completions: 10_001,
        ..Options::default()
    };
    assert!(repair(model().as_ref(), &observation, options).is_err());
}
