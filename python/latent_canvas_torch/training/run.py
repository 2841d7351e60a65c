"""A run of training: fixed by (spec, seed, data), whatever the number of processes, and resumable at any step."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from .. import checkpoint
from ..checkpoint import OPTIMIZER_PREFIX, Contents
from ..data import Dataset
from ..errors import CheckpointError, DivergenceError, OptionError, UnsupportedError
from ..models.base import Model
from ..networks import PIXELS, one_hot
from ..objectives import Batch, Bound, Weights, sample
from ..rng import Floats, Rng
from .labels import Labels
from .options import TrainOptions
from .start import initialise
from .workers import Workers

_MOMENTS = {"first": "exp_avg", "second": "exp_avg_sq"}


@dataclass
class Position:
    """Where a run stands. Every random number is addressed by (seed, step): this is the generator's whole state."""

    step: int = 0
    epoch: int = 0
    # Images of this epoch already shown, of a data set of this size.
    shown: int = 0
    dataset_size: int = 0


@dataclass(frozen=True)
class StepReport:
    """What a step gave, means over its images before the step, in nats."""

    step: int
    loss: float
    elbo: float
    reconstruction: float
    kl: float


class _Objective(nn.Module):
    """The objective as a module, so that DistributedDataParallel sees the forward pass that leads to the loss."""

    def __init__(self, model: Model, name: str, workers: Workers) -> None:
        super().__init__()
        self.model, self.name, self.workers = model, name, workers

    def forward(self, batch: Batch, weights: Weights) -> tuple[Tensor, Tensor, Tensor]:
        share = len(batch.x) / batch.whole_rows

        def whole(mean: Tensor) -> Tensor:
            return self.workers.sum(share * mean)

        bound: Bound = sample(self.name, self.model, batch, weights, whole)
        return bound.loss, bound.reconstruction, bound.kl


class Run:
    """A model being trained, by all processes together.

    Each draws all random choices of a step and keeps its rows of the batch, so that the numbers are those of a
    single process except for the order of sums.
    """

    def __init__(
        self, model: Model, data: Dataset, options: TrainOptions, workers: Workers = Workers(), start: bool = True
    ) -> None:
        family = model.spec.family
        if family.fitted:
            raise UnsupportedError(
                f'the family "{family.id}" is fitted to all images at once, not by gradients: train it with the Rust '
                "command line"
            )
        if model.given_classes is not None:
            raise UnsupportedError("this model was given a class: train the model that it was made from")
        self.batch_size: int = min(options["batchSize"], len(data))
        if self.batch_size < workers.count:
            raise OptionError(f"a batch of {self.batch_size} images is too small for {workers.count} processes")
        self.data, self.options, self.workers = data, options, workers
        self.rng = Rng(options["seed"]).split("training")
        if start:
            initialise(model, data, options, self.rng)
        self.model = model.to(workers.device)
        self.labels = Labels(data, options["labelled"], self.rng) if family.conditional else None
        self.position = Position(dataset_size=len(data))
        self._order = data.epoch_order(self.rng, 0)
        self.optimizer: torch.optim.Optimizer = (
            torch.optim.Adam(model.parameters(), eps=1e-8)
            if options["optimiser"] == "adam"
            else torch.optim.SGD(model.parameters(), lr=1.0)
        )
        # An objective that does not fit the model is refused now, not at the first step.
        with torch.no_grad():
            sample(options["objective"], self.model, self._batch(self._order[:2], 0, Workers()), options.weights(0))
        objective = _Objective(self.model, options["objective"], workers)
        self._objective: nn.Module = objective if workers.count == 1 else DistributedDataParallel(objective)

    @classmethod
    def resume(cls, contents: Contents, data: Dataset, workers: Workers = Workers()) -> Run:
        """Continues a saved run, of this package or of the Rust command line, exactly where it stood.

        Raises CheckpointError when the file holds no run or a damaged one.
        """
        model = checkpoint.from_contents(contents).model
        state = contents.metadata.get("trainer")
        if state is None:
            raise CheckpointError("this checkpoint holds a model but no training run to resume")
        options, position = _saved_state(state, model)
        run = cls(model, data, options, workers, start=False)
        if position.dataset_size != len(data):
            # Another set of images: its order begins anew, with the next epoch.
            position = Position(position.step, position.epoch + (position.step > 0), 0, len(data))
        run.position = position
        run._order = data.epoch_order(run.rng, position.epoch)
        run._restore_moments(contents)
        return run

    def step(self) -> StepReport:
        """One step. Raises DivergenceError, and changes nothing, when a number is not finite."""
        batch = self._next_batch()
        step = self.position.step
        parts = self._objective(batch, self.options.weights(step))
        share = len(batch.x) / batch.whole_rows
        numbers = self.workers.sum(share * torch.stack([part.detach() for part in parts]))
        loss, reconstruction, kl = numbers.tolist()
        if not bool(torch.isfinite(numbers).all()):
            raise DivergenceError(
                f"training diverged at step {step}: a number is not finite; choose a smaller learning rate"
            )
        self.optimizer.zero_grad()
        # Gradients are averaged over processes: each counts by its share of the images.
        (parts[0] * share * self.workers.count).backward()
        for group in self.optimizer.param_groups:
            group["lr"] = self.options.learning_rate(step)
        self.optimizer.step()
        self.position.step += 1
        self.position.shown += self.batch_size
        return StepReport(self.position.step, loss, reconstruction - kl, reconstruction, kl)

    def steps_per_epoch(self) -> int:
        return len(self.data) // self.batch_size

    def origin(self) -> dict[str, Any]:
        """What the run is made from: data by name, seed, steps and options."""
        return {
            "data": self.data.name,
            "seed": self.options["seed"],
            "steps": self.position.step,
            "options": self.options.values,
        }

    def contents(self, metrics: Mapping[str, Any] | None = None) -> Contents:
        """The whole run: weights, moments, options and position, as the Rust trainer keeps them."""
        provenance = self.origin() | ({"metrics": dict(metrics)} if metrics else {})
        contents = checkpoint.contents_of(self.model, provenance)
        for name, parameter in self._named_parameters():
            state = self.optimizer.state.get(parameter, {})
            for moment, key in _MOMENTS.items():
                value = state.get(key, torch.zeros_like(parameter))
                contents.tensors[f"{OPTIMIZER_PREFIX}{moment}.{name}"] = value
        position = asdict(self.position)
        position["datasetSize"] = position.pop("dataset_size")
        contents.metadata["trainer"] = {"options": self.options.values, "position": position}
        return contents

    def save(self, path: str | os.PathLike[str], metrics: Mapping[str, Any] | None = None) -> None:
        """Writes the run completely or not at all; only the first process does."""
        if self.workers.is_first:
            checkpoint.write(path, self.contents(metrics))

    def _named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """By the names of the file's tensors."""
        return iter(self.model.state_dict(keep_vars=True).items())

    def _restore_moments(self, contents: Contents) -> None:
        for name, parameter in self._named_parameters():
            kept = {
                key: contents.tensor(f"{OPTIMIZER_PREFIX}{moment}.{name}", parameter.shape).to(parameter.device)
                for moment, key in _MOMENTS.items()
            }
            if bool((kept["exp_avg_sq"] < 0).any()):
                raise CheckpointError("the training run is damaged: a negative second moment")
            if self.options["optimiser"] == "adam" and self.position.step > 0:
                self.optimizer.state[parameter] = {"step": torch.tensor(float(self.position.step)), **kept}

    def _next_batch(self) -> Batch:
        """This process's rows of the next batch, in a new order where an epoch begins."""
        position = self.position
        if position.shown + self.batch_size > len(self.data):
            position.epoch += 1
            position.shown = 0
            self._order = self.data.epoch_order(self.rng, position.epoch)
        indices = self._order[position.shown : position.shown + self.batch_size]
        return self._batch(indices, position.step, self.workers)

    def _batch(self, indices: NDArray[np.int64], step: int, workers: Workers) -> Batch:
        """Some images as a step sees them: all random choices are made, and this process's rows kept."""
        indices, labels = self._told(indices, step)
        rows, part = len(indices), workers.share(len(indices))
        x = self.data.batch(indices, self.options["binarization"], self.rng, step)
        seen = x
        if self.options["corruption"] > 0:
            seen = _salt_and_pepper(x, self.options["corruption"], self.rng.split("corruption", step))
        shape = (self.options["draws"], rows, self.model.latents)
        noise = self.rng.split("noise", step).normals(int(np.prod(shape))).reshape(shape)
        device = self.workers.device
        known = 0 if labels is None else sum(label is not None for label in labels)
        return Batch(
            x=torch.from_numpy(x[part]).to(device),
            seen=torch.from_numpy(seen[part]).to(device),
            noise=torch.from_numpy(noise[:, part].reshape(-1, self.model.latents)).to(device),
            y=None if labels is None else one_hot(labels[part]).to(device),
            whole_rows=rows,
            whole_known=known,
        )

    def _told(self, indices: NDArray[np.int64], step: int) -> tuple[NDArray[np.int64], list[int | None] | None]:
        """The images of a step and, for a model that takes classes, the labels that it is given for them."""
        if self.labels is None:
            return indices, None
        rng = self.rng.split("told", step)
        if self.model.spec.family.classifies:
            return self.labels.with_known(indices, rng)
        return indices, self.labels.hide_some(indices, self.options["labelDropout"], rng)


def _saved_state(state: Any, model: Model) -> tuple[TrainOptions, Position]:
    try:
        options = TrainOptions.restore(state["options"], model.spec)
        saved = state["position"]
        names = ("step", "epoch", "shown", "datasetSize")
        position = Position(*(int(saved[name]) for name in names))
    except (KeyError, TypeError, ValueError) as cause:
        raise CheckpointError(f"the training run is damaged: {cause}") from cause
    if not 0 <= position.shown <= position.dataset_size:
        raise CheckpointError("the training run is damaged: its position leaves its data")
    return options, position


def _salt_and_pepper(x: Floats, share: float, rng: Rng) -> Floats:
    """Each pixel replaced with probability `share`, by paper or ink; both are drawn for every pixel."""
    draws = rng.uniform(2 * x.size).reshape(len(x), PIXELS, 2)
    ink = (draws[..., 1] < 0.5).astype(np.float32)
    return np.where(draws[..., 0].astype(np.float64) < share, ink, x)
