# A drawing through a VAE, with PyTorch: its code, what comes back, and how probable it is, in nats.
# Needs: pip install torch safetensors
import json
import math

import torch
from safetensors import safe_open

MODEL = "www/public/models/mnist-2d.safetensors"
PIXELS = "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000ff0000000000000000000000000000000000000000000000000000ffff0000000000000000000000000000000000000000000000000000ffff00000000000000000000000000000000000000000000000000ffff0000000000000000000000000000000000000000000000000000ffff00000000000000000000000000000000000000000000000000ffff0000000000000000000000000000000000000000000000000000ffff0000000000000000000000000000000000000000000000000000ffff00000000000000000000000000000000000000000000000000ffff0000000000000000000000000000000000000000000000000000ffff0000000000000000000000000000000000000000000000000000ffff0000000000000000000000000000000000000000000000000000ffff0000000000000000000000000000000000000000000000000000ffff0000ffffff0000000000000000000000000000000000000000ffff00ffffffffffff00000000000000000000000000000000000000ffffffffff0000ffff00000000000000000000000000000000000000ffffffff00000000ffff00000000000000000000000000000000000000ffffff00000000ffff0000000000000000000000000000000000000000ffffff0000ffff00000000000000000000000000000000000000000000ffffffffffff0000000000000000000000000000000000000000000000ffffffff00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"

with safe_open(MODEL, framework="pt") as file:
    spec = json.loads(file.metadata()["spec"])
    weights = {name: file.get_tensor(name).float() for name in file.keys()}
# Large matrices may be stored as whole numbers, with one scale for each row.
for name in [name for name in weights if name.endswith(".row_scale")]:
    weights[name.removesuffix(".row_scale")] *= weights.pop(name)[:, None]

activation = {
    "gelu": lambda h: torch.nn.functional.gelu(h, approximate="tanh"),
    "relu": torch.relu,
    "tanh": torch.tanh,
}[spec["activation"]]


def affine(name, h):
    return h @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def hidden(part, h):
    for layer in range(len(spec["hidden"])):
        h = activation(affine(f"{part}.{layer}", h))
    return h


def encode(x):
    h = hidden("encoder", x)
    return affine("encoder.mean", h), affine("encoder.log_var", h)


def decode(z):
    return affine("decoder.logits", hidden("decoder", z))


# Two hexadecimal digits a pixel: 00 is paper, ff is ink.
x = torch.tensor([list(bytes.fromhex(PIXELS))]) / 255
torch.manual_seed(7)
mean, log_var = encode(x)
redrawn = torch.sigmoid(decode(mean))

epsilon = torch.randn(5000, spec["latents"])
z = mean + torch.exp(log_var / 2) * epsilon
log_2pi = math.log(2 * math.pi)
log_likelihood = -torch.nn.functional.binary_cross_entropy_with_logits(
    decode(z), x.expand(len(z), -1), reduction="none"
).sum(1)
log_prior = -0.5 * (z**2 + log_2pi).sum(1)
log_q = -0.5 * (epsilon**2 + log_2pi + log_var).sum(1)
log_weights = log_likelihood + log_prior - log_q

print(
    json.dumps(
        {
            "mean": mean[0].tolist(),
            "logVar": log_var[0].tolist(),
            "ink": redrawn.sum().item(),
            "elbo": log_weights.mean().item(),
            "logLikelihood": (torch.logsumexp(log_weights, 0) - math.log(len(z))).item(),
        }
    )
)
