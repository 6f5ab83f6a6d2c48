"""The reference: every step of the paper written plainly in NumPy, vectorised over replicas. All other backends are
measured by it.

A step presents one example to each replica (or, where the reading says so, a batch of them, whose gradients it
averages):

    h_1 = W_1 . phi + b_1            phi: pixels and crosses (first layer); h_l = W_l a_(l-1) + b_l after it
    <h> <- <h> + (h - <h>) / seen    the running mean, this example included
    a_l = sigmoid(gain (h_l - subtract <h_l>))       hidden; the output layer: a = sigmoid(h)
    delta_out = a - y,   delta_l = gain a_l (1 - a_l) (W_(l+1)^T delta_(l+1)),   g_W = delta phi^T,   g_b = delta
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.special import expit as sigmoid
from scipy.special import softmax

from plaw.engine.backends.host import *  # noqa: F403  what every backend on a CPU offers: host.__all__
from plaw.engine.dual import Dual, first_fields, gram_matrices, start_dual  # noqa: F401  likewise
from plaw.engine.state import State
from plaw.model.network import Network

NAME = "numpy"


def bench_replicas() -> int:
    """One, with all cores at its service."""
    return 1


def steps_alone(state: State, images: np.ndarray, labels: np.ndarray) -> Callable[[np.ndarray], None]:
    """train_direct as a function of the order."""
    return partial(train_direct, state, images, labels)


def train_direct(state: State, images: np.ndarray, labels: np.ndarray, order: np.ndarray) -> None:
    """On-line training with the weights themselves; changes `state` in place.

    state: plaw.engine.state.State; images (n, inputs), labels (n,): the pool; order (R, T): the example of each step.
    """
    wiring, batch = state.network.wiring, state.network.architecture.reading.batch
    for begin in range(0, order.shape[1], batch):
        gradients = []
        for examples in order[:, begin : begin + batch].T:
            x = images[examples]
            crosses = wiring.products(x)
            pixels = np.broadcast_to(x[:, None, :], (*crosses.shape[:2], x.shape[1]))
            phi = np.concatenate([pixels, crosses], axis=2)
            field = np.einsum("ruk,ruk->ru", state.network.weights[0], phi)
            delta, upper = _gradients(state.network, field, labels[examples])
            gradients.append({**upper, (0, "weight"): delta[:, :, None] * phi})
        for place in gradients[0]:
            _update(state, *place, sum(gradient[place] for gradient in gradients) / len(gradients))


def train_dual(state: State, dual: Dual, labels: np.ndarray, order: np.ndarray) -> None:
    """The momentum rule with the first layer in its dual form (plaw.engine.dual); changes both in place."""
    hyper, replicas = state.hyper_parameters, np.arange(len(order))
    for examples in order.T:
        field = dual.scale[:, None] * dual.start[replicas, examples]
        field = field + np.einsum("rum,rum->ru", dual.position, dual.gram[examples])
        delta, gradients = _gradients(state.network, field.astype(state.network.dtype), labels[examples])
        for place, gradient in gradients.items():
            _update(state, *place, gradient)
        dual.velocity *= hyper.mu[:, None, None]
        dual.velocity[replicas, :, examples] -= hyper.eta[:, None] * delta
        dual.position *= hyper.decay_factor[:, None, None]
        dual.position += dual.velocity
        dual.scale *= hyper.decay_factor


def outputs(network: Network, images: np.ndarray) -> np.ndarray:
    """Outputs of the last layer, (R, n, outputs); nothing is changed, the running means stay as they are."""
    return outputs_from_fields(network, first_fields(network, images))


def outputs_from_fields(network: Network, field: np.ndarray) -> np.ndarray:
    """Outputs (R, n, outputs) from the first layer's W . phi (R, n, units), its biases not yet added."""
    field = field + network.biases[0][:, None]
    for layer, (mean, weights) in enumerate(zip(network.mean, network.weights[1:], strict=True)):
        activation = _activation(network, layer, field, mean[:, None].astype(network.dtype))
        field = activation @ weights.transpose(0, 2, 1) + network.biases[layer + 1][:, None]
    return _answers(network, field)


def _answers(network: Network, field: np.ndarray) -> np.ndarray:
    """The last layer's outputs from its fields."""
    return softmax(field, axis=-1) if network.architecture.reading.outputs == "softmax" else sigmoid(field)


def _activation(network: Network, layer: int, field: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """sigmoid(gain (h - subtract <h>)) of hidden layer `layer`; field and mean (R, ..., units)."""
    shape = (-1,) + (1,) * (field.ndim - 1)
    subtract, gain = network.subtract[:, layer].reshape(shape), network.gain[:, layer].reshape(shape)
    return sigmoid(gain * (field - subtract * mean)).astype(network.dtype)


def _gradients(
    network: Network, field: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, dict[tuple[int, str], np.ndarray]]:
    """The first layer's delta (R, units), and the gradients of all but its weights, by layer and kind.

    The running means move by this example."""
    network.seen += 1
    activations, field, reading = [], field + network.biases[0], network.architecture.reading
    for layer, mean in enumerate(network.mean):
        before = mean.copy()
        mean += (field - mean) / network.seen[:, None]
        activations.append(_activation(network, layer, field, before if reading.mean == "before" else mean))
        field = np.einsum("rup,rp->ru", network.weights[layer + 1], activations[-1]) + network.biases[layer + 1]
    target = np.arange(network.architecture.outputs) == labels[:, None]
    delta = _answers(network, field) - target.astype(network.dtype)
    gradients: dict[tuple[int, str], np.ndarray] = {}
    for layer in range(len(activations), 0, -1):
        below = activations[layer - 1]
        gradients |= {(layer, "weight"): delta[:, :, None] * below[:, None, :], (layer, "bias"): delta}
        slope = network.gain[:, layer - 1, None] * below * (1 - below)
        delta = slope * np.einsum("rup,ru->rp", network.weights[layer], delta)
    return delta, {**gradients, (0, "bias"): delta}


def _update(state: State, layer: int, kind: str, gradient: np.ndarray) -> None:
    """Eqs 3, 4 or 6, 7 for one layer's weights or biases, (R, ...)."""
    optimizer = state.weights[layer] if kind == "weight" else state.biases[layer]
    hyper = state.hyper_parameters
    shape = (-1,) + (1,) * (gradient.ndim - 1)
    if optimizer.eta is not None:  # the accelerated rule
        optimizer.eta *= hyper.eta_decay.reshape(shape)
        optimizer.eta += hyper.A[:, layer].reshape(shape) * np.tanh(hyper.beta[:, layer].reshape(shape) * gradient)
        step = np.abs(optimizer.eta) * gradient
    else:
        step = hyper.eta.reshape(shape) * gradient
    optimizer.velocity *= hyper.mu.reshape(shape)
    optimizer.velocity -= step
    if kind == "weight":
        state.network.weights[layer] *= hyper.decay_factor.reshape(shape)
        state.network.weights[layer] += optimizer.velocity
    else:
        state.network.biases[layer] += optimizer.velocity
