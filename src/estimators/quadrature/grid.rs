//! The posterior on a square whose cells are decoded once and kept.

use super::{Square, require_two_latents};
use crate::estimators::ImageEstimate;
use crate::math::{check_image, logsumexp};
use crate::models::Model;
use crate::models::inference::{self, BLOCK};
use crate::nn::tensors::{flat_values, matrix};
use crate::{Error, PIXELS, Result};

/// The decoder on every cell of a square, kept so that a new image costs one weighted sum of rows.
#[derive(Clone, Debug)]
pub struct Grid {
    square: Square,
    /// Pixel-major `[784, cells]`: only the rows of pixels with ink are touched for an image.
    natural_by_pixel: Vec<f32>,
    /// log p(z) + log p(0|z) of each cell: what no image changes.
    constants: Vec<f32>,
    /// Of the part of log p(x|z) that no z changes, if there is one.
    of_squares: Option<Vec<f32>>,
}

/// The posterior of one image on a square.
#[derive(Clone, Debug, PartialEq)]
pub struct GridPosterior {
    /// Where.
    pub square: Square,
    /// log p(x) by this grid, in nats.
    pub log_likelihood: f64,
    /// How far log p(x) of the four interleaved grids of twice the spacing lies from it, in nats: more
    /// than this grid's own error, for no further decoding.
    pub tolerance: f64,
    /// p(z|x) at each cell's middle, in the order of [`Square::points`]; integrates to 1 over the square.
    pub density: Vec<f32>,
}

impl GridPosterior {
    /// The estimate of log p(x); what the grid may be off by stands for its standard error.
    pub fn estimate(&self) -> ImageEstimate {
        ImageEstimate {
            log_likelihood: self.log_likelihood,
            standard_error: self.tolerance,
            effective_samples: self.effective_cells(),
        }
    }

    /// 1 / sum of squared cell probabilities: how many cells carry the posterior.
    pub fn effective_cells(&self) -> f64 {
        let area = self.square.cell_area();
        1.0 / self
            .density
            .iter()
            .map(|d| (f64::from(*d) * area).powi(2))
            .sum::<f64>()
    }
}

impl Grid {
    /// Decodes every cell of a square.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] unless the model has two latents; [`Error::InvalidArgument`] for a
    /// resolution outside 2 to 512 or a width that is not above 0 and at most 100.
    pub fn new(model: &dyn Model, square: Square) -> Result<Self> {
        require_two_latents(model)?;
        let likelihood = model.likelihood();
        square.validate()?;
        let points = square.points();
        let cells = points.len() / 2;
        let mut natural_by_pixel = vec![0f32; PIXELS * cells];
        let mut constants = flat_values(&model.log_prior(&matrix(&points, 2)?)?)?;
        for (block, points) in points.chunks(2 * BLOCK).enumerate() {
            let mut decoded = inference::decode_raw(model, points)?;
            let without_ink = likelihood.log_prob_of_one(&decoded, &[0.0; PIXELS])?;
            likelihood.to_natural(&mut decoded)?;
            for (row, natural) in decoded.chunks_exact(PIXELS).enumerate() {
                let cell = block * BLOCK + row;
                constants[cell] += without_ink[row];
                for (pixel, natural) in natural.iter().enumerate() {
                    natural_by_pixel[pixel * cells + cell] = *natural;
                }
            }
        }
        Ok(Self {
            square,
            natural_by_pixel,
            constants,
            of_squares: likelihood.of_squares()?,
        })
    }

    /// The square that was cut into cells.
    pub fn square(&self) -> Square {
        self.square
    }

    /// The posterior of one image and its log p(x).
    ///
    /// # Errors
    ///
    /// As [`check_image`].
    pub fn posterior(&self, pixels: &[f32]) -> Result<GridPosterior> {
        check_image(pixels)?;
        let log_joint = self.log_joint(pixels);
        self.normalise(&log_joint)
    }

    /// log p(x|z) + log p(z) of each cell.
    pub(super) fn log_joint(&self, pixels: &[f32]) -> Vec<f32> {
        let mut log_joint = self.constants.clone();
        let rows = self.natural_by_pixel.chunks_exact(log_joint.len());
        for (ink, natural) in pixels.iter().zip(rows).filter(|(ink, _)| **ink != 0.0) {
            for (sum, natural) in log_joint.iter_mut().zip(natural) {
                *sum += ink * natural;
            }
        }
        if let Some(coefficients) = &self.of_squares {
            let constant = of_squares(coefficients, pixels) as f32;
            log_joint.iter_mut().for_each(|value| *value += constant);
        }
        log_joint
    }

    fn normalise(&self, log_joint: &[f32]) -> Result<GridPosterior> {
        let wide: Vec<f64> = log_joint.iter().map(|v| f64::from(*v)).collect();
        let log_likelihood = logsumexp(&wide) + self.square.cell_area().ln();
        if !log_likelihood.is_finite() {
            return Err(Error::NonFinite(
                "log p(x) is not finite on the grid: the model's weights have diverged".to_owned(),
            ));
        }
        let side = self.square.resolution;
        let cells = (0..log_joint.len()).map(|at| [(at % side) as i64, (at / side) as i64]);
        Ok(GridPosterior {
            square: self.square,
            log_likelihood,
            tolerance: interleaved_spread(cells.zip(log_joint.iter().copied())),
            density: wide
                .iter()
                .map(|v| (v - log_likelihood).exp() as f32)
                .collect(),
        })
    }
}

/// sum_j c_j x_j^2.
pub(super) fn of_squares(coefficients: &[f32], x: &[f32]) -> f64 {
    let terms = coefficients.iter().zip(x);
    terms.map(|(c, x)| f64::from(c * x * x)).sum()
}

/// The largest difference, in nats, between the integral over some cells and over one in four of them
/// (every second column of every second row): each of those is a midpoint rule of twice the spacing.
pub(super) fn interleaved_spread(cells: impl Iterator<Item = ([i64; 2], f32)>) -> f64 {
    let mut quarters = [const { Vec::new() }; 4];
    for ([column, row], value) in cells {
        let quarter = column.rem_euclid(2) + 2 * row.rem_euclid(2);
        quarters[quarter as usize].push(f64::from(value));
    }
    let quarters = quarters.map(|values| logsumexp(&values) + 4f64.ln());
    let whole = logsumexp(&quarters) - 4f64.ln();
    quarters
        .iter()
        .map(|quarter| (quarter - whole).abs())
        .fold(0.0, f64::max)
}
