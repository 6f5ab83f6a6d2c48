"""What computes here: the processor, and the versions of what matters to a result."""

import importlib
import importlib.metadata
import platform
from functools import cache

PACKAGES = ("numpy", "scipy", "numba", "scikit-learn", "joblib", "matplotlib", "mlxtend")
WIDTH = 140  # columns of a printed table where no terminal sets them


@cache
def processor() -> str:
    """The name of this machine's processor."""
    try:
        with open("/proc/cpuinfo") as info:
            return next(line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def versions() -> dict[str, str | None]:
    """Versions of Python, plaw and the packages that matter to its results; None for one that is not installed.

    CuPy is installed as cupy-cuda12x, cupy-cuda13x, ..., whichever fits the driver, or as cupy, built from its source.
    """
    plaw = importlib.import_module("plaw").__version__  # no import statement: the package's face leads to every wing
    packages = {name: _version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "plaw": plaw, **packages, "cupy": _cupy_version()}


def _cupy_version() -> str | None:
    distributions = importlib.metadata.packages_distributions().get("cupy", [])
    return next((version for name in distributions if (version := _version(name))), None)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
