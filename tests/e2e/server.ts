// scripts/serve.mjs as a test starts it: on a port of its own, until the test ends.
import { type ChildProcess, spawn } from 'node:child_process';

export interface Server {
  process: ChildProcess;
  address: string;
}

export async function serve(folder: string, ...options: string[]): Promise<Server> {
  const server = spawn(process.execPath, ['scripts/serve.mjs', folder, ...options], {
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = await new Promise<string>((found, failed) => {
    server.once('exit', () => {
      failed(new Error('the server ended before it served'));
    });
    server.stdout.on('data', (text: Buffer) => {
      const match = /http:\S+/.exec(text.toString());
      if (match) found(match[0]);
    });
  });
  return { process: server, address };
}
