"""The benchmark's works in PyTorch, eager, on one thread and on two.

Prints a line of JSON for each number of threads: milliseconds a step, the loss read back each step.
"""

import json
import statistics
import time

import torch
from torch import nn
from torch.nn import functional

PIXELS = 784
BATCHES = 32
WARM_UP = 20
TIMED = 60
WORKS = {"A": (400, 20, 128), "B": (128, 2, 64), "C": (400, 20, 512)}


class Vae(nn.Module):
    def __init__(self, hidden, latents):
        super().__init__()
        self.hidden = nn.Linear(PIXELS, hidden)
        self.mean = nn.Linear(hidden, latents)
        self.log_var = nn.Linear(hidden, latents)
        self.decoder_hidden = nn.Linear(latents, hidden)
        self.logits = nn.Linear(hidden, PIXELS)

    def forward(self, x):
        h = functional.relu(self.hidden(x))
        mean, log_var = self.mean(h), self.log_var(h)
        z = mean + torch.exp(0.5 * log_var) * torch.randn_like(mean)
        logits = self.logits(functional.relu(self.decoder_hidden(z)))
        reconstruction = functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        divergence = 0.5 * torch.sum(mean.square() + log_var.exp() - log_var - 1)
        return (reconstruction + divergence) / x.shape[0]


def milliseconds_a_step(hidden, latents, batch_size):
    torch.manual_seed(1)
    # Sparse as digits are; what the pixels show changes no time.
    batches = [(torch.rand(batch_size, PIXELS) < 0.15).float() for _ in range(BATCHES)]
    vae = Vae(hidden, latents)
    optimizer = torch.optim.Adam(vae.parameters(), lr=1e-3)
    times = []
    for step in range(WARM_UP + TIMED):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = vae(batches[step % BATCHES])
        loss.backward()
        optimizer.step()
        loss.item()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times[WARM_UP:])


def main():
    for threads in (1, 2):
        torch.set_num_threads(threads)
        line = {"threads": threads}
        for name, work in WORKS.items():
            line[name] = milliseconds_a_step(*work)
        print(json.dumps(line, separators=(",", ":")), flush=True)


if __name__ == "__main__":
    main()
