"""Codes that can take few values, `[M, K]`: log p(x) and the evidence lower bound as finite sums over all of them."""

from __future__ import annotations

from torch import Tensor

from ..errors import UnsupportedError
from .base import Model


def log_likelihoods(model: Model, x: Tensor, values: Tensor) -> Tensor:
    """log p(x|z) of each image and each code, nats, `[B, M]`: x . logits + log p(0|z), one product for all pairs."""
    if not model.likelihood.binary:
        raise UnsupportedError("a sum over all codes needs pixels that are black or white")
    logits = model.decode(values)
    without_ink = model.log_likelihood(logits.new_zeros(logits.shape), logits)
    return x @ logits.T + without_ink


def log_joint(model: Model, x: Tensor, values: Tensor) -> Tensor:
    """log p(x, z) of each image and each code, nats, `[B, M]`."""
    return log_likelihoods(model, x, values) + model.required_prior().log_prob(values)
