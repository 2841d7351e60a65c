"""What an untrained model learns from its data before the first step."""

from __future__ import annotations

import numpy as np
import torch

from ..data import Dataset
from ..models.base import Model
from ..priors import PseudoInputs
from ..rng import Floats, Rng
from .options import TrainOptions

# How far inside (0, 1) the pixels of the first pseudo-inputs are kept, and the deviation of their logits' noise.
_MARGIN, _NOISE = 0.05, 0.1


def initialise(model: Model, data: Dataset, options: TrainOptions, rng: Rng) -> None:
    """Sets the decoder's last bias so that every code gives the mean image, and pseudo-inputs to images.

    A tensor that is not all zeros has been trained, and is left alone.
    """
    prior = getattr(model, "prior", None)
    if isinstance(prior, PseudoInputs) and not bool(prior.pseudo_inputs.any()):
        logits = _first_pseudo_inputs(len(prior.pseudo_inputs), data, options["binarization"], rng)
        prior.pseudo_inputs.data.copy_(torch.from_numpy(logits))
    logits_layer = model.get_submodule("decoder.logits")
    bias: torch.Tensor = logits_layer.get_parameter("bias").data
    if options["firstImage"] == "mean" and not bool(bias.any()):
        of_mean = model.likelihood.of_mean(torch.from_numpy(data.mean_image()))
        bias[: len(of_mean)] = of_mean


def _first_pseudo_inputs(components: int, data: Dataset, binarization: str, rng: Rng) -> Floats:
    stream = rng.split("prior.pseudo_inputs", 0)
    chosen = np.array([stream.below(len(data)) for _ in range(components)], dtype=np.int64)
    pixels = data.batch(chosen, binarization, rng, 0).clip(np.float32(_MARGIN), np.float32(1 - _MARGIN))
    noise = stream.normals(pixels.size).reshape(pixels.shape)
    logits: Floats = np.log(pixels / (1 - pixels)) + np.float32(_NOISE) * noise
    return logits
