"""The variational autoencoder (Kingma & Welling 2014), with a prior, a posterior and a likelihood to choose."""

from __future__ import annotations

from torch import Tensor, nn

from ..errors import OptionError
from ..flows import Flow, InverseAutoregressive, Planar
from ..likelihoods import Bernoulli, ContinuousBernoulli, DecodedGaussian, Gaussian, Likelihood, learned_gaussian
from ..networks import PIXELS, Network, Perceptron, decoded, linear
from ..posteriors import Diagonal, Full, Posterior
from ..priors import MixtureParameters, Prior, PseudoInputs, UnitNormal
from ..rng import Rng
from ..spec import ModelSpec
from .base import Model


class Vae(Model):
    """p(z) p(x|z) and q(z|x), with perceptrons on both sides."""

    def __init__(self, spec: ModelSpec, rng: Rng | None) -> None:
        super().__init__(spec, spec["latents"])
        if spec["prior"] == "vamp" and spec["posterior"] != "diagonal":
            raise OptionError(
                "the VampPrior needs the density of the encoder's answers: set posterior to diagonal, or another "
                f'prior; got posterior "{spec["posterior"]}"'
            )
        numbers = 2 if spec["likelihood"] == "gaussian-decoder" else 1
        network = Network(rng, spec["hidden"], spec["activation"], self.latents, numbers)
        self.encoder, self.decoder = network.encoder, network.decoder
        self.likelihood = _likelihood(spec, self.decoder)
        self._add_head(rng)
        self.prior: nn.Module | None = None
        if spec["prior"] == "mixture":
            self.prior = MixtureParameters(rng, spec["priorComponents"], self.latents)
        elif spec["prior"] == "vamp":
            self.prior = PseudoInputs(spec["priorComponents"])

    def _add_head(self, rng: Rng | None) -> None:
        inner, latents, posterior = self.encoder.outputs, self.latents, self.spec["posterior"]
        add_diagonal_head(self.encoder, rng, latents)
        if posterior == "full" and latents > 1:
            lower = linear(rng, "encoder.lower", inner, latents * (latents - 1) // 2)
            self.encoder.add_module("lower", lower)
        self.flow: nn.ModuleList | None = None
        if posterior in ("iaf", "planar"):
            self.flow = nn.ModuleList()
            for step in range(self.spec["flowSteps"]):
                name = f"flow.{step}"
                if posterior == "planar":
                    self.flow.append(Planar(rng, name, inner, latents))
                else:
                    self.flow.append(InverseAutoregressive(rng, name, inner, latents, step % 2 == 1))

    def encode(self, x: Tensor) -> Posterior:
        h = self.encoder(x)
        diagonal = diagonal_head(self.encoder, h)
        if self.flow is not None:
            steps = [layers.step(h) for layers in self.flow if isinstance(layers, (Planar, InverseAutoregressive))]
            return Flow(diagonal, steps)
        if self.spec["posterior"] == "full" and self.latents > 1:
            return Full(diagonal, self.encoder.get_submodule("lower")(h))
        return diagonal

    def decode(self, z: Tensor) -> Tensor:
        return decoded(self.decoder, z)

    def current_prior(self) -> Prior:
        if isinstance(self.prior, MixtureParameters):
            return self.prior.mixture()
        if isinstance(self.prior, PseudoInputs):
            return self.prior.mixture(self.encode(self.prior.images()).moments())
        return UnitNormal()


def add_diagonal_head(encoder: Perceptron, rng: Rng | None, latents: int) -> None:
    """The layers `encoder.mean` and `encoder.log_var`."""
    for name in ("mean", "log_var"):
        encoder.add_module(name, linear(rng, f"encoder.{name}", encoder.outputs, latents))


def diagonal_head(encoder: nn.Module, h: Tensor) -> Diagonal:
    """q(z|x) from the encoder's last hidden layer."""
    return Diagonal(encoder.get_submodule("mean")(h), encoder.get_submodule("log_var")(h))


def _likelihood(spec: ModelSpec, decoder: nn.Module) -> Likelihood:
    name = spec["likelihood"]
    if name == "continuous-bernoulli":
        return ContinuousBernoulli()
    if name == "gaussian-fixed":
        return Gaussian(deviation=spec["standardDeviation"])
    if name == "gaussian-scalar":
        return learned_gaussian(decoder, 1)
    if name == "gaussian-pixel":
        return learned_gaussian(decoder, PIXELS)
    if name == "gaussian-decoder":
        return DecodedGaussian()
    return Bernoulli()
