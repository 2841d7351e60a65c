"""Trains a model with one process or many, with the options of `latent-canvas train`.

    torchrun --nproc-per-node=2 --max-restarts=3 -m latent_canvas_torch.train \
        --data mnist --epochs 5 --set latents=2 --set hidden=128 --out vae.safetensors

When a process dies, torchrun starts all of them again and they go on from the last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import torch

from . import bound, checkpoint
from .checkpoint import Contents
from .data import Dataset, read_folder
from .errors import LatentCanvasError, OptionError
from .models.registry import build
from .rng import Rng
from .spec import ModelSpec
from .training.options import OPTIONS, TrainOptions
from .training.run import Run, StepReport
from .training.workers import Workers, joined

# Steps between two lines of progress.
_SLICE = 20


def main(arguments: list[str] | None = None) -> int:
    """The command; gives its exit code."""
    given = _parser().parse_args(arguments)
    try:
        with joined() as workers:
            _train(given, workers)
    except LatentCanvasError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="latent_canvas_torch.train", description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="vae", help="model family")
    parser.add_argument("--data", required=True, help="folder with IDX files such as MNIST's")
    parser.add_argument("--epochs", type=int, required=True, help="passes over the data")
    parser.add_argument("--seed", type=int, default=1, help="seed of the weights and of every random number")
    parser.add_argument("--out", type=Path, required=True, help="the checkpoint to write")
    parser.add_argument("--resume", type=Path, help="continue this training checkpoint, with its own options")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="model or training option")
    parser.add_argument("--decay", action="store_true", help="let the learning rate fall over the whole run")
    parser.add_argument("--half", action="store_true", help="at the end write only the weights, in 16 bits")
    parser.add_argument("--checkpoint-steps", type=int, default=200, help="steps between checkpoints [200]")
    parser.add_argument("--losses", type=Path, help="write a line of JSON for each step to this file")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end, and no progress")
    return parser


def _train(given: argparse.Namespace, workers: Workers) -> None:
    if given.epochs < 0 or given.checkpoint_steps < 1:
        raise OptionError("epochs must be 0 or more, and checkpoint-steps 1 or more")
    if workers.is_first and not given.out.parent.is_dir():
        raise OptionError(f"cannot write {given.out}: the folder {given.out.parent} is not there; make it first")
    data = read_folder(given.data, "train")
    # torchrun counts how often it has started the processes again.
    again = int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")) > 0
    contents = workers.from_first(_saved(given, again) if workers.is_first else None)
    run = _begin(given, data, workers) if contents is None else Run.resume(contents, data, workers)
    # From here on the file is of this run, should a process die before the first checkpoint.
    run.save(given.out)
    report = _steps(run, given, again)
    if workers.is_first:
        _finish(run, given, report)


def _saved(given: argparse.Namespace, again: bool) -> Contents | None:
    """The run to go on with; none for a new one."""
    path: Path | None = given.out if again and given.out.exists() else given.resume
    return None if path is None else checkpoint.read(path)


def _begin(given: argparse.Namespace, data: Dataset, workers: Workers) -> Run:
    of_model: dict[str, Any] = {"model": given.model}
    of_training: dict[str, Any] = {"seed": given.seed}
    known = {option.name for option in OPTIONS}
    for setting in given.set:
        key, separator, text = setting.partition("=")
        if not separator:
            raise OptionError(f'--set needs KEY=VALUE; got "{setting}"')
        (of_training if key in known else of_model)[key] = _value(key, text)
    model = build(ModelSpec.of(of_model), given.seed)
    options = TrainOptions.of(of_training, model)
    if given.decay:
        steps = len(data) // min(options["batchSize"], len(data))
        of_training["decaySteps"] = given.epochs * steps
        options = TrainOptions.of(of_training, model)
    return Run(model, data, options, workers)


def _value(key: str, text: str) -> Any:
    """`500,500` is a list; `500` and an empty text are too where the option is one."""
    items = text.split(",") if text else []
    if (key == "hidden" or len(items) > 1) and all(item.strip().isdigit() for item in items):
        return [int(item) for item in items]
    try:
        return float(text)
    except ValueError:
        return text


def _steps(run: Run, given: argparse.Namespace, again: bool) -> StepReport | None:
    total = given.epochs * run.steps_per_epoch()
    losses: TextIO | None = None
    if given.losses is not None and run.workers.is_first:
        losses = given.losses.open("a" if again else "w")
    report = None
    while run.position.step < total:
        report = run.step()
        if losses is not None:
            losses.write(json.dumps(asdict(report)) + "\n")
            losses.flush()
        if report.step % given.checkpoint_steps == 0:
            run.save(given.out)
        if run.workers.is_first and not given.json and (report.step % _SLICE == 0 or report.step == total):
            print(
                f"step {report.step} of {total}: elbo {report.elbo:.2f}, reconstruction {report.reconstruction:.2f}, "
                f"kl {report.kl:.2f} nats",
                flush=True,
            )
    if losses is not None:
        losses.close()
    return report


def _finish(run: Run, given: argparse.Namespace, report: StepReport | None) -> None:
    held_out = read_folder(given.data, "test")
    found = _held_out(run, held_out)
    metrics = {"heldOutElbo": found.elbo, "images": len(held_out)}
    if given.half:
        checkpoint.save(given.out, run.model, run.origin() | {"metrics": metrics}, "half")
    else:
        run.save(given.out, metrics)
    if given.json:
        train = None if report is None else asdict(report)
        parts = {"elbo": found.elbo, "reconstruction": found.reconstruction, "kl": found.kl}
        print(json.dumps({"out": str(given.out), "steps": run.position.step, "train": train, **parts}))
    else:
        print(
            f"done after {run.position.step} steps: held-out elbo {found.elbo:.2f} = reconstruction "
            f"{found.reconstruction:.2f} - kl {found.kl:.2f} nats; wrote {given.out}"
        )


def _held_out(run: Run, data: Dataset) -> bound.ElboEstimate:
    """The bound of test images with one draw of z for each; pixels and noise are the same at every call."""
    rng = Rng(0).split("held out")
    x = data.batch(np.arange(len(data)), run.options["binarization"], rng, 0)
    return bound.elbo(run.model, torch.from_numpy(x).to(run.workers.device), labels=data.labels)


if __name__ == "__main__":
    sys.exit(main())
