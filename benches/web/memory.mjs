// Whether long training makes ours grow.
const SHORT_RUN = 500;
const LONG_RUN = 10_000;

const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/**
 * @param {{ engine: import('./engines.mjs').Engine, call: import('./browser.mjs').Call }} opened in a page where nothing else ran
 * @param {string} name of the work
 */
export async function measureMemory({ engine, call }, name) {
  await call('create', name);
  await call('train', name, SHORT_RUN);
  const before = await call('memory');
  await call('train', name, LONG_RUN - SHORT_RUN);
  const after = await call('memory');
  return `- ${engine.label}, work ${name}: ${megabytes(before)} of WebAssembly memory after ${SHORT_RUN} steps, ${megabytes(after)} after ${LONG_RUN}`;
}
