"""Bad input gets an error in plain words."""

from __future__ import annotations

import gzip
import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from latent_canvas_torch import (
    CheckpointError,
    DataError,
    DivergenceError,
    LatentCanvasError,
    OptionError,
    UnsupportedError,
    build,
    elbo,
    load,
    save,
)
from latent_canvas_torch.data import Dataset, read_folder
from latent_canvas_torch.training import Run, TrainOptions

from . import idx

_SPEC: dict[str, Any] = {"model": "vae", "latents": 2, "hidden": [4]}


class CheckpointRefusals(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "model.safetensors"
        self.tensors = {name: tensor.clone() for name, tensor in build(_SPEC, 1).state_dict().items()}

    def _refused(self, words: str, metadata: dict[str, str] | None = None) -> None:
        texts = {"spec": json.dumps(_SPEC), "format": "pt"} if metadata is None else metadata
        save_file(self.tensors, self.file, texts)
        with self.assertRaisesRegex(CheckpointError, words):
            load(self.file)

    def test_files_that_are_no_checkpoint(self) -> None:
        with self.assertRaisesRegex(CheckpointError, "cannot read .*: No such file"):
            load(self.file)
        self.file.write_bytes(b"not safetensors at all")
        with self.assertRaisesRegex(CheckpointError, "no checkpoint in the safetensors format"):
            load(self.file)
        self._refused("does not say which model", {})
        self._refused('metadata "spec" is not JSON', {"spec": "{"})

    def test_specs_that_are_not_known(self) -> None:
        self._refused('no model family "gan".*newer program', {"spec": '{"model": "gan"}'})
        self._refused('unknown option "depth"', {"spec": json.dumps({**_SPEC, "depth": 3})})
        self._refused("latents must be a whole number from 1 to 128", {"spec": '{"model": "vae", "latents": 0}'})
        self._refused("knows nothing of classes", {"spec": json.dumps(_SPEC), "class": "3"})

    def test_tensors_that_do_not_fit(self) -> None:
        bias = self.tensors.pop("encoder.mean.bias")
        self._refused('lacks the tensor "encoder.mean.bias"')
        self.tensors["encoder.mean.bias"] = torch.zeros(3)
        self._refused(r"has shape \[3\]; its model needs \[2\]")
        self.tensors["encoder.mean.bias"] = torch.full((2,), torch.nan)
        self._refused("not finite")
        self.tensors["encoder.mean.bias"] = bias.double()
        self._refused("stored as F64; only F32, F16 and I8 are read")
        self.tensors["encoder.mean.bias"] = bias
        self.tensors["encoder.more"] = torch.zeros(1)
        self._refused('"encoder.more" has no place')
        del self.tensors["encoder.more"]
        self.tensors["encoder.0.weight"] = torch.zeros(4, 784, dtype=torch.int8)
        self._refused("the scales of the rows")
        self.tensors["encoder.0.weight.row_scale"] = torch.zeros(3)
        self._refused("one F32 scale for each")

    def test_what_is_not_finite_is_not_saved_and_the_old_file_stays(self) -> None:
        model = build(_SPEC, 1)
        save(self.file, model)
        before = self.file.read_bytes()
        model.state_dict()["encoder.mean.bias"][0] = 1e6
        with self.assertRaisesRegex(DivergenceError, "encoder.mean.bias"):
            save(self.file, model, precision="half")
        self.assertEqual(self.file.read_bytes(), before)

    def test_eight_bits_are_within_half_a_step(self) -> None:
        model = build({"model": "vae", "hidden": [64]}, 1)
        for levels in (127, 20):
            save(self.file, model, precision="rows", levels=levels)
            found, wanted = (one.state_dict()["encoder.0.weight"] for one in (load(self.file).model, model))
            step = wanted.abs().amax(1, keepdim=True) / levels
            self.assertTrue(bool(((found - wanted).abs() <= 0.5001 * step).all()))


class OtherRefusals(unittest.TestCase):
    def test_options(self) -> None:
        with self.assertRaisesRegex(OptionError, "flowSteps does nothing while posterior is diagonal"):
            build({**_SPEC, "flowSteps": 3})
        with self.assertRaisesRegex(OptionError, "posterior to diagonal"):
            build({**_SPEC, "prior": "vamp", "posterior": "full"})
        model = build(_SPEC)
        with self.assertRaisesRegex(OptionError, "labelled does nothing while model is vae"):
            TrainOptions.of({"labelled": 5}, model)
        with self.assertRaisesRegex(OptionError, 'unknown option "momentum"'):
            TrainOptions.of({"momentum": 0.9}, model)

    def test_objectives_that_do_not_fit_are_refused_before_the_first_step(self) -> None:
        data = Dataset(np.zeros((8, 784), dtype=np.uint8), [None] * 8)
        for family, objective, words in (
            ("vae", "tc", "trained by the Rust command line only"),
            ("ae", "iwae", "has no prior"),
            ("m2", "dreg", 'trained with the objective "elbo"'),
            ("categorical-vae", "iwae", "codes of real numbers"),
        ):
            model = build({"model": family, "hidden": [4]}, 1)
            with self.subTest(family), self.assertRaisesRegex(UnsupportedError, words):
                Run(model, data, TrainOptions.of({"objective": objective, "batchSize": 4}, model))

    def test_images_and_codes(self) -> None:
        model = build(_SPEC, 1)
        for wrong in (torch.zeros(2, 783), torch.full((1, 784), 1.5), torch.full((1, 784), torch.nan)):
            with self.assertRaises(LatentCanvasError):
                elbo(model, wrong)
        with self.assertRaisesRegex(LatentCanvasError, "rows of 2 numbers"):
            model.pixel_means(torch.zeros(1, 3))
        with self.assertRaises(UnsupportedError):
            model.given(torch.zeros(1, 10))

    def test_data_files(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            with self.assertRaisesRegex(DataError, "no IDX file of images"):
                read_folder(folder, "train")
            idx.write(folder / "data", Dataset(np.zeros((20, 784), dtype=np.uint8), [1] * 20))
            self.assertEqual(len(read_folder(folder / "data", "train")), 18)
            self.assertEqual(len(read_folder(folder / "data", "test")), 2)
            file = folder / "data" / "train-images-idx3-ubyte"
            file.write_bytes(file.read_bytes()[:-1])
            with self.assertRaisesRegex(DataError, "promises 15680 bytes; 15679 are there"):
                read_folder(folder / "data", "train")
            file.write_bytes(gzip.compress(bytes(100))[:-5])
            with self.assertRaisesRegex(DataError, "damaged"):
                read_folder(folder / "data", "train")

    def test_a_run_that_diverges_says_so(self) -> None:
        model = build(_SPEC, 1)
        data = Dataset(np.zeros((8, 784), dtype=np.uint8), [None] * 8)
        run = Run(model, data, TrainOptions.of({"batchSize": 4}, model))
        model.state_dict()["encoder.log_var.bias"][0] = 1e4
        with self.assertRaisesRegex(DivergenceError, "diverged at step 0"):
            run.step()


if __name__ == "__main__":
    unittest.main()
