//! For tests: what every posterior must be.

use candle_core::{Device, Tensor, Var};

use super::{ApproximatePosterior, Draw, EncoderHead};
use crate::distributions::DiagonalGaussian;
use crate::nn::{Parameters, gradient_check};
use crate::{Result, Rng};

/// Units of the hidden layer that heads are made for here.
pub(crate) const HIDDEN: usize = 6;

pub(crate) type Make = fn(&mut Parameters, &Rng, usize) -> Result<Box<dyn EncoderHead>>;

/// A head of `latents` latents, with every parameter moved away from where training starts.
pub(crate) fn head(make: Make, latents: usize) -> (Parameters, Box<dyn EncoderHead>) {
    let rng = Rng::from_seed(latents as u64);
    let mut parameters = Parameters::default();
    let head = make(&mut parameters, &rng, latents).unwrap();
    for (name, var) in parameters.iter() {
        let moves = rng.split(name).normals(var.elem_count());
        let moves = Tensor::from_vec(moves, var.shape(), &Device::Cpu).unwrap();
        var.set(&(var.as_tensor() + (moves * 0.2).unwrap()).unwrap())
            .unwrap();
    }
    (parameters, head)
}

pub(crate) fn normals(rows: usize, width: usize, seed: u64) -> Tensor {
    let values = Rng::from_seed(seed).normals(rows * width);
    Tensor::from_vec(values, (rows, width), &Device::Cpu).unwrap()
}

pub(crate) fn flat_values(tensor: &Tensor) -> Vec<f64> {
    let values = tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    values.into_iter().map(f64::from).collect()
}

/// log |det| by elimination with row exchanges.
fn log_determinant(mut rows: Vec<Vec<f64>>) -> f64 {
    let mut total = 0.0;
    while let Some(width) = rows.last().map(Vec::len) {
        let column = width - 1;
        let by_size = |a: &Vec<f64>, b: &Vec<f64>| a[column].abs().total_cmp(&b[column].abs());
        let at = rows.iter().enumerate().max_by(|a, b| by_size(a.1, b.1));
        let pivot = rows.swap_remove(at.unwrap().0);
        total += pivot[column].abs().ln();
        for row in &mut rows {
            let factor = row[column] / pivot[column];
            row.iter_mut()
                .zip(&pivot)
                .for_each(|(v, p)| *v -= factor * p);
            row.truncate(column);
        }
    }
    total
}

/// log q(z) = log N(noise; 0, 1) - log |det dz / dnoise|, the Jacobian by central differences; the density of
/// repeated rows is that of the rows.
pub(crate) fn log_q_is_that_of_the_draw(make: Make) {
    for latents in 1..=5 {
        let (_, head) = head(make, latents);
        let q = head.posterior(&hidden(3)).unwrap();
        let noise = normals(3, latents, 2);
        let Draw { z, log_q } = q.draw(&noise).unwrap();
        // Central differences of two steps, so that the error is of their fourth power.
        let step = 5e-3;
        let columns: Vec<Vec<f64>> = (0..latents)
            .map(|latent| {
                let difference = |step: f32| {
                    let moved = |step: f32| {
                        let mut values = noise.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                        values
                            .chunks_mut(latents)
                            .for_each(|row| row[latent] += step);
                        let noise = Tensor::from_vec(values, (3, latents), &Device::Cpu).unwrap();
                        flat_values(&q.draw(&noise).unwrap().z)
                    };
                    let both = moved(step).into_iter().zip(moved(-step));
                    both.map(|(up, down)| up - down).collect::<Vec<f64>>()
                };
                let both = difference(step).into_iter().zip(difference(2.0 * step));
                both.map(|(near, far)| (8.0 * near - far) / (12.0 * f64::from(step)))
                    .collect()
            })
            .collect();
        let noises = flat_values(&noise);
        for (row, log_q) in flat_values(&log_q).into_iter().enumerate() {
            let range = row * latents..(row + 1) * latents;
            let jacobian: Vec<Vec<f64>> =
                columns.iter().map(|c| c[range.clone()].to_vec()).collect();
            let noise = noises[range].iter();
            let of_noise: f64 = noise
                .map(|v| -0.5 * (v * v + (2.0 * std::f64::consts::PI).ln()))
                .sum();
            let wanted = of_noise - log_determinant(jacobian);
            assert!((log_q - wanted).abs() < 2e-3, "{latents}: {log_q} {wanted}");
        }
        let twice = q
            .repeat(2)
            .unwrap()
            .draw(&noise.repeat((2, 1)).unwrap())
            .unwrap();
        for (once, twice) in [(z, twice.z), (log_q, twice.log_q)] {
            let pairs = flat_values(&once)
                .repeat(2)
                .into_iter()
                .zip(flat_values(&twice));
            pairs.for_each(|(once, twice)| assert!((once - twice).abs() < 1e-5));
        }
    }
}

/// The values of the hidden layer for `images` images.
pub(crate) fn hidden(images: usize) -> Tensor {
    (normals(images, HIDDEN, 1) * 0.5).unwrap()
}

/// q of one image, K = 2, and 100,000 draws.
fn many_draws(make: Make) -> (Box<dyn ApproximatePosterior>, Draw) {
    let (_, head) = head(make, 2);
    let q = head.posterior(&hidden(1)).unwrap();
    let count = 100_000;
    let repeated = q.repeat(count).unwrap();
    let draws = repeated.draw(&normals(count, 2, 4)).unwrap();
    (q, draws)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// E_q[p(z) / q(z)] = 1 for a Gaussian p that q covers, within five standard errors.
pub(crate) fn the_density_integrates_to_one(make: Make) {
    let (q, draws) = many_draws(make);
    let (moments, count) = (q.moments().unwrap(), draws.z.dim(0).unwrap());
    let narrow = DiagonalGaussian {
        mean: moments.mean.clone(),
        log_var: (&moments.log_var - 1.0).unwrap(),
    };
    let log_p = narrow.repeat(count).unwrap().log_prob(&draws.z).unwrap();
    let ratios: Vec<f64> = flat_values(&(log_p - draws.log_q).unwrap());
    let ratios: Vec<f64> = ratios.into_iter().map(f64::exp).collect();
    let squares: Vec<f64> = ratios.iter().map(|v| v * v).collect();
    let error = ((mean(&squares) - mean(&ratios).powi(2)) / count as f64).sqrt();
    assert!(
        (mean(&ratios) - 1.0).abs() < 5.0 * error,
        "{}",
        mean(&ratios)
    );
    assert!(error < 0.01, "the check has no power: {error}");
}

/// To within a fraction of a deviation, and the logarithm of the variance to within twice that.
pub(crate) fn moments_are_those_of_draws(make: Make, fraction: f64) {
    let (q, draws) = many_draws(make);
    let moments = q.moments().unwrap();
    let (means, log_vars) = (flat_values(&moments.mean), flat_values(&moments.log_var));
    for latent in 0..2 {
        let values: Vec<f64> = flat_values(&draws.z).chunks(2).map(|z| z[latent]).collect();
        let squares: Vec<f64> = values.iter().map(|v| v * v).collect();
        let variance = mean(&squares) - mean(&values).powi(2);
        let off = (means[latent] - mean(&values)).abs() / variance.sqrt();
        assert!(off < fraction, "mean of latent {latent}: {off}");
        let off = (log_vars[latent] - variance.ln()).abs();
        assert!(off < 2.0 * fraction, "variance of latent {latent}: {off}");
    }
}

/// Of z and log q towards every parameter and the encoder's hidden layer.
pub(crate) fn gradients_match(make: Make) {
    for latents in [1, 4] {
        let (parameters, head) = head(make, latents);
        let h = Var::from_tensor(&hidden(3)).unwrap();
        let (noise, probe) = (normals(3, latents, 6), normals(3, latents, 7));
        // At K = 1 some masks leave nothing, so that their weights have no slope.
        let all = parameters.iter().chain([("h", &h)]);
        let used = all.filter(|(name, _)| latents > 1 || !name.ends_with("input.weight"));
        gradient_check::along_gradients(used, 5e-3, || {
            let Draw { z, log_q } = head.posterior(&h).unwrap().draw(&noise).unwrap();
            let z = (z * &probe).unwrap().sum_all().unwrap();
            (z + log_q.sum_all().unwrap()).unwrap()
        });
    }
}
