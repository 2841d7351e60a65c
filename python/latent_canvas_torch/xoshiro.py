"""The generator xoshiro256++ (Blackman & Vigna 2021), many numbers at once.

Its state moves linearly over the bits. So the states at the beginning of many stretches are found by products
with a matrix of 256 x 256 bits, and all stretches are then filled side by side.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

MASK = (1 << 64) - 1
# Numbers in a stretch: fewer take more products, more take more steps one after the other.
_STRETCH = 64


def seed_states(seeds: list[int]) -> Words:
    """A state for each seed, by SplitMix64 (Steele et al. 2014), `[4, seeds]`."""
    words = np.zeros((4, len(seeds)), dtype=np.uint64)
    for place, seed in enumerate(seeds):
        for word in range(4):
            mixed = (seed + (word + 1) * 0x9E3779B97F4A7C15) & MASK
            mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
            mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
            words[word, place] = mixed ^ (mixed >> 31)
    return words


def fill(states: Words, count: int) -> tuple[Words, Words]:
    """The next `count` numbers of each state, `[states, count]`, and the states after them."""
    s0, s1, s2, s3 = (word.copy() for word in states)
    found = np.empty((count, len(s0)), dtype=np.uint64)
    for row in found:
        row[:] = _rotate(s0 + s3, 23) + s0
        shifted = s1 << np.uint64(17)
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        s3 = _rotate(s3, 45)
    return found.T, np.stack([s0, s1, s2, s3])


def _rotate(words: Words, by: int) -> Words:
    return (words << np.uint64(by)) | (words >> np.uint64(64 - by))


class Xoshiro256PlusPlus:
    """One stream, read in order; `taken` counts the numbers that are used up."""

    def __init__(self, seed: int) -> None:
        self._state = seed_states([seed])
        self._ready: Words = np.empty(0, dtype=np.uint64)
        self.taken = 0

    def peek(self, count: int) -> Words:
        """The next `count` numbers, which stay where they are."""
        missing = count - len(self._ready)
        if missing > 0:
            stretches = -(-missing // _STRETCH)
            # The numbers that a short draw does not need would cost more than they save.
            few = missing if stretches == 1 else _STRETCH
            numbers, states = fill(_starts(self._state, stretches), few)
            self._state = states[:, -1:]
            self._ready = np.concatenate([self._ready, numbers.ravel()])
        return self._ready[:count]

    def skip(self, count: int) -> None:
        """Leaves out `count` numbers that were peeked at."""
        self._ready = self._ready[count:]
        self.taken += count

    def take(self, count: int) -> Words:
        """The next `count` numbers."""
        found = self.peek(count)
        self.skip(count)
        return found


def _starts(state: Words, stretches: int) -> Words:
    """The states at the beginning of each stretch, `[4, stretches]`."""
    bits = _to_bits(state)
    power = 0
    while len(bits) < stretches:
        bits = np.concatenate([bits, _product(bits, _matrix(power))])
        power += 1
    return _from_bits(bits[:stretches])


@cache
def _matrix(power: int) -> NDArray[np.float32]:
    """What 2^power stretches make of a row of bits, `[256, 256]`."""
    if power > 0:
        return _product(_matrix(power - 1), _matrix(power - 1))
    basis = _from_bits(np.eye(256, dtype=np.float32))
    return _to_bits(fill(basis, _STRETCH)[1])


def _product(rows: NDArray[np.float32], matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """The product over bits: sums of at most 256 are exact in 32 bits, and quick."""
    return ((rows @ matrix).astype(np.uint16) & np.uint16(1)).astype(np.float32)


def _to_bits(states: Words) -> NDArray[np.float32]:
    as_bytes = np.ascontiguousarray(states.T.astype("<u8")).view(np.uint8)
    return np.unpackbits(as_bytes, axis=1, bitorder="little").astype(np.float32)


def _from_bits(bits: NDArray[np.float32]) -> Words:
    as_bytes = np.packbits(bits.astype(np.uint8), axis=1, bitorder="little")
    return np.ascontiguousarray(as_bytes).view("<u8").T.astype(np.uint64)
