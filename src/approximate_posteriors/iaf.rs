//! Inverse autoregressive flow (Kingma et al. 2016).

use std::rc::Rc;

use candle_core::{Device, Tensor};

use super::flow::{FlowHead, Step, StepLayers};
use crate::nn::fused::affine;
use crate::nn::{Activation, Linear, Parameters};
use crate::{Result, Rng};

/// What is added to r, so that a step starts near the identity: sigmoid(2) = 0.88 (Kingma et al. 2016).
const OPEN: f64 = 2.0;

/// z' = s z + (1 - s) m, s = sigmoid(r + 2), (m, r) of z_k from what comes before it in the step's order, by a network of
/// one masked hidden layer (Germain et al. 2015), which is also given the encoder's last hidden layer. Every other
/// step takes the latents in reverse.
#[derive(Clone, Debug)]
struct MaskedLayers {
    context: Linear,
    /// To the hidden units, to m, to r.
    input: Masked,
    mean: Masked,
    scale: Masked,
}

/// A weight of which only some entries are used.
#[derive(Clone, Debug)]
struct Masked {
    weight: Tensor,
    mask: Tensor,
    bias: Tensor,
}

impl Masked {
    /// Parameters `name.weight` `[out, in]` and `name.bias`, seeded as [`Linear`]; output o sees input i where `sees`.
    fn new(
        parameters: &mut Parameters,
        rng: &Rng,
        name: &str,
        (inputs, outputs): (usize, usize),
        sees: impl Fn(usize, usize) -> bool,
    ) -> Result<Self> {
        let bound = (6.0 / (inputs + outputs) as f32).sqrt();
        let shape = (outputs, inputs);
        let weight = parameters.uniform(rng, &format!("{name}.weight"), shape, bound)?;
        let bias = parameters.zeros(&format!("{name}.bias"), outputs)?;
        let mask = (0..outputs * inputs)
            .map(|at| f32::from(u8::from(sees(at / inputs, at % inputs))))
            .collect();
        Ok(Self {
            weight: weight.tensor,
            mask: Tensor::from_vec(mask, shape, &Device::Cpu)?,
            bias: bias.tensor,
        })
    }

    fn ready(&self) -> Result<Ready> {
        Ok(Ready {
            weight: (&self.weight * &self.mask)?,
            bias: self.bias.clone(),
        })
    }
}

/// A masked weight, made once for all draws.
#[derive(Clone, Debug)]
struct Ready {
    weight: Tensor,
    bias: Tensor,
}

impl Ready {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        affine::computed(x, &self.weight, &self.bias)
    }
}

impl MaskedLayers {
    fn new(
        parameters: &mut Parameters,
        rng: &Rng,
        name: &str,
        (hidden, latents): (usize, usize),
        reversed: bool,
    ) -> Result<Self> {
        let units = 2 * latents.max(32);
        // How many latents stand before this one; how many a hidden unit sees.
        let rank = |latent: usize| {
            if reversed {
                latents - 1 - latent
            } else {
                latent
            }
        };
        let seen = |unit: usize| unit % latents;
        let (to_units, to_latents) = ((latents, units), (units, latents));
        let last = |output: usize, unit: usize| seen(unit) <= rank(output);
        let p = parameters;
        Ok(Self {
            context: Linear::new(p, rng, &format!("{name}.context"), (hidden, units), 1.0)?,
            input: Masked::new(
                p,
                rng,
                &format!("{name}.input"),
                to_units,
                |unit, latent| rank(latent) < seen(unit),
            )?,
            mean: Masked::new(p, rng, &format!("{name}.mean"), to_latents, last)?,
            scale: Masked::new(p, rng, &format!("{name}.scale"), to_latents, last)?,
        })
    }
}

impl StepLayers for MaskedLayers {
    fn step(&self, h: &Tensor) -> Result<Rc<dyn Step>> {
        Ok(Rc::new(IafStep {
            context: self.context.forward(h)?,
            input: self.input.ready()?,
            mean: self.mean.ready()?,
            scale: self.scale.ready()?,
        }))
    }
}

/// [`MaskedLayers`] for some images.
#[derive(Clone, Debug)]
struct IafStep {
    /// What the hidden units are given of each image, `[B, units]`.
    context: Tensor,
    input: Ready,
    mean: Ready,
    scale: Ready,
}

impl Step for IafStep {
    fn forward(&self, z: &Tensor) -> Result<(Tensor, Tensor)> {
        let units = Activation::Elu.apply(&(self.input.forward(z)? + &self.context)?)?;
        let mean = self.mean.forward(&units)?;
        // log sigmoid(a) = -softplus(-a).
        let closed = self.scale.forward(&units)?.affine(-1.0, -OPEN)?;
        let log_scale = Activation::Softplus.apply(&closed)?.neg()?;
        let next = (&mean + (log_scale.exp()? * (z - &mean)?)?)?;
        Ok((next, log_scale.sum(1)?))
    }

    fn repeat(&self, count: usize) -> Result<Rc<dyn Step>> {
        Ok(Rc::new(Self {
            context: self.context.repeat((count, 1))?,
            ..self.clone()
        }))
    }
}

/// A diagonal Gaussian and `steps` autoregressive steps; layers `flow.N.*`.
pub(crate) fn head(
    parameters: &mut Parameters,
    rng: &Rng,
    size: (usize, usize),
    steps: usize,
) -> Result<FlowHead> {
    FlowHead::new(parameters, rng, size, steps, |parameters, name, step| {
        let layers = MaskedLayers::new(parameters, rng, name, size, step % 2 == 1)?;
        Ok(Box::new(layers))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approximate_posteriors::properties::{HIDDEN, flat_values, normals};

    /// A latent reaches itself and those after it, in the step's order, and no other.
    #[test]
    fn masks_keep_the_order() {
        let latents = 5;
        for reversed in [false, true] {
            let mut parameters = Parameters::default();
            let size = (HIDDEN, latents);
            let layers = MaskedLayers::new(
                &mut parameters,
                &Rng::from_seed(1),
                "flow.0",
                size,
                reversed,
            );
            let step = layers.unwrap().step(&normals(1, HIDDEN, 2)).unwrap();
            let z = flat_values(&normals(1, latents, 3));
            let at = |moved: Option<usize>| {
                let mut z: Vec<f32> = z.iter().map(|v| *v as f32).collect();
                moved.into_iter().for_each(|latent| z[latent] += 0.5);
                let z = Tensor::from_vec(z, (1, latents), &Device::Cpu).unwrap();
                flat_values(&step.forward(&z).unwrap().0)
            };
            let start = at(None);
            for from in 0..latents {
                for (to, (before, after)) in start.iter().zip(at(Some(from))).enumerate() {
                    let reached = if reversed { to <= from } else { to >= from };
                    assert_eq!(*before != after, reached, "{from} to {to}");
                }
            }
        }
    }
}
