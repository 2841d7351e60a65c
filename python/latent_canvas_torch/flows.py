"""Posteriors by normalising flow (Rezende & Mohamed 2015): a diagonal Gaussian's draw, bent by invertible steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .networks import linear, uniform
from .posteriors import Diagonal, Posterior
from .rng import Rng

# A step made ready for some images: from z `[B, K]` to z' and log |det dz' / dz| `[B]`.
Step = Callable[[Tensor], "tuple[Tensor, Tensor]"]

# How many pairs of draws the moments are estimated from.
_PAIRS = 32


class Planar(nn.Module):
    """z' = z + u^ tanh(w . z + b), with u, w and b told by the encoder for each image.

    u^ = u + (softplus(w . u) - 1 - w . u) w / |w|^2: w . u^ > -1 keeps the step invertible.
    """

    def __init__(self, rng: Rng | None, name: str, hidden: int, latents: int) -> None:
        super().__init__()
        self.push = linear(rng, f"{name}.push", hidden, latents)
        self.normal = linear(rng, f"{name}.normal", hidden, latents)
        self.offset = linear(rng, f"{name}.offset", hidden, 1)
        if rng is not None:
            # An image that leaves every hidden unit at 0 must still have a direction.
            bias = rng.split(f"{name}.normal.bias").normals(latents)
            self.normal.bias = nn.Parameter(torch.from_numpy(bias))

    def step(self, h: Tensor) -> Step:
        push, normal, offset = self.push(h), self.normal(h), self.offset(h)
        along = (normal * push).sum(1, keepdim=True)
        stretch = functional.softplus(along)
        push = push + normal * (stretch - along - 1) / (normal**2).sum(1, keepdim=True)

        def forward(z: Tensor) -> tuple[Tensor, Tensor]:
            count = z.shape[0] // h.shape[0]
            bend = torch.tanh((normal.repeat(count, 1) * z).sum(1, keepdim=True) + offset.repeat(count, 1))
            square = bend**2
            # 1 + (1 - tanh^2) w . u^, without the difference of near equals.
            determinant = square + (1 - square) * stretch.repeat(count, 1)
            return z + push.repeat(count, 1) * bend, torch.log(determinant).sum(1)

        return forward


class Masked(nn.Module):
    """An affine layer of which only some weights are used."""

    mask: Tensor

    def __init__(self, rng: Rng | None, name: str, mask: Tensor) -> None:
        super().__init__()
        outputs, inputs = mask.shape
        self.weight = uniform(rng, f"{name}.weight", (outputs, inputs), inputs + outputs)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.weight * self.mask, self.bias)


class InverseAutoregressive(nn.Module):
    """z' = s z + (1 - s) m, s = sigmoid(r + 2) (Kingma et al. 2016).

    (m, r) of z_k come from what stands before it in the step's order, by one masked hidden layer
    (Germain et al. 2015) that is also given the encoder's last one. Every other step takes the latents in reverse.
    """

    def __init__(self, rng: Rng | None, name: str, hidden: int, latents: int, reverse: bool) -> None:
        super().__init__()
        units = 2 * max(latents, 32)
        rank = torch.arange(latents)
        rank = rank.flip(0) if reverse else rank
        seen = torch.arange(units) % latents
        to_latents = (seen[None, :] <= rank[:, None]).float()
        self.context = linear(rng, f"{name}.context", hidden, units)
        self.input = Masked(rng, f"{name}.input", (rank[None, :] < seen[:, None]).float())
        self.mean = Masked(rng, f"{name}.mean", to_latents)
        self.scale = Masked(rng, f"{name}.scale", to_latents)

    def step(self, h: Tensor) -> Step:
        context = self.context(h)

        def forward(z: Tensor) -> tuple[Tensor, Tensor]:
            units = functional.elu(self.input(z) + context.repeat(z.shape[0] // h.shape[0], 1))
            mean = self.mean(units)
            log_scale = functional.logsigmoid(self.scale(units) + 2)
            return mean + torch.exp(log_scale) * (z - mean), log_scale.sum(1)

        return forward


@dataclass
class Flow(Posterior):
    """z = step_T(... step_1(z_0)), z_0 from a diagonal Gaussian: log q(z|x) = log q_0(z_0) - sum_t log |det|."""

    base: Diagonal
    steps: list[Step]

    def moments(self) -> tuple[Tensor, Tensor]:
        """Of 64 seeded draws, the same ones for every image: a flow has no moments in closed form."""
        rows, latents = self.base.mean.shape
        noise = _moment_noise(latents).to(self.base.mean.device)
        with torch.no_grad():
            of_rows = noise[:, None, :].expand(len(noise), rows, latents).reshape(-1, latents)
            z, _ = self.repeat(2 * _PAIRS).draw(of_rows)
            draws = z.double().reshape(2 * _PAIRS, rows, latents)
            mean = draws.sum(0) / len(draws)
            variance = ((draws**2).sum(0) / len(draws) - mean**2).clamp(min=1e-12)
        return mean.to(z.dtype), torch.log(variance).to(z.dtype)

    def repeat(self, count: int) -> Flow:
        # A step repeats what it knows of the images as often as z has rows for them.
        base = Diagonal(self.base.mean.repeat(count, 1), self.base.log_var.repeat(count, 1))
        return Flow(base, self.steps)

    def draw(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        z, log_q = self.base.draw(noise)
        for step in self.steps:
            z, log_determinant = step(z)
            log_q = log_q - log_determinant
        return z, log_q


@cache
def _moment_noise(latents: int) -> Tensor:
    """Rows of standard normals and their negatives, every column scaled to mean square 1, `[64, K]`."""
    rows = Rng(0).split("moments of a flow").normals(_PAIRS * latents).reshape(_PAIRS, latents)
    rows = rows * np.sqrt(np.float32(_PAIRS) / np.square(rows).sum(0))
    return torch.from_numpy(np.concatenate([rows, -rows]))
