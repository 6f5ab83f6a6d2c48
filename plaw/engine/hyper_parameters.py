"""The hyper-parameters of a training as arrays over its replicas."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plaw.errors import PlawError
from plaw.model.network import Architecture
from plaw.model.strategies import Accelerated, Strategy


@dataclass(frozen=True)
class HyperParameters:
    """The hyper-parameters of R replicas as arrays: what the engines read.

    accelerated: which rule. mu, decay_factor = 1 - alpha, eta, eta_decay = exp(-tau): (R,). A, beta: (R, weight
    layers). subtract, gain: (R, hidden layers), the activation of a hidden unit being sigmoid(gain (h - subtract <h>)).
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
        layered = (strategy.A, strategy.beta) if isinstance(strategy, Accelerated) else ()
        if len(strategy.amp) != hidden or any(len(values) != hidden + 1 for values in layered):
            raise PlawError(
                f"{hidden} hidden layers need {hidden} amplitudes (and {hidden + 1} of A and beta), "
                f"not those of {strategy}."
            )

    def array(values):
        return np.array([values(strategy) for strategy in strategies], dtype)

    zeros, amp = (0.0,) * (hidden + 1), array(lambda s: s.amp)
    ones, reading = np.ones_like(amp), architecture.reading
    subtract, gain = {"mean": (amp, ones), "gain": (ones, amp), "none": (0 * ones, ones)}[reading.amplitude]
    if accelerated and reading.velocity == "gradient":
        raise PlawError("The accelerated rule has no rate before its first step: its velocity starts at zero.")
    return HyperParameters(
        accelerated,
        mu=array(lambda s: s.mu),
        decay_factor=array(lambda s: 1 - s.alpha),
        eta=array(lambda s: 0.0 if accelerated else s.eta),
        eta_decay=array(lambda s: math.exp(-s.tau) if accelerated else 0.0),
        A=array(lambda s: s.A if accelerated else zeros),
        beta=array(lambda s: s.beta if accelerated else zeros),
        subtract=subtract,
        gain=gain,
    )
