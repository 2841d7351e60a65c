// The README's JavaScript example, as it stands there, run in a browser against pkg/.
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

import { expect, test } from '@playwright/test';

const mediaTypes: Record<string, string> = { '.js': 'text/javascript', '.wasm': 'application/wasm' };

const example = /```js\n([\s\S]*?)```/.exec(readFileSync('README.md', 'utf8'))?.[1];

test('the JavaScript example of the README runs', async ({ page }) => {
  expect(example, 'the README has a js block').toBeDefined();
  const printed: string[] = [];
  const errors: string[] = [];
  page.on('console', (message) => (message.type() === 'error' ? errors : printed).push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  await page.route('**/readme/**', (route) => {
    const path = new URL(route.request().url()).pathname.replace('/readme/', '');
    if (path === 'example.html') {
      const body = `<!doctype html><script type="module">${example}\nconsole.log('end of the example');</script>`;
      return route.fulfill({ contentType: 'text/html', body });
    }
    const contentType = mediaTypes[extname(path)] ?? 'application/octet-stream';
    return route.fulfill({ contentType, body: readFileSync(join(process.cwd(), path)) });
  });

  await page.goto('readme/example.html');
  await expect.poll(() => [...printed, ...errors].at(-1), { timeout: 60_000 }).toBe('end of the example');
  expect(errors).toEqual([]);
  const numbers = printed
    .slice(0, -1)
    .map((line) => Number(/-?\d+(?:\.\d+)?/.exec(line.replace(/^step \d+/, ''))?.[0]));
  expect(numbers.length, 'the example prints what it finds').toBeGreaterThan(1);
  expect(numbers.every(Number.isFinite), printed.join('\n')).toBe(true);
});
