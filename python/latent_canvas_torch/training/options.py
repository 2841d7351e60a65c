"""The hyper-parameters of training: the names, ranges and defaults of `src/train/parameters.rs`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import OptionError
from ..models.base import Model
from ..objectives import Weights
from ..options import Choice, Integer, Needs, Number, Option, Values, in_range, refuse_idle, reset_idle
from ..spec import FAMILIES, Family, ModelSpec

_AS_MODEL = "as-model"
# Codes that one step may decode.
_MOST_ROWS = 20_000


def _models(of: Callable[[Family], bool]) -> Needs:
    return Needs("model", one_of=tuple(family.id for family in FAMILIES.values() if of(family)))


_BY_GRADIENTS = _models(lambda family: not family.fitted)
_WITH_PRIOR = _models(lambda family: not family.fitted and family.has_prior)
_WITH_DRAWS = Needs("objective", one_of=("elbo", "iwae", "dreg", "wae", "tc"))
_WITH_KL = Needs("objective", one_of=("elbo", "iwae", "dreg", "tc"))

OPTIONS: tuple[Option, ...] = (
    Number("learningRate", 1e-6, 1.0, 1e-3, (_BY_GRADIENTS,)),
    Choice("optimiser", ("adam", "sgd"), "adam", (_BY_GRADIENTS,)),
    Integer("decaySteps", 0, 10_000_000, 0, (_BY_GRADIENTS,)),
    Integer("batchSize", 1, 2048, 64, (_BY_GRADIENTS,)),
    Choice("objective", ("elbo", "iwae", "dreg", "wae", "tc", "exact"), "elbo", (_BY_GRADIENTS,)),
    Integer("draws", 1, 1000, 1, (_WITH_PRIOR, Needs("variables", above=1), _WITH_DRAWS)),
    Number("beta", 0.0, 100.0, 1.0, (_WITH_PRIOR, _WITH_KL)),
    Number("mmdWeight", 0.01, 10_000.0, 100.0, (Needs("objective", one_of=("wae",)),)),
    Choice(
        "minibatch",
        ("weighted", "stratified"),
        "weighted",
        (Needs("objective", one_of=("tc",)), Needs("beta", other_than=1)),
    ),
    Integer("warmupSteps", 0, 1_000_000, 0, (_WITH_PRIOR, _WITH_KL, Needs("beta", above=0))),
    Number(
        "freeBits",
        0.0,
        10.0,
        0.0,
        (
            _models(lambda family: not family.fitted and family.has_prior and not family.classifies),
            Needs("objective", one_of=("elbo",)),
            Needs("beta", above=0),
        ),
    ),
    Integer("labelled", 0, 1_000_000, 0, (_models(lambda family: family.conditional),)),
    Number("labelDropout", 0.0, 1.0, 0.1, (_models(lambda family: family.conditional and not family.classifies),)),
    Number("classWeight", 0.0, 1000.0, 10.0, (_models(lambda family: family.classifies),)),
    Choice("binarization", (_AS_MODEL, "grey", "static", "dynamic"), _AS_MODEL),
    Number(
        "corruption",
        0.0,
        1.0,
        0.0,
        (_models(lambda family: not family.fitted and not family.classifies), _WITH_DRAWS),
    ),
    Choice("firstImage", ("mean", "noise"), "mean", (_BY_GRADIENTS,)),
    Integer("seed", 0, 9_007_199_254_740_991, 1),
)


@dataclass(frozen=True)
class TrainOptions:
    """A valid value for each option."""

    values: Values

    @classmethod
    def of(cls, given: Mapping[str, Any], model: Model) -> TrainOptions:
        """For this model; options left out take their defaults, and what the model decides is written down.

        Raises OptionError for an option that is unknown, out of range or without effect.
        """
        values = in_range(given, OPTIONS)
        refuse_idle(values, OPTIONS, model.spec.by_name())
        if values["batchSize"] * values["draws"] > _MOST_ROWS:
            raise OptionError(f"a step would decode more than {_MOST_ROWS} codes, batch size times draws")
        if values["binarization"] == _AS_MODEL:
            values["binarization"] = "dynamic" if model.likelihood.binary else "grey"
        return cls(values)

    @classmethod
    def restore(cls, given: Mapping[str, Any], spec: ModelSpec) -> TrainOptions:
        """Those of a stored run of this model: what has no effect takes its default."""
        return cls(reset_idle(in_range(given, OPTIONS), OPTIONS, spec.by_name()))

    def __getitem__(self, option: str) -> Any:
        return self.values[option]

    def learning_rate(self, step: int) -> float:
        """At this step: a half cosine from the base to a hundredth of it over `decaySteps`."""
        base: float = self["learningRate"]
        if self["decaySteps"] == 0:
            return base
        progress = min(step / self["decaySteps"], 1.0)
        return base * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress)))

    def weights(self, step: int) -> Weights:
        """The weights of the bound's terms at this step: beta rises over `warmupSteps`."""
        rise = 1.0 if self["warmupSteps"] == 0 else min(step / self["warmupSteps"], 1.0)
        return Weights(self["beta"] * rise, self["freeBits"], self["classWeight"])
