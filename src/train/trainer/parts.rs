//! A batch, whole or in parts: a long step is cut so that whoever drives the run can stop between two parts.

use std::ops::Range;

use candle_core::{Device, Tensor};

use super::{Tally, Trainer, bound_parts};
use crate::data::CLASSES;
use crate::models::{self, Model};
use crate::nn::fused::parallel;
use crate::nn::{Gradients, optimiser};
use crate::objectives::exact::CODES;
use crate::objectives::{Bound, Objective};
use crate::train::{StepReport, TrainOptions};
use crate::{PIXELS, Result};

/// Floating-point operations of one part: some 25 ms in a browser.
const PART_FLOPS: f64 = 5e8;

/// All random choices of a step, made.
#[derive(Debug)]
pub(super) struct Batch {
    pub rows: usize,
    /// `[rows, 784]`.
    x: Vec<f32>,
    labels: Option<Vec<Option<u8>>>,
    /// `[draws rows, K]`: all images' first draws, then their second ones.
    noise: Vec<f32>,
}

impl Batch {
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
    batch: Batch,
    done: usize,
    /// In the order of names; empty where the loss did not reach.
    gradients: Vec<Vec<f32>>,
    /// Of loss, reconstruction and KL, each image with its share.
    sums: [f64; 3],
}

impl Trainer {
    /// Goes on with the next step by at most some hundred million operations, and reports when it is done. The gradient
    /// of a step in parts is the sum of theirs, equal to that of [`Trainer::step`] except for rounding. A step has only one
    /// part where its loss is no mean over the images: with the Wasserstein objective, total correlation and free bits.
    ///
    /// A run that is saved between two parts continues from the step's beginning.
    ///
    /// # Errors
    ///
    /// As [`Trainer::step`].
    pub fn advance(&mut self) -> Result<Option<StepReport>> {
        let part = images_a_part(self.model(), &self.options, self.data.len());
        if part >= self.batch_size() {
            return self.step(1).map(Some);
        }
        let _awake = parallel::awake();
        let mut step = match self.under_way.take() {
            Some(step) => step,
            None => UnderWay {
                batch: self.next_batch()?,
                done: 0,
                gradients: Vec::new(),
                sums: [0.0; 3],
            },
        };
        if step.done < step.batch.rows {
            self.add_part(&mut step, part)?;
            self.under_way = Some(step);
            return Ok(None);
        }
        let rate = self.learning_rate();
        if step.sums.iter().all(|v| v.is_finite()) {
            let parameters = self.model.parameters();
            let number = self.position.step + 1;
            let rule = self.options.optimiser().at(rate, number);
            optimiser::update_by_sums(parameters, &step.gradients, &mut self.moments, rule)?;
        }
        self.advance_position();
        let mut tally = Tally::default();
        self.settle(&mut tally, step.sums, rate)?;
        Ok(Some(self.report(&tally)))
    }

    fn add_part(&self, step: &mut UnderWay, images: usize) -> Result<()> {
        let rows = step.batch.rows;
        let part = step.done..rows.min(step.done + images);
        let share = part.len() as f64 / rows as f64;
        step.done = part.end;
        let bound = self.bound(&step.batch, part)?;
        let parts = bound_parts(&bound)?;
        let sums = step.sums.iter_mut().zip(parts);
        sums.for_each(|(sum, value)| *sum += share * value);
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
        Ok(Batch {
            rows,
            x,
            labels,
            noise: noise.normals(draws * self.model.latents()),
        })
    }

    /// The objective on a part of a batch.
    pub(super) fn bound(&self, batch: &Batch, part: Range<usize>) -> Result<Bound> {
        let latents = self.model.latents();
        let rows = part.len();
        let x = batch.x[part.start * PIXELS..part.end * PIXELS].to_vec();
        let x = Tensor::from_vec(x, (rows, PIXELS), &Device::Cpu)?;
        let labels = batch.labels.as_deref().map(|all| &all[part.clone()]);
        let y = labels.map(models::one_hot).transpose()?;
        let noise: Vec<f32> = if rows == batch.rows {
            batch.noise.clone()
        } else {
            let of_draw = batch.noise.chunks_exact((batch.rows * latents).max(1));
            of_draw
                .flat_map(|draw| &draw[part.start * latents..part.end * latents])
                .copied()
                .collect()
        };
        let noise = Tensor::from_vec(noise, ((), latents), &Device::Cpu)?;
        let mut options = self.options.elbo(self.position.step, self.data.len());
        options.class_weight *= batch.relative_share_of_labels(part);
        self.options
            .objective()
            .sample(self.model.as_ref(), &x, y.as_ref(), &noise, options)
    }
}

/// Floating-point operations of a step for each image; see [`Trainer::flops_per_image`].
pub(super) fn flops_per_image(model: &dyn Model, options: &TrainOptions) -> f64 {
    let draws = match options.objective() {
        // All images share the codes.
        Objective::Exact => CODES as f64 / options.batch_size() as f64,
        _ => options.draws() as f64,
    };
    let matrices = model.parameters().iter();
    let weights = matrices.filter(|(name, var)| var.rank() == 2 && !name.starts_with("prior."));
    6.0 * weights
        .map(|(name, var)| {
            let times = if name.starts_with("decoder.") {
                draws
            } else {
                1.0
            };
            times * var.elem_count() as f64
        })
        .sum::<f64>()
}

/// How many images make one part of a step, in a run on `images` images; the whole batch where it cannot be cut. It depends
/// on the options alone, not on the clock, so that a run repeats bit for bit.
pub(in crate::train) fn images_a_part(
    model: &dyn Model,
    options: &TrainOptions,
    images: usize,
) -> usize {
    let capabilities = model.capabilities();
    if capabilities.fitted {
        return images;
    }
    let batch = options.batch_size().min(images);
    let separable = options
        .objective()
        .is_mean_over_images(options.elbo(0, images));
    if !separable {
        return batch;
    }
    // An image of unknown class goes through the networks once for each class.
    let passes = if capabilities.classifies { CLASSES } else { 1 };
    let flops = flops_per_image(model, options) * passes as f64;
    let most = (PART_FLOPS / flops).max(1.0);
    let parts = (batch as f64 / most).ceil().max(1.0) as usize;
    batch.div_ceil(parts)
}
