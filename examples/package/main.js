// The same program in Node, in a page and through a bundler; the package's README shows it.
import init, { Dataset, Model, Trainer } from 'latent-canvas';

await init();

// Digits that the package draws itself, and a model with two latents.
const digits = Dataset.strokes(1000, 1);
const untrained = new Model({ model: 'vae', latents: 2, hidden: [64] }, 1);
const trainer = new Trainer(untrained, digits, { batchSize: 64, seed: 1 });
console.log(`ELBO ${trainer.step(50).elbo.toFixed(1)} nats`);

// The code of a digit, and what the decoder makes of it.
const model = trainer.model();
const digit = digits.images(0, 1);
const { mean } = model.encode(digit);
console.log(`code ${mean.join(', ')}; ${model.decode(mean).length} pixels`);

// How probable the model finds it.
const { logLikelihood } = model.logLikelihood(digit, { estimator: 'quadrature' });
console.log(`log p(x) = ${logLikelihood.toFixed(2)} nats, exactly`);
