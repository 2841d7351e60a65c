//! log p(x) of models that know it in closed form or as a finite sum.

use crate::math::check_pixels;
use crate::models::Model;
use crate::models::inference::BLOCK;
use crate::nn::tensors::matrix;
use crate::{Error, PIXELS, Result};

/// log p(x) of each image, in nats.
///
/// # Shapes
///
/// pixels `[n, 784]` -> n values.
///
/// # Errors
///
/// As [`check_pixels`]; [`Error::Unsupported`] for a model that does not know it.
///
/// # Examples
///
/// ```
/// # use latent_canvas::models::{self, ModelSpec};
/// # let spec = serde_json::json!({ "model": "ppca", "latents": 2 });
/// # let model = models::build(&ModelSpec::from_json(&spec)?, 1)?;
/// # let model = model.as_ref();
/// # use latent_canvas::data::Dataset;
/// # let digit = Dataset::strokes(1, 1)?.images(0, 1)?;
/// # let digit: Vec<f32> = digit.iter().map(|ink| ink.round()).collect();
/// use latent_canvas::estimators::exact;
///
/// // Principal components have a closed form.
/// assert!(exact::log_likelihoods(model, &digit)?[0].is_finite());
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn log_likelihoods(model: &dyn Model, pixels: &[f32]) -> Result<Vec<f64>> {
    check_pixels(pixels)?;
    let mut values = Vec::new();
    for block in pixels.chunks(BLOCK * PIXELS) {
        let found = model.exact_log_likelihood(&matrix(block, PIXELS)?)?;
        values.extend(found.ok_or_else(|| {
            Error::Unsupported(format!(
                "a model of the family \"{}\" does not know log p(x) exactly; use importance sampling",
                model.spec().family().id
            ))
        })?);
    }
    Ok(values)
}
