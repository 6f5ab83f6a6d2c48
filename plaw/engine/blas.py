"""Products of matrices on one core."""

from contextlib import AbstractContextManager
from functools import cache

import numpy as np  # noqa: F401  its BLAS has to be loaded before it is looked for
from threadpoolctl import ThreadpoolController


def on_one_core() -> AbstractContextManager:
    """While it lasts, BLAS keeps to one thread.

    How a product rounds depends on how BLAS splits it among cores: so the same seed gives the same result.

    Examples
    --------
    >>> with on_one_core():
    ...     pass
    """
    return _controller().limit(limits=1, user_api="blas")


@cache
def _controller() -> ThreadpoolController:
    """That of the libraries of this process, NumPy's among them: to look for them takes as long as a training."""
    return ThreadpoolController()
