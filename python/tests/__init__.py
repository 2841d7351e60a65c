"""The tests; run them in python/: `python3 -m unittest`."""

import os

# torch's own threads make small products slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")
