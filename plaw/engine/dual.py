"""The dual form of the first layer: the momentum rule, exactly, at a fraction of the work.

The rule is linear in the gradients, and the gradient of first-layer unit u at example m is delta_u phi_u(m). From V =
0,

    W_u = scale W_u(0) + sum_m position[u, m] phi_u(m)          V_u = sum_m velocity[u, m] phi_u(m)

so that an on-line step needs no weights, only the coefficients and the Gram matrices of the examples:

    field       h_u = scale start[m, u] + sum_m' position[u, m'] gram[m, u, m'] + b_u
                gram[m, u, m'] = phi_u(m) . phi_u(m'),   start[m, u] = W_u(0) . phi_u(m)
    update      velocity <- mu velocity,   velocity[u, m] -= eta delta_u
                position <- (1 - alpha) position + velocity,   scale <- (1 - alpha) scale

The Gram matrices depend neither on hyper-parameters nor on initial weights: one set serves every trial of a search and
all replicas of a committee that share examples and wiring.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from joblib import Parallel, cpu_count, delayed

from plaw.engine.blas import on_one_core
from plaw.errors import PlawError
from plaw.model.network import Network, Wiring

PIECE = 1000  # crosses of a unit that are formed at once


def gram_bytes(units: int, examples: int, itemsize: int = 4) -> int:
    """Memory of the Gram matrices of n examples."""
    return units * examples**2 * itemsize


def gram_matrices(wiring: Wiring, images: np.ndarray, threads: int | None = None) -> np.ndarray:
    """Gram matrices of images (n, inputs) for every unit of the wiring, laid out (n, units, n) so that a step reads one
    block.

    Cost: n^2/2 * (inputs + crosses) multiply-adds per unit (NumPy hands phi^T phi to BLAS's syrk). dtype as the images.
    threads: one per core unless given.
    """
    transposed = np.ascontiguousarray(images.T)
    gram = np.empty((len(images), len(wiring.first), len(images)), images.dtype)

    def fill(unit: int) -> None:
        gram[:, unit] = sum(phi.T @ phi for _, phi in _features(wiring, unit, transposed))

    _for_each_unit(fill, wiring, threads)
    return gram


def first_fields(network: Network, images: np.ndarray) -> np.ndarray:
    """W_u . phi_u(m) of every first-layer unit, its bias not added: (R, n, units) for images (n, inputs)."""
    weights, transposed = network.weights[0], np.ascontiguousarray(images.T)
    fields = np.empty((len(weights), len(images), weights.shape[1]), weights.dtype)

    def fill(unit: int) -> None:
        fields[:, :, unit] = 0
        for columns, phi in _features(network.wiring, unit, transposed):
            for replica, w in enumerate(weights[:, unit, columns]):
                fields[replica, :, unit] += w @ phi

    _for_each_unit(fill, network.wiring)
    return fields


def add_examples(network: Network, coefficients: np.ndarray, images: np.ndarray) -> None:
    """W_u <- W_u + sum_m coefficients[u, m] phi_u(m), in place; coefficients (R, units, n), images (n, inputs)."""
    weights, transposed = network.weights[0], np.ascontiguousarray(images.T)

    def add(unit: int) -> None:
        for columns, phi in _features(network.wiring, unit, transposed):
            for w, c in zip(weights[:, unit, columns], coefficients[:, unit], strict=True):
                w += phi @ c

    _for_each_unit(add, network.wiring)


@dataclass
class Dual:
    """The first layer of R replicas as coefficients over the n examples of their pool.

    gram: (n, units, n); start: (R, n, units); position, velocity: (R, units, n); scale: (R,). `rebuild` writes the
    weights, by a backend's `add_examples`.
    """

    images: np.ndarray
    gram: np.ndarray
    start: np.ndarray
    position: np.ndarray
    velocity: np.ndarray
    scale: np.ndarray
    add_examples: Callable[[Network, np.ndarray, np.ndarray], None]
    rebuilt_position: np.ndarray = field(init=False)
    rebuilt_scale: np.ndarray = field(init=False)

    def __post_init__(self):
        self.rebuilt_position, self.rebuilt_scale = self.position.copy(), self.scale.copy()

    def rebuild(self, network: Network) -> None:
        """W <- the weights that the coefficients stand for, in place (from those that the last rebuild left)."""
        shrink = np.divide(self.scale, self.rebuilt_scale, out=np.zeros_like(self.scale), where=self.rebuilt_scale > 0)
        grown = self.position - shrink[:, None, None] * self.rebuilt_position
        network.weights[0] *= shrink[:, None, None]
        self.add_examples(network, grown, self.images)
        self.rebuilt_position, self.rebuilt_scale = self.position.copy(), self.scale.copy()


def start_dual(
    network: Network,
    images: np.ndarray,
    gram: np.ndarray | None = None,
    first_fields=first_fields,
    add_examples=add_examples,
) -> Dual:
    """The dual form of a network about to train on a pool of images (n, inputs), its velocity zero.

    A backend may offer its own, faster first_fields and add_examples. PlawError for Gram matrices that do not fit.
    """
    gram = gram_matrices(network.wiring, images) if gram is None else gram
    check_gram(gram, network, images)
    with on_one_core():  # as in _for_each_unit
        start = first_fields(network, images)
    position = np.zeros((network.replicas, start.shape[2], len(images)), network.dtype)
    return Dual(images, gram, start, position, position.copy(), np.ones(network.replicas, network.dtype), add_examples)


def check_gram(gram: np.ndarray, network: Network, images: np.ndarray) -> None:
    """PlawError for Gram matrices that are not of the shape of this network's and pool's."""
    shape = (len(images), network.architecture.hidden[0], len(images))
    if gram.shape != shape:
        raise PlawError(f"This network and pool need Gram matrices of shape {shape}, not {gram.shape}.")


def _for_each_unit(function: Callable[[int], None], wiring: Wiring, threads: int | None = None) -> None:
    """function(unit) for every first-layer unit, in threads.

    How a product rounds depends on its shape and on how BLAS splits it among cores: so that the same seed gives the
    same result, BLAS keeps to one thread here, and the functions multiply one replica at a time.
    """
    units = range(len(wiring.first))
    with on_one_core():
        Parallel(n_jobs=min(len(units), threads or cpu_count()), backend="threading")(
            delayed(function)(unit) for unit in units
        )


def _features(wiring: Wiring, unit: int, transposed: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """phi of one unit for images (inputs, n), in pieces that stay in cache: (columns, their features), the pixels
    first.

    The pieces share one array: a piece is lost when the next is asked for.
    """
    inputs, n = transposed.shape
    yield slice(0, inputs), transposed
    first, second = wiring.first[unit], wiring.second[unit]
    phi, factor = np.empty((2, PIECE, n), transposed.dtype)
    for begin in range(0, len(first), PIECE):
        count = min(PIECE, len(first) - begin)
        np.take(transposed, first[begin : begin + count], axis=0, out=phi[:count], mode="clip")
        np.take(transposed, second[begin : begin + count], axis=0, out=factor[:count], mode="clip")
        phi[:count] *= factor[:count]
        yield slice(inputs + begin, inputs + begin + count), phi[:count]
