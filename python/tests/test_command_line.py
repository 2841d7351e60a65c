"""Files that Python writes are read by the Rust command line, which gives the same numbers."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

import numpy as np
import torch

from latent_canvas_torch import Model, build, elbo, load, save
from latent_canvas_torch.data import Dataset, read_folder
from latent_canvas_torch.networks import one_hot
from latent_canvas_torch.rng import Rng
from latent_canvas_torch.train import main as train
from latent_canvas_torch.training import Run, TrainOptions

from . import command_line, idx

_NETWORK: dict[str, Any] = {"hidden": [12, 9], "activation": "gelu"}
_SPECS: list[dict[str, Any]] = [
    {"model": "vae", **_NETWORK, "prior": "vamp", "priorComponents": 5},
    {"model": "vae", **_NETWORK, "posterior": "iaf", "latents": 4},
    {"model": "vae", **_NETWORK, "posterior": "planar", "prior": "mixture", "priorComponents": 3},
    {"model": "vae", "hidden": [], "posterior": "full", "latents": 3},
    {"model": "vae", **_NETWORK, "likelihood": "continuous-bernoulli"},
    {"model": "vae", **_NETWORK, "likelihood": "gaussian-decoder"},
    {"model": "ae", **_NETWORK},
    {"model": "cvae", **_NETWORK},
    {"model": "m2", **_NETWORK, "latents": 3},
    {"model": "categorical-vae", **_NETWORK, "categories": 6},
    {"model": "ppca", "latents": 4},
    {"model": "bernoulli-mixture", "components": 6},
]
# Enough that draws go over several blocks.
_IMAGES = 501


def moved(spec: dict[str, Any]) -> Model:
    """A model whose every weight differs from zero."""
    model = build(spec, 3)
    for name, parameter in model.named_parameters():
        noise = Rng(8).split(name).normals(parameter.numel()).reshape(parameter.shape)
        parameter.data += 0.1 * torch.from_numpy(noise)
    return model


@unittest.skipUnless(command_line.program(), command_line.NO_PROGRAM)
class CommandLineTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "model.safetensors"

    def test_a_file_of_python_is_read_with_its_spec_provenance_and_class(self) -> None:
        model = build({"model": "cvae", **_NETWORK}, 3).given(one_hot([4]))
        provenance = {"data": "none", "steps": 0, "note": "ä"}
        for precision in ("full", "half", "rows"):
            save(self.file, model, provenance, precision)
            told = command_line.run("inspect", self.file)
            self.assertEqual(told["spec"], model.spec.by_name())
            self.assertEqual(told["provenance"], provenance)
            shapes = {name: list(tensor.shape) for name, tensor in model.state_dict().items()}
            self.assertEqual(told["tensors"], shapes)
            back = load(self.file)
            self.assertEqual(back.provenance, provenance)
            assert back.model.given_classes is not None
            self.assertEqual(back.model.given_classes.tolist(), one_hot([4]).tolist())

    @unittest.skipUnless(command_line.mnist(), "no MNIST files in MNIST_DIR")
    def test_files_of_python_have_the_same_bound_in_rust(self) -> None:
        folder = command_line.mnist()
        assert folder is not None
        data = read_folder(folder, "test")
        for spec in _SPECS:
            with self.subTest(spec):
                model = moved(spec)
                save(self.file, model)
                limits = ("--limit", str(_IMAGES), "--seed", "3")
                told = command_line.run("eval", self.file, "--data", folder, "--estimator", "elbo", *limits)
                rng = Rng(3).split("evaluation")
                x = torch.from_numpy(data.batch(np.arange(_IMAGES), told["binarization"], rng, 0))
                found = elbo(model, x, 1, 3)
                for part in ("elbo", "reconstruction", "kl"):
                    wanted = told[part]
                    difference = abs(getattr(found, part) - wanted) / max(1, abs(wanted))
                    self.assertLess(difference, 1e-4, f"{part} {getattr(found, part)} {wanted}")
                if model.exact_log_likelihood(x[:1]) is not None:
                    exact = command_line.run("eval", self.file, "--data", folder, "--estimator", "exact", *limits)
                    mean = model.exact_log_likelihood(x).mean().item()  # type: ignore[union-attr]
                    self.assertLess(abs(mean + exact["nll"]) / max(1, abs(mean)), 1e-4)

    @unittest.skipUnless(command_line.mnist(), "no MNIST files in MNIST_DIR")
    def test_rust_continues_a_run_of_python_and_python_one_of_rust(self) -> None:
        folder = command_line.mnist()
        assert folder is not None
        small = self.file.parent / "data"
        # Sixty of them are set aside to test with.
        all_images = read_folder(folder, "train")
        idx.write(small, Dataset(all_images.grey[:600], [None] * 600))
        options = ["--set", "latents=3", "--set", "hidden=16", "--set", "batchSize=50", "--set", "warmupSteps=9"]
        common = ["--data", str(small), "--seed", "5"]
        paths = {name: self.file.parent / f"{name}.safetensors" for name in ("python", "rust", "both")}
        losses = self.file.parent / "losses"
        whole = ["--epochs", "2", *common, *options]
        self.assertEqual(_quietly([*whole, "--out", str(paths["python"]), "--losses", str(losses), "--json"]), 0)
        told = command_line.run("train", *whole, "--out", paths["rust"])
        last = json.loads(losses.read_text().splitlines()[-1])
        self.assertEqual(told["train"]["step"], last["step"])
        self._same_weights(paths["python"], paths["rust"])
        # One epoch here, the next there; and the other way round.
        first = ["--epochs", "1", *common, *options, "--out", str(paths["both"])]
        again = ["--epochs", "2", *common, "--out", str(paths["both"]), "--resume", str(paths["both"])]
        self.assertEqual(_quietly([*first, "--json"]), 0)
        command_line.run("train", *again)
        self._same_weights(paths["both"], paths["rust"])
        command_line.run("train", *first)
        self.assertEqual(_quietly([*again, "--json"]), 0)
        self._same_weights(paths["both"], paths["rust"])

    def _same_weights(self, first: Path, second: Path) -> None:
        one, other = load(first).model.state_dict(), load(second).model.state_dict()
        for name, tensor in one.items():
            self.assertLess(float((tensor - other[name]).abs().max()), 2e-4, name)


def _quietly(arguments: list[str]) -> int:
    with contextlib.redirect_stdout(io.StringIO()):
        return train(arguments)


class RefusalTest(unittest.TestCase):
    def test_a_family_that_is_fitted_is_not_trained_here(self) -> None:
        model = build({"model": "ppca", "latents": 2}, 1)
        with self.assertRaisesRegex(ValueError, "fitted to all images at once"):
            data = Dataset(np.zeros((2, 784), dtype=np.uint8), [None, None])
            Run(model, data, TrainOptions.of({"batchSize": 64}, model))


if __name__ == "__main__":
    unittest.main()
