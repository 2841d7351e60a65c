"""Files and runs of the Rust crate give the same numbers here: codes, pixels, bounds and losses."""

from __future__ import annotations

import sys
import unittest

import torch

from latent_canvas_torch import Model, build, load
from latent_canvas_torch.training import Run, TrainOptions

from . import goldens

_ALLOWED = 1e-4
_GOLDENS = goldens.read()
_DATA = goldens.dataset(_GOLDENS)


class GoldensTest(unittest.TestCase):
    def test_shipped_models_encode_decode_and_judge_as_in_rust(self) -> None:
        for file, golden in _GOLDENS["shipped"].items():
            with self.subTest(file):
                self._compare(file, load(goldens.SHIPPED / file).model, golden)

    def test_fitted_models_encode_decode_and_judge_as_in_rust(self) -> None:
        fitted = {name: golden for name, golden in _GOLDENS["built"].items() if "file" in golden}
        self.assertGreaterEqual(len(fitted), 3)
        for name, golden in fitted.items():
            with self.subTest(name):
                self._compare(name, load(goldens.GOLDENS / golden["file"]).model, golden["answers"])

    def test_models_of_every_kind_train_as_in_rust(self) -> None:
        trained = {name: golden for name, golden in _GOLDENS["built"].items() if "losses" in golden}
        self.assertGreaterEqual(len(trained), 20)
        for name, golden in trained.items():
            with self.subTest(name):
                model = build(golden["spec"], 3)
                run = Run(model, _DATA, TrainOptions.of(golden["options"], model))
                losses = [run.step().loss for _ in golden["losses"]]
                self.assertLess(goldens.error(losses, golden["losses"]), _ALLOWED, losses)
                self._compare(name, model, golden["answers"])

    def _compare(self, name: str, model: Model, golden: list[float]) -> None:
        start = 0
        for part, found in goldens.parts(model, torch.from_numpy(_DATA.images(0, 3))).items():
            wanted = golden[start : start + len(found)]
            start += len(found)
            error = goldens.error(found, wanted)
            print(f"{name}: {part} {error:.1e}", file=sys.stderr)
            self.assertLess(error, _ALLOWED, f"{name}: {part}")
        self.assertEqual(start, len(golden))


if __name__ == "__main__":
    unittest.main()
