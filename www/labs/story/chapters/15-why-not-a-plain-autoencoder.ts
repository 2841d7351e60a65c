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
    ask: 'Both have two latents and were trained on the same digits. The VAE’s codes lie about as wide as the unit normal. How many times as wide lie those of the *plain* one?',
    guess: { kind: 'amount', from: 0.1, to: 1000, logarithmic: true, unit: 'times' },
    answer: 'times',
    reveal:
      'Look at both maps. All codes from the unit normal fall into one small spot of the plain one’s map, where only few kinds of digits lie. So its samples are worse. To redraw it is as good: your drawing costs it {ae:nats}, and the VAE {vae:nats}. On average over test digits it is {usualAe:nats} against {usualVae:nats}.',
  },
  more: {
    lab: 'compare',
    settings: { part: 'autoencoder' },
    words: 'Both maps side by side, in the Compare lab',
  },
};

export default chapter;
