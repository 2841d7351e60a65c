//! The objective of a model that tells classes, learned from some labels (Kingma et al. 2014).

use candle_core::Tensor;

use super::elbo::{self, ElboOptions};
use super::{Bound, draws};
use crate::data::CLASSES;
use crate::models::{Model, one_hot};
use crate::nn::fused::softmax::log_softmax;
use crate::{Error, Result};

/// One sample of the bound, the mean over all rows: L(x, y) = L(x|y) + log p(y) of a row whose class is known,
/// U(x) = sum_y q(y|x) [L(x, y) - log q(y|x)] of one whose class is not, L(x|y) the evidence lower bound given the class.
/// The loss takes `class_weight` times the mean surprise -log q(y|x) of the known classes besides.
///
/// # Shapes
///
/// x `[B, D]`; y `[B, CLASSES]`, rows with a class before rows of zeros; noise `[k B, at least K]`, of which z takes
/// the first K, the same for every class.
///
/// # Errors
///
/// [`Error::Unsupported`] for a model that tells no classes; [`Error::Shape`] when rows do not fit; [`Error::Tensor`]
/// when shapes do not fit the model.
pub fn sample(
    model: &dyn Model,
    x: &Tensor,
    y: &Tensor,
    noise: &Tensor,
    options: ElboOptions,
) -> Result<Bound> {
    let draws = draws(x, noise)?;
    let images = x.dim(0)?;
    let known = y.to_vec2::<f32>()?;
    let known = known.iter().take_while(|row| row.contains(&1.0)).count();
    let unknown = images - known;
    let logits = model.classify(x)?.ok_or_else(|| {
        Error::Unsupported(
            "this objective learns from labels, and this model tells no classes".to_owned(),
        )
    })?;
    let log_q = log_softmax(&logits)?;
    // Of all images' first draws, then their second ones.
    let rows_of = |first: usize, count: usize| -> Result<Tensor> {
        let parts: candle_core::Result<Vec<Tensor>> = (0..draws)
            .map(|draw| noise.narrow(0, draw * images + first, count))
            .collect();
        Ok(Tensor::cat(&parts?, 0)?)
    };
    let log_classes = (CLASSES as f64).ln();
    let mut sums: Option<[Tensor; 3]> = None;
    let mut add = |parts: [Tensor; 3]| -> Result<()> {
        sums = Some(match sums.take() {
            None => parts,
            Some([a, b, c]) => {
                let [d, e, f] = parts;
                [(a + d)?, (b + e)?, (c + f)?]
            }
        });
        Ok(())
    };
    if known > 0 {
        let (x, y) = (x.narrow(0, 0, known)?, y.narrow(0, 0, known)?);
        let rows = elbo::rows(model.given(&y)?.as_ref(), &x, &rows_of(0, known)?)?;
        let surprise = (log_q.narrow(0, 0, known)? * &y)?.sum_all()?.neg()?;
        let kl = rows.kl.sum_all()?.affine(1.0, known as f64 * log_classes)?;
        let fit = rows.reconstruction.sum_all()?;
        let charged = (kl.affine(options.beta, 0.0)? - &fit)?;
        let weight = options.class_weight * images as f64 / known as f64;
        add([(charged + surprise.affine(weight, 0.0)?)?, fit, kl])?;
    }
    if unknown > 0 {
        let x = x.narrow(0, known, unknown)?;
        let log_q = log_q.narrow(0, known, unknown)?;
        let q = log_q.exp()?;
        let noise = rows_of(known, unknown)?;
        // All images of the first class, then of the next: x goes through the encoder's first layer once.
        let every: Vec<Option<u8>> = (0..CLASSES as u8)
            .flat_map(|class| std::iter::repeat_n(Some(class), unknown))
            .collect();
        let rows = elbo::rows(model.given(&one_hot(&every)?)?.as_ref(), &x, &noise)?;
        let by_class = |tensor: Tensor| tensor.t()?.contiguous()?.flatten_all();
        let (q, log_q) = (by_class(q)?, by_class(log_q)?);
        let kl = (rows.kl + log_q.affine(1.0, log_classes)?)?;
        let (fit, kl) = (
            (&q * rows.reconstruction)?.sum_all()?,
            (&q * kl)?.sum_all()?,
        );
        add([(kl.affine(options.beta, 0.0)? - &fit)?, fit, kl])?;
    }
    let [loss, reconstruction, kl] =
        sums.ok_or_else(|| Error::shape("an objective needs at least one image"))?;
    let share = 1.0 / images as f64;
    Ok(Bound {
        loss: loss.affine(share, 0.0)?,
        reconstruction: reconstruction.affine(share, 0.0)?,
        kl: kl.affine(share, 0.0)?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::models::{self, ModelSpec};
    use crate::nn::gradient_check;
    use crate::nn::tensors::{flat_values, matrix};
    use crate::{PIXELS, Rng};

    fn scalar(tensor: &Tensor) -> f64 {
        f64::from(tensor.to_scalar::<f32>().unwrap())
    }

    fn setup() -> (Box<dyn Model>, Tensor, Tensor, Tensor) {
        let spec = json!({"model": "m2", "latents": 2, "hidden": [5], "activation": "tanh"});
        let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 5).unwrap();
        // Away from the untrained start, where every class is as good as another.
        for (_, var) in model.parameters().iter() {
            var.set(&(var.as_tensor() * 2.0).unwrap()).unwrap();
        }
        let mut rng = Rng::from_seed(1);
        let pixels: Vec<f32> = (0..3 * PIXELS).map(|_| rng.uniform().round()).collect();
        let noise = matrix(&rng.normals(6 * 12), 12).unwrap();
        let y = one_hot(&[Some(4), None, None]).unwrap();
        (model, matrix(&pixels, PIXELS).unwrap(), y, noise)
    }

    /// Image by image and class by class, by the ordinary bound of the model given the class.
    #[test]
    fn the_loss_is_the_definition() {
        let (model, x, y, noise) = setup();
        let options = ElboOptions {
            class_weight: 7.0,
            ..ElboOptions::default()
        };
        let bound = |image: usize, class: u8| {
            let given = model.given(&one_hot(&[Some(class)]).unwrap()).unwrap();
            let noise: Vec<Tensor> = (0..2)
                .map(|draw| noise.narrow(0, 3 * draw + image, 1).unwrap())
                .collect();
            let noise = Tensor::cat(&noise, 0).unwrap().narrow(1, 0, 2).unwrap();
            let x = x.narrow(0, image, 1).unwrap();
            let noise = noise.contiguous().unwrap();
            let bound = elbo::sample(given.as_ref(), &x, &noise, options).unwrap();
            -scalar(&bound.loss) - 10f64.ln()
        };
        let logits = flat_values(&model.classify(&x).unwrap().unwrap()).unwrap();
        let log_q: Vec<Vec<f64>> = logits
            .chunks(10)
            .map(|row| {
                let row: Vec<f64> = row.iter().map(|v| f64::from(*v)).collect();
                let sum = crate::math::logsumexp(&row);
                row.iter().map(|v| v - sum).collect()
            })
            .collect();
        let of_unknown = |image: usize| -> f64 {
            (0..10)
                .map(|class| {
                    let log_q = log_q[image][class];
                    log_q.exp() * (bound(image, class as u8) - log_q)
                })
                .sum()
        };
        let wanted = bound(0, 4) + of_unknown(1) + of_unknown(2);
        let wanted = -wanted / 3.0 - 7.0 * log_q[0][4];
        let found = sample(model.as_ref(), &x, &y, &noise, options).unwrap();
        assert!((scalar(&found.loss) - wanted).abs() < 2e-3, "{wanted}");
        let elbo = scalar(&found.reconstruction) - scalar(&found.kl);
        assert!((scalar(&found.loss) + 7.0 * log_q[0][4] + elbo).abs() < 2e-3);
        let vae = json!({"model": "vae", "hidden": [5]});
        let vae = models::build(&ModelSpec::from_json(&vae).unwrap(), 5).unwrap();
        let refused = sample(vae.as_ref(), &x, &y, &noise, options);
        assert_eq!(refused.unwrap_err().code(), "unsupported");
    }

    #[test]
    fn gradients_match_finite_differences() {
        let (model, x, y, noise) = setup();
        gradient_check::along_gradients(model.parameters().iter(), 2e-2, || {
            let bound = sample(model.as_ref(), &x, &y, &noise, ElboOptions::default());
            bound.unwrap().loss
        });
    }
}
