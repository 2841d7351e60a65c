//! Posteriors by normalising flow (Rezende & Mohamed 2015): a diagonal Gaussian's draw, bent by invertible steps.

use std::rc::Rc;

use candle_core::{Device, Tensor};

use super::{ApproximatePosterior, DiagonalHead, Draw, EncoderHead, Kind};
use crate::distributions::DiagonalGaussian;
use crate::nn::Parameters;
use crate::{Result, Rng};

/// How many pairs of draws the moments are estimated from; the noise of one draw of a pair is minus that of the other.
const PAIRS: usize = 32;

/// One invertible step, made ready for some images.
pub(crate) trait Step: std::fmt::Debug {
    /// z' and log |det dz' / dz| of each row.
    ///
    /// # Shapes
    ///
    /// z `[B, K]` -> `[B, K]` and `[B]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] when shapes differ.
    fn forward(&self, z: &Tensor) -> Result<(Tensor, Tensor)>;

    /// For every image `count` times: all images, then all again.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] if a tensor cannot be copied.
    fn repeat(&self, count: usize) -> Result<Rc<dyn Step>>;
}

/// The layers of one step.
pub(crate) trait StepLayers: std::fmt::Debug {
    /// The step, made ready for some images by the encoder's last hidden layer `[B, hidden]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] for an h of another width.
    fn step(&self, h: &Tensor) -> Result<Rc<dyn Step>>;
}

/// The diagonal posterior's layers, then those of each step.
#[derive(Debug)]
pub(crate) struct FlowHead {
    base: DiagonalHead,
    steps: Vec<Box<dyn StepLayers>>,
}

impl FlowHead {
    /// Layers `encoder.mean` and `encoder.log_var`, and those that `layers` makes for step number 0, 1, ..., named
    /// `flow.0`, `flow.1`, ...
    pub(crate) fn new(
        parameters: &mut Parameters,
        rng: &Rng,
        (hidden, latents): (usize, usize),
        steps: usize,
        layers: impl Fn(&mut Parameters, &str, usize) -> Result<Box<dyn StepLayers>>,
    ) -> Result<Self> {
        let base = DiagonalHead::new(parameters, rng, hidden, latents)?;
        let steps = (0..steps).map(|step| layers(parameters, &format!("flow.{step}"), step));
        Ok(Self {
            base,
            steps: steps.collect::<Result<_>>()?,
        })
    }
}

impl EncoderHead for FlowHead {
    fn posterior(&self, h: &Tensor) -> Result<Box<dyn ApproximatePosterior>> {
        let steps = self.steps.iter().map(|layers| layers.step(h));
        Ok(Box::new(FlowPosterior {
            base: self.base.gaussian(h)?,
            steps: steps.collect::<Result<_>>()?,
        }))
    }
}

/// z = step_T(... step_1(z_0)), z_0 from a diagonal Gaussian: log q(z|x) = log q_0(z_0) - sum_t log |det|.
#[derive(Clone, Debug)]
pub struct FlowPosterior {
    pub(crate) base: DiagonalGaussian,
    pub(crate) steps: Vec<Rc<dyn Step>>,
}

impl ApproximatePosterior for FlowPosterior {
    fn kind(&self) -> Kind {
        Kind::Flow
    }

    /// Of 64 seeded draws, the same ones for every image, and without gradients: a flow has no moments in closed
    /// form. Their noise has mean 0 and variance 1 exactly, so that steps which do nothing give back the base.
    fn moments(&self) -> Result<DiagonalGaussian> {
        let (rows, latents) = self.base.mean.dims2()?;
        let mut sums = vec![(0f64, 0f64); rows * latents];
        for noise in moment_noise(latents) {
            let noise = Tensor::from_vec(noise.repeat(rows), (rows, latents), &Device::Cpu)?;
            let z = self.draw(&noise)?.z.flatten_all()?.to_vec1::<f32>()?;
            for ((sum, squares), z) in sums.iter_mut().zip(z) {
                *sum += f64::from(z);
                *squares += f64::from(z).powi(2);
            }
        }
        let count = 2.0 * PAIRS as f64;
        let mean = sums.iter().map(|(sum, _)| (sum / count) as f32);
        let log_var = sums.iter().map(|(sum, squares)| {
            let variance = squares / count - (sum / count).powi(2);
            variance.max(1e-12).ln() as f32
        });
        let matrix = |values: Vec<f32>| Tensor::from_vec(values, (rows, latents), &Device::Cpu);
        Ok(DiagonalGaussian {
            mean: matrix(mean.collect())?,
            log_var: matrix(log_var.collect())?,
        })
    }

    fn repeat(&self, count: usize) -> Result<Box<dyn ApproximatePosterior>> {
        let steps = self.steps.iter().map(|step| step.repeat(count));
        Ok(Box::new(Self {
            base: self.base.repeat(count)?,
            steps: steps.collect::<Result<_>>()?,
        }))
    }

    fn draw(&self, noise: &Tensor) -> Result<Draw> {
        let Draw { mut z, mut log_q } = self.base.draw(noise)?;
        for step in &self.steps {
            let (next, log_determinant) = step.forward(&z)?;
            z = next;
            log_q = (log_q - log_determinant)?;
        }
        Ok(Draw { z, log_q })
    }
}

/// What the moments of a flow are estimated from, the same for every image: rows of K standard normals and their
/// negatives, every column scaled to mean square 1.
pub fn moment_noise(latents: usize) -> Vec<Vec<f32>> {
    let mut rng = Rng::from_seed(0).split("moments of a flow");
    let mut rows: Vec<Vec<f32>> = (0..PAIRS).map(|_| rng.normals(latents)).collect();
    for latent in 0..latents {
        let square: f32 = rows.iter().map(|row| row[latent].powi(2)).sum();
        let scale = (PAIRS as f32 / square).sqrt();
        rows.iter_mut().for_each(|row| row[latent] *= scale);
    }
    let mirrored: Vec<Vec<f32>> = rows
        .iter()
        .map(|row| row.iter().map(|v| -v).collect())
        .collect();
    rows.into_iter().chain(mirrored).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approximate_posteriors::properties::{self, HIDDEN, Make, flat_values, normals};
    use crate::approximate_posteriors::{iaf, planar};

    #[test]
    fn steps_of_either_kind_have_density_moments_and_gradients() {
        let planar: Make = |p, rng, latents| {
            let head = planar::head(p, rng, (HIDDEN, latents), 3)?;
            Ok(Box::new(head))
        };
        let iaf: Make = |p, rng, latents| {
            let head = iaf::head(p, rng, (HIDDEN, latents), 3)?;
            Ok(Box::new(head))
        };
        for make in [planar, iaf] {
            properties::log_q_is_that_of_the_draw(make);
            properties::the_density_integrates_to_one(make);
            properties::moments_are_those_of_draws(make, 0.15);
            properties::gradients_match(make);
        }
    }

    #[test]
    fn a_flow_of_no_steps_has_the_moments_of_its_base() {
        let base = DiagonalGaussian {
            mean: normals(4, 3, 1),
            log_var: normals(4, 3, 2),
        };
        let flow = FlowPosterior {
            base: base.clone(),
            steps: Vec::new(),
        };
        let found = flow.moments().unwrap();
        let pairs = [(found.mean, base.mean), (found.log_var, base.log_var)];
        for (found, wanted) in pairs {
            for (found, wanted) in flat_values(&found).into_iter().zip(flat_values(&wanted)) {
                assert!((found - wanted).abs() < 1e-5, "{found} {wanted}");
            }
        }
        assert!(flow.held_log_prob(&normals(4, 3, 3)).is_err());
    }
}
