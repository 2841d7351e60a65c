// Firefox and WebKit by WebDriver, each in a profile of its own.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Builder, Capabilities } from 'selenium-webdriver';
import { answers, freePort } from '../../scripts/servers.mjs';

const found = (program) =>
  spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();

const firefox = found('firefox-esr') || found('firefox');
const miniBrowser = spawnSync(
  'sh',
  ['-c', 'ls /usr/lib/*/webkit2gtk-4.*/MiniBrowser 2>/dev/null | tail -1'],
  {
    encoding: 'utf8',
  },
).stdout.trim();

/** Each browser: what it needs, how its driver is started, and what the driver is asked for. */
export const browsers = {
  Firefox: {
    missing: [firefox ? '' : 'firefox-esr', found('geckodriver') ? '' : 'geckodriver'].filter(Boolean),
    command: (port, folder) => ['geckodriver', '--port', String(port), '--profile-root', folder],
    capabilities: {
      browserName: 'firefox',
      'moz:firefoxOptions': { binary: firefox, args: ['-headless', '--width=1280', '--height=900'] },
    },
  },
  WebKit: {
    missing: [
      miniBrowser ? '' : 'MiniBrowser of WebKitGTK',
      found('WebKitWebDriver') ? '' : 'webkit2gtk-driver',
      found('xvfb-run') ? '' : 'xvfb',
    ].filter(Boolean),
    command: (port) => [
      'xvfb-run',
      '-a',
      '-s',
      '-screen 0 1400x1000x24',
      'WebKitWebDriver',
      `--port=${port}`,
    ],
    capabilities: {
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary: miniBrowser, args: ['--automation'] },
    },
  },
};

/** @param {keyof typeof browsers} name */
export async function open(name) {
  const { command, capabilities } = browsers[name];
  const folder = mkdtempSync(join(tmpdir(), 'browser-'));
  const port = await freePort();
  const [program, ...rest] = command(port, folder);
  const server = spawn(program, rest, {
    detached: true,
    stdio: 'ignore',
    // What it keeps, it keeps in this folder. WebKit takes its sandbox from the user's rights, which root has not.
    env: {
      ...process.env,
      LANG: 'en_US.UTF-8',
      HOME: folder,
      XDG_DATA_HOME: folder,
      XDG_CACHE_HOME: folder,
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
    },
  });
  const address = `http://127.0.0.1:${port}`;
  const close = () => {
    try {
      process.kill(-server.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await answers(`${address}/status`, server);
    const driver = await new Builder()
      .usingServer(address)
      .withCapabilities(new Capabilities(capabilities))
      .build();
    return {
      driver,
      async close() {
        await driver.quit().catch(() => undefined);
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}
