"""The number NUMPY in src/latent/mmd.rs: run with any Python 3 that has NumPy."""

import numpy as np


def rows(count, step):
    return ((np.arange(3 * count) * step % 1024) / 256 - 2).reshape(count, 3)


def kernel(a, b):
    squared = ((a[:, None] - b[None]) ** 2).sum(-1)
    scales = [2 * a.shape[1] * s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10)]
    return sum(c / (c + squared) for c in scales)


x, y = rows(40, 389), rows(25, 151)
xx, yy = kernel(x, x), kernel(y, y)
n, m = len(x), len(y)
print(
    (xx.sum() - np.trace(xx)) / (n * (n - 1))
    + (yy.sum() - np.trace(yy)) / (m * (m - 1))
    - 2 * kernel(x, y).mean()
)
