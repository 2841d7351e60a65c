/** The model of the first picture: on its way to the pen's worker before the page itself is made. */

import { engine } from '../engine/client';
import type { ModelInfo } from '../engine/protocol';
import { fetchBytes } from './modelFiles';

let sent: { id: string; info: Promise<ModelInfo> } | undefined;

export function sendFirstModel(id: string, file: string): void {
  const info = fetchBytes(file).then((bytes) => engine.pen.loadModel(id, bytes));
  // Who chooses the model hears of it, or loads it anew.
  info.catch(() => undefined);
  sent = { id, info };
}

/** What the worker says of the model if it was sent ahead; nothing the second time, or where that has failed. */
export async function takeFirstModel(id: string): Promise<ModelInfo | undefined> {
  if (sent?.id !== id) return undefined;
  const { info } = sent;
  sent = undefined;
  return info.catch(() => undefined);
}
