//! The exact posterior: points, how probable each is, and log p(x).

use super::lattice::{Lattice, NEGLIGIBLE_NATS};
use super::{MAX_RESOLUTION, Square};
use crate::Rng;
use crate::estimators::Estimate;

/// Cells of a picture to a step of the lattice.
const CELLS_A_STEP: f64 = 2.0;
/// Cells along a side of a picture, at least and at most.
const SIDES: (usize, usize) = (48, MAX_RESOLUTION / 2);
/// Cells along a side of the square from which draws are taken.
const SIDE_OF_DRAWS: usize = MAX_RESOLUTION;

/// p(z|x) of one image for two latents, integrated finely enough for [`GridPosterior::tolerance`].
#[derive(Clone, Debug, PartialEq)]
pub struct GridPosterior {
    /// log p(x), in nats.
    pub log_likelihood: f64,
    /// An upper limit of the error of log p(x), nats.
    pub tolerance: f64,
    /// How many codes were decoded for it.
    pub decoder_evaluations: usize,
    /// Codes that carry the posterior, `[n, 2]`.
    pub points: Vec<f32>,
    /// The probability of each; they add up to 1. Means over the posterior are sums over the points.
    pub weights: Vec<f64>,
    lattice: Lattice,
}

/// p(z|x) as a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct SquareDensity {
    /// The square.
    pub square: Square,
    /// p(z|x) at each cell's middle, in the order of [`Square::points`]; integrates to 1 over the square.
    pub density: Vec<f32>,
}

impl GridPosterior {
    pub(super) fn new(lattice: Lattice, tolerance: f64, decoder_evaluations: usize) -> Self {
        let highest = lattice.highest();
        let (mut points, mut weights) = (Vec::new(), Vec::new());
        for (place, value) in lattice
            .known()
            .filter(|(_, value)| *value > f64::NEG_INFINITY)
        {
            points.extend(lattice.point(place).map(|v| v as f32));
            weights.push((value - highest).exp());
        }
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= total);
        Self {
            log_likelihood: lattice.log_integral(),
            // The rounding of sums of 784 numbers in 32 bits: about a quarter of their last digit.
            tolerance: tolerance + highest.abs() * f64::from(f32::EPSILON) / 4.0,
            decoder_evaluations,
            points,
            weights,
            lattice,
        }
    }

    /// The estimate of log p(x). Nothing is drawn: it has a tolerance in place of a standard error.
    pub fn estimate(&self) -> Estimate {
        Estimate {
            log_likelihood: self.log_likelihood,
            standard_error: 0.0,
            effective_samples: f64::INFINITY,
            tolerance: Some(self.tolerance),
            decoder_evaluations: self.decoder_evaluations,
        }
    }

    /// 1 / sum of squared weights: the effective number of points of the posterior.
    pub fn effective_points(&self) -> f64 {
        1.0 / self
            .weights
            .iter()
            .map(|weight| weight * weight)
            .sum::<f64>()
    }

    /// A picture of the density on a square around the mass. Its cells are half as wide as the steps of the lattice, unless
    /// there would be too many.
    pub fn picture(&self) -> SquareDensity {
        let (_, half_width) = self.bounds();
        let wanted = 2.0 * half_width / self.lattice.spacing() * CELLS_A_STEP;
        self.on_square((wanted.ceil() as usize).clamp(SIDES.0, SIDES.1))
    }

    /// The density on a square around the mass with `resolution` cells a side. Between the points of the lattice its logarithm
    /// is interpolated by cubic splines (Keys 1981), which are exact for quadratic functions.
    pub fn on_square(&self, resolution: usize) -> SquareDensity {
        let (centre, half_width) = self.bounds();
        let square = Square {
            centre: centre.map(|v| v as f32),
            half_width: half_width as f32,
            resolution,
        };
        let points = square.points();
        let log_density: Vec<f64> = points
            .chunks_exact(2)
            .map(|z| self.log_density([f64::from(z[0]), f64::from(z[1])]))
            .collect();
        let mass = log_density.iter().map(|v| v.exp()).sum::<f64>() * square.cell_area();
        SquareDensity {
            density: log_density
                .iter()
                .map(|v| (v.exp() / mass) as f32)
                .collect(),
            square,
        }
    }

    /// Draws z ~ p(z|x), `[count, 2]`.
    pub fn sample(&self, count: usize, rng: &mut Rng) -> Vec<f32> {
        let SquareDensity { square, density } = self.on_square(SIDE_OF_DRAWS);
        let area = square.cell_area();
        let mut sum = 0.0;
        let cumulative: Vec<f64> = density
            .iter()
            .map(|d| {
                sum += f64::from(*d) * area;
                sum
            })
            .collect();
        let (points, width) = (square.points(), square.spacing());
        let mut draws = Vec::with_capacity(2 * count);
        for _ in 0..count {
            let wanted = f64::from(rng.uniform()) * sum;
            let cell = cumulative
                .partition_point(|v| *v <= wanted)
                .min(density.len() - 1);
            // A uniform draw within the cell.
            draws
                .extend([0, 1].map(|axis| points[2 * cell + axis] + width * (rng.uniform() - 0.5)));
        }
        draws
    }

    /// log p(z|x) at any z, nats; minus infinity where the posterior has no mass.
    pub fn log_density(&self, z: [f64; 2]) -> f64 {
        let at = self.lattice.coordinates(z);
        let corner = at.map(|v| v.floor() as i64);
        let [u, v] = [0, 1].map(|axis| at[axis] - corner[axis] as f64);
        let row = |j: i64| -> Option<f64> {
            let value = |i: i64| self.lattice.value([corner[0] + i, corner[1] + j]);
            along(value(-1), value(0)?, value(1)?, value(2), u)
        };
        let joint = row(0).and_then(|low| along(row(-1), low, row(1)?, row(2), v));
        joint.map_or(f64::NEG_INFINITY, |joint| joint - self.log_likelihood)
    }

    /// The middle and half the side of the smallest square around the points that carry mass.
    fn bounds(&self) -> ([f64; 2], f64) {
        let lowest = self.lattice.highest() - NEGLIGIBLE_NATS;
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        let carrying = self.lattice.known().filter(|(_, value)| *value > lowest);
        for z in carrying.map(|(place, _)| self.lattice.point(place)) {
            for axis in 0..2 {
                low[axis] = low[axis].min(z[axis]);
                high[axis] = high[axis].max(z[axis]);
            }
        }
        let centre = [0, 1].map(|axis| (low[axis] + high[axis]) / 2.0);
        let width = (high[0] - low[0]).max(high[1] - low[1]);
        (centre, width / 2.0 + self.lattice.spacing())
    }
}

/// The cubic interpolation of four values in a row, at the share `t` of the way from the second to the third. A missing outer
/// value is extrapolated by a straight line.
fn along(before: Option<f64>, a: f64, b: f64, after: Option<f64>, t: f64) -> Option<f64> {
    let before = before.unwrap_or(2.0 * a - b);
    let after = after.unwrap_or(2.0 * b - a);
    let slope = [(b - before) / 2.0, (after - a) / 2.0];
    let (square, cube) = (t * t, t * t * t);
    Some(
        a * (2.0 * cube - 3.0 * square + 1.0)
            + b * (3.0 * square - 2.0 * cube)
            + slope[0] * (cube - 2.0 * square + t)
            + slope[1] * (cube - square),
    )
}
