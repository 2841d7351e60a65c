//! Planar flow (Rezende & Mohamed 2015), its parameters told by the encoder for each image.

use std::rc::Rc;

use candle_core::Tensor;

use super::flow::{FlowHead, Step, StepLayers};
use crate::nn::{Activation, Linear, Parameters};
use crate::{Result, Rng};

/// z' = z + u^ tanh(w . z + b), u^ = u + (softplus(w . u) - 1 - w . u) w / |w|^2: w . u^ > -1 keeps it invertible.
#[derive(Clone, Debug)]
struct PlanarStep {
    /// u^, `[B, K]`.
    push: Tensor,
    /// 1 + w . u^ > 0, `[B, 1]`.
    stretch: Tensor,
    /// w, `[B, K]`.
    normal: Tensor,
    /// b, `[B, 1]`.
    offset: Tensor,
}

impl Step for PlanarStep {
    fn forward(&self, z: &Tensor) -> Result<(Tensor, Tensor)> {
        let distance = ((&self.normal * z)?.sum_keepdim(1)? + &self.offset)?;
        let bend = Activation::Tanh.apply(&distance)?;
        let next = (z + self.push.broadcast_mul(&bend)?)?;
        // 1 + (1 - tanh^2) w . u^, without the difference of near equals when w . u^ is near -1.
        let square = bend.sqr()?;
        let determinant = (&square + (square.affine(-1.0, 1.0)? * &self.stretch)?)?;
        Ok((next, determinant.log()?.sum(1)?))
    }

    fn repeat(&self, count: usize) -> Result<Rc<dyn Step>> {
        Ok(Rc::new(Self {
            push: self.push.repeat((count, 1))?,
            stretch: self.stretch.repeat((count, 1))?,
            normal: self.normal.repeat((count, 1))?,
            offset: self.offset.repeat((count, 1))?,
        }))
    }
}

/// Layers that tell u, w and b.
#[derive(Clone, Debug)]
struct Layers {
    push: Linear,
    normal: Linear,
    offset: Linear,
}

impl Layers {
    fn new(
        parameters: &mut Parameters,
        rng: &Rng,
        name: &str,
        (hidden, latents): (usize, usize),
    ) -> Result<Self> {
        let normal = format!("{name}.normal");
        let layers = Self {
            push: Linear::new(
                parameters,
                rng,
                &format!("{name}.push"),
                (hidden, latents),
                1.0,
            )?,
            normal: Linear::new(parameters, rng, &normal, (hidden, latents), 1.0)?,
            offset: Linear::new(parameters, rng, &format!("{name}.offset"), (hidden, 1), 1.0)?,
        };
        // An image that leaves every hidden unit at 0 must still have a direction: w / |w|^2.
        let bias = format!("{normal}.bias");
        parameters.set_if_zero(&bias, rng.split(&bias).normals(latents))?;
        Ok(layers)
    }

    fn ready(&self, h: &Tensor) -> Result<PlanarStep> {
        let (push, normal) = (self.push.forward(h)?, self.normal.forward(h)?);
        let along = (&normal * &push)?.sum_keepdim(1)?;
        let stretch = Activation::Softplus.apply(&along)?;
        let missing = ((&stretch - along)?.affine(1.0, -1.0)? / normal.sqr()?.sum_keepdim(1)?)?;
        Ok(PlanarStep {
            push: (push + normal.broadcast_mul(&missing)?)?,
            stretch,
            normal,
            offset: self.offset.forward(h)?,
        })
    }
}

impl StepLayers for Layers {
    fn step(&self, h: &Tensor) -> Result<Rc<dyn Step>> {
        Ok(Rc::new(self.ready(h)?))
    }
}

/// A diagonal Gaussian and `steps` planar steps; layers `flow.N.push`, `flow.N.normal`, `flow.N.offset`: u, w and b.
pub(crate) fn head(
    parameters: &mut Parameters,
    rng: &Rng,
    size: (usize, usize),
    steps: usize,
) -> Result<FlowHead> {
    FlowHead::new(parameters, rng, size, steps, |parameters, name, _| {
        Ok(Box::new(Layers::new(parameters, rng, name, size)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approximate_posteriors::properties::{HIDDEN, flat_values, normals};

    /// However hard u pulls against w, and where every hidden unit is 0.
    #[test]
    fn steps_stay_invertible_and_finite() {
        let mut parameters = Parameters::default();
        let rng = Rng::from_seed(1);
        let layers = Layers::new(&mut parameters, &rng, "flow.0", (HIDDEN, 3)).unwrap();
        for scale in [0.0, 1.0, 30.0, 1000.0] {
            let h = (normals(200, HIDDEN, 2) * scale).unwrap();
            let step = layers.ready(&h).unwrap();
            assert!(flat_values(&step.stretch).into_iter().all(|v| v > 0.0));
            let (z, log_determinant) = step.forward(&normals(200, 3, 3)).unwrap();
            let all = flat_values(&z)
                .into_iter()
                .chain(flat_values(&log_determinant));
            assert!(all.into_iter().all(f64::is_finite), "{scale}");
        }
    }
}
