"""What a model believes of a code before it has seen an image: p(z), assumed or learned. In nats."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .networks import CLASSES, PIXELS
from .posteriors import LOG_2PI, unit_log_prob
from .rng import Rng


class Prior:
    """p(z)."""

    # Whether a posterior's `kl_to_standard` is the divergence from it.
    standard = False
    # Whether codes are real numbers.
    continuous = True

    def log_prob(self, z: Tensor) -> Tensor:
        """log p(z) of each row, `[B, K]` -> `[B]`."""
        raise NotImplementedError

    def log_probabilities(self) -> Tensor | None:
        """log p of every category, `[1, categories]`, where a code is one categorical variable."""
        return None


class UnitNormal(Prior):
    """N(0, 1) in every latent."""

    standard = True

    def log_prob(self, z: Tensor) -> Tensor:
        return unit_log_prob(z)


@dataclass
class Mixture(Prior):
    """sum_m w_m N(z; mean_m, exp(log_var_m)); log w `[M]`, mean and log_var `[M, K]`."""

    log_weights: Tensor
    mean: Tensor
    log_var: Tensor

    def log_prob(self, z: Tensor) -> Tensor:
        # With precision p, a product of [z^2, z] and [-p / 2, mean p], and a constant for each component.
        precision = torch.exp(-self.log_var)
        scaled = self.mean * precision
        constants = -0.5 * (self.mean * scaled + self.log_var + LOG_2PI).sum(1) + self.log_weights
        slopes = torch.cat([-0.5 * precision, scaled], 1)
        return torch.logsumexp(torch.cat([z**2, z], 1) @ slopes.T + constants, 1)


@dataclass
class CategoricalPrior(Prior):
    """Independent categorical variables; `log_weights` `[1, variables categories]`."""

    log_weights: Tensor
    categories: int
    standard: bool = False
    continuous: bool = False

    @classmethod
    def uniform(cls, like: Tensor, variables: int, categories: int) -> CategoricalPrior:
        """Every category as probable."""
        log_weights = like.new_full((1, variables * categories), -math.log(categories))
        return cls(log_weights, categories, standard=True)

    def log_prob(self, z: Tensor) -> Tensor:
        return (z * self.log_weights).sum(1)

    def log_probabilities(self) -> Tensor | None:
        return self.log_weights if self.log_weights.shape[1] == self.categories else None


class WithClassPrior(Prior):
    """A unit normal z, and every class as probable."""

    continuous = False

    def log_prob(self, z: Tensor) -> Tensor:
        return unit_log_prob(z[:, :-CLASSES]) - math.log(CLASSES)


class MixtureParameters(nn.Module):
    """Free weights, means and variances of a mixture."""

    def __init__(self, rng: Rng | None, components: int, latents: int) -> None:
        super().__init__()
        self.weight_logits = nn.Parameter(torch.zeros(components))
        mean = torch.zeros(components, latents)
        if rng is not None:
            # Means far enough apart to tell components from each other.
            draws = rng.split("prior.mean").normals(components * latents)
            mean = 0.5 * torch.from_numpy(draws).reshape(components, latents)
        self.mean = nn.Parameter(mean)
        self.log_var = nn.Parameter(torch.zeros(components, latents))

    def mixture(self) -> Mixture:
        """p(z) as it is now."""
        return Mixture(torch.log_softmax(self.weight_logits, 0), self.mean, self.log_var)


class PseudoInputs(nn.Module):
    """The logits of the images u_m whose codes are the VampPrior (Tomczak & Welling 2018)."""

    def __init__(self, components: int) -> None:
        super().__init__()
        self.pseudo_inputs = nn.Parameter(torch.zeros(components, PIXELS))

    def images(self) -> Tensor:
        """u, `[M, 784]`."""
        return torch.sigmoid(self.pseudo_inputs)

    def mixture(self, moments: tuple[Tensor, Tensor]) -> Mixture:
        """p(z) = (1/M) sum_m q(z|u_m), from mean and log-variance of q(z|u)."""
        mean, log_var = moments
        log_weights = mean.new_full((len(mean),), -math.log(len(mean)))
        return Mixture(log_weights, mean, log_var)
