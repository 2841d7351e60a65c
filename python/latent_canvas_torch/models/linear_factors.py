"""Linear decoders with Gaussian pixels: probabilistic principal components and factor analysis.

z ~ N(0, 1), x = W z + mean + noise, noise_j ~ N(0, variance_j). With G = W^T diag(variance)^-1 W,
p(z|x) = N((1 + G)^-1 W^T diag(variance)^-1 (x - mean), (1 + G)^-1) (Tipping & Bishop 1999).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ..errors import DivergenceError
from ..likelihoods import Gaussian
from ..networks import PIXELS, linear
from ..posteriors import Diagonal, Posterior
from ..rng import Rng
from ..spec import ModelSpec
from .base import Model


class LinearFactors(Model):
    """Tensors: `decoder.weight` `[784, K]`, `decoder.bias` (the mean) and `decoder.log_var` (of the noise) `[784]`."""

    def __init__(self, spec: ModelSpec, rng: Rng | None) -> None:
        super().__init__(spec, spec["latents"])
        self.decoder = linear(rng, "decoder", self.latents, PIXELS)
        log_var = nn.Parameter(torch.zeros(PIXELS))
        self.decoder.register_parameter("log_var", log_var)
        self.likelihood = Gaussian(log_var=log_var)

    def _in_f64(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """W, the mean, the variances, and the covariance of p(z|x), `[K, K]`."""
        weight, mean = self.decoder.weight.double(), self.decoder.bias.double()
        variance = torch.exp(self.decoder.get_parameter("log_var").double())
        gram = weight.T @ (weight / variance[:, None])
        if not bool(torch.isfinite(gram).all()):
            raise DivergenceError("the factors are not finite: the weights have grown too large")
        identity = torch.eye(self.latents, dtype=gram.dtype, device=gram.device)
        return weight, mean, variance, torch.linalg.inv(identity + gram)

    def encode(self, x: Tensor) -> Posterior:
        """p(z|x) itself, if its latents are independent, as those of every fit are."""
        towards_latents, mean, log_var = self.encoder_in_f64()
        of_z = (x.double() - mean) @ towards_latents
        return Diagonal(of_z.to(x.dtype), log_var.expand_as(of_z).to(x.dtype))

    def encoder_in_f64(self) -> tuple[Tensor, Tensor, Tensor]:
        """From x - mean to the mean of p(z|x), `[784, K]`; the mean of x `[784]`; log-variances of p(z|x) `[K]`."""
        weight, mean, variance, covariance = self._in_f64()
        return (weight / variance[:, None]) @ covariance, mean, torch.log(covariance.diagonal())

    def decode(self, z: Tensor) -> Tensor:
        pixels: Tensor = self.decoder(z)
        return pixels

    def exact_log_likelihood(self, x: Tensor) -> Tensor:
        """log N(x; mean, W W^T + diag(variance)), by the matrix inversion lemma as a minimum over z."""
        weight, mean, variance, covariance = self._in_f64()
        centred = x.double() - mean
        of_z = (centred / variance) @ weight @ covariance
        residual = centred - of_z @ weight.T
        log_determinant = torch.log(variance).sum() - torch.logdet(covariance)
        squares = (residual**2 / variance).sum(1) + (of_z**2).sum(1)
        return -0.5 * (squares + log_determinant + PIXELS * math.log(2 * math.pi))
