//! Codes of one or several categorical variables, each written as a 1 among zeros.

use candle_core::Tensor;

use super::{ApproximatePosterior, Draw, Kind};
use crate::Result;
use crate::distributions::DiagonalGaussian;
use crate::math::normal_cdf;
use crate::nn::fused::softmax::log_softmax;
use crate::nn::tensors::{flat_values, matrix};

/// What keeps the variance of a sure number from having an infinite logarithm.
const LEAST_VARIANCE: f64 = 1e-12;

/// Independent categorical variables.
#[derive(Clone, Debug)]
pub struct Categorical {
    /// log q of each category of each variable, `[B, variables * categories]`.
    log_q: Tensor,
    categories: usize,
    /// Of the relaxed draws: towards 0 they become true ones.
    temperature: f64,
}

impl Categorical {
    /// From logits `[B, variables * categories]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] when the logits do not fill whole variables.
    pub fn new(logits: &Tensor, categories: usize, temperature: f64) -> Result<Self> {
        let rows = logits.elem_count() / categories.max(1);
        let log_q = log_softmax(&logits.reshape((rows, categories))?)?;
        Ok(Self {
            log_q: log_q.reshape(logits.shape())?,
            categories,
            temperature,
        })
    }

    /// Every row `count` times: all rows, then all rows again.
    pub(super) fn repeated(&self, count: usize) -> Result<Self> {
        Ok(Self {
            log_q: self.log_q.repeat((count, 1))?,
            ..self.clone()
        })
    }

    /// log q plus Gumbel noise, whose largest entry is a draw (Maddison et al. 2014).
    fn perturbed(&self, noise: &Tensor) -> Result<Tensor> {
        let gumbels: Vec<f32> = flat_values(noise)?.into_iter().map(gumbel).collect();
        Ok((&self.log_q + matrix(&gumbels, noise.dim(1)?)?)?)
    }
}

/// A Gumbel draw from a standard normal one: -log(-log Phi(noise)).
fn gumbel(noise: f32) -> f32 {
    let noise = f64::from(noise);
    let surprise = if noise > 0.0 {
        -(-normal_cdf(-noise)).ln_1p()
    } else {
        -normal_cdf(noise).ln()
    };
    -surprise.ln() as f32
}

/// 1 at the largest number of each group, 0 elsewhere.
pub(crate) fn one_hot_of_largest(values: &mut [f32], group: usize) {
    for group in values.chunks_exact_mut(group.max(1)) {
        let mut best = 0;
        for (at, value) in group.iter().enumerate() {
            if *value > group[best] {
                best = at;
            }
        }
        group.fill(0.0);
        group[best] = 1.0;
    }
}

impl ApproximatePosterior for Categorical {
    fn kind(&self) -> Kind {
        Kind::Categorical
    }

    fn moments(&self) -> Result<DiagonalGaussian> {
        let mean = self.log_q.exp()?;
        let variance = (&mean - mean.sqr()?)?.affine(1.0, LEAST_VARIANCE)?;
        Ok(DiagonalGaussian {
            log_var: variance.log()?,
            mean,
        })
    }

    fn repeat(&self, count: usize) -> Result<Box<dyn ApproximatePosterior>> {
        Ok(Box::new(self.repeated(count)?))
    }

    fn draw(&self, noise: &Tensor) -> Result<Draw> {
        let mut z = flat_values(&self.perturbed(noise)?)?;
        one_hot_of_largest(&mut z, self.categories);
        let z = matrix(&z, noise.dim(1)?)?;
        let log_q = (&z * &self.log_q)?.sum(1)?;
        Ok(Draw { z, log_q })
    }

    /// softmax((log q + Gumbel noise) / temperature) (Jang et al. 2017; Maddison et al. 2017).
    fn relaxed(&self, noise: &Tensor) -> Result<Tensor> {
        let sharpened = self.perturbed(noise)?.affine(1.0 / self.temperature, 0.0)?;
        Ok(Self::new(&sharpened, self.categories, self.temperature)?
            .log_q
            .exp()?)
    }

    fn log_probabilities(&self) -> Result<Option<Tensor>> {
        Ok((self.log_q.dim(1)? == self.categories).then(|| self.log_q.clone()))
    }

    /// q (log q + log categories) of each category; sums to the divergence from the uniform distribution.
    fn kl_to_standard(&self) -> Result<Option<Tensor>> {
        let excess = self.log_q.affine(1.0, (self.categories as f64).ln())?;
        Ok(Some((self.log_q.exp()? * excess)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;

    /// Five standard errors of 40,000 draws: false alarms below 1e-5.
    #[test]
    fn draws_have_their_probabilities_and_densities() {
        let count = 40_000;
        let logits = [0.0f32, 1.0, -1.0, 2.0, 2.0, -3.0];
        let q = Categorical::new(&matrix(&logits, 6).unwrap(), 3, 0.5).unwrap();
        let noise = matrix(&Rng::from_seed(3).normals(6 * count), 6).unwrap();
        let many = q.repeat(count).unwrap();
        let Draw { z, log_q } = many.draw(&noise).unwrap();
        let means = flat_values(&z.mean(0).unwrap()).unwrap();
        let wanted = flat_values(&q.moments().unwrap().mean).unwrap();
        for (mean, p) in means.iter().zip(&wanted) {
            let error = 5.0 * (p * (1.0 - p) / count as f32).sqrt();
            assert!((mean - p).abs() < error, "{mean} {p}");
        }
        let (rows, log_q) = (z.to_vec2::<f32>().unwrap(), flat_values(&log_q).unwrap());
        for (row, log_q) in rows.iter().zip(log_q).take(100) {
            assert_eq!(row.iter().sum::<f32>(), 2.0);
            let p: f32 = (0..2)
                .map(|v| {
                    (0..3)
                        .map(|c| row[3 * v + c] * wanted[3 * v + c])
                        .sum::<f32>()
                })
                .product();
            assert!((p.ln() - log_q).abs() < 1e-5);
        }
        // The relaxed draw points where the true one does.
        let mut relaxed = flat_values(&many.relaxed(&noise).unwrap()).unwrap();
        one_hot_of_largest(&mut relaxed, 3);
        assert_eq!(relaxed, flat_values(&z).unwrap());
        let kl: f32 = flat_values(&q.kl_to_standard().unwrap().unwrap())
            .unwrap()
            .iter()
            .sum();
        let exact: f32 = wanted.iter().map(|p| p * (3.0 * p).ln()).sum();
        assert!((kl - exact).abs() < 1e-5);
    }
}
