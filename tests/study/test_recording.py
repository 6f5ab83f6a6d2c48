"""Searching and recording: complete, resumable, independent of jobs and of interruptions."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from helpers.sharing import records as everything
from helpers.tiny import COMMITTEE, POINTS, TINY, tiny_digits
from plaw.errors import PlawError
from plaw.study import recording, search, store
from plaw.study.experiments import EXPERIMENTS


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    for experiment in (TINY, COMMITTEE):
        monkeypatch.setitem(EXPERIMENTS, experiment.id, experiment)


@pytest.fixture(scope="module")
def digits():
    return tiny_digits()


@pytest.fixture(scope="module")
def complete(tmp_path_factory, digits):
    """A recording in one go, with one job."""
    folder = tmp_path_factory.mktemp("complete")
    EXPERIMENTS.update({TINY.id: TINY, COMMITTEE.id: COMMITTEE})
    recording.record(POINTS, None, digits, folder, jobs=1)
    for experiment in (TINY, COMMITTEE):
        del EXPERIMENTS[experiment.id]
    return folder


def test_every_point_gets_its_samples(complete):
    points = {e["id"]: e["points"] for e in recording.status(complete)}
    assert [(p["n"], p["samples"], p["wanted"], p["tuned"]) for p in points["tiny"]] == [
        (2, 3, 3, True),
        (4, 2, 2, True),
    ]
    assert [(p["n"], p["samples"], p["wanted"]) for p in points["tiny-committee"]] == [(2, 2, 2)]


def test_searches_come_after_those_that_they_need(tmp_path):
    fast, large = EXPERIMENTS["fig1-accelerated"], EXPERIMENTS["large-1"]
    committee = EXPERIMENTS["fig1-committee"]
    points = [recording.Point(fast, 15), recording.Point(committee, 9), recording.Point(large, 960)]
    by_momentum, by_size = recording._chains(points, tmp_path)
    assert [experiment.id for experiment in by_momentum] == ["fig1-momentum", "fig1-accelerated"]
    assert [experiment.id for experiment in by_size] == ["fig3-1", "large-1"]


@pytest.mark.slow
def test_the_number_of_jobs_changes_nothing(complete, tmp_path, digits):
    recording.record(POINTS, None, digits, tmp_path, jobs=3)
    assert everything(tmp_path) == everything(complete)


def test_a_second_call_does_nothing(complete, digits):
    before = everything(complete)
    recording.record(POINTS, None, digits, complete, jobs=2)
    assert everything(complete) == before


def test_more_samples_are_added_to_those_there(complete, tmp_path, digits):
    for experiment in (TINY, COMMITTEE):
        (tmp_path / f"{experiment.id}.jsonl").write_bytes(store.path(complete, experiment.id).read_bytes())
    recording.record(POINTS[:1], 5, digits, tmp_path, jobs=1)
    samples = [r["sample"] for r in store.read(tmp_path, "tiny", "network") if r["n"] == 2]
    assert sorted(samples) == [0, 1, 2, 3, 4]


TINY_SCRIPT = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from helpers import tiny
from plaw.study import recording, sampling
from plaw.study.experiments import EXPERIMENTS
EXPERIMENTS.update({e.id: e for e in (tiny.TINY, tiny.COMMITTEE)})
"""
BY_LIBRARY = """
points = [recording.Point(tiny.TINY, 2), recording.Point(tiny.TINY, 4), recording.Point(tiny.COMMITTEE, 2)]
try:
    recording.record(points, None, tiny.tiny_digits(), Path(sys.argv[2]), jobs=2)
except KeyboardInterrupt:
    sys.exit("the interrupt was passed on")
"""
BY_COMMAND = """
from plaw.cli import main
digits = tiny.tiny_digits()
sampling.load_digits = lambda name: digits
main(["run", "tiny", "tiny-committee", "--jobs", "2", "--results", sys.argv[2]])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "end", "status", "said"),
    [
        (BY_LIBRARY, signal.SIGKILL, -signal.SIGKILL, ""),
        (BY_LIBRARY, signal.SIGINT, 1, "the interrupt was passed on"),
        (BY_COMMAND, signal.SIGINT, 130, "the same command goes on from here"),
    ],
    ids=["killed", "interrupted library", "interrupted command"],
)
def test_ended_at_any_moment_it_goes_on(complete, tmp_path, digits, script, end, status, said):
    """Ended after each of some records, torn line and all, the recording ends as if never interrupted."""
    command = [sys.executable, "-c", TINY_SCRIPT + script, str(Path(__file__).parents[1]), str(tmp_path)]
    for lines in (3, 17):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=dict(os.environ))
        enough = max(lines, len(everything(tmp_path)) + 1)  # no signal before it has begun
        while process.poll() is None and len(everything(tmp_path)) < enough:
            time.sleep(0.005)
        process.send_signal(end)
        message = process.communicate()[1].decode()
        if len(everything(tmp_path)) == len(everything(complete)):
            break  # it had done all before the signal came
        assert process.returncode == status, message
        assert said in message and "Traceback" not in message
        with open(tmp_path / "tiny.jsonl", "ab") as file:
            file.write(b'{"kind": "tri')
    recording.record(POINTS, None, digits, tmp_path, jobs=2)
    assert everything(tmp_path) == everything(complete)


@pytest.fixture
def interruptible():
    """A background job of a shell ignores SIGINT, and the tests may run in one."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_search_that_an_interrupt_overtakes_records_nothing_more(digits, tmp_path, monkeypatch, interruptible):
    """Its thread cannot be interrupted, but its trials are dropped: the same call again repeats them."""
    resumed, evaluate = threading.Event(), search.Search._errors

    def slow(self, *arguments):
        if len(self.trials()) == 2:
            os.kill(os.getpid(), signal.SIGINT)
            resumed.wait(60)
        return evaluate(self, *arguments)

    monkeypatch.setattr(search.Search, "_errors", slow)
    with pytest.raises(KeyboardInterrupt):
        recording.record(POINTS[:1], None, digits, tmp_path, jobs=1)
    monkeypatch.setattr(search.Search, "_errors", evaluate)
    resumed.set()
    for thread in threading.enumerate():
        if thread.name.startswith("ThreadPoolExecutor"):
            thread.join(60)
    interrupted = len(store.read(tmp_path, "tiny", "trial"))
    recording.record(POINTS[:1], None, digits, tmp_path, jobs=1)
    trials = store.read(tmp_path, "tiny", "trial")
    assert interrupted == 2 and [t["number"] for t in trials if t["n"] == 2] == list(range(12))


def test_the_status_reads_each_record_once(tmp_path, monkeypatch):
    for name in EXPERIMENTS:
        store.append(tmp_path, name, {"kind": "network", "n": 30, "sample": 0, "error": 0.2})
    parsed, parse = [], store.parse
    monkeypatch.setattr(store, "parse", lambda line: parsed.append(line) or parse(line))
    recording.status(tmp_path)
    assert len(parsed) == len(EXPERIMENTS)


def test_rounds_are_balanced(digits, tmp_path):
    tasks = recording._missing(POINTS[:2], None, tmp_path)
    assert [(point.n, sample) for point, sample in tasks] == [(2, 0), (4, 0), (2, 1), (2, 2), (4, 1)]


def test_the_embedded_digits_are_refused(tmp_path, digits):
    with pytest.raises(PlawError, match="plaw fetch mnist"):
        recording.record(POINTS, None, replace(digits, name="mnist-digits"), tmp_path, jobs=1)


def test_a_size_of_no_experiment_is_refused():
    with pytest.raises(PlawError, match=r"No experiment asked for has 7 .* among 2, 4"):
        recording.choose_points([TINY], [7])


def test_chosen_is_none_before_the_search(tmp_path):
    assert search.chosen(tmp_path, TINY, 2) is None
