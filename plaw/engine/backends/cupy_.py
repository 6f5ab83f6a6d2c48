"""The backend on an NVIDIA GPU: the kernels of kernels/*.cu, launched through CuPy.

A step is two launches, one for the first layer's weights (or, in the dual form, coefficients) of all units and
replicas, one for everything beyond them. The kernels count the steps themselves, so that every launch is like the last:
a run of steps is enqueued without waiting for any, most of it as CUDA graphs. Arrays go to the GPU before the first
step and come back after the last.
"""

from functools import cache

import numpy as np

from plaw.engine.backends import device
from plaw.engine.backends.device import (
    EXAMPLES,
    Rows,
    batches,
    copier,  # noqa: F401  a backend offers it too
    cp,
    launcher,
    module,
    on_device,
    pack,
    repeat,
    unpack,
)
from plaw.engine.costs import Costs, gpu_costs
from plaw.engine.dual import check_gram
from plaw.errors import PlawError

NAME = "cupy"
DTYPES: tuple[str, ...] = ("float32",)
ON_GPU = True
REPLICAS = 50  # in the benchmark: the paper's committee
GRAM_SHARE = device.MEMORY_SHARE
ROW_THREADS, UPPER_LAYERS_THREADS, ANSWER_THREADS = 256, 512, 128  # as in the kernels' __launch_bounds__
SHARED_BYTES = 47 * 1024  # of shared memory: every GPU gives 48 kB to a block, and sums over the block take up to 1 kB


@cache
def problem() -> str | None:
    """Why the kernels cannot run here, and what to do; None where they can, which a small computation proves."""
    if cp is None:
        return "CuPy is not installed; with an NVIDIA GPU, pip install 'plaw[gpu]', else choose the backend numba"
    try:
        if not has_device():
            return "CuPy finds no NVIDIA GPU, or no driver for it; choose the backend numba"
        float((cp.ones((2, 2), np.float32) @ cp.ones((2, 2), np.float32)).sum())  # the libraries
        module().get_function("first_layer_momentum")  # the compiler and the kernels
    except Exception as error:  # whatever a driver, a compiler or a library may raise
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        remedy = "update the GPU's driver and pip install 'plaw[gpu]', or choose the backend numba"
        return f"CuPy does not work ({reason}); {remedy}"
    return None


def has_device() -> bool:
    """Whether CuPy is installed and finds an NVIDIA GPU with a driver."""
    return cp is not None and cp.cuda.is_available()


def device_name() -> str:
    """The name of the GPU."""
    return cp.cuda.runtime.getDeviceProperties(0)["name"].decode()


def costs() -> Costs:
    """What the engines cost on this GPU, in seconds."""
    return gpu_costs(device.bandwidth())


def free_bytes() -> int:
    """Memory of the GPU that is free."""
    return device.free_bytes()


def concurrent_trainings() -> int:
    """One per stream."""
    return device.STREAMS


def bench_replicas() -> int:
    """A committee."""
    return REPLICAS


def train_direct(state, images, labels, order) -> None:
    """As plaw.engine.backends.numpy_.train_direct; replicas train in batches that fit into the GPU's memory."""
    network, optimizer, accelerated = state.network, state.weights[0], state.hyper_parameters.accelerated
    _check(network)
    rows = Rows(network.architecture)
    arrays = [network.weights[0], optimizer.velocity] + [optimizer.eta] * accelerated
    with on_device():
        pool, pairs = rows.upload_images(images), rows.upload_pairs(network.wiring)
        for replicas in batches(len(order), len(arrays) * rows.nbytes):
            _train_batch(state, replicas, rows, arrays, pool, pairs, labels, order)


def _train_batch(state, replicas, rows, arrays, pool, pairs, labels, order):
    on_gpu = [rows.upload(array[replicas]) for array in arrays]
    upper = _UpperLayers(state, replicas, labels, order[replicas])
    _train_on_gpu(upper, on_gpu, rows, pool, pairs)
    for array, changed in zip(arrays, on_gpu, strict=True):
        rows.download(changed, array[replicas])
    upper.download()


def _train_on_gpu(upper, arrays, rows, pool, pairs):
    weights, velocity, eta = (*arrays, arrays[0])[:3]  # the kernel of momentum takes an eta, but leaves it alone
    kernel = "first_layer_accelerated" if len(arrays) == 3 else "first_layer_momentum"
    upper.train(kernel, [weights, velocity, eta, pool, pairs, rows.pixels, rows.crosses], shared_bytes=rows.pair_bytes)


def steps_alone(state, images, labels):
    """train_direct without the way to the GPU and back, for the benchmark: a function of the order whose calls go on
    from each other.
    """
    _check(state.network)
    optimizer, rows = state.weights[0], Rows(state.network.architecture)
    with on_device():
        arrays = [
            rows.upload(array)
            for array in (state.network.weights[0], optimizer.velocity, optimizer.eta)
            if array is not None
        ]
        pool, pairs = rows.upload_images(images), rows.upload_pairs(state.network.wiring)

    def train(order) -> None:
        with on_device():
            _train_on_gpu(_UpperLayers(state, slice(None), labels, order), arrays, rows, pool, pairs)

    return train


def train_dual(state, dual, labels, order) -> None:
    """As plaw.engine.backends.numpy_.train_dual; dual: a DeviceDual."""
    with on_device():
        upper = _UpperLayers(state, slice(None), labels, order, dual.scale)
        upper.train(
            "first_layer_dual", [dual.position, dual.velocity, dual.gram, dual.start, dual.scale, len(dual.gram)]
        )
        upper.download()


def outputs(network, images) -> np.ndarray:
    """As plaw.engine.backends.numpy_.outputs."""
    _check(network)
    rows, units = Rows(network.architecture), _units(network)
    answers = np.empty((network.replicas, len(images), units[-1]), np.float32)
    with on_device():
        pool, pairs = rows.upload_images(images), rows.upload_pairs(network.wiring)
        for replicas in batches(network.replicas, rows.nbytes + 4 * len(images) * (units[0] + units[-1])):
            answers[replicas] = _outputs_of_batch(network, replicas, rows, pool, pairs, len(images))
    return answers


def _outputs_of_batch(network, replicas, rows, pool, pairs, n):
    units, weights = _units(network), rows.upload(network.weights[0][replicas])
    field, answers = (cp.empty((len(weights), n, count), np.float32) for count in (units[0], units[-1]))
    grid = (-(-n // EXAMPLES), units[0], len(weights))
    launcher(
        "first_fields", grid, ROW_THREADS, [weights, pool, pairs, rows.pixels, rows.crosses, n, field], rows.tile_bytes
    )()
    parameters, mean = pack(_upper_layers(network.biases, network.weights), replicas), pack(network.mean, replicas)
    sizes, rules = cp.asarray(np.array(units, np.int32)), cp.asarray(_rules(network)[replicas])
    arguments = [sizes, len(units), sum(units), parameters.shape[1], field, parameters, mean, rules, answers]
    launcher("answers", (n, len(weights)), ANSWER_THREADS, arguments, 4 * sum(units))()
    return answers.get()


def gram_matrices(wiring, images):
    """As plaw.engine.dual.gram_matrices; the result stays on the GPU."""
    with on_device():
        features = _Features(wiring, images)
        gram = cp.empty((len(images), len(wiring.first), len(images)), images.dtype)
        for unit in range(len(wiring.first)):
            phi = features(unit)
            gram[:, unit] = phi.T @ phi
        return gram


def start_dual(network, images, gram=None) -> "DeviceDual":
    """As plaw.engine.dual.start_dual, on the GPU; gram: on the GPU or the host."""
    _check(network)
    if gram is not None:
        check_gram(gram, network, images)
    gram = gram_matrices(network.wiring, images) if gram is None else gram
    with on_device():
        return DeviceDual(network, images, cp.asarray(gram, np.float32))


class DeviceDual:
    """plaw.engine.dual.Dual on the GPU: gram (n, units, n); start (R, n, units); position, velocity (R, units, n);
    scale (R,).
    """

    def __init__(self, network, images, gram):
        weights = network.weights[0]
        replicas, units, _ = weights.shape
        self.features, self.gram = _Features(network.wiring, images), gram
        self.start = cp.empty((replicas, len(images), units), np.float32)
        for unit in range(units):
            self.start[:, :, unit] = cp.asarray(weights[:, unit]) @ self.features(unit)
        self.position = cp.zeros((replicas, units, len(images)), np.float32)
        self.velocity, self.rebuilt_position = self.position.copy(), self.position.copy()
        self.scale, self.rebuilt_scale = cp.ones(replicas, np.float32), np.ones(replicas, np.float32)

    def rebuild(self, network) -> None:
        """As plaw.engine.dual.Dual.rebuild; the network's weights are on the host."""
        weights = network.weights[0]
        with on_device():
            scale = self.scale.get()
            shrink = np.divide(scale, self.rebuilt_scale, out=np.zeros_like(scale), where=self.rebuilt_scale > 0)
            grown = self.position - cp.asarray(shrink[:, None, None]) * self.rebuilt_position
            weights *= shrink[:, None, None]
            for unit in range(weights.shape[1]):
                weights[:, unit] += (grown[:, unit] @ self.features(unit).T).get()
            self.rebuilt_position, self.rebuilt_scale = self.position.copy(), scale


class _Features:
    """phi of one first-layer unit for a pool of images (n, inputs): (inputs + crosses, n), formed on the GPU when asked
    for.
    """

    def __init__(self, wiring, images):
        self.pixels = cp.asarray(np.ascontiguousarray(images.T))
        self.first, self.second = (cp.asarray(pixels.astype(np.int32)) for pixels in (wiring.first, wiring.second))

    def __call__(self, unit):
        return cp.concatenate([self.pixels, self.pixels[self.first[unit]] * self.pixels[self.second[unit]]])


class _UpperLayers:
    """What a step reads and changes beyond the first layer's weights, on the GPU, for some replicas of a state."""

    def __init__(self, state, replicas, labels, order, scale=None):
        network, optimizers = state.network, _upper_layers(state.biases, state.weights)
        self.network, self.replicas = network, replicas
        self.host = [_upper_layers(network.biases, network.weights), [optimizer.velocity for optimizer in optimizers]]
        self.host += [[optimizer.eta for optimizer in optimizers]] * state.hyper_parameters.accelerated + [network.mean]
        self.packed = [pack(arrays, replicas) for arrays in self.host]
        self.units, self.seen = _units(network), cp.asarray(network.seen[replicas])
        self.labels, self.order, self.rules = (
            cp.asarray(labels),
            cp.asarray(order),
            cp.asarray(_rules(network, state.hyper_parameters)[replicas]),
        )
        self.delta, self.field = (cp.empty((len(order), self.units[0]), np.float32) for _ in range(2))
        self.step, self.scale = (
            cp.zeros(len(order), np.int32),
            cp.ones(len(order), np.float32) if scale is None else scale,
        )

    def train(self, kernel: str, arguments: list, shared_bytes: int = 0) -> None:
        """Enqueue all steps, the first layer's part being that kernel with those arguments before the ones that all
        have in common.
        """
        (replicas, steps), units = self.order.shape, self.units
        common = [self.order, self.step, steps, self.rules, len(units), self.delta, self.field]
        first = launcher(kernel, (units[0], replicas), ROW_THREADS, [*arguments, *common], shared_bytes)
        parameters, velocity, *eta, mean = self.packed
        arguments = [cp.asarray(np.array(units, np.int32)), len(units), sum(units), max(units), parameters.shape[1]]
        arguments += [self.field, self.labels, self.order, self.step, steps, parameters, velocity, *(eta or [velocity])]
        arguments += [mean, self.seen, self.scale, self.rules, self.delta]
        kernel = "upper_layers_accelerated" if eta else "upper_layers_momentum"
        rest = launcher(kernel, (replicas,), UPPER_LAYERS_THREADS, arguments, _upper_layers_bytes(units))

        def step() -> None:
            first()
            rest()

        repeat(step, steps)
        first()  # the update for the last example

    def download(self) -> None:
        for arrays, packed in zip(self.host, self.packed, strict=True):
            unpack(packed, arrays, self.replicas)
        self.network.seen[self.replicas] = self.seen.get()


def _upper_layers(biases: list, weights: list) -> list:
    """b_1, W_2, b_2, W_3, b_3, ...: the order in which the kernels read what is beyond the first layer's weights."""
    return [biases[0], *(array for layer in zip(weights[1:], biases[1:], strict=True) for array in layer)]


def _units(network) -> tuple[int, ...]:
    """Units of every layer, the output layer included."""
    return (*network.architecture.hidden, network.architecture.outputs)


def _rules(network, hyper=None) -> np.ndarray:
    """The kernels' struct Rule for every replica and weight layer: float32 (R, layers, 10)."""
    rules, reading = np.zeros((network.replicas, len(network.weights), 10), np.float32), network.architecture.reading
    if hyper:
        rules[:, :, :4] = np.stack([hyper.mu, hyper.decay_factor, hyper.eta, hyper.eta_decay], axis=1)[:, None]
        rules[:, :, 4], rules[:, :, 5] = hyper.A, hyper.beta
    rules[:, :-1, 6], rules[:, :-1, 7] = network.subtract, network.gain
    rules[:, :, 8], rules[:, -1, 9] = reading.mean == "before", reading.outputs == "softmax"
    return rules


def _upper_layers_bytes(units: tuple[int, ...]) -> int:
    """Shared memory of the kernels of upper_layers.cu."""
    return 4 * (sum(units) + 2 * max(units) + UPPER_LAYERS_THREADS)


def _check(network) -> None:
    """PlawError for a network that the kernels do not take."""
    if network.dtype != np.float32:
        raise PlawError(
            f"The backend cupy computes in float32, not {network.dtype}: choose the backend numba or numpy."
        )
    if network.architecture.reading.batch > 1:
        raise PlawError("The backend cupy trains by one example a step: choose the backend numba or numpy for batches.")
    if max(Rows(network.architecture).tile_bytes, _upper_layers_bytes(_units(network))) > SHARED_BYTES:
        raise PlawError(f"{network.architecture} does not fit into a GPU's shared memory: choose the backend numba.")
