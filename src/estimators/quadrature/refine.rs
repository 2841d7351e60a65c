//! The posterior on cells as small as it needs, only where it is.
//!
//! Trained posteriors are often far narrower than a grid's cell, and may have several peaks. So cells
//! that may carry mass are cut in four, again and again, until the grid of the last of them is fine
//! enough; all others are let go. Every peak ends on cells of one size, which the midpoint rule needs.
//! Mass that reaches the border of the square is followed beyond it.

use std::collections::{BTreeSet, HashMap};

use super::grid::{Grid, GridPosterior, interleaved_spread};
use super::{MAX_RESOLUTION, Square, require_two_latents};
use crate::math::logsumexp;
use crate::models::Model;
use crate::models::inference::{BLOCK, decode_raw};
use crate::nn::tensors::{flat_values, matrix};
use crate::{Error, Result};

/// Cells whose log density, at its highest guess, is this far below the peak's carry no mass.
const NEGLIGIBLE_NATS: f32 = 20.0;
/// A posterior carried by at least this many cells has a shape: its deviation is two cells or more.
const RESOLVED_CELLS: f64 = 60.0;
/// Most cells on one level: bounds the time of one refinement.
const MAX_CELLS: usize = 1 << 17;
/// Most times that cells are cut: 64 cells over [-6, 6] end at 3e-6, near the precision of a code.
const MAX_DEPTH: u32 = 16;
/// Cells left free round the mass in the square that is given back.
const MARGIN: i64 = 2;

/// A cell's column and row on its level.
type Cell = [i64; 2];

/// Those cells of one size that are still followed.
struct Level {
    /// The lower left corner of cell [0, 0].
    origin: [f64; 2],
    spacing: f64,
    cells: Vec<Cell>,
    /// log p(x|z) + log p(z) at the middle of each cell.
    log_joint: Vec<f32>,
}

impl Grid {
    /// The posterior on cells so small that log p(x) is known within `tolerance` nats, in a square round
    /// its mass, which may reach beyond this grid's.
    ///
    /// # Errors
    ///
    /// As [`Grid::posterior`]; [`Error::NonFinite`] when the posterior is narrower than cells cut 16
    /// times, or needs more than 131,072 cells.
    pub fn refine(
        &self,
        model: &dyn Model,
        pixels: &[f32],
        tolerance: f64,
    ) -> Result<GridPosterior> {
        // Checks the image and the weights.
        self.posterior(pixels)?;
        let fit = |decoded: &[f32]| model.likelihood().log_prob_of_one(decoded, pixels);
        let level = Level::whole(self.square(), self.log_joint(pixels));
        level.refine(&LogJoint { model, fit: &fit }, tolerance)
    }
}

/// The posterior of anything seen that depends on z through what it is decoded to, on cells so small that
/// log p(seen) is known within `tolerance` nats, in a square round its mass, which may reach beyond `start`.
///
/// # Shapes
///
/// `fit` gives log p(seen|z) of each row of what was decoded, `[n, D]` -> n, nats.
///
/// # Errors
///
/// As [`Grid::new`] and [`Grid::refine`].
pub fn posterior(
    model: &dyn Model,
    fit: &dyn Fn(&[f32]) -> Result<Vec<f32>>,
    start: Square,
    tolerance: f64,
) -> Result<GridPosterior> {
    require_two_latents(model)?;
    start.validate()?;
    let log_joint = LogJoint { model, fit };
    let values = log_joint.at(&start.points())?;
    if !values.iter().any(|value| value.is_finite()) {
        return Err(Error::NonFinite(
            "log p(x, z) is nowhere finite on the grid: the model's weights have diverged"
                .to_owned(),
        ));
    }
    Level::whole(start, values).refine(&log_joint, tolerance)
}

/// log p(seen|z) + log p(z).
struct LogJoint<'a> {
    model: &'a dyn Model,
    fit: &'a dyn Fn(&[f32]) -> Result<Vec<f32>>,
}

impl LogJoint<'_> {
    /// At each point, `[n, 2]` -> n.
    fn at(&self, points: &[f32]) -> Result<Vec<f32>> {
        let mut values = Vec::with_capacity(points.len() / 2);
        for points in points.chunks(2 * BLOCK) {
            let prior = flat_values(&self.model.log_prior(&matrix(points, 2)?)?)?;
            let fit = (self.fit)(&decode_raw(self.model, points)?)?;
            values.extend(prior.iter().zip(fit).map(|(prior, fit)| prior + fit));
        }
        Ok(values)
    }
}

fn unresolved(why: &str) -> Error {
    Error::NonFinite(format!("the grid cannot resolve the posterior: it {why}"))
}

impl Level {
    fn whole(square: Square, log_joint: Vec<f32>) -> Self {
        let side = square.resolution as i64;
        let low = |axis: usize| f64::from(square.centre[axis]) - f64::from(square.half_width);
        Self {
            origin: [low(0), low(1)],
            spacing: 2.0 * f64::from(square.half_width) / side as f64,
            cells: (0..side)
                .flat_map(|row| (0..side).map(move |column| [column, row]))
                .collect(),
            log_joint,
        }
    }

    fn refine(mut self, log_joint: &LogJoint<'_>, tolerance: f64) -> Result<GridPosterior> {
        self.grow(log_joint)?;
        for _ in 0..MAX_DEPTH {
            let found = self.spread();
            if found <= tolerance && self.effective_cells() >= RESOLVED_CELLS {
                return Ok(self.posterior(found));
            }
            self = self.cut(log_joint)?;
        }
        Err(unresolved("is narrower than the finest cells"))
    }

    fn peak(&self) -> f32 {
        self.log_joint
            .iter()
            .copied()
            .fold(f32::NEG_INFINITY, f32::max)
    }

    fn spread(&self) -> f64 {
        interleaved_spread(
            self.cells
                .iter()
                .copied()
                .zip(self.log_joint.iter().copied()),
        )
    }

    /// 1 / sum of squared cell probabilities.
    fn effective_cells(&self) -> f64 {
        let peak = self.peak();
        let (mut sum, mut squares) = (0.0, 0.0);
        for value in &self.log_joint {
            let weight = f64::from(value - peak).exp();
            sum += weight;
            squares += weight * weight;
        }
        sum * sum / squares
    }

    fn affords(cells: &[Cell]) -> Result<()> {
        if cells.len() > MAX_CELLS {
            Err(unresolved("needs too many cells"))
        } else {
            Ok(())
        }
    }

    fn by_cell(&self) -> HashMap<Cell, f32> {
        let values = self.log_joint.iter().copied();
        self.cells.iter().copied().zip(values).collect()
    }

    /// Adds the cells next to those that carry mass, until none that does lies at the border.
    fn grow(&mut self, log_joint: &LogJoint<'_>) -> Result<()> {
        let mut known = self.by_cell();
        loop {
            let lowest = self.peak() - NEGLIGIBLE_NATS;
            let missing: BTreeSet<Cell> = self
                .cells
                .iter()
                .zip(&self.log_joint)
                .filter(|(_, value)| **value > lowest)
                .flat_map(|(cell, _)| around(*cell))
                .filter(|cell| !known.contains_key(cell))
                .collect();
            if missing.is_empty() {
                return Ok(());
            }
            let missing: Vec<Cell> = missing.into_iter().collect();
            let values = log_joint.at(&self.points(&missing))?;
            known.extend(missing.iter().copied().zip(values.iter().copied()));
            self.cells.extend(missing);
            self.log_joint.extend(values);
            Self::affords(&self.cells)?;
        }
    }

    /// The cells that may carry mass, each cut in four.
    fn cut(&self, log_joint: &LogJoint<'_>) -> Result<Self> {
        let cells: Vec<Cell> = self
            .promising()
            .into_iter()
            .flat_map(|[column, row]| {
                [[0, 0], [1, 0], [0, 1], [1, 1]].map(|[x, y]| [2 * column + x, 2 * row + y])
            })
            .collect();
        Self::affords(&cells)?;
        let mut finer = Self {
            origin: self.origin,
            spacing: self.spacing / 2.0,
            cells,
            log_joint: Vec::new(),
        };
        finer.log_joint = log_joint.at(&finer.points(&finer.cells))?;
        Ok(finer)
    }

    /// Cells in which the log density may come near the peak's. Where the posterior is narrower than a
    /// cell, its peak lies between the middles and may stand far above them: as far, at most, as a
    /// step to the next cell.
    fn promising(&self) -> Vec<Cell> {
        let values = self.by_cell();
        let lowest = self.peak() - NEGLIGIBLE_NATS;
        let may_reach = |(cell, value): &(&Cell, &f32)| {
            let step = around(**cell)
                .iter()
                .filter_map(|next| values.get(next))
                .map(|next| (next - **value).abs())
                .fold(0.0, f32::max);
            **value + step > lowest
        };
        self.cells
            .iter()
            .zip(&self.log_joint)
            .filter(may_reach)
            .map(|(cell, _)| *cell)
            .collect()
    }

    /// The middles of cells of this level.
    fn points(&self, cells: &[Cell]) -> Vec<f32> {
        let middle =
            |axis: usize, at: i64| (self.origin[axis] + (at as f64 + 0.5) * self.spacing) as f32;
        cells
            .iter()
            .flat_map(|[column, row]| [middle(0, *column), middle(1, *row)])
            .collect()
    }

    /// The density on a square round the mass; cells are put together where they are too many.
    fn posterior(&self, tolerance: f64) -> GridPosterior {
        let wide: Vec<f64> = self.log_joint.iter().map(|v| f64::from(*v)).collect();
        let log_likelihood = logsumexp(&wide) + 2.0 * self.spacing.ln();
        let lowest = self.peak() - NEGLIGIBLE_NATS;
        let (mut low, mut high) = ([i64::MAX; 2], [i64::MIN; 2]);
        for (cell, _) in self
            .cells
            .iter()
            .zip(&self.log_joint)
            .filter(|(_, v)| **v > lowest)
        {
            for axis in 0..2 {
                low[axis] = low[axis].min(cell[axis]);
                high[axis] = high[axis].max(cell[axis]);
            }
        }
        let width = |axis: usize| high[axis] + 1 - low[axis];
        let side = width(0).max(width(1)) + 2 * MARGIN;
        let together = (side as u64).div_ceil(MAX_RESOLUTION as u64 / 2) as i64;
        let resolution = (side as u64).div_ceil(together as u64) as usize;
        let side = resolution as i64 * together;
        let corner = [0, 1].map(|axis| low[axis] - (side - width(axis)) / 2);

        let mut density = vec![0f32; resolution * resolution];
        let share = 1.0 / (together * together) as f64;
        for (cell, value) in self.cells.iter().zip(&wide) {
            let [column, row] = [0, 1].map(|axis| (cell[axis] - corner[axis]).div_euclid(together));
            let inside = 0..resolution as i64;
            if inside.contains(&column) && inside.contains(&row) {
                density[row as usize * resolution + column as usize] +=
                    ((value - log_likelihood).exp() * share) as f32;
            }
        }
        let half_width = self.spacing * side as f64 / 2.0;
        let middle = |axis: usize| {
            (self.origin[axis] + corner[axis] as f64 * self.spacing + half_width) as f32
        };
        GridPosterior {
            square: Square {
                centre: [middle(0), middle(1)],
                half_width: half_width as f32,
                resolution,
            },
            log_likelihood,
            tolerance,
            density,
        }
    }
}

/// The four cells that share a side with this one.
fn around([column, row]: Cell) -> [Cell; 4] {
    [[-1, 0], [1, 0], [0, -1], [0, 1]].map(|[x, y]| [column + x, row + y])
}
