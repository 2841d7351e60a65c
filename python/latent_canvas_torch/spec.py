"""Which model: its family and a value for each of the family's options.

As JSON a spec is one flat object: `{"model": "vae", "latents": 2, "hidden": [400], ...}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import OptionError
from .options import Choice, Integer, Needs, Number, Option, Sizes, Values, in_range, refuse_idle, reset_idle

ACTIVATIONS = ("relu", "tanh", "elu", "softplus", "gelu")
PRIORS = ("normal", "mixture", "vamp")
POSTERIORS = ("diagonal", "full", "iaf", "planar")
LIKELIHOODS = (
    "bernoulli",
    "continuous-bernoulli",
    "gaussian-fixed",
    "gaussian-scalar",
    "gaussian-pixel",
    "gaussian-decoder",
)


def _latents(default: int) -> Option:
    return Integer("latents", 1, 128, default)


_NETWORK: tuple[Option, ...] = (
    Sizes("hidden", 1024, 4, [128]),
    Choice("activation", ACTIVATIONS, "relu", (Needs("hidden", above=0),)),
)
_VAE: tuple[Option, ...] = (
    Choice("prior", PRIORS, "normal"),
    Integer("priorComponents", 1, 1000, 100, (Needs("prior", one_of=("mixture", "vamp")),)),
    Choice("posterior", POSTERIORS, "diagonal"),
    Integer("flowSteps", 1, 16, 2, (Needs("posterior", one_of=("iaf", "planar")),)),
    Choice("likelihood", LIKELIHOODS, "bernoulli"),
    Number("standardDeviation", 0.01, 10.0, 0.3, (Needs("likelihood", one_of=("gaussian-fixed",)),)),
)


@dataclass(frozen=True)
class Family:
    """What a family of models is: its options, and what its models can be asked for."""

    id: str
    options: tuple[Option, ...]
    # It has a prior to draw z from.
    has_prior: bool = True
    # It can be told the class of an image.
    conditional: bool = False
    # It has a network that tells the class of an image.
    classifies: bool = False
    # It is fitted to all the data at once, not by gradients.
    fitted: bool = False


FAMILIES: dict[str, Family] = {
    family.id: family
    for family in (
        Family("vae", (_latents(2), *_NETWORK, *_VAE)),
        Family("ae", (_latents(2), *_NETWORK), has_prior=False),
        Family("cvae", (_latents(2), *_NETWORK), conditional=True),
        Family("m2", (_latents(16), *_NETWORK), conditional=True, classifies=True),
        Family(
            "categorical-vae",
            (
                Integer("variables", 1, 32, 1),
                Integer("categories", 2, 64, 20),
                Number("temperature", 0.1, 10.0, 0.7, (Needs("variables", above=1),)),
                *_NETWORK,
            ),
        ),
        Family("ppca", (_latents(32),), fitted=True),
        Family("factor-analysis", (_latents(32),), fitted=True),
        Family(
            "bernoulli-mixture",
            (Integer("components", 1, 1000, 50), Number("smoothing", 0.01, 100.0, 1.0)),
            fitted=True,
        ),
    )
}


@dataclass(frozen=True)
class ModelSpec:
    """A family's id and a valid value for each of its options."""

    model: str
    values: Values

    @property
    def family(self) -> Family:
        return FAMILIES[self.model]

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> ModelSpec:
        """From a flat object; options left out take their defaults.

        Raises OptionError for an unknown family, or an option that is unknown, out of range or without effect.
        """
        family, values = _read(given)
        refuse_idle(values, family.options, {})
        return cls(family.id, values)

    @classmethod
    def restore(cls, given: Mapping[str, Any]) -> ModelSpec:
        """As `of`, for a stored model: what has no effect takes its default."""
        family, values = _read(given)
        return cls(family.id, reset_idle(values, family.options, {}))

    def by_name(self) -> Values:
        """The flat object."""
        return {"model": self.model, **self.values}

    def to_json(self) -> str:
        return json.dumps(self.by_name(), sort_keys=True, separators=(",", ":"))

    def __getitem__(self, option: str) -> Any:
        return self.values[option]


def _read(given: Mapping[str, Any]) -> tuple[Family, Values]:
    if not isinstance(given, Mapping) or not isinstance(given.get("model"), str):
        raise OptionError('a spec is an object that names its family, as {"model": "vae"}')
    id_ = given["model"]
    if id_ not in FAMILIES:
        raise OptionError(f'there is no model family "{id_}"; there are {", ".join(FAMILIES)}')
    options = {name: value for name, value in given.items() if name != "model"}
    return FAMILIES[id_], in_range(options, FAMILIES[id_].options)
