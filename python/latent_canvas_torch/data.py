"""Images from IDX files (LeCun, Cortes & Burges), and how grey pixels become those that a model sees."""

from __future__ import annotations

import gzip
import hashlib
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .errors import DataError, OptionError
from .networks import CLASSES, PIXELS, SIDE
from .rng import Floats, Rng
from .xoshiro import fill, seed_states

Part = Literal["train", "test"]
BINARIZATIONS = ("grey", "static", "dynamic")

_IMAGES_MAGIC, _LABELS_MAGIC = 0x0803, 0x0801
# What the names of a part's files hold.
_NAMES: dict[str, tuple[str, ...]] = {"train": ("train",), "test": ("t10k", "test")}
# A file's name says nothing: several sets come under the same ones. SHA-256 of images and labels, unpacked.
_MNIST = {
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


@dataclass
class Dataset:
    """Grey images `[N, 784]`, ink = 255, and the label of each, None where it is not known."""

    grey: NDArray[np.uint8]
    labels: list[int | None]
    name: str = "28x28 images (name unknown)"

    def __post_init__(self) -> None:
        if self.grey.ndim != 2 or self.grey.shape[1] != PIXELS or len(self.grey) == 0:
            raise DataError(f"a data set needs at least one image of {PIXELS} pixels")
        if len(self.labels) != len(self.grey):
            raise DataError(f"there are {len(self.grey)} images but {len(self.labels)} labels")

    def __len__(self) -> int:
        return len(self.grey)

    def images(self, first: int, count: int) -> Floats:
        """Grey pixels in [0, 1], `[count, 784]`."""
        return _scaled(self.grey[first : first + count])

    def mean_image(self) -> Floats:
        """The mean grey value of each pixel, in [0, 1]."""
        sums = self.grey.sum(0, dtype=np.int64)
        means: Floats = (sums * (1.0 / (255.0 * len(self)))).astype(np.float32)
        return means

    def epoch_order(self, rng: Rng, epoch: int) -> NDArray[np.int64]:
        """The order in which an epoch shows the images: fixed by (seed, epoch)."""
        return rng.split("epoch", epoch).permutation(len(self))

    def batch(self, indices: NDArray[np.int64], binarization: str, rng: Rng, step: int) -> Floats:
        """The x of these images, `[n, 784]`.

        "grey" pixels stay as they are. "static" ones are drawn once from Bernoulli(grey), by run and image;
        "dynamic" ones afresh each time they are shown (Burda et al. 2015), by run and step.
        """
        grey = self.grey[indices]
        if binarization == "grey":
            return _scaled(grey)
        if binarization == "static":
            seeds = [rng.split("static", int(index)).seed for index in indices]
            bits, _ = fill(seed_states(seeds), PIXELS // 4)
        elif binarization == "dynamic":
            bits = rng.split("dynamic", step).bits(len(indices) * PIXELS // 4)
        else:
            raise OptionError(f'binarization must be one of {", ".join(BINARIZATIONS)}; got "{binarization}"')
        # 64 bits serve four pixels: a fair draw from 0..255 each, so that grey 0 is never ink and 255 always is.
        draws = np.ascontiguousarray(bits, dtype="<u8").view("<u2").reshape(grey.shape)
        return ((draws.astype(np.uint32) * 255) >> 16 < grey).astype(np.float32)

    def set_aside(self) -> tuple[Dataset, Dataset]:
        """Images to train with and, for want of a test set, the last tenth (at most 1,000) to test with."""
        if len(self) == 1:
            return self, self
        first = len(self) - min(-(-len(self) // 10), 1000)
        return (
            Dataset(self.grey[:first], self.labels[:first], self.name),
            Dataset(self.grey[first:], self.labels[first:], self.name),
        )


def _scaled(grey: NDArray[np.uint8]) -> Floats:
    scaled: Floats = grey.astype(np.float32) / np.float32(255)
    return scaled


def read_folder(folder: str | os.PathLike[str], part: Part) -> Dataset:
    """The images of a folder that are to train or to test with; files plain or as .gz.

    Their names hold "images" or "labels", and "train", "t10k" or "test". Without test images the last of the
    others are set aside. Raises DataError that names the fault.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}")
    images = _find(folder, part, "images")
    if images is None and part == "test":
        return read_folder(folder, "train").set_aside()[1]
    if images is None:
        raise DataError(f"no IDX file of images, such as train-images-idx3-ubyte.gz, is in {folder}")
    grey, known_images = _read(images, _IMAGES_MAGIC)
    labels: list[int | None] = [None] * len(grey)
    known = known_images
    label_file = _find(folder, part, "labels")
    if label_file is not None:
        values, known_labels = _read(label_file, _LABELS_MAGIC)
        if int(values.max()) >= CLASSES:
            raise DataError(f"{label_file}: labels must be 0 to {CLASSES - 1}; got {values.max()}")
        labels, known = values.tolist(), known_images and known_labels
    whole = Dataset(grey.reshape(-1, PIXELS), labels, "MNIST" if known else Dataset.name)
    return whole if part == "test" or _find(folder, "test", "images") else whole.set_aside()[0]


def _find(folder: Path, part: Part, kind: str) -> Path | None:
    names = sorted(file.name for file in folder.iterdir() if file.is_file())
    fitting = [name for name in names if kind in name and any(word in name for word in _NAMES[part])]
    # Where a file is there plain and as .gz, the plain one is used.
    fitting.sort(key=lambda name: name.endswith(".gz"))
    return folder / fitting[0] if fitting else None


def _read(path: Path, magic: int) -> tuple[NDArray[np.uint8], bool]:
    """The numbers of an IDX file, and whether it is one of MNIST's."""
    content = path.read_bytes()
    try:
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError) as cause:
        raise DataError(f"{path}: the gzip file is damaged: {cause}") from cause
    dimensions = magic & 0xFF
    header = 4 + 4 * dimensions
    if len(content) < header or struct.unpack(">I", content[:4])[0] != magic:
        raise DataError(f"{path}: no IDX file of {'images' if magic == _IMAGES_MAGIC else 'labels'}")
    sizes = struct.unpack(f">{dimensions}I", content[4:header])
    if magic == _IMAGES_MAGIC and sizes[1:] != (SIDE, SIDE):
        raise DataError(f"{path}: holds {sizes[1]}x{sizes[2]} images; only {SIDE}x{SIDE} can be used")
    body = np.frombuffer(content, dtype=np.uint8, offset=header)
    if len(body) != int(np.prod(sizes)) or len(body) == 0:
        raise DataError(f"{path}: its header promises {int(np.prod(sizes))} bytes; {len(body)} are there")
    return body.reshape(sizes), hashlib.sha256(content).hexdigest() in _MNIST
