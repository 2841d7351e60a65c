//! A training run, for JavaScript.

use js_sys::Reflect;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use super::convert::{Record, bound_record, count, options, plain};
use super::failure::{JsResult, guard};
use super::{Dataset, Model};
use crate::estimators::bound;
use crate::models;
use crate::train::{self, StepReport, TrainOptions};

/// A model being trained on a data set.
#[wasm_bindgen]
pub struct Trainer {
    inner: train::Trainer,
    /// The time that the parts of the present step have taken so far.
    milliseconds: f64,
}

#[wasm_bindgen]
impl Trainer {
    /// Starts a run on a copy of the model; the model itself is not changed.
    #[wasm_bindgen(constructor)]
    pub fn new(
        model: &Model,
        dataset: &Dataset,
        #[wasm_bindgen(js_name = options, unchecked_param_type = "TrainOptions")] given: JsValue,
    ) -> JsResult<Self> {
        guard()?;
        let given: serde_json::Value = options("the training options", given)?;
        let given = TrainOptions::from_json(&given)?;
        let data = dataset.inner.clone();
        Ok(Self {
            inner: train::Trainer::new(model.inner.as_ref(), data, given)?,
            milliseconds: 0.0,
        })
    }

    /// Continues a saved run.
    pub fn resume(bytes: &[u8], dataset: &Dataset) -> JsResult<Self> {
        guard()?;
        Ok(Self {
            inner: train::Trainer::resume(bytes, dataset.inner.clone())?,
            milliseconds: 0.0,
        })
    }

    /// Takes n steps.
    #[wasm_bindgen(unchecked_return_type = "StepReport")]
    pub fn step(&mut self, n: f64) -> JsResult<JsValue> {
        guard()?;
        let n = count("the number of steps", n)?;
        let start = milliseconds();
        let report = self.inner.step(n)?;
        Ok(described(&report, milliseconds() - start))
    }

    /// Goes on with the present step for some tens of milliseconds; returns the report when the step is done.
    #[wasm_bindgen(unchecked_return_type = "StepReport | undefined")]
    pub fn advance(&mut self) -> JsResult<JsValue> {
        guard()?;
        let start = milliseconds();
        let report = self.inner.advance()?;
        self.milliseconds += milliseconds() - start;
        Ok(report.map_or(JsValue::UNDEFINED, |report| {
            described(&report, std::mem::take(&mut self.milliseconds))
        }))
    }

    /// A copy of the model as it is now.
    pub fn model(&self) -> JsResult<Model> {
        guard()?;
        Ok(Model {
            inner: models::duplicate(self.inner.model())?,
            provenance: self.inner.provenance().cloned(),
        })
    }

    /// The whole run as bytes that `Trainer.resume` and `Model.load` read.
    pub fn save(&self) -> JsResult<Vec<u8>> {
        guard()?;
        Ok(self.inner.save()?)
    }

    /// Changes the learning rate from the next step on; nothing is reset.
    #[wasm_bindgen(js_name = setLearningRate)]
    pub fn set_learning_rate(&mut self, rate: f64) -> JsResult<()> {
        guard()?;
        Ok(self.inner.set_learning_rate(rate)?)
    }

    /// Every option, with the learning rate as last set.
    #[wasm_bindgen(unchecked_return_type = "Required<TrainOptions>")]
    pub fn options(&self) -> JsResult<JsValue> {
        guard()?;
        plain(&self.inner.options().to_json())
    }

    /// The gradient of one batch held against differences of its loss, for the weights and the biases of each layer; the run
    /// stays as it was.
    #[wasm_bindgen(unchecked_return_type = "Slope[]")]
    pub fn slopes(&self) -> JsResult<JsValue> {
        guard()?;
        plain(&self.inner.slopes()?)
    }

    /// Steps done since the run began.
    #[wasm_bindgen(getter)]
    pub fn steps(&self) -> f64 {
        self.inner.steps() as f64
    }

    /// Floating-point operations of a step for each image: 6 for every weight of a layer, two in each
    /// of the three products with it.
    #[wasm_bindgen(getter, js_name = flopsPerImage)]
    pub fn flops_per_image(&self) -> f64 {
        self.inner.flops_per_image()
    }

    /// The bound on the first n images of a data set, with the same noise each time.
    #[wasm_bindgen(unchecked_return_type = "Elbo")]
    pub fn evaluate(&self, dataset: &Dataset, n: f64) -> JsResult<JsValue> {
        guard()?;
        let n = count("the number of images", n)?.min(dataset.inner.len());
        let binarization = self.inner.binarization();
        let bound = bound::held_out(self.inner.model(), &dataset.inner, n, binarization)?;
        Ok(bound_record(&bound))
    }
}

/// A report as a JavaScript object; `milliseconds` is the time that its images took.
fn described(report: &StepReport, milliseconds: f64) -> JsValue {
    let rate = if milliseconds > 0.0 {
        1000.0 * report.images as f64 / milliseconds
    } else {
        0.0
    };
    Record::default()
        .with("step", report.step as f64)
        .with("epoch", report.epoch)
        .with("loss", report.loss)
        .with("elbo", report.elbo)
        .with("reconstruction", report.reconstruction)
        .with("kl", report.kl)
        .with("learningRate", report.learning_rate)
        .with("images", report.images as f64)
        .with("imagesPerSecond", rate)
        .with("recovered", report.recovered)
        .done()
}

/// A monotonic clock where there is one (pages and workers); 0 elsewhere.
fn milliseconds() -> f64 {
    Reflect::get(&js_sys::global(), &"performance".into())
        .ok()
        .and_then(|value| value.dyn_into::<web_sys::Performance>().ok())
        .map_or(0.0, |performance| performance.now())
}
