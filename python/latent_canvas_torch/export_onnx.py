"""Writes the encoder and the decoder of a checkpoint as ONNX files.

    python -m latent_canvas_torch.export_onnx mnist-2d.safetensors --encoder encoder.onnx --decoder decoder.onnx

The encoder turns x `[n, 784]` into mean and log_var of q(z|x), `[n, K]`; the decoder z `[n, K]` into the pixel means
`[n, 784]` in [0, 1]. A model that is told classes takes y besides, `[n, 10]`: 1 at the class, all 0 where it is hidden.
Both take any number of rows. Needs: pip install onnx onnxscript
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import torch
from torch import Tensor, nn

from .checkpoint import load
from .errors import LatentCanvasError, UnsupportedError
from .models.base import Model
from .models.linear_factors import LinearFactors
from .networks import CLASSES, PIXELS


class _Encoder(nn.Module):
    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        model = self.model if y is None else self.model.given(y)
        return model.encode(x).moments()


class _LinearEncoder(nn.Module):
    """p(z|x) of a linear model as one affine layer: ONNX inverts no matrix."""

    weight: Tensor
    bias: Tensor
    log_variances: Tensor

    def __init__(self, model: LinearFactors) -> None:
        super().__init__()
        towards_latents, mean, log_var = model.encoder_in_f64()
        self.register_buffer("weight", towards_latents.detach().float())
        self.register_buffer("bias", (-mean @ towards_latents).detach().float())
        self.register_buffer("log_variances", log_var.detach().float())

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mean = x @ self.weight + self.bias
        return mean, self.log_variances.expand_as(mean)


class _Decoder(nn.Module):
    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        model = self.model if y is None else self.model.given(y)
        return model.pixel_means(z)


def export_encoder(model: Model, path: str | os.PathLike[str]) -> None:
    """x, and y where the model is told classes, to mean and log_var."""
    module = _LinearEncoder(model) if isinstance(model, LinearFactors) else _Encoder(model)
    _export(module, model, {"x": PIXELS}, ["mean", "log_var"], path)


def export_decoder(model: Model, path: str | os.PathLike[str]) -> None:
    """z, and y where the model is told classes, to pixel means."""
    _export(_Decoder(model), model, {"z": model.latents}, ["pixels"], path)


def _export(
    module: nn.Module, model: Model, widths: dict[str, int], outputs: list[str], path: str | os.PathLike[str]
) -> None:
    if model.of_each_class():
        widths = {**widths, "y": CLASSES}
    rows = torch.export.Dim("n", min=1)
    inputs = tuple(torch.zeros(2, width) for width in widths.values())
    try:
        torch.onnx.export(
            module.eval(),
            inputs,
            Path(path),
            input_names=list(widths),
            output_names=outputs,
            dynamic_shapes=tuple({0: rows} for _ in widths),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    except ImportError as cause:
        raise UnsupportedError(f"ONNX files need `pip install onnx onnxscript`: {cause}") from cause


def main(arguments: list[str] | None = None) -> int:
    """The command; gives its exit code."""
    parser = argparse.ArgumentParser(prog="latent_canvas_torch.export_onnx", description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="the checkpoint")
    parser.add_argument("--encoder", type=Path, help="write the encoder to this file")
    parser.add_argument("--decoder", type=Path, help="write the decoder to this file")
    given = parser.parse_args(arguments)
    if given.encoder is None and given.decoder is None:
        parser.error("name a file to write: --encoder, --decoder or both")
    try:
        model = load(given.file).model
        if given.encoder is not None:
            export_encoder(model, given.encoder)
        if given.decoder is not None:
            export_decoder(model, given.decoder)
    except (LatentCanvasError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
