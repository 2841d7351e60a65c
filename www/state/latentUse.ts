/** How many latents a model makes use of. A collapsed one answers every drawing with the prior, and uses none. */

import type { Codes } from './safetensors';

/** Below this KL, in nats, q(z|x) of a latent is nearly the prior, and says nothing about the drawing. */
export const IDLE_KL = 0.01;
/** Below this variance of its means over many digits a latent is inactive (Burda et al. 2016). */
export const IDLE_VARIANCE = 0.01;

export interface LatentUse {
  used: number;
  /** Counted for this drawing by its KL, or over the digits of the map where the KL has no parts. */
  by: 'drawing' | 'digits';
}

/** Counts the latents in use; nothing where neither is known. */
export function latentUse(
  klPerLatent: Float32Array | undefined,
  codes: Codes | undefined,
  latents: number,
): LatentUse | undefined {
  if (klPerLatent?.length === latents) {
    return { used: klPerLatent.filter((kl) => kl > IDLE_KL).length, by: 'drawing' };
  }
  if (codes?.latents === latents && codes.count > 1) {
    return { used: usedOver(codes).filter(Boolean).length, by: 'digits' };
  }
  return undefined;
}

/** Whether each latent's mean differs from digit to digit. */
export function usedOver(codes: Codes): boolean[] {
  return variancesOf(codes).map((variance) => variance > IDLE_VARIANCE);
}

/** Variance of each latent over the codes. */
export function variancesOf({ mean: codes, latents, count }: Codes): number[] {
  return Array.from({ length: latents }, (_, axis) => {
    let sum = 0;
    for (let row = 0; row < count; row += 1) sum += codes[row * latents + axis] ?? 0;
    const mean = sum / count;
    let squares = 0;
    for (let row = 0; row < count; row += 1) squares += ((codes[row * latents + axis] ?? 0) - mean) ** 2;
    return squares / count;
  });
}
