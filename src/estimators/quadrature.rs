//! Exact log p(x) and posterior for two latents: numerical integration on a grid.
//!
//! log p(x) = logsumexp over cells of [log p(x|z) + log p(z)] + log(cell area), z at the middle of each
//! cell; the same terms, normalised, are the posterior p(z|x). The midpoint rule on a smooth peak
//! converges faster than any power of the spacing once the spacing is below its width, so a grid is fine
//! enough when a finer one agrees with it.

use super::ImageEstimate;
use crate::math::{check_pixels, logsumexp};
use crate::models::Model;
use crate::models::inference::{self, BLOCK, matrix, numbers};
use crate::{Error, PIXELS, Result};

/// Most cells along a side.
pub const MAX_RESOLUTION: usize = 512;
/// Cells whose posterior density is below exp(-15) of the peak's are left out of a refined square.
const NEGLIGIBLE_NATS: f32 = 15.0;
/// The same where cells are wider than the posterior: the true peak may lie between cells, each of them
/// many standard deviations away from it.
const UNRESOLVED_NATS: f32 = 40.0;
/// A grid resolves a posterior that at least this many cells carry.
const RESOLVED_CELLS: f64 = 10.0;

/// A square of latent space, cut into cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Square {
    /// Its middle (z1, z2).
    pub centre: [f32; 2],
    /// Half the length of a side.
    pub half_width: f32,
    /// Cells along a side.
    pub resolution: usize,
}

impl Square {
    /// Middles of the cells, `[resolution^2, 2]`: rows of rising z2, in each of them rising z1.
    pub fn points(&self) -> Vec<f32> {
        let spacing = self.spacing();
        let coordinate = |axis: usize, cell: usize| {
            self.centre[axis] - self.half_width + (cell as f32 + 0.5) * spacing
        };
        let mut points = Vec::with_capacity(2 * self.resolution * self.resolution);
        for row in 0..self.resolution {
            for column in 0..self.resolution {
                points.extend([coordinate(0, column), coordinate(1, row)]);
            }
        }
        points
    }

    fn spacing(&self) -> f32 {
        2.0 * self.half_width / self.resolution as f32
    }

    fn cell_area(&self) -> f64 {
        f64::from(self.spacing()).powi(2)
    }

    fn validate(&self) -> Result<()> {
        if !(2..=MAX_RESOLUTION).contains(&self.resolution) {
            return Err(Error::argument(format!(
                "the grid's resolution must be 2 to {MAX_RESOLUTION} cells; got {}",
                self.resolution
            )));
        }
        if !(self.half_width > 0.0 && self.half_width <= 100.0) {
            return Err(Error::argument(format!(
                "the grid's extent must be above 0 and at most 100; got {}",
                self.half_width
            )));
        }
        Ok(())
    }
}

/// The decoder on every cell of a square, kept so that a new image costs one weighted sum of rows.
#[derive(Clone, Debug)]
pub struct Grid {
    square: Square,
    /// Pixel-major `[784, cells]`: only the rows of pixels with ink are touched for an image.
    logits_by_pixel: Vec<f32>,
    /// log p(z) - sum_j softplus(l_j) of each cell: what no image changes.
    constants: Vec<f32>,
}

/// The posterior of one image on a square.
#[derive(Clone, Debug, PartialEq)]
pub struct GridPosterior {
    /// Where.
    pub square: Square,
    /// log p(x) by this grid, in nats.
    pub log_likelihood: f64,
    /// How far log p(x) moved from the grid before, in nats; infinite for a first grid.
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

fn require_two_latents(model: &dyn Model) -> Result<()> {
    match model.latents() {
        2 => Ok(()),
        latents => Err(Error::Unsupported(format!(
            "exact integration on a grid needs a model with 2 latents; this one has {latents}"
        ))),
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
        square.validate()?;
        let points = square.points();
        let cells = points.len() / 2;
        let mut logits_by_pixel = vec![0f32; PIXELS * cells];
        let mut constants = numbers(&model.log_prior(&matrix(&points, 2)?)?)?;
        for (block, points) in points.chunks(2 * BLOCK).enumerate() {
            let logits = inference::decode_logits(model, points)?;
            for (row, logits) in logits.chunks_exact(PIXELS).enumerate() {
                let cell = block * BLOCK + row;
                constants[cell] -= logits
                    .iter()
                    .map(|l| crate::math::softplus(*l))
                    .sum::<f32>();
                for (pixel, logit) in logits.iter().enumerate() {
                    logits_by_pixel[pixel * cells + cell] = *logit;
                }
            }
        }
        Ok(Self {
            square,
            logits_by_pixel,
            constants,
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
    /// As [`check_pixels`]; [`Error::Shape`] for more than one image.
    pub fn posterior(&self, pixels: &[f32]) -> Result<GridPosterior> {
        if check_pixels(pixels)? != 1 {
            return Err(Error::shape(
                "the grid takes one image of 784 pixels at a time",
            ));
        }
        let log_joint = self.log_joint(pixels);
        self.normalise(&log_joint)
    }

    /// The posterior on ever finer squares round its mass, until two grids agree within `tolerance`
    /// nats.
    ///
    /// # Errors
    ///
    /// As [`Grid::posterior`]; [`Error::NonFinite`] when no grid of at most 512 cells a side agrees.
    pub fn refine(
        &self,
        model: &dyn Model,
        pixels: &[f32],
        tolerance: f64,
    ) -> Result<GridPosterior> {
        let first = self.posterior(pixels)?;
        let mut square = self.zoom(&self.log_joint(pixels), first.effective_cells(), 32);
        let mut last = first.log_likelihood;
        while square.resolution <= MAX_RESOLUTION {
            let grid = Self::new(model, square)?;
            let log_joint = grid.log_joint(pixels);
            let mut posterior = grid.normalise(&log_joint)?;
            posterior.tolerance = (posterior.log_likelihood - last).abs();
            let cells = posterior.effective_cells();
            if posterior.tolerance <= tolerance && cells >= RESOLVED_CELLS {
                return Ok(posterior);
            }
            last = posterior.log_likelihood;
            let closer = grid.zoom(&log_joint, cells, square.resolution);
            // Zooming in refines by itself; a square that hardly shrinks needs smaller cells.
            let shrunk = closer.half_width < 0.7 * square.half_width;
            square = match shrunk {
                true => closer,
                false => Square {
                    resolution: square.resolution * 3 / 2,
                    ..closer
                },
            };
        }
        Err(Error::NonFinite(
            "the posterior is too narrow for a grid of 512 cells a side".to_owned(),
        ))
    }

    /// log p(x|z) + log p(z) of each cell.
    fn log_joint(&self, pixels: &[f32]) -> Vec<f32> {
        let mut log_joint = self.constants.clone();
        let rows = self.logits_by_pixel.chunks_exact(log_joint.len());
        for (ink, logits) in pixels.iter().zip(rows).filter(|(ink, _)| **ink != 0.0) {
            for (sum, logit) in log_joint.iter_mut().zip(logits) {
                *sum += ink * logit;
            }
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
        Ok(GridPosterior {
            square: self.square,
            log_likelihood,
            tolerance: f64::INFINITY,
            density: wide
                .iter()
                .map(|v| (v - log_likelihood).exp() as f32)
                .collect(),
        })
    }

    /// The smallest square, with a margin of two cells, that holds every cell worth counting.
    fn zoom(&self, log_joint: &[f32], effective_cells: f64, resolution: usize) -> Square {
        let negligible = match effective_cells >= RESOLVED_CELLS {
            true => NEGLIGIBLE_NATS,
            false => UNRESOLVED_NATS,
        };
        let peak = log_joint.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let side = self.square.resolution;
        let (mut low, mut high) = ([side, side], [0, 0]);
        for (cell, value) in log_joint.iter().enumerate() {
            if *value > peak - negligible {
                for (axis, at) in [cell % side, cell / side].into_iter().enumerate() {
                    low[axis] = low[axis].min(at);
                    high[axis] = high[axis].max(at);
                }
            }
        }
        let spacing = self.square.spacing();
        let middle = |axis: usize| {
            let cells = (low[axis] + high[axis] + 1) as f32 / 2.0;
            self.square.centre[axis] - self.square.half_width + cells * spacing
        };
        let cells = (0..2)
            .map(|axis| high[axis] + 1 - low[axis])
            .max()
            .unwrap_or(side);
        Square {
            centre: [middle(0), middle(1)],
            half_width: (cells as f32 / 2.0 + 2.0) * spacing,
            resolution,
        }
    }
}

/// log p(x) of many images on one grid over [-extent, extent]^2, in nats; the grid is decoded once and
/// never held whole.
///
/// # Shapes
///
/// pixels `[n, 784]` -> n values.
///
/// # Errors
///
/// As [`check_pixels`] and [`Grid::new`], except that a side may have up to 2,048 cells.
pub fn log_likelihoods(
    model: &dyn Model,
    pixels: &[f32],
    resolution: usize,
    extent: f32,
) -> Result<Vec<f64>> {
    require_two_latents(model)?;
    let images = check_pixels(pixels)?;
    let square = Square {
        centre: [0.0, 0.0],
        half_width: extent,
        resolution,
    };
    if resolution > 2048 {
        return Err(Error::argument(
            "the grid's resolution must be at most 2048 cells",
        ));
    }
    Square {
        resolution: resolution.min(MAX_RESOLUTION),
        ..square
    }
    .validate()?;
    let x = matrix(pixels, PIXELS)?;
    let mut sums = vec![(f64::NEG_INFINITY, 0f64); images];
    for points in square.points().chunks(2 * BLOCK) {
        let z = matrix(points, 2)?;
        let logits = model.decode(&z)?.detach();
        let constants = numbers(&model.log_prior(&z)?)?;
        let softplus = numbers(&logits)?;
        let softplus = softplus
            .chunks_exact(PIXELS)
            .map(|row| row.iter().map(|l| crate::math::softplus(*l)).sum::<f32>());
        let constants: Vec<f32> = constants.iter().zip(softplus).map(|(p, s)| p - s).collect();
        let products = numbers(&x.matmul(&logits.t()?)?)?;
        for (sum, row) in sums.iter_mut().zip(products.chunks_exact(constants.len())) {
            accumulate(sum, row, &constants);
        }
    }
    let log_area = square.cell_area().ln();
    Ok(sums
        .into_iter()
        .map(|(peak, sum)| peak + sum.ln() + log_area)
        .collect())
}

/// Adds exp(row + constants) to a sum that is held as sum * exp(peak).
fn accumulate((peak, sum): &mut (f64, f64), row: &[f32], constants: &[f32]) {
    let highest = row
        .iter()
        .zip(constants)
        .map(|(r, c)| r + c)
        .fold(f32::NEG_INFINITY, f32::max);
    if f64::from(highest) > *peak {
        *sum *= (*peak - f64::from(highest)).exp();
        *peak = f64::from(highest);
    }
    let shift = *peak as f32;
    let block: f32 = row
        .iter()
        .zip(constants)
        .map(|(r, c)| crate::math::exp_nonpositive(r + c - shift))
        .sum();
    *sum += f64::from(block);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Rng;
    use crate::distributions::bernoulli;
    use crate::models::{self, ModelSpec};

    const WIDE: Square = Square {
        centre: [0.0, 0.0],
        half_width: 6.0,
        resolution: 64,
    };

    fn model(latents: usize) -> Box<dyn Model> {
        let spec =
            json!({"model": "vae", "latents": latents, "hidden": [16], "activation": "tanh"});
        models::build(&ModelSpec::from_json(&spec).unwrap(), 4).unwrap()
    }

    fn image() -> Vec<f32> {
        bernoulli::sample(&vec![0.4; PIXELS], &mut Rng::from_seed(2))
    }

    /// A decoder that ignores z: log p(x) is the sum over pixels whatever the grid, and the posterior is
    /// the prior.
    #[test]
    fn without_a_decoder_the_posterior_is_the_prior() {
        let model = model(2);
        let mut values = model.parameters().values().unwrap();
        values.iter_mut().flatten().for_each(|v| *v = 0.0);
        model.parameters().set_values(&values).unwrap();
        let posterior = Grid::new(model.as_ref(), WIDE)
            .unwrap()
            .posterior(&image())
            .unwrap();
        assert!((posterior.log_likelihood - 784.0 * 0.5f64.ln()).abs() < 1e-3);
        for (point, density) in WIDE.points().chunks(2).zip(&posterior.density) {
            let square = f64::from(point[0]).powi(2) + f64::from(point[1]).powi(2);
            let prior = (-0.5 * square).exp() / (2.0 * std::f64::consts::PI);
            assert!((f64::from(*density) - prior).abs() < 1e-4);
        }
    }

    #[test]
    fn cached_refined_and_streamed_grids_agree() {
        let (model, x) = (model(2), image());
        let grid = Grid::new(model.as_ref(), WIDE).unwrap();
        let coarse = grid.posterior(&x).unwrap();
        let fine = grid.refine(model.as_ref(), &x, 1e-3).unwrap();
        let streamed = log_likelihoods(model.as_ref(), &x, 256, 6.0).unwrap()[0];
        assert!(fine.tolerance <= 1e-3);
        assert!((fine.log_likelihood - streamed).abs() < 5e-3);
        for posterior in [&coarse, &fine] {
            let mass: f64 = posterior.density.iter().map(|d| f64::from(*d)).sum();
            assert!((mass * posterior.square.cell_area() - 1.0).abs() < 1e-4);
        }
        assert!(fine.square.half_width < WIDE.half_width);
        assert!(fine.effective_cells() > 1.0);
    }

    #[test]
    fn misuse_is_refused() {
        assert_eq!(
            Grid::new(model(3).as_ref(), WIDE).unwrap_err().code(),
            "unsupported"
        );
        for (resolution, half_width) in [(1, 4.0), (513, 4.0), (64, 0.0), (64, f32::NAN)] {
            let square = Square {
                resolution,
                half_width,
                ..WIDE
            };
            assert_eq!(
                Grid::new(model(2).as_ref(), square).unwrap_err().code(),
                "invalid-argument"
            );
        }
        let grid = Grid::new(model(2).as_ref(), WIDE).unwrap();
        assert_eq!(grid.posterior(&[0.0; 10]).unwrap_err().code(), "shape");
        assert_eq!(
            grid.posterior(&[0.0; 2 * PIXELS]).unwrap_err().code(),
            "shape"
        );
    }
}
