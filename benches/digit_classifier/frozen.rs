//! The frozen classifier that the page's tests judge reconstructions with.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor, Var};
use latent_canvas::Rng;

use crate::data::Digits;
use crate::network::{self, Classifier, Linear, Schedule};
use crate::{Outcome, TRAINING_DIGITS, TRAINING_SEED, report};

/// 784 – 80 – 10 with ReLU: 125 kB in half precision.
struct Perceptron {
    hidden: Linear,
    output: Linear,
}

impl Classifier for Perceptron {
    fn logits(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        self.output.forward(&self.hidden.forward(x)?.relu()?)
    }

    fn variables(&self) -> Vec<Var> {
        let Self { hidden, output } = self;
        [&hidden.weight, &hidden.bias, &output.weight, &output.bias]
            .map(Var::clone)
            .to_vec()
    }
}

const NAMES: [&str; 4] = [
    "hidden.weight",
    "hidden.bias",
    "output.weight",
    "output.bias",
];

/// Trains on MNIST and as many stroke digits, rounds to half precision, and writes a safetensors file.
pub fn write(path: &str, training: &Digits, test: &Digits) -> Outcome<()> {
    let mut rng = Rng::from_seed(10).split("frozen classifier");
    let mut classifier = Perceptron {
        hidden: Linear::new(784, 80, &mut rng)?,
        output: Linear::new(80, 10, &mut rng)?,
    };
    let both = training.and(&Digits::strokes(TRAINING_SEED, TRAINING_DIGITS)?);
    let schedule = Schedule {
        epochs: 30,
        batch: 100,
        learning_rate: 2e-3,
        seed: 10,
    };
    network::train(&mut classifier, &both, schedule)?;

    let mut halves = HashMap::new();
    for (name, variable) in NAMES.into_iter().zip(classifier.variables()) {
        let half = variable.to_dtype(DType::F16)?;
        // What is measured is what is written.
        variable.set(&half.to_dtype(DType::F32)?)?;
        halves.insert(name, half);
    }
    candle_core::safetensors::save(&halves, path)?;
    println!("{path}, reading the MNIST test set");
    report(&network::confusion(&classifier, test)?);
    println!("{path}, reading stroke digits");
    report(&network::confusion(
        &classifier,
        &Digits::strokes(crate::TEST_SEED, crate::TEST_DIGITS)?,
    )?);
    let zero = Tensor::zeros((1, 784), DType::F32, &Device::Cpu)?;
    println!(
        "logits of an empty image: {:.3?}",
        classifier.logits(&zero)?.to_vec2::<f32>()?[0]
    );
    Ok(())
}
