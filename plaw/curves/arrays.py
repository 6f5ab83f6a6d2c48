"""The types of the arrays that this package passes around."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

Residuals = Callable[[FloatArray, IntArray], FloatArray]
"""residuals(theta (k, p), rows (k,)) -> (k, m); rows says which problem each row of theta belongs to."""

NOT_NUMBERS = (TypeError, ValueError, OverflowError, RuntimeError)
"""What `numpy.asarray(thing, float)` raises; the last by tensors that carry a gradient."""


def read_only(array: FloatArray) -> FloatArray:
    """The same array, no longer to be written to."""
    array.flags.writeable = False
    return array
