//! The importance weighted bound (Burda et al. 2015): the mean of log (1/k) sum w over groups of k draws, w = p(x|z) p(z) /
//! q(z|x) with z ~ q(z|x).
//!
//! Its expectation is a lower bound on log p(x) for every k: the evidence lower bound at k = 1, never lower for a larger k,
//! and log p(x) in the limit. More groups make its error smaller, but bring it no nearer to log p(x).

use super::Estimate;
use super::importance::Importance;
use super::running_mean::RunningMean;
use super::weights::Weights;
use crate::models::{Handle, Model};
use crate::{Error, Result, Rng};

/// Most draws in a group.
pub const MOST_IN_GROUP: usize = 1000;

/// The mean over groups of draws from the encoder for one image.
#[derive(Debug)]
pub struct Iwae<'a> {
    /// One for the model; or one for the model of each class, where p(x) sums over classes.
    draws: Vec<Importance<'a>>,
    in_group: usize,
    mean: RunningMean,
}

impl<'a> Iwae<'a> {
    /// Groups of `in_group` draws for one image `[D]`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for no draws in a group or more than [`MOST_IN_GROUP`]; as [`Importance::new`].
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
    /// use latent_canvas::estimators::iwae::Iwae;
    /// use latent_canvas::Rng;
    ///
    /// // The bound of 50 draws at a time, from ten groups of them.
    /// let found = Iwae::new(model, &digit, 50, Rng::from_seed(1))?.advance(10)?;
    /// assert!(found.log_likelihood.is_finite());
    /// # Ok::<(), latent_canvas::Error>(())
    /// ```
    pub fn new(model: &'a dyn Model, pixels: &[f32], in_group: usize, rng: Rng) -> Result<Self> {
        Self::held(vec![Handle::Borrowed(model)], pixels, in_group, rng)
    }

    /// [`Iwae::new`] of a model that is shared or borrowed, or of the models of all classes, each with the same share: a group
    /// then has `in_group` draws of each.
    ///
    /// # Errors
    ///
    /// As [`Iwae::new`].
    pub fn held(
        models: Vec<Handle<'a>>,
        pixels: &[f32],
        in_group: usize,
        rng: Rng,
    ) -> Result<Self> {
        if !(1..=MOST_IN_GROUP).contains(&in_group) {
            return Err(Error::argument(format!(
                "a group has 1 to {MOST_IN_GROUP} draws; got {in_group}"
            )));
        }
        let draws = models
            .into_iter()
            .enumerate()
            .map(|(class, model)| {
                Importance::held(model, pixels, rng.split_index("class", class as u64))
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            draws,
            in_group,
            mean: RunningMean::default(),
        })
    }

    /// Takes `groups` more groups, at least one; gives the mean of all groups so far and its standard error, which is infinite
    /// until there are two groups.
    ///
    /// # Errors
    ///
    /// [`Error::NonFinite`] when a weight is not a number, or all weights of a group are 0.
    pub fn advance(&mut self, groups: usize) -> Result<Estimate> {
        for _ in 0..groups.max(1) {
            let mut group = Weights::default();
            for draws in &mut self.draws {
                for log_weight in draws.log_weights(self.in_group)? {
                    group.add(log_weight)?;
                }
            }
            self.mean.add(group.estimate(0)?.log_likelihood);
        }
        let groups = self.mean.count();
        Ok(Estimate {
            log_likelihood: self.mean.mean(),
            standard_error: self.mean.variance().map_or(f64::INFINITY, f64::sqrt),
            effective_samples: groups,
            tolerance: None,
            decoder_evaluations: groups as usize * self.in_group * self.draws.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::linear_gaussian::LinearGaussian;

    fn bound(slope: f64, x: &[f32], in_group: usize, groups: usize) -> Estimate {
        let model = LinearGaussian::new(x.len());
        model
            .mean_slope
            .set(&(model.mean_slope.as_tensor() * slope).unwrap())
            .unwrap();
        Iwae::new(&model, x, in_group, Rng::from_seed(2))
            .and_then(|mut iwae| iwae.advance(groups))
            .unwrap()
    }

    /// q is N(0.4 x, 1/2) where the posterior is N(x / 2, 1/2), so that log p(x) - ELBO = KL = sum (0.1 x)^2 = 0.13 here.
    #[test]
    fn one_draw_in_a_group_is_the_evidence_lower_bound() {
        let x = [3f32, -2.0];
        let exact = LinearGaussian::log_likelihood_of(&x);
        let found = bound(0.8, &x, 1, 20_000);
        let elbo = exact - 0.13;
        assert!(found.standard_error < 0.01, "{found:?}");
        assert!((found.log_likelihood - elbo).abs() < 5.0 * found.standard_error);
        assert_eq!(found.decoder_evaluations, 20_000);
        assert_eq!(found.effective_samples, 20_000.0);
    }

    /// The weights are log-normal with variance 2 KL = 0.26: k of them leave a gap of about Var(w) / (2 k p^2) =
    /// (exp(0.26) - 1) / (2 k).
    #[test]
    fn larger_groups_climb_towards_log_p() {
        let x = [3f32, -2.0];
        let exact = LinearGaussian::log_likelihood_of(&x);
        for in_group in [10, 100] {
            let found = bound(0.8, &x, in_group, 40_000 / in_group);
            let gap = (0.26f64.exp() - 1.0) / (2.0 * in_group as f64);
            let error = (exact - found.log_likelihood - gap).abs();
            assert!(
                error < 5.0 * found.standard_error + 0.2 * gap,
                "{found:?} {gap}"
            );
        }
    }

    #[test]
    fn where_q_is_the_posterior_every_group_says_log_p() {
        let x = [3f32, -2.0];
        let exact = LinearGaussian::log_likelihood_of(&x);
        let found = bound(1.0, &x, 3, 2);
        assert!((found.log_likelihood - exact).abs() < 1e-5 && found.standard_error < 1e-5);
    }

    #[test]
    fn one_group_has_no_error_yet_and_groups_have_a_size() {
        assert_eq!(bound(0.8, &[1.0], 5, 1).standard_error, f64::INFINITY);
        let model = LinearGaussian::new(1);
        for size in [0, MOST_IN_GROUP + 1] {
            let refused = Iwae::new(&model, &[1.0], size, Rng::from_seed(1)).unwrap_err();
            assert_eq!(refused.code(), "invalid-argument");
        }
    }
}
