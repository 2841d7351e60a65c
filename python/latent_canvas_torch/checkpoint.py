"""Models as files: safetensors, with the spec and the provenance in the metadata. docs/checkpoint.md has the format."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor

from .errors import CheckpointError, DivergenceError, LatentCanvasError, OptionError, UnsupportedError
from .models.base import Model
from .models.registry import build
from .networks import one_hot
from .spec import ModelSpec

Precision = Literal["full", "half", "rows"]

# No checkpoint of a registered model is larger; more is refused unread.
MAX_BYTES = 256 << 20
OPTIMIZER_PREFIX = "optimizer."
_SCALE = ".row_scale"
# Smaller matrices stay in 16 bits: a network's last layers need the precision.
_FEWEST_WEIGHTS = 30_000
_JSON_KEYS = ("spec", "class", "trainer")


@dataclass
class Contents:
    """Named tensors in 32 bits and JSON metadata: what a file holds, before it is checked against a spec."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)

    def tensor(self, name: str, shape: torch.Size) -> Tensor:
        """The finite numbers of a tensor that must have this shape."""
        if name not in self.tensors:
            raise CheckpointError(f'the checkpoint lacks the tensor "{name}" that its model needs')
        found = self.tensors[name]
        if found.shape != shape:
            raise CheckpointError(
                f'the checkpoint\'s tensor "{name}" has shape {list(found.shape)}; its model needs {list(shape)}'
            )
        if not bool(torch.isfinite(found).all()):
            raise CheckpointError(f'the checkpoint\'s tensor "{name}" holds a number that is not finite')
        return found


@dataclass
class Checkpoint:
    """A model, and where its weights come from: data, seed, steps, metrics, command."""

    model: Model
    provenance: Any = None


def load(path: str | os.PathLike[str]) -> Checkpoint:
    """The model in this file. A training run in it is left alone, as is metadata of other programs.

    Raises CheckpointError when the file is no checkpoint, or its tensors do not fit its spec.
    """
    return from_contents(read(path))


def save(
    path: str | os.PathLike[str],
    model: Model,
    provenance: Any = None,
    precision: Precision = "full",
    levels: int = 127,
) -> None:
    """Writes the model completely or not at all.

    `precision` is that of the weights: "full" 32 bits, "half" 16, and "rows" 8 in large matrices, as whole
    numbers from -levels to levels (1 to 127) with one scale a row.
    Raises DivergenceError when a weight is not finite, or too large for 16 bits.
    """
    write(path, contents_of(model, provenance), precision, levels)


def read(path: str | os.PathLike[str]) -> Contents:
    """What the file holds; see `load`."""
    path = Path(path)
    try:
        size = path.stat().st_size
    except OSError as cause:
        raise CheckpointError(f"cannot read {path}: {cause.strerror}") from cause
    if size > MAX_BYTES:
        raise CheckpointError(f"{path}: the checkpoint has {size} bytes; at most {MAX_BYTES} are read")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = _metadata(file.metadata() or {})
            names = [name for name in file.keys() if not name.endswith(_SCALE)]
            return Contents({name: _tensor(file, name) for name in names}, metadata)
    except SafetensorError as cause:
        raise CheckpointError(
            f"{path}: this is no checkpoint in the safetensors format, or not the whole of one: {cause}"
        ) from cause
    except CheckpointError as cause:
        raise CheckpointError(f"{path}: {cause}") from cause


def write(path: str | os.PathLike[str], contents: Contents, precision: Precision = "full", levels: int = 127) -> None:
    """Writes a file completely or not at all: a write that is interrupted leaves the old one in place."""
    if precision not in ("full", "half", "rows") or not 1 <= levels <= 127:
        raise OptionError('precision must be "full", "half" or "rows", and levels 1 to 127')
    stored: dict[str, Tensor] = {}
    for name, tensor in contents.tensors.items():
        values = tensor.detach().to("cpu", torch.float32).contiguous()
        narrow = values.half()
        if not bool(torch.isfinite(values if precision == "full" else narrow).all()):
            raise DivergenceError(f'the tensor "{name}" holds a number that is not finite, so it was not saved')
        if precision == "full":
            stored[name] = values
        elif precision == "rows" and values.ndim == 2 and values.numel() >= _FEWEST_WEIGHTS:
            stored[name], stored[name + _SCALE] = _to_rows(values, levels)
        else:
            stored[name] = narrow
    metadata = {
        key: json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        for key, value in contents.metadata.items()
    }
    path = Path(path)
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(to_bytes(stored, metadata))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def from_contents(contents: Contents) -> Checkpoint:
    """The model that these tensors and this spec make; see `load`."""
    if "spec" not in contents.metadata:
        raise CheckpointError("the checkpoint does not say which model it holds")
    try:
        model = build(ModelSpec.restore(contents.metadata["spec"]))
    except OptionError as cause:
        raise CheckpointError(
            f"the checkpoint's spec is not usable: {cause}. A newer program may have written it"
        ) from cause
    weights = model.state_dict()
    found = {name: contents.tensor(name, tensor.shape) for name, tensor in weights.items()}
    for name in contents.tensors:
        if name not in weights and not name.startswith(OPTIMIZER_PREFIX):
            raise CheckpointError(f'the checkpoint\'s tensor "{name}" has no place in its model')
    model.load_state_dict(found)
    if "class" in contents.metadata:
        model = _of_class(model, contents.metadata["class"])
    return Checkpoint(model, contents.metadata.get("provenance"))


def contents_of(model: Model, provenance: Any = None) -> Contents:
    """The tensors and the metadata of a model."""
    metadata: dict[str, Any] = {"spec": model.spec.by_name()}
    if model.given_classes is not None:
        if len(model.given_classes) != 1 or float(model.given_classes.sum()) != 1:
            raise UnsupportedError(
                "a model that was given the classes of several images, or a hidden one, cannot be saved; save the "
                "model that it was made from"
            )
        metadata["class"] = int(model.given_classes.argmax())
    if provenance is not None:
        metadata["provenance"] = provenance
    # A view of M2 that knows its class holds the whole model.
    whole: Any = getattr(model, "whole", model)
    return Contents(dict(whole.state_dict()), metadata)


def _of_class(model: Model, label: Any) -> Model:
    if isinstance(label, bool) or not isinstance(label, int) or label < 0:
        raise CheckpointError(f"the checkpoint's class must be a whole number; got {label}")
    try:
        return model.given(one_hot([label]))
    except LatentCanvasError as cause:
        raise CheckpointError(f"the checkpoint's class is not usable: {cause}") from cause


def _metadata(texts: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, text in texts.items():
        # Other programs leave notes of their own, such as `format: pt`.
        if key not in (*_JSON_KEYS, "provenance"):
            continue
        try:
            found[key] = json.loads(text)
        except json.JSONDecodeError as cause:
            if key != "provenance":
                raise CheckpointError(f'metadata "{key}" is not JSON: {cause}') from cause
            found[key] = text
    return found


def _tensor(file: Any, name: str) -> Tensor:
    dtype = file.get_slice(name).get_dtype()
    if dtype not in ("F32", "F16", "I8"):
        raise CheckpointError(
            f'the checkpoint\'s tensor "{name}" is stored as {dtype}; only F32, F16 and I8 are read'
        )
    stored: Tensor = file.get_tensor(name)
    if dtype != "I8":
        return stored.float()
    if name + _SCALE not in file.keys():
        raise CheckpointError(f'the checkpoint lacks the tensor "{name + _SCALE}", the scales of the rows of "{name}"')
    scales: Tensor = file.get_tensor(name + _SCALE)
    if scales.dtype != torch.float32 or stored.ndim == 0 or scales.shape != stored.shape[:1]:
        raise CheckpointError("a matrix in rows needs one F32 scale for each")
    return stored.float() * scales.reshape(-1, *[1] * (stored.ndim - 1))


def _to_rows(values: Tensor, levels: int) -> tuple[Tensor, Tensor]:
    """The nearest whole numbers to a matrix, and the scale of each row."""
    scales = values.abs().amax(1) / levels
    ratios = torch.where(scales[:, None] > 0, values / scales[:, None], 0.0)
    # Halves are rounded away from zero, as Rust does.
    numbers = torch.sign(ratios) * torch.floor(ratios.abs() + 0.5)
    return numbers.clamp(-levels, levels).to(torch.int8), scales
