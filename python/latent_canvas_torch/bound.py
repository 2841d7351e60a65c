"""The evidence lower bound of images, with the draws that the Rust crate makes: equal seeds give equal numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .errors import DivergenceError, OptionError
from .models.base import Model, check_pixels
from .models.enumeration import log_likelihoods
from .networks import CLASSES, one_hot
from .posteriors import Posterior
from .priors import Prior
from .rng import Rng

# Rows that go through the network at once; draws are made block by block.
_BLOCK = 500
# Classes of a smaller probability q(y|x) are left out for an image.
_LEAST_SHARE = 1e-6


@dataclass(frozen=True)
class ElboEstimate:
    """The bound and its parts, means over the images, in nats."""

    # E_q log p(x|z).
    reconstruction: float
    # KL(q(z|x) || p(z)), 0 for a model without prior.
    kl: float

    @property
    def elbo(self) -> float:
        return self.reconstruction - self.kl


def closed_kl(prior: Prior | None, q: Posterior) -> Tensor | None:
    """KL(q(z|x) || p(z)) of each number of the code, `[B, K]`, nats, where it has a closed form."""
    if prior is None:
        return None
    if prior.standard:
        return q.kl_to_standard()
    log_q, log_prior = q.log_probabilities(), prior.log_probabilities()
    if log_q is None or log_prior is None:
        return None
    return torch.exp(log_q) * (log_q - log_prior)


@torch.no_grad()
def elbo(
    model: Model, x: Tensor, samples: int = 1, seed: int = 0, labels: list[int | None] | None = None
) -> ElboEstimate:
    """E_q log p(x|z) - KL(q(z|x) || p(z)) with `samples` draws of z for each image (Kingma & Welling 2014).

    Where codes have few values it is a sum over them, without draws. A model that takes classes is given
    those labels that are known. Where one is not, it sums over the classes with a guess of p(y|x) as q(y|x).

    x `[n, 784]` in [0, 1]; samples 1 to 10,000. Raises DivergenceError when the bound is not finite.
    """
    x = check_pixels(x)
    if not 1 <= samples <= 10_000:
        raise OptionError(f"samples must be 1 to 10000; got {samples}")
    if labels is not None and len(labels) != len(x):
        raise OptionError(f"there are {len(x)} images but {len(labels)} labels")
    sums = _Sums(Rng(seed).split("elbo"), samples)
    for start in range(0, len(x), _BLOCK):
        block = x[start : start + _BLOCK]
        known: list[int | None] = [None] * len(block)
        if labels is not None:
            known = labels[start : start + _BLOCK]
        sums.add_images(model, block, known, 1 / len(x))
    found = ElboEstimate(sums.reconstruction, sums.kl)
    if not math.isfinite(found.elbo):
        raise DivergenceError("the bound is not finite: the model's weights have grown too large")
    return found


class _Sums:
    """Weighted sums over rows of images."""

    def __init__(self, rng: Rng, samples: int) -> None:
        self.rng, self.samples = rng, samples
        self.reconstruction, self.kl = 0.0, 0.0

    def add_images(self, model: Model, x: Tensor, labels: list[int | None], weight: float) -> None:
        if not model.of_each_class():
            self.add(model, x, torch.full((len(x),), weight, dtype=torch.float64))
            return
        # Each image comes once for every class that it may have.
        rows: list[tuple[int, int, float]] = []
        shares = None if None not in labels else class_shares(model, x)
        for image, label in enumerate(labels):
            if label is not None:
                rows.append((image, label, weight))
            elif shares is not None:
                rows.extend(self._classes_of(image, shares[image], weight))
        block = _BLOCK if None in labels else len(rows)
        for start in range(0, len(rows), block):
            part = rows[start : start + block]
            given = model.given(one_hot([row[1] for row in part]))
            weights = torch.tensor([row[2] for row in part], dtype=torch.float64)
            self.add(given, x[[row[0] for row in part]], weights)

    def _classes_of(self, image: int, shares: Tensor, weight: float) -> list[tuple[int, int, float]]:
        """The classes that an image may have, each with its weight; adds KL(q(y|x) || p(y))."""
        kept = [(label, share) for label, share in enumerate(shares.tolist()) if share > _LEAST_SHARE]
        total = sum(share for _, share in kept)
        rows = []
        for label, share in kept:
            share /= total
            self.kl += weight * share * math.log(share * CLASSES)
            rows.append((image, label, weight * share))
        return rows

    def add(self, model: Model, x: Tensor, weights: Tensor) -> None:
        weights = weights.to(x.device)
        q, prior = model.encode(x), model.current_prior()
        closed = closed_kl(prior, q)
        if closed is not None:
            self.kl += float((weights * closed.double().sum(1)).sum())
        values, log_q = model.values(), q.log_probabilities()
        if values is not None and log_q is not None:
            means = (torch.exp(log_q) * log_likelihoods(model, x, values)).sum(1)
            self.reconstruction += float((weights * means.double()).sum())
            return
        at_once = min(max(_BLOCK // len(x), 1), self.samples)
        left = self.samples
        while left > 0:
            draws = min(at_once, left)
            noise = torch.from_numpy(self.rng.normals(draws * len(x) * model.latents))
            z, log_q_of_z = q.repeat(draws).draw(noise.reshape(-1, model.latents).to(x.device))
            of_draws = weights.repeat(draws) / self.samples
            fit = model.log_likelihood(x.repeat(draws, 1), model.decode(z))
            self.reconstruction += float((of_draws * fit.double()).sum())
            if closed is None and prior is not None:
                self.kl += float((of_draws * (log_q_of_z - prior.log_prob(z)).double()).sum())
            left -= draws


def class_shares(model: Model, x: Tensor) -> Tensor:
    """A guess of p(y|x) of each image, `[B, 10]`: as p(x|z, y) p(z) / q(z|x, y) at the mean of q(z|x, y)."""
    log_weights = []
    for of_class in model.of_each_class():
        z, log_q = of_class.encode(x).draw(x.new_zeros(len(x), of_class.latents))
        fit = of_class.log_likelihood(x, of_class.decode(z))
        log_weights.append(fit + of_class.required_prior().log_prob(z) - log_q)
    shares = torch.softmax(torch.stack(log_weights, 1).double(), 1)
    if not bool(torch.isfinite(shares).all()):
        raise DivergenceError("no class explains the image: the model's weights have grown too large")
    return shares
