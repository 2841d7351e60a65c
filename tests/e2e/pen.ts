// Pen paths of the ten digits, as a hand moved them, in units of the field's side; and a hand to draw them.
import { expect, type Page } from '@playwright/test';

export type Path = readonly (readonly [number, number])[];

export const DIGITS: readonly (readonly Path[])[] = [
  [
    [
      [0.55, 0.18],
      [0.44, 0.2],
      [0.36, 0.3],
      [0.32, 0.45],
      [0.33, 0.62],
      [0.4, 0.76],
      [0.5, 0.81],
      [0.61, 0.76],
      [0.68, 0.62],
      [0.69, 0.45],
      [0.65, 0.29],
      [0.55, 0.18],
    ],
  ],
  [
    [
      [0.56, 0.16],
      [0.54, 0.3],
      [0.51, 0.48],
      [0.48, 0.66],
      [0.45, 0.84],
    ],
  ],
  [
    [
      [0.33, 0.32],
      [0.39, 0.21],
      [0.51, 0.17],
      [0.62, 0.22],
      [0.66, 0.33],
      [0.61, 0.46],
      [0.51, 0.58],
      [0.4, 0.69],
      [0.31, 0.79],
      [0.44, 0.79],
      [0.57, 0.79],
      [0.72, 0.78],
    ],
  ],
  [
    [
      [0.34, 0.24],
      [0.45, 0.18],
      [0.57, 0.19],
      [0.64, 0.28],
      [0.6, 0.39],
      [0.46, 0.47],
      [0.6, 0.51],
      [0.67, 0.62],
      [0.62, 0.74],
      [0.5, 0.81],
      [0.37, 0.79],
      [0.3, 0.73],
    ],
  ],
  [
    [
      [0.38, 0.2],
      [0.34, 0.35],
      [0.31, 0.5],
      [0.45, 0.52],
      [0.6, 0.51],
      [0.72, 0.49],
    ],
    [
      [0.65, 0.2],
      [0.62, 0.4],
      [0.59, 0.62],
      [0.56, 0.83],
    ],
  ],
  [
    [
      [0.41, 0.21],
      [0.38, 0.33],
      [0.36, 0.45],
      [0.47, 0.43],
      [0.59, 0.47],
      [0.65, 0.57],
      [0.63, 0.69],
      [0.54, 0.78],
      [0.43, 0.8],
      [0.33, 0.76],
    ],
    [
      [0.41, 0.21],
      [0.54, 0.2],
      [0.68, 0.18],
    ],
  ],
  [
    [
      [0.6, 0.16],
      [0.49, 0.27],
      [0.41, 0.42],
      [0.36, 0.58],
      [0.38, 0.73],
      [0.48, 0.82],
      [0.59, 0.79],
      [0.66, 0.69],
      [0.62, 0.58],
      [0.52, 0.54],
      [0.42, 0.6],
      [0.37, 0.68],
    ],
  ],
  [
    [
      [0.31, 0.22],
      [0.45, 0.22],
      [0.58, 0.21],
      [0.7, 0.2],
      [0.64, 0.35],
      [0.57, 0.51],
      [0.51, 0.67],
      [0.46, 0.83],
    ],
  ],
  [
    [
      [0.62, 0.25],
      [0.52, 0.18],
      [0.41, 0.22],
      [0.38, 0.33],
      [0.45, 0.43],
      [0.55, 0.52],
      [0.63, 0.63],
      [0.61, 0.75],
      [0.51, 0.82],
      [0.4, 0.78],
      [0.37, 0.66],
      [0.44, 0.54],
      [0.55, 0.43],
      [0.63, 0.33],
      [0.62, 0.25],
    ],
  ],
  [
    [
      [0.64, 0.31],
      [0.56, 0.2],
      [0.45, 0.2],
      [0.36, 0.29],
      [0.37, 0.41],
      [0.47, 0.48],
      [0.58, 0.44],
      [0.64, 0.33],
      [0.63, 0.5],
      [0.61, 0.67],
      [0.58, 0.84],
    ],
  ],
];

export interface Placement {
  /** Where the middle of the digit comes to lie. */
  centre: readonly [number, number];
  /** 1 leaves the size. */
  scale: number;
}

const AS_IT_IS: Placement = { centre: [0.5, 0.5], scale: 1 };

/** Draws a digit with the mouse. */
export async function draw(page: Page, digit: number, placement = AS_IT_IS): Promise<void> {
  const canvas = page.getByLabel('Drawing canvas');
  // The canvas of the HTML may make way for the living one just then.
  await expect(() => canvas.scrollIntoViewIfNeeded()).toPass();
  const box = await canvas.boundingBox();
  if (!box) throw new Error('the canvas has no box');
  for (const path of DIGITS[digit] ?? []) {
    const points = path.map(([x, y]) => [
      box.x + box.width * (placement.centre[0] + placement.scale * (x - 0.5)),
      box.y + box.height * (placement.centre[1] + placement.scale * (y - 0.5)),
    ]);
    for (const [index, [x = 0, y = 0]] of points.entries()) {
      await page.mouse.move(x, y, { steps: index === 0 ? 1 : 3 });
      if (index === 0) await page.mouse.down();
    }
    await page.mouse.up();
  }
}

export interface PointerPress {
  id: number;
  type: 'mouse' | 'touch' | 'pen';
}

/** Sends the canvas a pointer event by hand, at (x, y) of the field: browsers differ in what they send, people in devices. */
export async function point(
  page: Page,
  event: string,
  { id, type }: PointerPress,
  [x, y]: readonly [number, number],
  buttons = 1,
): Promise<void> {
  await page.getByLabel('Drawing canvas').evaluate(
    (canvas, init) => {
      const box = canvas.getBoundingClientRect();
      const clientX = box.left + init.x * box.width;
      const clientY = box.top + init.y * box.height;
      canvas.dispatchEvent(new PointerEvent(init.event, { ...init, clientX, clientY, bubbles: true }));
    },
    { event, pointerId: id, pointerType: type, isPrimary: true, buttons, x, y },
  );
}

/** The ink at (x, y) of the field, 0 to 255. */
export async function inkAt(page: Page, x: number, y: number): Promise<number> {
  return page.getByLabel('Drawing canvas').evaluate(
    (canvas, at) => {
      if (!(canvas instanceof HTMLCanvasElement)) throw new Error('not a canvas');
      const context = canvas.getContext('2d');
      const pixel = context?.getImageData(at.x * canvas.width, at.y * canvas.height, 1, 1);
      return pixel?.data[3] ?? 0;
    },
    { x, y },
  );
}
