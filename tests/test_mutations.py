"""Inputs that are damaged at random: one sentence, never a traceback.

A few of each kind here; `make torture` tries 10,000 and more, none of which may take two seconds.
"""

import gzip
import hashlib
import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from plaw.cli import main
from plaw.errors import PlawError
from plaw.model import sources
from plaw.report import provenance
from plaw.study import recording, results, store

# --- damage ----------------------------------------------------------------------------------------------------------


@st.composite
def damaged(draw, content: bytes):
    """Content with a few pieces of it overwritten, left out, repeated, or with others put in."""
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(content)))
        end = min(len(content), begin + draw(st.integers(0, 12)))
        piece = draw(st.binary(max_size=8) | st.sampled_from([b"-", b"9" * 30, b"1e999", b"null", b"[[", b"\n", b'"']))
        kind = draw(st.sampled_from(["replace", "leave out", "insert", "repeat", "cut"]))
        content = {
            "replace": content[:begin] + piece + content[end:],
            "leave out": content[:begin] + content[end:],
            "insert": content[:begin] + piece + content[begin:],
            "repeat": content[:end] + content[begin:end] + content[end:],
            "cut": content[:begin],
        }[kind]
    return content


@st.composite
def misshapen(draw, record: dict):
    """A record in which one value is of another kind, or missing."""
    changed, place = json.loads(json.dumps(record)), None
    place = changed
    while True:
        key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else list(range(len(place)))))
        deeper = isinstance(place[key], dict | list) and place[key] and draw(st.booleans())
        if not deeper:
            break
        place = place[key]
    if isinstance(place, dict) and draw(st.booleans()):
        del place[key]
    else:
        numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
        place[key] = draw(st.none() | st.booleans() | numbers | st.text(max_size=5) | st.just([]) | st.just({}))
    return json.dumps(changed).encode()


# --- records ---------------------------------------------------------------------------------------------------------

PARAMETERS = {"mu": 0.93, "alpha": 1.2e-05, "rate": 0.0047, "amp_1": 1.3}
RECORDS = [
    {"kind": "trial", "n": 30, "round": 0, "number": 4, "group": 0, "parameters": PARAMETERS, "errors": [0.3, 0.34]},
    {"kind": "choice", "n": 30, "parameters": PARAMETERS, "error": 0.2, "trials": 1, "edges": ["mu"],
     "candidates": [{"source": "trial", "parameters": PARAMETERS, "errors": [0.2], "predicted": 0.2}]},
    {"kind": "network", "n": 30, "sample": 0, "error": 0.21, "errors": {"1": 0.21}, "epochs": 1, "committee": 1,
     "seed": [1, 2, 30, 0], "engine": "direct", "backend": "numba", "version": "0.1.0", "seconds": 0.1,
     "date": "2026-01-01T00:00:00+00:00", "processor": "a processor"},
]  # fmt: skip
LINES = [json.dumps(record).encode() for record in RECORDS]


@given(st.sampled_from(LINES).flatmap(damaged) | st.sampled_from(RECORDS).flatmap(misshapen))
def test_damaged_records(line):
    with TemporaryDirectory() as name:
        folder = Path(name)
        store.path(folder, "fig3-1").write_bytes(b"\n".join([*LINES, line, b""]))
        try:
            point = next(of["points"][0] for of in recording.status(folder) if of["id"] == "fig3-1")
            errors = results.errors("fig3-1", folder)
            results.by_epoch("fig3-1", folder)
            results.strategy("fig3-1", 30, folder)
            results.best_so_far(results.trials("fig3-1", 30, folder))
            provenance.markdown(folder)
        except PlawError as error:
            assert len(str(error).splitlines()) == 1
            return
        assert point["samples"] in (1, 2) and all(((of >= 0) & (of <= 1)).all() for of in errors.values())


# --- data files ------------------------------------------------------------------------------------------------------

LABELS = bytes([0, 0, 8, 1, 0, 0, 0, 30, *range(30)])


@given(damaged(gzip.compress(LABELS, mtime=0)) | damaged(LABELS) | damaged(LABELS).map(gzip.compress))
def test_damaged_data(content):
    intact = hashlib.sha256(LABELS).hexdigest()
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setitem(sources.SOURCES, "mnist", sources.Source((), dict.fromkeys(sources.FILES, intact)))
        for file in sources.FILES.values():
            Path(name, f"{file}.gz").write_bytes(content)
        try:
            arrays = sources.read("mnist", Path(name))
        except PlawError as error:
            assert len(str(error).splitlines()) == 1 and "plaw fetch mnist" in str(error)
        else:
            assert all(array.tolist() == list(range(30)) for array in arrays.values())


# --- arguments -------------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["run", "status", "scoreboard", "doctor", "fetch", "fig3", "fig3-1", "fig3-1/*", "[", "--sizes", "30,60", "--jobs",
     "--samples", "--part", "2/3", "0/0", "--cluster", "local:0", "tcp:", "--results", "--json", "--markdown", "nan",
     "-1", "1e400", "9" * 40, "", "\0", "é"]
) | st.text(max_size=4)  # fmt: skip
COMMANDS = st.sampled_from(["run", "status", "scoreboard", "--version", "--help"])


@given(COMMANDS, st.lists(WORDS, max_size=5))
def test_damaged_arguments(command, words):
    """On a machine without data, so that nothing is trained, and in an empty folder."""
    before = Path.cwd()
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        for variable in ("PLAW_DATA", "PLAW_RESULTS"):
            patch.delenv(variable, raising=False)
        patch.setenv("PLAW_OFFLINE", "1")
        patch.setenv("XDG_CACHE_HOME", name)
        patch.setattr(store, "__file__", os.path.join(name, "site-packages/plaw/study/store.py"))
        os.chdir(name)
        try:
            result = CliRunner().invoke(main, [command, *words])
        finally:
            os.chdir(before)
    assert result.exit_code in (0, 1, 2), result.exception
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
