//! The frozen classifier that the page's tests judge reconstructions with: 784 - 80 - 10 with ReLU.
//!
//! Written out by hand because ink is sparse: only the rows of inked pixels are touched, which makes
//! training several times faster than a dense product.

use latent_canvas::{PIXELS, Rng};
use safetensors::tensor::{Dtype, TensorView};

use crate::augment;
use crate::data::Digits;
use crate::{Outcome, TEST_DIGITS, TEST_SEED, TRAINING_SEED, report};

const HIDDEN: usize = 80;
const CLASSES: usize = 10;
const EPOCHS: usize = 10;
const BATCH: usize = 100;
const LEARNING_RATE: f32 = 2e-3;
const SEED: u64 = 10;

/// Trains on MNIST and as many stroke digits, rounds to half precision, and writes a safetensors file.
pub fn write(path: &str, training: &Digits, test: &Digits) -> Outcome<()> {
    let both = training.and(&Digits::strokes(TRAINING_SEED, training.labels.len())?);
    let mut classifier = train(&both);
    classifier.round_to_half();
    std::fs::write(path, classifier.to_safetensors()?)?;
    println!("{path}, reading the MNIST test set");
    report(&classifier.confusion(test));
    println!("{path}, reading stroke digits");
    report(&classifier.confusion(&Digits::strokes(TEST_SEED, TEST_DIGITS)?));
    Ok(())
}

/// Weights `[in, out]`, so that an inked pixel's weights lie together.
struct Perceptron {
    hidden_weight: Vec<f32>,
    hidden_bias: Vec<f32>,
    output_weight: Vec<f32>,
    output_bias: Vec<f32>,
}

impl Perceptron {
    fn zeros() -> Self {
        Self {
            hidden_weight: vec![0.0; PIXELS * HIDDEN],
            hidden_bias: vec![0.0; HIDDEN],
            output_weight: vec![0.0; HIDDEN * CLASSES],
            output_bias: vec![0.0; CLASSES],
        }
    }

    /// He et al. (2015): normal weights of variance 2 / inputs, zero biases.
    fn new(rng: &mut Rng) -> Self {
        let mut normals = |inputs: usize, outputs: usize| {
            let deviation = (2.0 / inputs as f32).sqrt();
            let draws = rng.normals(inputs * outputs);
            draws.into_iter().map(|draw| deviation * draw).collect()
        };
        Self {
            hidden_weight: normals(PIXELS, HIDDEN),
            output_weight: normals(HIDDEN, CLASSES),
            ..Self::zeros()
        }
    }

    fn parts(&mut self) -> [&mut Vec<f32>; 4] {
        [
            &mut self.hidden_weight,
            &mut self.hidden_bias,
            &mut self.output_weight,
            &mut self.output_bias,
        ]
    }

    /// The hidden layer after ReLU, and the logits.
    fn forward(&self, image: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let mut hidden = self.hidden_bias.clone();
        for (ink, weights) in image.iter().zip(self.hidden_weight.chunks_exact(HIDDEN)) {
            add(*ink, weights, &mut hidden);
        }
        hidden.iter_mut().for_each(|unit| *unit = unit.max(0.0));
        let mut logits = self.output_bias.clone();
        for (unit, weights) in hidden.iter().zip(self.output_weight.chunks_exact(CLASSES)) {
            add(*unit, weights, &mut logits);
        }
        (hidden, logits)
    }

    /// Adds the gradient of the cross-entropy of `image` and `label` to `gradient`.
    fn backward(&self, image: &[f32], label: u8, gradient: &mut Self) {
        let (hidden, logits) = self.forward(image);
        let largest = logits.iter().copied().fold(f32::MIN, f32::max);
        let mut error: Vec<f32> = logits.iter().map(|logit| (logit - largest).exp()).collect();
        let total: f32 = error.iter().sum();
        error.iter_mut().for_each(|share| *share /= total);
        error[usize::from(label)] -= 1.0;

        add(1.0, &error, &mut gradient.output_bias);
        let mut hidden_error = vec![0.0; HIDDEN];
        for (index, unit) in hidden.iter().enumerate().filter(|(_, unit)| **unit > 0.0) {
            let row = index * CLASSES..(index + 1) * CLASSES;
            add(*unit, &error, &mut gradient.output_weight[row.clone()]);
            hidden_error[index] = self.output_weight[row]
                .iter()
                .zip(&error)
                .map(|(w, e)| w * e)
                .sum();
        }
        add(1.0, &hidden_error, &mut gradient.hidden_bias);
        for (ink, weights) in image
            .iter()
            .zip(gradient.hidden_weight.chunks_exact_mut(HIDDEN))
        {
            add(*ink, &hidden_error, weights);
        }
    }

    fn confusion(&self, digits: &Digits) -> [[usize; 10]; 10] {
        let mut counts = [[0; 10]; 10];
        for (index, &label) in digits.labels.iter().enumerate() {
            let (_, logits) = self.forward(digits.image(index));
            let read = (0..CLASSES)
                .max_by(|&a, &b| logits[a].total_cmp(&logits[b]))
                .unwrap_or(0);
            counts[usize::from(label)][read] += 1;
        }
        counts
    }

    /// What is measured is what is written.
    fn round_to_half(&mut self) {
        for value in self.parts().into_iter().flatten() {
            *value = half::f16::from_f32(*value).to_f32();
        }
    }

    fn to_safetensors(&self) -> Outcome<Vec<u8>> {
        let bytes = |values: &[f32], inputs: usize, outputs: usize| -> Vec<u8> {
            let transposed =
                (0..inputs * outputs).map(|at| values[at % inputs * outputs + at / inputs]);
            transposed
                .flat_map(|value| half::f16::from_f32(value).to_le_bytes())
                .collect()
        };
        let tensors = [
            (
                "hidden.weight",
                vec![HIDDEN, PIXELS],
                bytes(&self.hidden_weight, PIXELS, HIDDEN),
            ),
            (
                "hidden.bias",
                vec![HIDDEN],
                bytes(&self.hidden_bias, 1, HIDDEN),
            ),
            (
                "output.weight",
                vec![CLASSES, HIDDEN],
                bytes(&self.output_weight, HIDDEN, CLASSES),
            ),
            (
                "output.bias",
                vec![CLASSES],
                bytes(&self.output_bias, 1, CLASSES),
            ),
        ];
        let views = tensors
            .iter()
            .map(|(name, shape, bytes)| {
                TensorView::new(Dtype::F16, shape.clone(), bytes).map(|view| (*name, view))
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(safetensors::serialize(views, None)?)
    }
}

/// sum += factor * values, skipped where the factor is 0.
fn add(factor: f32, values: &[f32], sum: &mut [f32]) {
    if factor != 0.0 {
        sum.iter_mut()
            .zip(values)
            .for_each(|(sum, value)| *sum += factor * value);
    }
}

/// Adam (Kingma & Ba 2015) with a rate that falls to 0 along a quarter of a cosine wave.
fn train(digits: &Digits) -> Perceptron {
    let mut rng = Rng::from_seed(SEED).split("frozen classifier");
    let mut classifier = Perceptron::new(&mut rng);
    let (mut first, mut second) = (Perceptron::zeros(), Perceptron::zeros());
    let mut order: Vec<usize> = (0..digits.labels.len()).collect();
    let steps = EPOCHS * (order.len() / BATCH);
    let mut image = Vec::with_capacity(PIXELS);
    let mut step = 0;
    for _ in 0..EPOCHS {
        rng.shuffle(&mut order);
        for rows in order.chunks_exact(BATCH) {
            let mut gradient = Perceptron::zeros();
            for &row in rows {
                image.clear();
                augment::append(digits.image(row), augment::LIGHT, &mut rng, &mut image);
                classifier.backward(&image, digits.labels[row], &mut gradient);
            }
            let progress = step as f32 / steps as f32;
            step += 1;
            let correction = |decay: f32| 1.0 - decay.powi(step);
            let rate =
                LEARNING_RATE * (progress * std::f32::consts::FRAC_PI_2).cos() / correction(0.9);
            let scale = correction(0.999).recip();
            let moments = first.parts().into_iter().zip(second.parts());
            let parts = classifier.parts().into_iter().zip(gradient.parts());
            for ((values, gradients), (means, squares)) in parts.zip(moments) {
                let both = means.iter_mut().zip(squares.iter_mut());
                for ((value, gradient), (mean, square)) in
                    values.iter_mut().zip(gradients).zip(both)
                {
                    let gradient = *gradient / BATCH as f32;
                    *mean = 0.9 * *mean + 0.1 * gradient;
                    *square = 0.999 * *square + 0.001 * gradient * gradient;
                    *value -= rate * *mean / ((*square * scale).sqrt() + 1e-8);
                }
            }
        }
    }
    classifier
}
