// Makes the pictures by which others show the page, into www/public: the preview of a link (1200 × 630), from the built
// page itself, and the icons of home screens and of the installed page, from the page's icon.
//
//   make build && node scripts/preview-image.mjs
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSite } from './built-site.mjs';

const folder = 'www/public';
const site = await openSite();
try {
  const page = await site.newPage();
  await page.setViewportSize({ width: 1200, height: 630 });
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.goto(site.address);
  await page.waitForSelector('[data-live=true]');
  await page.waitForSelector('[data-settled=true]');
  await page.evaluate(() => document.fonts.ready);
  // The backdrop of the map comes last.
  await page.waitForTimeout(1_500);
  await page.screenshot({ path: join(folder, 'preview.png'), scale: 'css' });

  // A page of its own: the policy of the built one allows no picture that is written into it.
  const blank = await site.newPage();
  const icon = readFileSync(join(folder, 'favicon.svg')).toString('base64');
  for (const [name, side] of [
    ['apple-touch-icon', 180],
    ['icon-192', 192],
    ['icon-512', 512],
  ]) {
    await blank.setViewportSize({ width: side, height: side });
    // Systems cut icons to their own shape: the colour reaches the corners.
    await blank.setContent(
      `<body style="margin:0;background:#2456c4"><img width="${side}" height="${side}" src="data:image/svg+xml;base64,${icon}">`,
    );
    await blank.screenshot({ path: join(folder, `${name}.png`), scale: 'css' });
  }
} finally {
  await site.close();
}
