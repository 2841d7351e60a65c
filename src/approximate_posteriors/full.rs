//! The Gaussian posterior with a full covariance.

use candle_core::Tensor;

use super::{ApproximatePosterior, DiagonalHead, Draw, EncoderHead, Kind};
use crate::distributions::{DiagonalGaussian, gaussian};
use crate::nn::fused::triangular;
use crate::nn::{Linear, Parameters};
use crate::{Result, Rng};

/// z = mean + L noise, L lower triangular: q(z|x) = N(mean, L L^T).
#[derive(Clone, Debug)]
pub struct FullGaussian {
    /// The mean, and 2 log L_kk, the log-variance of z_k when z_1, ..., z_{k-1} are known.
    conditional: DiagonalGaussian,
    /// L below its diagonal, row after row, `[B, K (K - 1) / 2]`.
    lower: Tensor,
}

impl FullGaussian {
    /// From the mean with 2 log L_kk `[B, K]`, and the entries of L below its diagonal `[B, K (K - 1) / 2]`.
    pub(crate) fn new(conditional: DiagonalGaussian, lower: Tensor) -> Self {
        Self { conditional, lower }
    }

    /// sum_{j < k} L_kj^2: the variance of z_k that comes from those before it, `[B, K]`.
    fn variance_from_others(&self) -> Result<Tensor> {
        let ones = self.conditional.mean.ones_like()?;
        triangular::product(&self.lower.sqr()?, &ones)
    }

    /// log N(z; mean, L L^T) of z = mean + L noise, `[B]`.
    fn log_prob_of_noise(noise: &Tensor, log_var: &Tensor) -> Result<Tensor> {
        let log_determinant = log_var.affine(0.5, 0.0)?.sum(1)?;
        Ok((gaussian::unit_log_prob(noise)? - log_determinant)?)
    }
}

impl ApproximatePosterior for FullGaussian {
    fn kind(&self) -> Kind {
        Kind::Full
    }

    fn moments(&self) -> Result<DiagonalGaussian> {
        let variance = (self.conditional.log_var.exp()? + self.variance_from_others()?)?;
        Ok(DiagonalGaussian {
            mean: self.conditional.mean.clone(),
            log_var: variance.log()?,
        })
    }

    fn repeat(&self, count: usize) -> Result<Box<dyn ApproximatePosterior>> {
        Ok(Box::new(Self {
            conditional: self.conditional.repeat(count)?,
            lower: self.lower.repeat((count, 1))?,
        }))
    }

    fn draw(&self, noise: &Tensor) -> Result<Draw> {
        let log_q = Self::log_prob_of_noise(noise, &self.conditional.log_var)?;
        let z = self.relaxed(noise)?;
        Ok(Draw { z, log_q })
    }

    fn relaxed(&self, noise: &Tensor) -> Result<Tensor> {
        let alone = self.conditional.reparameterise(noise)?;
        Ok((alone + triangular::product(&self.lower, noise)?)?)
    }

    fn held_log_prob(&self, z: &Tensor) -> Result<Tensor> {
        let log_var = self.conditional.log_var.detach();
        let deviations = log_var.affine(0.5, 0.0)?.exp()?;
        let centred = (z - self.conditional.mean.detach())?;
        let noise = triangular::solve(&self.lower, &deviations, &centred)?;
        Self::log_prob_of_noise(&noise, &log_var)
    }

    /// That of z_k given z_1, ..., z_{k-1}, in expectation: the chain rule splits the whole so.
    fn kl_to_standard(&self) -> Result<Option<Tensor>> {
        let alone = self.conditional.kl_to_unit_normal()?;
        let from_others = self.variance_from_others()?.affine(0.5, 0.0)?;
        Ok(Some((alone + from_others)?))
    }
}

/// The layers of the diagonal posterior, and one for what stands below the diagonal.
#[derive(Clone, Debug)]
pub struct FullHead {
    diagonal: DiagonalHead,
    /// None where there is one latent.
    lower: Option<Linear>,
}

impl FullHead {
    /// Layers `encoder.mean`, `encoder.log_var` and `encoder.lower`, from `hidden` units.
    pub(crate) fn new(
        parameters: &mut Parameters,
        rng: &Rng,
        hidden: usize,
        latents: usize,
    ) -> Result<Self> {
        let diagonal = DiagonalHead::new(parameters, rng, hidden, latents)?;
        let size = (hidden, triangular::below(latents));
        let lower = match latents {
            1 => None,
            _ => Some(Linear::new(parameters, rng, "encoder.lower", size, 1.0)?),
        };
        Ok(Self { diagonal, lower })
    }
}

impl EncoderHead for FullHead {
    fn posterior(&self, h: &Tensor) -> Result<Box<dyn ApproximatePosterior>> {
        let conditional = self.diagonal.gaussian(h)?;
        match &self.lower {
            None => Ok(Box::new(conditional)),
            Some(lower) => Ok(Box::new(FullGaussian::new(conditional, lower.forward(h)?))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approximate_posteriors::properties::{self, HIDDEN, flat_values, normals};

    fn make(p: &mut Parameters, rng: &Rng, latents: usize) -> Result<Box<dyn EncoderHead>> {
        Ok(Box::new(FullHead::new(p, rng, HIDDEN, latents)?))
    }

    #[test]
    fn density_moments_and_gradients() {
        properties::log_q_is_that_of_the_draw(make);
        properties::moments_are_those_of_draws(make, 0.02);
        properties::gradients_match(make);
    }

    #[test]
    fn the_held_density_is_the_drawn_one_and_integrates_to_one() {
        for latents in [1, 2, 5] {
            let (_, head) = properties::head(make, latents);
            let q = head.posterior(&normals(3, HIDDEN, 1)).unwrap();
            let Draw { z, log_q } = q.draw(&normals(3, latents, 2)).unwrap();
            let held = flat_values(&q.held_log_prob(&z).unwrap());
            for (held, log_q) in held.into_iter().zip(flat_values(&log_q)) {
                assert!((held - log_q).abs() < 1e-4, "{held} {log_q}");
            }
        }
        let (_, head) = properties::head(make, 2);
        let one = head.posterior(&normals(1, HIDDEN, 1)).unwrap();
        let (side, step) = (301, 0.08f32);
        let q = one.repeat(side).unwrap();
        let mut integral = 0.0;
        for row in 0..side {
            let at = |index: usize| step * (index as f32 - 150.0);
            let z: Vec<f32> = (0..side).flat_map(|column| [at(row), at(column)]).collect();
            let z = Tensor::from_vec(z, (side, 2), normals(1, 1, 1).device()).unwrap();
            let densities = flat_values(&q.held_log_prob(&z).unwrap());
            integral += densities.into_iter().map(f64::exp).sum::<f64>();
        }
        integral *= f64::from(step * step);
        assert!((integral - 1.0).abs() < 1e-3, "{integral}");
    }

    /// 100,000 draws: the closed form is the mean of log q - log p, within five standard errors.
    #[test]
    fn the_closed_form_kl_agrees_with_monte_carlo() {
        let (_, head) = properties::head(make, 3);
        let q = head.posterior(&normals(1, HIDDEN, 8)).unwrap();
        let exact: f64 = flat_values(&q.kl_to_standard().unwrap().unwrap())
            .iter()
            .sum();
        let count = 100_000;
        let Draw { z, log_q } = q
            .repeat(count)
            .unwrap()
            .draw(&normals(count, 3, 9))
            .unwrap();
        let ratios = flat_values(&(log_q - gaussian::unit_log_prob(&z).unwrap()).unwrap());
        let mean = ratios.iter().sum::<f64>() / count as f64;
        let variance = ratios.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count as f64;
        assert!((mean - exact).abs() < 5.0 * (variance / count as f64).sqrt());
    }
}
