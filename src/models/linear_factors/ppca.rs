//! Probabilistic principal components (Tipping & Bishop 1999): the factor model with the same noise in
//! every pixel, fitted in closed form.

use super::factor_model::check_latents;
use super::{
    FactorModel, LEAST_VARIANCE, LinearFactors, capabilities, latents_parameter, tensors_of,
};
use crate::Result;
use crate::data::Showing;
use crate::linear_algebra::{Eigen, EigenSolver, Moments};
use crate::models::moments::RunningMoments;
use crate::models::{Fit, Fitted, ModelFamily};

/// Operations on the eigenvectors in one part of a fit: some 15 ms in a browser.
const PART_FLOPS: f64 = 1e8;

/// The family.
pub fn family() -> ModelFamily {
    ModelFamily {
        id: "ppca",
        label: "Probabilistic principal components",
        description: "A linear decoder, and the same noise in every pixel: solved in closed form, with exact p(z|x) and \
                      log p(x).",
        reference: "Tipping & Bishop 1999, doi 10.1111/1467-9868.00196",
        capabilities: capabilities(),
        parameters: vec![latents_parameter(32)],
        build: |spec, seed| Ok(Box::new(LinearFactors::new(spec, seed, begin)?)),
    }
}

/// The moments of the data so far, and their log p under the model before.
#[derive(Debug)]
struct ClosedForm {
    model: FactorModel,
    moments: RunningMoments,
    log_likelihood: f64,
    /// After the last image.
    solving: Option<Solving>,
}

fn begin(model: FactorModel, data: &Showing<'_>) -> Box<dyn Fit> {
    Box::new(ClosedForm {
        model,
        moments: RunningMoments::around(&data.mean_image()),
        log_likelihood: 0.0,
        solving: None,
    })
}

impl Fit for ClosedForm {
    fn add(&mut self, rows: &[f32]) -> Result<()> {
        self.moments.add(rows)?;
        self.log_likelihood += self.model.log_likelihoods(rows)?.iter().sum::<f64>();
        Ok(())
    }

    fn finish(&mut self) -> Result<Option<Fitted>> {
        let mut solving = match self.solving.take() {
            Some(solving) => solving,
            None => Solving::new(&self.moments.finish()?, self.model.latents())?,
        };
        let Some(next) = solving.advance(PART_FLOPS)? else {
            self.solving = Some(solving);
            return Ok(None);
        };
        Ok(Some(Fitted {
            tensors: tensors_of(&next),
            log_likelihood: self.log_likelihood,
        }))
    }
}

/// The maximum of the likelihood: with eigenvalues l_1 >= l_2 >= ... of the covariance and eigenvectors
/// U, the noise sigma^2 is the mean of all but the first K (at least [`LEAST_VARIANCE`]), and
/// W = U_K (L_K - sigma^2)^(1/2).
///
/// # Errors
///
/// [`crate::Error::InvalidArgument`] unless 1 <= latents < width; [`crate::Error::NonFinite`] when the eigenvalues do not
/// settle.
pub fn fit(moments: &Moments, latents: usize) -> Result<FactorModel> {
    let mut solving = Solving::new(moments, latents)?;
    loop {
        if let Some(model) = solving.advance(f64::INFINITY)? {
            return Ok(model);
        }
    }
}

/// [`fit`] under way.
#[derive(Debug)]
struct Solving {
    latents: usize,
    mean: Vec<f64>,
    solver: EigenSolver,
}

impl Solving {
    fn new(moments: &Moments, latents: usize) -> Result<Self> {
        let width = moments.mean.len();
        check_latents(width, latents)?;
        Ok(Self {
            latents,
            mean: moments.mean.clone(),
            solver: EigenSolver::new(&moments.covariance(moments.rows as f64), width)?,
        })
    }

    fn advance(&mut self, flops: f64) -> Result<Option<FactorModel>> {
        let Some(Eigen { values, vectors }) = self.solver.advance(flops)? else {
            return Ok(None);
        };
        let width = self.mean.len();
        let (kept, discarded) = values.split_at(self.latents);
        let noise = discarded.iter().sum::<f64>() / discarded.len() as f64;
        let noise = noise.max(LEAST_VARIANCE);
        let lengths: Vec<f64> = kept.iter().map(|l| (l - noise).max(0.0).sqrt()).collect();
        let weight = (0..width)
            .flat_map(|j| {
                let entries = vectors.iter().skip(j).step_by(width);
                entries.zip(&lengths).map(|(u, length)| u * length)
            })
            .collect();
        FactorModel::new(weight, self.mean.clone(), vec![noise; width]).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;
    use crate::linear_algebra::symmetric_eigen;

    const WIDTH: usize = 9;

    /// Rows with falling variance along correlated directions.
    fn rows(count: usize) -> Vec<f32> {
        let mut rng = Rng::from_seed(8);
        (0..count)
            .flat_map(|_| {
                let (a, b) = (rng.normal(), rng.normal());
                (0..WIDTH)
                    .map(|j| {
                        0.5 + a * (j as f32).sin() + 0.5 * b * (j as f32).cos() + 0.3 * rng.normal()
                    })
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// -N/2 [D ln 2 pi + sum_{j<=K} ln l_j + (D - K) ln sigma^2 + D] on the rows that were fitted.
    #[test]
    fn the_likelihood_of_the_training_rows_is_the_closed_form() {
        let rows = rows(700);
        let moments = Moments::of(&rows, WIDTH).unwrap();
        let n = moments.rows as f64;
        let values = symmetric_eigen(&moments.covariance(n), WIDTH)
            .unwrap()
            .values;
        for latents in 1..WIDTH {
            let model = fit(&moments, latents).unwrap();
            let found: f64 = model.log_likelihoods(&rows).unwrap().iter().sum();
            let noise = model.variance()[0];
            let kept: f64 = values[..latents].iter().map(|l| l.ln()).sum();
            let width = WIDTH as f64;
            let rest = (width - latents as f64) * noise.ln();
            let exact = -0.5 * n * (width * std::f64::consts::TAU.ln() + kept + rest + width);
            assert!(
                (found - exact).abs() < 1e-6 * exact.abs(),
                "{latents}: {found} {exact}"
            );
        }
    }

    /// W^T W + sigma^2 is diagonal, so the latents are independent given x: variance sigma^2 / l_k.
    #[test]
    fn the_posterior_has_the_variances_of_the_paper() {
        let moments = Moments::of(&rows(300), WIDTH).unwrap();
        let values = symmetric_eigen(&moments.covariance(300.0), WIDTH)
            .unwrap()
            .values;
        let model = fit(&moments, 3).unwrap();
        for (at, found) in model.posterior_covariance().iter().enumerate() {
            let exact = match at % 4 {
                0 => model.variance()[0] / values[at / 4],
                _ => 0.0,
            };
            assert!((found - exact).abs() < 1e-12, "{at}: {found} {exact}");
        }
        let centre: Vec<f32> = model.mean().iter().map(|m| *m as f32).collect();
        assert!(
            model
                .posterior_means(&centre)
                .unwrap()
                .iter()
                .all(|z| z.abs() < 1e-6)
        );
    }

    #[test]
    fn rows_that_are_all_the_same_have_the_least_noise() {
        let model = fit(&Moments::of(&[0.25; 4 * WIDTH], WIDTH).unwrap(), 2).unwrap();
        assert!(model.variance().iter().all(|v| *v == LEAST_VARIANCE));
        let found = model.log_likelihoods(&[0.25; WIDTH]).unwrap()[0];
        let exact = -0.5 * WIDTH as f64 * (std::f64::consts::TAU * LEAST_VARIANCE).ln();
        assert!((found - exact).abs() < 1e-9);
        assert!(fit(&Moments::of(&[0.0; 2], 2).unwrap(), 2).is_err());
    }
}
