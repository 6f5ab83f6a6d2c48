"""What `import plaw` offers, to people, to completion and to type checkers."""

import subprocess
import sys
from importlib import import_module
from inspect import isfunction
from pathlib import Path

import pytest

import plaw
import plaw.curves

PROMISED = {
    "LAWS", "Fit", "Law", "PlawError", "__version__",
    "compare_curves", "compare_laws", "crossing", "estimate", "fit_law",
}  # fmt: skip


def test_the_public_names_are_there_and_shown():
    assert set(plaw.__all__) == PROMISED <= set(dir(plaw))
    for name in PROMISED - {"__version__", "PlawError"}:
        assert getattr(plaw, name) is getattr(plaw.curves, name)
    assert (Path(plaw.__file__).parent / "py.typed").exists()


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'plaw' has no attribute 'compare'"):
        _ = plaw.compare


def test_import_plaw_leaves_the_slow_packages_alone():
    program = (
        "import sys, plaw; print([name for name in ('numpy', 'scipy', 'matplotlib', 'numba') if name in sys.modules])"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "[]"


def test_every_public_function_has_an_example():
    for name in plaw.curves.__all__:
        thing = getattr(plaw.curves, name)
        if isfunction(thing) or name in ("Fit", "Interval", "Law"):
            assert ">>> " in thing.__doc__, name


def test_the_names_of_the_wing_are_those_of_its_modules():
    for name in plaw.curves.__all__:
        thing = getattr(plaw.curves, name)
        if callable(thing):
            assert thing.__module__.startswith("plaw.curves.")
            assert getattr(import_module(thing.__module__), name) is thing
