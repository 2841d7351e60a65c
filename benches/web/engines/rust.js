// The peers written in Rust, candle/ and burn/, which have the same interface.
export async function open({ package: path }) {
  const peer = await import(new URL(`../${path}`, import.meta.url).href);
  const { memory } = await peer.default();

  return {
    create({ hidden, latents }, { batches, logitBias }) {
      const vae = new peer.Vae(hidden, latents, logitBias);
      for (const batch of batches) vae.addBatch(batch);
      return { step: () => vae.step(), encodeDecode: (pixels) => vae.encodeDecode(pixels) };
    },
    memory: () => memory.buffer.byteLength,
  };
}
