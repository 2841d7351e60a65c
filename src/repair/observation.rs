//! What was seen of an image, and how: y = A x + noise.

use candle_core::Tensor;

use super::counts::Counts;
use crate::math::{LN_TWO_PI, check_image};
use crate::mcmc::Evidence;
use crate::models::Model;
use crate::nn::tensors::flat_values;
use crate::{Error, PIXELS, Result, Rng, SIDE};

/// A: what of the image reaches y.
#[derive(Clone, Debug, PartialEq)]
pub enum Operator {
    /// The pixels where it is true, each by itself; y has 784 numbers, of which the others are ignored.
    Mask(Vec<bool>),
    /// The mean of each square block, whose side is 2 or 4 pixels: y has 196 or 49 numbers.
    Average(usize),
}

/// What happened to A x on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Noise {
    /// Nothing.
    None,
    /// Each black or white pixel was turned over with this probability, in [0, 0.5].
    Flips(f32),
    /// Each number has an independent error with this standard deviation, above 0; y is grey and may leave [0, 1].
    Gaussian(f32),
}

/// How y comes of x.
#[derive(Clone, Debug, PartialEq)]
pub struct Degradation {
    operator: Operator,
    noise: Noise,
}

/// What was seen of an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    counts: Counts,
    crude: Vec<f32>,
}

impl Degradation {
    /// From A and the noise.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] for a mask that has not 784 entries; [`Error::InvalidArgument`] for blocks of another side,
    /// noise out of its range, or flips of block means, which are not black or white.
    pub fn new(operator: Operator, noise: Noise) -> Result<Self> {
        match &operator {
            Operator::Mask(seen) if seen.len() != PIXELS => {
                return Err(Error::shape(format!(
                    "a mask has {PIXELS} entries; got {}",
                    seen.len()
                )));
            }
            Operator::Average(side) if ![2, 4].contains(side) => {
                return Err(Error::argument(format!(
                    "blocks must have a side of 2 or 4 pixels; got {side}"
                )));
            }
            _ => {}
        }
        match (noise, &operator) {
            (Noise::Flips(_), Operator::Average(_)) => Err(Error::argument(
                "block means are not black or white: nothing to turn over; use Gaussian noise",
            )),
            (Noise::Flips(p), _) if !(0.0..=0.5).contains(&p) => Err(Error::argument(format!(
                "the probability of a flip must lie in [0, 0.5]; got {p}"
            ))),
            (Noise::Gaussian(s), _) if !(s > 0.0 && s <= 1000.0) => Err(Error::argument(format!(
                "the noise's standard deviation must be above 0 and at most 1000; got {s}"
            ))),
            _ => Ok(Self { operator, noise }),
        }
    }

    /// How many numbers y has.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        match self.operator {
            Operator::Mask(_) => PIXELS,
            Operator::Average(side) => PIXELS / (side * side),
        }
    }

    /// Makes y from black or white pixels x `[784]`; 0 where nothing was seen.
    ///
    /// # Errors
    ///
    /// As [`check_image`]; [`Error::InvalidArgument`] for a grey pixel.
    pub fn degrade(&self, x: &[f32], rng: &mut Rng) -> Result<Vec<f32>> {
        check_image(x)?;
        if let Some(grey) = x.iter().find(|v| **v != 0.0 && **v != 1.0) {
            return Err(Error::argument(format!(
                "pixels must be 0 or 1; got {grey}; binarise the image first"
            )));
        }
        let mut noisy = |value: f32| match self.noise {
            Noise::None => value,
            Noise::Flips(p) if rng.uniform() < p => 1.0 - value,
            Noise::Flips(_) => value,
            Noise::Gaussian(deviation) => value + deviation * rng.normal(),
        };
        Ok(match &self.operator {
            Operator::Mask(seen) => (x.iter().zip(seen))
                .map(|(x, seen)| if *seen { noisy(*x) } else { 0.0 })
                .collect(),
            Operator::Average(side) => (0..self.len())
                .map(|block| {
                    let pixels = block_pixels(*side, block);
                    let sum: f32 = pixels.iter().map(|pixel| x[*pixel]).sum();
                    noisy(sum / pixels.len() as f32)
                })
                .collect(),
        })
    }

    /// Takes y for what was seen.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] for a y of another length; [`Error::NonFinite`]; [`Error::InvalidArgument`] for a number
    /// that no black or white image gives: without noise or with flips a seen pixel is 0 or 1, and a block
    /// mean without noise a whole number of its pixels.
    pub fn observe(&self, y: &[f32]) -> Result<Observation> {
        if y.len() != self.len() {
            return Err(Error::shape(format!(
                "what was seen must have {} numbers; got {}",
                self.len(),
                y.len()
            )));
        }
        if let Some(value) = y.iter().find(|v| !v.is_finite()) {
            return Err(Error::NonFinite(format!(
                "what was seen must be finite; got {value}"
            )));
        }
        let (size, groups): (usize, Vec<Vec<usize>>) = match &self.operator {
            Operator::Mask(seen) => {
                let pixels = (0..PIXELS).filter(|pixel| seen[*pixel]);
                (1, pixels.map(|pixel| vec![pixel]).collect())
            }
            Operator::Average(side) => {
                let blocks = 0..self.len();
                (
                    side * side,
                    blocks.map(|at| block_pixels(*side, at)).collect(),
                )
            }
        };
        let values: Vec<f32> = match &self.operator {
            Operator::Mask(seen) => (y.iter().zip(seen))
                .filter(|(_, seen)| **seen)
                .map(|(y, _)| *y)
                .collect(),
            Operator::Average(_) => y.to_vec(),
        };
        if !matches!(self.noise, Noise::Gaussian(_)) {
            check_whole(&values, size)?;
        }
        let log_evidence = |group: usize, count: usize| {
            let y = f64::from(values[group]);
            let error = y - count as f64 / size as f64;
            match self.noise {
                Noise::None if error.abs() * size as f64 > 0.5 => f64::NEG_INFINITY,
                Noise::None => 0.0,
                Noise::Flips(p) if error.abs() > 0.5 => f64::from(p).ln(),
                Noise::Flips(p) => (-f64::from(p)).ln_1p(),
                Noise::Gaussian(deviation) => {
                    let deviation = f64::from(deviation);
                    let square = (error / deviation).powi(2);
                    -0.5 * (square + f64::from(LN_TWO_PI)) - deviation.ln()
                }
            }
        };
        let mut crude = vec![0f32; PIXELS];
        for (pixels, value) in groups.iter().zip(&values) {
            for pixel in pixels {
                crude[*pixel] = value.clamp(0.0, 1.0);
            }
        }
        Ok(Observation {
            counts: Counts::new(size, groups.into_iter(), log_evidence),
            crude,
        })
    }
}

fn check_whole(values: &[f32], size: usize) -> Result<()> {
    let whole = |value: &&f32| {
        let count = **value * size as f32;
        (0.0..=1.0).contains(*value) && (count - count.round()).abs() < 1e-3
    };
    match values.iter().find(|value| !whole(value)) {
        None => Ok(()),
        Some(value) => {
            let what = match size {
                1 => format!("a pixel of {value} is neither black nor white"),
                _ => format!("{value} is the mean of no {size} black or white pixels"),
            };
            Err(Error::argument(format!(
                "{what}; binarise, or use Gaussian noise"
            )))
        }
    }
}

/// The pixels of a block, row by row.
fn block_pixels(side: usize, block: usize) -> Vec<usize> {
    let across = SIDE / side;
    let (top, left) = (block / across * side, block % across * side);
    let offsets = (0..side).flat_map(|row| (0..side).map(move |column| (row, column)));
    offsets
        .map(|(row, column)| (top + row) * SIDE + left + column)
        .collect()
}

impl Observation {
    /// The image that is nearest to white paper and looks like y without noise, `[784]` in [0, 1]: A^+ y, the pixels
    /// that were seen and 0 elsewhere, or each block filled with its mean.
    pub fn crude(&self) -> &[f32] {
        &self.crude
    }

    /// log p(y|z) in nats of each row that z was decoded to, and E[x|y, z] in its place: where pixels were
    /// seen without noise, what was seen.
    ///
    /// # Shapes
    ///
    /// decoded `[n, 784]` -> n.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for a model whose pixels are not black or white.
    pub fn explain(&self, model: &dyn Model, decoded: &mut [f32]) -> Result<Vec<f32>> {
        require_binary(model)?;
        Ok(self.counts.log_likelihood(decoded))
    }

    /// A draw of x from p(x|y, z) in place of each row that z was decoded to, `[n, 784]`.
    ///
    /// # Errors
    ///
    /// As [`Observation::explain`].
    pub fn complete(&self, model: &dyn Model, decoded: &mut [f32], rng: &mut Rng) -> Result<()> {
        require_binary(model)?;
        self.counts.complete(decoded, rng);
        Ok(())
    }
}

fn require_binary(model: &dyn Model) -> Result<()> {
    if model.likelihood().is_binary() {
        Ok(())
    } else {
        Err(Error::Unsupported(format!(
            "repair needs a model of black or white pixels; those of the family \"{}\" are grey here",
            model.spec().family().id
        )))
    }
}

impl Evidence for Observation {
    /// log p(y|z), exactly; logits beyond 87 nats, or 40 in blocks of 16, count as 87, or 40.
    fn log_likelihood(&self, model: &dyn Model, decoded: &Tensor) -> Result<Tensor> {
        let logits = decoded.detach();
        let mut explained = flat_values(&logits)?;
        let values = self.explain(model, &mut explained)?;
        let rows = values.len();
        let values = Tensor::from_vec(values, rows, decoded.device())?;
        if !decoded.track_op() {
            return Ok(values);
        }
        let explained = Tensor::from_vec(explained, decoded.shape(), decoded.device())?;
        let slope = (explained - model.likelihood().mean(&logits)?)?;
        // Nothing, with the gradient of log p(y|z).
        let tangent = (slope * (decoded - logits)?)?.sum(1)?;
        Ok((tangent + values)?)
    }
}
