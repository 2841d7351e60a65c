"""Which images' classes a run may know, and which it is told at a step, as `src/train/labels.rs` decides it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..data import Dataset
from ..networks import CLASSES
from ..rng import Rng

# One image with a chosen label for every five others.
_KNOWN_SHARE = 5

Indices = NDArray[np.int64]


class Labels:
    """The labels that a run has: `count` of them, the classes as evenly as the data allow, or all for 0."""

    def __init__(self, data: Dataset, count: int, rng: Rng) -> None:
        self._kept = list(data.labels)
        self._chosen: list[int] = []
        if count == 0:
            return
        of_class: list[list[int]] = [[] for _ in range(CLASSES)]
        for index in rng.split("labels").permutation(len(data)).tolist():
            label = data.labels[index]
            if label is not None:
                of_class[label].append(index)
        rounds = range(max(len(images) for images in of_class))
        by_round = [images[turn] for turn in rounds for images in of_class if turn < len(images)]
        self._chosen = by_round[:count]
        self._kept = [None] * len(data)
        for index in self._chosen:
            self._kept[index] = data.labels[index]

    def hide_some(self, indices: Indices, probability: float, rng: Rng) -> list[int | None]:
        """The labels of these images, each that there is hidden with this probability."""
        found: list[int | None] = []
        for index in indices.tolist():
            label = self._kept[index]
            hidden = label is not None and float(rng.uniform(1)[0]) < probability
            found.append(None if hidden else label)
        return found

    def with_known(self, indices: Indices, rng: Rng) -> tuple[Indices, list[int | None]]:
        """These images and, where few labels were chosen, as many more with one; those of known class first."""
        more = -(-len(indices) // _KNOWN_SHARE) if self._chosen else 0
        drawn = [self._chosen[rng.below(len(self._chosen))] for _ in range(more)]
        everything = drawn + indices.tolist()
        known = [index for index in everything if self._kept[index] is not None]
        unknown = [index for index in everything if self._kept[index] is None]
        ordered = known + unknown
        return np.array(ordered, dtype=np.int64), [self._kept[index] for index in ordered]
