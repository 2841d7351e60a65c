/** What a worker's answers and errors are on their way to the page. */

import type { ErrorCode, ErrorMessage } from './protocol';

/** An error as plain data: cloning a real `Error` between threads loses its code. */
export function toMessage(error: unknown): ErrorMessage {
  const { code, message } = (error ?? {}) as { code?: ErrorCode; message?: string };
  // A trap of the wasm itself leaves the instance in an unknown state, exactly as a panic does.
  const trapped = error instanceof WebAssembly.RuntimeError;
  return { code: trapped ? 'panic' : (code ?? 'unknown'), message: message ?? String(error) };
}

/** Every array a call returns is fresh, so its memory is handed over rather than copied. */
export function transferables(value: unknown, found: Transferable[] = []): Transferable[] {
  if (ArrayBuffer.isView(value)) {
    if (!found.includes(value.buffer as ArrayBuffer)) found.push(value.buffer as ArrayBuffer);
  } else if (value && typeof value === 'object') {
    for (const part of Object.values(value)) transferables(part, found);
  }
  return found;
}
