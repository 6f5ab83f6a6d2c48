"""Settings and fixtures that several test modules share."""

import gzip
import hashlib

import hypothesis
import numpy as np
import pytest

from plaw.model import data, sources
from plaw.study import sampling

hypothesis.settings.register_profile("plaw", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.register_profile(
    "torture", deadline=None, max_examples=1700, suppress_health_check=list(hypothesis.HealthCheck)
)
hypothesis.settings.load_profile("plaw")


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine with no data but the embedded digits, and no network: the empty folder that serves as its cache."""
    monkeypatch.delenv("PLAW_DATA", raising=False)
    monkeypatch.setenv("PLAW_OFFLINE", "1")
    monkeypatch.setattr(sources, "cache_folder", lambda: tmp_path / "cache")
    for cached in (data._load, sampling.load_digits):
        cached.cache_clear()
    yield tmp_path / "cache"
    for cached in (data._load, sampling.load_digits):
        cached.cache_clear()


@pytest.fixture
def tiny(bare, monkeypatch):
    """The IDX files of a tiny data set that is published under the name "mnist": {file name: bytes}."""
    rng = np.random.default_rng(5)
    files = {}
    for part, file in sources.FILES.items():
        shape = (30, 28, 28) if part.endswith("images") else (30,)
        content = rng.integers(0, 10, shape, dtype=np.uint8)
        lengths = np.array(shape, dtype=">i4").tobytes()
        files[file] = bytes([0, 0, 8, len(shape)]) + lengths + content.tobytes()
    sha256 = {part: hashlib.sha256(files[file]).hexdigest() for part, file in sources.FILES.items()}
    monkeypatch.setitem(sources.SOURCES, "mnist", sources.Source(mirrors=(), sha256=sha256))
    return files


@pytest.fixture
def tiny_folder(tiny, monkeypatch, tmp_path):
    """A folder with the tiny data set, gzipped, to which PLAW_DATA points."""
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    for file, content in tiny.items():
        (folder / f"{file}.gz").write_bytes(gzip.compress(content))
    monkeypatch.setenv("PLAW_DATA", str(tmp_path / "data"))
    return folder
