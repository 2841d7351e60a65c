"""A VAE whose codes are choices: each variable takes one of a few values, written as a 1 among zeros.

One variable is summed over exactly. Several are drawn by the Gumbel-softmax trick (Jang et al. 2017).
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..networks import Network, decoded, linear
from ..posteriors import Categorical, Posterior
from ..priors import CategoricalPrior, Prior
from ..rng import Rng
from ..spec import ModelSpec
from .base import Model
from .enumeration import log_joint


class CategoricalVae(Model):
    """A VAE of one or several categorical variables."""

    def __init__(self, spec: ModelSpec, rng: Rng | None) -> None:
        super().__init__(spec, spec["variables"] * spec["categories"])
        self.variables, self.categories = spec["variables"], spec["categories"]
        network = Network(rng, spec["hidden"], spec["activation"], self.latents)
        self.encoder, self.decoder = network.encoder, network.decoder
        head = linear(rng, "encoder.categories", self.encoder.outputs, self.latents)
        self.encoder.add_module("categories", head)

    def encode(self, x: Tensor) -> Posterior:
        logits = self.encoder.get_submodule("categories")(self.encoder(x))
        return Categorical.of_logits(logits, self.categories, self.spec["temperature"])

    def decode(self, z: Tensor) -> Tensor:
        return decoded(self.decoder, z)

    def current_prior(self) -> Prior:
        like = next(self.parameters())
        return CategoricalPrior.uniform(like, self.variables, self.categories)

    def values(self) -> Tensor | None:
        if self.variables > 1:
            return None
        like = next(self.parameters())
        return torch.eye(self.categories, dtype=like.dtype, device=like.device)

    def exact_log_likelihood(self, x: Tensor) -> Tensor | None:
        values = self.values()
        return None if values is None else torch.logsumexp(log_joint(self, x, values).double(), 1)
