/** The page is opened with its first picture. */

import { inWords } from '../state/catalogue';
import { drawing } from '../state/drawing.svelte';
import { examples } from '../state/examples.svelte';
import { manifold } from '../state/manifold.svelte';
import { models } from '../state/model.svelte';
import { unpack } from '../state/packed';
import { perception } from '../state/perception.svelte';
import { codesOf, manifoldOf, perceptionOf, type FirstPicture } from './firstPicture';

/** Makes it the page's state. To be called before the page's component is made. */
export function recall(picture: FirstPicture): void {
  const { info, sketch, evidence, extent } = picture;
  const catalogue = picture.catalogue.map(inWords);
  const entry = catalogue.find(({ id }) => id === picture.model);
  if (!entry) return;
  const codes = codesOf(picture);
  models.recall(catalogue, { ...info, key: entry.id, label: entry.label, entry, codes, extent });
  drawing.showExample(sketch);
  examples.skipFirst();
  manifold.recall(entry.id, manifoldOf(picture));
  const { density, ...square } = picture.posterior;
  perception.recall(sketch, entry.id, {
    perception: perceptionOf(picture),
    evidence,
    posterior: {
      ...square,
      density: unpack(density),
      logLikelihood: evidence.value,
      tolerance: evidence.tolerance ?? 0,
      decoderEvaluations: picture.posteriorWork,
    },
  });
}
