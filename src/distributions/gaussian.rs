//! The diagonal Gaussian N(mean, exp(log_var)).

use candle_core::Tensor;

use crate::Result;
use crate::math::LN_TWO_PI;
use crate::nn::fused;

/// Independent normals, one row of parameters for each x.
#[derive(Clone, Debug)]
pub struct DiagonalGaussian {
    /// `[B, K]`.
    pub mean: Tensor,
    /// log of the variance, not of the standard deviation; `[B, K]`.
    pub log_var: Tensor,
}

impl DiagonalGaussian {
    /// z = mean + exp(log_var / 2) * noise: a sample through which gradients flow (Kingma & Welling
    /// 2014).
    ///
    /// # Shapes
    ///
    /// noise `[B, K]`, standard normal -> `[B, K]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] when shapes differ.
    pub fn reparameterise(&self, noise: &Tensor) -> Result<Tensor> {
        fused::gaussian::reparameterise(&self.mean, &self.log_var, noise)
    }

    /// Every row `count` times: all rows, then all rows again.
    ///
    /// # Shapes
    ///
    /// `[B, K]` -> `[count B, K]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] if a tensor cannot be copied.
    pub fn repeat(&self, count: usize) -> Result<Self> {
        Ok(Self {
            mean: self.mean.repeat((count, 1))?,
            log_var: self.log_var.repeat((count, 1))?,
        })
    }

    /// log N(z; mean, exp(log_var)) of each row, in nats.
    ///
    /// # Shapes
    ///
    /// z `[B, K]` -> `[B]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] when shapes differ.
    pub fn log_prob(&self, z: &Tensor) -> Result<Tensor> {
        let precision = self.log_var.neg()?.exp()?;
        let squares = ((z - &self.mean)?.sqr()? * precision)?;
        let terms = (squares + &self.log_var)?.affine(-0.5, f64::from(-0.5 * LN_TWO_PI))?;
        Ok(terms.sum(1)?)
    }

    /// KL(N(mean, exp(log_var)) || N(0, 1)) of every latent: (mean^2 + var - 1 - log_var) / 2, in nats.
    ///
    /// # Shapes
    ///
    /// -> `[B, K]`; the KL of a row is the sum over K.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] when mean and log_var differ in shape.
    pub fn kl_to_unit_normal(&self) -> Result<Tensor> {
        fused::gaussian::kl_to_unit_normal(&self.mean, &self.log_var)
    }
}

/// log N(z; 0, 1) of each row, in nats.
///
/// # Shapes
///
/// z `[B, K]` -> `[B]`.
///
/// # Errors
///
/// [`crate::Error::Tensor`] when z is not a matrix.
pub fn unit_log_prob(z: &Tensor) -> Result<Tensor> {
    let terms = z.sqr()?.affine(-0.5, f64::from(-0.5 * LN_TWO_PI))?;
    Ok(terms.sum(1)?)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::Rng;

    fn row(values: &[f32]) -> Tensor {
        Tensor::from_slice(values, (1, values.len()), &Device::Cpu).unwrap()
    }

    fn scalar(tensor: &Tensor) -> f64 {
        f64::from(tensor.sum_all().unwrap().to_scalar::<f32>().unwrap())
    }

    #[test]
    fn densities_match_the_formula() {
        let q = DiagonalGaussian {
            mean: row(&[0.5, -1.0]),
            log_var: row(&[-1.0, 0.7]),
        };
        let z = [0.2f64, 1.5];
        let wanted: f64 = [(0.5, -1.0), (-1.0, 0.7)]
            .iter()
            .zip(z)
            .map(|((mean, log_var), z): (&(f64, f64), f64)| {
                -0.5 * ((2.0 * std::f64::consts::PI).ln()
                    + log_var
                    + (z - mean).powi(2) / log_var.exp())
            })
            .sum();
        let z = row(&[0.2, 1.5]);
        assert!((scalar(&q.log_prob(&z).unwrap()) - wanted).abs() < 1e-5);
        let unit = DiagonalGaussian {
            mean: row(&[0.0, 0.0]),
            log_var: row(&[0.0, 0.0]),
        };
        let difference = scalar(&unit.log_prob(&z).unwrap()) - scalar(&unit_log_prob(&z).unwrap());
        assert!(difference.abs() < 1e-6);
        assert_eq!(scalar(&unit.kl_to_unit_normal().unwrap()), 0.0);
    }

    /// 200,000 draws: the KL is the mean of log q - log p, within five standard errors.
    #[test]
    fn the_closed_form_kl_agrees_with_monte_carlo() {
        let n = 200_000;
        let column = |value: f32| Tensor::from_vec(vec![value; n], (n, 1), &Device::Cpu).unwrap();
        for (mean, log_var) in [(0.0, 0.0), (1.5, -2.0), (-0.3, 0.8)] {
            let q = DiagonalGaussian {
                mean: column(mean),
                log_var: column(log_var),
            };
            let noise = Rng::from_seed(9).normals(n);
            let z = q
                .reparameterise(&Tensor::from_vec(noise, (n, 1), &Device::Cpu).unwrap())
                .unwrap();
            let ratio = (q.log_prob(&z).unwrap() - unit_log_prob(&z).unwrap()).unwrap();
            let ratio = ratio.to_vec1::<f32>().unwrap();
            let average = ratio.iter().map(|v| f64::from(*v)).sum::<f64>() / n as f64;
            let variance = ratio
                .iter()
                .map(|v| (f64::from(*v) - average).powi(2))
                .sum::<f64>()
                / n as f64;
            let exact = scalar(&q.kl_to_unit_normal().unwrap()) / n as f64;
            assert!(
                (average - exact).abs() < 5.0 * (variance / n as f64).sqrt() + 1e-4,
                "{mean} {log_var}"
            );
        }
    }
}
