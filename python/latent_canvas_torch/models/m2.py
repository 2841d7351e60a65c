"""The semi-supervised model M2 (Kingma et al. 2014): the class y is a latent like z that some images come with.

A code is z followed by ten numbers for y: 1 at the class and 0 elsewhere. q(y, z|x) = q(y|x) q(z|x, y).
"""

from __future__ import annotations

from torch import Tensor

from ..networks import CLASSES, PIXELS, Network, Perceptron, decoded, linear
from ..posteriors import Categorical, Posterior, WithClass
from ..priors import Prior, WithClassPrior
from ..rng import Rng
from ..spec import ModelSpec
from .base import Model
from .vae import add_diagonal_head, diagonal_head


class SemiSupervised(Model):
    """A VAE with the class as a second latent."""

    def __init__(self, spec: ModelSpec, rng: Rng | None) -> None:
        super().__init__(spec, spec["latents"] + CLASSES)
        hidden, activation, latents = spec["hidden"], spec["activation"], spec["latents"]
        network = Network(rng, hidden, activation, latents, classes=CLASSES)
        self.encoder, self.decoder = network.encoder, network.decoder
        add_diagonal_head(self.encoder, rng, latents)
        self.classifier = Perceptron(rng, "classifier", PIXELS, hidden, activation)
        logits = linear(rng, "classifier.logits", self.classifier.outputs, CLASSES)
        self.classifier.add_module("logits", logits)

    def encode(self, x: Tensor) -> Posterior:
        logits = self.classify(x)
        return WithClass(x, Categorical.of_logits(logits, CLASSES), self.encode_given)

    def encode_given(self, x: Tensor, y: Tensor) -> Posterior:
        """q(z|x, y)."""
        return diagonal_head(self.encoder, self.encoder(x, y))

    def decode(self, z: Tensor) -> Tensor:
        return decoded(self.decoder, z[:, :-CLASSES], z[:, -CLASSES:])

    def current_prior(self) -> Prior:
        return WithClassPrior()

    def classify(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier.get_submodule("logits")(self.classifier(x))
        return logits

    def given(self, y: Tensor) -> Model:
        return _OfClass(self, y)


class _OfClass(Model):
    """M2 with the classes known: p(x, z|y) and q(z|x, y), an ordinary model of z."""

    def __init__(self, whole: SemiSupervised, y: Tensor) -> None:
        super().__init__(whole.spec, whole.spec["latents"])
        self.whole = whole
        self.given_classes = self.y = y

    def encode(self, x: Tensor) -> Posterior:
        return self.whole.encode_given(x, self.y.to(x))

    def decode(self, z: Tensor) -> Tensor:
        return decoded(self.whole.decoder, z, self.y.to(z))
