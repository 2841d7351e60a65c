//! Products with lower triangular matrices, one for each row, and their inverses: a Gaussian's full covariance.
//!
//! What stands below the diagonal is kept row after row: entry (k, j), j < k, at k (k - 1) / 2 + j.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor};

use super::{contiguous, output};

/// Numbers below the diagonal of a K x K matrix.
pub(crate) fn below(latents: usize) -> usize {
    latents * latents.saturating_sub(1) / 2
}

/// y_k = sum_{j < k} lower_kj v_j of each row.
///
/// # Shapes
///
/// lower `[B, K (K - 1) / 2]`, v `[B, K]` -> `[B, K]`.
///
/// # Errors
///
/// [`crate::Error::Tensor`] when shapes do not fit.
pub(crate) fn product(lower: &Tensor, v: &Tensor) -> crate::Result<Tensor> {
    Ok(lower.contiguous()?.apply_op2(&v.contiguous()?, Product)?)
}

/// The y with (lower + diagonal) y = v of each row; its gradient goes to v alone.
///
/// # Shapes
///
/// lower `[B, K (K - 1) / 2]`, diagonal `[B, K]`, v `[B, K]` -> `[B, K]`.
///
/// # Errors
///
/// [`crate::Error::Tensor`] when shapes do not fit.
pub(crate) fn solve(lower: &Tensor, diagonal: &Tensor, v: &Tensor) -> crate::Result<Tensor> {
    let operation = Solve {
        lower: lower.flatten_all()?.to_vec1()?,
        diagonal: diagonal.flatten_all()?.to_vec1()?,
    };
    Ok(v.contiguous()?.apply_op1(operation)?)
}

/// The numbers of row k of one triangle.
fn row(triangle: &[f32], k: usize) -> &[f32] {
    let start = below(k);
    &triangle[start..start + k]
}

struct Product;

impl CustomOp2 for Product {
    fn name(&self) -> &'static str {
        "triangular-product"
    }

    fn cpu_fwd(
        &self,
        lower: &CpuStorage,
        lower_layout: &Layout,
        v: &CpuStorage,
        v_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (rows, latents) = v_layout.shape().dims2()?;
        if lower_layout.shape().dims2()? != (rows, below(latents)) {
            candle_core::bail!("a triangle has another size than its row");
        }
        let (lower, v) = (contiguous(lower, lower_layout)?, contiguous(v, v_layout)?);
        let mut y = vec![0f32; v.len()];
        for (index, (y, v)) in y.chunks_mut(latents).zip(v.chunks(latents)).enumerate() {
            let triangle = &lower[index * below(latents)..];
            for (k, y) in y.iter_mut().enumerate() {
                *y = row(triangle, k).iter().zip(v).map(|(l, v)| l * v).sum();
            }
        }
        Ok(output(y, v_layout.shape()))
    }

    #[cfg(feature = "complete")]
    /// dy_k / dlower_kj = v_j, dy_k / dv_j = lower_kj.
    fn bwd(
        &self,
        lower: &Tensor,
        v: &Tensor,
        _y: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let latents = v.dim(1)?;
        let mut of_lower = lower.flatten_all()?.to_vec1::<f32>()?;
        let values = v.flatten_all()?.to_vec1::<f32>()?;
        let grads = grad.flatten_all()?.to_vec1::<f32>()?;
        let mut of_v = vec![0f32; values.len()];
        let rows = values.chunks(latents).zip(grads.chunks(latents));
        for (index, ((v, grad), of_v)) in rows.zip(of_v.chunks_mut(latents)).enumerate() {
            let mut at = index * below(latents);
            for (k, grad) in grad.iter().enumerate() {
                for (l, (v, of_v)) in of_lower[at..at + k]
                    .iter_mut()
                    .zip(v.iter().zip(&mut *of_v))
                {
                    *of_v += grad * *l;
                    *l = grad * v;
                }
                at += k;
            }
        }
        let of_lower = Tensor::from_vec(of_lower, lower.shape(), lower.device())?;
        let of_v = Tensor::from_vec(of_v, v.shape(), v.device())?;
        Ok((Some(of_lower), Some(of_v)))
    }
}

struct Solve {
    lower: Vec<f32>,
    diagonal: Vec<f32>,
}

impl CustomOp1 for Solve {
    fn name(&self) -> &'static str {
        "triangular-solve"
    }

    fn cpu_fwd(&self, v: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, latents) = layout.shape().dims2()?;
        if (self.lower.len(), self.diagonal.len()) != (rows * below(latents), rows * latents) {
            candle_core::bail!("a triangle has another size than its row");
        }
        let mut y = contiguous(v, layout)?.to_vec();
        for (index, y) in y.chunks_mut(latents).enumerate() {
            let triangle = &self.lower[index * below(latents)..];
            let diagonal = &self.diagonal[index * latents..];
            for k in 0..latents {
                let known: f32 = row(triangle, k).iter().zip(&*y).map(|(l, y)| l * y).sum();
                y[k] = (y[k] - known) / diagonal[k];
            }
        }
        Ok(output(y, layout.shape()))
    }

    #[cfg(feature = "complete")]
    /// The transposed system, from the last number to the first.
    fn bwd(&self, v: &Tensor, _y: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let latents = v.dim(1)?;
        let mut grads = grad.flatten_all()?.to_vec1::<f32>()?;
        for (index, grad) in grads.chunks_mut(latents).enumerate() {
            let triangle = &self.lower[index * below(latents)..];
            let diagonal = &self.diagonal[index * latents..];
            for k in (0..latents).rev() {
                grad[k] /= diagonal[k];
                let (before, rest) = grad.split_at_mut(k);
                for (grad, l) in before.iter_mut().zip(row(triangle, k)) {
                    *grad -= l * rest[0];
                }
            }
        }
        Ok(Some(Tensor::from_vec(grads, v.shape(), v.device())?))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;
    use crate::Rng;
    use crate::nn::gradient_check;

    fn setup(latents: usize) -> (Var, Tensor, Var, Tensor) {
        let mut rng = Rng::from_seed(latents as u64);
        let mut tensor =
            |width| Tensor::from_vec(rng.normals(3 * width), (3, width), &Device::Cpu).unwrap();
        (
            Var::from_tensor(&tensor(below(latents))).unwrap(),
            tensor(latents).exp().unwrap(),
            Var::from_tensor(&tensor(latents)).unwrap(),
            tensor(latents),
        )
    }

    #[test]
    fn solving_undoes_the_product() {
        for latents in [1, 2, 5] {
            let (lower, diagonal, v, _) = setup(latents);
            let y = solve(&lower, &diagonal, &v).unwrap();
            let back = (product(&lower, &y).unwrap() + (diagonal * y).unwrap()).unwrap();
            let error = (back - v.as_tensor()).unwrap().abs().unwrap();
            assert!(error.max_all().unwrap().to_scalar::<f32>().unwrap() < 1e-5);
        }
        let (lower, diagonal, _, _) = setup(3);
        let other = setup(4).3;
        assert!(product(&lower, &other).is_err() && solve(&lower, &diagonal, &other).is_err());
    }

    #[test]
    fn gradients_match_finite_differences() {
        let (lower, diagonal, v, probe) = setup(5);
        let variables = [("lower", &lower), ("v", &v)];
        gradient_check::along_gradients(variables, 1e-3, || {
            (product(&lower, &v).unwrap() * &probe)
                .unwrap()
                .sum_all()
                .unwrap()
        });
        gradient_check::along_gradients([("v", &v)], 1e-3, || {
            let y = solve(&lower, &diagonal, &v).unwrap();
            (y * &probe).unwrap().sum_all().unwrap()
        });
    }
}
