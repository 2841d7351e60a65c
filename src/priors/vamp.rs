//! The VampPrior (Tomczak & Welling 2018): the encoder's answers to images that are learned.

use candle_core::{Device, Tensor};

use super::MixturePrior;
use crate::data::Showing;
use crate::distributions::DiagonalGaussian;
use crate::nn::Parameters;
use crate::{PIXELS, Result};

/// Name of the parameter: the logits of the pseudo-inputs.
const NAME: &str = "prior.pseudo_inputs";
/// How far inside (0, 1) the pixels are kept that training starts from: their logits stay where the sigmoid has
/// a slope.
const MARGIN: f32 = 0.05;
/// Deviation of what is added to their logits, so that two equal rows part.
const NOISE: f32 = 0.1;

/// u_1, ..., u_M: p(z) = (1/M) sum_m q(z|u_m). Their pixels are sigmoids of the parameter, so that they lie in (0, 1)
/// and never lose their gradient for good, as clamped ones would.
#[derive(Clone, Debug)]
pub(crate) struct PseudoInputs {
    logits: Tensor,
}

impl PseudoInputs {
    /// Grey all over until [`PseudoInputs::initialise`] has seen data.
    pub(crate) fn new(parameters: &mut Parameters, components: usize) -> Result<Self> {
        let zeros = vec![0f32; components * PIXELS];
        let zeros = Tensor::from_vec(zeros, (components, PIXELS), &Device::Cpu)?;
        Ok(Self {
            logits: parameters.values_from(NAME, zeros)?.tensor,
        })
    }

    /// The images, `[M, 784]`.
    fn images(&self) -> Result<Tensor> {
        Ok(candle_nn::ops::sigmoid(&self.logits)?)
    }

    /// Starts from images of the data drawn at random; leaves trained ones alone.
    pub(crate) fn initialise(&self, parameters: &Parameters, data: &Showing<'_>) -> Result<()> {
        let mut rng = data.rng(NAME);
        let chosen: Vec<u32> = (0..self.logits.dim(0)?)
            .map(|_| rng.below(data.len()) as u32)
            .collect();
        let mut logits = data.rows(&chosen);
        for value in &mut logits {
            let pixel = value.clamp(MARGIN, 1.0 - MARGIN);
            *value = (pixel / (1.0 - pixel)).ln() + NOISE * rng.normal();
        }
        parameters.set_if_zero(NAME, logits)
    }

    /// p(z), given what the encoder answers to images: mean and log-variance, with their gradients.
    pub(crate) fn prior(
        &self,
        encode: impl FnOnce(&Tensor) -> Result<DiagonalGaussian>,
    ) -> Result<MixturePrior> {
        let components = encode(&self.images()?)?;
        let count = self.logits.dim(0)?;
        Ok(MixturePrior {
            weight_logits: Tensor::from_vec(vec![0f32; count], count, self.logits.device())?,
            components,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Rng;
    use crate::data::{Binarization, Dataset};
    use crate::distributions::bernoulli;
    use crate::math;
    use crate::models::{self, Model, ModelSpec};
    use crate::nn::gradient_check;
    use crate::objectives::{ElboOptions, Objective};
    use crate::priors::{Prior, properties};

    /// A model whose pseudo-inputs started from digits; then their digits.
    fn model(components: usize) -> (Box<dyn Model>, Dataset) {
        let spec = json!({"model": "vae", "prior": "vamp", "priorComponents": components,
            "hidden": [9], "activation": "tanh"});
        let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 3).unwrap();
        let data = Dataset::strokes(20, 1).unwrap();
        let rng = Rng::from_seed(2);
        let showing = Showing::new(&data, Binarization::Grey, &rng, 0);
        model.initialise(&showing).unwrap();
        (model, data)
    }

    fn values(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    fn pseudo_inputs(model: &dyn Model) -> Tensor {
        let logits = model.parameters().get(NAME).unwrap().as_tensor().clone();
        PseudoInputs { logits }.images().unwrap()
    }

    #[test]
    fn pseudo_inputs_start_from_different_digits_once() {
        let (model, data) = model(12);
        let start = values(&pseudo_inputs(model.as_ref()));
        let digits = data.images(0, data.len()).unwrap();
        for image in start.chunks(PIXELS) {
            assert!(image.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
            let distance = |digit: &[f32]| -> f32 {
                let pairs = image.iter().zip(digit);
                pairs.map(|(a, b)| (a - b).powi(2)).sum()
            };
            let nearest = digits.chunks(PIXELS).map(distance).fold(1e9, f32::min);
            // Each pixel is off by the margin and a little.
            assert!(nearest < 784.0 * 0.07f32.powi(2), "{nearest}");
        }
        let rng = Rng::from_seed(9);
        let showing = Showing::new(&data, Binarization::Grey, &rng, 7);
        model.initialise(&showing).unwrap();
        assert_eq!(values(&pseudo_inputs(model.as_ref())), start);
    }

    #[test]
    fn the_density_is_the_mean_of_the_encoders() {
        let (model, _) = model(12);
        let prior = model.prior().unwrap().unwrap();
        properties::integrates_to_one(prior.as_ref());
        let z = Rng::from_seed(4).normals(8 * 2);
        let rows = Tensor::from_slice(&z, (8, 2), &Device::Cpu).unwrap();
        let found = values(&prior.log_prob(&rows).unwrap());
        let of_inputs = model.encode(&pseudo_inputs(model.as_ref())).unwrap();
        for (z, found) in z.chunks(2).zip(found) {
            let z = Tensor::from_slice(&z.repeat(12), (12, 2), &Device::Cpu).unwrap();
            let terms = values(&of_inputs.moments().unwrap().log_prob(&z).unwrap());
            let terms: Vec<f64> = terms.into_iter().map(f64::from).collect();
            let wanted = math::logsumexp(&terms) - 12f64.ln();
            assert!((f64::from(found) - wanted).abs() < 1e-5, "{found} {wanted}");
        }
    }

    /// For chains, whose every step asks for a gradient: the same density, and no way back through the encoder.
    #[test]
    fn fixed_it_is_the_same_density_without_its_parameters() {
        let (model, _) = model(6);
        let prior = model.prior().unwrap().unwrap();
        let fixed = prior.mixture().unwrap().fixed();
        let z = Tensor::from_vec(Rng::from_seed(4).normals(8), (4, 2), &Device::Cpu).unwrap();
        let z = candle_core::Var::from_tensor(&z).unwrap();
        let gradients = |prior: &dyn Prior| {
            let density = prior.log_prob(&z).unwrap();
            let store = density.sum_all().unwrap().backward().unwrap();
            let of_inputs = model.parameters().get(NAME).unwrap().as_tensor().clone();
            let reached = store.get(&of_inputs).is_some();
            (values(&density), values(store.get(&z).unwrap()), reached)
        };
        let (density, slope, reached) = gradients(prior.as_ref());
        assert!(reached);
        assert_eq!(gradients(&fixed), (density, slope, false));
    }

    /// Of the divergence: the encoder's gradients come by x and by the pseudo-inputs.
    #[test]
    fn gradients_match_finite_differences() {
        let (model, _) = model(5);
        let mut rng = Rng::from_seed(5);
        let x = bernoulli::sample(&vec![0.3; 4 * PIXELS], &mut rng);
        let x = Tensor::from_vec(x, (4, PIXELS), &Device::Cpu).unwrap();
        let noise = Tensor::from_vec(rng.normals(8), (4, 2), &Device::Cpu).unwrap();
        let all = model.parameters().iter();
        // Nor by encoder.mean.bias, which moves posterior and prior alike.
        let reached =
            all.filter(|(name, _)| !name.starts_with("decoder") && *name != "encoder.mean.bias");
        gradient_check::along_gradients(reached, 5e-3, || {
            let options = ElboOptions::default();
            let bound = Objective::Elbo.sample(model.as_ref(), &x, None, &noise, options);
            bound.unwrap().kl
        });
    }
}
