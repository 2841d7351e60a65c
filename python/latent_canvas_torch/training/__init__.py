"""Training by one process or many, with the options and the numbers of the Rust trainer."""

from .options import TrainOptions
from .run import Run, StepReport
from .workers import Workers

__all__ = ["Run", "StepReport", "TrainOptions", "Workers"]
