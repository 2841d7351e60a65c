//! Turns of guessing the code and guessing the pixels (Rezende et al. 2014, appendix F).

use super::Observation;
use crate::models::Model;
use crate::nn::tensors::{flat_values, matrix};
use crate::{Error, PIXELS, Result, Rng};

/// z ~ q(z|x), then x ~ p(x|y, z), for some rounds from the crude image on, in several runs at once; the mean
/// of E[x|y, z] over the later half of the rounds and all runs, `[784]`.
///
/// If q were the posterior, this would be Gibbs sampling of p(x, z|y). It is not, and so the result is off by as much
/// as q is, but costs little.
///
/// # Errors
///
/// [`Error::InvalidArgument`] for no rounds or runs, or more than 100,000 of both together; as
/// [`Observation::explain`] and the model's `encode`.
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
/// use latent_canvas::repair::{self, Degradation, Noise, Operator};
/// use latent_canvas::Rng;
///
/// // The upper half is seen.
/// let mask = (0..784).map(|pixel| pixel < 392).collect();
/// let half = Degradation::new(Operator::Mask(mask), Noise::None)?;
/// let observation = half.observe(&half.degrade(&digit, &mut Rng::from_seed(1))?)?;
/// let one = repair::alternate(model, &observation, 20, 1, 1)?;
/// assert_eq!(one.len(), 784);
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn alternate(
    model: &dyn Model,
    observation: &Observation,
    rounds: usize,
    runs: usize,
    seed: u64,
) -> Result<Vec<f32>> {
    if !(1..=100_000).contains(&rounds.saturating_mul(runs)) {
        return Err(Error::argument(format!(
            "rounds times runs must be 1 to 100000; got {rounds} and {runs}"
        )));
    }
    let mut rng = Rng::from_seed(seed).split("alternation");
    let mut x = observation.crude().repeat(runs);
    let mut sums = vec![0f64; PIXELS];
    for round in 0..rounds {
        let q = model.encode(&matrix(&x, PIXELS)?)?;
        let noise = rng.normals(runs * model.latents());
        let z = q.draw(&matrix(&noise, model.latents())?)?.z;
        let decoded = flat_values(&model.decode(&z)?)?;
        if round >= rounds / 2 {
            let mut explained = decoded.clone();
            observation.explain(model, &mut explained)?;
            for (index, value) in explained.iter().enumerate() {
                sums[index % PIXELS] += f64::from(*value);
            }
        }
        x = decoded;
        observation.complete(model, &mut x, &mut rng)?;
    }
    let count = ((rounds - rounds / 2) * runs) as f64;
    Ok(sums.iter().map(|sum| (sum / count) as f32).collect())
}
