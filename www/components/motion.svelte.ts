/** Whether the visitor asked for less motion; followed while the page is open. */
class Motion {
  reduced = $state(false);

  constructor() {
    const query = matchMedia('(prefers-reduced-motion: reduce)');
    this.reduced = query.matches;
    query.addEventListener('change', (event) => {
      this.reduced = event.matches;
    });
  }
}

export const motion = new Motion();
