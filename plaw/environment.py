"""What computes here: the processor, the versions of what matters to a result, the licences of what is installed."""

import importlib
import importlib.metadata
import platform
import re
from functools import cache

PACKAGES = ("numpy", "scipy", "numba", "scikit-learn", "joblib", "matplotlib", "mlxtend")
APPROVED = "License :: OSI Approved :: "
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


def licences() -> dict[str, tuple[str, str]]:
    """Of plaw and of every package that it needs, directly or not, and that is installed: version and licence.

    Packages of extras count where they are installed.

    Examples
    --------
    >>> licences()["numpy"][1][:3]
    'BSD'
    """
    found: dict[str, tuple[str, str]] = {}
    names = ["plaw"]
    while names:
        name = re.sub(r"[-_.]+", "-", names.pop()).lower()
        if name not in found and _version(name):
            metadata = importlib.metadata.metadata(name)
            found[name] = metadata["Version"], _licence(metadata)
            requirements = importlib.metadata.requires(name) or []
            names += [match.group() for text in requirements if (match := re.match(r"[\w.-]+", text))]
    return dict(sorted(found.items()))


def _licence(metadata: importlib.metadata.PackageMetadata) -> str:
    """The expression that a package states; else its classifiers; else the first line of its text."""
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    classified = [text.removeprefix(APPROVED) for text in metadata.get_all("Classifier", []) if APPROVED in text]
    stated = (metadata["License"] if "License" in metadata else "").strip()
    return ", ".join(classified) or stated.split("\n")[0] or "not stated"


def _cupy_version() -> str | None:
    distributions = importlib.metadata.packages_distributions().get("cupy", [])
    return next((version for name in distributions if (version := _version(name))), None)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
