"""Versions and the processor's name, as records hold them."""

import builtins
import importlib.metadata
import platform

from plaw import environment


def test_versions_name_python_plaw_and_its_packages():
    versions = environment.versions()
    assert versions["python"].startswith("3.") and versions["numpy"] and versions["plaw"]


def test_cupy_has_the_version_of_whichever_package_brought_it(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "packages_distributions", lambda: {"cupy": ["cupy-cuda99x"]})
    monkeypatch.setattr(importlib.metadata, "version", lambda name: f"version of {name}")
    assert environment.versions()["cupy"] == "version of cupy-cuda99x"
    monkeypatch.setattr(importlib.metadata, "packages_distributions", dict)
    assert environment.versions()["cupy"] is None


def test_a_package_that_is_not_installed_has_no_version():
    assert environment._version("no-such-package-as-this") is None


def test_where_the_kernel_does_not_name_the_processor_python_does(monkeypatch):
    def fail(*_):
        raise OSError

    monkeypatch.setattr(builtins, "open", fail)
    assert environment.processor.__wrapped__() == (platform.processor() or platform.machine())
