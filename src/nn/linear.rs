//! The affine layer y = x W^T + b, with only the gradients that are asked for.

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp3, Layout, Shape, Tensor};

use crate::{Result, Rng};

use super::{Parameters, contiguous};

/// An affine layer; weight `[out, in]` as PyTorch keeps it, bias `[out]`.
#[derive(Clone, Debug)]
pub struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    /// A layer named `name`: weights uniform in gain * sqrt(6 / (in + out)) (Glorot & Bengio 2010,
    /// widened by the gain of the non-linearity that follows), bias zero.
    pub(crate) fn new(
        parameters: &mut Parameters,
        rng: &Rng,
        name: &str,
        (inputs, outputs): (usize, usize),
        gain: f32,
    ) -> Result<Self> {
        let bound = gain * (6.0 / (inputs + outputs) as f32).sqrt();
        let weight = format!("{name}.weight");
        Ok(Self {
            weight: parameters.uniform(rng, &weight, (outputs, inputs), bound)?,
            bias: parameters.zeros(&format!("{name}.bias"), outputs)?,
        })
    }

    /// y = x W^T + b.
    ///
    /// # Shapes
    ///
    /// `[B, in]` -> `[B, out]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] when x has another width.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.apply(x, true)
    }

    /// [`Linear::forward`] for an x that is data: its gradient, a sixth of the work of training a
    /// VAE, is not computed.
    ///
    /// # Errors
    ///
    /// As [`Linear::forward`].
    pub fn forward_data(&self, x: &Tensor) -> Result<Tensor> {
        self.apply(x, false)
    }

    fn apply(&self, x: &Tensor, input_gradient: bool) -> Result<Tensor> {
        Ok(x.apply_op3(&self.weight, &self.bias, Affine { input_gradient })?)
    }
}

struct Affine {
    input_gradient: bool,
}

impl CustomOp3 for Affine {
    fn name(&self) -> &'static str {
        "affine"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (rows, inputs) = x_layout.shape().dims2()?;
        let (outputs, expected) = weight_layout.shape().dims2()?;
        if inputs != expected {
            candle_core::bail!("a layer of {expected} inputs was given rows of {inputs}");
        }
        let transposed = weight_layout.transpose(0, 1)?;
        let size = (1, rows, outputs, inputs);
        let mut y = x.matmul(weight, size, x_layout, &transposed)?;
        let bias = contiguous(bias, bias_layout)?;
        if let CpuStorage::F32(y) = &mut y {
            for row in y.chunks_exact_mut(outputs) {
                row.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
            }
        }
        Ok((y, Shape::from((rows, outputs))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _bias: &Tensor,
        _y: &Tensor,
        grad: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad_x = match self.input_gradient {
            true => Some(grad.matmul(weight)?),
            false => None,
        };
        let grad_weight = grad.t()?.matmul(x)?;
        Ok((grad_x, Some(grad_weight), Some(grad.sum(0)?)))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn gradients_are_those_of_the_composed_operations() {
        let mut rng = Rng::from_seed(2);
        let mut tensor = |rows: usize, columns: usize| {
            let values = rng.normals(rows * columns);
            Var::from_vec(values, (rows, columns), &Device::Cpu).unwrap()
        };
        let (x, weight, probe) = (tensor(5, 7), tensor(3, 7), tensor(5, 3));
        let bias = tensor(1, 3).flatten_all().unwrap();
        let bias = Var::from_tensor(&bias).unwrap();
        let layer = Linear {
            weight: weight.as_tensor().clone(),
            bias: bias.as_tensor().clone(),
        };
        let composed = x
            .matmul(&weight.t().unwrap())
            .unwrap()
            .broadcast_add(&bias)
            .unwrap();
        let fused = layer.forward(x.as_tensor()).unwrap();
        let gradients = |y: &Tensor| {
            (y * probe.as_tensor())
                .unwrap()
                .sum_all()
                .unwrap()
                .backward()
                .unwrap()
        };
        let (expected, found) = (gradients(&composed), gradients(&fused));
        for var in [&x, &weight, &bias] {
            let difference = (expected.get(var).unwrap() - found.get(var).unwrap()).unwrap();
            let largest = difference.abs().unwrap().max_all().unwrap();
            assert!(largest.to_scalar::<f32>().unwrap() < 1e-5);
        }
        let data = gradients(&layer.forward_data(x.as_tensor()).unwrap());
        assert!(data.get(&x).is_none() && data.get(&weight).is_some());
        assert!(layer.forward(weight.t().unwrap().as_ref()).is_err());
    }
}
