//! For tests: what every density of pixels must be.

use candle_core::{Device, Tensor, Var};

use super::Likelihood;
use crate::nn::{Parameters, gradient_check};
use crate::{PIXELS, Rng};

fn matrix(values: &[f32], width: usize) -> Tensor {
    let shape = (values.len() / width, width);
    Tensor::from_slice(values, shape, &Device::Cpu).unwrap()
}

/// Of one pixel that was decoded to this number: the density integrates to 1 over the range, by Simpson's rule to
/// within 1e-4; its mean is what the likelihood says; 100,000 draws have its mean and mean square, within
/// five standard errors.
pub(crate) fn is_a_density(likelihood: &dyn Likelihood, decoded: f32, (low, high): (f64, f64)) {
    const CELLS: usize = 4000;
    let step = (high - low) / CELLS as f64;
    let x: Vec<f32> = (0..=CELLS)
        .map(|cell| (low + step * cell as f64) as f32)
        .collect();
    let all = matrix(&vec![decoded; x.len()], 1);
    let log_probs = likelihood.log_prob(&all, &matrix(&x, 1)).unwrap();
    let log_probs = log_probs.to_vec1::<f32>().unwrap();
    let moment = |power: i32| -> f64 {
        let terms = log_probs.iter().zip(&x).enumerate();
        let terms = terms.map(|(cell, (log_prob, x))| {
            let weight = match cell {
                0 | CELLS => 1.0,
                cell if cell % 2 == 1 => 4.0,
                _ => 2.0,
            };
            weight * step / 3.0 * f64::from(*log_prob).exp() * f64::from(*x).powi(power)
        });
        terms.sum()
    };
    let integral = moment(0);
    assert!((integral - 1.0).abs() < 1e-4, "{decoded}: {integral}");
    let mut mean = vec![decoded];
    likelihood.to_mean(&mut mean);
    let error = f64::from(mean[0]) - moment(1);
    assert!(error.abs() < 1e-4, "{decoded}: {mean:?}");
    let of_tensor = likelihood.mean(&matrix(&[decoded], 1)).unwrap();
    let of_tensor = of_tensor.to_vec2::<f32>().unwrap()[0][0];
    assert!((of_tensor - mean[0]).abs() < 1e-6);

    let n = 100_000;
    let draws = likelihood
        .sample(&vec![decoded; n], &mut Rng::from_seed(3))
        .unwrap();
    for power in [1, 2] {
        let found = draws.iter().map(|x| f64::from(*x).powi(power)).sum::<f64>() / n as f64;
        let variance = moment(2 * power) - moment(power).powi(2);
        let error = (found - moment(power)).abs();
        assert!(
            error < 5.0 * (variance / n as f64).sqrt() + 1e-4,
            "{decoded}"
        );
    }
}

/// Three rows of what a decoder might give, and images.
pub(crate) fn rows(scale: f32) -> (Vec<f32>, Vec<f32>) {
    let mut rng = Rng::from_seed(5);
    let decoded = rng.normals(3 * PIXELS).into_iter().map(|v| v * scale);
    let decoded = decoded.collect();
    let x = (0..3 * PIXELS).map(|_| rng.uniform()).collect();
    (decoded, x)
}

/// log p(x|z) is the sum of f64 terms; the same for one image by itself; and
/// x . natural(z) + log p(0|z) + h(x).
pub(crate) fn is_the_sum_of(
    likelihood: &dyn Likelihood,
    scale: f32,
    term: impl Fn(usize, f64, f64) -> f64,
) {
    let (decoded, x) = rows(scale);
    let found = likelihood.log_prob(&matrix(&decoded, PIXELS), &matrix(&x, PIXELS));
    let found = found.unwrap().to_vec1::<f32>().unwrap();
    let zeros = [0f32; PIXELS];
    let of_nothing = likelihood.log_prob_of_one(&decoded, &zeros).unwrap();
    let mut natural = decoded.clone();
    likelihood.to_natural(&mut natural).unwrap();
    let squares = likelihood.of_squares().unwrap();
    let squares = squares.unwrap_or_else(|| vec![0.0; PIXELS]);
    for (row, found) in found.into_iter().enumerate() {
        let range = row * PIXELS..(row + 1) * PIXELS;
        let (decoded, x) = (&decoded[range.clone()], &x[range.clone()]);
        let pairs = decoded.iter().zip(x).enumerate();
        let wanted: f64 = pairs
            .map(|(pixel, (decoded, x))| term(pixel, f64::from(*decoded), f64::from(*x)))
            .sum();
        let close = |value: f64| (value - wanted).abs() < 2e-6 * wanted.abs().max(500.0);
        assert!(close(f64::from(found)), "{found} {wanted}");
        assert!(close(likelihood.log_prob_of_one(decoded, x).unwrap()[0]));
        let with_x = natural[range].iter().zip(&squares).zip(x);
        let rest: f64 = with_x
            .map(|((natural, c), x)| f64::from(natural * x + c * x * x))
            .sum();
        assert!(close(of_nothing[row] + rest));
    }
}

/// Of log p(x|z) towards what was decoded and the likelihood's parameters, and of E[x|z].
pub(crate) fn gradients_match(likelihood: &dyn Likelihood, parameters: &Parameters) {
    let (decoded, x) = rows(0.5);
    let decoded = Var::from_tensor(&matrix(&decoded, PIXELS)).unwrap();
    let x = matrix(&x, PIXELS);
    let variables = parameters.iter().chain([("decoded", &decoded)]);
    gradient_check::along_gradients(variables, 5e-3, || {
        likelihood
            .log_prob(&decoded, &x)
            .unwrap()
            .mean_all()
            .unwrap()
    });
    gradient_check::along_gradients([("decoded", &decoded)], 5e-3, || {
        (likelihood.mean(&decoded).unwrap() * &x)
            .unwrap()
            .sum_all()
            .unwrap()
    });
}
