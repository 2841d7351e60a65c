//! Priors of codes of one or several categorical variables, each written as a 1 among zeros.

use candle_core::{Device, Tensor};

use super::{Kind, Prior};
use crate::nn::tensors::flat_values;
use crate::{Result, Rng};

/// Independent categorical variables.
#[derive(Clone, Debug)]
pub struct CategoricalPrior {
    /// Logarithms of the probabilities, `[1, variables * categories]`.
    log_weights: Tensor,
    categories: usize,
    kind: Kind,
}

impl CategoricalPrior {
    /// Every category as probable.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] if the tensor cannot be made.
    pub fn uniform(variables: usize, categories: usize) -> Result<Self> {
        let width = variables * categories;
        let log_weights = vec![-(categories as f32).ln(); width];
        Ok(Self {
            log_weights: Tensor::from_vec(log_weights, (1, width), &Device::Cpu)?,
            categories,
            kind: Kind::Uniform,
        })
    }

    /// One variable with these logarithms of probabilities, `[1, categories]`, which sum to 1.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] when it is no row.
    pub fn weighted(log_weights: Tensor) -> Result<Self> {
        let (_, categories) = log_weights.dims2()?;
        Ok(Self {
            log_weights,
            categories,
            kind: Kind::Discrete,
        })
    }
}

impl Prior for CategoricalPrior {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn log_probabilities(&self) -> Result<Option<Tensor>> {
        Ok((self.log_weights.dim(1)? == self.categories).then(|| self.log_weights.clone()))
    }

    fn log_prob(&self, z: &Tensor) -> Result<Tensor> {
        Ok(z.broadcast_mul(&self.log_weights)?.sum(1)?)
    }

    fn sample(&self, count: usize, _temperature: f32, rng: &mut Rng) -> Result<Vec<f32>> {
        let log_weights = flat_values(&self.log_weights)?;
        let mut z = vec![0f32; count * log_weights.len()];
        for row in z.chunks_exact_mut(log_weights.len()) {
            let variables = row.chunks_exact_mut(self.categories);
            for (variable, logs) in variables.zip(log_weights.chunks_exact(self.categories)) {
                let mut left = rng.uniform();
                let passed = logs.iter().position(|log_weight| {
                    left -= log_weight.exp();
                    left < 0.0
                });
                // Rounding may leave a draw beyond the last one.
                variable[passed.unwrap_or(self.categories - 1)] = 1.0;
            }
        }
        Ok(z)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::tensors::matrix;

    /// Five standard errors of 40,000 draws: false alarms below 1e-5.
    #[test]
    fn draws_have_their_weights() {
        let weights = [0.5f32, 0.2, 0.3];
        let logs = weights.map(f32::ln);
        let prior = CategoricalPrior::weighted(matrix(&logs, 3).unwrap()).unwrap();
        let count = 40_000;
        let z = prior.sample(count, 1.0, &mut Rng::from_seed(2)).unwrap();
        for (at, weight) in weights.iter().enumerate() {
            let share = z.iter().skip(at).step_by(3).sum::<f32>() / count as f32;
            assert!((share - weight).abs() < 5.0 * (0.25 / count as f32).sqrt());
        }
        let log_prob = prior.log_prob(&matrix(&z, 3).unwrap()).unwrap();
        let mean = log_prob.mean_all().unwrap().to_scalar::<f32>().unwrap();
        let entropy: f32 = weights.iter().map(|w| w * w.ln()).sum();
        assert!((mean - entropy).abs() < 0.02);
        let uniform = CategoricalPrior::uniform(2, 4).unwrap();
        let z = uniform.sample(10, 1.0, &mut Rng::from_seed(2)).unwrap();
        let log_prob = uniform.log_prob(&matrix(&z, 8).unwrap()).unwrap();
        for value in log_prob.to_vec1::<f32>().unwrap() {
            assert!((value + 16f32.ln()).abs() < 1e-5);
        }
    }
}
