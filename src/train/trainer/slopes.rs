//! The gradient of a run's loss held against the loss itself, by central differences.

use candle_core::Tensor;
use serde::Serialize;

use super::{Trainer, memory, scalar};
use crate::nn::fused::parallel;
use crate::nn::{Gradients, Parameters, optimiser};
use crate::train::Steps;
use crate::{Error, Result, Rng};

/// How far the loss should move, nats: a thousand times the rounding of numbers near 200 in 32 bits, but little beside the
/// curvature of importance weighted bounds. Of the run in the tests, more than twice as far and less than half as far
/// are both worse.
const MOVE: f64 = 0.02;
/// The shortest and the longest step of all weights of one layer together.
const STEPS: (f64, f64) = (2e-3, 0.2);

/// How fast the loss changes as one layer's weights, or its biases, move in one direction, nats for a step of length 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Slope {
    /// The name of the weights that are moved.
    pub weights: String,
    /// By the gradient that training follows.
    pub by_gradient: f64,
    /// By the loss at weights moved forwards and backwards, without any gradient.
    pub by_differences: f64,
}

impl Slope {
    /// The difference between the two as a share of the larger; 0 where the loss does not depend on the weights.
    pub fn relative_error(&self) -> f64 {
        let larger = self.by_gradient.abs().max(self.by_differences.abs());
        match larger {
            0.0 => 0.0,
            _ => (self.by_gradient - self.by_differences).abs() / larger,
        }
    }
}

impl Trainer {
    /// Of the loss of one batch, with the same draws each time: a slope for the weights, and one for the biases, of each
    /// layer. The direction is a random one that leans towards the gradient, so that the slope is large beside its
    /// rounding. The difference is of fourth order. The run stays as it was.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for a model that is fitted, and for a batch that does not fit in the memory of this build;
    /// [`Error::NonFinite`] where a loss is not finite.
    pub fn slopes(&self) -> Result<Vec<Slope>> {
        if self.capabilities.fitted {
            return Err(Error::Unsupported(
                "this model is fitted without gradients: there is none to check".to_owned(),
            ));
        }
        memory::check(self.model(), &self.options, self.data.len(), Steps::Whole)?;
        let _awake = parallel::awake();
        let rows = self.batch_size();
        let batch = self.batch(&self.order[..rows], self.position.step)?;
        let loss = || -> Result<f64> { scalar(&self.bound(&batch, 0..rows)?.loss) };
        let parameters = self.model.parameters();
        // As a step in parts collects them.
        let mut gradients = Vec::new();
        let bound = self.bound(&batch, 0..rows)?;
        {
            let _guard = parameters.gradients(Gradients::Kept)?;
            let store = bound.loss.backward()?;
            optimiser::add_gradients(parameters, &store, &mut gradients)?;
        }
        let before = parameters.values()?;
        let found = compared(parameters, &gradients, &self.rng, loss);
        // Whatever went wrong, the weights are those of the run.
        parameters.set_values(&before)?;
        found
    }
}

fn compared(
    parameters: &Parameters,
    gradients: &[Vec<f32>],
    rng: &Rng,
    loss: impl Fn() -> Result<f64>,
) -> Result<Vec<Slope>> {
    let mut found = Vec::new();
    for ((name, var), gradient) in parameters.iter().zip(gradients) {
        let start = var.as_tensor().copy()?;
        let gradient = if gradient.is_empty() {
            // The loss does not reach these weights.
            start.zeros_like()?
        } else {
            Tensor::from_slice(gradient, start.shape(), start.device())?
        };
        let length = scalar(&gradient.sqr()?.sum_all()?)?.sqrt();
        let direction = leaning(&gradient, length, &mut rng.split("slopes").split(name))?;
        let by_gradient = scalar(&(&gradient * &direction)?.sum_all()?)?;
        let step = (MOVE / by_gradient.abs()).clamp(STEPS.0, STEPS.1);
        let at = |step: f64| -> Result<f64> {
            var.set(&(&start + (&direction * step)?)?)?;
            loss()
        };
        let near = at(step)? - at(-step)?;
        let far = at(2.0 * step)? - at(-2.0 * step)?;
        var.set(&start)?;
        let by_differences = (8.0 * near - far) / (12.0 * step);
        if !by_differences.is_finite() || !by_gradient.is_finite() {
            return Err(Error::NonFinite(format!(
                "the loss near the weights {name} is not finite: the model's weights have grown too large"
            )));
        }
        found.push(Slope {
            weights: name.to_owned(),
            by_gradient,
            by_differences,
        });
    }
    Ok(found)
}

/// How much of a direction is entirely random.
const NOISE: f64 = 0.3;

/// A random direction of length 1: the gradient, each number of it by a share of its own between a half and all of it, and
/// noise, so that a number whose gradient is missing moves too.
fn leaning(gradient: &Tensor, length: f64, rng: &mut Rng) -> Result<Tensor> {
    let count = gradient.elem_count();
    let shares: Vec<f32> = (0..count).map(|_| 0.5 + 0.5 * rng.uniform()).collect();
    let shares = Tensor::from_vec(shares, gradient.shape(), gradient.device())?;
    let noise = Tensor::from_vec(rng.normals(count), gradient.shape(), gradient.device())?;
    let noise = (noise * (NOISE / (count as f64).sqrt()))?;
    let direction = if length > 0.0 {
        (noise + ((gradient * shares)? / length)?)?
    } else {
        noise
    };
    let norm = scalar(&direction.sqr()?.sum_all()?)?.sqrt();
    Ok((direction / norm)?)
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use serde_json::{Value, json};

    use super::*;
    use crate::data::Dataset;
    use crate::models::{self, ModelSpec};
    use crate::train::TrainOptions;

    /// The run that the page checks, after 30 steps.
    fn run(options: &Value) -> Trainer {
        let spec = json!({"model": "vae", "latents": 2, "hidden": [64, 32], "activation": "tanh"});
        let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 1).unwrap();
        let data = Rc::new(Dataset::strokes(64, 1).unwrap());
        let options = TrainOptions::from_json(options).unwrap();
        let mut run = Trainer::new(model.as_ref(), data, options).unwrap();
        run.step(30).unwrap();
        run
    }

    fn worst(slopes: &[Slope]) -> f64 {
        let errors = slopes.iter().map(Slope::relative_error);
        errors.fold(0.0, f64::max)
    }

    #[test]
    fn the_gradient_is_the_slope_of_the_loss_and_the_run_stays_as_it_was() {
        for objective in ["elbo", "iwae"] {
            let mut options =
                json!({"batchSize": 32, "binarization": "static", "objective": objective});
            if objective == "iwae" {
                options["draws"] = 5.into();
            }
            let mut checked = run(&options);
            let before = checked.model().parameters().values().unwrap();
            let slopes = checked.slopes().unwrap();
            assert_eq!(slopes.len(), before.len());
            assert!(slopes.iter().all(|slope| slope.by_gradient > 0.0));
            assert!(worst(&slopes) < 5e-3, "{objective}: {slopes:#?}");
            assert!(checked.model().parameters().values().unwrap() == before);
            assert_eq!(checked.step(2).unwrap(), run(&options).step(2).unwrap());
        }
    }

    /// A doubly reparameterised gradient is only on average that of the bound: a check that cannot tell is none.
    #[test]
    fn another_gradient_is_found_out() {
        let run = run(
            &json!({"batchSize": 32, "binarization": "static", "objective": "dreg", "draws": 5}),
        );
        assert!(worst(&run.slopes().unwrap()) > 0.1);
    }

    #[test]
    fn what_has_no_gradient_is_refused() {
        let spec = ModelSpec::from_json(&json!({"model": "ppca", "latents": 2})).unwrap();
        let model = models::build(&spec, 3).unwrap();
        let data = Rc::new(Dataset::strokes(20, 5).unwrap());
        let run = Trainer::new(
            model.as_ref(),
            data,
            TrainOptions::from_json(&json!({})).unwrap(),
        )
        .unwrap();
        assert_eq!(run.slopes().unwrap_err().code(), "unsupported");
    }
}
