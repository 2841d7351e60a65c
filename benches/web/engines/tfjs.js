// TensorFlow.js on its WebAssembly backend, one thread, as fast as its own operations go.
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { LEARNING_RATE, PIXELS } from '../works.js';

/**
 * x·w with the transposes of its gradients written out: the backend has a fast kernel for plain products
 * only, and the gradient of tf.matMul, which asks it to transpose on the way, makes a step five times as
 * long.
 */
const product = tf.customGrad((x, w, save) => {
  save([x, w]);
  return {
    value: tf.matMul(x, w),
    gradFunc: (dy, [x, w]) => [tf.matMul(dy, tf.transpose(w)), tf.matMul(tf.transpose(x), dy)],
  };
});

/** The same for pixels, towards which no gradient is needed. */
const productOfPixels = (x, w) =>
  tf.customGrad((w) => ({
    value: tf.matMul(x, w),
    gradFunc: (dy) => tf.matMul(tf.transpose(x), dy),
  }))(w);

function layer(from, to, biases = tf.zeros([to])) {
  const deviation = Math.sqrt(1 / from);
  return {
    weights: tf.variable(tf.randomUniform([from, to], -deviation, deviation)),
    bias: tf.variable(biases),
  };
}

const apply = (x, { weights, bias }, multiply = product) => tf.add(multiply(x, weights), bias);

function lossOf(network, x) {
  const h = tf.relu(apply(x, network.hidden, productOfPixels));
  const mean = apply(h, network.mean);
  const logVar = apply(h, network.logVar);
  const noise = tf.randomNormal(mean.shape);
  const z = tf.add(mean, tf.mul(tf.exp(tf.mul(logVar, 0.5)), noise));
  const logits = apply(tf.relu(apply(z, network.decoderHidden)), network.logits);

  // -log p(x|z) = relu(l) - x·l + log(1 + exp(-|l|)), which no logit makes overflow.
  const softplus = tf.log1p(tf.exp(tf.neg(tf.abs(logits))));
  const reconstruction = tf.sum(tf.add(tf.sub(tf.relu(logits), tf.mul(x, logits)), softplus), 1);
  const squares = tf.sub(tf.add(tf.square(mean), tf.exp(logVar)), tf.add(logVar, 1));
  return tf.mean(tf.add(reconstruction, tf.mul(tf.sum(squares, 1), 0.5)));
}

export async function open() {
  const folder = new URL('../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url);
  setWasmPaths(folder.href);
  setThreadsCount(1);
  // With it the backend takes its threaded build, even for one thread.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await tf.setBackend('wasm');

  return {
    create({ hidden, latents, batchSize }, { batches, logitBias }) {
      const network = {
        hidden: layer(PIXELS, hidden),
        mean: layer(hidden, latents),
        logVar: layer(hidden, latents),
        decoderHidden: layer(latents, hidden),
        logits: layer(hidden, PIXELS, tf.tensor1d(logitBias)),
      };
      const variables = Object.values(network).flatMap(({ weights, bias }) => [weights, bias]);
      const images = batches.map((batch) => tf.tensor2d(batch, [batchSize, PIXELS]));
      const optimizer = tf.train.adam(LEARNING_RATE, 0.9, 0.999, 1e-8);
      let steps = 0;
      return {
        step() {
          const x = images[steps % images.length];
          steps += 1;
          return tf.tidy(() => {
            const { value, grads } = tf.variableGrads(() => lossOf(network, x), variables);
            optimizer.applyGradients(grads);
            return value.dataSync()[0];
          });
        },
        encodeDecode: (pixels) =>
          tf.tidy(() => {
            const h = tf.relu(apply(tf.tensor2d(pixels, [1, PIXELS]), network.hidden, tf.matMul));
            const mean = apply(h, network.mean, tf.matMul);
            const decoded = tf.relu(apply(mean, network.decoderHidden, tf.matMul));
            return tf.sigmoid(apply(decoded, network.logits, tf.matMul)).dataSync();
          }),
      };
    },
  };
}
