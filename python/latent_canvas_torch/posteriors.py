"""What an encoder says of a code: q(z|x), a row for each image. Densities and divergences are in nats."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .errors import UnsupportedError
from .networks import CLASSES

LOG_2PI = math.log(2 * math.pi)


def unit_log_prob(z: Tensor) -> Tensor:
    """log N(z; 0, 1) of each row, `[B, K]` -> `[B]`."""
    return (-0.5 * (z**2 + LOG_2PI)).sum(1)


class Posterior:
    """q(z|x) of B images."""

    def moments(self) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of every number of the code, `[B, K]` each."""
        raise NotImplementedError

    def repeat(self, count: int) -> Posterior:
        """Every row `count` times: all rows, then all rows again."""
        raise NotImplementedError

    def draw(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        """z `[B, K]` and log q(z|x) `[B]`, from standard normal noise `[B, K]`."""
        raise NotImplementedError

    def relaxed(self, noise: Tensor) -> Tensor:
        """A draw through which gradients flow; the draw itself unless codes are discrete."""
        return self.draw(noise)[0]

    def held_log_prob(self, z: Tensor) -> Tensor:
        """log q of any z, the distribution held constant: gradients reach z alone."""
        raise UnsupportedError(
            'this posterior\'s density is known for its own draws only; use the objective "iwae" or "elbo"'
        )

    def log_probabilities(self) -> Tensor | None:
        """log q of every value of a code with few values, `[B, M]`."""
        return None

    def kl_to_standard(self) -> Tensor | None:
        """KL(q || the standard prior of such codes) of each number of the code, `[B, K]`, in closed form."""
        return None


@dataclass
class Diagonal(Posterior):
    """N(mean, exp(log_var)) (Kingma & Welling 2014); both `[B, K]`."""

    mean: Tensor
    log_var: Tensor

    def moments(self) -> tuple[Tensor, Tensor]:
        return self.mean, self.log_var

    def repeat(self, count: int) -> Posterior:
        return Diagonal(self.mean.repeat(count, 1), self.log_var.repeat(count, 1))

    def draw(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        z = self.relaxed(noise)
        return z, self.log_prob(z)

    def relaxed(self, noise: Tensor) -> Tensor:
        return self.mean + torch.exp(0.5 * self.log_var) * noise

    def log_prob(self, z: Tensor) -> Tensor:
        squares = (z - self.mean) ** 2 * torch.exp(-self.log_var)
        return (-0.5 * (squares + self.log_var + LOG_2PI)).sum(1)

    def held_log_prob(self, z: Tensor) -> Tensor:
        return Diagonal(self.mean.detach(), self.log_var.detach()).log_prob(z)

    def kl_to_standard(self) -> Tensor:
        """(mean^2 + var - 1 - log_var) / 2."""
        return 0.5 * (self.mean**2 + torch.expm1(self.log_var) - self.log_var)


@dataclass
class Full(Posterior):
    """z = mean + L noise, L lower triangular: q(z|x) = N(mean, L L^T).

    `conditional` holds the mean and 2 log L_kk; `lower` L below its diagonal, row after row, `[B, K (K - 1) / 2]`.
    """

    conditional: Diagonal
    lower: Tensor

    def _strictly_lower(self) -> Tensor:
        rows, latents = self.conditional.mean.shape
        matrix = self.lower.new_zeros(rows, latents, latents)
        below = torch.tril_indices(latents, latents, -1, device=self.lower.device)
        matrix[:, below[0], below[1]] = self.lower
        return matrix

    def moments(self) -> tuple[Tensor, Tensor]:
        variance = torch.exp(self.conditional.log_var) + (self._strictly_lower() ** 2).sum(2)
        return self.conditional.mean, torch.log(variance)

    def repeat(self, count: int) -> Posterior:
        conditional = self.conditional
        repeated = Diagonal(conditional.mean.repeat(count, 1), conditional.log_var.repeat(count, 1))
        return Full(repeated, self.lower.repeat(count, 1))

    def draw(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        return self.relaxed(noise), _log_prob_of_noise(noise, self.conditional.log_var)

    def relaxed(self, noise: Tensor) -> Tensor:
        from_others = (self._strictly_lower() @ noise.unsqueeze(2)).squeeze(2)
        return self.conditional.relaxed(noise) + from_others

    def held_log_prob(self, z: Tensor) -> Tensor:
        log_var = self.conditional.log_var.detach()
        factor = self._strictly_lower().detach() + torch.diag_embed(torch.exp(0.5 * log_var))
        centred = (z - self.conditional.mean.detach()).unsqueeze(2)
        noise = torch.linalg.solve_triangular(factor, centred, upper=False).squeeze(2)
        return _log_prob_of_noise(noise, log_var)

    def kl_to_standard(self) -> Tensor:
        """That of z_k given z_1, ..., z_{k-1}, in expectation: the chain rule splits the whole so."""
        return self.conditional.kl_to_standard() + 0.5 * (self._strictly_lower() ** 2).sum(2)


def _log_prob_of_noise(noise: Tensor, log_var: Tensor) -> Tensor:
    return unit_log_prob(noise) - 0.5 * log_var.sum(1)


@dataclass
class Categorical(Posterior):
    """Independent categorical variables, each written as a 1 among zeros.

    `log_q` `[B, variables categories]`; `temperature` is that of the relaxed draws.
    """

    log_q: Tensor
    categories: int
    temperature: float = 1.0

    @classmethod
    def of_logits(cls, logits: Tensor, categories: int, temperature: float = 1.0) -> Categorical:
        by_variable = logits.reshape(logits.shape[0], -1, categories)
        return cls(torch.log_softmax(by_variable, 2).flatten(1), categories, temperature)

    def moments(self) -> tuple[Tensor, Tensor]:
        mean = torch.exp(self.log_q)
        # A sure number has no variance, and no logarithm of it.
        return mean, torch.log((mean - mean**2).clamp(min=0) + 1e-12)

    def repeat(self, count: int) -> Categorical:
        return Categorical(self.log_q.repeat(count, 1), self.categories, self.temperature)

    def _perturbed(self, noise: Tensor) -> Tensor:
        """log q plus Gumbel noise, `[B, variables, categories]`: its largest entry is a draw (Maddison et al. 2014)."""
        gumbel = -torch.log(-torch.special.log_ndtr(noise.double()))
        perturbed = self.log_q + gumbel.to(self.log_q.dtype)
        return perturbed.reshape(len(perturbed), -1, self.categories)

    def draw(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        by_variable = self._perturbed(noise)
        z = largest(by_variable).flatten(1)
        return z, (z * self.log_q).sum(1)

    def relaxed(self, noise: Tensor) -> Tensor:
        """softmax((log q + Gumbel noise) / temperature) (Jang et al. 2017; Maddison et al. 2017)."""
        by_variable = self._perturbed(noise)
        return torch.softmax(by_variable / self.temperature, 2).flatten(1)

    def log_probabilities(self) -> Tensor | None:
        return self.log_q if self.log_q.shape[1] == self.categories else None

    def kl_to_standard(self) -> Tensor:
        """q (log q + log categories) of each category; sums to the divergence from the uniform distribution."""
        return torch.exp(self.log_q) * (self.log_q + math.log(self.categories))


def largest(values: Tensor) -> Tensor:
    """1 at the largest number of the last axis, 0 elsewhere."""
    chosen = torch.nn.functional.one_hot(values.argmax(-1), values.shape[-1])
    return chosen.to(values.dtype)


@dataclass
class Point(Posterior):
    """A code without doubt, as a plain autoencoder gives: no density, log q counts as 0."""

    code: Tensor

    def moments(self) -> tuple[Tensor, Tensor]:
        # Stands for a variance of 0, whose logarithm is not finite.
        return self.code, torch.full_like(self.code, -40.0)

    def repeat(self, count: int) -> Posterior:
        return Point(self.code.repeat(count, 1))

    def draw(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        return self.code, torch.zeros_like(self.code[:, 0])


@dataclass
class WithClass(Posterior):
    """q(y|x) q(z|x, y), of codes that are z followed by ten numbers for the class y."""

    x: Tensor
    classes: Categorical
    given_class: Callable[[Tensor, Tensor], Posterior]

    def moments(self) -> tuple[Tensor, Tensor]:
        """Those of z given the most probable class, and the probabilities of the classes."""
        of_class = self.classes.moments()
        of_z = self.given_class(self.x, largest(of_class[0])).moments()
        return torch.cat([of_z[0], of_class[0]], 1), torch.cat([of_z[1], of_class[1]], 1)

    def repeat(self, count: int) -> Posterior:
        return WithClass(self.x.repeat(count, 1), self.classes.repeat(count), self.given_class)

    def draw(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        y, log_q_y = self.classes.draw(noise[:, -CLASSES:])
        z, log_q_z = self.given_class(self.x, y).draw(noise[:, :-CLASSES])
        return torch.cat([z, y], 1), log_q_z + log_q_y
