"""The network of the paper: layers of sigmoid units, input crosses on the first of them, replicas side by side.

Every array carries a leading replica axis R, so that a committee, a search or a set of samples trains in lockstep.
The row of a first-layer unit u is one contiguous vector over its features

    phi_u(m) = (x_1 ... x_784, x_i1 x_j1, x_i2 x_j2, ...)          pixels, then the crosses that this unit drew,

so that a cross is a weight like any other and the field is h_u = W_u . phi_u + b_u.
"""

from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial

import numpy as np
import numpy.typing as npt

from plaw.errors import PlawError
from plaw.model.reading import PAPER, Reading

SQUEEZE = 1 / 16  # of `with_identity_layer`: smaller ones come closer until single precision shows


@dataclass(frozen=True)
class Architecture:
    """Sizes of the layers, and the reading of what the paper leaves open.

    Parameters
    ----------
    hidden
        Units of each hidden layer.
    crosses
        Input crosses of each unit of the first hidden layer (paper: 10,000).
    reading
        What the paper leaves open: how networks start and how hidden units use the mean of their field, among others.
    inputs, outputs
        Pixels of an image, and labels.

    Raises
    ------
    PlawError
        For a layer without units, or more crosses than pairs of inputs.

    Examples
    --------
    >>> Architecture((100, 100), crosses=10_000).shapes
    ((100, 10784), (100, 100), (10, 100))
    """

    hidden: tuple[int, ...] = (100, 100)
    crosses: int = 0
    reading: Reading = PAPER
    inputs: int = 784
    outputs: int = 10

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", tuple(int(units) for units in self.hidden))
        if not self.hidden or min(*self.hidden, self.inputs, self.outputs) < 1:
            raise PlawError("An architecture needs at least one hidden layer, and at least one unit in every layer.")
        if self.crosses and self.inputs > 2**16:
            raise PlawError(f"Crosses name their inputs by 16 bits: at most {2**16:,} inputs, not {self.inputs:,}.")
        if not 0 <= self.crosses <= self.pairs:
            possible = f"{self.inputs} inputs form 0 to {self.pairs:,} different pairs"
            raise PlawError(f"{self.crosses:,} crosses a unit were asked for, but {possible}.")

    @property
    def pairs(self) -> int:
        """Different pairs i < j of the inputs: 306,936 for 784 pixels."""
        return self.inputs * (self.inputs - 1) // 2

    @property
    def features(self) -> int:
        """Inputs of a first-layer unit: pixels and crosses together."""
        return self.inputs + self.crosses

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """(units, fan-in) of each weight layer, first to last."""
        units = (*self.hidden, self.outputs)
        return tuple(zip(units, (self.features, *self.hidden), strict=True))

    @property
    def weights(self) -> int:
        """The number of weights of all layers.

        >>> Architecture((100,)).weights
        79400
        """
        return sum(units * fan_in for units, fan_in in self.shapes)


@dataclass(frozen=True)
class Wiring:
    """Which pixels a first-layer unit multiplies: cross k of unit u is x[first[u, k]] * x[second[u, k]].

    Parameters
    ----------
    first, second
        uint16 (units, crosses), first < second, sorted by (first, second) within a unit. All replicas of a network
        share them.

    Examples
    --------
    >>> wiring = Wiring(np.array([[0, 1]], np.uint16), np.array([[1, 2]], np.uint16))
    >>> wiring.products(np.array([[2.0, 3.0, 5.0]]))
    array([[[ 6., 15.]]])
    """

    first: np.ndarray
    second: np.ndarray

    @cached_property
    def nbytes(self) -> int:
        """Memory of both arrays."""
        return self.first.nbytes + self.second.nbytes

    def products(self, images: np.ndarray) -> np.ndarray:
        """All crosses of all units: (n, inputs) images -> (n, units, crosses)."""
        return images[:, self.first] * images[:, self.second]


def draw_wiring(architecture: Architecture, rng: np.random.Generator) -> Wiring:
    """Each first-layer unit draws its own pairs i < j, uniformly and without repetition (paper, (d)).

    Examples
    --------
    >>> wiring = draw_wiring(Architecture((4,), crosses=3, inputs=9), np.random.default_rng(1))
    >>> wiring.first.shape, bool((wiring.first < wiring.second).all())
    ((4, 3), True)
    """
    shape = (architecture.hidden[0], architecture.crosses)
    first, second = np.empty(shape, np.uint16), np.empty(shape, np.uint16)
    if not architecture.crosses:
        return Wiring(first, second)
    row, column = _pairs(architecture.inputs)
    for unit in range(shape[0]):
        drawn = np.sort(rng.choice(architecture.pairs, architecture.crosses, replace=False))
        first[unit], second[unit] = row[drawn], column[drawn]
    return Wiring(first, second)


@cache
def _pairs(inputs: int) -> tuple[np.ndarray, np.ndarray]:
    """All pairs i < j of the inputs, in order: two uint16 (pairs,)."""
    row, column = np.triu_indices(inputs, 1)
    return row.astype(np.uint16), column.astype(np.uint16)


@dataclass
class Network:
    """R replicas of one architecture; training changes the arrays in place. `draw_network` makes one.

    Parameters
    ----------
    architecture, wiring
        What all replicas have in common.
    weights
        One array (R, units, fan-in) per weight layer.
    biases
        One array (R, units) per weight layer.
    mean
        One float64 array (R, units) per hidden layer: the running mean of its field over the examples presented so far.
    seen
        int64 (R,): how many examples these are.
    subtract, gain
        (R, hidden layers): the activation of a hidden unit is sigmoid(gain (h - subtract mean)). Set from Amp_l when
        training starts.
    """

    architecture: Architecture
    wiring: Wiring
    weights: list[np.ndarray]
    biases: list[np.ndarray]
    mean: list[np.ndarray] = field(default_factory=list)
    seen: np.ndarray = field(default_factory=partial(np.empty, 0))
    subtract: np.ndarray = field(default_factory=partial(np.empty, 0))
    gain: np.ndarray = field(default_factory=partial(np.empty, 0))

    def __post_init__(self) -> None:
        hidden = self.architecture.hidden
        if not self.mean:
            self.mean = [np.zeros((self.replicas, units)) for units in hidden]
            self.seen = np.zeros(self.replicas, np.int64)
            self.subtract = np.zeros((self.replicas, len(hidden)), self.dtype)
            self.gain = np.ones_like(self.subtract)

    @property
    def replicas(self) -> int:
        """How many networks train side by side."""
        return len(self.weights[0])

    @property
    def dtype(self) -> np.dtype:
        """The type of the weights, in which everything is computed."""
        return self.weights[0].dtype

    def copy(self) -> "Network":
        """A network of its own with the same values; the wiring is shared."""
        weights, biases, mean = ([array.copy() for array in group] for group in (self.weights, self.biases, self.mean))
        rows = self.seen.copy(), self.subtract.copy(), self.gain.copy()
        return Network(self.architecture, self.wiring, weights, biases, mean, *rows)


def draw_network(
    architecture: Architecture,
    rngs: list[np.random.Generator],
    wiring: Wiring | None = None,
    dtype: npt.DTypeLike = np.float32,
) -> Network:
    """A network before its training: Gaussian weights of mean 0, whose standard deviation the reading says, and biases
    alike.

    The fan-in of the first layer counts pixels and crosses together. Weights are drawn here, on the host, so that all
    backends start alike.

    Parameters
    ----------
    architecture
        Of all replicas.
    rngs
        One generator per replica.
    wiring
        Of the crosses, where there are any (`draw_wiring`).
    dtype
        The type of the weights: float32, or float64 for tests.

    Raises
    ------
    PlawError
        Where a wiring is missing, or does not fit the architecture.

    Examples
    --------
    >>> network = draw_network(Architecture((4,), inputs=9), [np.random.default_rng(seed) for seed in (1, 2)])
    >>> network.replicas, [weights.shape for weights in network.weights]
    (2, [(2, 4, 9), (2, 10, 4)])
    """
    if wiring is None:
        if architecture.crosses:
            raise PlawError(
                "An architecture with crosses needs a wiring: draw one with draw_wiring(architecture, rng)."
            )
        none = np.empty((architecture.hidden[0], 0), np.uint16)
        wiring = Wiring(none, none)
    if wiring.first.shape != (architecture.hidden[0], architecture.crosses):
        shape = (architecture.hidden[0], architecture.crosses)
        raise PlawError(f"The wiring is of shape {wiring.first.shape}, the architecture asks for {shape}.")
    reading, weights = architecture.reading, [np.empty((len(rngs), *shape), dtype) for shape in architecture.shapes]
    for replica, rng in enumerate(rngs):
        for layer in weights:
            rng.standard_normal(dtype=layer.dtype.type, out=layer[replica])
            layer[replica] /= layer.dtype.type(1 / reading.deviation(*layer.shape[1:]))
    biases = [np.full((len(rngs), units), reading.bias, dtype) for units, _ in architecture.shapes]
    return Network(architecture, wiring, weights, biases)


def with_identity_layer(network: Network) -> Network:
    """A network with one more hidden layer before the outputs, built to answer as the given one does.

    Appendix F of the paper claims that there is one. Each unit of the new layer listens to one unit of the layer
    before, whose activation a it squeezes into the straight part of the sigmoid, sigmoid(s (a - 1/2)) = 1/2 + s/4 (a -
    1/2) up to a share of s^2/48 of the last term, s = 1/16; the output weights undo this. Its Amp is 0.

    Examples
    --------
    >>> network = draw_network(Architecture((4,), inputs=9), [np.random.default_rng(1)])
    >>> with_identity_layer(network).architecture.hidden
    (4, 4)
    """
    s, architecture = SQUEEZE, network.architecture
    *weights, last = (array.copy() for array in network.weights)
    *biases, offset = (array.copy() for array in network.biases)
    units = last.shape[-1]
    weights += [np.tile(s * np.eye(units, dtype=last.dtype), (len(last), 1, 1)), 4 / s * last]
    biases += [np.full((len(last), units), -s / 2, last.dtype), offset + (0.5 - 2 / s) * last.sum(axis=-1)]
    mean = [*(array.copy() for array in network.mean), np.zeros((len(last), units))]
    subtract, gain = (
        np.pad(array, ((0, 0), (0, 1)), constant_values=value)
        for array, value in ((network.subtract, 0), (network.gain, 1))
    )
    deeper = replace(architecture, hidden=(*architecture.hidden, units))
    return Network(deeper, network.wiring, weights, biases, mean, network.seen.copy(), subtract, gain)
