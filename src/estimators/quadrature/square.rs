//! A square of latent space, cut into cells.

use crate::{Error, Result};

/// Most cells along a side.
pub const MAX_RESOLUTION: usize = 512;

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
    /// Where refinement may start: a unit normal has 4e-9 of its mass outside.
    pub const START: Self = Self {
        centre: [0.0, 0.0],
        half_width: 6.0,
        resolution: 64,
    };

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

    pub(super) fn spacing(&self) -> f32 {
        2.0 * self.half_width / self.resolution as f32
    }

    pub(crate) fn cell_area(&self) -> f64 {
        f64::from(self.spacing()).powi(2)
    }

    pub(super) fn validate(&self) -> Result<()> {
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
