"""Two processes give the numbers of one, and a run survives the death of a worker."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch.multiprocessing.spawn import spawn

from latent_canvas_torch import build, load
from latent_canvas_torch.errors import OptionError
from latent_canvas_torch.training import Run, TrainOptions, Workers

from . import goldens, idx

_SMALL: dict[str, Any] = {"hidden": [10], "latents": 3}
# Nine images: two processes have unequal shares.
_RUNS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"model": "vae", **_SMALL}, {"freeBits": 0.03, "draws": 2, "learningRate": 0.01}),
    ({"model": "vae", **_SMALL, "prior": "vamp", "priorComponents": 4}, {"objective": "iwae", "draws": 3}),
    ({"model": "vae", **_SMALL, "posterior": "full"}, {"objective": "dreg", "draws": 3, "corruption": 0.2}),
    ({"model": "m2", **_SMALL}, {"labelled": 10}),
    ({"model": "cvae", **_SMALL}, {"beta": 2, "warmupSteps": 4}),
    ({"model": "ae", **_SMALL}, {}),
    ({"model": "categorical-vae", "hidden": [10], "categories": 4}, {"freeBits": 0.01}),
]
_STEPS = 6


def _losses(workers: Workers) -> list[list[float]]:
    """The losses of each run, and at its end one weight of each tensor."""
    found = []
    data = goldens.dataset(goldens.read())
    for spec, options in _RUNS:
        model = build(spec, 2)
        run = Run(model, data, TrainOptions.of({"batchSize": 9, **options}, model), workers)
        losses = [run.step().loss for _ in range(_STEPS)]
        found.append(losses + [float(tensor.detach().flatten()[-1]) for tensor in model.state_dict().values()])
    return found


def _worker(rank: int, port: int, file: str) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", f"tcp://localhost:{port}", rank=rank, world_size=2)
    found = _losses(Workers(rank, 2))
    if rank == 0:
        Path(file).write_text(json.dumps(found))
    dist.destroy_process_group()


class ProcessesTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_two_processes_have_the_losses_and_weights_of_one(self) -> None:
        with socket.socket() as free:
            free.bind(("localhost", 0))
            port = free.getsockname()[1]
        file = self.folder / "losses.json"
        spawn(_worker, (port, str(file)), nprocs=2)  # type: ignore[no-untyped-call]
        for (spec, _), one, two in zip(_RUNS, _losses(Workers()), json.loads(file.read_text())):
            with self.subTest(spec):
                error = goldens.error(two, one)
                print(f"{spec['model']}: one and two processes differ by {error:.1e}", file=sys.stderr)
                self.assertLess(error, 1e-5)

    def test_every_process_needs_an_image(self) -> None:
        model = build({"model": "vae", **_SMALL}, 1)
        data = goldens.dataset(goldens.read())
        with self.assertRaisesRegex(OptionError, "too small for 3 processes"):
            Run(model, data, TrainOptions.of({"batchSize": 2}, model), Workers(0, 3))

    @unittest.skipUnless(Path("/proc/self/task").is_dir(), "the test finds processes in /proc")
    def test_a_killed_worker_costs_only_the_steps_since_the_last_checkpoint(self) -> None:
        idx.write(self.folder / "data", goldens.dataset(goldens.read()))
        whole, killed = self.folder / "whole", self.folder / "killed"
        program = self._start(whole)
        self.assertEqual(program.wait(timeout=240), 0, self._told(whole))
        program = self._start(killed)
        try:
            saved = self._wait_for_step(killed, program)
            os.kill(_children(program.pid)[0], signal.SIGKILL)
            self.assertEqual(program.wait(timeout=240), 0, self._told(killed))
        finally:
            program.kill()
        reports, again = (self._reports(run) for run in (whole, killed))
        steps = [report["step"] for report in again]
        restarts = [at for at in range(1, len(steps)) if steps[at] != steps[at - 1] + 1]
        self.assertEqual(len(restarts), 1, steps)
        first = steps[restarts[0]]
        print(f"killed after step {steps[restarts[0] - 1]}, resumed with step {first}", file=sys.stderr)
        self.assertGreater(first, saved)
        self.assertEqual(first % 5, 1)
        by_step = {report["step"]: report["loss"] for report in reports}
        for report in again:
            self.assertEqual(report["loss"], by_step[report["step"]])
        for name, tensor in load(whole.with_suffix(".safetensors")).model.state_dict().items():
            other = load(killed.with_suffix(".safetensors")).model.state_dict()[name]
            self.assertTrue(torch.equal(tensor, other), name)

    def _start(self, run: Path) -> subprocess.Popen[bytes]:
        torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
        # On a busy machine processes can also fail to find each other: they are started again, too.
        torchrun += ["--max-restarts=4", "--monitor-interval=0.1"]
        options = ["--epochs", "60", "--set", "batchSize=10", "--set", "hidden=10", "--checkpoint-steps", "5"]
        files = ["--data", str(self.folder / "data"), "--out", f"{run}.safetensors", "--losses", str(run), "--json"]
        command = [sys.executable, *torchrun, "-m", "latent_canvas_torch.train", *options, *files]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        root = Path(__file__).resolve().parents[1]
        with run.with_suffix(".log").open("w") as log:
            return subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)

    def _told(self, run: Path) -> str:
        """What the run has printed."""
        return run.with_suffix(".log").read_text()

    def _wait_for_step(self, run: Path, program: subprocess.Popen[bytes]) -> int:
        """Until some checkpoints are behind the run; the step of the last one that is sure to be there."""
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline and program.poll() is None:
            done = len(self._reports(run)) if run.exists() else 0
            if done > 12:
                return done // 5 * 5 - 5
            time.sleep(0.01)
        self.fail(f"the run did not get far: {program.poll()}\n{self._told(run)}")

    def _reports(self, run: Path) -> list[dict[str, Any]]:
        lines = run.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]


def _children(parent: int) -> list[int]:
    """The processes that this one started and that train."""
    found = []
    for task in Path(f"/proc/{parent}/task").iterdir():
        for child in (task / "children").read_text().split():
            if b"latent_canvas_torch.train" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(int(child))
    return sorted(found)


if __name__ == "__main__":
    unittest.main()
