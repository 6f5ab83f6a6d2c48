"""The fast backend on a CPU: steps compiled by numba, replicas in parallel over the cores.

Direct engine: one pass over a first-layer unit's row per step applies the update of the example before and accumulates
the field of the one presented, so that each weight is read once and written once a step. The products x_i x_j of the
two examples lie in scratch rows, or, where a pool's products are used more than once and fit in memory, in one table
computed beforehand. Momentum with many crosses: the same training in blocks of LANES examples, exactly, by one such
pass a block (loops.train_blocked). Dual engine: the same pass over the coefficients of the examples (plaw.engine.dual).
Everything beyond the first layer is small and stays in cache.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import psutil
from joblib import Parallel, delayed
from numba import get_num_threads

from plaw.engine import dual as dual_form
from plaw.engine.backends import loops, numpy_
from plaw.engine.backends.host import *  # noqa: F403  what every backend on a CPU offers: host.__all__
from plaw.engine.backends.vectors import BLOCK
from plaw.engine.dual import Dual
from plaw.engine.state import OptimizerState, State
from plaw.model.network import Network, Wiring

NAME = "numba"
MEMORY_SHARE = 0.25  # of the free memory, for the table of products
# Crosses per pixel and unit: with fewer, a pixel's run of crosses is too short for blocks to be the faster form.
BLOCKED_FROM = 8


def bench_replicas() -> int:
    """One per thread."""
    return get_num_threads()


def steps_alone(state: State, images: np.ndarray, labels: np.ndarray) -> Callable[[np.ndarray], None]:
    """train_direct as a function of the order."""
    return partial(train_direct, state, images, labels)


def train_direct(state: State, images: np.ndarray, labels: np.ndarray, order: np.ndarray) -> None:
    """As plaw.engine.backends.numpy_.train_direct."""
    network, optimizer, batch = state.network, state.weights[0], state.network.architecture.reading.batch
    wiring, weights, velocity = network.wiring, network.weights[0], optimizer.velocity
    common = images, labels, order, _rule(state), _upper_layers(state)
    if batch > 1:
        if network.architecture.crosses or state.hyper_parameters.accelerated:  # rare enough for the reference
            numpy_.train_direct(state, images, labels, order)
        else:
            side_by_side(loops.train_batches, network.replicas, batch, weights, velocity, *common)
        return
    many = network.architecture.crosses >= BLOCKED_FROM * network.architecture.inputs
    if many and not state.hyper_parameters.accelerated:
        side_by_side(loops.train_blocked, network.replicas, weights, velocity, *_runs(network), *common)
        return
    products = wiring.first, wiring.second, _product_table(network, images, order.size)
    side_by_side(loops.train_direct, network.replicas, weights, velocity, _eta(optimizer), *products, *common)


def train_dual(state: State, dual: Dual, labels: np.ndarray, order: np.ndarray) -> None:
    """As plaw.engine.backends.numpy_.train_dual."""
    coefficients = dual.gram, dual.start, dual.position, dual.velocity, dual.scale
    side_by_side(loops.train_dual, len(order), *coefficients, labels, order, _rule(state), _upper_layers(state))


def outputs(network: Network, images: np.ndarray) -> np.ndarray:
    """As plaw.engine.backends.numpy_.outputs."""
    return numpy_.outputs_from_fields(network, first_fields(network, images))


def gram_matrices(wiring: Wiring, images: np.ndarray) -> np.ndarray:
    """As plaw.engine.dual.gram_matrices, in as many threads as numba would use."""
    return dual_form.gram_matrices(wiring, images, get_num_threads())


def start_dual(network: Network, images: np.ndarray, gram: np.ndarray | None = None) -> Dual:
    """As plaw.engine.dual.start_dual."""
    gram = gram_matrices(network.wiring, images) if gram is None else gram
    return dual_form.start_dual(network, images, gram, first_fields, add_examples)


def first_fields(network: Network, images: np.ndarray) -> np.ndarray:
    """As plaw.engine.dual.first_fields."""
    inputs = network.architecture.inputs
    fields = images @ network.weights[0][:, :, :inputs].transpose(0, 2, 1)
    if network.architecture.crosses:
        arguments = network.weights[0][:, :, inputs:], _starts(network), network.wiring.second, images, fields
        side_by_side(loops.add_cross_fields, -(-len(images) // BLOCK), *arguments)
    return fields


def add_examples(network: Network, coefficients: np.ndarray, images: np.ndarray) -> None:
    """As plaw.engine.dual.add_examples."""
    arguments = (
        network.weights[0],
        _starts(network),
        network.wiring.second,
        coefficients,
        np.ascontiguousarray(images.T),
    )
    side_by_side(loops.add_examples, network.architecture.hidden[0], *arguments)


def _starts(network: Network) -> np.ndarray:
    """starts[u, i]: the first cross of unit u whose first pixel is not below i; (units, inputs + 1)."""
    return np.stack(
        [np.searchsorted(first, np.arange(network.architecture.inputs + 1)) for first in network.wiring.first]
    )


def _runs(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """The features of a unit as products of two rows of a table of examples, (1, x_1, x_2, ...).

    Row `run` of the table, for all features starts[u, run] <= k < starts[u, run + 1], times row rows[u, k].
    """
    inputs, second = network.architecture.inputs, network.wiring.second
    starts = np.insert(_starts(network) + inputs, 0, 0, axis=1)
    dtype = np.promote_types(np.uint16, np.min_scalar_type(inputs))
    pixels = np.broadcast_to(np.arange(1, inputs + 1, dtype=dtype), (len(second), inputs))
    return starts, np.concatenate([pixels, second.astype(dtype) + dtype.type(1)], axis=1)


def side_by_side(function, count, *arguments):
    """function(k, *arguments) for all k < count, in threads: the compiled functions release Python's lock."""
    Parallel(n_jobs=min(count, get_num_threads()), backend="threading")(
        delayed(function)(k, *arguments) for k in range(count)
    )


def _eta(optimizer: OptimizerState) -> np.ndarray:
    """The accelerated rule's eta; for momentum an array without elements in its place."""
    return optimizer.velocity[..., :0] if optimizer.eta is None else optimizer.eta


def _rule(state: State) -> loops.Rule:
    hyper = state.hyper_parameters
    return loops.Rule(hyper.accelerated, hyper.mu, hyper.decay_factor, hyper.eta, hyper.eta_decay, hyper.A, hyper.beta)


def _upper_layers(state: State) -> loops.UpperLayers:
    network, weights, biases = state.network, state.weights[1:], state.biases
    reading = network.architecture.reading
    return loops.UpperLayers(
        reading.mean == "with", reading.outputs == "softmax",
        tuple(network.mean), network.seen, network.subtract, network.gain,
        tuple(network.weights[1:]), tuple(m.velocity for m in weights), tuple(map(_eta, weights)),
        tuple(network.biases), tuple(m.velocity for m in biases), tuple(map(_eta, biases)),
    )  # fmt: skip


def _product_table(network, images, presentations):
    """All products of the pool (n, units, crosses), if each is used twice or more and they fit; else an empty table."""
    shape = (len(images), *network.wiring.first.shape)
    size = int(np.prod(shape)) * network.dtype.itemsize
    if not size or presentations < 2 * len(images) or size > MEMORY_SHARE * psutil.virtual_memory().available:
        return np.empty((0, *shape[1:]), network.dtype)
    table = np.empty(shape, network.dtype)
    side_by_side(loops.fill_table, len(images), table, images, network.wiring.first, network.wiring.second)
    return table
