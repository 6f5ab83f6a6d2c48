"""Training R replicas in lockstep, one example per step, and evaluating them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from plaw.engine import backends
from plaw.engine.blas import on_one_core
from plaw.engine.choice import Choice, choose_engine
from plaw.engine.hyper_parameters import stack_hyper_parameters
from plaw.engine.state import start
from plaw.errors import PlawError
from plaw.model.network import Network
from plaw.model.strategies import Strategy


def train(
    network: Network,
    strategies: Strategy | Sequence[Strategy],
    images: np.ndarray,
    labels: np.ndarray,
    order: np.ndarray,
    *,
    engine: str = "auto",
    backend: str = "auto",
    gram: np.ndarray | None = None,
    report_at: Sequence[int] = (),
    report: Callable[[int, Network], None] | None = None,
) -> Choice:
    """Train all replicas on-line, in place.

    Parameters
    ----------
    network
        R replicas, changed in place. A second training goes on from where the first one ended, with velocities of zero.
    strategies
        One for all replicas, or one each.
    images, labels
        The pool of examples: (n, inputs), normalised (plaw.model.normalise), and whole numbers (n,).
    order
        (R, T), or (T,) for all replicas alike: positions in the pool in the order of presentation. T steps are made.
    engine
        The weights themselves, or the first layer's dual form (Momentum only); "auto": the cheaper one. It never
        changes what is computed, but for rounding.
    backend
        "auto", or a name in plaw.engine.backends.BACKENDS.
    gram
        (n, units, n), the pool's Gram matrices, where they are available (plaw.engine.dual.gram_matrices).
    report_at, report
        report(step, network) is called after each of these steps, with the network in training itself.

    Returns
    -------
    Choice
        The engine and backend, and why.

    Raises
    ------
    PlawError
        For input that does not fit together.

    Examples
    --------
    >>> import numpy as np
    >>> from plaw.model import Architecture, Momentum, draw_network
    >>> network = draw_network(Architecture((3,), inputs=4, outputs=2), [np.random.default_rng(0)])
    >>> images, labels = np.array([[1, -1, 1, -1], [-1, 1, -1, 1]]), np.array([0, 1])
    >>> order = np.tile([0, 1], 200)
    >>> train(network, Momentum(0.5, 1e-5, 0.1, amp=(0.5,)), images, labels, order, engine="direct", backend="numpy")
    Choice(engine='direct', backend='numpy', reason='asked for')
    >>> errors(outputs(network, images, backend="numpy"), labels)
    array([0.])
    """
    images, labels, order = _plain(images, network.dtype), np.asarray(labels), np.asarray(order)
    _check(network, images, labels, order, report_at)
    labels, order = (
        _plain(labels, np.int32),
        _plain(np.broadcast_to(order, (network.replicas, order.shape[-1])), np.int32),
    )
    strategies = [strategies] * network.replicas if isinstance(strategies, Strategy) else list(strategies)
    if len(strategies) != network.replicas:
        raise PlawError(f"{network.replicas} replicas need one strategy, or one each, not {len(strategies)}.")
    hyper_parameters = stack_hyper_parameters(strategies, network.architecture, network.dtype)
    computing = backends.get(backend, network.dtype)
    choice = choose_engine(
        engine, computing.NAME, network, hyper_parameters.accelerated, len(images), order.shape[1], gram is not None
    )
    dual = computing.start_dual(network, images, gram) if choice.engine == "dual" else None
    state = start(network, hyper_parameters, dual is not None)

    def advance(begin: int, end: int) -> None:
        some = np.ascontiguousarray(order[:, begin:end])
        if dual:
            computing.train_dual(state, dual, labels, some)
        else:
            computing.train_direct(state, images, labels, some)

    begin, reading = 0, network.architecture.reading
    if reading.velocity == "gradient" and order.size:  # from V = -eta g the first step is 1 + mu times as long
        state.hyper_parameters = replace(hyper_parameters, eta=hyper_parameters.eta * (1 + hyper_parameters.mu))
        advance(0, reading.batch)
        state.hyper_parameters, begin = hyper_parameters, min(reading.batch, order.shape[1])
    for end in sorted({*report_at, order.shape[1]} - {0}):
        advance(begin, end)
        if dual:
            dual.rebuild(network)
        if report and end in report_at:
            report(end, network)
        begin = end
    return choice


def outputs(network: Network, images: np.ndarray, backend: str = "auto") -> np.ndarray:
    """What the replicas answer: the last layer's outputs (R, n, outputs) for images (n, inputs).

    Nothing is changed: the running means stay as they are.

    Raises
    ------
    PlawError
        For images that do not fit the network.

    Examples
    --------
    >>> from plaw.model import Architecture, draw_network
    >>> network = draw_network(Architecture((5,), inputs=9), [np.random.default_rng(seed) for seed in (1, 2)])
    >>> outputs(network, np.eye(9), backend="numpy").shape
    (2, 9, 10)
    """
    images = _plain(images, network.dtype)
    if images.ndim != 2 or images.shape[1] != network.architecture.inputs:
        raise PlawError(f"Images of shape (n, {network.architecture.inputs}) are needed, not {images.shape}.")
    with on_one_core():
        return backends.get(backend, network.dtype).outputs(network, images)


def errors(outputs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The error of each replica (R,): the share of examples whose largest output is not the label's.

    outputs: (R, n, outputs); labels: (n,).

    Examples
    --------
    >>> errors(np.array([[[0.9, 0.1], [0.8, 0.2]], [[0.4, 0.6], [0.3, 0.7]]]), np.array([0, 1]))
    array([0.5, 0.5])
    """
    return np.mean(outputs.argmax(axis=-1) != labels, axis=-1)


def committee_error(outputs: np.ndarray, labels: np.ndarray) -> float:
    """The error of the soft committee (Eq. 8): the answer is the largest sum of an output over the replicas.

    outputs: (R, n, outputs); labels: (n,).

    Examples
    --------
    >>> committee_error(np.array([[[0.9, 0.1], [0.6, 0.4]], [[0.4, 0.6], [0.3, 0.7]]]), np.array([0, 1]))
    0.0
    """
    return float(errors(outputs.sum(axis=0, dtype=np.float64), labels))


def _plain(array: np.ndarray, dtype) -> np.ndarray:
    """Contiguous and writable, for numba compiles once more for read-only arrays."""
    return np.require(array, dtype, ["C", "W"])


def _check(
    network: Network, images: np.ndarray, labels: np.ndarray, order: np.ndarray, report_at: Sequence[int]
) -> None:
    architecture, replicas = network.architecture, network.replicas
    if images.ndim != 2 or images.shape[1] != architecture.inputs or labels.shape != (len(images),):
        raise PlawError(
            f"{images.shape} images with {labels.shape} labels do not fit a network of {architecture.inputs} inputs."
        )
    if not order.ndim or order.shape[:-1] not in ((), (replicas,)):
        raise PlawError(f"The order is of shape (steps,) or ({replicas}, steps), one row a replica, not {order.shape}.")
    if labels.dtype.kind not in "iu" or order.dtype.kind not in "iu":
        raise PlawError(f"The labels and the order have to be whole numbers, not {labels.dtype} and {order.dtype}.")
    if not np.isfinite(images).all():
        raise PlawError("The images hold values that are not finite: normalise them with plaw.model.data.normalise.")
    if len(labels) and not 0 <= labels.min() <= labels.max() < architecture.outputs:
        raise PlawError(
            f"Labels run from 0 to {architecture.outputs - 1}; these run from {labels.min()} to {labels.max()}."
        )
    if order.size and not 0 <= order.min() <= order.max() < len(images):
        raise PlawError(
            f"The order names examples {order.min()} to {order.max()}, but the pool has 0 to {len(images) - 1}."
        )
    if not all(1 <= step <= order.shape[-1] for step in report_at):
        raise PlawError(f"report_at names steps of 1 to {order.shape[-1]}, not {sorted(report_at)}.")
