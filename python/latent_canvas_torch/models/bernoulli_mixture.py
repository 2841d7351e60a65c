"""The mixture of Bernoullis: p(x) = sum_c pi_c prod_j mu_cj^x_j (1 - mu_cj)^(1 - x_j) (Bishop 2006, section 9.3.3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..networks import PIXELS
from ..posteriors import Categorical, Posterior
from ..priors import CategoricalPrior, Prior
from ..rng import Rng
from ..spec import ModelSpec
from .base import Model
from .enumeration import log_joint


class BernoulliMixture(Model):
    """Tensors: `decoder.weight`, the logits of the templates, `[784, C]`; `prior.log_weights` `[C]`."""

    def __init__(self, spec: ModelSpec, rng: Rng | None) -> None:
        super().__init__(spec, spec["components"])
        self.decoder, self.prior = nn.Module(), nn.Module()
        self.decoder.register_parameter("weight", nn.Parameter(torch.zeros(PIXELS, self.latents)))
        self.prior.register_parameter("log_weights", nn.Parameter(torch.zeros(self.latents)))

    def encode(self, x: Tensor) -> Posterior:
        """p(z|x) itself."""
        return Categorical.of_logits(log_joint(self, x, self.values()), self.latents)

    def decode(self, z: Tensor) -> Tensor:
        return z @ self.decoder.get_parameter("weight").T

    def current_prior(self) -> Prior:
        log_weights = torch.log_softmax(self.prior.get_parameter("log_weights"), 0)
        return CategoricalPrior(log_weights[None], self.latents)

    def values(self) -> Tensor:
        weight = self.decoder.get_parameter("weight")
        return torch.eye(self.latents, dtype=weight.dtype, device=weight.device)

    def exact_log_likelihood(self, x: Tensor) -> Tensor:
        return torch.logsumexp(log_joint(self, x, self.values()).double(), 1)
