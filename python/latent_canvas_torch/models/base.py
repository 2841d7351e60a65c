"""What a latent variable model is: p(z), p(x|z) and an encoder q(z|x)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..errors import LatentCanvasError, UnsupportedError
from ..likelihoods import Bernoulli, Likelihood
from ..networks import PIXELS
from ..posteriors import Posterior
from ..priors import Prior, UnitNormal
from ..spec import ModelSpec


class Model(nn.Module):
    """A latent variable model. Its `state_dict` has the names and shapes of the file's tensors.

    Shapes: x `[B, 784]` with ink 1 and paper 0, z `[B, latents]`, all in 32 bits.
    """

    def __init__(self, spec: ModelSpec, latents: int) -> None:
        super().__init__()
        self.spec = spec
        # How many numbers a code has.
        self.latents = latents
        self.likelihood: Likelihood = Bernoulli()
        # The classes that the model was given, `[1 or B, 10]`.
        self.given_classes: Tensor | None = None

    def encode(self, x: Tensor) -> Posterior:
        """q(z|x)."""
        raise NotImplementedError

    def decode(self, z: Tensor) -> Tensor:
        """The numbers of each pixel that the likelihood needs, `[B, numbers D]`."""
        raise NotImplementedError

    def current_prior(self) -> Prior | None:
        """p(z) as it is now; none where codes have no distribution."""
        return UnitNormal()

    def given(self, y: Tensor) -> Model:
        """The model of images of known classes, p(x, z|y), with the same parameters.

        y `[1 or B, 10]`: 1 at the class, all 0 where it is not known.
        """
        raise UnsupportedError(f'a model of the family "{self.spec.model}" knows nothing of classes')

    def of_each_class(self) -> list[Model]:
        """The models of each class, where a code does not hold the class: p(x) = sum_y p(x|y) / 10."""
        return []

    def classify(self, x: Tensor) -> Tensor | None:
        """The logits of q(y|x), `[B, 10]`, for a model that tells the class of an image itself."""
        return None

    def values(self) -> Tensor | None:
        """Every value that a code can take, `[M, K]`, where they are few."""
        return None

    def exact_log_likelihood(self, x: Tensor) -> Tensor | None:
        """log p(x) of each row in nats, `[B]` in 64 bits, where it is known in closed form or as a finite sum."""
        return None

    def log_likelihood(self, x: Tensor, decoded: Tensor) -> Tensor:
        """log p(x|z) of each row, nats, `[B]`."""
        return self.likelihood.log_prob(decoded, x)

    def pixel_means(self, z: Tensor) -> Tensor:
        """E[x|z] cut to [0, 1], `[B, 784]`: probabilities, where pixels are black or white."""
        if z.ndim != 2 or z.shape[1] != self.latents:
            raise LatentCanvasError(f"codes must be rows of {self.latents} numbers; got shape {list(z.shape)}")
        return self.likelihood.mean(self.decode(z)).clamp(0, 1)

    def required_prior(self) -> Prior:
        prior = self.current_prior()
        if prior is None:
            raise UnsupportedError(
                f'a model of the family "{self.spec.model}" has no prior: there is nothing to sample from, and no p(x)'
            )
        return prior


def check_pixels(x: Tensor) -> Tensor:
    """The same images, if they are rows of 784 pixels in [0, 1]."""
    if x.ndim != 2 or x.shape[1] != PIXELS or len(x) == 0:
        raise LatentCanvasError(f"images must be rows of {PIXELS} pixels; got shape {list(x.shape)}")
    if not bool(((x >= 0) & (x <= 1)).all()):
        raise LatentCanvasError("pixels must lie in [0, 1], with paper 0 and ink 1")
    return x.to(torch.float32)


def as_drawn(model: Model, x: Tensor) -> Tensor:
    """Grey pixels as a model sees a drawing: cut at 1/2 where its pixels are black or white, else as they are."""
    return (x >= 0.5).to(x.dtype) if model.likelihood.binary else x
