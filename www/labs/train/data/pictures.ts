/** Pictures that the visitor drops: the browser decodes them, the engine makes them grey, 28×28, and IDX files. */

import { pathOf } from '../../../components/folders';
import { PIXELS, type NamedIdx } from '../../../engine/protocol';
import type { Call } from '../run/observer.svelte';

/** Larger ones are not even drawn: the engine refuses them by their size. */
const MOST_SIDE = 4096;

/** Any kind that a browser may know. */
export function isPicture({ name, type }: File): boolean {
  return type.startsWith('image/') || /\.(?:png|jpe?g|gif|bmp|webp|avif)$/i.test(name);
}

/** A decoded picture: red, green, blue and opacity of each pixel. */
export interface Decoded {
  rgba: Uint8Array;
  width: number;
  height: number;
}

/** Images, and labels where folders name classes. Throws the reason if a picture cannot be used. */
export async function picturesAsIdx(
  files: readonly File[],
  call: Call,
  decode: (file: File) => Promise<Decoded> = decoder(),
): Promise<NamedIdx[]> {
  const greys = new Uint8Array(files.length * PIXELS);
  for (const [place, file] of files.entries()) {
    const { rgba, width, height } = await decode(file);
    greys.set(await call('greyPicture', [pathOf(file), rgba, width, height]), place * PIXELS);
  }
  return call('picturesAsIdx', [files.map(pathOf), greys]);
}

/** Draws pictures on black, and reads their pixels back. */
function decoder(): (file: File) => Promise<Decoded> {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('This browser lets the page draw nothing, so it cannot read pictures.');
  checkTruth(context);
  return async (file) => {
    const bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none' }).catch(() => {
      throw new Error(`“${pathOf(file)}” is damaged, or no picture that this browser knows.`);
    });
    const { width, height } = bitmap;
    if (Math.max(width, height) > MOST_SIDE) {
      bitmap.close();
      return { rgba: new Uint8Array(), width, height };
    }
    canvas.width = width;
    canvas.height = height;
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    return { rgba: new Uint8Array(context.getImageData(0, 0, width, height).data), width, height };
  };
}

/** Some browsers give noise in place of what was drawn, against those who recognise visitors by it. */
function checkTruth(context: CanvasRenderingContext2D): void {
  const drawn = new ImageData(16, 16);
  drawn.data.forEach((_, at) => (drawn.data[at] = at % 4 === 3 ? 255 : (at * 37) % 256));
  context.putImageData(drawn, 0, 0);
  const read = context.getImageData(0, 0, 16, 16).data;
  if (!drawn.data.every((value, at) => Math.abs(value - (read[at] ?? 0)) < 4)) {
    throw new Error(
      'This browser hides from the page what is in pictures, to protect you from being recognised. Use IDX or NumPy files.',
    );
  }
}
