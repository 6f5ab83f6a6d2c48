"""The two learning strategies of the paper, their hyper-parameters, and where to search for them.

With g the gradient of the cost for the presented example, for every weight W (for biases alike, without the decay alpha):

    Momentum     (Eqs 3, 4)   V   <- mu V - eta g                          W <- (1 - alpha) W + V
    Accelerated  (Eqs 6, 7)   eta <- eta exp(-tau) + A tanh(beta g)
                              V   <- mu V - |eta| g                        W <- (1 - alpha) W + V

V, and in the accelerated strategy each weight's own eta, start at 0.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from plaw.errors import PlawError
from plaw.model.network import Architecture


@dataclass(frozen=True)
class Range:
    """Where to search for one hyper-parameter."""

    low: float
    high: float
    log: bool = False


COMMON_SPACE = {"mu": Range(0.0, 0.995), "alpha": Range(1e-7, 1e-3, log=True)}
AMPLITUDE = Range(0.0, 1.2)


def _numbered(name: str, count: int, where: Range) -> dict[str, Range]:
    return {f"{name}_{layer + 1}": where for layer in range(count)}


def _collect(parameters: Mapping[str, float], name: str, count: int) -> tuple[float, ...]:
    return tuple(parameters[f"{name}_{layer + 1}"] for layer in range(count))


def _check(strategy, positive: Sequence[float]) -> None:
    values = [strategy.mu, strategy.alpha, *positive, *strategy.amp]
    if (
        not all(map(math.isfinite, values))
        or not 0 <= strategy.mu < 1
        or not 0 <= strategy.alpha < 1
        or min(positive) < 0
    ):
        raise PlawError(
            f"Hyper-parameters need 0 <= mu < 1, 0 <= alpha < 1, and rates that are finite and not negative: {strategy}."
        )


@dataclass(frozen=True)
class Momentum:
    """Eqs 3, 4. mu: momentum; alpha: weight decay; eta: learning rate; amp: Amp_l, one a hidden layer."""

    mu: float
    alpha: float
    eta: float
    amp: tuple[float, ...]

    def __post_init__(self):
        _check(self, [self.eta])

    @staticmethod
    def space(architecture: Architecture) -> dict[str, Range]:
        """The search space; `rate` is the effective learning rate eta / (1 - mu), which mu leaves nearly alone."""
        rate = {"rate": Range(1e-3, 1.0, log=True)}
        return COMMON_SPACE | rate | _numbered("amp", len(architecture.hidden), AMPLITUDE)

    @classmethod
    def from_parameters(cls, architecture: Architecture, parameters: Mapping[str, float]) -> "Momentum":
        """The strategy at a point of `space`."""
        mu, alpha = parameters["mu"], parameters["alpha"]
        return cls(mu, alpha, parameters["rate"] * (1 - mu), _collect(parameters, "amp", len(architecture.hidden)))


@dataclass(frozen=True)
class Accelerated:
    """Eqs 6, 7. tau: decay of eta; A, beta: one a weight layer (crosses belong to layer 1); mu, alpha, amp as in Momentum."""

    mu: float
    alpha: float
    tau: float
    A: tuple[float, ...]
    beta: tuple[float, ...]
    amp: tuple[float, ...]

    def __post_init__(self):
        _check(self, [self.tau, *self.A, *self.beta])

    @staticmethod
    def space(architecture: Architecture) -> dict[str, Range]:
        """The search space: 11 hyper-parameters for two hidden layers."""
        layers = len(architecture.hidden)
        own = {"tau": Range(1e-4, 3.0, log=True)}
        own |= _numbered("A", layers + 1, Range(1e-3, 1.0, log=True)) | _numbered(
            "beta", layers + 1, Range(0.1, 1000.0, log=True)
        )
        return COMMON_SPACE | own | _numbered("amp", layers, AMPLITUDE)

    @classmethod
    def near(cls, architecture: Architecture, momentum: Mapping[str, float]) -> dict[str, float]:
        """The point of `space` that is nearly the momentum strategy at a point of its space: with large tau and beta, |eta| is A."""
        A = momentum["rate"] * (1 - momentum["mu"])
        return {
            name: A if name.startswith("A_") else momentum.get(name, where.high)
            for name, where in cls.space(architecture).items()
        }

    @classmethod
    def from_parameters(cls, architecture: Architecture, parameters: Mapping[str, float]) -> "Accelerated":
        """The strategy at a point of `space`."""
        layers = len(architecture.hidden)
        common = (parameters[name] for name in ("mu", "alpha", "tau"))
        return cls(
            *common,
            _collect(parameters, "A", layers + 1),
            _collect(parameters, "beta", layers + 1),
            _collect(parameters, "amp", layers),
        )


Strategy = Momentum | Accelerated


@dataclass(frozen=True)
class HyperParameters:
    """The hyper-parameters of R replicas as arrays: what the engines read.

    accelerated: which rule. mu, decay_factor = 1 - alpha, eta, eta_decay = exp(-tau): (R,). A, beta: (R, weight layers).
    subtract, gain: (R, hidden layers), the activation of a hidden unit being sigmoid(gain (h - subtract <h>)).
    """

    accelerated: bool
    mu: np.ndarray
    decay_factor: np.ndarray
    eta: np.ndarray
    eta_decay: np.ndarray
    A: np.ndarray
    beta: np.ndarray
    subtract: np.ndarray
    gain: np.ndarray


def stack_hyper_parameters(strategies: Sequence[Strategy], architecture: Architecture, dtype) -> HyperParameters:
    """One strategy a replica -> arrays. All of one kind, each with as many values as the architecture has layers."""
    kind, hidden = type(strategies[0]), len(architecture.hidden)
    if any(type(strategy) is not kind for strategy in strategies):
        raise PlawError("Replicas that train together follow one rule: all Momentum or all Accelerated.")
    accelerated = kind is Accelerated
    for strategy in strategies:
        layered = (strategy.A, strategy.beta) if accelerated else ()
        if len(strategy.amp) != hidden or any(len(values) != hidden + 1 for values in layered):
            raise PlawError(
                f"{hidden} hidden layers need {hidden} amplitudes (and {hidden + 1} of A and beta), not those of {strategy}."
            )

    def array(values):
        return np.array([values(strategy) for strategy in strategies], dtype)

    zeros, amp = (0.0,) * (hidden + 1), array(lambda s: s.amp)
    by_mean = architecture.amplitude == "mean"
    return HyperParameters(
        accelerated,
        mu=array(lambda s: s.mu),
        decay_factor=array(lambda s: 1 - s.alpha),
        eta=array(lambda s: 0.0 if accelerated else s.eta),
        eta_decay=array(lambda s: math.exp(-s.tau) if accelerated else 0.0),
        A=array(lambda s: s.A if accelerated else zeros),
        beta=array(lambda s: s.beta if accelerated else zeros),
        subtract=amp if by_mean else np.ones_like(amp),
        gain=np.ones_like(amp) if by_mean else amp,
    )
