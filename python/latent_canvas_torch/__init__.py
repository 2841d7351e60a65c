"""Latent Canvas in PyTorch: the same models, files and numbers as the Rust crate.

    checkpoint = load("mnist-2d.safetensors")
    mean, log_var = checkpoint.model.encode(x).moments()
    pixels = checkpoint.model.pixel_means(mean)
    print(elbo(checkpoint.model, x).elbo, "nats")

Notation: x `[B, 784]` pixels, paper 0 and ink 1; z `[B, K]` latents; everything in nats.
"""

from .bound import ElboEstimate, elbo
from .checkpoint import Checkpoint, load, save
from .errors import (
    CheckpointError,
    DataError,
    DivergenceError,
    LatentCanvasError,
    OptionError,
    UnsupportedError,
)
from .models import Model, as_drawn, build
from .spec import FAMILIES, ModelSpec

__all__ = [
    "FAMILIES",
    "Checkpoint",
    "CheckpointError",
    "DataError",
    "DivergenceError",
    "ElboEstimate",
    "LatentCanvasError",
    "Model",
    "ModelSpec",
    "OptionError",
    "UnsupportedError",
    "as_drawn",
    "build",
    "elbo",
    "load",
    "save",
]
