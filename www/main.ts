import '@fontsource-variable/source-sans-3/wght.css';
import '@fontsource-variable/source-sans-3/wght-italic.css';
import './styles/standIns.css';
import './styles/tokens.css';
import './styles/base.css';

// The worker that answers the pen is taken over with this, or started where the HTML has not.
import { isOf, readFirstPicture } from './page/firstPicture';
import { sendFirstModel } from './state/firstModel';

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

// Without an origin nothing can run, and index.html says so.
if (target && self.origin !== 'null') {
  const picture = readFirstPicture();
  const shown = picture && isOf(picture, location.hash) ? picture : undefined;
  const entry = shown?.catalogue.find(({ id }) => id === shown.model);
  if (entry) sendFirstModel(entry.id, entry.file);
  // What the HTML shows is painted before the page itself is made, which takes longer.
  await firstFrame();
  const { open } = await import('./page/open');
  open(target, shown);
}
