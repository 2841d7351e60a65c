//! Real pixels with a noise of their own each; the decoder gives means.

use candle_core::Tensor;

use super::Likelihood;
use crate::math::LN_TWO_PI;
use crate::models::inference::numbers;
use crate::{Result, Rng};

/// p(x|z) = prod_j N(x_j; decoded_j, exp(log_var_j)).
#[derive(Clone, Debug)]
pub struct Gaussian {
    /// `[D]`, the same for every z; shared with the model's parameter.
    log_var: Tensor,
}

impl Gaussian {
    /// With the variances of a parameter of the model.
    pub(crate) fn new(log_var: Tensor) -> Self {
        Self { log_var }
    }

    fn precisions(&self) -> Result<Vec<f32>> {
        let log_vars = numbers(&self.log_var)?;
        Ok(log_vars.into_iter().map(|v| (-v).exp()).collect())
    }
}

impl Likelihood for Gaussian {
    fn log_prob(&self, decoded: &Tensor, x: &Tensor) -> Result<Tensor> {
        let precision = self.log_var.neg()?.exp()?;
        let squares = (x - decoded)?.sqr()?.broadcast_mul(&precision)?;
        let terms = squares.broadcast_add(&self.log_var)?;
        Ok(terms.affine(-0.5, f64::from(-0.5 * LN_TWO_PI))?.sum(1)?)
    }

    fn log_prob_of_one(&self, decoded: &[f32], x: &[f32]) -> Result<Vec<f32>> {
        let precisions = self.precisions()?;
        let log_vars = numbers(&self.log_var)?;
        let constant: f64 = log_vars.iter().map(|v| f64::from(v + LN_TWO_PI)).sum();
        let row = |decoded: &[f32]| {
            let pixels = decoded.iter().zip(x).zip(&precisions);
            let squares = pixels.map(|((mean, x), p)| f64::from((x - mean).powi(2) * p));
            (-0.5 * (squares.sum::<f64>() + constant)) as f32
        };
        Ok(decoded.chunks_exact(x.len().max(1)).map(row).collect())
    }

    /// mean / variance.
    fn to_natural(&self, decoded: &mut [f32]) -> Result<()> {
        let precisions = self.precisions()?;
        for row in decoded.chunks_exact_mut(precisions.len().max(1)) {
            row.iter_mut().zip(&precisions).for_each(|(v, p)| *v *= p);
        }
        Ok(())
    }

    /// -1 / (2 variance).
    fn of_squares(&self) -> Result<Option<Vec<f32>>> {
        let precisions = self.precisions()?;
        Ok(Some(precisions.into_iter().map(|p| -0.5 * p).collect()))
    }

    fn to_mean(&self, _decoded: &mut [f32]) {}

    fn mean(&self, decoded: &Tensor) -> Result<Tensor> {
        Ok(decoded.clone())
    }

    fn sample(&self, decoded: &[f32], rng: &mut Rng) -> Result<Vec<f32>> {
        let log_vars = numbers(&self.log_var)?;
        let deviations: Vec<f32> = log_vars.into_iter().map(|v| (0.5 * v).exp()).collect();
        let pixels = decoded.iter().zip(deviations.iter().cycle());
        Ok(pixels.map(|(mean, sd)| mean + sd * rng.normal()).collect())
    }

    fn of_mean(&self, mean: f32) -> f32 {
        mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::inference::matrix;

    /// Both ways to the density, and its coefficients, against the formula.
    #[test]
    fn densities_and_their_coefficients_match_the_formula() {
        let log_var = matrix(&[0.0, -2.0, 1.0], 3).unwrap().flatten_all().unwrap();
        let likelihood = Gaussian::new(log_var);
        let (x, decoded) = ([0.2f32, 0.9, 0.5], [0.0f32, 1.0, -1.0, 0.3, 0.8, 0.5]);
        let exact = |mean: &[f32]| -> f64 {
            let terms = mean.iter().zip(x).zip([0.0f64, -2.0, 1.0]);
            let term = |((mean, x), v): ((&f32, f32), f64)| {
                let square = f64::from(x - mean).powi(2) * (-v).exp();
                -0.5 * (square + v + std::f64::consts::TAU.ln())
            };
            terms.map(term).sum()
        };
        let exact = [exact(&decoded[..3]), exact(&decoded[3..])];
        let rows = matrix(&[x, x].concat(), 3).unwrap();
        let of_rows = likelihood.log_prob(&matrix(&decoded, 3).unwrap(), &rows);
        let of_rows = numbers(&of_rows.unwrap()).unwrap();
        let of_one = likelihood.log_prob_of_one(&decoded, &x).unwrap();
        let at_zero = likelihood.log_prob_of_one(&decoded, &[0.0; 3]).unwrap();
        let mut natural = decoded;
        likelihood.to_natural(&mut natural).unwrap();
        let squares = likelihood.of_squares().unwrap().unwrap();
        for (at, exact) in exact.into_iter().enumerate() {
            let linear: f32 = natural[3 * at..].iter().zip(x).map(|(n, x)| n * x).sum();
            let square: f32 = squares.iter().zip(x).map(|(c, x)| c * x * x).sum();
            for found in [of_rows[at], of_one[at], at_zero[at] + linear + square] {
                assert!((f64::from(found) - exact).abs() < 1e-5, "{found} {exact}");
            }
        }
    }

    /// Five standard errors: false alarms below 1e-6.
    #[test]
    fn samples_have_their_mean_and_variance() {
        let log_var = matrix(&[-1.0, 1.0], 2).unwrap().flatten_all().unwrap();
        let n = 50_000;
        let draws = Gaussian::new(log_var)
            .sample(&[0.5, -2.0].repeat(n), &mut Rng::from_seed(3))
            .unwrap();
        for (at, mean, variance) in [(0, 0.5, (-1f64).exp()), (1, -2.0, 1f64.exp())] {
            let draws = draws
                .iter()
                .skip(at)
                .step_by(2)
                .map(|v| f64::from(*v) - mean);
            let draws: Vec<f64> = draws.collect();
            let first = draws.iter().sum::<f64>() / n as f64;
            let second = draws.iter().map(|v| v * v).sum::<f64>() / n as f64;
            assert!(first.abs() < 5.0 * (variance / n as f64).sqrt());
            assert!((second / variance - 1.0).abs() < 5.0 * (2.0 / n as f64).sqrt());
        }
    }
}
