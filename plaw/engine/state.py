"""What a training changes: the network, and what the rule remembers of each weight."""

from dataclasses import dataclass

import numpy as np

from plaw.engine.hyper_parameters import HyperParameters
from plaw.model.network import Network


@dataclass
class OptimizerState:
    """What a rule remembers of each weight: its velocity V and, in the accelerated strategy, its own eta."""

    velocity: np.ndarray
    eta: np.ndarray | None


@dataclass
class State:
    """All that a step changes: the network and, layer by layer, what the rule remembers of its weights and of its
    biases.

    weights[0] is None under the dual engine, which keeps the first layer's velocity as coefficients.
    """

    network: Network
    hyper_parameters: HyperParameters
    weights: list[OptimizerState]
    biases: list[OptimizerState]


def start(network: Network, hyper_parameters: HyperParameters, dual: bool) -> State:
    """All that training changes, before its first step; sets the network's activations by the hyper_parameters."""
    network.subtract, network.gain = hyper_parameters.subtract, hyper_parameters.gain

    def optimizer(array: np.ndarray) -> OptimizerState:
        return OptimizerState(np.zeros_like(array), np.zeros_like(array) if hyper_parameters.accelerated else None)

    weights = [optimizer(array) for array in network.weights[1:]]
    first = None if dual else optimizer(network.weights[0])
    return State(
        network,
        hyper_parameters,
        [first, *weights],  # type: ignore[list-item]  # None: see State
        [optimizer(array) for array in network.biases],
    )
