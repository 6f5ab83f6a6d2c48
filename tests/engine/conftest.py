"""Fixtures that several tests of the engine share."""

import shutil

import pytest

from helpers.cuda_on_cpu import standin
from plaw.engine.backends import cupy_, device

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="the emulator of CUDA needs g++")


@pytest.fixture(params=[pytest.param("emulator", marks=needs_compiler), pytest.param("gpu", marks=pytest.mark.gpu)])
def cp(request, monkeypatch):
    """CuPy, on this machine's GPU, or the stand-in."""
    if request.param == "gpu":
        if cupy_.problem():
            pytest.skip(cupy_.problem())
        yield device.cp
    else:
        with standin.installed(monkeypatch) as module:
            yield module
