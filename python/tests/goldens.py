"""Numbers that the Rust crate gives (tests/goldens/torch.rs), and what the package gives in their place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from latent_canvas_torch import Model, as_drawn, elbo
from latent_canvas_torch.data import Dataset

ROOT = Path(__file__).resolve().parents[2]
GOLDENS = ROOT / "tests" / "goldens"
SHIPPED = ROOT / "www" / "public" / "models"


def read() -> dict[str, Any]:
    """The file that tests/goldens.rs writes."""
    found: dict[str, Any] = json.loads((GOLDENS / "torch.json").read_text())
    return found


def dataset(goldens: dict[str, Any]) -> Dataset:
    """Its images: a hexadecimal digit is a pixel of 16 grey levels."""
    levels = [[int(digit, 16) * 17 for digit in image] for image in goldens["images"]]
    return Dataset(np.array(levels, dtype=np.uint8), goldens["labels"])


def parts(model: Model, x: Tensor) -> dict[str, list[float]]:
    """Codes, every 49th pixel of what they are decoded to, and the bound, as the goldens hold them."""
    x = as_drawn(model, x)
    with torch.no_grad():
        mean, log_var = model.encode(x).moments()
        decoded = model.pixel_means(mean)
    found = elbo(model, x, 2, 5)
    return {
        "encode": [*mean.flatten().tolist(), *log_var.flatten().tolist()],
        "decode": decoded.flatten()[::49].tolist(),
        "elbo": [found.elbo, found.reconstruction, found.kl],
    }


def error(found: list[float], golden: list[float]) -> float:
    """The largest difference, as a share of the golden number where that is above 1; not finite counts as infinite."""
    pair = np.array(found), np.array(golden)
    if pair[0].shape != pair[1].shape or not np.isfinite(pair[0]).all():
        return float("inf")
    return float((np.abs(pair[0] - pair[1]) / np.maximum(1, np.abs(pair[1]))).max())
