//! Two small classifiers and their training.

use candle_core::{D, DType, Device, Tensor, Var};
use candle_nn::loss::cross_entropy;
use candle_nn::{AdamW, Optimizer, ParamsAdamW};
use latent_canvas::{PIXELS, Rng, SIDE};

use crate::Outcome;
use crate::augment::{self, Strength};
use crate::data::Digits;

pub trait Classifier {
    /// `[B, 784]` -> `[B, 10]`.
    fn logits(&self, x: &Tensor) -> candle_core::Result<Tensor>;
    fn variables(&self) -> Vec<Var>;
}

/// y = x W^T + b, W `[out, in]`.
pub struct Linear {
    pub weight: Var,
    pub bias: Var,
}

impl Linear {
    /// He et al. (2015): normal weights of variance 2 / inputs, zero bias.
    pub fn new(inputs: usize, outputs: usize, rng: &mut Rng) -> Outcome<Self> {
        let deviation = (2.0 / inputs as f32).sqrt();
        let weight = rng
            .normals(inputs * outputs)
            .into_iter()
            .map(|draw| deviation * draw);
        let weight = Tensor::from_vec(
            weight.collect::<Vec<f32>>(),
            (outputs, inputs),
            &Device::Cpu,
        )?;
        Ok(Self {
            weight: Var::from_tensor(&weight)?,
            bias: Var::zeros(outputs, DType::F32, &Device::Cpu)?,
        })
    }

    pub fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        x.matmul(&self.weight.t()?)?.broadcast_add(&self.bias)
    }

    pub fn variables(&self) -> [Var; 2] {
        [self.weight.clone(), self.bias.clone()]
    }
}

/// Two 5 × 5 convolutions of stride 2 and two affine layers, ReLU between.
pub struct Convolutional {
    first: Convolution,
    second: Convolution,
    hidden: Linear,
    output: Linear,
}

impl Convolutional {
    pub fn new(seed: u64) -> Outcome<Self> {
        let mut rng = Rng::from_seed(seed).split("classifier");
        let first = Convolution::new(SIDE, 1, 16, &mut rng)?;
        let second = Convolution::new(first.side, 16, 32, &mut rng)?;
        let features = second.side * second.side * 32;
        Ok(Self {
            hidden: Linear::new(features, 64, &mut rng)?,
            output: Linear::new(64, 10, &mut rng)?,
            first,
            second,
        })
    }
}

impl Classifier for Convolutional {
    fn logits(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let x = self.first.forward(&x.unsqueeze(D::Minus1)?)?.relu()?;
        let x = self.second.forward(&x)?.relu()?;
        let x = self.hidden.forward(&x.flatten_from(1)?)?.relu()?;
        self.output.forward(&x)
    }

    fn variables(&self) -> Vec<Var> {
        let layers = [
            &self.first.kernel,
            &self.second.kernel,
            &self.hidden,
            &self.output,
        ];
        layers.into_iter().flat_map(Linear::variables).collect()
    }
}

const KERNEL: usize = 5;
const STRIDE: usize = 2;

/// A convolution as an affine map of gathered patches, which trains faster than a direct one on a CPU.
struct Convolution {
    /// Pixel numbers of every patch, one patch after the other.
    patches: Tensor,
    kernel: Linear,
    side: usize,
}

impl Convolution {
    fn new(input_side: usize, channels: usize, outputs: usize, rng: &mut Rng) -> Outcome<Self> {
        let side = (input_side - KERNEL) / STRIDE + 1;
        let pixel = |patch: usize, cell: usize| {
            let row = patch / side * STRIDE + cell / KERNEL;
            let column = patch % side * STRIDE + cell % KERNEL;
            (row * input_side + column) as u32
        };
        let cells = KERNEL * KERNEL;
        let patches: Vec<u32> = (0..side * side)
            .flat_map(|patch| (0..cells).map(move |cell| pixel(patch, cell)))
            .collect();
        Ok(Self {
            patches: Tensor::from_vec(patches, side * side * cells, &Device::Cpu)?,
            kernel: Linear::new(cells * channels, outputs, rng)?,
            side,
        })
    }

    /// `[B, pixels, channels]` -> `[B, patches, outputs]`.
    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let (rows, _, channels) = x.dims3()?;
        let patches = self.side * self.side;
        let gathered = x.index_select(&self.patches, 1)?;
        let gathered = gathered.reshape((rows * patches, KERNEL * KERNEL * channels))?;
        self.kernel.forward(&gathered)?.reshape((rows, patches, ()))
    }
}

/// How long and how fast to learn.
#[derive(Clone, Copy)]
pub struct Schedule {
    pub epochs: usize,
    pub batch: usize,
    /// The first step's; it falls to 0 along a quarter of a cosine wave.
    pub learning_rate: f64,
    pub augmentation: Strength,
    pub seed: u64,
}

pub fn train(classifier: &mut impl Classifier, digits: &Digits, schedule: Schedule) -> Outcome<()> {
    let mut rng = Rng::from_seed(schedule.seed).split("training");
    let mut optimiser = AdamW::new(classifier.variables(), ParamsAdamW::default())?;
    let mut order: Vec<usize> = (0..digits.labels.len()).collect();
    let steps = schedule.epochs * (order.len() / schedule.batch);
    let mut step = 0;
    for _ in 0..schedule.epochs {
        rng.shuffle(&mut order);
        for rows in order.chunks_exact(schedule.batch) {
            let progress = step as f64 / steps as f64;
            let rate = (progress * std::f64::consts::FRAC_PI_2).cos();
            optimiser.set_learning_rate(schedule.learning_rate * rate);
            let mut pixels = Vec::with_capacity(rows.len() * PIXELS);
            for &row in rows {
                augment::append(
                    digits.image(row),
                    schedule.augmentation,
                    &mut rng,
                    &mut pixels,
                );
            }
            let labels: Vec<u32> = rows
                .iter()
                .map(|&row| u32::from(digits.labels[row]))
                .collect();
            let x = Tensor::from_vec(pixels, (rows.len(), PIXELS), &Device::Cpu)?;
            let labels = Tensor::from_vec(labels, rows.len(), &Device::Cpu)?;
            optimiser.backward_step(&cross_entropy(&classifier.logits(&x)?, &labels)?)?;
            step += 1;
        }
    }
    Ok(())
}

/// How often a digit of each class (row) was read as each class (column).
pub fn confusion(classifier: &impl Classifier, digits: &Digits) -> Outcome<[[usize; 10]; 10]> {
    let mut counts = [[0; 10]; 10];
    for (pixels, labels) in digits
        .pixels
        .chunks(500 * PIXELS)
        .zip(digits.labels.chunks(500))
    {
        let x = Tensor::from_slice(pixels, (labels.len(), PIXELS), &Device::Cpu)?;
        let read = classifier.logits(&x)?.argmax(D::Minus1)?.to_vec1::<u32>()?;
        for (&label, read) in labels.iter().zip(read) {
            counts[usize::from(label)][read as usize] += 1;
        }
    }
    Ok(counts)
}
