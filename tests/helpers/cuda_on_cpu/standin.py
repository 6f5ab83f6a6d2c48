"""A stand-in for the module cupy: its arrays are NumPy arrays on the inside, its kernels run on the CPU.

It offers what plaw uses and no more (a test compares its names and signatures with the real package's), and is as
strict as CuPy where a GPU would not forgive: host and device arrays do not mix, nothing turns into a NumPy array but
by get(), a captured launch does not run before its graph is launched, fresh memory holds NaN, and behind the end of
an array there is none."""

import contextlib
import operator
import threading
from types import SimpleNamespace

import numpy as np

from helpers.cuda_on_cpu import emulator

FREE_BYTES = 2**30  # what memGetInfo reports
ATTRIBUTES = {36: 1_000_000, 37: 512}  # of the memory: kHz, two transfers each, and bits of a transfer: 128 GB/s


class ndarray:
    """An array "on the device"."""

    def __init__(self, inside: np.ndarray):
        self._inside = inside

    shape, dtype, nbytes = (
        property(lambda self, name=name: getattr(self._inside, name)) for name in ("shape", "dtype", "nbytes")
    )
    T = property(lambda self: ndarray(self._inside.T))

    def get(self) -> np.ndarray:
        return self._inside.copy()

    def copy(self) -> "ndarray":
        return _fenced(self._inside)

    def sum(self) -> "ndarray":
        return ndarray(np.asarray(self._inside.sum()))

    def __float__(self) -> float:
        return float(self._inside)

    def __len__(self) -> int:
        return len(self._inside)

    def __array__(self, *_, **__):
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()`.")

    def __getitem__(self, index) -> "ndarray":
        return ndarray(np.asarray(self._inside[_index(index)]))

    def __setitem__(self, index, value) -> None:
        self._inside[_index(index)] = _operand(value)


def _operand(value):
    if isinstance(value, ndarray):
        return value._inside
    if isinstance(value, (int, float, np.generic)):
        return value
    raise TypeError(f"Unsupported type {type(value)}")


def _index(index):
    if isinstance(index, tuple):
        return tuple(map(_index, index))
    return index._inside if isinstance(index, ndarray) else index


def _operator(name: str):
    def apply(self, other):
        return ndarray(np.asarray(getattr(operator, name)(self._inside, _operand(other))))

    return apply


for _name in ("add", "sub", "mul", "truediv", "matmul"):
    setattr(ndarray, f"__{_name}__", _operator(_name))


def asarray(a, dtype=None) -> ndarray:
    if isinstance(a, ndarray) and dtype in (None, a.dtype):
        return a
    return _fenced(a._inside if isinstance(a, ndarray) else np.asarray(a), dtype)


def _fenced(array: np.ndarray, dtype=None) -> ndarray:
    """A copy behind whose end no memory is."""
    inside = emulator.fenced(array.shape, dtype or array.dtype)
    inside[...] = array
    return ndarray(inside)


def empty(shape, dtype=float) -> ndarray:
    array = zeros(shape, dtype)
    array._inside.view(np.uint8)[...] = 0xFF
    return array


def zeros(shape, dtype=float) -> ndarray:
    return ndarray(emulator.fenced(np.broadcast_shapes(shape), dtype))


def ones(shape, dtype=float) -> ndarray:
    return _fenced(np.ones(shape, dtype))


def concatenate(tup, axis=0) -> ndarray:
    return ndarray(np.concatenate([array._inside for array in tup], axis=axis))


class RawModule:
    """Kernels that the current stream runs, or captures. The order of threads changes with every launch."""

    def __init__(self, *, code, options=()):
        self._module = emulator.RawModule(code=code, options=options)

    def get_function(self, name):
        kernel = self._module.get_function(name)

        def launch(grid, block, args, *, shared_mem=0):
            handed = tuple(argument._inside if isinstance(argument, ndarray) else argument for argument in args)

            def run():
                with _device:
                    self._module.order += 1
                    kernel(grid, block, handed, shared_mem=shared_mem)

            get_current_stream()._enqueue(run)

        return launch


class Stream:
    """Launches run at once, or, between begin_capture and end_capture, become a graph.

    Every thread has a current stream of its own.
    """

    def __init__(self, null=False, non_blocking=False):
        self._captured, self._waited_for_by_default = None, not non_blocking

    def __enter__(self):
        _streams().append(self)

    def __exit__(self, *_):
        _streams().remove(self)

    def _enqueue(self, run):
        run() if self._captured is None else self._captured.append(run)

    def begin_capture(self):
        assert not self._waited_for_by_default, "another thread's use of the default stream would end the capture"
        self._captured = []

    def end_capture(self):
        captured, self._captured = self._captured, None
        graphs.append(captured)
        return Graph(captured)

    def synchronize(self):
        assert self._captured is None, "a stream that captures cannot be waited for"


class Graph:
    def __init__(self, captured):
        self._captured = captured

    def launch(self):
        for run in self._captured:
            run()


class OutOfMemoryError(MemoryError):
    pass


_device = threading.Lock()  # one launch at a time
_threads = threading.local()
graphs: list[list] = []  # all that were captured


def _streams() -> list:
    """The current streams of this thread, the innermost last."""
    if not hasattr(_threads, "streams"):
        _threads.streams = [Stream(null=True)]
    return _threads.streams


def get_current_stream():
    return _streams()[-1]


def get_default_memory_pool():
    return SimpleNamespace(free_bytes=lambda: 0)


cuda = SimpleNamespace(
    Stream=Stream,
    Graph=Graph,
    get_current_stream=get_current_stream,
    is_available=lambda: True,
    memory=SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
    runtime=SimpleNamespace(
        memGetInfo=lambda: (FREE_BYTES, 2 * FREE_BYTES), getDeviceProperties=lambda device: {"name": b"emulator"},
        deviceGetAttribute=lambda attrib, device: ATTRIBUTES[attrib],
        cudaDevAttrMemoryClockRate=36, cudaDevAttrGlobalMemoryBusWidth=37,
    ),
)  # fmt: skip


@contextlib.contextmanager
def installed(monkeypatch):
    """plaw's backend cupy on this stand-in."""
    import sys

    from plaw.engine.backends import cupy_, device

    module = sys.modules[__name__]
    for user in (cupy_, device):
        monkeypatch.setattr(user, "cp", module)
    caches = (cupy_.problem, device.module)
    for cached in caches:
        cached.cache_clear()
    yield module
    for cached in caches:
        cached.cache_clear()
