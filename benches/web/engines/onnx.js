// onnxruntime-web on one thread, which runs networks and does not train them.
import * as runtime from 'onnxruntime-web/wasm';
import { PIXELS, works } from '../works.js';

export async function open() {
  runtime.env.wasm.numThreads = 1;
  runtime.env.wasm.wasmPaths = new URL('../node_modules/onnxruntime-web/dist/', import.meta.url).href;
  const session = await runtime.InferenceSession.create(new URL('../network.onnx', import.meta.url).href, {
    executionProviders: ['wasm'],
  });
  const [output] = session.outputNames;

  return {
    create(work) {
      // The file is of one network.
      if (work.name !== works.A.name) return {};
      return {
        async encodeDecode(pixels) {
          const images = new runtime.Tensor('float32', pixels, [1, PIXELS]);
          return (await session.run({ pixels: images }))[output].data;
        },
      };
    },
  };
}
