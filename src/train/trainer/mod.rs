//! A run of training: deterministic in (spec, seed, data), resumable at any step.

mod cut;
mod fitting;
mod parts;
mod passes;
mod recovery;
mod saved;
mod slopes;

use std::rc::Rc;

use candle_core::Tensor;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::data::{Binarization, Dataset, Showing};
use crate::models::{self, Capabilities, Model};
use crate::nn::Gradients;
use crate::nn::fused::parallel;
use crate::nn::optimiser::{self, Moments};
use crate::objectives::Bound;
use crate::train::labels::Labels;
use crate::train::memory::{self, Steps};
use crate::train::{StepReport, TrainOptions};
use crate::{Error, Result, Rng};
use fitting::Fitting;
use parts::{Batch, UnderWay};
use recovery::Snapshot;

pub(super) use cut::Cut;
pub use slopes::Slope;

/// How often an endless data set shows a digit before it makes way, on average: drawing one takes longer than showing
/// it, and so few times nobody learns it by heart.
const SHOWINGS: u64 = 8;
/// How many images the KL of a fitted model is measured on.
const KL_IMAGES: usize = 500;

/// Where a run stands, apart from weights and moments. Every random number is addressed by
/// (seed, step), so this is the whole state of the generator.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Position {
    step: u64,
    epoch: u64,
    /// Images of this epoch already shown.
    shown: usize,
    /// Size of the data set that `shown` counts in.
    dataset_size: usize,
}

/// What some steps came to.
#[derive(Debug, Default)]
struct Tally {
    /// Of loss, reconstruction and KL of the steps that were finite.
    sums: [f64; 3],
    finite: u32,
    images: u64,
    recovered: bool,
    /// The learning rate of the last one.
    rate: f64,
}

/// A model being trained.
#[derive(Debug)]
pub struct Trainer {
    model: Box<dyn Model>,
    data: Rc<Dataset>,
    options: TrainOptions,
    provenance: Option<Value>,
    capabilities: Capabilities,
    labels: Option<Labels>,
    rng: Rng,
    moments: Moments,
    position: Position,
    order: Vec<u32>,
    /// Renewals that an endless data set has behind it.
    renewals: u64,
    /// The step under way, if it is taken in parts.
    under_way: Option<UnderWay>,
    /// The step under way of a model that is fitted.
    fitting: Option<Fitting>,
    last_good: Snapshot,
    recoveries: u32,
}

impl Trainer {
    /// Starts a run on a copy of `model`. An untouched decoder first learns the mean of the data, unless the
    /// options say otherwise.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for an option away from its default that does nothing for the model;
    /// [`Error::Unsupported`] for an objective that does not fit the model, a model that was given a class, or a run that
    /// does not fit in the memory of this build even in parts; [`Error::Tensor`] if the model cannot be copied.
    pub fn new(model: &dyn Model, data: Rc<Dataset>, options: TrainOptions) -> Result<Self> {
        options.check_for(model.spec())?;
        Self::begin(model, data, options)
    }

    /// [`Trainer::new`], whatever the options do.
    pub(super) fn begin(
        model: &dyn Model,
        data: Rc<Dataset>,
        options: TrainOptions,
    ) -> Result<Self> {
        memory::check(model, &options, data.len(), Steps::InParts)?;
        if model.given_classes().is_some() {
            return Err(Error::Unsupported(
                "this model was given a class, and training shows images of all of them: train the model that it was \
                 made from"
                    .to_owned(),
            ));
        }
        let model = models::duplicate(model)?;
        let options = options.for_model(model.as_ref())?;
        let rng = training_rng(&options);
        let binarization = options.binarization(model.as_ref());
        let drawn = models::copy_of_output_bias(model.parameters())?;
        model.initialise(&Showing::new(&data, binarization, &rng, 0))?;
        if let (Some((bias, values)), false) = (drawn, options.starts_from_mean()) {
            bias.set(&values)?;
        }
        let position = Position {
            step: 0,
            epoch: 0,
            shown: 0,
            dataset_size: data.len(),
        };
        let moments = Moments::zeros(model.parameters());
        let run = Self::at(model, data, options, None, moments, position)?;
        if !run.capabilities.fitted {
            // An objective that does not fit the model is refused now, not at the first step.
            let two = run.batch(&run.order[..run.order.len().min(2)], 0)?;
            run.bound(&two, 0..two.rows)?;
        }
        Ok(run)
    }

    fn at(
        model: Box<dyn Model>,
        data: Rc<Dataset>,
        options: TrainOptions,
        provenance: Option<Value>,
        moments: Moments,
        mut position: Position,
    ) -> Result<Self> {
        let rng = training_rng(&options);
        if position.dataset_size != data.len() {
            // Another set of images: its order begins anew, with the next epoch.
            position.epoch += u64::from(position.step > 0);
            position.shown = 0;
            position.dataset_size = data.len();
        }
        let last_good = Snapshot::of(model.parameters(), &moments, position)?;
        let capabilities = model.capabilities();
        let labels = if capabilities.conditional {
            Some(Labels::new(&data, options.labelled(), &rng)?)
        } else {
            None
        };
        let mut run = Self {
            order: data.epoch_order(&rng, position.epoch),
            capabilities,
            labels,
            model,
            data,
            options,
            provenance,
            rng,
            moments,
            position,
            renewals: 0,
            under_way: None,
            fitting: None,
            last_good,
            recoveries: 0,
        };
        run.renew()?;
        Ok(run)
    }

    /// Brings an endless data set to the state that belongs to the present step. A model that is fitted to all images
    /// at once learns none by heart, and keeps its own.
    fn renew(&mut self) -> Result<()> {
        if !self.data.is_endless() || self.capabilities.fitted {
            return Ok(());
        }
        let due = self.position.step * self.batch_size() as u64 / SHOWINGS;
        let labels = self.labels.as_ref();
        let lasting = |place| labels.is_some_and(|labels| labels.is_chosen(place));
        Rc::make_mut(&mut self.data).renew(self.renewals, due, lasting)?;
        self.renewals = due;
        Ok(())
    }

    /// Takes `count` steps.
    ///
    /// When the loss stops being finite the run returns to its last good state, at most
    /// 50 steps back, halves the learning rate, and the report says so.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for no steps; [`Error::NonFinite`] when falling back does not help;
    /// [`Error::Unsupported`] for a batch that does not fit whole in the memory of this build.
    pub fn step(&mut self, count: usize) -> Result<StepReport> {
        if count == 0 {
            return Err(Error::argument("the number of steps must be at least 1"));
        }
        memory::check(self.model(), &self.options, self.data.len(), Steps::Whole)?;
        let _awake = parallel::awake();
        self.under_way = None;
        let mut tally = Tally::default();
        for _ in 0..count {
            let rate = self.learning_rate();
            let parts = if self.capabilities.fitted {
                self.fit_once()?
            } else {
                self.step_once()?
            };
            self.settle(&mut tally, parts, rate)?;
        }
        Ok(self.report(&tally))
    }

    fn report(&self, tally: &Tally) -> StepReport {
        let [loss, reconstruction, kl] = tally.sums.map(|sum| match tally.finite {
            0 => 0.0,
            n => sum / f64::from(n),
        });
        StepReport {
            step: self.position.step,
            epoch: self.position.epoch as f64 + self.position.shown as f64 / self.data.len() as f64,
            loss,
            elbo: reconstruction - kl,
            reconstruction,
            kl,
            learning_rate: tally.rate,
            images: tally.images,
            recovered: tally.recovered,
        }
    }

    /// The model as it is now.
    pub fn model(&self) -> &dyn Model {
        self.model.as_ref()
    }

    /// The options of the run, with the learning rate as last set.
    pub fn options(&self) -> &TrainOptions {
        &self.options
    }

    /// How this run shows pixels.
    pub fn binarization(&self) -> Binarization {
        self.options.binarization(self.model())
    }

    /// Steps done since the run began.
    pub fn steps(&self) -> u64 {
        self.position.step
    }

    /// Steps that show every image once.
    pub fn steps_per_epoch(&self) -> u64 {
        (self.data.len() / self.batch_size()) as u64
    }

    /// Floating-point operations of a step for each image: a weight takes part in three products (its
    /// layer, and the gradients towards its input and itself), a multiplication and an addition each, once
    /// for every draw of z if it is the decoder's. What a prior costs is not counted, nor what is fitted.
    pub fn flops_per_image(&self) -> f64 {
        cut::flops_per_image(self.model(), &self.options)
    }

    /// Changes the learning rate from the next step on; nothing is reset.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] outside the option's range, and for a model that is fitted without steps.
    pub fn set_learning_rate(&mut self, rate: f64) -> Result<()> {
        let mut changed = self.options.clone();
        changed.set_learning_rate(rate)?;
        changed.check_for(self.model.spec())?;
        self.options = changed;
        Ok(())
    }

    /// What the run is made from, as its provenance says it: data by name, seed, steps and options.
    pub fn origin(&self) -> Value {
        json!({
            "data": self.data.name(), "seed": self.options.seed(),
            "steps": self.steps(), "options": self.options.to_json(),
        })
    }

    /// Where the weights come from, as last noted.
    pub fn provenance(&self) -> Option<&Value> {
        self.provenance.as_ref()
    }

    /// Notes where the weights come from; kept in the checkpoint until further steps make it untrue.
    pub fn set_provenance(&mut self, provenance: Value) {
        self.provenance = Some(provenance);
    }

    /// All images, for a model that is fitted to all of them at once.
    fn batch_size(&self) -> usize {
        if self.capabilities.fitted {
            return self.data.len();
        }
        self.options.batch_size().min(self.data.len())
    }

    fn learning_rate(&self) -> f64 {
        self.options.learning_rate(self.position.step)
    }

    /// One step; loss, reconstruction and KL of its batch before the step.
    fn step_once(&mut self) -> Result<[f64; 3]> {
        let batch = self.next_batch()?;
        let bound = self.bound(&batch, 0..batch.rows)?;
        let parts = bound_parts(&bound)?;
        let step = self.position.step;
        if parts.iter().all(|v| v.is_finite()) {
            let _guard = self.model.parameters().gradients(Gradients::Kept)?;
            let gradients = bound.loss.backward()?;
            let rate = self.options.learning_rate(step);
            let rule = self.options.optimiser().at(rate, step + 1);
            optimiser::update(self.model.parameters(), &gradients, &mut self.moments, rule)?;
        }
        self.advance_position();
        Ok(parts)
    }

    /// The images of the present step, in a new order where an epoch begins.
    fn next_batch(&mut self) -> Result<Batch> {
        self.renew()?;
        let batch = self.batch_size();
        if self.position.shown + batch > self.data.len() {
            self.position.epoch += 1;
            self.position.shown = 0;
            self.order = self.data.epoch_order(&self.rng, self.position.epoch);
        }
        let shown = self.position.shown;
        self.batch(&self.order[shown..shown + batch], self.position.step)
    }

    fn advance_position(&mut self) {
        self.position.step += 1;
        self.position.shown += self.batch_size();
    }

    /// The images of a step and, for a model that takes classes, the labels that it is given for them.
    fn told(&self, indices: &[u32], step: u64) -> (Vec<u32>, Option<Vec<Option<u8>>>) {
        let Some(labels) = &self.labels else {
            return (indices.to_vec(), None);
        };
        let mut rng = self.rng.split_index("told", step);
        if self.capabilities.classifies {
            let told = labels.with_known(indices, &mut rng);
            return (told.indices, Some(told.labels));
        }
        let labels = labels.hide_some(indices, self.options.label_dropout(), &mut rng);
        (indices.to_vec(), Some(labels))
    }
}

/// Loss, reconstruction and KL as numbers.
fn bound_parts(bound: &Bound) -> Result<[f64; 3]> {
    Ok([
        scalar(&bound.loss)?,
        scalar(&bound.reconstruction)?,
        scalar(&bound.kl)?,
    ])
}

fn scalar(tensor: &Tensor) -> Result<f64> {
    Ok(f64::from(tensor.to_scalar::<f32>()?))
}

fn training_rng(options: &TrainOptions) -> Rng {
    Rng::from_seed(options.seed()).split("training")
}
