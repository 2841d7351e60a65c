//! A square of latent space, cut into cells.

use crate::priors::Prior;
use crate::{Result, Rng};

/// Most cells along a side.
pub(super) const MAX_RESOLUTION: usize = 512;

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
    /// The square of the scan for peaks: 64 x 64 cells over [-6, 6]^2, outside of which a unit normal has 4e-9 of its mass; or
    /// wider, so that a thousand draws of the prior all lie well inside.
    ///
    /// # Errors
    ///
    /// As [`Prior::sample`].
    pub(super) fn of_prior(prior: &dyn Prior) -> Result<Self> {
        let draws = prior.sample(
            1000,
            1.0,
            &mut Rng::from_seed(0).split("reach of the prior"),
        )?;
        let furthest = draws.iter().fold(0f32, |furthest, z| furthest.max(z.abs()));
        Ok(Self {
            centre: [0.0, 0.0],
            half_width: (1.2 * furthest).clamp(6.0, 100.0),
            resolution: 64,
        })
    }

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
}
