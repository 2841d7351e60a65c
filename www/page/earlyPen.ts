/** What a visitor draws on the page as its HTML shows it is kept, and drawn when the page itself is there. */

declare global {
  interface Window {
    /** The pen's events until then, in order. */
    earlyPen?: PointerEvent[];
  }
}

const KINDS = ['pointerdown', 'pointermove', 'pointerup', 'pointercancel'] as const;

/** Where the pen draws: on the HTML's canvas as on the living one that takes its place. */
export const PEN_CANVAS = 'canvas[role="application"]';

/** Keeps what the pen does on the canvas. */
export function keepPen(canvas: HTMLCanvasElement): void {
  const events: PointerEvent[] = [];
  window.earlyPen = events;
  for (const kind of KINDS) {
    canvas.addEventListener(kind, (event) => {
      // A pen that only hovers has drawn nothing.
      if (kind === 'pointerdown' || events.length > 0) events.push(event);
    });
  }
}

/** Lets the pen do on the living canvas what it did before. */
export function repeatPen(page: HTMLElement): void {
  const canvas = page.querySelector(PEN_CANVAS);
  for (const event of window.earlyPen ?? []) canvas?.dispatchEvent(new PointerEvent(event.type, event));
  delete window.earlyPen;
}
