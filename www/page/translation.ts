/**
 * Keeps the page true while a browser translates it. A translator puts a `<font>` with its own words in the place of
 * each text. What the page then writes goes into texts that nobody sees, and old and new stand side by side. So the
 * page's own texts go back to their places, empty, each before its translation; when the page writes, moves or removes
 * one, its translation follows.
 */

interface Translation {
  element: HTMLElement;
  /** What the page had written. */
  source: string;
}

export function keepTranslatedTextsLive(root: HTMLElement): void {
  const translations = new WeakMap<Node, Translation>();
  const sources = new WeakMap<Node, Text>();

  function pair(text: Text, element: HTMLElement): void {
    const source = text.data;
    if (!/\S/.test(source) || element.parentNode instanceof SVGElement) {
      // Nothing to read, or in a drawing, which shows no such element.
      element.replaceWith(text);
      return;
    }
    // Some translators keep the page's text in their element: that keeps a copy.
    if (element.contains(text)) text.replaceWith(source);
    element.before(text);
    text.data = '';
    translations.set(text, { element, source });
    sources.set(element, text);
  }

  function unpair(text: Node): Translation | undefined {
    const translation = translations.get(text);
    translations.delete(text);
    if (translation) sources.delete(translation.element);
    return translation;
  }

  function onremoved(node: Node): void {
    if (node.isConnected) return;
    const own = unpair(node);
    own?.element.remove();
    const text = sources.get(node);
    const translation = text && unpair(text);
    // The visitor reads the original again.
    if (text?.isConnected && text.data === '') text.data = translation?.source ?? '';
  }

  function onadded(node: Node, record: MutationRecord, records: readonly MutationRecord[]): void {
    const moved = translations.get(node);
    if (moved && node.nextSibling !== moved.element) (node as Text).after(moved.element);
    if (!isTranslation(node) || sources.has(node)) return;
    const text = textBehind(node, record, records);
    if (text) pair(text, node);
  }

  const observer = new MutationObserver((records) => {
    for (const { type, target } of records) {
      if (type === 'characterData') unpair(target)?.element.remove();
    }
    for (const { removedNodes } of records) removedNodes.forEach(onremoved);
    for (const record of records) {
      record.addedNodes.forEach((node) => {
        onadded(node, record, records);
      });
    }
    // What was changed here is no news.
    observer.takeRecords();
  });
  observer.observe(root, { subtree: true, childList: true, characterData: true });
}

/** Whether a node is the outermost element of a translation. */
function isTranslation(node: Node): node is HTMLElement {
  return node instanceof HTMLElement && node.tagName === 'FONT' && !node.parentElement?.closest('font');
}

/** The text in whose place a translation came, or around which it was put. */
function textBehind(
  element: HTMLElement,
  added: MutationRecord,
  records: readonly MutationRecord[],
): Text | undefined {
  const replaced = records.filter(
    (record) =>
      record === added ||
      (record.target === added.target &&
        (record.previousSibling === element ||
          record.nextSibling === element ||
          (record.previousSibling === added.previousSibling && record.nextSibling === added.nextSibling))),
  );
  for (const { removedNodes } of replaced) {
    for (const node of removedNodes) {
      if (node instanceof Text && (!node.isConnected || element.contains(node))) return node;
    }
  }
  return undefined;
}
