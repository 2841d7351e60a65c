//! The benchmark's VAE on burn with its flex backend, automatic differentiation and Adam.

use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::{Device, Distribution, Tensor, TensorData};
use wasm_bindgen::prelude::*;

const PIXELS: usize = 784;
const LEARNING_RATE: f64 = 1e-3;
/// As the other engines have it; burn's own default is 1e-5.
const EPSILON: f32 = 1e-8;

#[derive(Module, Debug)]
struct Network {
    hidden: Linear,
    mean: Linear,
    log_var: Linear,
    decoder_hidden: Linear,
    logits: Linear,
}

impl Network {
    fn new(hidden: usize, latents: usize, logit_bias: &[f32], device: &Device) -> Self {
        let linear = |from, to| LinearConfig::new(from, to).init(device);
        let mut logits = linear(hidden, PIXELS);
        logits.bias = Some(Param::from_data(
            TensorData::new(logit_bias.to_vec(), [PIXELS]),
            device,
        ));
        Self {
            hidden: linear(PIXELS, hidden),
            mean: linear(hidden, latents),
            log_var: linear(hidden, latents),
            decoder_hidden: linear(latents, hidden),
            logits,
        }
    }

    fn encode(&self, x: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let h = relu(self.hidden.forward(x));
        (self.mean.forward(h.clone()), self.log_var.forward(h))
    }

    fn decode(&self, z: Tensor<2>) -> Tensor<2> {
        self.logits.forward(relu(self.decoder_hidden.forward(z)))
    }

    fn loss(&self, x: Tensor<2>) -> Tensor<1> {
        let (mean, log_var) = self.encode(x.clone());
        let noise = mean.random_like(Distribution::Normal(0.0, 1.0));
        let z = mean.clone() + (log_var.clone() * 0.5).exp() * noise;
        let logits = self.decode(z);

        // -log p(x|z) = relu(l) - x·l + log(1 + exp(-|l|)), which no logit makes overflow.
        let softplus = logits.clone().abs().neg().exp().log1p();
        let reconstruction = (relu(logits.clone()) - x * logits + softplus).sum_dim(1);
        let divergence =
            (mean.powi_scalar(2) + log_var.clone().exp() - log_var - 1.0).sum_dim(1) * 0.5;
        (reconstruction + divergence).mean()
    }
}

#[wasm_bindgen]
pub struct Vae {
    device: Device,
    /// There at all times but within a step, which consumes it.
    network: Option<Network>,
    /// The network without what training needs, from the first reconstruction until the next step.
    trained: Option<Network>,
    optimizer: ModuleOptimizer,
    batches: Vec<Tensor<2>>,
    steps: usize,
}

#[wasm_bindgen]
impl Vae {
    /// `logit_bias` is what the bias of the last layer starts from.
    #[wasm_bindgen(constructor)]
    pub fn new(hidden: usize, latents: usize, logit_bias: &[f32]) -> Self {
        let device = Device::flex().autodiff();
        Self {
            network: Some(Network::new(hidden, latents, logit_bias, &device)),
            trained: None,
            optimizer: AdamConfig::new().with_epsilon(EPSILON).init(),
            batches: Vec::new(),
            steps: 0,
            device,
        }
    }

    /// Keeps one more batch of n×784 pixels to train on.
    #[wasm_bindgen(js_name = addBatch)]
    pub fn add_batch(&mut self, pixels: &[f32]) {
        self.batches.push(images(pixels, &self.device));
    }

    /// One step on the next batch of the cycle; its loss.
    pub fn step(&mut self) -> f32 {
        let network = self.network.take().expect("no step is under way");
        let x = self.batches[self.steps % self.batches.len()].clone();
        self.steps += 1;

        let loss = network.loss(x);
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        self.network = Some(self.optimizer.step(LEARNING_RATE, network, gradients));
        self.trained = None;
        loss.into_scalar()
    }

    /// Pixel probabilities of the mean codes of some images.
    #[wasm_bindgen(js_name = encodeDecode)]
    pub fn encode_decode(&mut self, pixels: &[f32]) -> Vec<f32> {
        let network = self.network.as_ref().expect("no step is under way");
        let trained = self.trained.get_or_insert_with(|| network.valid());
        let (mean, _) = trained.encode(images(pixels, &self.device.clone().inner()));
        sigmoid(trained.decode(mean))
            .into_data()
            .try_into_vec()
            .expect("the pixels are f32")
    }
}

fn images(pixels: &[f32], device: &Device) -> Tensor<2> {
    let shape = [pixels.len() / PIXELS, PIXELS];
    Tensor::from_data(TensorData::new(pixels.to_vec(), shape), device)
}
