// jax-js on its WebAssembly backend, the whole step compiled by its jit.
import { LEARNING_RATE, PIXELS } from '../works.js';

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;
const SEED = 1;

/**
 * Its workers are as many as the machine has cores, and none where the page has no shared memory, which
 * is asked for when the package is loaded.
 */
function offer(workers) {
  if (workers === 1) delete globalThis.SharedArrayBuffer;
  else Object.defineProperty(navigator, 'hardwareConcurrency', { value: workers });
}

// In the functions below every array is used up by what it is given to; `ref` keeps it for one more use.

function network({ nn, numpy: np, random }) {
  const apply = (x, { weights, bias }) => np.dot(x, weights).add(bias);
  const decode = (z, { decoderHidden, logits }) => apply(nn.relu(apply(z, decoderHidden)), logits);

  return {
    untrained(hidden, latents, logitBias) {
      const keys = [...random.split(random.key(SEED), 5)];
      const layer = (from, to, bias = np.zeros([to])) => {
        const deviation = Math.sqrt(1 / from);
        const range = { minval: -deviation, maxval: deviation };
        return { weights: random.uniform(keys.pop(), [from, to], range), bias };
      };
      return {
        hidden: layer(PIXELS, hidden),
        mean: layer(hidden, latents),
        logVar: layer(hidden, latents),
        decoderHidden: layer(latents, hidden),
        logits: layer(hidden, PIXELS, np.array(logitBias)),
      };
    },

    loss(parameters, x, noise) {
      const h = nn.relu(apply(x.ref, parameters.hidden));
      const mean = apply(h.ref, parameters.mean);
      const logVar = apply(h, parameters.logVar);
      const z = mean.ref.add(np.exp(logVar.ref.mul(0.5)).mul(noise));
      const logits = decode(z, parameters);

      // -log p(x|z) = relu(l) - x·l + log(1 + exp(-|l|)), which no logit makes overflow.
      const softplus = np.log1p(np.exp(np.negative(np.abs(logits.ref))));
      const reconstruction = nn.relu(logits.ref).sub(x.mul(logits)).add(softplus).sum(-1);
      const squares = np.square(mean).add(np.exp(logVar.ref)).sub(logVar).sub(1).sum(-1);
      return np.mean(reconstruction.add(squares.mul(0.5)));
    },

    reconstruct(parameters, x) {
      const h = nn.relu(apply(x, parameters.hidden));
      const { logVar } = parameters;
      logVar.weights.dispose();
      logVar.bias.dispose();
      return nn.sigmoid(decode(apply(h, parameters.mean), parameters));
    },
  };
}

/** A step of Adam as one function: the loss, then what the next step starts from. */
function makeStep({ jit, numpy: np, random, tree, valueAndGrad }, loss, latents) {
  return jit((state, x, rate, scale) => {
    const [now, next] = random.split(state.key);
    const noise = random.normal(now, [x.shape[0], latents]);
    const [value, gradients] = valueAndGrad(loss)(tree.ref(state.parameters), x, noise);
    const blend = (beta) => (average, term) => average.mul(beta).add(term.mul(1 - beta));
    const first = tree.map(blend(BETA_1), state.first, tree.ref(gradients));
    const second = tree.map(blend(BETA_2), state.second, tree.map(np.square, gradients));
    const descend = (parameter, m, v) =>
      parameter.sub(m.mul(rate.ref).div(np.sqrt(v.mul(scale.ref)).add(EPSILON)));
    const parameters = tree.map(descend, state.parameters, tree.ref(first), tree.ref(second));
    rate.dispose();
    scale.dispose();
    return [value, { parameters, first, second, key: next }];
  });
}

export async function open({ workers }) {
  offer(workers);
  const jax = await import('@jax-js/jax');
  await jax.init();
  jax.defaultDevice('wasm');
  const { numpy: np, random, tree } = jax;
  // Work that is waited for is handed to the workers; what is read at once runs in this thread.
  const read = workers === 1 ? (array) => array.dataSync() : (array) => array.data();

  return {
    create({ hidden, latents, batchSize }, { batches, logitBias }) {
      const { untrained, loss, reconstruct } = network(jax);
      const step = makeStep(jax, loss, latents);
      const decode = jax.jit(reconstruct);
      const images = batches.map((batch) => np.array(batch).reshape([batchSize, PIXELS]));
      const parameters = untrained(hidden, latents, logitBias);
      const zeros = () => tree.map((array) => np.zeros(array.shape), parameters);
      let state = { parameters, first: zeros(), second: zeros(), key: random.key(SEED) };
      let steps = 0;
      return {
        async step() {
          const x = images[steps % images.length].ref;
          steps += 1;
          const rate = LEARNING_RATE / (1 - BETA_1 ** steps);
          const scale = 1 / (1 - BETA_2 ** steps);
          const [value, next] = step(state, x, np.array(rate), np.array(scale));
          state = next;
          return (await read(value))[0];
        },
        encodeDecode: (pixels) =>
          read(decode(tree.ref(state.parameters), np.array(pixels).reshape([1, PIXELS]))),
      };
    },
  };
}
