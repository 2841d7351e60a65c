//! y = f(x W^T + b) and its gradients.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Storage, Tensor};

use super::gemm::{Matrix, Start, multiply, product};
use super::{contiguous, output, parallel};
use crate::nn::Activation;
use crate::nn::gradients::GradientSlot;

/// What an affine layer does beside its product.
pub(crate) struct Affine {
    /// f, if any: one whose slope can be told from its output.
    pub(crate) activation: Option<Activation>,
    /// Whether anybody asks for the gradient towards x.
    pub(crate) input_gradient: bool,
    pub(crate) weight_gradient: GradientSlot,
    pub(crate) bias_gradient: GradientSlot,
}

/// # Shapes
///
/// x `[B, in]`, weight `[out, in]`, bias `[out]` -> `[B, out]`.
///
/// # Errors
///
/// [`crate::Error::Tensor`] when the shapes do not fit.
pub(crate) fn affine(
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    operation: Affine,
) -> crate::Result<Tensor> {
    Ok(x.apply_op3(weight, bias, operation)?)
}

/// x W^T + b for weights that were computed, not kept: their gradients go on to what they were computed from.
///
/// # Shapes
///
/// x `[B, in]`, weight `[out, in]`, bias `[out]` -> `[B, out]`.
///
/// # Errors
///
/// [`crate::Error::Tensor`] when the shapes do not fit.
pub(crate) fn computed(x: &Tensor, weight: &Tensor, bias: &Tensor) -> crate::Result<Tensor> {
    let operation = Affine {
        activation: None,
        input_gradient: x.track_op(),
        weight_gradient: GradientSlot::default(),
        bias_gradient: GradientSlot::default(),
    };
    affine(x, weight, bias, operation)
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
    ) -> Result<(CpuStorage, Shape)> {
        let x = Matrix::of(x, x_layout)?;
        let weight = Matrix::of(weight, weight_layout)?;
        let shape = (x.rows(), weight.rows());
        let mut y = vec![0f32; shape.0 * shape.1];
        let bias = contiguous(bias, bias_layout)?;
        multiply(&mut y, x, weight.t(), Start::Bias(bias))?;
        if let Some(activation) = self.activation {
            activation.replace(&mut y);
        }
        Ok(output(y, shape))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        y: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (grad, y) = (grad.contiguous()?, y.contiguous()?);
        let (rows, outputs) = grad.dims2()?;
        let ((grad, grad_layout), (y, y_layout)) =
            (grad.storage_and_layout(), y.storage_and_layout());
        let grad = contiguous(cpu_storage(&grad)?, grad_layout)?;
        let before_activation;
        let grad = match self.activation {
            None => grad,
            Some(activation) => {
                let y = contiguous(cpu_storage(&y)?, y_layout)?;
                before_activation = activation.gradient(y, grad);
                &before_activation[..]
            }
        };
        let grad = Matrix::new(grad, rows, outputs);

        let device = x.device();
        let (x_storage, x_layout) = x.storage_and_layout();
        let (weight_storage, weight_layout) = weight.storage_and_layout();
        let x_values = Matrix::of(cpu_storage(&x_storage)?, x_layout)?;
        let grad_x = if self.input_gradient {
            let weight = Matrix::of(cpu_storage(&weight_storage)?, weight_layout)?;
            let values = product(grad, weight)?;
            Some(Tensor::from_vec(values, x.shape(), device)?)
        } else {
            None
        };
        let grad_weight = self
            .weight_gradient
            .leave(weight.elem_count(), |c, start| {
                multiply(c, grad.t(), x_values, start)
            })?
            .map(|values| Tensor::from_vec(values, weight.shape(), device));
        let grad_bias = self
            .bias_gradient
            .leave(outputs, |c, start| {
                add_columns(c, grad.values(), start);
                Ok(())
            })?
            .map(|values| Tensor::from_vec(values, bias.shape(), device));
        Ok((grad_x, grad_weight.transpose()?, grad_bias.transpose()?))
    }
}

fn cpu_storage(storage: &Storage) -> Result<&CpuStorage> {
    match storage {
        Storage::Cpu(storage) => Ok(storage),
        _ => candle_core::bail!("fused operations run on the CPU"),
    }
}

/// sums = start + the sum of all rows.
fn add_columns(sums: &mut [f32], rows: &[f32], start: Start<'_>) {
    if !matches!(start, Start::Kept) {
        sums.fill(0.0);
    }
    parallel::vectorised(|| {
        for row in rows.chunks_exact(sums.len()) {
            sums.iter_mut().zip(row).for_each(|(sum, v)| *sum += v);
        }
    });
}

#[cfg(test)]
mod tests {
    use candle_core::backprop::GradStore;
    use candle_core::{Device, Var};

    use super::*;
    use crate::Rng;
    use crate::nn::{Gradients, Linear, Parameters};

    struct Layer {
        parameters: Parameters,
        layer: Linear,
        x: Var,
        probe: Tensor,
    }

    fn setup() -> Layer {
        let mut rng = Rng::from_seed(2);
        let mut parameters = Parameters::default();
        let layer = Linear::new(&mut parameters, &rng, "layer", (7, 3), 1.0).unwrap();
        let bias = parameters.get("layer.bias").unwrap();
        bias.set(&Tensor::from_vec(rng.normals(3), 3, &Device::Cpu).unwrap())
            .unwrap();
        let mut tensor = |columns| {
            Tensor::from_vec(rng.normals(5 * columns), (5, columns), &Device::Cpu).unwrap()
        };
        Layer {
            x: Var::from_tensor(&tensor(7)).unwrap(),
            probe: tensor(3),
            parameters,
            layer,
        }
    }

    impl Layer {
        fn backward(&self, y: &Tensor) -> GradStore {
            let loss = (y * &self.probe).unwrap().sum_all().unwrap();
            loss.backward().unwrap()
        }

        fn weight(&self) -> &Var {
            self.parameters.get("layer.weight").unwrap()
        }

        /// The layer by candle's own operations, before the non-linearity.
        fn composed(&self) -> Tensor {
            let product = self.x.matmul(&self.weight().t().unwrap()).unwrap();
            let bias = self.parameters.get("layer.bias").unwrap();
            product.broadcast_add(bias.as_tensor()).unwrap()
        }
    }

    fn close(a: &[f32], b: &[f32]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
    }

    fn values(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn values_and_gradients_are_those_of_the_composed_operations() {
        let it = setup();
        for name in Activation::NAMES {
            let activation = Activation::parse(name).unwrap();
            let composed = activation.apply(&it.composed()).unwrap();
            let fused = it.layer.forward_activated(&it.x, activation).unwrap();
            assert!(close(&values(&composed), &values(&fused)), "{name}");
            let (wanted, found) = (it.backward(&composed), it.backward(&fused));
            let vars = it.parameters.iter().map(|(_, var)| var);
            for var in vars.chain([&it.x]) {
                let of = |store: &GradStore| values(store.get(var).unwrap());
                assert!(close(&of(&wanted), &of(&found)), "{name}");
            }
        }
    }

    #[test]
    fn gradients_go_where_they_are_asked_for() {
        let it = setup();
        let forward = || it.layer.forward(&it.x).unwrap();
        let wanted = it.backward(&forward());
        let data = it.layer.forward(&it.x.detach()).unwrap();
        let found = it.backward(&data);
        assert!(found.get(&it.x).is_none());
        let of_weight = |store: &GradStore| values(store.get(it.weight()).unwrap());
        assert_eq!(of_weight(&found), of_weight(&wanted));

        let kept = |passes: u32| {
            let guard = it.parameters.gradients(Gradients::Kept).unwrap();
            for _ in 0..passes {
                let store = it.backward(&forward());
                assert!(store.get(it.weight()).is_none() && store.get(&it.x).is_some());
            }
            let read: Vec<Vec<f32>> = it
                .parameters
                .slots()
                .map(|slot| slot.read(<[f32]>::to_vec).unwrap().unwrap())
                .collect();
            drop(guard);
            assert!(
                it.parameters
                    .slots()
                    .all(|slot| slot.read(|_| ()).unwrap().is_none())
            );
            read
        };
        for ((_, var), kept) in it.parameters.iter().zip(kept(1)) {
            assert_eq!(values(wanted.get(var).unwrap()), kept);
        }
        for ((_, var), kept) in it.parameters.iter().zip(kept(2)) {
            let doubled = (wanted.get(var).unwrap() * 2.0).unwrap();
            assert!(close(&values(&doubled), &kept));
        }

        let guard = it.parameters.gradients(Gradients::Spared).unwrap();
        let store = it.backward(&forward());
        assert!(store.get(it.weight()).is_none() && store.get(&it.x).is_some());
        drop(guard);
        assert!(it.backward(&forward()).get(it.weight()).is_some());
        assert!(it.layer.forward(it.weight().t().unwrap().as_ref()).is_err());
    }
}
