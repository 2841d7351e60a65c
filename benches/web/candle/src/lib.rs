//! The benchmark's baseline: a VAE as one would write it with candle's own layers, gradients and AdamW.

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::{AdamW, Init, Linear, Module, Optimizer, ParamsAdamW, VarBuilder, VarMap, ops};
use wasm_bindgen::prelude::*;

const PIXELS: usize = 784;
const LEARNING_RATE: f64 = 1e-3;

#[wasm_bindgen]
pub struct Vae {
    hidden: Linear,
    mean: Linear,
    log_var: Linear,
    decoder_hidden: Linear,
    logits: Linear,
    optimizer: AdamW,
    batches: Vec<Tensor>,
    steps: usize,
}

#[wasm_bindgen]
impl Vae {
    /// `logit_bias` is what the bias of the last layer starts from.
    #[wasm_bindgen(constructor)]
    pub fn new(
        hidden: usize,
        latents: usize,
        logit_bias: &[f32],
    ) -> std::result::Result<Vae, JsError> {
        Ok(Self::build(hidden, latents, logit_bias)?)
    }

    /// Keeps one more batch of n×784 pixels to train on.
    #[wasm_bindgen(js_name = addBatch)]
    pub fn add_batch(&mut self, pixels: &[f32]) -> std::result::Result<(), JsError> {
        self.batches.push(images(pixels)?);
        Ok(())
    }

    /// One step on the next batch of the cycle; its loss.
    pub fn step(&mut self) -> std::result::Result<f32, JsError> {
        Ok(self.train()?)
    }

    /// Pixel probabilities of the mean codes of some images.
    #[wasm_bindgen(js_name = encodeDecode)]
    pub fn encode_decode(&self, pixels: &[f32]) -> std::result::Result<Vec<f32>, JsError> {
        Ok(self.reconstruct(pixels)?)
    }
}

impl Vae {
    fn build(hidden: usize, latents: usize, logit_bias: &[f32]) -> Result<Self> {
        let device = Device::Cpu;
        let variables = VarMap::new();
        let builder = VarBuilder::from_varmap(&variables, DType::F32, &device);
        let vae = Self {
            hidden: linear(PIXELS, hidden, builder.pp("hidden"))?,
            mean: linear(hidden, latents, builder.pp("mean"))?,
            log_var: linear(hidden, latents, builder.pp("log_var"))?,
            decoder_hidden: linear(latents, hidden, builder.pp("decoder_hidden"))?,
            logits: linear(hidden, PIXELS, builder.pp("logits"))?,
            optimizer: AdamW::new(
                variables.all_vars(),
                ParamsAdamW {
                    lr: LEARNING_RATE,
                    weight_decay: 0.0,
                    ..ParamsAdamW::default()
                },
            )?,
            batches: Vec::new(),
            steps: 0,
        };
        let bias = Tensor::from_slice(logit_bias, PIXELS, &device)?;
        variables
            .data()
            .lock()
            .expect("nothing else holds the variables")["logits.bias"]
            .set(&bias)?;
        Ok(vae)
    }

    fn train(&mut self) -> Result<f32> {
        let x = &self.batches[self.steps % self.batches.len()];
        self.steps += 1;

        let h = self.hidden.forward(x)?.relu()?;
        let (mean, log_var) = (self.mean.forward(&h)?, self.log_var.forward(&h)?);
        let noise = mean.randn_like(0.0, 1.0)?;
        let z = (&mean + (&log_var * 0.5)?.exp()?.mul(&noise)?)?;
        let logits = self
            .logits
            .forward(&self.decoder_hidden.forward(&z)?.relu()?)?;

        // -log p(x|z) = relu(l) - x·l + log(1 + exp(-|l|)), which no logit makes overflow.
        let softplus = (logits.abs()?.neg()?.exp()? + 1.0)?.log()?;
        let reconstruction = ((logits.relu()? - (x * &logits)?)? + softplus)?.sum(D::Minus1)?;
        let divergence = ((mean.sqr()? + log_var.exp()?)? - (log_var + 1.0)?)?.sum(D::Minus1)?;
        let loss = (reconstruction + (divergence * 0.5)?)?.mean_all()?;

        self.optimizer.backward_step(&loss)?;
        loss.to_scalar::<f32>()
    }

    fn reconstruct(&self, pixels: &[f32]) -> Result<Vec<f32>> {
        let h = self.hidden.forward(&images(pixels)?)?.relu()?;
        let h = self
            .decoder_hidden
            .forward(&self.mean.forward(&h)?)?
            .relu()?;
        ops::sigmoid(&self.logits.forward(&h)?)?
            .flatten_all()?
            .to_vec1()
    }
}

/// A layer whose weights start as the other engines' do; those of `candle_nn::linear` start wider.
fn linear(from: usize, to: usize, builder: VarBuilder) -> Result<Linear> {
    let bound = (from as f64).sqrt().recip();
    let uniform = Init::Uniform {
        lo: -bound,
        up: bound,
    };
    let weight = builder.get_with_hints((to, from), "weight", uniform)?;
    let bias = builder.get_with_hints(to, "bias", uniform)?;
    Ok(Linear::new(weight, Some(bias)))
}

fn images(pixels: &[f32]) -> Result<Tensor> {
    Tensor::from_slice(pixels, (pixels.len() / PIXELS, PIXELS), &Device::Cpu)
}
