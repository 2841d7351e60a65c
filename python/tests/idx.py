"""Images as the IDX files that a folder of data holds."""

from __future__ import annotations

from pathlib import Path

from latent_canvas_torch.data import Dataset


def write(folder: Path, data: Dataset) -> None:
    """Images to train with and, where all are known, their labels."""
    folder.mkdir()
    sizes = b"".join(size.to_bytes(4, "big") for size in (len(data), 28, 28))
    (folder / "train-images-idx3-ubyte").write_bytes(bytes([0, 0, 8, 3]) + sizes + data.grey.tobytes())
    labels = [label for label in data.labels if label is not None]
    if len(labels) == len(data):
        header = bytes([0, 0, 8, 1]) + sizes[:4]
        (folder / "train-labels-idx1-ubyte").write_bytes(header + bytes(labels))
