//! Random draws: codes of an image from q(z|x), and new images from the prior.

use super::{BLOCK, clamp, decode_raw};
use crate::data::CLASSES;
use crate::math::check_pixels;
use crate::models::{Model, one_hot, required_prior};
use crate::nn::tensors::{flat_values, matrix};
use crate::{Error, PIXELS, Result, Rng};

/// Draws of z and what they decode to.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    /// z, `[n, K]`.
    pub latents: Vec<f32>,
    /// E[x|z], `[n, 784]`.
    pub probabilities: Vec<f32>,
    /// One draw of every pixel, `[n, 784]`.
    pub pixels: Vec<f32>,
    /// The class that each was drawn of, by a model that sums over classes ([`Model::of_each_class`]) or was given one; else
    /// empty.
    pub labels: Vec<u8>,
}

/// Draws of z ~ q(z|x) of one image, whatever kind of distribution q is: a mean and a deviation of each number say all of
/// it only where it is [`Kind::Diagonal`](crate::approximate_posteriors::Kind::Diagonal).
///
/// # Shapes
///
/// pixels `[784]` in [0, 1] -> `[count, K]`.
///
/// # Errors
///
/// As [`check_pixels`]; [`Error::Shape`] for several images; [`Error::InvalidArgument`] for no draws or more than
/// 10,000.
///
/// # Examples
///
/// ```
/// # use latent_canvas::models::{self, ModelSpec};
/// # let spec = serde_json::json!({ "model": "vae", "latents": 2, "hidden": [16] });
/// # let model = models::build(&ModelSpec::from_json(&spec)?, 1)?;
/// # let model = model.as_ref();
/// # use latent_canvas::data::Dataset;
/// # let digit = Dataset::strokes(1, 1)?.images(0, 1)?;
/// # let digit: Vec<f32> = digit.iter().map(|ink| ink.round()).collect();
/// use latent_canvas::models::inference;
///
/// assert_eq!(inference::draw_codes(model, &digit, 100, 1)?.len(), 200);
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn draw_codes(model: &dyn Model, pixels: &[f32], count: usize, seed: u64) -> Result<Vec<f32>> {
    let images = check_pixels(pixels)?;
    if images != 1 {
        return Err(Error::shape(format!(
            "codes are drawn of one image at a time; got {images}"
        )));
    }
    check_count("draws", count)?;
    let q = model.encode(&matrix(pixels, PIXELS)?)?;
    let latents = model.latents();
    let mut rng = Rng::from_seed(seed).split("codes");
    let mut drawn = Vec::with_capacity(count * latents);
    while drawn.len() < count * latents {
        let rows = BLOCK.min(count - drawn.len() / latents);
        let noise = matrix(&rng.normals(rows * latents), latents)?;
        drawn.extend(flat_values(&q.repeat(rows)?.draw(&noise)?.z)?);
    }
    Ok(drawn)
}

/// Ancestral sampling: z ~ p(z), then pixels ~ p(x|z), both cut to [0, 1]; a model that sums over classes draws y ~ p(y)
/// first, and pixels ~ p(x|z, y).
///
/// A temperature below 1 keeps to the middle of the prior.
///
/// # Errors
///
/// [`Error::InvalidArgument`] for no samples, more than 10,000, or a temperature outside [0, 10];
/// [`Error::Unsupported`] for a model without prior.
///
/// # Examples
///
/// ```
/// # use latent_canvas::models::{self, ModelSpec};
/// # let spec = serde_json::json!({ "model": "vae", "latents": 2, "hidden": [16] });
/// # let model = models::build(&ModelSpec::from_json(&spec)?, 1)?;
/// # let model = model.as_ref();
/// use latent_canvas::models::inference;
///
/// let samples = inference::sample(model, 3, 1.0, 7)?;
/// assert_eq!(samples.pixels.len(), 3 * 784);
/// assert_eq!(samples.pixels, inference::sample(model, 3, 1.0, 7)?.pixels);
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn sample(model: &dyn Model, count: usize, temperature: f64, seed: u64) -> Result<Samples> {
    check_count("samples", count)?;
    if !(0.0..=10.0).contains(&temperature) {
        return Err(Error::argument(format!(
            "temperature must lie in [0, 10]; got {temperature}"
        )));
    }
    let prior = required_prior(model)?;
    let rng = Rng::from_seed(seed).split("sample");
    let latents = prior.sample(count, temperature as f32, &mut rng.split("latents"))?;
    let (mut probabilities, labels) =
        if !cfg!(feature = "complete") || model.of_each_class()?.is_empty() {
            (decode_raw(model, &latents)?, label_of_all(model, count)?)
        } else {
            let mut classes = rng.split("classes");
            let labels: Vec<u8> = (0..count).map(|_| classes.below(CLASSES) as u8).collect();
            (decode_by_class(model, &latents, &labels)?, labels)
        };
    let likelihood = model.likelihood();
    let mut pixels = likelihood.sample(&probabilities, &mut rng.split("pixels"))?;
    likelihood.to_mean(&mut probabilities);
    clamp(&mut probabilities);
    clamp(&mut pixels);
    Ok(Samples {
        latents,
        probabilities,
        pixels,
        labels,
    })
}

/// [`decode_raw`] of codes that each have a class.
fn decode_by_class(model: &dyn Model, latents: &[f32], labels: &[u8]) -> Result<Vec<f32>> {
    let mut decoded = Vec::with_capacity(labels.len() * PIXELS);
    let codes = latents.chunks(BLOCK * model.latents());
    for (codes, labels) in codes.zip(labels.chunks(BLOCK)) {
        let labels: Vec<Option<u8>> = labels.iter().copied().map(Some).collect();
        decoded.extend(decode_raw(
            model.given(&one_hot(&labels)?)?.as_ref(),
            codes,
        )?);
    }
    Ok(decoded)
}

/// The class that a model was given, once for each of `count` images.
fn label_of_all(model: &dyn Model, count: usize) -> Result<Vec<u8>> {
    let Some(y) = model.given_classes() else {
        return Ok(Vec::new());
    };
    let rows = y.to_vec2::<f32>()?;
    let classes = rows.iter().map(|row| row.iter().position(|v| *v == 1.0));
    let known: Option<Vec<u8>> = classes.map(|class| class.map(|at| at as u8)).collect();
    Ok(match known.as_deref() {
        Some([label]) => vec![*label; count],
        Some(labels) if labels.len() == count => labels.to_vec(),
        Some(_) | None => Vec::new(),
    })
}

fn check_count(what: &str, count: usize) -> Result<()> {
    if (1..=10_000).contains(&count) {
        Ok(())
    } else {
        Err(Error::argument(format!(
            "the number of {what} must be 1 to 10000; got {count}"
        )))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Tensor;
    use serde_json::{Value, json};

    use super::*;
    use crate::models::inference::{classify, encode, posterior_kind};
    use crate::models::{self, ModelSpec};

    /// A model whose every weight has been moved, so that no posterior is near its plain start.
    fn model(spec: &Value) -> Box<dyn Model> {
        let model = models::build(&ModelSpec::from_json(spec).unwrap(), 5).unwrap();
        let mut rng = Rng::from_seed(6);
        for (name, var) in model.parameters().iter() {
            let tensor = var.as_tensor();
            let scale = if name.starts_with("flow.") { 0.6 } else { 0.1 };
            let noise: Vec<f32> = rng.normals(tensor.elem_count());
            let noise = Tensor::from_vec(noise, tensor.shape(), tensor.device()).unwrap();
            var.set(&(tensor + (noise * scale).unwrap()).unwrap())
                .unwrap();
        }
        model
    }

    fn image() -> Vec<f32> {
        let mut rng = Rng::from_seed(7);
        (0..PIXELS).map(|_| rng.uniform().round()).collect()
    }

    /// E z_j, and E z_j z_k of all pairs, of rows with weights that sum to 1.
    fn raw_moments(rows: &[f32], latents: usize, weights: &[f64]) -> Vec<f64> {
        let mut moments = vec![0.0; latents + latents * latents];
        for (row, weight) in rows.chunks_exact(latents).zip(weights) {
            for j in 0..latents {
                moments[j] += weight * f64::from(row[j]);
                for k in 0..latents {
                    moments[latents + j * latents + k] += weight * f64::from(row[j] * row[k]);
                }
            }
        }
        moments
    }

    /// Against E f(z) = int N(e; 0, 1) f(z(e)) de, summed over a grid of noise e. 10,000 draws; five standard errors of
    /// moments of variables with a deviation of about one.
    #[test]
    fn drawn_codes_have_the_moments_of_their_posterior() {
        let x = image();
        let side = 61;
        let at = |i: usize| (i as f32 / (side - 1) as f32 - 0.5) * 12.0;
        let grid: Vec<f32> = (0..side * side)
            .flat_map(|cell| [at(cell % side), at(cell / side)])
            .collect();
        let density = |e: &[f32]| (-0.5 * f64::from(e[0] * e[0] + e[1] * e[1])).exp();
        let total: f64 = grid.chunks(2).map(density).sum();
        let weights: Vec<f64> = grid.chunks(2).map(|e| density(e) / total).collect();
        for (posterior, kind) in [
            ("diagonal", "diagonal"),
            ("full", "full"),
            ("iaf", "flow"),
            ("planar", "flow"),
        ] {
            let spec = json!({
                "model": "vae", "latents": 2, "hidden": [6], "posterior": posterior,
                "activation": "tanh",
            });
            let model = model(&spec);
            assert_eq!(posterior_kind(model.as_ref()).unwrap().name(), kind);
            let q = model.encode(&matrix(&x, PIXELS).unwrap()).unwrap();
            let z = q.repeat(side * side).unwrap();
            let z = z.draw(&matrix(&grid, 2).unwrap()).unwrap().z;
            let wanted = raw_moments(&flat_values(&z).unwrap(), 2, &weights);
            let count = 10_000;
            let drawn = draw_codes(model.as_ref(), &x, count, 3).unwrap();
            let found = raw_moments(&drawn, 2, &vec![1.0 / count as f64; count]);
            for (at, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
                let allowed = 0.08 * wanted.abs().max(1.0);
                assert!(
                    (found - wanted).abs() < allowed,
                    "{posterior}, moment {at}: {found} {wanted}"
                );
            }
            assert_eq!(drawn, draw_codes(model.as_ref(), &x, count, 3).unwrap());
        }
    }

    /// Codes that hold a choice are draws of it, never its probabilities.
    #[test]
    fn drawn_choices_come_as_often_as_they_are_probable() {
        let x = image();
        let count = 4000;
        let shares = |rows: &[f32], latents: usize, from: usize| -> Vec<f64> {
            assert!(rows.chunks(latents).all(|row| {
                let chosen = row[from..].iter().filter(|v| **v == 1.0).count();
                chosen == 1 && row[from..].iter().sum::<f32>() == 1.0
            }));
            let weights = vec![1.0 / count as f64; count];
            raw_moments(rows, latents, &weights)[from..latents].to_vec()
        };
        let close = |found: &[f64], wanted: &[f32]| {
            assert_eq!(found.len(), wanted.len());
            for (found, wanted) in found.iter().zip(wanted) {
                let p = f64::from(*wanted);
                let allowed = 5.0 * (p * (1.0 - p) / count as f64).sqrt() + 1e-3;
                assert!((found - p).abs() < allowed, "{found} {wanted}");
            }
        };
        for spec in [
            json!({"model": "categorical-vae", "categories": 5, "hidden": [6]}),
            json!({"model": "bernoulli-mixture", "components": 4}),
        ] {
            let model = model(&spec);
            assert_eq!(
                posterior_kind(model.as_ref()).unwrap().name(),
                "categorical"
            );
            let drawn = draw_codes(model.as_ref(), &x, count, 3).unwrap();
            let wanted = encode(model.as_ref(), &x).unwrap().mean;
            close(&shares(&drawn, model.latents(), 0), &wanted);
        }

        let m2 = model(&json!({"model": "m2", "latents": 2, "hidden": [6]}));
        assert_eq!(posterior_kind(m2.as_ref()).unwrap().name(), "with-class");
        let drawn = draw_codes(m2.as_ref(), &x, count, 3).unwrap();
        let classes = classify(m2.as_ref(), &x).unwrap().unwrap();
        close(&shares(&drawn, 12, 2), &classes);
        // E z = sum_y q(y|x) E[z|x, y].
        let mut wanted = [0.0; 2];
        for (class, share) in classes.iter().enumerate() {
            let given = m2.given(&one_hot(&[Some(class as u8)]).unwrap()).unwrap();
            let mean = encode(given.as_ref(), &x).unwrap().mean;
            for (sum, mean) in wanted.iter_mut().zip(mean) {
                *sum += f64::from(share * mean);
            }
        }
        for (latent, wanted) in wanted.into_iter().enumerate() {
            let rows = drawn.chunks(12).map(|row| f64::from(row[latent]));
            let found = rows.sum::<f64>() / count as f64;
            assert!((found - wanted).abs() < 0.1, "{found} {wanted}");
        }

        let ae = model(&json!({"model": "ae", "latents": 2, "hidden": [6]}));
        assert_eq!(posterior_kind(ae.as_ref()).unwrap().name(), "point");
        let drawn = draw_codes(ae.as_ref(), &x, 3, 3).unwrap();
        assert_eq!(drawn, encode(ae.as_ref(), &x).unwrap().mean.repeat(3));
        assert!(draw_codes(ae.as_ref(), &x, 0, 3).is_err());
        assert!(draw_codes(ae.as_ref(), &x.repeat(2), 1, 3).is_err());
    }
}
