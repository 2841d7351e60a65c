"""ONNX files give the numbers of the modules."""

from __future__ import annotations

import importlib.util
import logging
import tempfile
import unittest
import warnings
from pathlib import Path

import torch

from latent_canvas_torch import as_drawn, build, load
from latent_canvas_torch.export_onnx import export_decoder, export_encoder
from latent_canvas_torch.models import Model
from latent_canvas_torch.networks import one_hot

from . import goldens

_MISSING = [name for name in ("onnx", "onnxruntime", "onnxscript") if importlib.util.find_spec(name) is None]


# It says each time that torchvision is not there, which nobody needs.
logging.getLogger("torch.onnx._internal.exporter._registration").setLevel(logging.ERROR)


@unittest.skipIf(_MISSING, f"not installed: {', '.join(_MISSING)}")
class OnnxTest(unittest.TestCase):
    def test_encoder_and_decoder_of_every_shipped_family(self) -> None:
        for file in ("mnist-2d", "mnist-cvae", "mnist-m2", "fa-32"):
            with self.subTest(file):
                self._compare(load(goldens.SHIPPED / f"{file}.safetensors").model)

    def test_posteriors_and_likelihoods(self) -> None:
        small = {"model": "vae", "hidden": [8]}
        for option in ({"posterior": "iaf"}, {"posterior": "full", "likelihood": "continuous-bernoulli"}):
            with self.subTest(option):
                self._compare(build({**small, **option}, 4))

    def _compare(self, model: Model) -> None:
        import onnxruntime  # type: ignore[import-untyped]

        data = goldens.dataset(goldens.read())
        x = as_drawn(model, torch.from_numpy(data.images(0, 5)))
        y = {"y": one_hot([0, 4, None, 9, 1])} if model.of_each_class() else {}
        given = model.given(y["y"]) if y else model
        # A class that is nearly sure has a variance of rounding errors only.
        latents = model.spec.values.get("latents", model.latents)
        with torch.no_grad():
            mean, log_var = given.encode(x).moments()
            pixels = given.pixel_means(mean)
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            encoder, decoder = Path(folder) / "encoder.onnx", Path(folder) / "decoder.onnx"
            export_encoder(model, encoder)
            export_decoder(model, decoder)
            for file, inputs, wanted in (
                (encoder, {"x": x, **y}, [mean, log_var[:, :latents]]),
                (decoder, {"z": mean, **y}, [pixels]),
            ):
                session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
                found = session.run(None, {name: tensor.numpy() for name, tensor in inputs.items()})
                for one, other in zip(found, wanted):
                    one = one[:, : other.shape[1]]
                    error = goldens.error(one.flatten().tolist(), other.flatten().tolist())
                    self.assertLess(error, 1e-5, file.name)


if __name__ == "__main__":
    unittest.main()
