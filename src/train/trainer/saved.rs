//! A run as bytes, and back.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Position, Trainer};
use crate::checkpoint::{self, Contents, OPTIMIZER_PREFIX, Precision, TRAINER_KEY};
use crate::data::Dataset;
use crate::nn::optimiser::Moments;
use crate::train::TrainOptions;
use crate::train::memory::{self, Steps};
use crate::{Error, Result};

#[derive(Serialize, Deserialize)]
struct SavedRun {
    options: Value,
    position: Position,
}

impl Trainer {
    /// The whole run as bytes: weights, moments, options and position. Its provenance is what was noted, or
    /// [`Trainer::origin`].
    ///
    /// # Errors
    ///
    /// [`Error::NonFinite`] when a number is not finite.
    pub fn save(&self) -> Result<Vec<u8>> {
        let is_stale = |noted: &Value| {
            noted
                .get("steps")
                .is_some_and(|steps| *steps != self.steps())
        };
        let noted = self.provenance.clone().filter(|noted| !is_stale(noted));
        let provenance = noted.unwrap_or_else(|| self.origin());
        let mut contents = checkpoint::model_contents(self.model.as_ref(), Some(&provenance))?;
        let names = self.model.parameters().iter();
        for (((name, var), first), second) in
            names.zip(&self.moments.first).zip(&self.moments.second)
        {
            for (moment, values) in [("first", first), ("second", second)] {
                let name = format!("{OPTIMIZER_PREFIX}{moment}.{name}");
                contents
                    .tensors
                    .insert(name, (var.dims().to_vec(), values.clone()));
            }
        }
        let state = SavedRun {
            options: self.options.to_json(),
            position: self.position,
        };
        let state = serde_json::to_value(state).map_err(Error::checkpoint)?;
        contents.metadata.insert(TRAINER_KEY.to_owned(), state);
        contents.to_bytes(Precision::Full)
    }

    /// Continues a saved run exactly where it stood, if `data` is the data it ran on.
    ///
    /// # Errors
    ///
    /// [`Error::Checkpoint`] when the bytes are no trainer's checkpoint; [`Error::Unsupported`] for a run that does not
    /// fit in the memory of this build.
    pub fn resume(bytes: &[u8], data: Rc<Dataset>) -> Result<Self> {
        let contents = Contents::from_bytes(bytes)?;
        let loaded = checkpoint::from_contents(&contents)?;
        let state = contents.metadata.get(TRAINER_KEY).ok_or_else(|| {
            Error::checkpoint("this checkpoint holds a model but no training run to resume")
        })?;
        let state = SavedRun::deserialize(state)
            .map_err(|cause| Error::checkpoint(format!("the training run is damaged: {cause}")))?;
        let options = TrainOptions::restore(&state.options, loaded.model.spec())
            .map_err(|cause| Error::checkpoint(format!("the training run is damaged: {cause}")))?;
        if state.position.shown > state.position.dataset_size {
            return Err(Error::checkpoint(
                "the training run is damaged: its position leaves its data",
            ));
        }
        let mut moments = Moments::default();
        for (name, var) in loaded.model.parameters().iter() {
            let moment = |kind: &str| {
                let name = format!("{OPTIMIZER_PREFIX}{kind}.{name}");
                Ok::<_, Error>(contents.tensor(&name, var.dims())?.to_vec())
            };
            moments.first.push(moment("first")?);
            let second = moment("second")?;
            if second.iter().any(|v| *v < 0.0) {
                return Err(Error::checkpoint(
                    "the training run is damaged: a negative second moment",
                ));
            }
            moments.second.push(second);
        }
        let model = loaded.model.as_ref();
        memory::check(model, &options, data.len(), Steps::InParts)?;
        Self::at(
            loaded.model,
            data,
            options,
            loaded.provenance,
            moments,
            state.position,
        )
    }
}
