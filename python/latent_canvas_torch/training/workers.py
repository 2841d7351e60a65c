"""The processes that share a run, started by torchrun; one alone without it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor


@dataclass(frozen=True)
class Workers:
    """Which process this is, of how many, and what it computes on."""

    rank: int = 0
    count: int = 1
    device: torch.device = torch.device("cpu")

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def share(self, rows: int) -> slice:
        """This process's rows of a batch; the first processes take one more where they do not divide it."""
        size, more = divmod(rows, self.count)
        first = self.rank * size + min(self.rank, more)
        return slice(first, first + size + (self.rank < more))

    def sum(self, values: Tensor) -> Tensor:
        """The sum over all processes, without gradient."""
        total = values.detach().clone()
        if self.count > 1:
            dist.all_reduce(total)
        return total

    def from_first(self, value: Any) -> Any:
        """What the first process has, for all: the others may not see its files."""
        if self.count == 1:
            return value
        held = [value]
        dist.broadcast_object_list(held, src=0, device=self.device)
        return held[0]


@contextmanager
def joined() -> Iterator[Workers]:
    """The processes that torchrun started, for as long as the block runs: nccl on GPUs, gloo on CPUs."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    use_gpu = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if use_gpu else torch.device("cpu")
    if use_gpu:
        torch.cuda.set_device(device)
    if count == 1:
        yield Workers(device=device)
        return
    dist.init_process_group("nccl" if use_gpu else "gloo")
    try:
        yield Workers(dist.get_rank(), count, device)
    finally:
        dist.destroy_process_group()
