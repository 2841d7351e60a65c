"""The plain autoencoder (Hinton & Salakhutdinov 2006): a code without a distribution, and no p(x)."""

from __future__ import annotations

from torch import Tensor

from ..networks import Network, decoded, linear
from ..posteriors import Point, Posterior
from ..rng import Rng
from ..spec import ModelSpec
from .base import Model


class Autoencoder(Model):
    """A code, and an image made from it again."""

    def __init__(self, spec: ModelSpec, rng: Rng | None) -> None:
        super().__init__(spec, spec["latents"])
        network = Network(rng, spec["hidden"], spec["activation"], self.latents)
        self.encoder, self.decoder = network.encoder, network.decoder
        self.encoder.add_module("code", linear(rng, "encoder.code", self.encoder.outputs, self.latents))

    def encode(self, x: Tensor) -> Posterior:
        return Point(self.encoder.get_submodule("code")(self.encoder(x)))

    def decode(self, z: Tensor) -> Tensor:
        return decoded(self.decoder, z)

    def current_prior(self) -> None:
        return None
