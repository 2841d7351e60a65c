/** Layers and their sizes, read from the names and shapes of a model's own weights. */

export interface NetworkShape {
  /** Sizes from the pixels to the last hidden layer; empty without an encoder. */
  encoder: number[];
  /** What the encoder gives, by name, and how many numbers of it. */
  outputs: { name: string; size: number }[];
  /** Numbers of the code. */
  latents: number;
  /** Sizes from the first hidden layer to what the decoder gives: a number for each pixel, or two. */
  decoder: number[];
  /** All numbers that are learned. */
  parameters: number;
}

interface Entry {
  shape: number[];
}

const NAMES: Readonly<Record<string, string>> = {
  mean: 'means',
  log_var: 'log-variances',
  code: 'code',
  logits: 'logits',
};

export function networkShape(bytes: Uint8Array, pixels: number, latents: number): NetworkShape {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, Entry>;
  const tensors = Object.entries(header).filter(([name]) => name !== '__metadata__');
  const rows = (name: string): number | undefined => header[name]?.shape[0];
  const hidden = (side: string): number[] => {
    const sizes: number[] = [];
    for (
      let size = rows(`${side}.0.weight`);
      size !== undefined;
      size = rows(`${side}.${sizes.length}.weight`)
    ) {
      sizes.push(size);
    }
    return sizes;
  };
  const outputs = tensors.flatMap(([name, { shape }]) => {
    const kind = /^encoder\.([a-z_]+)\.weight$/.exec(name)?.[1];
    return kind === undefined || shape.length !== 2
      ? []
      : [{ name: NAMES[kind] ?? kind.replaceAll('_', ' '), size: shape[0] ?? 0 }];
  });
  // Means first, whatever the order of names.
  outputs.sort((a, b) => Number(b.name === NAMES.mean) - Number(a.name === NAMES.mean));
  const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
  return {
    encoder: outputs.length > 0 ? [pixels, ...hidden('encoder')] : [],
    outputs,
    latents,
    decoder: [...hidden('decoder'), rows('decoder.logits.weight') ?? pixels],
    parameters: tensors.reduce((sum, [, { shape }]) => sum + count(shape), 0),
  };
}
