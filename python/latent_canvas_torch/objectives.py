"""What training maximises. In nats; every bound is a mean over images, and shares of a batch add up to the whole."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .bound import closed_kl
from .errors import UnsupportedError
from .models.base import Model
from .models.enumeration import log_likelihoods
from .networks import CLASSES, one_hot

OBJECTIVES = ("elbo", "iwae", "dreg")


@dataclass(frozen=True)
class Weights:
    """How the terms of a bound are weighed."""

    # Weight of the KL term: more than 1 is a beta-VAE (Higgins et al. 2017).
    beta: float = 1.0
    # Nats of KL that each latent has for free (Kingma et al. 2016).
    free_bits: float = 0.0
    # Weight of -log q(y|x) of images whose class is known, for a model that tells classes.
    class_weight: float = 1.0


@dataclass(frozen=True)
class Batch:
    """Images of a step, or a process's share of them, with all random choices made."""

    # `[B, 784]`.
    x: Tensor
    # What the encoder sees, `[B, 784]`; x itself unless a model learns to denoise.
    seen: Tensor
    # `[k B, K]`, standard normal: all images' first draws of z, then their second ones.
    noise: Tensor
    # The classes told, `[B, 10]`, for a model that takes them.
    y: Tensor | None = None
    # Images of the whole step, and those of known class among them.
    whole_rows: int = 0
    whole_known: int = 0


@dataclass(frozen=True)
class Bound:
    """One sample of a bound and its parts, scalars."""

    # What to minimise.
    loss: Tensor
    # E_q log p(x|z).
    reconstruction: Tensor
    # KL(q(z|x) || p(z)); from the draws where it has no closed form.
    kl: Tensor


# From a share's mean KL of each latent to that of the whole batch, without gradient.
Whole = Callable[[Tensor], Tensor]


def sample(objective: str, model: Model, batch: Batch, weights: Weights, whole: Whole = Tensor.detach) -> Bound:
    """One sample of the objective of this name.

    Raises UnsupportedError where it does not fit the model.
    """
    if objective not in OBJECTIVES:
        raise UnsupportedError(
            f'the objective "{objective}" is trained by the Rust command line only; here: {", ".join(OBJECTIVES)}'
        )
    if batch.y is not None:
        if model.spec.family.classifies:
            if objective != "elbo":
                raise UnsupportedError('a model that tells classes is trained with the objective "elbo"')
            return semi_supervised(model, batch, weights)
        model = model.given(batch.y)
    if objective == "elbo":
        return elbo(model, batch, weights, whole)
    return importance_weighted(model, batch, weights.beta, doubly_reparameterised=objective == "dreg")


def elbo(model: Model, batch: Batch, weights: Weights, whole: Whole) -> Bound:
    """ELBO = E_q log p(x|z) - KL(q(z|x) || p(z)) (Kingma & Welling 2014).

    The loss is -reconstruction + beta sum_k max(free_bits, KL_k), KL_k a mean over the whole batch; what lies
    below the floor has no gradient. A KL that is known as a whole only has K times the free bits.
    """
    q, prior, values = model.encode(batch.seen), model.current_prior(), model.values()
    held: Tensor | None
    if values is not None and prior is not None:
        log_q = q.log_probabilities()
        if log_q is None:
            raise UnsupportedError("this posterior cannot be summed over")
        q_of_values = torch.exp(log_q)
        fits = (q_of_values * log_likelihoods(model, batch.x, values)).sum(1)
        held = (q_of_values * (log_q - prior.log_prob(values))).sum(1, keepdim=True)
    else:
        draws = len(batch.noise) // len(batch.x)
        of_draws = q.repeat(draws)
        held = closed_kl(prior, q)
        if prior is not None and held is None:
            z, log_q_of_z = of_draws.draw(batch.noise)
            held = (log_q_of_z - prior.log_prob(z))[:, None]
        else:
            z = of_draws.relaxed(batch.noise)
        fits = model.log_likelihood(batch.x.repeat(draws, 1), model.decode(z))
    reconstruction = fits.mean()
    if held is None:
        return Bound(-reconstruction, reconstruction, torch.zeros_like(reconstruction))
    each = held.mean(0)
    charged = each
    if weights.free_bits > 0:
        latents = 1 if values is not None else model.latents
        floor = weights.free_bits * (latents // len(each))
        charged = torch.where(whole(each) > floor, each, floor)
    return Bound(weights.beta * charged.sum() - reconstruction, reconstruction, each.sum())


def importance_weighted(model: Model, batch: Batch, beta: float, doubly_reparameterised: bool) -> Bound:
    """L_k = E log (1/k) sum_i w_i, w_i = p(x|z_i) [p(z_i) / q(z_i|x)]^beta (Burda et al. 2016).

    The encoder's gradient is that of the bound, or the doubly reparameterised one (Tucker et al. 2018, beta = 1):
    sum_i w~_i (1 - beta + beta w~_i) (d log w_i / d z_i) (d z_i / d phi), with less noise.
    """
    prior = model.required_prior()
    if not prior.continuous:
        raise UnsupportedError("the importance weighted bound needs codes of real numbers")
    draws = len(batch.noise) // len(batch.x)
    q = model.encode(batch.seen)
    of_draws = q.repeat(draws)
    if doubly_reparameterised:
        z = of_draws.relaxed(batch.noise)
        log_q = of_draws.held_log_prob(z)
    else:
        z, log_q = of_draws.draw(batch.noise)
    fits = model.log_likelihood(batch.x.repeat(draws, 1), model.decode(z))
    log_ratio = prior.log_prob(z) - log_q
    log_weights = (fits + beta * log_ratio).reshape(draws, len(batch.x))
    if doubly_reparameterised and z.requires_grad:
        normalised = torch.softmax(log_weights.detach(), 0).flatten()
        factors = (1 - beta + beta * normalised)[:, None]
        z.register_hook(lambda gradient: gradient * factors)  # type: ignore[no-untyped-call]
    bound = (torch.logsumexp(log_weights, 0) - math.log(draws)).mean()
    closed = closed_kl(prior, q)
    kl = -log_ratio.mean() if closed is None else closed.mean(0).sum()
    return Bound(-bound, fits.mean(), kl)


def semi_supervised(model: Model, batch: Batch, weights: Weights) -> Bound:
    """M2 (Kingma et al. 2014): L(x, y) = L(x|y) + log p(y) of an image whose class is known, and
    U(x) = sum_y q(y|x) [L(x, y) - log q(y|x)] of one whose class is not.

    The loss takes class_weight times the mean of -log q(y|x) over the known classes besides. Images of known
    class stand before the others.
    """
    logits = model.classify(batch.x)
    if logits is None or batch.y is None:
        raise UnsupportedError("this objective learns from labels, and this model tells no classes")
    log_q = torch.log_softmax(logits, 1)
    rows, known = len(batch.x), int(batch.y.sum())
    noise = batch.noise.reshape(-1, rows, batch.noise.shape[1])
    loss = reconstruction = kl = log_q.new_zeros(())
    if known > 0:
        fit, divergence = _given_class(model, batch.x[:known], batch.y[:known], noise[:, :known])
        surprise = -(log_q[:known] * batch.y[:known]).sum()
        divergence = divergence + math.log(CLASSES)
        weight = weights.class_weight * batch.whole_rows / batch.whole_known
        loss = loss + (weights.beta * divergence - fit).sum() + weight * surprise
        reconstruction, kl = reconstruction + fit.sum(), kl + divergence.sum()
    if known < rows:
        log_q, noise = log_q[known:], noise[:, known:]
        # All images of the first class, then of the next.
        every = one_hot([label for label in range(CLASSES) for _ in range(rows - known)])
        fit, divergence = _given_class(model, batch.x[known:], every.to(log_q), noise)
        log_q_of_rows = log_q.T.flatten()
        q_of_rows = torch.exp(log_q_of_rows)
        divergence = q_of_rows * (divergence + log_q_of_rows + math.log(CLASSES))
        fit = q_of_rows * fit
        loss = loss + (weights.beta * divergence - fit).sum()
        reconstruction, kl = reconstruction + fit.sum(), kl + divergence.sum()
    return Bound(loss / rows, reconstruction / rows, kl / rows)


def _given_class(model: Model, x: Tensor, y: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """E_q log p(x|z, y), a mean over the draws, and KL(q(z|x, y) || p(z)) of each row of y, `[rows of y]`."""
    of_class = model.given(y)
    q = of_class.encode(x)
    kl = closed_kl(of_class.current_prior(), q)
    if kl is None:
        raise UnsupportedError("learning classes needs a divergence in closed form")
    times = len(y) // len(x)
    x = x.repeat(times, 1)
    fits = [
        of_class.log_likelihood(x, of_class.decode(q.relaxed(draw[:, : of_class.latents].repeat(times, 1))))
        for draw in noise
    ]
    return torch.stack(fits).mean(0), kl.sum(1)
