/** IDX files as far as the page must know them: to tell them apart and to set some images aside. */

export type IdxKind = 'images' | 'labels';

const MAGIC: Record<IdxKind, number> = { images: 0x0803, labels: 0x0801 };
const HEADER_BYTES: Record<IdxKind, number> = { images: 16, labels: 8 };
const PIXELS = 28 * 28;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The bytes inside a gzip file, or the bytes themselves. */
export async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (!isGzip(bytes)) return bytes;
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  try {
    return new Uint8Array(await new Response(plain).arrayBuffer());
  } catch {
    throw new Error('The gzip file is damaged or cut short.');
  }
}

/** What the first bytes say it is; undefined for anything but IDX images or labels. */
export function idxKind(bytes: Uint8Array): IdxKind | undefined {
  if (bytes.length < 8) return undefined;
  const magic = view(bytes).getUint32(0);
  return (['images', 'labels'] as const).find((kind) => MAGIC[kind] === magic);
}

/** How many images or labels the header promises. */
export function idxCount(bytes: Uint8Array): number {
  return view(bytes).getUint32(4);
}

/** Items `from` to `to` as an IDX file of their own. */
export function idxSlice(
  bytes: Uint8Array,
  kind: IdxKind,
  from: number,
  to: number,
): Uint8Array<ArrayBuffer> {
  const header = HEADER_BYTES[kind];
  const item = kind === 'images' ? PIXELS : 1;
  const body = bytes.subarray(header + from * item, header + to * item);
  const slice = new Uint8Array(header + body.length);
  slice.set(bytes.subarray(0, header));
  slice.set(body, header);
  view(slice).setUint32(4, to - from);
  return slice;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
