"""Inputs that are damaged at random: one sentence, never a traceback.

A few of each kind here; `make torture` tries thousands of each. None may take two seconds of the processor.
"""

import functools
import gzip
import hashlib
import io
import json
import math
import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from helpers.chapters import ROOT
from helpers.planner import ASK, DEFAULTS, SCRIPTS
from plaw.cli import main
from plaw.curves.planning import estimate
from plaw.curves.reading import read_curves
from plaw.errors import PlawError
from plaw.model import sources
from plaw.report import provenance
from plaw.study import recording, results, store

# --- damage ----------------------------------------------------------------------------------------------------------


MOST_SECONDS, MOST_MEGABYTES = 2, 500


@contextmanager
def promptly():
    """What is done within takes less than two seconds of the processor: a clock would also count what others do."""
    begin = time.process_time()
    yield
    assert time.process_time() - begin < MOST_SECONDS


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


# --- tables ----------------------------------------------------------------------------------------------------------

TABLES = [
    "n,error\n9,0.217\n15,0.168\n30,0.119\n60,0.084\n",
    "n;error\n9;0,217\n15;0,168\n30;0,119\n60;0,084\n120;0,06\n",
    "Train size\tTest error\tstd\truns\n1.000\t21,7%\t2%\t5\n2.000\t16,8%\t1%\t5\n4.000\t11,9%\t1%\t5\n",
    "seed n accuracy\n1 10 0.70\n2 10 0.72\n1 20 0.79\n2 20 0.81\n1 40 0.85\n2 40 0.86\n1 80 0.90\n2 80 0.91\n",
    "| n | error | se |\n|---|---|---|\n| 1k | 0.30 | 0.01 |\n| 2k | 0.22 | 0.01 |\n| 4k | 0.16 | 0.008 |\n",
    'sep=;\r\n# of a spreadsheet\r\n"n";"loss"\r\n"1,000";"3.1"\r\n"10,000";"2.4"\r\n"100,000";"2.0"\r\n',
    "method,n,error\na,10,0.30\nb,10,0.4\na,20,0.2\nb,20,0.30\na,40,0.15\nb,40,0.2\n",
]  # fmt: skip
TABLES_AS_BYTES = [*(table.encode() for table in TABLES), ("\ufeff" + TABLES[0]).encode("utf-16-le")]
OPTIONS = st.sampled_from([[], ["--at", "10,1e4"], ["--group", "method"], ["--level", "0.5"], ["--test-size", "1000"]])
TARGETS = st.sampled_from(["0.05", "2%", "97%", "1e-9", "nan", "", "3", "-1", "1e999"])
LAWS = st.sampled_from(["power"] * 7 + ["auto"])  # an average over laws takes twenty times as long


@pytest.mark.filterwarnings("default")  # as for users
@given(st.sampled_from(TABLES_AS_BYTES).flatmap(damaged), TARGETS, LAWS, OPTIONS)
@promptly()
def test_damaged_tables(content, target, law, options):
    command = ["estimate", "-", "--json", "--target", target, "--law", law, *options]
    result = CliRunner().invoke(main, command, content)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    if result.exit_code:
        assert result.exit_code == 1 and result.stderr.splitlines()[-1].startswith("plaw: "), result.stderr
        return
    answer = json.loads(result.stdout, parse_constant=pytest.fail)
    for one in answer["curves"] if "curves" in answer else [answer]:
        ends = [one["low"], one["n"], one["high"]]
        known = [end for end in ends if end is not None]
        assert known == sorted(known) and all(end >= 0 for end in known), ends


@given(st.sampled_from(TABLES_AS_BYTES).flatmap(damaged), st.floats(0.001, 0.2), LAWS)
def test_damaged_answers(content, share, law):
    """What is read of a damaged table is answered sanely.

    The order of the rows does not matter, the unit of the sizes goes through, and a lower error needs more.
    """
    try:
        for curve in read_curves(io.BytesIO(content)):
            mean = [float(np.mean(errors)) for errors in curve.errors]
            check_sanity(curve, min(mean) * (1 - share), min(mean) * (1 - 2 * share), law)
    except PlawError:
        return


def check_sanity(curve, error, lower_error, law):
    def size(curve, error):
        with promptly():
            return estimate(curve, target=curve.metric.flip(error), law=law).size

    given, rows = size(curve, error), slice(None, None, -1)
    yerr = None if curve.yerr is None else curve.yerr[rows]
    backwards = size(replace(curve, x=curve.x[rows], y=curve.y[rows], yerr=yerr, shared=None), error)
    thousandfold = size(replace(curve, x=1000 * curve.x, shared=None), error)
    more = size(curve, lower_error)
    for place in ("low", "value", "high"):
        assert near(getattr(backwards, place), getattr(given, place)), place
        assert near(getattr(thousandfold, place), 1000 * getattr(given, place)), place
    assert not more.value < given.value * (1 - 1e-6)


def near(value, expected):
    return math.isclose(value, expected, rel_tol=1e-3) or (math.isnan(value) and math.isnan(expected))


# --- the planner's text box ------------------------------------------------------------------------------------------


@functools.cache
def page():
    """node, with the planner of the book: a line with a question in, a line with the answer out."""
    node = shutil.which("node")
    if not node:
        pytest.skip("node is not installed")
    scripts = [ROOT / "book" / "_static" / "planner" / f"{script}.js" for script in SCRIPTS]
    command = [node, ROOT / "tests/helpers/planner_lines.mjs", ASK, *scripts]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask_the_page(text, options):
    process = page()
    process.stdin.write(json.dumps([text, options]) + "\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    assert answer["seconds"] < MOST_SECONDS and answer["megabytes"] < MOST_MEGABYTES
    return answer["answer"]


# What a text box gives is text.
TEXTS = st.sampled_from(TABLES_AS_BYTES).flatmap(damaged).map(lambda content: content.decode("utf-8", "replace"))


@given(TEXTS, st.sampled_from([0.05, 0.02, 1e-9, 3.0, -1.0, 1e308]), LAWS, st.sampled_from([None, 0, 1000]))
def test_damaged_planner(text, target, law, test_size):
    options = {**DEFAULTS, "target": target, "law": law, "at": [240], "advise": False}
    if test_size is not None:
        options["test_size"] = test_size
    answer = ask_the_page(text, options)
    if "refusal" in answer:
        assert answer["refusal"].endswith(".") and "\n" not in answer["refusal"].strip()
        return
    size = answer["size"]
    known = [size[name] for name in ("low", "n", "high") if not math.isnan(size[name])]
    assert known == sorted(known) and all(n >= 0 for n in known), size
    if not math.isnan(size["n"]):
        less = ask_the_page(text, {**options, "target": 0.9 * target})
        assert less["size"]["n"] >= size["n"] * (1 - 1e-6), "a lower error needs more"


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
@promptly()
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
@promptly()
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
@promptly()
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
