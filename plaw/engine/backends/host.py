"""What the backends on a CPU have in common: its memory, its name, the costs of one core."""

import os
from collections.abc import Callable

import numpy as np
import psutil

from plaw.engine.costs import CORE, Costs
from plaw.environment import processor as device_name

__all__ = ["DTYPES", "GRAM_SHARE", "ON_GPU", "concurrent_trainings", "copier", "costs", "device_name",
           "free_bytes", "has_device", "problem"]  # fmt: skip

DTYPES: tuple[str, ...] = ("float32", "float64")
ON_GPU = False
GRAM_SHARE = 0.4  # of the free memory, for Gram matrices


def problem() -> str | None:
    """A CPU is always there."""
    return None


def has_device() -> bool:
    """As in plaw.engine.backends.protocol.Backend."""
    return True


def costs() -> Costs:
    """What the engines cost on one core, in seconds."""
    return CORE


def free_bytes() -> int:
    """The machine's available memory."""
    return psutil.virtual_memory().available


def concurrent_trainings() -> int:
    """One a core."""
    return os.cpu_count() or 1


def copier(nbytes: int) -> Callable[[int], None]:
    """A function that copies so many bytes within the memory, so many times."""
    source, target = (np.zeros(nbytes // 4, np.float32) for _ in range(2))

    def copy(times: int) -> None:
        for _ in range(times):
            target[...] = source

    return copy
