// What no page may show: a figure that is no number.
import type { Page } from '@playwright/test';

/** Every attribute and every text of the page that is no number where one should be. */
export function broken(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wrong = /NaN|Infinity|undefined/;
    const found: string[] = [];
    for (const element of document.querySelectorAll('main *')) {
      for (const { name, value } of element.attributes) {
        if (wrong.test(value)) found.push(`${element.tagName} ${name}="${value.slice(0, 80)}"`);
      }
      for (const node of element.childNodes) {
        if (node instanceof Text && wrong.test(node.data)) found.push(`${element.tagName}: ${node.data}`);
      }
    }
    return found;
  });
}
