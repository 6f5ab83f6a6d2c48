"""Backends: the same few functions, on different machines.

Each module offers NAME, is_available() and

    train_direct(state, images, labels, order)       on-line training with the weights themselves, in place
    train_dual(state, dual, labels, order)           the momentum rule with the first layer as coefficients (plaw.engine.dual), in place
    outputs(network, images)                         the outputs (R, n, outputs) of trained networks
    gram_matrices(wiring, images)                    as in plaw.engine.dual, where the backend computes
    start_dual(network, images, gram)                likewise: what train_dual takes, with rebuild(network)

`numpy` is the reference, `numba` the fast one on a CPU, `cupy` the one on a GPU, preferred where a GPU works.
"""

import importlib
import os
from types import ModuleType

import numpy as np

from plaw.errors import PlawError

# In the order of preference.
MODULES = {
    "cupy": "plaw.engine.backends.cupy_",
    "numba": "plaw.engine.backends.numba_",
    "numpy": "plaw.engine.backends.numpy_",
}
FLOAT32_ONLY = {"cupy"}


def get(name: str = "auto", dtype=np.float32) -> ModuleType:
    """The backend of that name; "auto": the one $PLAW_BACKEND names, else the first that is available and computes in dtype."""
    if name == "auto":
        name = os.environ.get("PLAW_BACKEND", "auto")
    if name == "auto":
        able = [name for name in MODULES if dtype == np.float32 or name not in FLOAT32_ONLY]
        return next(module for module in map(_import, able) if module.is_available())
    module = _import(name)
    if not module.is_available():
        reason = module.problem() if name == "cupy" else "install plaw anew"
        raise PlawError(f"The backend {name} is not available here: {reason}.")
    return module


def trainings_at_once() -> int:
    """How many trainings side by side keep this machine busy: one a core, or a few streams of a GPU."""
    if get().NAME != "cupy":
        return os.cpu_count()
    from plaw.engine.backends import device

    return device.STREAMS


def available() -> list[str]:
    """Names of the backends that work on this machine, the preferred one first."""
    return [name for name in MODULES if _import(name).is_available()]


def _import(name: str) -> ModuleType:
    if name not in MODULES:
        raise PlawError(f"There is no backend {name!r}: choose one of {', '.join(MODULES)}, or auto.")
    return importlib.import_module(MODULES[name])
