"""Small networks, pools of examples and strategies on which the tests of the model train."""

import numpy as np

from plaw.model.network import Architecture, Network, draw_network, draw_wiring
from plaw.model.reading import PAPER, Reading
from plaw.model.strategies import Accelerated, Momentum

OUTPUTS = 4


READINGS = [
    PAPER,
    Reading(amplitude="gain"),
    Reading(amplitude="none"),
    Reading(mean="before"),
    Reading(outputs="softmax"),
    Reading(velocity="gradient"),
    Reading(batch=4),
    Reading(mean="before", outputs="softmax", velocity="gradient", batch=3),
]  # those that change what a step does


def describe_reading(reading) -> str:
    return "+".join(
        str(getattr(reading, name)) for name in vars(reading) if getattr(reading, name) != getattr(PAPER, name)
    )


def draw(hidden, crosses, *, reading=PAPER, inputs=7, replicas=3, dtype=np.float64, seed=1) -> Network:
    """A network whose biases are not zero, so that an error in them shows."""
    architecture = Architecture(hidden, crosses, reading, inputs, OUTPUTS)
    wiring = draw_wiring(architecture, np.random.default_rng([seed, 100]))
    network = draw_network(
        architecture, [np.random.default_rng([seed, replica]) for replica in range(replicas)], wiring, dtype
    )
    rng = np.random.default_rng([seed, 101])
    for biases in network.biases:
        biases[:] = rng.normal(0, 0.3, biases.shape[1])
    return network


def draw_pool(n, *, inputs=7, seed=2):
    """Images (n, inputs), float64, of mean 0 and standard deviation 1 each, and labels (n,)."""
    rng = np.random.default_rng([seed, n])
    images = rng.standard_normal((n, inputs))
    images -= images.mean(axis=1, keepdims=True)
    return images / images.std(axis=1, keepdims=True), rng.integers(0, OUTPUTS, n)


def draw_order(n, steps, replicas=3, seed=3):
    """Who sees which example when, (replicas, steps): examples recur, some at once."""
    return np.random.default_rng([seed, n, steps]).integers(0, n, (replicas, steps))


def draw_strategies(rule, layers, replicas=3, seed=4):
    """A strategy for each replica, no two hyper-parameters alike; rates large enough for every term to matter."""
    rng, strategies = np.random.default_rng([seed, layers]), []
    for _ in range(replicas):
        mu, alpha, amp = rng.uniform(0.5, 0.9), 10 ** rng.uniform(-4, -2), tuple(rng.uniform(0.3, 1.2, layers))
        if rule is Momentum:
            strategies.append(Momentum(mu, alpha, rng.uniform(0.01, 0.05), amp))
        else:
            A, beta = tuple(rng.uniform(0.005, 0.03, layers + 1)), tuple(10 ** rng.uniform(0, 1.5, layers + 1))
            strategies.append(Accelerated(mu, alpha, rng.uniform(0.05, 0.5), A, beta, amp))
    return strategies


def arrays(network) -> dict[str, np.ndarray]:
    """Everything that training changes, by name."""
    groups = {"weights": network.weights, "biases": network.biases, "mean": network.mean}
    named = {f"{name}[{layer}]": array for name, group in groups.items() for layer, array in enumerate(group)}
    return named | {"seen": network.seen, "subtract": network.subtract, "gain": network.gain}


def assert_close(network, other, **tolerances) -> None:
    for name, array in arrays(network).items():
        np.testing.assert_allclose(array, arrays(other)[name], err_msg=name, **tolerances)


def assert_identical(network, other) -> None:
    for name, array in arrays(network).items():
        np.testing.assert_array_equal(array, arrays(other)[name], err_msg=name)


def alone(network, replica) -> Network:
    """One replica of a network as a network of its own."""
    groups = (
        [array[replica : replica + 1].copy() for array in group]
        for group in (network.weights, network.biases, network.mean)
    )
    rows = (array[replica : replica + 1].copy() for array in (network.seen, network.subtract, network.gain))
    return Network(network.architecture, network.wiring, *groups, *rows)
