// The frozen classifier of tests/fixtures judges which digit a picture shows.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

interface Tensor {
  shape: number[];
  values: Float32Array;
}

/** A half-precision number from its bits. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function read(file: string): Record<string, Tensor> {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8')) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors: Record<string, Tensor> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const body = bytes.subarray(8 + length + entry.data_offsets[0], 8 + length + entry.data_offsets[1]);
    const width = entry.dtype === 'F16' ? 2 : 4;
    tensors[name] = {
      shape: entry.shape,
      values: Float32Array.from({ length: body.length / width }, (_, at) =>
        width === 2 ? half(body.readUInt16LE(2 * at)) : body.readFloatLE(4 * at),
      ),
    };
  }
  return tensors;
}

const tensors = read(resolve(import.meta.dirname, '../fixtures/classifier.safetensors'));
/** Layer names in order, as `NAME.weight` and `NAME.bias`. */
const layers = Object.keys(tensors)
  .filter((name) => name.endsWith('.weight'))
  .map((name) => name.slice(0, -'.weight'.length))
  .sort();

/** The digit that a picture of opacities (0 to 255) shows. */
export function classify(opacities: readonly number[]): number {
  let values = opacities.map((opacity) => opacity / 255);
  for (const [depth, name] of layers.entries()) {
    const weight = tensors[`${name}.weight`];
    const bias = tensors[`${name}.bias`];
    if (!weight || !bias) throw new Error(`the classifier lacks ${name}`);
    const inputs = values;
    values = Array.from(bias.values, (start, row) => {
      let sum = start;
      for (const [at, input] of inputs.entries()) {
        sum += input * (weight.values[row * inputs.length + at] ?? 0);
      }
      return depth + 1 < layers.length ? Math.max(0, sum) : sum;
    });
  }
  return values.indexOf(Math.max(...values));
}
