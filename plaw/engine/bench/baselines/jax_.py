"""The training in JAX: one jitted lax.scan over the steps, replicas one after the other, cores within an operation.

As fast as it was found to go in plain JAX: pixels and crosses of the first layer are two arrays, so that no step
concatenates them; the state is donated, and updated in place; a replica axis, by vmap, made it slower.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from plaw.engine.hyper_parameters import stack_hyper_parameters

NAME = "jax"
CHUNK = 100  # steps of one scan: each other number would be compiled again


class Parameter(NamedTuple):
    """A weight or bias array, its velocity and, in the accelerated strategy, its eta (else None)."""

    value: jax.Array
    velocity: jax.Array
    eta: jax.Array | None


class State(NamedTuple):
    """weights: pixels and crosses of the first layer, then the layers above it; biases, mean: one a layer; seen:
    examples so far.
    """

    weights: list
    biases: list
    mean: list
    seen: jax.Array


class Trainer:
    """Trains replicas; see plaw.engine.bench.baselines."""

    def __init__(self, network, strategies, images, labels):
        hyper_parameters, wiring = (
            stack_hyper_parameters(strategies, network.architecture, network.dtype),
            network.wiring,
        )
        pairs = (wiring.first.astype(np.int32), wiring.second.astype(np.int32))
        self.constants = jax.tree.map(jnp.asarray, (images, labels, *pairs))
        self.replicas = [_start(network, hyper_parameters, replica) for replica in range(network.replicas)]

    def train(self, order):
        for replica, examples in enumerate(order):
            state, rule = self.replicas[replica]
            for begin in range(0, len(examples), CHUNK):
                state = _train(state, rule, self.constants, jnp.asarray(examples[begin : begin + CHUNK]))
            self.replicas[replica] = jax.block_until_ready(state), rule

    def write(self, network):
        for r, (state, rule) in enumerate(self.replicas):
            pixels, crosses, *above = [weights.value for weights in state.weights]
            for array, value in zip(network.weights, [np.concatenate([pixels, crosses], axis=1), *above], strict=True):
                array[r] = value
            for array, biases in zip(network.biases, state.biases, strict=True):
                array[r] = biases.value
            for array, mean in zip(network.mean, state.mean, strict=True):
                array[r] = mean
            network.subtract[r], network.gain[r] = rule["subtract"], rule["gain"]


def _start(network, hyper_parameters, replica):
    """State and rule of a replica."""

    def parameter(array):
        zeros = np.zeros_like(array)
        return Parameter(jnp.array(array), jnp.array(zeros), jnp.array(zeros) if hyper_parameters.accelerated else None)

    first, *above = [weights[replica] for weights in network.weights]
    inputs = network.architecture.inputs
    state = State(
        [parameter(array) for array in (first[:, :inputs], first[:, inputs:], *above)],
        [parameter(biases[replica]) for biases in network.biases],
        [jnp.array(mean[replica], network.dtype) for mean in network.mean],
        jnp.array(network.seen[replica], network.dtype),
    )
    names = ("mu", "decay_factor", "eta", "eta_decay", "A", "beta", "subtract", "gain")
    return state, {name: jnp.array(getattr(hyper_parameters, name)[replica]) for name in names}


@partial(jax.jit, donate_argnums=0)
def _train(state, rule, constants, order):
    return jax.lax.scan(lambda state, example: (_step(state, rule, constants, example), None), state, order)[0]


def _step(state, rule, constants, example):
    """The replica sees one example."""
    images, labels, first, second = constants
    x, seen, update = images[example], state.seen + 1, partial(_update, rule)
    crosses = x.at[first].get(mode="promise_in_bounds") * x.at[second].get(mode="promise_in_bounds")
    pixel_weights, cross_weights, *above = state.weights
    h = pixel_weights.value @ x + jnp.sum(cross_weights.value * crosses, axis=1) + state.biases[0].value
    activations, means = [], []
    for layer, mean in enumerate(state.mean):
        means.append(mean + (h - mean) / seen)
        activations.append(jax.nn.sigmoid(rule["gain"][layer] * (h - rule["subtract"][layer] * means[-1])))
        h = above[layer].value @ activations[-1] + state.biases[layer + 1].value
    delta = jax.nn.sigmoid(h) - jax.nn.one_hot(labels[example], len(h), dtype=h.dtype)
    weights, biases = [], []
    for layer in range(len(above), 0, -1):
        a, layer_weights = activations[layer - 1], above[layer - 1]
        below = rule["gain"][layer - 1] * a * (1 - a) * (delta @ layer_weights.value)
        weights.append(update(layer, layer_weights, jnp.outer(delta, a), rule["decay_factor"]))
        biases.append(update(layer, state.biases[layer], delta, 1))
        delta = below
    biases.append(update(0, state.biases[0], delta, 1))
    weights.append(update(0, cross_weights, delta[:, None] * crosses, rule["decay_factor"]))
    weights.append(update(0, pixel_weights, jnp.outer(delta, x), rule["decay_factor"]))
    return State(weights[::-1], biases[::-1], means, seen)


def _update(rule, layer, parameter, gradient, decay_factor):
    value, velocity, eta = parameter
    if eta is not None:
        eta = rule["eta_decay"] * eta + rule["A"][layer] * jnp.tanh(rule["beta"][layer] * gradient)
        velocity = rule["mu"] * velocity - jnp.abs(eta) * gradient
    else:
        velocity = rule["mu"] * velocity - rule["eta"] * gradient
    return Parameter(decay_factor * value + velocity, velocity, eta)
