// The recipes for hosts in docs/hosting, with those hosts themselves where they are installed, on the built site.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { launchChromium } from './built-site.mjs';
import { answers, freePort } from './servers.mjs';

const site = resolve('dist');

/** Each host with its recipe as it is, but for port and folder, and the command that runs it. */
const hosts = {
  nginx: {
    recipe: 'nginx.conf',
    command: (file, folder) => ['nginx', '-p', folder, '-c', file],
    around: (recipe, folder) => `
      daemon off;
      pid ${folder}/nginx.pid;
      error_log stderr;
      events {}
      http {
        access_log off;
        ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder};`).join('\n')}
        ${recipe}
      }`,
  },
  caddy: {
    recipe: 'Caddyfile',
    command: (file) => ['caddy', 'run', '--config', file, '--adapter', 'caddyfile'],
    around: (recipe) => `{\n\tadmin off\n}\n${recipe}`,
  },
};

/** Serves the site with one host for as long as `use` lasts. */
async function hosted(name, use) {
  const { recipe, command, around } = hosts[name];
  const folder = mkdtempSync(join(tmpdir(), 'host-'));
  const port = await freePort();
  const file = join(folder, recipe);
  const text = readFileSync(join('docs/hosting', recipe), 'utf8')
    .replace('/var/www/latent-canvas', site)
    .replace('8080', String(port));
  writeFileSync(file, around(text, folder));
  const [program, ...rest] = command(file, folder);
  const child = spawn(program, rest, {
    env: { ...process.env, HOME: folder },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    const address = `http://127.0.0.1:${port}/`;
    await answers(address, child);
    await use(address);
  } finally {
    child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a worker may do, as the build says it: the policy without what stands in the HTML itself. */
function policyOfWorkers() {
  const [, policy] = /Content-Security-Policy: (.*)/.exec(readFileSync(join(site, '_headers'), 'utf8'));
  return policy.replaceAll(/ 'sha256-[^']*'/g, '').replace("style-src 'self'; ", '');
}

for (const name of Object.keys(hosts)) {
  const isThere = spawnSync(name, [name === 'nginx' ? '-v' : 'version']).status === 0;
  test(
    `the recipe for ${name} serves the page isolated, compressed, under its policy`,
    {
      skip: !isThere && `${name} is not installed`,
    },
    async () => {
      await hosted(name, async (address) => {
        const browser = await launchChromium();
        try {
          const page = await browser.newPage();
          const answers = new Map();
          page.on('response', (answer) => answers.set(new URL(answer.url()).pathname, answer));
          const problems = [];
          page.on('pageerror', (error) => problems.push(error.message));
          await page.goto(address);
          await page.waitForSelector('[data-live=true]');
          assert.equal(await page.evaluate(() => crossOriginIsolated), true);

          const headers = (pattern) => {
            const found = [...answers].find(([path]) => pattern.test(path));
            assert.ok(found, `nothing was asked for that is ${pattern}`);
            return found[1].headers();
          };
          const worker = headers(/worker-.*\.js$/);
          assert.equal(worker['content-security-policy'], policyOfWorkers());
          assert.equal(worker['cache-control'], 'public, max-age=31536000, immutable');
          assert.match(worker['content-encoding'], /^(br|gzip)$/);
          assert.equal(headers(/^\/$/)['cache-control'], 'no-cache');
          assert.equal(headers(/\.wasm$/)['content-type'], 'application/wasm');
          const manifest = await fetch(new URL('manifest.webmanifest', address));
          assert.equal(manifest.headers.get('content-type'), 'application/manifest+json');
          assert.deepEqual(problems, []);
        } finally {
          await browser.close();
        }
      });
    },
  );
}
