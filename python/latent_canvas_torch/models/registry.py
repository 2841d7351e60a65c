"""Which model families there are as modules; their options are in `spec.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..rng import Rng
from ..spec import ModelSpec
from .ae import Autoencoder
from .base import Model
from .bernoulli_mixture import BernoulliMixture
from .categorical_vae import CategoricalVae
from .cvae import ConditionalVae
from .linear_factors import LinearFactors
from .m2 import SemiSupervised
from .vae import Vae

_MODULES: dict[str, Callable[[ModelSpec, "Rng | None"], Model]] = {
    "vae": Vae,
    "ae": Autoencoder,
    "cvae": ConditionalVae,
    "m2": SemiSupervised,
    "categorical-vae": CategoricalVae,
    "ppca": LinearFactors,
    "factor-analysis": LinearFactors,
    "bernoulli-mixture": BernoulliMixture,
}


def build(spec: ModelSpec | Mapping[str, Any], seed: int | None = None) -> Model:
    """An untrained model: the same spec and seed give the weights that the Rust crate draws.

    Without a seed all weights are zero, for a model whose weights are read from a file.
    Raises OptionError for a wrong spec.
    """
    spec = spec if isinstance(spec, ModelSpec) else ModelSpec.of(spec)
    rng = None if seed is None else Rng(seed).split("initial weights")
    return _MODULES[spec.model](spec, rng)
