/** Reads the small safetensors files that hold codes for the map; models are read by the engine. */

export interface Codes {
  /** N×K latent means. */
  mean: Float32Array;
  /** N digits, 0 to 9. */
  label: Uint8Array;
  latents: number;
  count: number;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

export function readCodes(bytes: Uint8Array<ArrayBuffer>): Codes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength))) as Record<
    string,
    Entry
  >;
  const start = 8 + headerLength;
  const read = (name: string, dtype: string): { entry: Entry; data: ArrayBuffer } => {
    const entry = header[name];
    if (entry?.dtype !== dtype) throw new Error(`The codes have no ${dtype} tensor "${name}".`);
    const [from, to] = entry.data_offsets;
    // A slice starts aligned, whatever the header's length was.
    return { entry, data: bytes.slice(start + from, start + to).buffer };
  };
  const mean = read('mean', 'F32');
  const label = read('label', 'U8');
  const [count = 0, latents = 0] = mean.entry.shape;
  const codes = { mean: new Float32Array(mean.data), label: new Uint8Array(label.data), latents, count };
  if (codes.mean.length !== count * latents || codes.label.length !== count) {
    throw new Error('The codes and their labels differ in number.');
  }
  return codes;
}
