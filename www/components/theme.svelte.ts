/** Light or dark: the system's choice until the visitor makes one. Figures on canvases read their colours here. */

export type Theme = 'light' | 'dark';

const STORAGE_KEY = 'theme';

class ThemeState {
  #chosen = $state<Theme>();
  #system = $state<Theme>('light');

  constructor() {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    this.#system = dark.matches ? 'dark' : 'light';
    dark.addEventListener('change', (event) => {
      this.#system = event.matches ? 'dark' : 'light';
      this.#apply();
    });
    const given = document.documentElement.dataset.chosen;
    if (given === 'light' || given === 'dark') this.#chosen = given;
    this.#apply();
  }

  get current(): Theme {
    return this.#chosen ?? this.#system;
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
    // The read makes the caller depend on the theme; the value itself comes from the style sheet.
    void this.current;
    return getComputedStyle(document.documentElement).getPropertyValue(token).trim();
  }

  #apply(): void {
    document.documentElement.dataset.theme = this.current;
  }
}

export const theme = new ThemeState();
