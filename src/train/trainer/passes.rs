//! The three passes over a batch whose images are held against each other; see [`crate::objectives::coupled`].

use std::ops::Range;

use candle_core::{Tensor, Var};

use super::parts::UnderWay;
use super::{Trainer, scalar};
use crate::nn::tensors::{flat_values, matrix};
use crate::nn::{Gradients, optimiser};
use crate::objectives::coupled::{Extent, Made};
use crate::objectives::{Coupling, Images};
use crate::{Error, Result};

/// Numbers that are held of all units.
#[derive(Debug)]
struct Held {
    width: usize,
    /// Rows of all units, or of their first draws, then their second ones.
    values: Vec<f32>,
    /// The gradient of the charge towards them; empty until it reaches them.
    slopes: Vec<f32>,
}

impl Held {}

/// Where the numbers of some units' draws lie among those of all units: a range for each draw.
fn places(
    (count, width): (usize, usize),
    all: usize,
    units: Range<usize>,
) -> impl Iterator<Item = Range<usize>> {
    let number = move |draw: usize, unit: usize| (draw * all + unit) * width;
    let draws = count / (all * width);
    (0..draws).map(move |draw| number(draw, units.start)..number(draw, units.end))
}

/// What the passes have come to.
#[derive(Debug, Default)]
pub(super) struct Passes {
    held: Vec<Held>,
    made: usize,
    charged: usize,
}

impl Passes {
    /// Keeps what was made of some units.
    fn hold(&mut self, made: &[Tensor], all: usize, units: Range<usize>) -> Result<()> {
        if self.held.is_empty() {
            for tensor in made {
                let (rows, width) = tensor.dims2()?;
                self.held.push(Held {
                    width,
                    values: vec![0.0; rows / units.len() * all * width],
                    slopes: Vec::new(),
                });
            }
        }
        for (held, tensor) in self.held.iter_mut().zip(made) {
            let values = flat_values(tensor)?;
            let of_draws = values.chunks_exact(units.len() * held.width);
            let places = places((held.values.len(), held.width), all, units.clone());
            for (place, values) in places.zip(of_draws) {
                held.values[place].copy_from_slice(values);
            }
        }
        Ok(())
    }
}

impl Trainer {
    /// Goes on with the pass that is next by one part. The units are done when all have been pulled.
    pub(super) fn pass_part(&self, step: &mut UnderWay, coupling: Coupling) -> Result<()> {
        let cut = self.cut();
        let next = |done: usize, all: usize, a_part: usize| done..all.min(done + a_part);
        if step.passes.made < cut.units {
            let units = next(step.passes.made, cut.units, cut.units_a_part);
            step.passes.made = units.end;
            let made = self.make(step, coupling, units.clone(), Extent::Held)?;
            return step.passes.hold(&made.held, cut.units, units);
        }
        if step.passes.charged < cut.rows {
            let rows = next(step.passes.charged, cut.rows, cut.rows_a_part);
            step.passes.charged = rows.end;
            return self.charge(step, coupling, rows);
        }
        let units = next(step.done, cut.units, cut.units_a_part);
        step.done = units.end;
        self.pull(step, coupling, units)
    }

    fn make(
        &self,
        step: &UnderWay,
        coupling: Coupling,
        units: Range<usize>,
        extent: Extent,
    ) -> Result<Made> {
        let batch = &step.batch;
        if coupling == Coupling::Codes {
            let noise = batch.noise.narrow(0, units.start, units.len())?;
            let images = Images::from(&batch.x);
            return coupling.make(self.model(), images, (&noise, units.start), extent);
        }
        let given = self.given(batch, units.clone())?;
        let model = given.as_deref().unwrap_or(self.model());
        let [seen, x] = batch.images(units.clone())?;
        let images = Images { seen: &seen, x: &x };
        coupling.make(model, images, (&batch.noise_of(units)?, 0), extent)
    }

    fn charge(&self, step: &mut UnderWay, coupling: Coupling, rows: Range<usize>) -> Result<()> {
        let held: Vec<Var> = step
            .passes
            .held
            .iter()
            .map(|held| Ok(Var::from_tensor(&matrix(&held.values, held.width)?)?))
            .collect::<Result<_>>()?;
        let tensors: Vec<Tensor> = held.iter().map(|var| var.as_tensor().clone()).collect();
        let options = self.elbo_options();
        let charge = coupling.charge(self.model(), &step.batch.x, &tensors, rows, options)?;
        let reconstruction = charge.reconstruction.as_ref().map(scalar).transpose()?;
        step.add([
            scalar(&charge.loss)?,
            reconstruction.unwrap_or_default(),
            scalar(&charge.kl)?,
        ]);
        let parameters = self.model.parameters();
        let _guard = parameters.gradients(Gradients::Kept)?;
        let gradients = charge.loss.backward()?;
        optimiser::add_gradients(parameters, &gradients, &mut step.gradients)?;
        for (held, var) in step.passes.held.iter_mut().zip(&held) {
            if let Some(slope) = gradients.get(var) {
                held.slopes.resize(held.values.len(), 0.0);
                let sums = held.slopes.iter_mut().zip(flat_values(slope)?);
                sums.for_each(|(sum, slope)| *sum += slope);
            }
        }
        Ok(())
    }

    /// The units once more, with the gradient of -reconstruction and of what the charge makes of them.
    fn pull(&self, step: &mut UnderWay, coupling: Coupling, units: Range<usize>) -> Result<()> {
        let all = self.cut().units;
        let made = self.make(step, coupling, units.clone(), Extent::All)?;
        let mut pulled: Option<Tensor> = None;
        let mut add = |term: Tensor| -> Result<()> {
            pulled = Some(match pulled.take() {
                None => term,
                Some(sum) => (sum + term)?,
            });
            Ok(())
        };
        if let Some(own) = &made.reconstruction {
            let share = units.len() as f64 / all as f64;
            let own = own.affine(-share, 0.0)?;
            let loss = scalar(&own)?;
            step.add([loss, -loss, 0.0]);
            add(own)?;
        }
        for (held, tensor) in step.passes.held.iter().zip(&made.held) {
            if held.slopes.is_empty() {
                continue;
            }
            let places = places((held.slopes.len(), held.width), all, units.clone());
            let slopes: Vec<f32> = places
                .flat_map(|place| held.slopes[place].iter().copied())
                .collect();
            add((tensor * matrix(&slopes, held.width)?)?.sum_all()?)?;
        }
        let pulled = pulled.ok_or_else(|| Error::shape("a loss that no image takes part in"))?;
        let parameters = self.model.parameters();
        let _guard = parameters.gradients(Gradients::Kept)?;
        let gradients = pulled.backward()?;
        optimiser::add_gradients(parameters, &gradients, &mut step.gradients)
    }
}
