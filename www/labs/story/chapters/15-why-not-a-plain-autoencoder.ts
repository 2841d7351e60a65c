import type { Chapter } from '../chapter';

const chapter: Chapter = {
  number: 15,
  title: 'Why not a plain autoencoder?',
  model: 'mnist-2d',
  lead: 'Leave the KL out, and let the encoder answer with one point: that is an [autoencoder]. It is simpler, and older. What does it lack?',
  text: [
    'Nothing tells an autoencoder *where* to put its codes. They may lie far out, with holes between them. So nobody knows which codes to draw for a new digit. And it has no prior, so it does not say how probable a picture is.',
  ],
  task: 'Draw other codes for both, and compare what comes out.',
  touch: 'button',
  figure: () => import('../figures/Autoencoder.svelte'),
  question: {
    ask: 'Both have two latents and were trained on the same digits. Which brings *your drawing* back at the lower pixel cost?',
    guess: {
      kind: 'choice',
      options: [
        { id: 'vae', name: 'the variational one' },
        { id: 'ae', name: 'the plain one' },
      ],
    },
    answer: 'better',
    reveal:
      'Your drawing costs the plain one {ae:nats}, the variational one {vae:nats}. On average over test digits it is {usualAe:nats} against {usualVae:nats}. The plain one is trained only to redraw, and does it a little better; with a single digit it can be the other way. But compare the samples: its own are worse.',
  },
  more: {
    lab: 'compare',
    settings: { part: 'autoencoder' },
    words: 'Both maps side by side, in the Compare lab',
  },
};

export default chapter;
