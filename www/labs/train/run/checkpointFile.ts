/** Tells what a dropped checkpoint is before the engine reads it. */

/** Headers are small; a larger one is not a checkpoint's. */
const LONGEST_HEADER = 4 << 20;

/** A training run, a model alone, or something that only the engine can put a name to. */
export type CheckpointKind = 'run' | 'model' | 'unknown';

export function checkpointKind(bytes: Uint8Array): CheckpointKind {
  if (bytes.length < 8) return 'unknown';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > Math.min(LONGEST_HEADER, bytes.length - 8)) return 'unknown';
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as {
      __metadata__?: Record<string, string>;
    };
    return header.__metadata__?.trainer === undefined ? 'model' : 'run';
  } catch {
    return 'unknown';
  }
}
