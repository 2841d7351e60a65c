"""What a decoder's output says of the pixels: p(x|z), in nats."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from .networks import PIXELS
from .posteriors import LOG_2PI

# Smallest standard deviation that is learned: two grey levels and a half of 255.
_LEAST_DEVIATION = 0.01
# Below this logit the differences of large numbers lose their digits, and the series does not.
_SMALL = 0.7


class Likelihood:
    """p(x|z), given what the decoder made of z."""

    # How many numbers the decoder gives for each pixel.
    numbers = 1
    # Whether pixels are black or white, and what was decoded their logits.
    binary = False

    def log_prob(self, decoded: Tensor, x: Tensor) -> Tensor:
        """log p(x|z) of each row, decoded `[B, numbers D]`, x `[B, D]` -> `[B]`."""
        raise NotImplementedError

    def mean(self, decoded: Tensor) -> Tensor:
        """E[x|z], `[B, D]`."""
        raise NotImplementedError

    def of_mean(self, mean: Tensor) -> Tensor:
        """What a decoder should give for pixels of this mean, for the bias that training starts from."""
        raise NotImplementedError


class Bernoulli(Likelihood):
    """Black or white pixels: sum_j [x_j l_j - softplus(l_j)]. For grey x, minus the cross-entropy."""

    binary = True

    def log_prob(self, decoded: Tensor, x: Tensor) -> Tensor:
        return -functional.binary_cross_entropy_with_logits(decoded, x, reduction="none").sum(1)

    def mean(self, decoded: Tensor) -> Tensor:
        return torch.sigmoid(decoded)

    def of_mean(self, mean: Tensor) -> Tensor:
        return torch.logit(mean.clamp(0.001, 0.999))


class ContinuousBernoulli(Likelihood):
    """Grey pixels in [0, 1] (Loaiza-Ganem & Cunningham 2019): a Bernoulli times C(l) = l / tanh(l / 2)."""

    def log_prob(self, decoded: Tensor, x: Tensor) -> Tensor:
        return Bernoulli().log_prob(decoded, x) + _log_normaliser(decoded).sum(1)

    def mean(self, decoded: Tensor) -> Tensor:
        """1 / (1 - exp(-l)) - 1 / l."""
        magnitude = decoded.abs()
        large = magnitude.clamp(min=_SMALL)
        exact = 1 / large - 1 / torch.sinh(large.clamp(max=80))
        q = magnitude**2
        series = magnitude * (1 / 6 - q * (7 / 360 - q * (31 / 15_120 - q * (127 / 604_800))))
        slope = torch.where(magnitude < _SMALL, series, exact)
        return torch.sigmoid(decoded) - slope * torch.sign(decoded)

    def of_mean(self, mean: Tensor) -> Tensor:
        low, high = torch.full_like(mean, -20.0), torch.full_like(mean, 20.0)
        for _ in range(30):
            middle = 0.5 * (low + high)
            below = self.mean(middle) < mean
            low, high = torch.where(below, middle, low), torch.where(below, high, middle)
        return 0.5 * (low + high)


def _log_normaliser(logits: Tensor) -> Tensor:
    """log(l / tanh(l / 2)), an even function."""
    magnitude = logits.abs()
    q = logits**2
    series = math.log(2) + q * (1 / 12 - q * (7 / 1440 - q * (31 / 90_720 - q * (127 / 4_838_400))))
    large = magnitude.clamp(min=_SMALL)
    exact = torch.log(large / torch.tanh(large / 2))
    return torch.where(magnitude < _SMALL, series, exact)


class Gaussian(Likelihood):
    """N(x; decoded, variance). With `log_var` `[1]` or `[D]` the variance is floor + exp(log_var), else fixed."""

    def __init__(self, *, deviation: float = 0.0, log_var: nn.Parameter | None = None, floor: float = 0.0) -> None:
        self._fixed = deviation**2
        # In a list, so that a module that holds the likelihood does not count the parameter twice.
        self._log_var = [] if log_var is None else [log_var]
        self._floor = floor

    def variance(self, like: Tensor) -> Tensor:
        """`[D]`."""
        for log_var in self._log_var:
            return (torch.exp(log_var) + self._floor).expand(PIXELS)
        return like.new_full((PIXELS,), self._fixed)

    def log_prob(self, decoded: Tensor, x: Tensor) -> Tensor:
        variance = self.variance(decoded)
        return (-0.5 * ((x - decoded) ** 2 / variance + torch.log(variance) + LOG_2PI)).sum(1)

    def mean(self, decoded: Tensor) -> Tensor:
        return decoded

    def of_mean(self, mean: Tensor) -> Tensor:
        return mean


class DecodedGaussian(Likelihood):
    """N(x; mean(z), 0.01^2 + exp(s(z))): the decoder gives the means of all pixels, then s of all pixels."""

    numbers = 2

    def log_prob(self, decoded: Tensor, x: Tensor) -> Tensor:
        mean, s = decoded.chunk(2, 1)
        variance = torch.exp(s) + _LEAST_DEVIATION**2
        return (-0.5 * ((x - mean) ** 2 / variance + torch.log(variance) + LOG_2PI)).sum(1)

    def mean(self, decoded: Tensor) -> Tensor:
        return decoded.chunk(2, 1)[0]

    def of_mean(self, mean: Tensor) -> Tensor:
        return mean


def learned_gaussian(decoder: nn.Module, count: int) -> Gaussian:
    """With the parameter `log_var` of the decoder, of one number or one for each pixel."""
    log_var = nn.Parameter(torch.zeros(count))
    decoder.register_parameter("log_var", log_var)
    return Gaussian(log_var=log_var, floor=_LEAST_DEVIATION**2)
