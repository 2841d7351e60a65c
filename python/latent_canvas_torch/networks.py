"""Perceptrons whose parameters have the names of the file's tensors.

Weights are uniform in gain sqrt(6 / (in + out)) (Glorot & Bengio 2010, widened by the gain of the
non-linearity that follows), drawn by seed and tensor name; biases are zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .errors import LatentCanvasError
from .rng import Rng

SIDE = 28
PIXELS = SIDE * SIDE
CLASSES = 10

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "elu": functional.elu,
    "softplus": functional.softplus,
    "gelu": lambda a: functional.gelu(a, approximate="tanh"),
}
_GAINS = {"relu": 2**0.5, "elu": 2**0.5, "gelu": 2**0.5, "tanh": 1.0, "softplus": 1.0}


def uniform(rng: Rng | None, name: str, shape: tuple[int, int], fans: int, gain: float = 1.0) -> nn.Parameter:
    """A matrix drawn by seed and name; zeros without a stream, for a model whose weights are read."""
    if rng is None:
        return nn.Parameter(torch.zeros(shape))
    bound = np.float32(gain) * np.sqrt(np.float32(6) / np.float32(fans), dtype=np.float32)
    draws = rng.split(name).uniform(shape[0] * shape[1])
    return nn.Parameter(torch.from_numpy(-bound + (bound + bound) * draws).reshape(shape))


def linear(rng: Rng | None, name: str, inputs: int, outputs: int, gain: float = 1.0) -> nn.Linear:
    """The layer y = x W^T + b, W `[out, in]`."""
    layer = nn.Linear(inputs, outputs, device="meta")
    layer.weight = uniform(rng, f"{name}.weight", (outputs, inputs), inputs + outputs, gain)
    layer.bias = nn.Parameter(torch.zeros(outputs))
    return layer


class Perceptron(nn.Module):
    """Hidden layers `0`, `1`, ..., each followed by the same non-linearity.

    With classes, the first layer has weights for them besides, `class` `[hidden[0], classes]`.
    Without hidden layers the inputs and the classes are passed on, joined.
    """

    of_class: nn.Parameter

    def __init__(
        self, rng: Rng | None, name: str, inputs: int, hidden: list[int], activation: str, classes: int = 0
    ) -> None:
        super().__init__()
        self.activation = ACTIVATIONS[activation]
        self.depth = len(hidden)
        gain = _GAINS[activation]
        width = inputs
        for place, outputs in enumerate(hidden):
            self.add_module(str(place), linear(rng, f"{name}.{place}", width, outputs, gain))
            width = outputs
        self.outputs = width if hidden else inputs + classes
        if hidden and classes:
            fans = inputs + classes + hidden[0]
            self.of_class = uniform(rng, f"{name}.class", (hidden[0], classes), fans, gain)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """x `[B, inputs]`, y `[k B or fewer, classes]` -> `[k B, last hidden size]`.

        Several rows of y for each of x: all of x with the first ones, then again. Fewer rows of y are repeated.
        """
        if y is not None:
            x, y = matched(x, y)
        if self.depth == 0:
            return x if y is None else torch.cat([x, y], 1)
        h = self.get_submodule("0")(x)
        if y is not None:
            h = h + y @ self.of_class.T
        h = self.activation(h)
        for place in range(1, self.depth):
            h = self.activation(self.get_submodule(str(place))(h))
        return h

    # The file says `class`, which no attribute of Python can be called.

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        if f"{prefix}of_class" in destination:
            destination[f"{prefix}class"] = destination.pop(f"{prefix}of_class")

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        if f"{prefix}class" in state_dict:
            state_dict[f"{prefix}of_class"] = state_dict.pop(f"{prefix}class")
        super()._load_from_state_dict(state_dict, prefix, *rest)


def matched(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Rows of images and of classes, the fewer ones repeated as a whole."""
    # Not by len(), which an export to ONNX would take for a fixed number.
    rows, class_rows = x.shape[0], y.shape[0]
    if rows == class_rows:
        return x, y
    if rows == 0 or class_rows == 0 or max(rows, class_rows) % min(rows, class_rows):
        raise LatentCanvasError(f"{class_rows} rows of classes do not fit {rows} rows of images")
    return x.repeat(max(1, class_rows // rows), 1), y.repeat(max(1, rows // class_rows), 1)


class Network:
    """The encoder's hidden layers, and the decoder from a code to the numbers of each pixel."""

    def __init__(
        self, rng: Rng | None, hidden: list[int], activation: str, latents: int, numbers: int = 1, classes: int = 0
    ) -> None:
        self.encoder = Perceptron(rng, "encoder", PIXELS, hidden, activation, classes)
        self.decoder = Perceptron(rng, "decoder", latents, hidden[::-1], activation, classes)
        logits = linear(rng, "decoder.logits", self.decoder.outputs, numbers * PIXELS)
        self.decoder.add_module("logits", logits)


def decoded(decoder: nn.Module, z: Tensor, y: Tensor | None = None) -> Tensor:
    """The numbers of each pixel, `[B, numbers D]`."""
    logits: Tensor = decoder.get_submodule("logits")(decoder(z, y))
    return logits


def one_hot(labels: list[int | None]) -> Tensor:
    """A row for each label, `[n, 10]`: 1 at the class, all 0 where it is not known."""
    rows = torch.zeros(len(labels), CLASSES)
    for row, label in zip(rows, labels):
        if label is not None:
            if not 0 <= label < CLASSES:
                raise LatentCanvasError(f"a label must be 0 to {CLASSES - 1}; got {label}")
            row[label] = 1.0
    return rows
