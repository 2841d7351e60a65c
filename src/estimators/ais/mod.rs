//! log p(x) by annealed importance sampling (Neal 2001; Wu et al. 2017), from below and from above.
//!
//! Chains go from the prior to the posterior through p(z) p(x|z)^beta, beta from 0 to 1, by Hamiltonian
//! Monte Carlo; the weight exp(sum_t (beta_t - beta_{t-1}) log p(x|z_{t-1})) has the mean p(x), so that the
//! logarithm of a mean of them lies below log p(x) on average. Chains that go back from a draw of the
//! posterior have weights with the mean 1 / p(x), and lie above (Grosse et al. 2015). A draw of the posterior
//! is at hand where the image itself was drawn from the model.

mod passage;
mod steps;

use self::passage::Course;
use super::weights::Weights;
use super::{Estimate, StreamingEstimator};
use crate::models::{Handle, Model};
use crate::{Result, Rng};

pub use self::steps::{AnnealingSteps, Direction};

/// Chains that run at once.
const BLOCK: usize = 100;
/// Chains of the trial run, which finds the sizes of the leapfrogs.
const TRIAL_CHAINS: usize = 16;

/// How carefully to anneal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Steps between the prior and the posterior, from 1 to 100,000.
    pub temperatures: usize,
    /// Leapfrogs of each step, from 1 to 1,000.
    pub leapfrogs: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            temperatures: 500,
            leapfrogs: 10,
        }
    }
}

/// Annealed importance sampling of one image.
#[derive(Debug)]
pub struct Ais<'a> {
    course: Course<'a>,
    rng: Rng,
    weights: Weights,
    evaluations: usize,
}

impl<'a> Ais<'a> {
    /// For one image `[D]`; makes the trial run.
    ///
    /// # Errors
    ///
    /// [`crate::Error::InvalidArgument`] for options out of their ranges; [`crate::Error::Unsupported`] for a model whose
    /// codes are discrete or have no prior; [`crate::Error::Tensor`] when the image does not fit the model.
    ///
    /// # Examples
    ///
    /// ```
    /// # use latent_canvas::models::{self, ModelSpec};
    /// # let spec = serde_json::json!({ "model": "vae", "latents": 2, "hidden": [16] });
    /// # let model = models::build(&ModelSpec::from_json(&spec)?, 1)?;
    /// # let model = model.as_ref();
    /// # use latent_canvas::data::Dataset;
    /// # let digit = Dataset::strokes(1, 1)?.images(0, 1)?;
    /// # let digit: Vec<f32> = digit.iter().map(|ink| ink.round()).collect();
    /// use latent_canvas::estimators::StreamingEstimator;
    /// use latent_canvas::estimators::ais::{Ais, Options};
    /// use latent_canvas::Rng;
    ///
    /// let options = Options { temperatures: 20, leapfrogs: 3 };
    /// let found = Ais::new(model, &digit, options, Rng::from_seed(1))?.advance(10)?;
    /// assert!(found.log_likelihood.is_finite());
    /// # Ok::<(), latent_canvas::Error>(())
    /// ```
    pub fn new(model: &'a dyn Model, pixels: &[f32], options: Options, rng: Rng) -> Result<Self> {
        let mut course = Course::new(Handle::Borrowed(model), pixels, options)?;
        let mut trial = rng.split("trial");
        let mut passage = course.start_at_prior(TRIAL_CHAINS, &mut trial)?;
        while !course.try_out(&mut passage, &mut trial)? {}
        Ok(Self {
            evaluations: course.cost(TRIAL_CHAINS),
            course,
            rng,
            weights: Weights::default(),
        })
    }

    /// log w of chains from the prior to the posterior.
    fn forwards(&mut self, chains: usize) -> Result<Vec<f64>> {
        let mut rng = self.rng.clone();
        let mut passage = self.course.start_at_prior(chains, &mut rng)?;
        while !self.course.climb(&mut passage, &mut rng)? {}
        self.rng = rng;
        self.evaluations += self.course.cost(chains);
        Ok(passage.log_weights().to_vec())
    }

    /// log w of chains from a draw of the posterior to the prior; the mean of w is 1 / p(x).
    fn backwards(&mut self, posterior_draw: &[f32], chains: usize) -> Result<Vec<f64>> {
        let mut rng = self.rng.clone();
        let mut passage = self
            .course
            .start_at_posterior(posterior_draw.repeat(chains))?;
        while !self.course.descend(&mut passage, &mut rng)? {}
        self.rng = rng;
        self.evaluations += self.course.cost(chains);
        Ok(passage.log_weights().to_vec())
    }

    /// An upper bound on log p(x), on average, from chains back from a draw of p(z|x) `[K]`.
    ///
    /// # Errors
    ///
    /// As [`StreamingEstimator::advance`].
    pub fn upper_bound(&mut self, posterior_draw: &[f32], chains: usize) -> Result<Estimate> {
        let before = self.evaluations;
        let mut weights = Weights::default();
        for block in blocks(chains) {
            for log_weight in self.backwards(posterior_draw, block)? {
                weights.add(log_weight)?;
            }
        }
        let estimate = weights.estimate(self.evaluations - before)?;
        Ok(Estimate {
            log_likelihood: -estimate.log_likelihood,
            ..estimate
        })
    }
}

impl StreamingEstimator for Ais<'_> {
    fn advance(&mut self, chains: usize) -> Result<Estimate> {
        for block in blocks(chains) {
            for log_weight in self.forwards(block)? {
                self.weights.add(log_weight)?;
            }
        }
        self.weights.estimate(self.evaluations)
    }
}

/// Splits the chains into blocks that run at once.
fn blocks(chains: usize) -> impl Iterator<Item = usize> {
    (0..chains)
        .step_by(BLOCK)
        .map(move |done| BLOCK.min(chains - done))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::linear_gaussian::LinearGaussian;

    const ROUGH: Options = Options {
        temperatures: 40,
        leapfrogs: 5,
    };

    #[test]
    fn chains_reach_the_closed_form() {
        let model = LinearGaussian::new(4);
        let x = [1.5f32, -2.5, 0.3, 3.0];
        let exact = LinearGaussian::log_likelihood_of(&x);
        let mut ais = Ais::new(&model, &x, ROUGH, Rng::from_seed(3)).unwrap();
        let first = ais.advance(20).unwrap();
        let last = ais.advance(380).unwrap();
        assert!(last.decoder_evaluations > first.decoder_evaluations);
        assert!(last.standard_error < first.standard_error.max(0.05));
        let error = (last.log_likelihood - exact).abs();
        assert!(error < 5.0 * last.standard_error, "{last:?} {exact}");
        // One step is naive Monte Carlo.
        let one = Options {
            temperatures: 1,
            leapfrogs: 1,
        };
        let naive = Ais::new(&model, &x, one, Rng::from_seed(3))
            .and_then(|mut ais| ais.advance(400))
            .unwrap();
        assert!(naive.effective_samples < last.effective_samples);
    }

    /// 60 images drawn from the model: the means of the two bounds lie on both sides of the exact one, within
    /// four standard errors, and near each other.
    #[test]
    fn the_exact_value_lies_between_the_bounds() {
        let model = LinearGaussian::new(3);
        let mut rng = Rng::from_seed(8);
        let differences: Vec<(f64, f64)> = (0..60)
            .map(|index| {
                let z = rng.normals(3);
                let x: Vec<f32> = z.iter().map(|z| z + rng.normal()).collect();
                let exact = LinearGaussian::log_likelihood_of(&x);
                let mut ais = Ais::new(&model, &x, ROUGH, Rng::from_seed(index)).unwrap();
                let lower = ais.advance(5).unwrap().log_likelihood;
                let upper = ais.upper_bound(&z, 5).unwrap().log_likelihood;
                (lower - exact, upper - exact)
            })
            .collect();
        let summary = |side: fn(&(f64, f64)) -> f64| {
            let mean = differences.iter().map(side).sum::<f64>() / 60.0;
            let squares = differences.iter().map(|d| (side(d) - mean).powi(2));
            (mean, (squares.sum::<f64>() / 59.0 / 60.0).sqrt())
        };
        let (lower, upper) = (summary(|d| d.0), summary(|d| d.1));
        assert!(
            lower.0 < 4.0 * lower.1 && upper.0 > -4.0 * upper.1,
            "{lower:?} {upper:?}"
        );
        assert!(upper.0 - lower.0 < 0.2, "{lower:?} {upper:?}");
    }
}
