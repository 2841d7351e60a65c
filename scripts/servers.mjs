// Servers that scripts and tests start for a while, each on a port of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port that nobody listens on. @returns {Promise<number>} */
export function freePort() {
  return new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

/**
 * Waits until an address answers.
 *
 * @param {string} address
 * @param {import('node:child_process').ChildProcess} server which may end instead
 */
export async function answers(address, server) {
  for (let tries = 0; tries < 150; tries += 1) {
    if (server.exitCode !== null) throw new Error(`${server.spawnfile} ended before it served`);
    const answered = fetch(address).then(
      ({ ok }) => ok,
      () => false,
    );
    if (await answered) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${server.spawnfile} does not answer at ${address}`);
}

/** Serves a folder as scripts/serve.mjs does; `options` are its own. */
export async function serveFolder(folder, ...options) {
  const server = spawn(process.execPath, ['scripts/serve.mjs', folder, ...options], {
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(server, 'exit').then(() => {
    throw new Error(`the server of ${folder} ended before it served`);
  });
  const [greeting] = await Promise.race([once(server.stdout, 'data'), ended]);
  // From now on its end is no news.
  ended.catch(() => undefined);
  return { address: /http:\S+/.exec(greeting.toString())[0], close: () => server.kill() };
}
