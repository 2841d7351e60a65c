"""The conditional VAE (Sohn et al. 2015): p(x, z|y) = p(z) p(x|z, y), the class y told to encoder and decoder.

Without a class the model is p(x) = sum_y p(x|y) / 10. `encode` and `decode` without a class are those of a
hidden one, ten zeros: a redrawing of the image and no part of p(x).
"""

from __future__ import annotations

import copy

from torch import Tensor

from ..networks import CLASSES, Network, decoded, one_hot
from ..posteriors import Posterior
from ..rng import Rng
from ..spec import ModelSpec
from .base import Model
from .vae import add_diagonal_head, diagonal_head


class ConditionalVae(Model):
    """A VAE that is told the class of each image."""

    def __init__(self, spec: ModelSpec, rng: Rng | None) -> None:
        super().__init__(spec, spec["latents"])
        network = Network(rng, spec["hidden"], spec["activation"], self.latents, classes=CLASSES)
        self.encoder, self.decoder = network.encoder, network.decoder
        add_diagonal_head(self.encoder, rng, self.latents)

    def _classes(self, like: Tensor) -> Tensor:
        y = one_hot([None]) if self.given_classes is None else self.given_classes
        return y.to(like)

    def encode(self, x: Tensor) -> Posterior:
        return diagonal_head(self.encoder, self.encoder(x, self._classes(x)))

    def decode(self, z: Tensor) -> Tensor:
        return decoded(self.decoder, z, self._classes(z))

    def given(self, y: Tensor) -> Model:
        view = copy.copy(self)
        view.given_classes = y
        return view

    def of_each_class(self) -> list[Model]:
        if self.given_classes is not None:
            return []
        return [self.given(one_hot([label])) for label in range(CLASSES)]
