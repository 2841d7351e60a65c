//! The two operations of a diagonal Gaussian code: its sample and its divergence from the prior.

use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor};

use super::{contiguous, output};

/// z = mean + exp(log_var / 2) noise. The gradient goes to mean and log_var, not to the noise.
///
/// # Shapes
///
/// Three of `[B, K]` -> `[B, K]`.
///
/// # Errors
///
/// [`crate::Error::Tensor`] when shapes differ.
pub(crate) fn reparameterise(
    mean: &Tensor,
    log_var: &Tensor,
    noise: &Tensor,
) -> crate::Result<Tensor> {
    let (mean, log_var) = (mean.contiguous()?, log_var.contiguous()?);
    Ok(mean.apply_op3(&log_var, &noise.contiguous()?, Reparameterise)?)
}

/// (mean^2 + exp(log_var) - 1 - log_var) / 2 of every latent, in nats.
///
/// # Shapes
///
/// Two of `[B, K]` -> `[B, K]`.
///
/// # Errors
///
/// [`crate::Error::Tensor`] when shapes differ.
pub(crate) fn kl_to_unit_normal(mean: &Tensor, log_var: &Tensor) -> crate::Result<Tensor> {
    Ok(mean
        .contiguous()?
        .apply_op2(&log_var.contiguous()?, KlToUnitNormal)?)
}

fn same_shape(a: &Layout, b: &Layout) -> Result<()> {
    if a.shape() != b.shape() {
        candle_core::bail!("{:?} and {:?} differ in shape", a.shape(), b.shape());
    }
    Ok(())
}

fn values(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}

struct Reparameterise;

impl CustomOp3 for Reparameterise {
    fn name(&self) -> &'static str {
        "reparameterise"
    }

    fn cpu_fwd(
        &self,
        mean: &CpuStorage,
        mean_layout: &Layout,
        log_var: &CpuStorage,
        log_var_layout: &Layout,
        noise: &CpuStorage,
        noise_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        same_shape(mean_layout, log_var_layout)?;
        same_shape(mean_layout, noise_layout)?;
        let mean = contiguous(mean, mean_layout)?;
        let log_var = contiguous(log_var, log_var_layout)?;
        let noise = contiguous(noise, noise_layout)?;
        let both = mean.iter().zip(log_var).zip(noise);
        let z = both
            .map(|((mean, log_var), noise)| mean + (0.5 * log_var).exp() * noise)
            .collect();
        Ok(output(z, mean_layout.shape()))
    }

    /// dz / dmean = 1, dz / dlog_var = (z - mean) / 2.
    fn bwd(
        &self,
        mean: &Tensor,
        _log_var: &Tensor,
        _noise: &Tensor,
        z: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (means, zs, grads) = (values(mean)?, values(z)?, values(grad)?);
        let both = grads.iter().zip(&zs).zip(&means);
        let log_var: Vec<f32> = both.map(|((g, z), mean)| 0.5 * g * (z - mean)).collect();
        let log_var = Tensor::from_vec(log_var, mean.shape(), mean.device())?;
        Ok((Some(grad.clone()), Some(log_var), None))
    }
}

struct KlToUnitNormal;

impl CustomOp2 for KlToUnitNormal {
    fn name(&self) -> &'static str {
        "kl-to-unit-normal"
    }

    fn cpu_fwd(
        &self,
        mean: &CpuStorage,
        mean_layout: &Layout,
        log_var: &CpuStorage,
        log_var_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        same_shape(mean_layout, log_var_layout)?;
        let both = contiguous(mean, mean_layout)?
            .iter()
            .zip(contiguous(log_var, log_var_layout)?);
        let kl = both
            .map(|(mean, log_var)| 0.5 * (mean * mean + log_var.exp() - 1.0 - log_var))
            .collect();
        Ok(output(kl, mean_layout.shape()))
    }

    /// dKL / dmean = mean, dKL / dlog_var = (exp(log_var) - 1) / 2.
    fn bwd(
        &self,
        mean: &Tensor,
        log_var: &Tensor,
        _kl: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (mut means, mut log_vars, grads) = (values(mean)?, values(log_var)?, values(grad)?);
        for ((mean, log_var), g) in means.iter_mut().zip(&mut log_vars).zip(&grads) {
            *mean *= g;
            *log_var = 0.5 * g * log_var.exp_m1();
        }
        let tensor = |values| Tensor::from_vec(values, mean.shape(), mean.device());
        Ok((Some(tensor(means)?), Some(tensor(log_vars)?)))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;
    use crate::Rng;

    fn close(a: &Tensor, b: &Tensor) -> bool {
        let (a, b) = (values(a).unwrap(), values(b).unwrap());
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
    }

    /// Against the same formulas in candle's own operations, values and gradients.
    #[test]
    fn values_and_gradients_are_those_of_the_composed_operations() {
        let mut rng = Rng::from_seed(3);
        let mut tensor = || Tensor::from_vec(rng.normals(10), (5, 2), &Device::Cpu).unwrap();
        let (noise, probe) = (tensor(), tensor());
        let mean = Var::from_tensor(&tensor()).unwrap();
        let log_var = Var::from_tensor(&tensor()).unwrap();

        let deviation = log_var.affine(0.5, 0.0).unwrap().exp().unwrap();
        let z = (mean.as_tensor() + (deviation * &noise).unwrap()).unwrap();
        let variance = log_var.exp().unwrap();
        let kl = ((mean.sqr().unwrap() + variance).unwrap() - log_var.as_tensor()).unwrap();
        let kl = kl.affine(0.5, -0.5).unwrap();
        let pairs = [
            (z, reparameterise(&mean, &log_var, &noise).unwrap()),
            (kl, kl_to_unit_normal(&mean, &log_var).unwrap()),
        ];
        for (composed, fused) in pairs {
            assert!(close(&composed, &fused));
            let backward = |y: Tensor| (y * &probe).unwrap().sum_all().unwrap().backward().unwrap();
            let (wanted, found) = (backward(composed), backward(fused));
            for var in [&mean, &log_var] {
                assert!(close(wanted.get(var).unwrap(), found.get(var).unwrap()));
            }
        }
        let other = noise.t().unwrap();
        assert!(reparameterise(&mean, &log_var, &other).is_err());
        assert!(kl_to_unit_normal(&mean, &other).is_err());
    }
}
