/** An entry of the catalogue of shipped models, index.json: what is known of a model before it is fetched. */

import { translated } from '../locales/crate';
import type { TestLogLikelihood } from './testDigits';

export interface CatalogueEntry {
  id: string;
  label: string;
  file: string;
  codes: string;
  /** log p(x) of test digits, one by one; none of a model without p(x). */
  likelihoods?: string;
  bytes: number;
  latents: number;
  /** What it was trained on, in words. */
  data: string;
  /** Negative log-likelihood per test image, nats; none of a model without likelihood. */
  nll?: number;
  nllEstimator?: string;
  /** The same with the class of each image given, of a model that is told classes; `nll` sums over them. */
  nllGivenClass?: number;
  /** How many test images both were measured on, if not on all. */
  nllImages?: number;
  /** The bound on log p(x) and its reconstruction term, means over test images, nats; reconstruction − elbo is KL. */
  elbo?: number;
  reconstruction?: number;
  /** The kind of pixels that was measured: log densities of grey pixels cannot be compared with log probabilities. */
  pixels: 'grey' | 'black or white';
  /** Fréchet distance of its samples to test images, on the features of a frozen classifier. */
  frechet?: number;
  /** The share of test digits that it takes for another class, of a model that knows of classes. */
  classError?: number;
  /** The share of its samples by class that the classifier reads as that class. */
  accuracyByClass?: number;
  /** How well single latents align with the factors of stroke digits, 0 to 1. */
  mutualInformationGap?: number;
  /** log p(x) of test digits, to compare a drawing's with. */
  testLogLikelihood?: TestLogLikelihood;
  /** The option in which some models differ from each other and in nothing else; they are shown together. */
  series?: 'beta';
  /** The weight of the KL in training, of a model of that series. */
  beta?: number;
  description: string;
  command: string;
  seed: number;
}

/** An entry in the language of the page. */
export function inWords(entry: CatalogueEntry): CatalogueEntry {
  const { label, description, data, nllEstimator } = entry;
  return {
    ...entry,
    label: translated(label),
    description: translated(description),
    data: translated(data),
    ...(nllEstimator === undefined ? {} : { nllEstimator: translated(nllEstimator) }),
  };
}
