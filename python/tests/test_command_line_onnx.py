"""ONNX files that the Rust command line writes give the numbers of the modules."""

from __future__ import annotations

import importlib.util
import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

import torch

from latent_canvas_torch import Model, as_drawn, load, save
from latent_canvas_torch.likelihoods import DecodedGaussian, Gaussian
from latent_canvas_torch.networks import one_hot

from . import command_line, goldens
from .test_command_line import moved

_MISSING = [name for name in ("onnx", "onnxruntime") if importlib.util.find_spec(name) is None]
_NETWORK: dict[str, Any] = {"hidden": [12, 9]}
# What no shipped model has: every posterior, likelihood and non-linearity, no hidden layers, the other families.
_SPECS: list[dict[str, Any]] = [
    {"model": "vae", **_NETWORK, "posterior": "full", "latents": 3, "likelihood": "continuous-bernoulli"},
    {"model": "vae", **_NETWORK, "posterior": "iaf", "latents": 4, "activation": "tanh"},
    {"model": "vae", **_NETWORK, "posterior": "planar", "likelihood": "gaussian-decoder", "activation": "elu"},
    {"model": "vae", "hidden": [], "likelihood": "gaussian-fixed", "standardDeviation": 0.2},
    {"model": "vae", **_NETWORK, "likelihood": "gaussian-scalar", "activation": "softplus"},
    {"model": "vae", **_NETWORK, "likelihood": "gaussian-pixel", "activation": "gelu"},
    {"model": "cvae", "hidden": []},
    {"model": "m2", "hidden": [], "latents": 3},
    {"model": "categorical-vae", **_NETWORK, "categories": 6},
    {"model": "categorical-vae", **_NETWORK, "variables": 3, "categories": 4},
    {"model": "bernoulli-mixture", "components": 6},
]
_LABELS = [0, 4, None, 9, 1]


@unittest.skipIf(_MISSING, f"not installed: {', '.join(_MISSING)}")
@unittest.skipUnless(command_line.program(), command_line.NO_PROGRAM)
class CommandLineOnnxTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.file = self.folder / "model.safetensors"

    def test_every_shipped_model(self) -> None:
        for file in sorted(goldens.SHIPPED.glob("*.safetensors")):
            if not file.name.endswith(".codes.safetensors"):
                with self.subTest(file.name):
                    self._compare(load(file).model, file)

    def test_every_posterior_likelihood_and_family(self) -> None:
        for spec in _SPECS:
            with self.subTest(spec):
                model = moved(spec)
                save(self.file, model)
                self._compare(model, self.file)

    def test_a_model_that_was_given_a_class(self) -> None:
        for family in ("cvae", "m2"):
            for hidden in ([], [7]):
                with self.subTest(family, hidden=hidden):
                    model = moved({"model": family, "hidden": hidden}).given(one_hot([4]))
                    save(self.file, model)
                    self._compare(load(self.file).model, self.file)

    def _compare(self, model: Model, file: Path) -> None:
        import onnx
        import onnxruntime  # type: ignore[import-untyped]

        data = goldens.dataset(goldens.read())
        x = as_drawn(model, torch.from_numpy(data.images(0, len(_LABELS))))
        y = {"y": one_hot(_LABELS)} if model.of_each_class() else {}
        given = model.given(y["y"]) if y else model
        # A class that is nearly sure has a variance of rounding errors only.
        latents = model.spec.values.get("latents", model.latents)
        with torch.no_grad():
            # In a mixture large numbers cancel: in 32 bits the module itself is no closer than the limit below.
            exact = model.double() if model.spec.model == "bernoulli-mixture" else given
            mean, log_var = (moment.float() for moment in exact.encode(x.to(_precision(exact))).moments())
            given = given.float()
            pixels = given.pixel_means(mean)
            variance = _pixel_variances(given, mean)
        told = command_line.run("export", file, "--onnx", self.folder)
        encoder, decoder = (Path(written["file"]) for written in told["files"])
        for path, inputs, wanted in (
            (encoder, {"x": x, **y}, {"mean": mean, "log_var": log_var[:, :latents]}),
            (decoder, {"z": mean, **y}, {"pixels": pixels, **variance}),
        ):
            stored = onnx.load(path)
            onnx.checker.check_model(stored, full_check=True)
            notes = {note.key: note.value for note in stored.metadata_props}
            self.assertEqual(notes["family"], model.spec.model)
            self.assertEqual(json.loads(notes["spec"]), model.spec.by_name())
            session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
            names = [output.name for output in session.get_outputs()]
            self.assertEqual(names, list(wanted))
            # All rows at once, and one alone: the batch is free.
            for rows in (slice(None), slice(1, 2)):
                found = session.run(None, {name: tensor[rows].numpy() for name, tensor in inputs.items()})
                for name, one in zip(names, found):
                    other = wanted[name][rows]
                    one = one[:, : other.shape[1]]
                    error = goldens.error(one.flatten().tolist(), other.flatten().tolist())
                    self.assertLess(error, 1e-5, f"{path.name}: {name}")


def _precision(model: Model) -> torch.dtype:
    return next(model.parameters()).dtype


def _pixel_variances(model: Model, z: torch.Tensor) -> dict[str, torch.Tensor]:
    """The logarithms of the variances of Gaussian pixels, by the name of the output."""
    decoded, likelihood = model.decode(z), model.likelihood
    if isinstance(likelihood, DecodedGaussian):
        # As docs/checkpoint.md says.
        variance = torch.exp(decoded.chunk(2, 1)[1]) + 0.01**2
    elif isinstance(likelihood, Gaussian):
        variance = likelihood.variance(decoded).expand(len(z), -1)
    else:
        return {}
    return {"pixels_log_var": torch.log(variance)}


if __name__ == "__main__":
    unittest.main()
