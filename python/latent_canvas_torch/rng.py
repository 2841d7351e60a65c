"""Seeded, splittable randomness: the same streams as `src/rng.rs`, bit for bit.

A stream is named by a seed and a path of labels. One that is addressed by a counter, as
`rng.split("noise", step)`, has no state to be saved: the counter is the state. Weights, batches and
noise are therefore those of the Rust crate, whatever the number of processes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .xoshiro import MASK, Xoshiro256PlusPlus

Floats = NDArray[np.float32]

# The tables of a ziggurat of 256 layers (Doornik 2005): where its tail begins, and the area of a layer.
_LAYERS = 256
_TAIL = 3.654152885361008796
_AREA = 0.00492867323399


def _ziggurat() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    def density(x: float) -> float:
        return math.exp(-x * x / 2)

    edges = [_AREA / density(_TAIL), _TAIL]
    while len(edges) < _LAYERS:
        edges.append(math.sqrt(-2 * math.log(_AREA / edges[-1] + density(edges[-1]))))
    edges.append(0.0)
    return np.array(edges), np.array([density(x) for x in edges])


_EDGES, _DENSITIES = _ziggurat()


class Rng:
    """A deterministic random stream: xoshiro256++ (Blackman & Vigna 2021)."""

    def __init__(self, seed: int) -> None:
        self.seed = seed & MASK
        self._stream = Xoshiro256PlusPlus(self.seed)

    def split(self, label: str, index: int | None = None) -> Rng:
        """An independent stream named by `label`, and by a counter where there is one.

        It depends on this stream's seed alone, never on how much has been drawn.
        """
        # FNV-1a over the label, then the SplitMix64 finaliser to spread near seeds apart.
        mixed = self.seed ^ 0xCBF29CE484222325
        for byte in label.encode():
            mixed = ((mixed ^ byte) * 0x00000100000001B3) & MASK
        named = _mix(mixed)
        return Rng(named if index is None else _mix(named ^ _mix(index)))

    def bits(self, count: int) -> NDArray[np.uint64]:
        """`count` numbers of 64 random bits."""
        return self._stream.take(count)

    def uniform(self, count: int) -> Floats:
        """`count` draws from [0, 1), on a grid of 2^-24."""
        return (self.bits(count) >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)

    def below(self, bound: int) -> int:
        """A fair whole number below `bound`."""
        return (int(self.bits(1)[0]) * bound) >> 64

    def permutation(self, count: int) -> NDArray[np.int64]:
        """The numbers below `count` in a uniformly random order (Fisher-Yates)."""
        order = list(range(count))
        draws: list[int] = self.bits(max(count - 1, 0)).tolist()
        for last, draw in zip(range(count - 1, 0, -1), draws):
            other = (draw * (last + 1)) >> 64
            order[last], order[other] = order[other], order[last]
        return np.array(order, dtype=np.int64)

    def normals(self, count: int) -> Floats:
        """`count` draws from the standard normal."""
        found = np.empty(count)
        done = 0
        while done < count:
            bits = self._stream.peek(count - done)
            layer = (bits & np.uint64(_LAYERS - 1)).astype(np.int64)
            side = (bits >> np.uint64(12)).astype(np.float64) * 2.0**-51 - 1.0
            x = side * _EDGES[layer]
            place = 0
            # All but one in eighty lie inside their layer, and take one number each.
            for outside in np.flatnonzero(np.abs(x) >= _EDGES[layer + 1]).tolist():
                if outside < place:
                    continue
                inside = x[place:outside]
                found[done : done + len(inside)] = inside
                done += len(inside)
                self._stream.skip(len(inside) + 1)
                before = self._stream.taken
                drawn = self._outside(int(layer[outside]), float(x[outside]), float(side[outside]))
                if drawn is not None:
                    found[done] = drawn
                    done += 1
                place = outside + 1 + self._stream.taken - before
            rest = x[place:][: count - done]
            found[done : done + len(rest)] = rest
            done += len(rest)
            self._stream.skip(len(rest))
        return found.astype(np.float32)

    def _outside(self, layer: int, x: float, side: float) -> float | None:
        """The draw that a place outside its layer leads to; none where it is rejected."""
        if layer == 0:
            return self._tail(side)
        share = int(self.bits(1)[0] >> np.uint64(11)) * 2.0**-53
        low, high = float(_DENSITIES[layer + 1]), float(_DENSITIES[layer])
        return x if low + (high - low) * share < math.exp(-x * x / 2) else None

    def _tail(self, side: float) -> float:
        while True:
            first, second = (math.log(int(b >> np.uint64(12)) * 2.0**-52 + 2.0**-53) for b in self.bits(2))
            beyond = first / _TAIL
            if -2 * second >= beyond * beyond:
                return beyond - _TAIL if side < 0 else _TAIL - beyond

    def __repr__(self) -> str:
        return f"Rng({self.seed:#x})"

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Rng) and self.seed == other.seed

    def __hash__(self) -> int:
        return hash(self.seed)


def _mix(bits: int) -> int:
    bits = (bits + 0x9E3779B97F4A7C15) & MASK
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & MASK
    return bits ^ (bits >> 31)
