// Makes the pictures by which others show the page: the preview of a link (1200 × 630) and the icon of a phone's
// home screen, from the built page itself, into www/public.
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

  await page.setViewportSize({ width: 180, height: 180 });
  const icon = readFileSync(join(folder, 'favicon.svg')).toString('base64');
  await page.setContent(
    `<body style="margin:0"><img width="180" height="180" src="data:image/svg+xml;base64,${icon}">`,
  );
  await page.screenshot({ path: join(folder, 'apple-touch-icon.png') });
} finally {
  await site.close();
}
