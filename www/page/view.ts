/**
 * How the page is shown, as the part of its address before the # says: whole; one lab alone, for a frame in another
 * page (`?embed=map`); for a projector (`?present`); or with the checks of itself opened (`?check`).
 */

const asked = new URLSearchParams(location.search);

export const view = {
  /** The lab to show alone. */
  embedded: asked.get('embed') ?? undefined,
  presenting: asked.has('present'),
  /** Whether the page begins with its checks of itself (`?check`). */
  checking: asked.has('check'),
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

/** Puts the checks into the address, or takes them out; all else in it stays. */
export function nameChecks(areOpen: boolean): void {
  const address = new URL(location.href);
  address.search = address.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !/^check(=|$)/.test(part))
    .concat(areOpen ? ['check'] : [])
    .join('&');
  try {
    history.replaceState(history.state, '', address);
  } catch {
    // A frame without rights: the address then stays as it was.
  }
}
