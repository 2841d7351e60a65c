/** What a visitor draws on the page as its HTML shows it is kept, and drawn when the page is alive. */

declare global {
  interface Window {
    /** The pen's events until then, in order. */
    earlyPen?: { canvas: HTMLCanvasElement; events: PointerEvent[]; listening: AbortController };
  }
}

const KINDS = ['pointerdown', 'pointermove', 'pointerup', 'pointercancel'] as const;

/** Keeps what the pen does on the canvas. */
export function keepPen(canvas: HTMLCanvasElement): void {
  const events: PointerEvent[] = [];
  const listening = new AbortController();
  const { signal } = listening;
  for (const kind of KINDS) {
    canvas.addEventListener(
      kind,
      (event) => {
        // A pen that only hovers has drawn nothing.
        if (kind === 'pointerdown' || events.length > 0) events.push(event);
      },
      { signal },
    );
  }
  window.earlyPen = { canvas, events, listening };
}

/** Lets the pen do on the living canvas what it did before. */
export function repeatPen(): void {
  if (!window.earlyPen) return;
  const { canvas, events, listening } = window.earlyPen;
  listening.abort();
  delete window.earlyPen;
  for (const event of events) canvas.dispatchEvent(new PointerEvent(event.type, event));
}
