// The built site in Firefox and in WebKit: what a visitor does first, in each of them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { By } from 'selenium-webdriver';
import { serveFolder } from '../../scripts/servers.mjs';
import { browsers, open } from './drivers.mjs';

const WAIT_MS = 90_000;

/** @type {Awaited<ReturnType<typeof serveFolder>>} */
let server;
before(async () => {
  server = await serveFolder('dist');
});
after(() => server.close());

/** A seven, in shares of the canvas's side from its middle. */
const SEVEN = [
  [-0.2, -0.28],
  [0.2, -0.28],
  [0.08, 0],
  [-0.06, 0.3],
];

for (const [name, { missing }] of Object.entries(browsers)) {
  if (missing.length > 0) {
    test(name, { skip: `not installed: ${missing.join(', ')}` });
    continue;
  }
  describe(name, () => {
    /** @type {Awaited<ReturnType<typeof open>>} */
    let session;
    /** @type {import('selenium-webdriver').WebDriver} */
    let driver;
    before(async () => {
      session = await open(name);
      ({ driver } = session);
    });
    after(() => session?.close());

    const run = (script, ...values) => driver.executeScript(script, ...values);
    const wait = (what, isSo) =>
      driver.wait(() => isSo().catch(() => false), WAIT_MS, `${name}: ${what}`, 200);
    const button = (label) => driver.findElement(By.xpath(`//button[normalize-space(.)="${label}"]`));
    const text = async (selector) => driver.findElement(By.css(selector)).getText();
    const tab = (label) => driver.findElement(By.xpath(`//*[@role="tab"][normalize-space(.)="${label}"]`));
    const choose = (label) => run('arguments[0].click()', tab(label));
    /** The opacities of a canvas, as text. */
    const pixels = (label) =>
      run(
        `const canvas = document.querySelector('canvas[aria-label="' + arguments[0] + '"], [aria-label="' + arguments[0] + '"] canvas');
         const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
         return Array.from(data).filter((_, at) => at % 4 === 3).join(' ');`,
        label,
      );
    const shades = async (label) => new Set((await pixels(label)).split(' ')).size;
    const visit = async (rest) => {
      await driver.get('about:blank');
      await driver.get(server.address + rest);
    };
    const figure = async (selector) =>
      Number((await text(selector)).replaceAll(',', '').replace('−', '-').trim());
    const steps = () => figure('[data-testid=step]');

    test('a drawn digit is redrawn, and its exact log p(x) is not below the ELBO', async () => {
      await visit('');
      await wait(
        'it is alive',
        async () => (await run('return document.querySelectorAll("[data-live=true]").length')) > 0,
      );
      const before = await pixels('Reconstruction');
      const canvas = await driver.findElement(By.css('canvas[aria-label="Drawing canvas"]'));
      const { width } = await canvas.getRect();
      const hand = driver.actions({ async: true });
      for (const [index, [x, y]] of SEVEN.entries()) {
        hand.move({ origin: canvas, x: Math.round(x * width), y: Math.round(y * width), duration: 60 });
        if (index === 0) hand.press();
      }
      await hand.release().perform();
      await wait('it is redrawn', async () => {
        const now = await pixels('Reconstruction');
        return now !== before && new Set(now.split(' ')).size > 20;
      });
      await wait('log p(x) is exact', async () =>
        run('return document.querySelector(".evidence [data-settled=true]") !== null'),
      );
      const [exact, elbo] = (
        await run(`const named = (word) =>
            [...document.querySelectorAll('.evidence dt')].find((one) => one.textContent.trim().startsWith(word));
          return ['log', 'ELBO'].map((word) => named(word).nextElementSibling.textContent);`)
      ).map((shown) => Number(/-\d+\.\d+/.exec(shown.replace('−', '-'))[0]));
      assert.ok(exact > -400 && exact < -20, `${exact} nats`);
      // The ELBO is a mean over draws, and rounded.
      assert.ok(elbo < exact + 0.2, `ELBO ${elbo}, log p(x) ${exact}`);
      assert.match(await driver.getCurrentUrl(), /d=/);
    });

    test('every lab opens', async () => {
      const labs = await driver.findElements(By.css('[role=tab]'));
      assert.ok(labs.length >= 10);
      for (const lab of labs) {
        await run('arguments[0].click()', lab);
        await wait(`${await lab.getText()} opens`, async () =>
          run(`const panel = document.querySelector('[role=tabpanel]');
               return panel.querySelector('canvas, svg, table') !== null && panel.querySelector('[role=alert]') === null`),
        );
      }
    });

    test('samples, and other samples', async () => {
      await choose('Sample');
      await wait('there are samples', async () => (await shades('Samples')) > 20);
      const before = await pixels('Samples');
      await button('Sample again').click();
      await wait('they are others', async () => (await pixels('Samples')) !== before);
    });

    test('a path between two digits', async () => {
      await choose('Interpolate');
      const ends = () => Promise.all([1, 17].map((number) => pixels(`Interpolation frame ${number}`)));
      await wait('its ends are two pictures', async () => {
        const [first, last] = await ends();
        return first !== last && [first, last].every((picture) => new Set(picture.split(' ')).size > 20);
      });
    });

    test('200 steps raise the ELBO; after a reload the run goes on', async () => {
      await visit('#lab=train&train=images:400,hidden:~32,batchSize:32');
      await wait('training may start', () => button('Start training').isEnabled());
      const before = await figure('[data-testid=held-out-elbo]');
      await button('Start training').click();
      await wait('200 steps', async () => (await steps()) >= 200);
      await button('Pause training').click();
      await wait('it is paused', () => button('Start training').isEnabled());
      const after = await figure('[data-testid=held-out-elbo]');
      assert.ok(after > before + 10, `from ${before} to ${after} nats`);
      await wait('the run is kept', async () => /Kept in this browser/.test(await text('[role=tabpanel]')));
      const done = await steps();
      await driver.navigate().refresh();
      await wait('the run is offered', () => button('Resume run').isDisplayed());
      await button('Resume run').click();
      await wait('it goes on', async () => (await steps()) > done);
      await button('Pause training').click();
    });

    test('the page finds itself right: gradients, bounds, recorded native numbers, memory', async () => {
      await visit('?check');
      await wait('5 of 5 right', async () =>
        /^5 of 5 right$/.test(await text('[data-testid=check-summary]')),
      );
    });
  });
}
