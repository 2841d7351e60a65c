//! A mixture of diagonal Gaussians as prior; what its parts are, somebody else decides.

use candle_core::Tensor;

use super::{Kind, Prior};
use crate::distributions::DiagonalGaussian;
use crate::math::LN_TWO_PI;
use crate::nn::Parameters;
use crate::nn::fused::affine;
use crate::nn::fused::logsumexp::logsumexp;
use crate::nn::tensors::flat_values;
use crate::{Result, Rng};

/// Deviation of the means that training starts from: enough to tell components apart, and their sum still near
/// the unit normal that an encoder starts from.
const FIRST_SPREAD: f32 = 0.5;

/// p(z) = sum_m w_m N(z; mean_m, exp(log_var_m)), w the softmax of the logits.
#[derive(Clone, Debug)]
pub struct MixturePrior {
    /// `[M]`.
    pub weight_logits: Tensor,
    /// Mean and log-variance of each component, `[M, K]`.
    pub components: DiagonalGaussian,
}

impl MixturePrior {
    /// Free weights, means and variances: parameters `prior.weight_logits`, `prior.mean`, `prior.log_var`.
    pub(crate) fn new(
        parameters: &mut Parameters,
        rng: &Rng,
        components: usize,
        latents: usize,
    ) -> Result<Self> {
        let shape = (components, latents);
        let weight_logits = parameters.zeros("prior.weight_logits", components)?;
        let device = weight_logits.tensor.device();
        let mut means = rng.split("prior.mean").normals(components * latents);
        means.iter_mut().for_each(|mean| *mean *= FIRST_SPREAD);
        let means = Tensor::from_vec(means, shape, device)?;
        let log_vars = means.zeros_like()?;
        Ok(Self {
            weight_logits: weight_logits.tensor,
            components: DiagonalGaussian {
                mean: parameters.values_from("prior.mean", means)?.tensor,
                log_var: parameters.values_from("prior.log_var", log_vars)?.tensor,
            },
        })
    }

    /// The same for good: weights and components as they are now, whatever computed them, and no gradients to it.
    pub(crate) fn fixed(&self) -> Self {
        Self {
            weight_logits: self.weight_logits.detach(),
            components: DiagonalGaussian {
                mean: self.components.mean.detach(),
                log_var: self.components.log_var.detach(),
            },
        }
    }

    /// log w_m + log N(z; mean_m, exp(log_var_m)) of each row and component, nats: with precision p, the product
    /// of [z^2, z] and [-p / 2, mean p] and a constant for each component. Of mean^2 p about 1e-7 is lost.
    ///
    /// # Shapes
    ///
    /// z `[B, K]` -> `[B, M]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] for a z of another width.
    fn joint_log_probs(&self, z: &Tensor) -> Result<Tensor> {
        let DiagonalGaussian { mean, log_var } = &self.components;
        let precision = log_var.neg()?.exp()?;
        let scaled = (mean * &precision)?;
        let slopes = Tensor::cat(&[&precision.affine(-0.5, 0.0)?, &scaled], 1)?;
        let constants = ((mean * scaled)? + log_var)?
            .affine(-0.5, f64::from(-0.5 * LN_TWO_PI))?
            .sum(1)?;
        let constants = (constants + self.log_weights()?)?;
        affine::computed(&Tensor::cat(&[&z.sqr()?, z], 1)?, &slopes, &constants)
    }

    /// log w, `[M]`.
    pub(crate) fn log_weights(&self) -> Result<Tensor> {
        let total = logsumexp(&self.weight_logits.unsqueeze(0)?)?;
        Ok(self.weight_logits.broadcast_sub(&total)?)
    }
}

impl Prior for MixturePrior {
    fn mixture(&self) -> Option<&MixturePrior> {
        Some(self)
    }

    fn kind(&self) -> Kind {
        Kind::Continuous
    }

    fn log_prob(&self, z: &Tensor) -> Result<Tensor> {
        logsumexp(&self.joint_log_probs(z)?)
    }

    fn sample(&self, count: usize, temperature: f32, rng: &mut Rng) -> Result<Vec<f32>> {
        let weights = flat_values(&self.log_weights()?.exp()?)?;
        let latents = self.components.mean.dim(1)?;
        let means = flat_values(&self.components.mean)?;
        let log_vars = flat_values(&self.components.log_var)?;
        let mut z = Vec::with_capacity(count * latents);
        for _ in 0..count {
            let mut left = rng.uniform();
            let below = |weight: &f32| {
                left -= weight;
                left < 0.0
            };
            let chosen = weights.iter().position(below).unwrap_or(weights.len() - 1);
            let row = chosen * latents..(chosen + 1) * latents;
            let both = means[row.clone()].iter().zip(&log_vars[row]);
            z.extend(
                both.map(|(mean, log_var)| {
                    mean + temperature * (0.5 * log_var).exp() * rng.normal()
                }),
            );
        }
        Ok(z)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;
    use crate::math;
    use crate::nn::gradient_check;
    use crate::priors::properties;

    /// A mixture of seeded parts, its means spread and its variances small.
    fn mixture(components: usize, latents: usize) -> (Parameters, MixturePrior) {
        let rng = Rng::from_seed(4);
        let mut parameters = Parameters::default();
        let prior = MixturePrior::new(&mut parameters, &rng, components, latents).unwrap();
        for (name, scale) in [("weight_logits", 1.0), ("mean", 1.5), ("log_var", 0.7)] {
            let name = format!("prior.{name}");
            let var = parameters.get(&name).unwrap();
            let mut values = rng.split(&name).normals(var.elem_count());
            values.iter_mut().for_each(|v| *v = *v * scale - 0.4);
            var.set(&Tensor::from_vec(values, var.shape(), &Device::Cpu).unwrap())
                .unwrap();
        }
        (parameters, prior)
    }

    /// Weight, means and variances of each component, in f64.
    fn parts(prior: &MixturePrior) -> Vec<(f64, Vec<f64>, Vec<f64>)> {
        let doubles = |tensor: &Tensor| -> Vec<f64> {
            let values = flat_values(tensor).unwrap();
            values.into_iter().map(f64::from).collect()
        };
        let logits = doubles(&prior.weight_logits);
        let total = math::logsumexp(&logits);
        let latents = prior.components.mean.dim(1).unwrap();
        let (means, log_vars) = (
            doubles(&prior.components.mean),
            doubles(&prior.components.log_var),
        );
        let rows = means.chunks(latents).zip(log_vars.chunks(latents));
        let parts = logits.iter().zip(rows).map(|(logit, (means, log_vars))| {
            let variances = log_vars.iter().map(|v| v.exp()).collect();
            ((logit - total).exp(), means.to_vec(), variances)
        });
        parts.collect()
    }

    #[test]
    fn the_density_is_that_of_the_definition_in_f64() {
        let (_, prior) = mixture(7, 5);
        let z = Rng::from_seed(5).normals(20 * 5);
        let rows = Tensor::from_slice(&z, (20, 5), &Device::Cpu).unwrap();
        let found = flat_values(&prior.log_prob(&rows).unwrap()).unwrap();
        for (z, found) in z.chunks(5).zip(found) {
            let terms: Vec<f64> = parts(&prior)
                .iter()
                .map(|(weight, means, variances)| {
                    let squares = z.iter().zip(means.iter().zip(variances));
                    let log_prob = squares.map(|(z, (mean, variance))| {
                        let square = (f64::from(*z) - mean).powi(2) / variance;
                        -0.5 * (square + (2.0 * std::f64::consts::PI * variance).ln())
                    });
                    weight.ln() + log_prob.sum::<f64>()
                })
                .collect();
            let wanted = math::logsumexp(&terms);
            assert!((f64::from(found) - wanted).abs() < 2e-5, "{found} {wanted}");
        }
    }

    #[test]
    fn the_density_integrates_to_one() {
        properties::integrates_to_one(&mixture(6, 2).1);
    }

    /// 100,000 draws at each temperature; false-alarm rate below 1e-5.
    #[test]
    fn draws_have_the_mixtures_moments() {
        let (_, prior) = mixture(6, 3);
        for temperature in [1.0f32, 0.5] {
            let n = 100_000;
            let mut rng = Rng::from_seed(8);
            let z = prior.sample(n, temperature, &mut rng).unwrap();
            for latent in 0..3 {
                let moment = |power: i32| {
                    let of_part = |(weight, means, variances): &(f64, Vec<f64>, Vec<f64>)| {
                        let (m, v) = (means[latent], variances[latent]);
                        let v = v * f64::from(temperature).powi(2);
                        weight
                            * match power {
                                1 => m,
                                2 => m * m + v,
                                _ => m.powi(4) + 6.0 * m * m * v + 3.0 * v * v,
                            }
                    };
                    parts(&prior).iter().map(of_part).sum::<f64>()
                };
                for power in [1, 2] {
                    let of = |z: &[f32]| f64::from(z[latent]).powi(power);
                    let mean = z.chunks(3).map(of).sum::<f64>() / n as f64;
                    let variance = moment(2 * power) - moment(power).powi(2);
                    let error = (mean - moment(power)).abs();
                    assert!(
                        error < 5.0 * (variance / n as f64).sqrt(),
                        "{latent} {power}"
                    );
                }
            }
        }
    }

    #[test]
    fn gradients_match_finite_differences() {
        let (parameters, prior) = mixture(5, 3);
        let z = Tensor::from_vec(Rng::from_seed(6).normals(12), (4, 3), &Device::Cpu).unwrap();
        let z = Var::from_tensor(&z).unwrap();
        let variables = parameters.iter().chain([("z", &z)]);
        gradient_check::along_gradients(variables, 5e-3, || {
            prior.log_prob(&z).unwrap().sum_all().unwrap()
        });
    }
}
