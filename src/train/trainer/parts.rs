//! A batch, whole or in parts: a long step is cut so that whoever drives the run can stop between two parts.

use std::ops::Range;

use candle_core::Tensor;

use super::cut::Cut;
use super::passes::Passes;
use super::{Tally, Trainer, bound_parts};
use crate::data::corruption;
use crate::models::{self, Model};
use crate::nn::fused::parallel;
use crate::nn::tensors::matrix;
use crate::nn::{Gradients, optimiser};
use crate::objectives::{Bound, ElboOptions, Images};
use crate::train::StepReport;
use crate::{PIXELS, Result};

/// All random choices of a step, made.
#[derive(Debug)]
pub(super) struct Batch {
    pub rows: usize,
    /// `[rows, 784]`.
    pub x: Tensor,
    /// What the encoder sees, if it is not x.
    seen: Option<Tensor>,
    labels: Option<Vec<Option<u8>>>,
    /// `[draws rows, K]`: all images' first draws, then their second ones; `[codes, K]` where all images share them.
    pub noise: Tensor,
}

impl Batch {
    /// Some images: what the encoder sees, and x.
    pub fn images(&self, part: Range<usize>) -> Result<[Tensor; 2]> {
        let some = |all: &Tensor| all.narrow(0, part.start, part.len());
        let x = some(&self.x)?;
        let seen = match &self.seen {
            Some(seen) => some(seen)?,
            None => x.clone(),
        };
        Ok([seen, x])
    }

    /// The noise of some images: their first draws, then their second ones.
    pub fn noise_of(&self, part: Range<usize>) -> Result<Tensor> {
        let draws = self.noise.dim(0)? / self.rows;
        let of_draw = |draw| {
            self.noise
                .narrow(0, draw * self.rows + part.start, part.len())
        };
        match draws {
            1 => Ok(of_draw(0)?),
            _ => {
                let all: candle_core::Result<Vec<Tensor>> = (0..draws).map(of_draw).collect();
                Ok(Tensor::cat(&all?, 0)?)
            }
        }
    }

    /// The share of images with a label in a part, divided by that in the whole batch: the loss takes the mean surprise over
    /// the images with a label, and the parts must add up to the mean over all of them.
    fn relative_share_of_labels(&self, part: Range<usize>) -> f64 {
        let Some(labels) = &self.labels else {
            return 1.0;
        };
        let known = |labels: &[Option<u8>]| labels.iter().flatten().count();
        match known(labels) {
            0 => 1.0,
            all => (known(&labels[part.clone()]) * self.rows) as f64 / (all * part.len()) as f64,
        }
    }
}

/// A step of which some images have been seen.
#[derive(Debug)]
pub(super) struct UnderWay {
    pub batch: Batch,
    /// Units whose gradients are in the sums.
    pub done: usize,
    /// In the order of names; empty where the loss did not reach.
    pub gradients: Vec<Vec<f32>>,
    /// Of loss, reconstruction and KL, each image with its share.
    sums: [f64; 3],
    /// Before the gradients, where images are held against each other.
    pub passes: Passes,
}

impl UnderWay {
    /// Adds a share of loss, reconstruction and KL.
    pub fn add(&mut self, share: [f64; 3]) {
        let sums = self.sums.iter_mut().zip(share);
        sums.for_each(|(sum, value)| *sum += value);
    }
}

impl Trainer {
    /// Goes on with the next step by at most some hundred million operations, and reports when it is done. The gradient
    /// of a step in parts is the sum of theirs, equal to that of [`Trainer::step`] except for rounding. A
    /// model that is fitted sees a block of its images in each.
    ///
    /// A run that is saved between two parts continues from the step's beginning.
    ///
    /// # Errors
    ///
    /// As [`Trainer::step`].
    pub fn advance(&mut self) -> Result<Option<StepReport>> {
        let cut = self.cut();
        if cut.is_whole() {
            return self.step(1).map(Some);
        }
        let _awake = parallel::awake();
        let rate = self.learning_rate();
        if self.capabilities.fitted {
            let Some(parts) = self.fit_part()? else {
                return Ok(None);
            };
            return self.taken(parts, rate).map(Some);
        }
        let mut step = match self.under_way.take() {
            Some(step) => step,
            None => UnderWay {
                batch: self.next_batch()?,
                done: 0,
                gradients: Vec::new(),
                sums: [0.0; 3],
                passes: Passes::default(),
            },
        };
        // A batch of a model that learns classes has images with a label besides.
        let units = match cut.coupling {
            None => step.batch.rows,
            Some(_) => cut.units,
        };
        if step.done < units {
            match cut.coupling {
                None => self.add_part(&mut step, cut.units_a_part)?,
                Some(coupling) => self.pass_part(&mut step, coupling)?,
            }
            self.under_way = Some(step);
            return Ok(None);
        }
        if step.sums.iter().all(|v| v.is_finite()) {
            let parameters = self.model.parameters();
            let number = self.position.step + 1;
            let rule = self.options.optimiser().at(rate, number);
            optimiser::update_by_sums(parameters, &step.gradients, &mut self.moments, rule)?;
        }
        self.advance_position();
        self.taken(step.sums, rate).map(Some)
    }

    /// The report of a step that was taken in parts.
    fn taken(&mut self, parts: [f64; 3], rate: f64) -> Result<StepReport> {
        let mut tally = Tally::default();
        self.settle(&mut tally, parts, rate)?;
        Ok(self.report(&tally))
    }

    fn add_part(&self, step: &mut UnderWay, images: usize) -> Result<()> {
        let rows = step.batch.rows;
        let part = step.done..rows.min(step.done + images);
        let share = part.len() as f64 / rows as f64;
        step.done = part.end;
        let bound = self.bound(&step.batch, part)?;
        step.add(bound_parts(&bound)?.map(|value| share * value));
        let parameters = self.model.parameters();
        let _guard = parameters.gradients(Gradients::Kept)?;
        let gradients = bound.loss.affine(share, 0.0)?.backward()?;
        optimiser::add_gradients(parameters, &gradients, &mut step.gradients)
    }

    /// These images as the step sees them.
    pub(super) fn batch(&self, indices: &[u32], step: u64) -> Result<Batch> {
        let (indices, labels) = self.told(indices, step);
        let rows = indices.len();
        let x = self
            .data
            .batch(&indices, self.binarization(), &self.rng, step);
        let objective = self.options.objective();
        let draws = objective.noise_rows(rows * self.options.draws());
        let mut noise = self.rng.split_index("noise", step);
        let latents = self.model.latents();
        let seen = match self.options.corruption() {
            0.0 => None,
            share => {
                let mut rng = self.rng.split_index("corruption", step);
                let seen = corruption::salt_and_pepper(&x, share, &mut rng);
                Some(matrix(&seen, PIXELS)?)
            }
        };
        Ok(Batch {
            rows,
            seen,
            x: matrix(&x, PIXELS)?,
            labels,
            noise: matrix(&noise.normals(draws * latents), latents)?,
        })
    }

    /// The parts of a step.
    pub(super) fn cut(&self) -> Cut {
        Cut::new(self.model(), &self.options, self.data.len())
    }

    /// The weights of the loss's terms at the present step.
    pub(super) fn elbo_options(&self) -> ElboOptions {
        self.options.elbo(self.position.step, self.data.len())
    }

    /// The model given the classes of some images, if it takes classes.
    pub(super) fn given(
        &self,
        batch: &Batch,
        part: Range<usize>,
    ) -> Result<Option<Box<dyn Model>>> {
        let labels = batch.labels.as_deref().map(|all| &all[part]);
        let y = labels.map(models::one_hot).transpose()?;
        y.map(|y| self.model.given(&y)).transpose()
    }

    /// The objective on a part of a batch.
    pub(super) fn bound(&self, batch: &Batch, part: Range<usize>) -> Result<Bound> {
        let labels = batch.labels.as_deref().map(|all| &all[part.clone()]);
        let y = labels.map(models::one_hot).transpose()?;
        let [seen, x] = batch.images(part.clone())?;
        let images = Images { seen: &seen, x: &x };
        let noise = if part.len() == batch.rows {
            batch.noise.clone()
        } else {
            batch.noise_of(part.clone())?
        };
        let mut options = self.elbo_options();
        options.class_weight *= batch.relative_share_of_labels(part);
        self.options
            .objective()
            .sample(self.model.as_ref(), images, y.as_ref(), &noise, options)
    }
}
