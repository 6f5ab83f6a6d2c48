"""Backends: the same few functions on different machines (plaw.engine.backends.protocol.Backend).

`numpy` is the reference, `numba` the fast one on a CPU, `cupy` the one on a GPU, preferred where a GPU works.
A module is imported when it is asked for, and not before: the reference needs no compiler, and a CPU no CuPy.
"""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from plaw.errors import PlawError

if TYPE_CHECKING:
    from plaw.engine.backends.protocol import Backend


def _cupy() -> "Backend":
    from plaw.engine.backends import cupy_

    return cupy_


def _numba() -> "Backend":
    from plaw.engine.backends import numba_

    return numba_


def _numpy() -> "Backend":
    from plaw.engine.backends import numpy_

    return numpy_


# In the order of preference.
BACKENDS: dict[str, Callable[[], "Backend"]] = {"cupy": _cupy, "numba": _numba, "numpy": _numpy}


def get(name: str = "auto", dtype=np.float32) -> "Backend":
    """The backend of that name; "auto": the one $PLAW_BACKEND names, else the first that works here and computes in
    dtype.

    Raises PlawError for an unknown backend, and for one that does not work here.
    """
    if name == "auto":
        name = os.environ.get("PLAW_BACKEND", "auto")
    if name == "auto":
        return _preferred(np.dtype(dtype).name)
    backend = load(name)
    problem = backend.problem()
    if problem:
        raise PlawError(f"The backend {name} is not available here: {problem}.")
    return backend


def load(name: str) -> "Backend":
    """The backend of that name, whether it works here or not."""
    if name not in BACKENDS:
        raise PlawError(f"There is no backend {name!r}: choose one of {', '.join(BACKENDS)}, or auto.")
    return BACKENDS[name]()


def available() -> list[str]:
    """Names of the backends that work on this machine, the preferred one first."""
    return [name for name in BACKENDS if load(name).problem() is None]


def trainings_at_once() -> int:
    """How many trainings side by side keep this machine busy: one a core, or a few streams of a GPU."""
    return get().concurrent_trainings()


def _preferred(dtype: str) -> "Backend":
    for backend in map(load, BACKENDS):
        if dtype in backend.DTYPES and backend.problem() is None:
            return backend
    raise PlawError(f"No backend here computes in {dtype}: choose float32 or float64.")
