"""The Rust command line and the MNIST files, where they are."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from .goldens import ROOT

NO_PROGRAM = "no latent-canvas program: build it with `cargo build --features cli`, or name it in LATENT_CANVAS"


def program() -> Path | None:
    """The one that LATENT_CANVAS names, or that cargo has built."""
    named = os.environ.get("LATENT_CANVAS")
    built = [ROOT / "target" / profile / "latent-canvas" for profile in ("release", "debug")]
    candidates = [Path(named)] if named else built
    return next((path for path in candidates if shutil.which(path)), None)


def mnist() -> Path | None:
    """MNIST_DIR, or the folder that `make mnist` fills."""
    folder = Path(os.environ.get("MNIST_DIR", ROOT.parent / "shared" / "data" / "mnist"))
    return folder if any(folder.glob("t10k-images*")) else None


def run(*arguments: str | Path) -> dict[str, Any]:
    """What the program prints as JSON."""
    found = program()
    assert found is not None, NO_PROGRAM
    command = [str(found), *(str(argument) for argument in arguments), "--json"]
    output = subprocess.run(command, capture_output=True, text=True, check=False)
    assert output.returncode == 0, f"{' '.join(command)}: {output.stderr}"
    answer: dict[str, Any] = json.loads(output.stdout)
    return answer
