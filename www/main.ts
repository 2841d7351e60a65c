import '@fontsource-variable/source-sans-3/wght.css';
import '@fontsource-variable/source-sans-3/wght-italic.css';
import './styles/tokens.css';
import './styles/base.css';

// The worker that answers the pen starts now.
import './engine/client';

const target = document.getElementById('app');

/** The next frame, or a moment where none is drawn: a hidden tab has none. */
function firstFrame(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => {
      setTimeout(resolve);
    });
    setTimeout(resolve, 100);
  });
}

if (target) {
  // What the HTML shows is painted before the page itself is made, which takes longer.
  const [{ open }] = await Promise.all([import('./page/open'), firstFrame()]);
  open(target);
}
