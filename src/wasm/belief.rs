//! What a model knows about a partly known image, for JavaScript.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Model;
use super::convert::Record;
use super::failure::{JsResult, guard};
use super::grid::with_density;
use crate::Error;
use crate::models;
use crate::repair::belief::{self, Picture, Seen};

/// The posterior of a model of two latents while the pixels of an image become known.
#[wasm_bindgen]
pub struct Belief {
    model: Box<dyn models::Model>,
    belief: belief::Belief,
}

#[wasm_bindgen]
impl Belief {
    /// Decodes a grid over the whole plane of codes once.
    #[wasm_bindgen(constructor)]
    pub fn new(model: &Model) -> JsResult<Self> {
        guard()?;
        Ok(Self {
            belief: belief::Belief::new(model.inner.as_ref())?,
            model: models::duplicate(model.inner.as_ref())?,
        })
    }

    /// The posterior given what is known of 784 pixels: 0 for paper, 1 for ink, 2 for unknown.
    #[wasm_bindgen(unchecked_return_type = "BeliefPicture")]
    pub fn look(&mut self, seen: &[u8]) -> JsResult<JsValue> {
        guard()?;
        let seen: Result<Vec<Seen>, Error> = seen
            .iter()
            .map(|known| match known {
                0 => Ok(Seen::Paper),
                1 => Ok(Seen::Ink),
                2 => Ok(Seen::Unknown),
                other => Err(Error::argument(format!(
                    "what is known of a pixel is 0 for paper, 1 for ink or 2 for nothing; got {other}"
                ))),
            })
            .collect();
        Ok(record(self.belief.look(self.model.as_ref(), &seen?)?))
    }

    /// The same for the pixels of the last `look`, now integrated to the tolerance of exact values.
    #[wasm_bindgen(unchecked_return_type = "BeliefPicture")]
    pub fn settle(&mut self) -> JsResult<JsValue> {
        guard()?;
        Ok(record(self.belief.settle(self.model.as_ref())?))
    }
}

fn record(picture: Picture) -> JsValue {
    let latents: Vec<f32> = picture.modes.iter().flat_map(|mode| mode.z).collect();
    let probabilities: Vec<f32> = (picture.modes.iter())
        .map(|mode| mode.probability as f32)
        .collect();
    let record = Record::default()
        .with("logEvidence", picture.log_evidence)
        .with("tolerance", picture.tolerance)
        .floats("mean", &picture.mean)
        .floats("modes", &latents)
        .floats("probabilities", &probabilities)
        .floats("images", &picture.images);
    with_density(record, &picture.posterior).done()
}
