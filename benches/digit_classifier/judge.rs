//! The frozen classifier of the quality figures: 784 - 512 - 256 - 10 with ReLU, in half precision.

use candle_core::{DType, Tensor, Var};
use half::f16;
use latent_canvas::{PIXELS, Rng};
use safetensors::tensor::{Dtype, TensorView};

use crate::augment;
use crate::data::Digits;
use crate::network::{self, Classifier, Linear, Schedule};
use crate::{Outcome, report};

const WIDTHS: [usize; 4] = [PIXELS, 512, 256, 10];
const NAMES: [&str; 3] = ["hidden", "hidden2", "output"];
/// Least share of the MNIST test set that a judge must read.
const FLOOR: f64 = 0.99;
const SCHEDULE: Schedule = Schedule {
    epochs: 40,
    batch: 256,
    learning_rate: 2e-3,
    augmentation: augment::STRONG,
    seed: 20,
};

/// Trains on MNIST, rounds to half precision, measures, and writes a safetensors file. False when it
/// reads less than the floor.
pub fn write(path: &str, training: &Digits, test: &Digits) -> Outcome<bool> {
    let mut rng = Rng::from_seed(SCHEDULE.seed).split("judge");
    let mut layers = Vec::new();
    for widths in WIDTHS.windows(2) {
        layers.push(Linear::new(widths[0], widths[1], &mut rng)?);
    }
    let mut judge = Perceptron { layers };
    network::train(&mut judge, training, SCHEDULE)?;
    judge.round_to_half()?;
    std::fs::write(path, judge.to_safetensors()?)?;
    println!("{path}, reading the MNIST test set");
    Ok(report(&network::confusion(&judge, test)?) >= FLOOR)
}

struct Perceptron {
    layers: Vec<Linear>,
}

impl Classifier for Perceptron {
    fn logits(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let mut x = self.layers[0].forward(x)?;
        for layer in &self.layers[1..] {
            x = layer.forward(&x.relu()?)?;
        }
        Ok(x)
    }

    fn variables(&self) -> Vec<Var> {
        self.layers.iter().flat_map(Linear::variables).collect()
    }
}

impl Perceptron {
    /// What is measured is what is written.
    fn round_to_half(&mut self) -> Outcome<()> {
        for variable in self.variables() {
            variable.set(&variable.to_dtype(DType::F16)?.to_dtype(DType::F32)?)?;
        }
        Ok(())
    }

    fn to_safetensors(&self) -> Outcome<Vec<u8>> {
        let mut tensors = Vec::new();
        for (name, layer) in NAMES.iter().zip(&self.layers) {
            for (part, variable) in ["weight", "bias"].iter().zip(layer.variables()) {
                let values = variable.flatten_all()?.to_vec1::<f32>()?;
                let bytes: Vec<u8> = values
                    .into_iter()
                    .flat_map(|value| f16::from_f32(value).to_le_bytes())
                    .collect();
                tensors.push((format!("{name}.{part}"), variable.dims().to_vec(), bytes));
            }
        }
        let views = tensors
            .iter()
            .map(|(name, shape, bytes)| {
                TensorView::new(Dtype::F16, shape.clone(), bytes).map(|view| (name, view))
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(safetensors::serialize(views, None)?)
    }
}
