"""plaw: power-law scaling of test errors with the size of the training set."""

__version__ = "0.1.0"

_LAZY = {
    "fit_law": "plaw.curves.fitting",
    "Fit": "plaw.curves.fitting",
    "compare": "plaw.curves.comparison",
    "crossing": "plaw.curves.comparison",
}


def __getattr__(name: str):
    """Import the fitting only when it is used: SciPy takes its time."""
    if name not in _LAZY:
        raise AttributeError(f"module 'plaw' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)


def backend(name: str = "auto"):
    """The module that trains: "cupy", "numba", "numpy", or "auto", what $PLAW_BACKEND names or else the fastest that works here.

    PlawError, with the reason, for one that does not work here.
    """
    from plaw.engine.backends import get

    return get(name)
