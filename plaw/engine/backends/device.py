"""What the backend cupy asks of CuPy: arrays to the GPU and back, batches that fit into its memory, launches of
kernels.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from importlib.resources import files

import numpy as np

from plaw.errors import PlawError

try:
    import cupy as cp
except ImportError:
    cp = None

# Compiled as one text, in this order.
SOURCES = ("common.cu", "first_layer.cu", "dual.cu", "upper_layers.cu", "evaluation.cu")
OPTIONS = ("-std=c++17",)
EXAMPLES = 8  # of one block of the kernel first_fields
# Trainings side by side, each on a stream of its own: one waits for its launches or its host, another computes.
STREAMS = 4
MEMORY_SHARE = 0.8 / STREAMS  # of the GPU's free memory, for one training's batch of replicas, or for its Gram matrices
BANDWIDTH = 1e12  # bytes a second, of a card that does not say
GRAPH_STEPS = 100  # steps in one CUDA graph; 0: no graphs


@contextmanager
def on_device() -> Iterator[None]:
    """A stream of its own for all that a call does on the GPU; PlawError where the memory does not suffice.

    The stream takes no notice of the default stream, which no other thread's capture would survive.
    """
    try:
        stream = cp.cuda.Stream(non_blocking=True)
        with stream:
            yield
            stream.synchronize()
    except cp.cuda.memory.OutOfMemoryError as error:
        raise PlawError(
            f"The GPU's memory does not suffice ({error}): train fewer replicas or networks at once, "
            "or choose the backend numba."
        ) from None


def free_bytes() -> int:
    """Memory of the GPU that is free, or that CuPy holds for reuse and gives back where it runs short."""
    return cp.cuda.runtime.memGetInfo()[0] + cp.get_default_memory_pool().free_bytes()


def bandwidth() -> float:
    """Bytes a second between the GPU and its memory by its data sheet: two transfers a clock."""
    kilohertz = cp.cuda.runtime.deviceGetAttribute(cp.cuda.runtime.cudaDevAttrMemoryClockRate, 0)
    bits = cp.cuda.runtime.deviceGetAttribute(cp.cuda.runtime.cudaDevAttrGlobalMemoryBusWidth, 0)
    return 2 * kilohertz * 1000 * bits / 8 or BANDWIDTH


def copier(nbytes: int) -> Callable[[int], None]:
    """A function that copies so many bytes within the GPU's memory, so many times: what the memory can do at best,
    reading and writing.
    """
    with on_device():
        source, target = (cp.zeros(nbytes // 4, np.float32) for _ in range(2))

    def copy(times: int) -> None:
        with on_device():
            for _ in range(times):
                target[...] = source

    return copy


def batches(replicas: int, nbytes: int) -> Iterator[slice]:
    """Slices of the replicas, as many at once as a training's share of the GPU's free memory holds at nbytes each."""
    at_once = max(1, int(MEMORY_SHARE * free_bytes()) // nbytes)
    return (slice(begin, min(begin + at_once, replicas)) for begin in range(0, replicas, at_once))


@cache
def module():
    text = "\n".join(files("plaw.engine.backends").joinpath("kernels", source).read_text() for source in SOURCES)
    return cp.RawModule(code=text, options=OPTIONS)


def launcher(
    kernel: str, grid: tuple[int, ...], threads: int, arguments: list, shared_bytes: int
) -> Callable[[], None]:
    """A function that enqueues one launch. Whole numbers are handed over as the 4 bytes that the kernels read."""
    values = tuple(np.int32(argument) if isinstance(argument, int) else argument for argument in arguments)
    return partial(module().get_function(kernel), grid, (threads,), values, shared_mem=shared_bytes)


def repeat(step: Callable[[], None], times: int) -> None:
    """Enqueue step() so many times. Many are captured as a CUDA graph once and enqueued a hundred at a time."""
    graphs = (times - 1) // GRAPH_STEPS if GRAPH_STEPS else 0
    for _ in range(times - graphs * GRAPH_STEPS):  # at least once, which loads the kernels before any capture
        step()
    if graphs:
        stream = cp.cuda.get_current_stream()
        stream.begin_capture()
        for _ in range(GRAPH_STEPS):
            step()
        graph = stream.end_capture()
        for _ in range(graphs):
            graph.launch()
        stream.synchronize()  # the graph has to outlive its runs


class Rows:
    """The first layer's rows as the kernels read them: pixels, then crosses, each filled up with zeros to whole fours.

    At least one pixel is added, at the place `inputs`, for the crosses that are added to multiply.
    """

    def __init__(self, architecture):
        self.inputs, self.units = architecture.inputs, architecture.hidden[0]
        self.pixels, self.crosses = 4 * (self.inputs // 4 + 1), 4 * -(-architecture.crosses // 4)
        self.nbytes = 4 * self.units * (self.pixels + self.crosses)
        # Of examples, in shared memory.
        self.pair_bytes, self.tile_bytes = 4 * 2 * self.pixels, 4 * EXAMPLES * self.pixels

    def upload(self, array):
        """(R, units, inputs + crosses) -> (R, units, pixels + crosses), on the GPU."""
        padded = np.zeros((*array.shape[:2], self.pixels + self.crosses), np.float32)
        for begin, own in self._parts(array):
            padded[..., begin : begin + own.shape[-1]] = own
        return cp.asarray(padded)

    def download(self, rows, array) -> None:
        """The way back, in place."""
        padded = rows.get()
        for begin, own in self._parts(array):
            own[...] = padded[..., begin : begin + own.shape[-1]]

    def _parts(self, array):
        return (0, array[..., : self.inputs]), (self.pixels, array[..., self.inputs :])

    def upload_images(self, images):
        return cp.asarray(np.pad(images, ((0, 0), (0, self.pixels - self.inputs))))

    def upload_pairs(self, wiring):
        """first + 65536 second: uint32 (units, crosses)."""
        filling = ((0, 0), (0, self.crosses - wiring.first.shape[1]))
        first, second = (
            np.pad(pixels.astype(np.uint32), filling, constant_values=self.inputs)
            for pixels in (wiring.first, wiring.second)
        )
        return cp.asarray(first | second << 16)


def pack(arrays: list, replicas: slice):
    """One row a replica, on the GPU, of arrays (R, ...)."""
    parts = [array[replicas] for array in arrays]
    return cp.asarray(np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1))


def unpack(packed, arrays: list, replicas: slice) -> None:
    """The way back, in place."""
    rows, begin = packed.get(), 0
    for part in (array[replicas] for array in arrays):
        size = part[0].size
        part[...] = rows[:, begin : begin + size].reshape(part.shape)
        begin += size
