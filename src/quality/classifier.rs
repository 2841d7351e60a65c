//! A frozen digit classifier, read from bytes: its last hidden layer gives the features of the other
//! figures, its probabilities say what an image shows.

use crate::checkpoint::Contents;
use crate::data::CLASSES;
use crate::math::{check_pixels, check_rows};
use crate::nn::fused::gemm::{self, Matrix, Start};
use crate::{Error, PIXELS, Result};

/// Images read at a time, so that memory does not grow with their number.
const ROWS: usize = 500;

/// A perceptron with ReLU between its layers.
#[derive(Clone, Debug)]
pub struct Classifier {
    hidden: Vec<Layer>,
    output: Layer,
}

/// y = W x + b.
#[derive(Clone, Debug)]
struct Layer {
    /// `[outputs, inputs]`.
    weight: Vec<f32>,
    /// `[outputs]`.
    bias: Vec<f32>,
}

/// What a classifier makes of images.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The last hidden layer after ReLU, `[n, feature_width]`.
    pub features: Vec<f32>,
    /// `[n, 10]`; every row sums to 1.
    pub probabilities: Vec<f32>,
}

impl Classifier {
    /// Reads a safetensors file, F32 or F16, with the tensors `hidden.weight` `[outputs, 784]` and
    /// `hidden.bias` `[outputs]`, likewise `hidden2`, `hidden3` and so on as far as there are any, and
    /// `output` with 10 outputs.
    ///
    /// # Errors
    ///
    /// [`Error::Checkpoint`] when the bytes are no safetensors file, or tensors are missing, unknown, of
    /// another shape or not finite.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let contents = Contents::from_bytes(bytes)?;
        let mut inputs = PIXELS;
        let mut hidden = Vec::new();
        loop {
            let name = match hidden.len() {
                0 => "hidden".to_owned(),
                others => format!("hidden{}", others + 1),
            };
            let bias = contents.tensors.get(&format!("{name}.bias"));
            let outputs = match bias {
                Some((shape, _)) => shape.iter().product(),
                None if hidden.is_empty() => 0,
                None => break,
            };
            hidden.push(Layer::read(&contents, &name, inputs, outputs)?);
            inputs = outputs;
        }
        if contents.tensors.len() != 2 * (hidden.len() + 1) {
            return Err(Error::checkpoint(
                "a classifier holds the tensors of its hidden layers and of its output, and no others",
            ));
        }
        let output = Layer::read(&contents, "output", inputs, CLASSES)?;
        Ok(Self { hidden, output })
    }

    /// Number of features of an image.
    pub fn feature_width(&self) -> usize {
        self.hidden.last().map_or(PIXELS, Layer::outputs)
    }

    /// Features and class probabilities of images.
    ///
    /// # Shapes
    ///
    /// pixels `[n, 784]`, in [0, 1], ink = 1.
    ///
    /// # Errors
    ///
    /// As [`check_pixels`].
    pub fn read(&self, pixels: &[f32]) -> Result<Reading> {
        let rows = check_pixels(pixels)?;
        let mut reading = Reading {
            features: Vec::with_capacity(rows * self.feature_width()),
            probabilities: Vec::with_capacity(rows * CLASSES),
        };
        for images in pixels.chunks(ROWS * PIXELS) {
            let rows = images.len() / PIXELS;
            let mut values = images.to_vec();
            for layer in &self.hidden {
                values = layer.forward(&values, rows)?;
                values.iter_mut().for_each(|value| *value = value.max(0.0));
            }
            let logits = self.output.forward(&values, rows)?;
            reading.features.append(&mut values);
            let probabilities = logits.chunks_exact(CLASSES).flat_map(softmax);
            reading.probabilities.extend(probabilities);
        }
        Ok(reading)
    }
}

impl Layer {
    fn read(contents: &Contents, name: &str, inputs: usize, outputs: usize) -> Result<Self> {
        let weight = contents.tensor(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = contents.tensor(&format!("{name}.bias"), &[outputs])?;
        if inputs * outputs == 0 {
            return Err(Error::checkpoint(format!(
                "the classifier's layer \"{name}\" is empty"
            )));
        }
        Ok(Self {
            weight: weight.to_vec(),
            bias: bias.to_vec(),
        })
    }

    fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// `[rows, inputs]` -> `[rows, outputs]`.
    fn forward(&self, values: &[f32], rows: usize) -> Result<Vec<f32>> {
        let (inputs, outputs) = (values.len() / rows, self.outputs());
        let mut image = vec![0f32; rows * outputs];
        let x = Matrix::new(values, rows, inputs);
        let weight = Matrix::new(&self.weight, outputs, inputs);
        gemm::multiply(&mut image, x, weight.t(), Start::Bias(&self.bias))?;
        Ok(image)
    }
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f32> = logits.iter().map(|logit| (logit - largest).exp()).collect();
    let total: f32 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

/// The share of images whose most probable class, the first of equals, is the one they were made as.
///
/// # Shapes
///
/// probabilities `[n, 10]`, labels `[n]`.
///
/// # Errors
///
/// As [`check_rows`]; [`Error::Shape`] when there is not one label a row; [`Error::InvalidArgument`] for
/// a label above 9.
pub fn conditional_accuracy(probabilities: &[f32], labels: &[u8]) -> Result<f64> {
    let rows = check_rows("probabilities", probabilities, CLASSES)?;
    if labels.len() != rows {
        return Err(Error::shape(format!(
            "{rows} rows of probabilities need as many labels; got {}",
            labels.len()
        )));
    }
    if let Some(label) = labels.iter().find(|label| usize::from(**label) >= CLASSES) {
        return Err(Error::argument(format!(
            "labels must be 0 to 9; got {label}"
        )));
    }
    let read_as = |row: &[f32]| {
        let better = |best: usize, class: usize| if row[class] > row[best] { class } else { best };
        (1..CLASSES).fold(0, better)
    };
    let pairs = probabilities.chunks_exact(CLASSES).zip(labels);
    let right = pairs.filter(|(row, label)| read_as(row) == usize::from(**label));
    Ok(right.count() as f64 / rows as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Precision;

    const PAGE: &[u8] = include_bytes!("../../tests/fixtures/classifier.safetensors");

    fn layer(contents: &mut Contents, name: &str, outputs: usize, inputs: usize, weight: Vec<f32>) {
        let (shape, bias) = (vec![outputs, inputs], vec![0.5; outputs]);
        contents
            .tensors
            .insert(format!("{name}.weight"), (shape, weight));
        contents
            .tensors
            .insert(format!("{name}.bias"), (vec![outputs], bias));
    }

    /// Two features, the first pixel plus 1/2 and minus itself plus 1/2; then their sum and difference;
    /// the logits of classes 3 and 4 are those plus 1/2.
    fn small() -> Contents {
        let mut contents = Contents::default();
        let mut first = vec![0.0; 2 * PIXELS];
        (first[0], first[PIXELS]) = (1.0, -1.0);
        layer(&mut contents, "hidden", 2, PIXELS, first);
        layer(&mut contents, "hidden2", 2, 2, vec![1.0, 1.0, 1.0, -1.0]);
        let mut output = vec![0.0; CLASSES * 2];
        (output[3 * 2], output[4 * 2 + 1]) = (1.0, 1.0);
        layer(&mut contents, "output", CLASSES, 2, output);
        contents
    }

    #[test]
    fn a_small_network_can_be_followed_by_hand() {
        let bytes = small().to_bytes(Precision::Full).unwrap();
        let classifier = Classifier::from_bytes(&bytes).unwrap();
        assert_eq!(classifier.feature_width(), 2);
        let mut pixels = vec![0.0; 2 * PIXELS];
        pixels[0] = 1.0;
        let reading = classifier.read(&pixels).unwrap();
        // (1.5, 0) gives 2 and 2; (0.5, 0.5) gives 1.5 and 0.5.
        assert_eq!(reading.features, [2.0, 2.0, 1.5, 0.5]);
        let total = 8.0 + 2.0 * 2f32.exp();
        assert!((reading.probabilities[3] - 2f32.exp() / total).abs() < 1e-6);
        let total = 8.0 + 1.5f32.exp() + 0.5f32.exp();
        assert!((reading.probabilities[14] - 0.5f32.exp() / total).abs() < 1e-6);
        assert!((reading.probabilities[10] - 1.0 / total).abs() < 1e-6);
    }

    #[test]
    fn stroke_digits_are_read() {
        let classifier = Classifier::from_bytes(PAGE).unwrap();
        assert_eq!(classifier.feature_width(), 80);
        let digits = crate::data::Dataset::strokes(300, 9).unwrap();
        let pixels = digits.images(0, 300).unwrap();
        let labels = digits.labels(0, 300).unwrap();
        let labels: Vec<u8> = labels.iter().copied().flatten().collect();
        let reading = classifier.read(&pixels).unwrap();
        // Reads 98.87 % (tests/fixtures/README.md): below 96 % of 300 in less than one of 1,000 draws.
        let share = conditional_accuracy(&reading.probabilities, &labels).unwrap();
        assert!(share >= 0.96, "{share}");
    }

    #[test]
    fn accuracy_counts_the_first_of_the_largest() {
        let mut probabilities = vec![0.0; 3 * CLASSES];
        (probabilities[7], probabilities[12]) = (1.0, 1.0);
        assert_eq!(
            conditional_accuracy(&probabilities, &[7, 3, 0]).unwrap(),
            2.0 / 3.0
        );
        assert!(conditional_accuracy(&probabilities, &[7, 3]).is_err());
        assert!(conditional_accuracy(&probabilities, &[7, 3, 10]).is_err());
        assert!(conditional_accuracy(&[], &[]).is_err());
    }

    #[test]
    fn damaged_files_are_refused() {
        let refused = |contents: &Contents| {
            let bytes = contents.to_bytes(Precision::Full).unwrap();
            Classifier::from_bytes(&bytes).unwrap_err().code() == "checkpoint"
        };
        for name in [
            "hidden.weight",
            "hidden.bias",
            "hidden2.bias",
            "output.bias",
        ] {
            let mut contents = small();
            contents.tensors.remove(name);
            assert!(refused(&contents), "{name}");
        }
        let mut contents = small();
        contents
            .tensors
            .insert("more".to_owned(), (vec![1], vec![0.0]));
        assert!(refused(&contents));
        let mut contents = small();
        layer(&mut contents, "hidden2", 0, 2, vec![]);
        layer(&mut contents, "output", CLASSES, 0, vec![]);
        assert!(refused(&contents));
        assert!(Classifier::from_bytes(&PAGE[..PAGE.len() / 2]).is_err());
        let classifier = Classifier::from_bytes(PAGE).unwrap();
        assert!(classifier.read(&[2.0; PIXELS]).is_err() && classifier.read(&[]).is_err());
    }
}
