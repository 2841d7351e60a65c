"""The benchmark's works in JAX, the whole step compiled, on one thread and on two.

Prints a line of JSON for each number of threads: milliseconds a step, the loss read back each step.
JAX takes its threads from the cores that its process may use, so each number has a process of its own.
"""

import json
import math
import os
import statistics
import subprocess
import sys
import time

PIXELS = 784
BATCHES = 32
WARM_UP = 20
TIMED = 60
LEARNING_RATE = 1e-3
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
WORKS = {"A": (400, 20, 128), "B": (128, 2, 64), "C": (400, 20, 512)}


def measure(threads):
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < threads:
        return
    # Before JAX is imported, which counts the cores.
    os.sched_setaffinity(0, cores[:threads])
    os.environ["JAX_PLATFORMS"] = "cpu"
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

    import jax
    import jax.numpy as jnp

    def layer(key, inputs, outputs):
        bound = 1 / math.sqrt(inputs)
        weights = jax.random.uniform(key, (inputs, outputs), minval=-bound, maxval=bound)
        return {"weights": weights, "bias": jnp.zeros(outputs)}

    def untrained(hidden, latents):
        shapes = {
            "hidden": (PIXELS, hidden),
            "mean": (hidden, latents),
            "log_var": (hidden, latents),
            "decoder_hidden": (latents, hidden),
            "logits": (hidden, PIXELS),
        }
        keys = jax.random.split(jax.random.key(1), len(shapes))
        return {name: layer(key, *shape) for key, (name, shape) in zip(keys, shapes.items())}

    def apply(x, parameters):
        return x @ parameters["weights"] + parameters["bias"]

    def loss_of(network, x, noise):
        h = jax.nn.relu(apply(x, network["hidden"]))
        mean, log_var = apply(h, network["mean"]), apply(h, network["log_var"])
        z = mean + jnp.exp(0.5 * log_var) * noise
        logits = apply(jax.nn.relu(apply(z, network["decoder_hidden"])), network["logits"])
        reconstruction = jnp.sum(jax.nn.softplus(logits) - x * logits, axis=1)
        divergence = 0.5 * jnp.sum(jnp.square(mean) + jnp.exp(log_var) - log_var - 1, axis=1)
        return jnp.mean(reconstruction + divergence)

    @jax.jit
    def step(network, first, second, key, count, x):
        key, now = jax.random.split(key)
        noise = jax.random.normal(now, (x.shape[0], network["mean"]["bias"].shape[0]))
        loss, gradients = jax.value_and_grad(loss_of)(network, x, noise)
        first = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, first, gradients)
        second = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g, second, gradients)
        rate = LEARNING_RATE / (1 - BETA_1**count)
        scale = 1 / (1 - BETA_2**count)
        network = jax.tree.map(
            lambda w, m, v: w - rate * m / (jnp.sqrt(v * scale) + EPSILON), network, first, second
        )
        return loss, network, first, second, key

    def milliseconds_a_step(hidden, latents, batch_size):
        # Sparse as digits are; what the pixels show changes no time.
        keys = jax.random.split(jax.random.key(2), BATCHES)
        shape = (batch_size, PIXELS)
        batches = [jax.random.bernoulli(key, 0.15, shape).astype(jnp.float32) for key in keys]
        network = untrained(hidden, latents)
        first = jax.tree.map(jnp.zeros_like, network)
        second = jax.tree.map(jnp.zeros_like, network)
        key = jax.random.key(3)
        times = []
        for index in range(WARM_UP + TIMED):
            start = time.perf_counter()
            loss, network, first, second, key = step(
                network, first, second, key, index + 1.0, batches[index % BATCHES]
            )
            loss.item()
            # The loss is there before the new weights are.
            jax.block_until_ready(network)
            times.append((time.perf_counter() - start) * 1e3)
        return statistics.median(times[WARM_UP:])

    line = {"threads": threads}
    for name, work in WORKS.items():
        line[name] = milliseconds_a_step(*work)
    print(json.dumps(line, separators=(",", ":")), flush=True)


def main():
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
        return
    for threads in (1, 2):
        subprocess.run([sys.executable, __file__, str(threads)], check=True)


if __name__ == "__main__":
    main()
