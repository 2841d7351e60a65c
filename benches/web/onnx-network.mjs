// Writes the network of the works as an ONNX file, for the engine that can only run one.
import { PIXELS } from './works.js';

// What of ONNX's protobuf messages is used: the numbers of their fields and of their types.
const MODEL = { irVersion: 1, producer: 2, graph: 7, operatorSet: 8 };
const OPERATOR_SET = { version: 2 };
const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 };
const NODE = { input: 1, output: 2, operator: 4 };
const TENSOR = { shape: 1, type: 2, name: 8, data: 9 };
const VALUE = { name: 1, type: 2 };
const TYPE = { tensor: 1 };
const TENSOR_TYPE = { element: 1, shape: 2 };
const SHAPE = { dimension: 1 };
const DIMENSION = { size: 1 };
const FLOAT = 1;

const IR_VERSION = 8;
const OPERATOR_SET_VERSION = 17;
const VARINT = 0;
const LENGTH_DELIMITED = 2;

function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

/** A field: a number as it is; text, bytes and messages behind their length. */
function field(number, value) {
  if (typeof value === 'number') return Buffer.concat([varint(number * 8 + VARINT), varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(number * 8 + LENGTH_DELIMITED), varint(bytes.length), bytes]);
}

const message = (...fields) => Buffer.concat(fields.map(([number, value]) => field(number, value)));

const node = (operator, inputs, output) =>
  message(...inputs.map((input) => [NODE.input, input]), [NODE.output, output], [NODE.operator, operator]);

/** Small numbers that are not all the same: what they are changes no time. */
const weights = (count) => Float32Array.from({ length: count }, (_, index) => Math.sin(index + 1) / 20);

const tensor = (name, shape) =>
  message(
    ...shape.map((size) => [TENSOR.shape, size]),
    [TENSOR.type, FLOAT],
    [TENSOR.name, name],
    [TENSOR.data, new Uint8Array(weights(shape.reduce((product, size) => product * size)).buffer)],
  );

function images(name) {
  const shape = message(...[1, PIXELS].map((size) => [SHAPE.dimension, message([DIMENSION.size, size])]));
  const type = message([TYPE.tensor, message([TENSOR_TYPE.element, FLOAT], [TENSOR_TYPE.shape, shape])]);
  return message([VALUE.name, name], [VALUE.type, type]);
}

/**
 * One image → its mean code → its pixels' probabilities.
 * @param {number} hidden
 * @param {number} latents
 */
export function onnxNetwork(hidden, latents) {
  const layers = [
    { name: 'hidden', from: PIXELS, to: hidden, activation: 'Relu' },
    { name: 'mean', from: hidden, to: latents },
    { name: 'decoder_hidden', from: latents, to: hidden, activation: 'Relu' },
    { name: 'logits', from: hidden, to: PIXELS, activation: 'Sigmoid' },
  ];
  const nodes = [];
  const initializers = [];
  let value = 'pixels';
  for (const { name, from, to, activation } of layers) {
    initializers.push(tensor(`${name}.weight`, [from, to]), tensor(`${name}.bias`, [to]));
    nodes.push(node('Gemm', [value, `${name}.weight`, `${name}.bias`], name));
    value = name;
    if (activation) {
      value = `${name}.activation`;
      nodes.push(node(activation, [name], value));
    }
  }
  const graph = message(
    ...nodes.map((bytes) => [GRAPH.node, bytes]),
    [GRAPH.name, 'vae'],
    ...initializers.map((bytes) => [GRAPH.initializer, bytes]),
    [GRAPH.input, images('pixels')],
    [GRAPH.output, images(value)],
  );
  return message(
    [MODEL.irVersion, IR_VERSION],
    [MODEL.producer, 'latent-canvas-bench'],
    [MODEL.graph, graph],
    [MODEL.operatorSet, message([OPERATOR_SET.version, OPERATOR_SET_VERSION])],
  );
}
