/**
 * How the page is shown, as the part of its address before the # says: whole; one lab alone, for a frame in another
 * page (`?embed=map`); or for a projector (`?present`).
 */

const asked = new URLSearchParams(location.search);

export const view = {
  /** The lab to show alone. */
  embedded: asked.get('embed') ?? undefined,
  presenting: asked.has('present'),
};

/** What the page around the frame is told. */
export interface HeightMessage {
  type: 'latent-canvas:height';
  /** CSS pixels. */
  height: number;
}

/** Tells the page around the frame how tall this one is, now and when that changes; gives a function that stops it. */
export function tellHeight(element: HTMLElement): () => void {
  const observer = new ResizeObserver(() => {
    const height = Math.ceil(element.getBoundingClientRect().height);
    const message: HeightMessage = { type: 'latent-canvas:height', height };
    // A height is no secret, and any page may show the frame.
    if (window.parent !== window) window.parent.postMessage(message, '*');
  });
  observer.observe(element);
  return () => {
    observer.disconnect();
  };
}
