"""The dual form of the first layer: the momentum rule, exactly, at a fraction of the work.

The rule is linear in the gradients, and the gradient of first-layer unit u at example m is delta_u phi_u(m). From V = 0,

    W_u = scale W_u(0) + sum_m position[u, m] phi_u(m)          V_u = sum_m velocity[u, m] phi_u(m)

so that an on-line step needs no weights, only the coefficients and the Gram matrices of the examples:

    field       h_u = scale start[m, u] + sum_m' position[u, m'] gram[m, u, m'] + b_u
                gram[m, u, m'] = phi_u(m) . phi_u(m'),   start[m, u] = W_u(0) . phi_u(m)
    update      velocity <- mu velocity,   velocity[u, m] -= eta delta_u
                position <- (1 - alpha) position + velocity,   scale <- (1 - alpha) scale

The Gram matrices depend neither on hyper-parameters nor on initial weights: one set serves every trial of a search and all
replicas of a committee that share examples and wiring.
"""

from dataclasses import dataclass, field

import numpy as np
from joblib import Parallel, delayed
from numba import get_num_threads
from threadpoolctl import threadpool_limits

from plaw.errors import PlawError
from plaw.network import Network, Wiring


def gram_bytes(units: int, examples: int, itemsize: int = 4) -> int:
    """Memory of the Gram matrices of n examples."""
    return units * examples**2 * itemsize


def gram_matrices(wiring: Wiring, images: np.ndarray) -> np.ndarray:
    """Gram matrices of images (n, inputs) for every unit of the wiring, laid out (n, units, n) so that a step reads one block.

    Cost: n^2/2 * (inputs + crosses) multiply-adds a unit (NumPy hands phi^T phi to BLAS's syrk). dtype as the images.
    """
    transposed = np.ascontiguousarray(images.T)
    gram = np.empty((len(images), len(wiring.first), len(images)), images.dtype)

    def fill(unit: int) -> None:
        phi = _features(wiring, unit, transposed)
        gram[:, unit] = phi.T @ phi

    _for_each_unit(fill, wiring)
    return gram


@dataclass
class Dual:
    """The first layer of R replicas as coefficients over the n examples of their pool.

    gram: (n, units, n); start: (R, n, units); position, velocity: (R, units, n); scale: (R,). `rebuild` writes the weights.
    """

    images: np.ndarray
    gram: np.ndarray
    start: np.ndarray
    position: np.ndarray
    velocity: np.ndarray
    scale: np.ndarray
    rebuilt_position: np.ndarray = field(init=False)
    rebuilt_scale: np.ndarray = field(init=False)

    def __post_init__(self):
        self.rebuilt_position, self.rebuilt_scale = self.position.copy(), self.scale.copy()

    def rebuild(self, network: Network) -> None:
        """W <- the weights that the coefficients stand for, in place (from those that the last rebuild left)."""
        shrink = np.divide(self.scale, self.rebuilt_scale, out=np.zeros_like(self.scale), where=self.rebuilt_scale > 0)
        grown = self.position - shrink[:, None, None] * self.rebuilt_position
        weights, transposed = network.weights[0], np.ascontiguousarray(self.images.T)
        weights *= shrink[:, None, None]

        def add(unit: int) -> None:
            phi = _features(network.wiring, unit, transposed)
            for replica in range(len(weights)):
                weights[replica, unit] += phi @ grown[replica, unit]

        _for_each_unit(add, network.wiring)
        self.rebuilt_position, self.rebuilt_scale = self.position.copy(), self.scale.copy()


def start_dual(network: Network, images: np.ndarray, gram: np.ndarray | None = None) -> Dual:
    """The dual form of a network about to train on a pool of images (n, inputs), its velocity zero.

    PlawError for Gram matrices that are not of the shape of this network's and pool's.
    """
    weights, transposed = network.weights[0], np.ascontiguousarray(images.T)
    replicas, units, _ = weights.shape
    gram = gram_matrices(network.wiring, images) if gram is None else gram
    if gram.shape != (len(images), units, len(images)):
        raise PlawError(f"This network and pool need Gram matrices of shape {(len(images), units, len(images))}, not {gram.shape}.")
    start = np.empty((replicas, len(images), units), network.dtype)

    def fill(unit: int) -> None:
        phi = _features(network.wiring, unit, transposed)
        for replica in range(replicas):
            start[replica, :, unit] = weights[replica, unit] @ phi

    _for_each_unit(fill, network.wiring)
    position = np.zeros((replicas, units, len(images)), network.dtype)
    return Dual(images, gram, start, position, position.copy(), np.ones(replicas, network.dtype))


def _for_each_unit(function, wiring: Wiring) -> None:
    """function(unit) for every first-layer unit, in threads.

    How a product rounds depends on its shape and on how BLAS splits it among cores: so that the same seed gives the same result,
    BLAS keeps to one thread here, and the functions multiply one replica at a time.
    """
    units = range(len(wiring.first))
    with threadpool_limits(1, user_api="blas"):
        Parallel(n_jobs=min(len(units), get_num_threads()), backend="threading")(delayed(function)(unit) for unit in units)


def _features(wiring: Wiring, unit: int, transposed: np.ndarray) -> np.ndarray:
    """phi of one unit, (inputs + crosses, n), from images (inputs, n)."""
    return np.concatenate([transposed, transposed[wiring.first[unit]] * transposed[wiring.second[unit]]])
