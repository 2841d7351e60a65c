//! The importance weighted bound (Burda et al. 2016), with either of two gradients for the encoder.

use std::sync::{Arc, Mutex};

use candle_core::{CpuStorage, CustomOp1, Layout, Result as TensorResult, Shape, Tensor};

use super::elbo::closed_kl;
use super::{Bound, draws};
use crate::Result;
use crate::math::logsumexp;
use crate::models::{Model, continuous_prior};

/// How the encoder learns from importance weights. Both are unbiased for the same gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncoderGradient {
    /// sum_i w~_i d log w_i: the more draws, the smaller it is beside its own noise (Rainforth et al.
    /// 2018).
    Plain,
    /// sum_i w~_i^2 (d log w_i / d z_i) (d z_i / d phi): doubly reparameterised (Tucker et al. 2018),
    /// with less noise and none where q is the posterior.
    DoublyReparameterised,
}

/// One sample of the bound L_k = E log (1/k) sum_i w_i, w_i = p(x, z_i) / q(z_i|x), with k = rows of
/// noise / rows of x; L_1 is the evidence lower bound and L_k never falls with k. With `beta` other than
/// 1, w_i = p(x|z_i) [p(z_i) / q(z_i|x)]^beta: for a warm-up.
///
/// `reconstruction` and `kl` are those of the evidence lower bound, over the same draws.
///
/// # Shapes
///
/// x `[B, D]`, noise `[k B, K]`, standard normal: all images' first draws, then their second ones.
///
/// # Errors
///
/// [`crate::Error::Shape`] when the noise has not a multiple of x's rows; [`crate::Error::Unsupported`] for a model
/// with discrete codes or without prior, or a posterior that does not know the density the gradient needs;
/// [`crate::Error::Tensor`] when shapes do not fit the model.
pub fn sample(
    model: &dyn Model,
    x: &Tensor,
    noise: &Tensor,
    gradient: EncoderGradient,
    beta: f64,
) -> Result<Bound> {
    let (images, draws) = (x.dim(0)?, draws(x, noise)?);
    let prior = continuous_prior(model)?;
    let q = model.encode(x)?;
    let of_draws = q.repeat(draws)?;
    let scales = Scales::default();
    let (z, log_q) = match gradient {
        EncoderGradient::Plain => {
            let draw = of_draws.draw(noise)?;
            (draw.z, draw.log_q)
        }
        EncoderGradient::DoublyReparameterised => {
            let z = of_draws.relaxed(noise)?.apply_op1(scales.clone())?;
            let log_q = of_draws.held_log_prob(&z)?;
            (z, log_q)
        }
    };
    let log_likelihood = model.log_likelihood(&x.repeat((draws, 1))?, &model.decode(&z)?)?;
    let log_ratio = (prior.log_prob(&z)? - log_q)?;
    let log_weights = (&log_likelihood + log_ratio.affine(beta, 0.0)?)?;
    let kl = match closed_kl(Some(prior.as_ref()), q.as_ref())? {
        Some(kl) => kl.mean(0)?.sum_all()?,
        None => log_ratio.mean_all()?.neg()?,
    };
    let log_weights = log_weights.reshape((draws, images))?;

    let (normalised, bound) = normalise(&log_weights)?;
    scales.set(normalised.reshape((draws * images, 1))?)?;
    // Its gradient is the bound's, its value is not.
    let surrogate = (normalised * &log_weights)?.sum(0)?.mean_all()?;
    let loss = (&surrogate + surrogate.detach().affine(-1.0, bound)?)?.neg()?;
    Ok(Bound {
        loss,
        reconstruction: log_likelihood.mean_all()?,
        kl,
    })
}

/// The weights of each image divided by their sum, without gradient, and the bound, the mean over images
/// of the logarithm of their mean; both from `[k, B]` logarithms.
fn normalise(log_weights: &Tensor) -> Result<(Tensor, f64)> {
    let (draws, images) = log_weights.dims2()?;
    let rows = log_weights.to_vec2::<f32>()?;
    let totals: Vec<f64> = (0..images)
        .map(|image| {
            let weights: Vec<f64> = rows.iter().map(|row| f64::from(row[image])).collect();
            logsumexp(&weights)
        })
        .collect();
    let normalised = rows.iter().flat_map(|row| {
        let pairs = row.iter().zip(&totals);
        pairs.map(|(log_weight, total)| (f64::from(*log_weight) - total).exp() as f32)
    });
    let normalised = Tensor::from_vec(
        normalised.collect::<Vec<f32>>(),
        (draws, images),
        log_weights.device(),
    )?;
    let bound = totals.iter().sum::<f64>() / images as f64 - (draws as f64).ln();
    Ok((normalised, bound))
}

/// Passes z on, and multiplies what comes back by numbers that are known only later: a row's weight.
#[derive(Clone, Debug, Default)]
struct Scales(Arc<Mutex<Option<Tensor>>>);

impl Scales {
    fn set(&self, scales: Tensor) -> Result<()> {
        let mut held = self.0.lock().map_err(|_| interrupted())?;
        *held = Some(scales);
        Ok(())
    }
}

fn interrupted() -> candle_core::Error {
    candle_core::Error::Msg("an earlier pass was interrupted".to_owned())
}

impl CustomOp1 for Scales {
    fn name(&self) -> &'static str {
        "scale-gradient"
    }

    fn cpu_fwd(&self, z: &CpuStorage, layout: &Layout) -> TensorResult<(CpuStorage, Shape)> {
        let values = crate::nn::fused::contiguous(z, layout)?.to_vec();
        Ok(crate::nn::fused::output(values, layout.shape().clone()))
    }

    fn bwd(&self, _z: &Tensor, _result: &Tensor, grad: &Tensor) -> TensorResult<Option<Tensor>> {
        let held = self.0.lock().map_err(|_| interrupted())?;
        let scales = held.as_ref().ok_or_else(interrupted)?;
        Ok(Some(grad.broadcast_mul(scales)?))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;
    use serde_json::json;

    use super::*;
    use crate::distributions::bernoulli;
    use crate::models::linear_gaussian::LinearGaussian;
    use crate::models::{self, ModelSpec};
    use crate::nn::{Parameters, gradient_check};
    use crate::objectives::{ElboOptions, elbo};
    use crate::{PIXELS, Rng};

    const IMAGES: usize = 4;
    const LATENTS: usize = 2;

    fn setup() -> (Box<dyn Model>, Tensor) {
        let spec = json!({"model": "vae", "latents": LATENTS, "hidden": [6], "activation": "tanh"});
        let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 5).unwrap();
        let x = bernoulli::sample(&vec![0.3; IMAGES * PIXELS], &mut Rng::from_seed(1));
        (
            model,
            Tensor::from_vec(x, (IMAGES, PIXELS), &Device::Cpu).unwrap(),
        )
    }

    fn noise(rng: &mut Rng, draws: usize) -> Tensor {
        let rows = IMAGES * draws;
        Tensor::from_vec(rng.normals(rows * LATENTS), (rows, LATENTS), &Device::Cpu).unwrap()
    }

    fn scalar(tensor: &Tensor) -> f64 {
        f64::from(tensor.to_scalar::<f32>().unwrap())
    }

    fn gradient(bound: &Bound, parameters: &Parameters) -> Vec<f64> {
        let store = bound.loss.backward().unwrap();
        let vars = parameters.iter().map(|(_, var)| var);
        vars.flat_map(|var| {
            let gradient = store.get(var).unwrap().flatten_all().unwrap();
            gradient.to_vec1::<f32>().unwrap()
        })
        .map(f64::from)
        .collect()
    }

    const PLAIN: EncoderGradient = EncoderGradient::Plain;
    const DREG: EncoderGradient = EncoderGradient::DoublyReparameterised;

    #[test]
    fn the_value_is_the_definition_in_f64() {
        let (model, x) = setup();
        let draws = 5;
        let noise = noise(&mut Rng::from_seed(2), draws);
        let rows = |tensor: &Tensor| tensor.to_vec2::<f32>().unwrap();
        let q = model.encode(&x).unwrap().moments().unwrap();
        let z = q.repeat(draws).unwrap().reparameterise(&noise).unwrap();
        let (mean, log_var, z_rows) = (rows(&q.mean), rows(&q.log_var), rows(&z));
        let (pixels, logits) = (rows(&x), rows(&model.decode(&z).unwrap()));
        let log_weight = |row: usize| -> f64 {
            let image = row % IMAGES;
            let likelihood: f64 = (pixels[image].iter().zip(&logits[row]))
                .map(|(x, l)| {
                    let l = f64::from(*l);
                    f64::from(*x) * l - l.max(0.0) - (-l.abs()).exp().ln_1p()
                })
                .sum();
            let ratio: f64 = (0..LATENTS)
                .map(|k| {
                    let z = f64::from(z_rows[row][k]);
                    let log_var = f64::from(log_var[image][k]);
                    let square = (z - f64::from(mean[image][k])).powi(2) / log_var.exp();
                    0.5 * (square + log_var - z * z)
                })
                .sum();
            likelihood + ratio
        };
        let wanted: f64 = (0..IMAGES)
            .map(|image| {
                let weights: Vec<f64> =
                    (0..draws).map(|i| log_weight(i * IMAGES + image)).collect();
                crate::math::logsumexp(&weights) - (draws as f64).ln()
            })
            .sum::<f64>()
            / IMAGES as f64;
        for gradient in [PLAIN, DREG] {
            let bound = sample(model.as_ref(), &x, &noise, gradient, 1.0).unwrap();
            assert!((scalar(&bound.loss) + wanted).abs() < 2e-3, "{gradient:?}");
        }
        assert!(
            sample(
                model.as_ref(),
                &x,
                &noise.narrow(0, 0, 7).unwrap(),
                PLAIN,
                1.0
            )
            .is_err()
        );
    }

    /// The means of 400 seeds lie within five standard errors; one false alarm in a million.
    #[test]
    fn one_draw_is_the_evidence_lower_bound_and_more_are_tighter() {
        let (model, x) = setup();
        // Away from the untrained start, where q is the prior and every bound is the same.
        for (name, var) in model
            .parameters()
            .iter()
            .filter(|(name, _)| name.ends_with("weight"))
        {
            let scale = if name.contains("decoder") { 8.0 } else { 3.0 };
            var.set(&(var.as_tensor() * scale).unwrap()).unwrap();
        }
        let seeds = 400;
        let means = |draws: usize| -> (f64, f64) {
            let values: Vec<f64> = (0..seeds)
                .map(|seed| {
                    let noise = noise(&mut Rng::from_seed(seed), draws);
                    -scalar(&sample(model.as_ref(), &x, &noise, PLAIN, 1.0).unwrap().loss)
                })
                .collect();
            let mean = values.iter().sum::<f64>() / seeds as f64;
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
            (
                mean,
                (variance / (seeds as f64 - 1.0) / seeds as f64).sqrt(),
            )
        };
        let elbo: f64 = (0..seeds)
            .map(|seed| {
                let noise = noise(&mut Rng::from_seed(seed), 1);
                let bound = elbo::sample(model.as_ref(), &x, &noise, ElboOptions::default());
                -scalar(&bound.unwrap().loss)
            })
            .sum::<f64>()
            / seeds as f64;
        let [one, five, fifty] = [1, 5, 50].map(means);
        assert!((one.0 - elbo).abs() < 5.0 * one.1, "{one:?} {elbo}");
        assert!(five.0 > one.0 + 5.0 * (five.1 + one.1), "{five:?} {one:?}");
        assert!(
            fifty.0 > five.0 + 5.0 * (fifty.1 + five.1),
            "{fifty:?} {five:?}"
        );
    }

    #[test]
    fn the_plain_gradient_matches_finite_differences() {
        let (model, x) = setup();
        let noise = noise(&mut Rng::from_seed(3), 6);
        gradient_check::along_gradients(model.parameters().iter(), 2e-2, || {
            let bound = sample(model.as_ref(), &x, &noise, PLAIN, 1.0);
            bound.unwrap().loss
        });
    }

    /// Along the direction of their difference, the two gradients' means over 600 seeds agree within five
    /// standard errors, while each is far from nothing.
    #[test]
    fn both_gradients_agree_in_expectation() {
        let (model, x) = setup();
        let seeds = 600;
        let mut sums = [Vec::new(), Vec::new()];
        let mut differences: Vec<Vec<f64>> = Vec::new();
        for seed in 0..seeds {
            let noise = noise(&mut Rng::from_seed(seed), 4);
            let [plain, dreg] = [PLAIN, DREG].map(|kind| {
                let bound = sample(model.as_ref(), &x, &noise, kind, 1.0).unwrap();
                gradient(&bound, model.parameters())
            });
            for (sum, values) in sums.iter_mut().zip([&plain, &dreg]) {
                sum.resize(values.len(), 0.0);
                sum.iter_mut()
                    .zip(values)
                    .for_each(|(sum, v)| *sum += v / seeds as f64);
            }
            differences.push(plain.iter().zip(&dreg).map(|(a, b)| a - b).collect());
        }
        // The first half of the seeds says where to look, the second half is looked at.
        let (first, second) = differences.split_at(seeds as usize / 2);
        let mut direction = vec![0f64; first[0].len()];
        for difference in first {
            direction
                .iter_mut()
                .zip(difference)
                .for_each(|(sum, v)| *sum += v);
        }
        let length = direction.iter().map(|v| v * v).sum::<f64>().sqrt();
        let along: Vec<f64> = second
            .iter()
            .map(|difference| {
                difference
                    .iter()
                    .zip(&direction)
                    .map(|(a, b)| a * b)
                    .sum::<f64>()
                    / length
            })
            .collect();
        let count = along.len() as f64;
        let mean = along.iter().sum::<f64>() / count;
        let variance = along.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (count - 1.0);
        let error = (variance / count).sqrt();
        let size = sums[0].iter().map(|v| v * v).sum::<f64>().sqrt();
        assert!(
            mean.abs() < 5.0 * error,
            "{mean} with a standard error of {error}"
        );
        assert!(error < 0.05 * size, "{error} of {size}");
    }

    #[test]
    fn the_exact_posterior_has_a_bound_and_a_gradient_without_noise() {
        let model = LinearGaussian::new(LATENTS);
        let values = [0.3f32, -1.2, 2.0, 0.7, -0.4, 1.1, 0.0, -2.5];
        let x = Tensor::from_slice(&values, (IMAGES, LATENTS), &Device::Cpu).unwrap();
        let rows = values.chunks(LATENTS);
        let exact = rows.map(LinearGaussian::log_likelihood_of).sum::<f64>() / IMAGES as f64;
        for (seed, draws) in [(1, 1), (2, 3), (3, 20)] {
            let noise = noise(&mut Rng::from_seed(seed), draws);
            for kind in [PLAIN, DREG] {
                let bound = sample(&model, &x, &noise, kind, 1.0).unwrap();
                assert!(
                    (scalar(&bound.loss) + exact).abs() < 1e-5,
                    "{kind:?} {draws}"
                );
                let store = bound.loss.backward().unwrap();
                let slope = scalar(&store.get(&model.mean_slope).unwrap().sum_all().unwrap());
                if kind == DREG {
                    assert!(slope.abs() < 1e-5, "{slope}");
                }
            }
        }
    }
}
