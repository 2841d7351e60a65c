//! A model, for JavaScript.

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::{Record, bound_record, count, options, plain, seed};
use super::failure::{JsResult, guard};
use crate::Error;
use crate::checkpoint::{self, Precision};
use crate::estimators::{self, Estimate, Estimator, bound, classes, estimates};
use crate::latent::{Path, interpolate};
use crate::models::{self, ModelSpec, inference, one_hot};
use crate::priors::Kind;

/// A latent variable model: encoder, decoder and prior.
#[wasm_bindgen]
pub struct Model {
    pub(super) inner: Box<dyn models::Model>,
    pub(super) provenance: Option<serde_json::Value>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct SampleOptions {
    seed: f64,
    #[serde(default = "unit")]
    temperature: f64,
    label: Option<u8>,
}

fn unit() -> f64 {
    1.0
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct ElboOptions {
    seed: f64,
    samples: f64,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct LogLikelihoodOptions {
    estimator: String,
    samples: Option<f64>,
    #[serde(default)]
    seed: f64,
}

#[wasm_bindgen]
impl Model {
    /// An untrained model: the same spec and seed give the same weights.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "ModelSpec")] spec: JsValue,
        #[wasm_bindgen(js_name = seed)] initial_seed: f64,
    ) -> JsResult<Self> {
        guard()?;
        let spec: serde_json::Value = options("the model's options", spec)?;
        Ok(Self {
            inner: models::build(&ModelSpec::from_json(&spec)?, seed(initial_seed)?)?,
            provenance: None,
        })
    }

    /// The model in these safetensors bytes.
    pub fn load(bytes: &[u8]) -> JsResult<Self> {
        guard()?;
        let loaded = checkpoint::load(bytes)?;
        Ok(Self {
            inner: loaded.model,
            provenance: loaded.provenance,
        })
    }

    /// Safetensors bytes that `Model.load` reads.
    pub fn save(&self) -> JsResult<Vec<u8>> {
        guard()?;
        let provenance = self.provenance.as_ref();
        Ok(checkpoint::save(
            self.inner.as_ref(),
            provenance,
            Precision::Full,
        )?)
    }

    /// What the model was built from.
    #[wasm_bindgen(unchecked_return_type = "ModelSpec")]
    pub fn spec(&self) -> JsResult<JsValue> {
        guard()?;
        plain(&self.inner.spec().to_json())
    }

    /// What this model can be asked for. An option, or a class that was given, may change what its family says.
    #[wasm_bindgen(unchecked_return_type = "Capabilities")]
    pub fn capabilities(&self) -> JsResult<JsValue> {
        guard()?;
        plain(&self.inner.capabilities())
    }

    /// K, the number of latents.
    #[wasm_bindgen(getter)]
    pub fn latents(&self) -> usize {
        self.inner.latents()
    }

    /// Where the weights come from, or null.
    #[wasm_bindgen(unchecked_return_type = "Record<string, unknown> | null")]
    pub fn provenance(&self) -> JsResult<JsValue> {
        guard()?;
        match &self.provenance {
            Some(provenance) => plain(provenance),
            None => Ok(JsValue::NULL),
        }
    }

    /// Whether p(x|z) is of black and white pixels: `decode` then gives their probabilities, otherwise the means of grey
    /// pixels.
    #[wasm_bindgen(getter, js_name = binaryPixels)]
    pub fn binary_pixels(&self) -> bool {
        self.inner.likelihood().is_binary()
    }

    /// What p(z) is.
    #[wasm_bindgen(js_name = priorKind, unchecked_return_type = "PriorKind")]
    pub fn prior_kind(&self) -> JsResult<String> {
        guard()?;
        let name = match self.inner.prior()?.map(|prior| prior.kind()) {
            None => "none",
            Some(Kind::UnitNormal) => "unit-normal",
            Some(Kind::Uniform) => "uniform",
            Some(Kind::Continuous) => "learned-density",
            Some(Kind::Discrete) => "learned-distribution",
        };
        Ok(name.to_owned())
    }

    /// What kind of distribution q(z|x) is. Only if it is "diagonal" is it described completely by mean and deviation.
    #[wasm_bindgen(js_name = approximatePosterior, unchecked_return_type = "ApproximatePosterior")]
    pub fn approximate_posterior(&self) -> JsResult<String> {
        guard()?;
        let kind = inference::posterior_kind(self.inner.as_ref())?;
        Ok(kind.name().to_owned())
    }

    /// Draws of z ~ q(z|x) of one image, count×K.
    #[wasm_bindgen(js_name = drawCodes)]
    pub fn draw_codes(
        &self,
        pixels: &[f32],
        #[wasm_bindgen(js_name = count)] draws: f64,
        #[wasm_bindgen(js_name = seed)] draw_seed: f64,
    ) -> JsResult<Vec<f32>> {
        guard()?;
        let draws = count("the number of draws", draws)?;
        let model = self.inner.as_ref();
        Ok(inference::draw_codes(
            model,
            pixels,
            draws,
            seed(draw_seed)?,
        )?)
    }

    /// log p(z) of n codes, nats.
    #[wasm_bindgen(js_name = logPrior)]
    pub fn log_prior(&self, latents: &[f32]) -> JsResult<Vec<f32>> {
        guard()?;
        Ok(inference::log_prior(self.inner.as_ref(), latents)?)
    }

    /// q(z|x) of n images.
    #[wasm_bindgen(unchecked_return_type = "Codes")]
    pub fn encode(&self, pixels: &[f32]) -> JsResult<JsValue> {
        guard()?;
        let codes = inference::encode(self.inner.as_ref(), pixels)?;
        Ok(Record::default()
            .floats("mean", &codes.mean)
            .floats("logVar", &codes.log_var)
            .done())
    }

    /// Pixel probabilities of n codes, n×784.
    pub fn decode(&self, latents: &[f32]) -> JsResult<Vec<f32>> {
        guard()?;
        Ok(inference::decode(self.inner.as_ref(), latents)?)
    }

    /// Ancestral samples: z from the prior, then pixels.
    #[wasm_bindgen(unchecked_return_type = "LabelledSamples")]
    pub fn sample(
        &self,
        n: f64,
        #[wasm_bindgen(js_name = options, unchecked_param_type = "SampleOptions")] given: JsValue,
    ) -> JsResult<JsValue> {
        guard()?;
        let given: SampleOptions = options("the sample options", given)?;
        let of_class = match given.label {
            None => None,
            Some(_) => Some(self.inner.given(&one_hot(&[given.label])?)?),
        };
        let samples = inference::sample(
            of_class.as_deref().unwrap_or(self.inner.as_ref()),
            count("the number of samples", n)?,
            given.temperature,
            seed(given.seed)?,
        )?;
        Ok(Record::default()
            .floats("latents", &samples.latents)
            .floats("probabilities", &samples.probabilities)
            .floats("pixels", &samples.pixels)
            .bytes("labels", &samples.labels)
            .done())
    }

    /// The model of images of this class, for a family that is `conditional`: in its `encode`, `decode`, `elbo` and
    /// `logLikelihood` the class is known.
    pub fn given(&self, label: u8) -> JsResult<Self> {
        guard()?;
        Ok(Self {
            inner: self.inner.given(&one_hot(&[Some(label)])?)?,
            provenance: self.provenance.clone(),
        })
    }

    /// p(y|x) of n images, n×10: from the classifier of a family that `classifies`; for one that is `conditional`, from how
    /// well each class explains the image.
    pub fn classify(&self, pixels: &[f32]) -> JsResult<Vec<f32>> {
        guard()?;
        let found = classes::class_probabilities(self.inner.as_ref(), pixels)?;
        Ok(found.ok_or_else(|| {
            Error::Unsupported("this model does not tell the class of an image".to_owned())
        })?)
    }

    /// `steps` codes from a to b, both included, and the decoded images.
    #[wasm_bindgen(unchecked_return_type = "Interpolation")]
    pub fn interpolate(
        &self,
        a: &[f32],
        b: &[f32],
        steps: f64,
        #[wasm_bindgen(unchecked_param_type = "Path")] path: &str,
    ) -> JsResult<JsValue> {
        guard()?;
        let steps = count("the number of steps", steps)?;
        let model = self.inner.as_ref();
        let latents = interpolate(model, a, b, steps, Path::parse(path)?)?;
        Ok(Record::default()
            .floats("probabilities", &inference::decode(model, &latents)?)
            .floats("latents", &latents)
            .done())
    }

    /// The evidence lower bound, mean over n images, nats.
    #[wasm_bindgen(unchecked_return_type = "Elbo")]
    pub fn elbo(
        &self,
        pixels: &[f32],
        #[wasm_bindgen(js_name = options, unchecked_param_type = "ElboOptions")] given: JsValue,
    ) -> JsResult<JsValue> {
        guard()?;
        let given: ElboOptions = options("the bound's options", given)?;
        let samples = count("samples", given.samples)?;
        let bound = bound::elbo(self.inner.as_ref(), pixels, samples, seed(given.seed)?)?;
        Ok(bound_record(&bound))
    }

    /// log p(x), mean over n images, nats.
    #[wasm_bindgen(js_name = logLikelihood, unchecked_return_type = "LogLikelihood")]
    pub fn log_likelihood(
        &self,
        pixels: &[f32],
        #[wasm_bindgen(js_name = options, unchecked_param_type = "LogLikelihoodOptions")]
        given: JsValue,
    ) -> JsResult<JsValue> {
        guard()?;
        let images = estimates(self.inner.as_ref(), pixels, Self::way(given)?)?;
        Ok(log_likelihood_record(&Estimate::mean_of(&images)))
    }

    /// log p(x) of each of n images, nats.
    #[wasm_bindgen(js_name = logLikelihoods)]
    pub fn log_likelihoods(
        &self,
        pixels: &[f32],
        #[wasm_bindgen(js_name = options, unchecked_param_type = "LogLikelihoodOptions")]
        given: JsValue,
    ) -> JsResult<Vec<f64>> {
        guard()?;
        let images = estimates(self.inner.as_ref(), pixels, Self::way(given)?)?;
        Ok(images
            .into_iter()
            .map(|image| image.log_likelihood)
            .collect())
    }

    /// The estimators of log p(x) that this model has, the best first; none where it has no p(x).
    #[wasm_bindgen(unchecked_return_type = "Estimator[]")]
    pub fn estimators(&self) -> JsResult<Vec<String>> {
        guard()?;
        let found = Estimator::of(self.inner.as_ref())?;
        Ok(found.into_iter().map(|way| way.name().to_owned()).collect())
    }
}

/// An estimate as a JavaScript object, as `logLikelihood` returns it.
pub(super) fn log_likelihood_record(found: &Estimate) -> JsValue {
    Record::default()
        .with("logLikelihood", found.log_likelihood)
        .with("standardError", found.standard_error)
        .with("effectiveSamples", found.effective_samples)
        .with("tolerance", found.tolerance)
        .with("decoderEvaluations", found.decoder_evaluations as f64)
        .done()
}

impl Model {
    /// The estimator that the options name, with their number of draws or the usual one.
    fn way(given: JsValue) -> JsResult<estimators::Options> {
        let given: LogLikelihoodOptions = options("the estimator's options", given)?;
        let estimator = Estimator::parse(&given.estimator)?;
        let usual = estimators::Options::usual(estimator, seed(given.seed)?);
        Ok(match given.samples {
            Some(samples) => estimators::Options {
                draws: count("samples", samples)?,
                ..usual
            },
            None => usual,
        })
    }
}
