//! Expectation maximisation of a mixture of Bernoullis (Bishop 2006, section 9.3.3).

use super::mixture::{BernoulliMixture, Smoothing, most_likely};
use super::tensors_of;
use crate::models::moments::add_to;
use crate::models::{Fit, Fitted};
use crate::nn::fused::gemm::{Matrix, Start, multiply};
use crate::{Error, Result};

/// One iteration: give it every row of the data once, in blocks.
#[derive(Debug)]
pub struct Iteration {
    mixture: BernoulliMixture,
    smoothing: Smoothing,
    log_likelihood: f64,
    /// sum p(c|x) x, `[D, C]`.
    ink: Vec<f64>,
    /// sum p(c|x), `[C]`.
    seen: Vec<f64>,
    block: Vec<f32>,
}

impl Iteration {
    /// From this mixture on.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] when the smoothing's image has another width.
    pub fn of(mixture: BernoulliMixture, smoothing: Smoothing) -> Result<Self> {
        if mixture.width() != smoothing.image.len() {
            return Err(Error::shape(format!(
                "the mixture has rows of {} numbers, the image that smooths it {}",
                mixture.width(),
                smoothing.image.len()
            )));
        }
        Ok(Self {
            log_likelihood: 0.0,
            ink: vec![0.0; mixture.logits().len()],
            seen: vec![0.0; mixture.components()],
            block: vec![0.0; mixture.logits().len()],
            mixture,
            smoothing,
        })
    }

    /// The expectation step of some hundred rows.
    ///
    /// # Errors
    ///
    /// As [`BernoulliMixture::log_likelihoods`].
    pub fn add(&mut self, rows: &[f32]) -> Result<()> {
        let (responsibilities, log_likelihoods) = self.mixture.infer(rows)?;
        let (count, components) = (log_likelihoods.len(), self.mixture.components());
        for line in responsibilities.chunks_exact(components) {
            add_to(&mut self.seen, line);
        }
        let rows = Matrix::new(rows, count, self.mixture.width());
        let responsibilities = Matrix::new(&responsibilities, count, components);
        multiply(&mut self.block, rows.t(), responsibilities, Start::Zero)?;
        add_to(&mut self.ink, &self.block);
        self.log_likelihood += log_likelihoods.iter().sum::<f64>();
        Ok(())
    }

    /// The maximisation step: the next mixture, log p of all rows under the last one, and the log-likelihood
    /// of what smooths it, both in nats. Their sum never falls from one iteration to the next.
    ///
    /// # Errors
    ///
    /// [`Error::NonFinite`] when numbers overflow.
    pub fn finish(&self) -> Result<(BernoulliMixture, f64, f64)> {
        let mixture = &self.mixture;
        let mut of_image = mixture.log_blank.clone();
        let lines = mixture.logits().chunks_exact(mixture.components());
        for (line, grey) in lines.zip(&self.smoothing.image) {
            let terms = of_image.iter_mut().zip(line);
            terms.for_each(|(sum, logit)| *sum += grey * f64::from(*logit));
        }
        let of_smoothing = self.smoothing.pseudo_rows * of_image.iter().sum::<f64>();
        let next = most_likely(&self.ink, &self.seen, &self.smoothing)?;
        Ok((next, self.log_likelihood, of_smoothing))
    }
}

impl Fit for Iteration {
    fn add(&mut self, rows: &[f32]) -> Result<()> {
        Self::add(self, rows)
    }

    fn finish(&mut self) -> Result<Option<Fitted>> {
        let (next, log_likelihood, _) = Self::finish(self)?;
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

    const WIDTH: usize = 12;

    /// Three noisy prototypes.
    fn rows(count: usize) -> Vec<f32> {
        let mut rng = Rng::from_seed(5);
        (0..count)
            .flat_map(|_| {
                let kind = rng.below(3);
                let ink = |j: usize| if j % 3 == kind { 0.9 } else { 0.1 };
                (0..WIDTH)
                    .map(|j| f32::from(u8::from(rng.uniform() < ink(j))))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    fn mean(rows: &[f32]) -> Vec<f32> {
        let count = (rows.len() / WIDTH) as f32;
        let column = |j: usize| rows.iter().skip(j).step_by(WIDTH).sum::<f32>();
        (0..WIDTH).map(|j| column(j) / count).collect()
    }

    #[test]
    fn the_objective_never_falls_and_the_prototypes_are_found() {
        let rows = rows(900);
        let smoothing = Smoothing::new(&mean(&rows), 0.5).unwrap();
        let mut mixture = BernoulliMixture::from_rows(&rows[..8 * WIDTH], &smoothing).unwrap();
        let mut last = f64::NEG_INFINITY;
        for _ in 0..60 {
            let mut iteration = Iteration::of(mixture.clone(), smoothing.clone()).unwrap();
            rows.chunks(WIDTH * 250)
                .for_each(|block| iteration.add(block).unwrap());
            let (next, log_likelihood, of_smoothing) = iteration.finish().unwrap();
            let objective = log_likelihood + of_smoothing;
            assert!(objective > last - 1e-6 * last.abs(), "{objective} {last}");
            (mixture, last) = (next, objective);
        }
        // The likelihood of the rows under the truth, which a fit of these very rows exceeds.
        let prototypes: Vec<f32> = (0..3 * WIDTH)
            .map(|at| {
                if at / 3 % 3 == at % 3 {
                    9f32.ln()
                } else {
                    -9f32.ln()
                }
            })
            .collect();
        let truth = BernoulliMixture::new(prototypes, vec![(1f64 / 3.0).ln(); 3]).unwrap();
        let total = |mixture: &BernoulliMixture| {
            mixture.log_likelihoods(&rows).unwrap().iter().sum::<f64>()
        };
        assert!(
            total(&mixture) > total(&truth),
            "{} {}",
            total(&mixture),
            total(&truth)
        );
    }

    #[test]
    fn no_pixel_and_no_component_becomes_impossible() {
        // All rows are blank, and there are more components than rows.
        let blank = [0.0; 2 * WIDTH];
        let smoothing = Smoothing::new(&[0.0; WIDTH], 1.0).unwrap();
        let mixture = BernoulliMixture::from_rows(&[0.0; 5 * WIDTH], &smoothing).unwrap();
        let mut iteration = Iteration::of(mixture.clone(), smoothing.clone()).unwrap();
        iteration.add(&blank).unwrap();
        let (mixture, ..) = iteration.finish().unwrap();
        let full = mixture.log_likelihoods(&[1.0; WIDTH]).unwrap()[0];
        assert!(full.is_finite() && full < -50.0);
        assert!(
            mixture
                .log_weights()
                .iter()
                .all(|w| (w - 0.2f64.ln()).abs() < 1e-6)
        );
    }

    #[test]
    fn an_image_of_another_width_is_refused() {
        let mixture = BernoulliMixture::new(vec![0.0; 2], vec![0.0]).unwrap();
        let smoothing = Smoothing::new(&[0.5], 1.0).unwrap();
        assert_eq!(
            Iteration::of(mixture.clone(), smoothing.clone())
                .unwrap_err()
                .code(),
            "shape"
        );
    }
}
