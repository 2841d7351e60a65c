"""The random streams are those of src/rng.rs."""

from __future__ import annotations

import unittest

import numpy as np

from latent_canvas_torch.rng import Rng


class RngTest(unittest.TestCase):
    def test_draws_are_those_that_the_crate_pins(self) -> None:
        rng = Rng(7).split("test")
        draws = np.concatenate([rng.uniform(2), rng.normals(2)])
        self.assertEqual(draws.view(np.uint32).tolist(), [1055037076, 1059853174, 1049513328, 3225390390])
        self.assertEqual(rng.below(1000), 772)

    def test_many_draws_at_once_are_the_same_as_one_by_one(self) -> None:
        whole, parts = Rng(3), Rng(3)
        counts = [1, 63, 64, 65, 5000]
        found = np.concatenate([parts.bits(count) for count in counts])
        self.assertTrue(np.array_equal(whole.bits(sum(counts)), found))
        found = np.concatenate([parts.normals(count) for count in counts])
        self.assertTrue(np.array_equal(whole.normals(sum(counts)), found))

    def test_splitting_ignores_what_was_drawn(self) -> None:
        used = Rng(3)
        used.normals(10)
        self.assertEqual(used.split("a"), Rng(3).split("a"))
        self.assertNotEqual(used.split("a"), used.split("b"))
        self.assertNotEqual(used.split("a", 0), used.split("a", 1))

    def test_normals_have_mean_0_and_variance_1(self) -> None:
        """Five standard errors: false alarms below 1e-5."""
        draws = Rng(11).normals(200_000).astype(float)
        bound = 5 / len(draws) ** 0.5
        self.assertLess(abs(draws.mean()), bound)
        self.assertLess(abs((draws**2).mean() - 1), bound * 2**0.5)

    def test_a_permutation_keeps_every_number(self) -> None:
        order = Rng(1).permutation(100)
        self.assertEqual(sorted(order.tolist()), list(range(100)))
        self.assertNotEqual(order.tolist(), list(range(100)))


if __name__ == "__main__":
    unittest.main()
