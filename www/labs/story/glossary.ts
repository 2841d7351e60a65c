/** The words of the field, in both vocabularies: that of neural networks and that of statistics. */

export interface Entry {
  /** All names of one thing; the first is the one that this page uses. */
  names: readonly string[];
  text: string;
}

export const glossary: readonly Entry[] = [
  {
    names: ['code', 'latent', 'latent variable', 'z', 'representation', 'embedding'],
    text: 'A few numbers that stand for a picture: a network, the decoder, makes the picture from them. They are not in the data: nobody has seen them. That is what “latent” means.',
  },
  {
    names: ['network', 'neural network'],
    text: 'A formula with many numbers that can be adjusted, its weights. Training adjusts them, little by little, until the answers are good.',
  },
  {
    names: ['VAE', 'variational autoencoder'],
    text: 'An encoder, a decoder and a prior, trained together: it turns pictures into codes, and codes into pictures.',
  },
  {
    names: ['Gaussian', 'bell curve', 'normal distribution'],
    text: 'The bell-shaped distribution: most draws lie near the middle, and few far away. A mean and a width say all of it. With mean 0 and width 1 it is a unit normal.',
  },
  {
    names: ['density'],
    text: 'Probability for each unit of area. A probability is at most 1. A density may be larger, if much probability lies on a small area.',
  },
  {
    names: ['decoder', 'generative network', 'p(x|z)', 'likelihood', 'observation model'],
    text: 'A network that takes a code z and answers with the probability of ink for each of the 784 pixels.',
  },
  {
    names: [
      'encoder',
      'inference network',
      'recognition model',
      'q(z|x)',
      'q',
      'approximate posterior',
      'guide',
    ],
    text: 'A network that takes a picture x and answers with a guess of its code: a mean and a width for each number. It is fast, and only nearly right.',
  },
  {
    names: ['prior', 'p(z)'],
    text: 'How probable each code is before any picture has been seen. Here mostly a unit normal: most codes lie near 0.',
  },
  {
    names: ['posterior', 'p(z|x)'],
    text: 'How probable each code is once the picture is seen. With two latents this page computes it exactly.',
  },
  {
    names: ['evidence', 'p(x)', 'marginal likelihood', 'model likelihood'],
    text: 'How probable the model finds this very picture, whatever its code: the average of p(x|z) over codes drawn from the prior.',
  },
  {
    names: ['ELBO', 'evidence lower bound', 'minus free energy', 'minus loss', 'variational bound'],
    text: 'A number that is never above log p(x). Training a VAE raises it. Minus the ELBO is called the loss, or the free energy.',
  },
  {
    names: ['loss', 'negative ELBO', 'free energy', 'cost'],
    text: 'What training makes small: minus the ELBO. It is the reconstruction cost plus the KL to the prior.',
  },
  {
    names: ['KL', 'KL divergence', 'relative entropy'],
    text: 'How far one distribution is from another, in nats. It is 0 if they are the same, and never below. The order of the two matters.',
  },
  {
    names: ['reconstruction cost', 'negative log likelihood', 'cross-entropy', 'distortion'],
    text: 'What it costs, in nats, to say the pixels once the code is known: minus the mean of log p(x|z) over codes from q.',
  },
  {
    names: ['rate', 'KL to the prior', 'cost of the code'],
    text: 'KL(q(z|x) ‖ p(z)): what it costs, in nats, to say the code.',
  },
  {
    names: ['nat'],
    text: 'A unit of information: an event of probability p costs −log p nats. One nat is 1.44 bits.',
  },
  {
    names: ['bit'],
    text: 'A unit of information: one answer yes or no. An event of probability p costs −log₂ p bits.',
  },
  {
    names: ['sampling', 'ancestral sampling', 'generation'],
    text: 'Making new pictures: draw a code from the prior, decode it, then toss a coin for every pixel.',
  },
  {
    names: ['importance sampling', 'importance weights'],
    text: 'An average from draws of another distribution: each draw is weighed by how much more often it should have come.',
  },
  {
    names: ['effective samples', 'ESS'],
    text: 'How many independent, equal draws a set of weighed or dependent draws is worth.',
  },
  {
    names: ['Monte Carlo', 'naive Monte Carlo', 'simple Monte Carlo'],
    text: 'Finding an average by drawing at random and taking the mean of the draws.',
  },
  {
    names: ['Markov chain', 'MCMC'],
    text: 'A walk whose steps are chosen so that, in the long run, it visits codes as often as the posterior says.',
  },
  {
    names: ['Metropolis', 'random walk'],
    text: 'The simplest step of a Markov chain. Propose a place nearby. Take it if it is more probable. If it is one third as probable, take it one time in three.',
  },
  {
    names: ['Hamiltonian steps', 'Hamiltonian Monte Carlo', 'HMC'],
    text: 'Steps of a Markov chain that use the slope of the probability. They go far, and most of them are taken.',
  },
  {
    names: ['reparameterisation', 'pathwise gradient', 'reparameterization trick'],
    text: 'Writing a draw as z = mean + sd·eps, with dice eps that do not depend on q: then one can differentiate through it.',
  },
  {
    names: ['score function', 'REINFORCE', 'likelihood-ratio gradient'],
    text: 'Another way to a gradient through a draw: it needs no derivative of the decoder, and is far noisier.',
  },
  {
    names: ['posterior collapse', 'inactive latent'],
    text: 'A latent whose q(z|x) is the prior for every picture: it says nothing, and the decoder does not use it.',
  },
  {
    names: ['beta', 'beta-VAE', 'β'],
    text: 'A weight on the KL. Above 1 codes say less and lie nearer to the prior.',
  },
  {
    names: ['autoencoder', 'AE'],
    text: 'An encoder and a decoder without probabilities of codes: nothing says which codes will decode to a digit.',
  },
  {
    names: ['PPCA', 'probabilistic principal components', 'factor analysis'],
    text: 'The linear case: the decoder adds up fixed pictures. Posterior and log p(x) are known in closed form.',
  },
  {
    names: ['approximation gap', 'variational gap'],
    text: 'What is left of log p(x) − ELBO with the best Gaussian there is for this one picture.',
  },
  {
    names: ['amortisation gap', 'amortization gap'],
    text: 'What the encoder loses against that best Gaussian, because one network must answer for all pictures.',
  },
  {
    names: ['conditional VAE', 'CVAE'],
    text: 'A VAE that is told the class of each picture: its code keeps only the style.',
  },
  {
    names: ['M2', 'semi-supervised VAE'],
    text: 'A VAE that learns to read digits from few labels and many pictures without one.',
  },
  {
    names: ['disentanglement', 'factor of variation'],
    text: 'Whether single latents stand for single causes, such as the slant of a digit.',
  },
];

/** By any of its names. */
export function entryOf(name: string): Entry | undefined {
  const wanted = name.toLowerCase();
  return glossary.find(({ names }) => names.some((one) => one.toLowerCase() === wanted));
}

export interface Paper {
  authors: string;
  year: number;
  title: string;
  text: string;
}

export const papers: readonly Paper[] = [
  {
    authors: 'Kingma & Welling',
    year: 2014,
    title: 'Auto-Encoding Variational Bayes',
    text: 'The VAE: chapters 11 to 14.',
  },
  {
    authors: 'Rezende, Mohamed & Wierstra',
    year: 2014,
    title: 'Stochastic Backpropagation and Approximate Inference in Deep Generative Models',
    text: 'The same idea, found at the same time.',
  },
  {
    authors: 'Kingma & Welling',
    year: 2019,
    title: 'An Introduction to Variational Autoencoders',
    text: 'A book-length introduction.',
  },
  {
    authors: 'Doersch',
    year: 2016,
    title: 'Tutorial on Variational Autoencoders',
    text: 'Much with few formulas.',
  },
  {
    authors: 'Burda, Grosse & Salakhutdinov',
    year: 2016,
    title: 'Importance Weighted Autoencoders',
    text: 'A tighter bound from more draws: chapter 9.',
  },
  { authors: 'Neal', year: 2001, title: 'Annealed Importance Sampling', text: 'Log p(x) by chains.' },
  {
    authors: 'Hoffman & Johnson',
    year: 2016,
    title: 'ELBO Surgery',
    text: 'What the two terms of the ELBO are made of.',
  },
  { authors: 'Higgins et al.', year: 2017, title: 'beta-VAE', text: 'The weight on the KL: chapter 16.' },
  {
    authors: 'Cremer, Li & Duvenaud',
    year: 2018,
    title: 'Inference Suboptimality in Variational Autoencoders',
    text: 'The two gaps: chapter 19.',
  },
  {
    authors: 'Tipping & Bishop',
    year: 1999,
    title: 'Probabilistic Principal Component Analysis',
    text: 'The linear case: chapter 18.',
  },
  {
    authors: 'Kingma, Rezende, Mohamed & Welling',
    year: 2014,
    title: 'Semi-supervised Learning with Deep Generative Models',
    text: 'Few labels (M2): chapter 21.',
  },
  {
    authors: 'Chen, Li, Grosse & Duvenaud',
    year: 2018,
    title: 'Isolating Sources of Disentanglement in VAEs',
    text: 'Total correlation and the MIG: chapter 23.',
  },
];
