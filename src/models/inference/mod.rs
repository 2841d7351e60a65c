//! A model's answers on plain numbers: checked input, no gradients, work in bounded blocks.

mod sampling;

use candle_core::Tensor;

use super::{Model, required_prior};
use crate::approximate_posteriors;
use crate::math::{check_pixels, check_rows};
use crate::nn::fused::parallel;
use crate::nn::fused::softmax::log_softmax;
use crate::nn::tensors::{flat_values, matrix};
use crate::{PIXELS, Result};

pub use sampling::{Samples, draw_codes, sample};

/// Rows that go through the network at once: bounds memory without costing speed.
pub(crate) const BLOCK: usize = 500;

/// Codes of some images, row-major `[n, K]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Codes {
    /// Means of q(z|x).
    pub mean: Vec<f32>,
    /// Logs of the variances of q(z|x).
    pub log_var: Vec<f32>,
}

/// Grey pixels as a model sees a drawing: ink from 1/2 on and paper below where its pixels are black or white, else as they
/// are.
pub fn as_drawn(model: &dyn Model, mut pixels: Vec<f32>) -> Vec<f32> {
    if model.likelihood().is_binary() {
        for pixel in &mut pixels {
            *pixel = if *pixel >= 0.5 { 1.0 } else { 0.0 };
        }
    }
    pixels
}

/// q(z|x) of each image.
///
/// # Shapes
///
/// pixels `[n, 784]` in [0, 1] -> mean and log_var `[n, K]`.
///
/// # Errors
///
/// As [`check_pixels`].
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
/// let q = inference::encode(model, &digit)?;
/// assert_eq!((q.mean.len(), q.log_var.len()), (2, 2));
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn encode(model: &dyn Model, pixels: &[f32]) -> Result<Codes> {
    check_pixels(pixels)?;
    let mut codes = Codes {
        mean: Vec::new(),
        log_var: Vec::new(),
    };
    for block in pixels.chunks(BLOCK * PIXELS) {
        let q = model.encode(&matrix(block, PIXELS)?)?.moments()?;
        codes.mean.extend(flat_values(&q.mean)?);
        codes.log_var.extend(flat_values(&q.log_var)?);
    }
    Ok(codes)
}

/// What kind of distribution q(z|x) is.
///
/// # Errors
///
/// [`crate::Error::Tensor`] if the encoder cannot be run.
pub fn posterior_kind(model: &dyn Model) -> Result<approximate_posteriors::Kind> {
    Ok(model.encode(&matrix(&[0.0; PIXELS], PIXELS)?)?.kind())
}

/// q(y|x) of each image, by a model that tells classes.
///
/// # Shapes
///
/// pixels `[n, 784]` in [0, 1] -> `[n, CLASSES]`.
///
/// # Errors
///
/// As [`check_pixels`].
///
/// # Examples
///
/// ```
/// # use latent_canvas::models::{self, ModelSpec};
/// # let spec = serde_json::json!({ "model": "m2", "latents": 2, "hidden": [16] });
/// # let model = models::build(&ModelSpec::from_json(&spec)?, 1)?;
/// # let model = model.as_ref();
/// # use latent_canvas::data::Dataset;
/// # let digit = Dataset::strokes(1, 1)?.images(0, 1)?;
/// # let digit: Vec<f32> = digit.iter().map(|ink| ink.round()).collect();
/// use latent_canvas::models::inference;
///
/// let classes = inference::classify(model, &digit)?.expect("M2 tells classes");
/// assert!((classes.iter().sum::<f32>() - 1.0).abs() < 1e-5);
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn classify(model: &dyn Model, pixels: &[f32]) -> Result<Option<Vec<f32>>> {
    check_pixels(pixels)?;
    let mut classes = Vec::new();
    for block in pixels.chunks(BLOCK * PIXELS) {
        let Some(logits) = model.classify(&matrix(block, PIXELS)?)? else {
            return Ok(None);
        };
        classes.extend(flat_values(&log_softmax(&logits)?.exp()?)?);
    }
    Ok(Some(classes))
}

/// log p(z) of each code, nats.
///
/// # Shapes
///
/// latents `[n, K]` -> `[n]`.
///
/// # Errors
///
/// As [`check_rows`]; [`crate::Error::Unsupported`] for a model without prior.
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
/// // log N(0; 0, 1) of two numbers.
/// let log_p = inference::log_prior(model, &[0.0, 0.0])?[0];
/// assert!((log_p + (2.0 * std::f32::consts::PI).ln()).abs() < 1e-6);
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn log_prior(model: &dyn Model, latents: &[f32]) -> Result<Vec<f32>> {
    check_rows("latents", latents, model.latents())?;
    let prior = required_prior(model)?;
    let mut found = Vec::new();
    for block in latents.chunks(BLOCK * model.latents()) {
        found.extend(flat_values(
            &prior.log_prob(&matrix(block, model.latents())?)?,
        )?);
    }
    Ok(found)
}

/// What the decoder makes of each code, for [`Model::likelihood`].
///
/// # Shapes
///
/// latents `[n, K]` -> `[n, 784]`.
///
/// # Errors
///
/// As [`check_rows`].
pub fn decode_raw(model: &dyn Model, latents: &[f32]) -> Result<Vec<f32>> {
    let rows = check_rows("latents", latents, model.latents())?;
    let mut decoded = Vec::with_capacity(rows * PIXELS);
    for block in latents.chunks(BLOCK * model.latents()) {
        decoded.extend(flat_values(
            &model.decode(&matrix(block, model.latents())?)?,
        )?);
    }
    Ok(decoded)
}

/// The pixel means of each code, cut to [0, 1]: probabilities, where pixels are black or white.
///
/// # Shapes
///
/// latents `[n, K]` -> `[n, 784]`.
///
/// # Errors
///
/// As [`check_rows`].
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
/// let probabilities = inference::decode(model, &[0.0, 0.0, 1.5, -0.5])?;
/// assert_eq!(probabilities.len(), 2 * 784);
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn decode(model: &dyn Model, latents: &[f32]) -> Result<Vec<f32>> {
    let mut values = decode_raw(model, latents)?;
    model.likelihood().to_mean(&mut values);
    clamp(&mut values);
    Ok(values)
}

/// Gaussian pixels know nothing of black and white.
fn clamp(pixels: &mut [f32]) {
    parallel::map(pixels, |pixel| pixel.clamp(0.0, 1.0));
}

/// log p(x|z) of one and the same image, in nats, for every row that z was decoded to.
pub(crate) fn log_likelihood_of_one(
    model: &dyn Model,
    x: &[f32],
    decoded: &Tensor,
) -> Result<Vec<f32>> {
    let x = matrix(x, x.len())?.broadcast_as((decoded.dim(0)?, x.len()))?;
    flat_values(&model.log_likelihood(&x, decoded)?)
}
