//! Factor analysis: the factor model with a noise of its own in every pixel, fitted by expectation
//! maximisation (Rubin & Thayer 1982; Ghahramani & Hinton 1996).

use super::{
    FactorModel, LEAST_VARIANCE, LinearFactors, capabilities, latents_parameter, tensors_of,
};
use crate::data::Showing;
use crate::linear_algebra::{cholesky, solve_cholesky};
use crate::models::moments::add_to;
use crate::models::{Fit, Fitted, ModelFamily};
use crate::nn::fused::gemm::{Matrix, product};
use crate::{Error, Result};

/// The family.
pub fn family() -> ModelFamily {
    ModelFamily {
        id: "factor-analysis",
        label: "Factor analysis",
        description: "A linear decoder, and a noise of its own in every pixel: p(z|x) and log p(x) are exact.",
        reference: "Rubin & Thayer 1982, doi 10.1007/BF02293851",
        capabilities: capabilities(),
        parameters: vec![latents_parameter(32)],
        build: |spec, seed| Ok(Box::new(LinearFactors::new(spec, seed, begin)?)),
    }
}

fn begin(model: FactorModel, _data: &Showing<'_>) -> Box<dyn Fit> {
    Box::new(Iteration::of(model))
}

/// One iteration: give it every row of the data once, in blocks.
#[derive(Debug)]
pub struct Iteration {
    model: FactorModel,
    rows: usize,
    log_likelihood: f64,
    /// sum (x - mean)^2, `[D]`.
    squares: Vec<f64>,
    /// sum (x - mean) E[z|x]^T, `[D, K]`.
    with_latents: Vec<f64>,
    /// sum E[z|x] E[z|x]^T, `[K, K]`.
    of_latents: Vec<f64>,
}

impl Iteration {
    /// From this model on.
    pub fn of(model: FactorModel) -> Self {
        let (width, latents) = (model.width(), model.latents());
        Self {
            model,
            rows: 0,
            log_likelihood: 0.0,
            squares: vec![0.0; width],
            with_latents: vec![0.0; width * latents],
            of_latents: vec![0.0; latents * latents],
        }
    }

    /// The expectation step of some hundred rows.
    ///
    /// # Shapes
    ///
    /// rows `[n, D]`.
    ///
    /// # Errors
    ///
    /// As [`crate::math::check_rows`].
    pub fn add(&mut self, rows: &[f32]) -> Result<()> {
        let (width, latents) = (self.model.width(), self.model.latents());
        let inferred = self.model.infer(rows)?;
        let count = inferred.log_likelihoods.len();
        for row in inferred.centred.chunks_exact(width) {
            let terms = self.squares.iter_mut().zip(row);
            terms.for_each(|(sum, c)| *sum += f64::from(*c) * f64::from(*c));
        }
        let centred = Matrix::new(&inferred.centred, count, width);
        let means = Matrix::new(&inferred.means, count, latents);
        add_to(&mut self.with_latents, &product(centred.t(), means)?);
        add_to(&mut self.of_latents, &product(means.t(), means)?);
        self.log_likelihood += inferred.log_likelihoods.iter().sum::<f64>();
        self.rows += count;
        Ok(())
    }

    /// The maximisation step: the next model, and log p of all rows under the last one, in nats. That
    /// never falls from one iteration to the next.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] when there were no rows; [`Error::NonFinite`] when numbers overflow.
    pub fn finish(&self) -> Result<(FactorModel, f64)> {
        if self.rows == 0 {
            return Err(Error::argument("an iteration needs at least one row"));
        }
        let (rows, latents) = (self.rows as f64, self.model.latents());
        // sum E[z z^T|x].
        let mut second = self.of_latents.clone();
        let terms = second.iter_mut().zip(self.model.posterior_covariance());
        terms.for_each(|(sum, covariance)| *sum += rows * covariance);
        let weight = solve_cholesky(&cholesky(&second, latents)?, latents, &self.with_latents)?;
        let lines = weight
            .chunks_exact(latents)
            .zip(self.with_latents.chunks_exact(latents));
        let variance = lines
            .zip(&self.squares)
            .map(|((weight, with_latents), squares)| {
                let explained: f64 = weight.iter().zip(with_latents).map(|(w, s)| w * s).sum();
                ((squares - explained) / rows).max(LEAST_VARIANCE)
            })
            .collect();
        let next = FactorModel::new(weight, self.model.mean().to_vec(), variance)?;
        Ok((next.turned_to_independent_latents()?, self.log_likelihood))
    }
}

impl Fit for Iteration {
    fn add(&mut self, rows: &[f32]) -> Result<()> {
        Self::add(self, rows)
    }

    fn finish(&mut self) -> Result<Option<Fitted>> {
        let (next, log_likelihood) = Self::finish(self)?;
        Ok(Some(Fitted {
            tensors: tensors_of(&next),
            log_likelihood,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;
    use crate::linear_algebra::Moments;

    const WIDTH: usize = 10;

    /// Two factors, noise that differs from pixel to pixel, and a pixel that never changes.
    fn rows(count: usize) -> Vec<f32> {
        let mut rng = Rng::from_seed(3);
        (0..count)
            .flat_map(|_| {
                let (a, b) = (rng.normal(), rng.normal());
                let row = (0..WIDTH).map(|j| match j {
                    0 => 0.5,
                    _ => {
                        let angle = j as f32;
                        let noise = (0.03 + 0.01 * angle) * rng.normal();
                        0.5 + 0.1 * a * angle.sin() + 0.15 * b * angle.cos() + noise
                    }
                });
                row.collect::<Vec<_>>()
            })
            .collect()
    }

    fn iterate(model: &FactorModel, rows: &[f32]) -> (FactorModel, f64) {
        let mut iteration = Iteration::of(model.clone());
        rows.chunks(WIDTH * 64)
            .for_each(|block| iteration.add(block).unwrap());
        iteration.finish().unwrap()
    }

    #[test]
    fn the_likelihood_never_falls_and_reaches_the_covariance() {
        let rows = rows(2000);
        let moments = Moments::of(&rows, WIDTH).unwrap();
        let mean: Vec<f32> = moments.mean.iter().map(|m| *m as f32).collect();
        let mut model = FactorModel::start(&mean, 2, &mut Rng::from_seed(1)).unwrap();
        let mut last = f64::NEG_INFINITY;
        for _ in 0..300 {
            let (next, log_likelihood) = iterate(&model, &rows);
            assert!(
                log_likelihood > last - 1e-7 * last.abs(),
                "{log_likelihood} {last}"
            );
            (model, last) = (next, log_likelihood);
        }
        // At a maximum the model's variances are the data's, but where the noise is at its floor.
        let covariance = moments.covariance(2000.0);
        assert_eq!(model.variance()[0], LEAST_VARIANCE);
        for j in 1..WIDTH {
            let weights = &model.weight()[2 * j..2 * j + 2];
            let found = model.variance()[j] + weights.iter().map(|w| w * w).sum::<f64>();
            let exact = covariance[j * WIDTH + j];
            assert!((found / exact - 1.0).abs() < 1e-3, "{j}: {found} {exact}");
        }
    }

    #[test]
    fn the_latents_of_a_fit_are_independent_given_x_and_p_of_x_is_as_before() {
        let rows = rows(200);
        let untidy = FactorModel::start(&[0.5; WIDTH], 3, &mut Rng::from_seed(2)).unwrap();
        let before = untidy.log_likelihoods(&rows).unwrap();
        let tidy = untidy.turned_to_independent_latents().unwrap();
        for (before, after) in before.iter().zip(tidy.log_likelihoods(&rows).unwrap()) {
            assert!((before - after).abs() < 1e-4 * before.abs().max(1.0));
        }
        let variances: Vec<f64> = (0..3).map(|k| tidy.posterior_covariance()[4 * k]).collect();
        assert!(variances.is_sorted());
        for (at, entry) in tidy.posterior_covariance().iter().enumerate() {
            assert!(at % 4 == 0 || entry.abs() < 1e-12);
        }
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let rng = &mut Rng::from_seed(1);
        assert!(FactorModel::start(&[0.5; 3], 3, rng).is_err());
        assert!(FactorModel::start(&[], 1, rng).is_err());
        let model = FactorModel::start(&[0.5; 3], 1, rng).unwrap();
        let mut iteration = Iteration::of(model);
        assert_eq!(iteration.add(&[0.5; 4]).unwrap_err().code(), "shape");
        assert_eq!(
            iteration.add(&[f32::NAN; 3]).unwrap_err().code(),
            "non-finite"
        );
        assert_eq!(iteration.finish().unwrap_err().code(), "invalid-argument");
        assert!(FactorModel::new(vec![1.0; 4], vec![0.0; 2], vec![0.0; 2]).is_err());
        assert!(FactorModel::new(vec![1.0; 3], vec![0.0; 2], vec![1.0; 2]).is_err());
    }
}
