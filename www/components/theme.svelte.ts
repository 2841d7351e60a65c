/** Light or dark: the system's choice until the visitor makes one. Figures on canvases read their colours here. */

import { flushSync } from 'svelte';

export type Theme = 'light' | 'dark';

const STORAGE_KEY = 'theme';

class ThemeState {
  #chosen = $state<Theme>();
  #system = $state<Theme>('light');
  /** On paper the dark theme would be pale on white. */
  #printing = $state(false);
  /** Token values already looked up: asking the style sheet costs a layout. */
  readonly #colours = new Map<string, string>();

  constructor() {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    this.#system = dark.matches ? 'dark' : 'light';
    dark.addEventListener('change', (event) => {
      this.#system = event.matches ? 'dark' : 'light';
      this.#apply();
    });
    const print = matchMedia('print');
    this.#printing = print.matches;
    print.addEventListener('change', (event) => {
      this.#print(event.matches);
    });
    // Some browsers tell it in this way alone, and print what is on the canvases when these have returned.
    addEventListener('beforeprint', () => {
      this.#print(true);
    });
    addEventListener('afterprint', () => {
      this.#print(print.matches);
    });
    const given = document.documentElement.dataset.chosen;
    if (given === 'light' || given === 'dark') this.#chosen = given;
    this.#apply();
  }

  get current(): Theme {
    return this.#printing ? 'light' : (this.#chosen ?? this.#system);
  }

  toggle(): void {
    this.#chosen = this.current === 'dark' ? 'light' : 'dark';
    try {
      localStorage.setItem(STORAGE_KEY, this.#chosen);
    } catch {
      // Storage may be forbidden; the choice then lasts as long as the page.
    }
    this.#apply();
  }

  /** The value of a token such as `--ink`, for canvases; reading it in an effect follows the theme. */
  colour(token: string): string {
    const key = `${this.current} ${token}`;
    let value = this.#colours.get(key);
    if (value === undefined) {
      value = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
      this.#colours.set(key, value);
    }
    return value;
  }

  #print(printing: boolean): void {
    flushSync(() => {
      this.#printing = printing;
      this.#apply();
    });
  }

  #apply(): void {
    document.documentElement.dataset.theme = this.current;
  }
}

export const theme = new ThemeState();
