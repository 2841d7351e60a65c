"""Model families as modules: what a latent variable model is, and which there are."""

from .base import Model, as_drawn, check_pixels
from .registry import build

__all__ = ["Model", "as_drawn", "build", "check_pixels"]
