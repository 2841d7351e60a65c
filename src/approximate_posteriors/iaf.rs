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
    /// Parameters `name.weight` `[out, in]` and `name.bias`, seeded as [`Linear`]; the mask is 1 where output o sees input i.
    fn new(parameters: &mut Parameters, rng: &Rng, name: &str, mask: Tensor) -> Result<Self> {
        let (outputs, inputs) = mask.dims2()?;
        let bound = (6.0 / (inputs + outputs) as f32).sqrt();
        let name_of_weight = format!("{name}.weight");
        let weight = parameters.uniform(rng, &name_of_weight, (outputs, inputs), bound)?;
        let bias = parameters.zeros(&format!("{name}.bias"), outputs)?;
        Ok(Self {
            weight: weight.tensor,
            mask,
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
        let [input, to_latents] = masks(latents, reversed)?;
        let units = input.dim(0)?;
        let p = parameters;
        Ok(Self {
            context: Linear::new(p, rng, &format!("{name}.context"), (hidden, units), 1.0)?,
            input: Masked::new(p, rng, &format!("{name}.input"), input)?,
            mean: Masked::new(p, rng, &format!("{name}.mean"), to_latents.clone())?,
            scale: Masked::new(p, rng, &format!("{name}.scale"), to_latents)?,
        })
    }
}

/// 1 at the weights that a step uses, 0 at those that would let a latent see itself or a later one: of the layer to the U =
/// 2 max(K, 32) hidden units, and of those to the latents.
///
/// # Shapes
///
/// -> `[U, K]` and `[K, U]`.
///
/// # Errors
///
/// [`crate::Error::Tensor`] if a tensor cannot be made.
pub fn masks(latents: usize, reversed: bool) -> Result<[Tensor; 2]> {
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
    let input = (0..units * latents).map(|at| rank(at % latents) < seen(at / latents));
    let to_latents = (0..latents * units).map(|at| seen(at % units) <= rank(at / units));
    let mask = |uses: Vec<bool>, shape| {
        let numbers = uses.into_iter().map(|used| f32::from(u8::from(used)));
        Tensor::from_vec(numbers.collect(), shape, &Device::Cpu)
    };
    Ok([
        mask(input.collect(), (units, latents))?,
        mask(to_latents.collect(), (latents, units))?,
    ])
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
