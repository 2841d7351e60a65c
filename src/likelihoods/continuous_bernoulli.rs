//! Grey pixels in [0, 1] (Loaiza-Ganem & Cunningham 2019); the decoder gives logits.

use candle_core::Tensor;

use super::{Bernoulli, Likelihood};
use crate::math::sigmoid;
use crate::nn::fused::continuous_bernoulli::{log_normaliser, log_normalisers, slope, slopes};
use crate::nn::fused::parallel;
use crate::{Result, Rng};

/// p(x|z) = prod_j C(l_j) lambda_j^x_j (1 - lambda_j)^(1 - x_j), lambda = sigmoid(l), C(l) = l / tanh(l / 2): a density of
/// grey pixels, so that log p(x|z) can be positive. Its mean is not lambda but 1 / (1 - exp(-l)) - 1 / l.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContinuousBernoulli;

/// 1 / (1 - exp(-l)) - 1 / l, written without their difference near 0.
fn mean(logit: f32) -> f32 {
    sigmoid(logit) - slope(logit)
}

/// The x below which there is a mass of u, in f64: log(1 + u (exp(l) - 1)) / l.
fn quantile(logit: f64, u: f64) -> f64 {
    match logit {
        0.0 => u,
        l if l > 0.0 => 1.0 - quantile(-l, 1.0 - u),
        l => (u * l.exp_m1()).ln_1p() / l,
    }
}

impl Likelihood for ContinuousBernoulli {
    fn log_prob(&self, decoded: &Tensor, x: &Tensor) -> Result<Tensor> {
        Ok((Bernoulli.log_prob(decoded, x)? + log_normalisers(decoded)?)?)
    }

    fn log_prob_of_one(&self, decoded: &[f32], x: &[f32]) -> Result<Vec<f64>> {
        let mut sums = Bernoulli.log_prob_of_one(decoded, x)?;
        for (sum, row) in sums.iter_mut().zip(decoded.chunks(x.len())) {
            *sum += row
                .iter()
                .map(|logit| f64::from(log_normaliser(*logit)))
                .sum::<f64>();
        }
        Ok(sums)
    }

    fn to_mean(&self, decoded: &mut Vec<f32>) {
        parallel::map(decoded, mean);
    }

    fn mean(&self, decoded: &Tensor) -> Result<Tensor> {
        Ok((Bernoulli.mean(decoded)? - slopes(decoded)?)?)
    }

    fn sample(&self, decoded: &[f32], rng: &mut Rng) -> Result<Vec<f32>> {
        let draw = |logit: &f32| {
            // In the middle of a cell of the generator's grid: never 0, where log(0) would wait.
            let u = f64::from(rng.uniform()) + 0.5f64.powi(25);
            quantile(f64::from(*logit), u) as f32
        };
        Ok(decoded.iter().map(draw).collect())
    }

    /// The logit, within [-20, 20], the means 0.05 and 0.95: a pixel that is always 0 would want minus infinity.
    fn of_mean(&self, wanted: f32) -> f32 {
        let (mut low, mut high) = (-20f32, 20f32);
        for _ in 0..30 {
            let middle = 0.5 * (low + high);
            if mean(middle) < wanted {
                low = middle
            } else {
                high = middle
            }
        }
        0.5 * (low + high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::likelihoods::properties;
    use crate::nn::Parameters;

    /// C(l) exp(x l) / (1 + exp(l)), in f64.
    #[test]
    fn the_density_is_that_of_the_definition_in_f64() {
        for scale in [0.3, 4.0] {
            properties::is_the_sum_of(&ContinuousBernoulli, scale, |_, l, x| {
                (l / (l / 2.0).tanh()).ln() + x * l - l.exp().ln_1p()
            });
        }
    }

    #[test]
    fn it_is_a_density_with_its_mean_and_draws() {
        for logit in [-15.0, -2.0, -0.69, 0.0, 1e-4, 0.71, 5.0] {
            properties::is_a_density(&ContinuousBernoulli, logit, (0.0, 1.0));
        }
        let edges = ContinuousBernoulli.sample(&[-1e30, -90.0, 90.0, 1e30], &mut Rng::from_seed(1));
        assert!(edges.unwrap().iter().all(|x| (0.0..=1.0).contains(x)));
    }

    #[test]
    fn gradients_match_finite_differences() {
        properties::gradients_match(&ContinuousBernoulli, &Parameters::default());
    }

    #[test]
    fn the_logit_of_a_mean_has_it() {
        for wanted in [0.06, 0.3, 0.5, 0.9] {
            let found = mean(ContinuousBernoulli.of_mean(wanted));
            assert!((found - wanted).abs() < 1e-5);
        }
        assert!((ContinuousBernoulli.of_mean(0.0) + 20.0).abs() < 1e-3);
    }
}
