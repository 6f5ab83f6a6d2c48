"""Where a search looks for the hyper-parameters of a strategy, and the strategy at a point of that space."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from plaw.errors import PlawError
from plaw.model.network import Architecture
from plaw.model.strategies import Accelerated, Momentum, Strategy


@dataclass(frozen=True)
class Range:
    """Where to search for one hyper-parameter, and on which scale.

    scale: "linear"; "log", of the value; "memory", the logarithm of 1 / (1 - value), how many steps a momentum lasts.
    """

    low: float
    high: float
    scale: str = "linear"

    def place(self, value: float) -> float:
        """Where a value lies in the range, 0 to 1, on its scale."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        return (self._scaled(value) - low) / (high - low)

    def value(self, place: float) -> float:
        """The value at a place, 0 to 1, to six digits: so short are records, and no result depends on more."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        scaled = low + place * (high - low)
        value = {"linear": scaled, "log": math.exp(scaled), "memory": -math.expm1(-scaled)}[self.scale]
        return float(f"{value:.6g}")

    def _scaled(self, value: float) -> float:
        if self.scale == "linear":
            return value
        return math.log(value) if self.scale == "log" else -math.log1p(-value)


COMMON_SPACE = {"mu": Range(0.0, 0.995, "memory"), "alpha": Range(1e-7, 1e-3, "log")}
RATE = {"rate": Range(1e-3, 1.0, "log")}  # the effective learning rate eta / (1 - mu), which mu leaves nearly alone
TAU = {"tau": Range(1e-4, 3.0, "log")}
A, BETA = Range(1e-3, 1.0, "log"), Range(0.1, 1000.0, "log")
AMPLITUDE = Range(0.0, 1.5)


def space(rule: type[Strategy], architecture: Architecture) -> dict[str, Range]:
    """The search space of a rule: for two hidden layers 5 hyper-parameters of Momentum, 11 of Accelerated.

    >>> list(space(Momentum, Architecture((100, 100))))
    ['mu', 'alpha', 'rate', 'amp_1', 'amp_2']
    """
    layers = len(architecture.hidden)
    amplitudes = {} if architecture.reading.amplitude == "none" else _numbered("amp", layers, AMPLITUDE)
    if rule is Momentum:
        return COMMON_SPACE | RATE | amplitudes
    return COMMON_SPACE | TAU | _numbered("A", layers + 1, A) | _numbered("beta", layers + 1, BETA) | amplitudes


def strategy_at(rule: type[Strategy], architecture: Architecture, parameters: Mapping[str, float]) -> Strategy:
    """The strategy at a point of the space; PlawError where the point lacks a hyper-parameter."""
    if missing := [name for name in space(rule, architecture) if name not in parameters]:
        raise PlawError(f"A choice of hyper-parameters lacks {', '.join(missing)}: restore its record (git checkout).")
    layers, mu, alpha = len(architecture.hidden), parameters["mu"], parameters["alpha"]
    amp = (0.0,) * layers if architecture.reading.amplitude == "none" else _collect(parameters, "amp", layers)
    if rule is Momentum:
        return Momentum(mu, alpha, parameters["rate"] * (1 - mu), amp)
    amplification, beta = (_collect(parameters, name, layers + 1) for name in ("A", "beta"))
    return Accelerated(mu, alpha, parameters["tau"], amplification, beta, amp)


def near_momentum(architecture: Architecture, momentum: Mapping[str, float]) -> dict[str, float]:
    """The accelerated strategy's point that is nearly the momentum strategy at a point of its space: with large tau and
    beta, |eta| is A.
    """
    eta = momentum["rate"] * (1 - momentum["mu"])
    return {
        name: eta if name.startswith("A_") else momentum.get(name, where.high)
        for name, where in space(Accelerated, architecture).items()
    }


def _numbered(name: str, count: int, where: Range) -> dict[str, Range]:
    return {f"{name}_{layer + 1}": where for layer in range(count)}


def _collect(parameters: Mapping[str, float], name: str, count: int) -> tuple[float, ...]:
    return tuple(parameters[f"{name}_{layer + 1}"] for layer in range(count))
