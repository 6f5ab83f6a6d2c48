"""Several processes, one folder: each record once, the same records as from one process, whoever is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers.tiny import COMMITTEE, EXPERIMENTS_OF_TESTS, POINTS, tiny_digits
from plaw.study import recording, store
from plaw.study.experiments import EXPERIMENTS

RUN = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from helpers import tiny
from plaw.study import recording
from plaw.study.experiments import EXPERIMENTS
EXPERIMENTS.update(tiny.EXPERIMENTS_OF_TESTS)
digits = tiny.tiny_digits()
print("ready", flush=True)
sys.stdin.readline()
recording.record(tiny.POINTS, None, digits, Path(sys.argv[2]), jobs=int(sys.argv[3]))
"""
OF_ONE_RUN = ("seconds", "date")


def records(folder):
    """All records without times, in an order that does not depend on who wrote first."""
    every = [
        {key: value for key, value in record.items() if key not in OF_ONE_RUN}
        for name in EXPERIMENTS_OF_TESTS
        for record in store.read(folder, name)
    ]
    return sorted(every, key=lambda record: json.dumps(record, sort_keys=True))


def start(folder, jobs=1):
    """A process that waits for a line on its input before it records: starting Python takes longer than recording."""
    command = [sys.executable, "-c", RUN, str(Path(__file__).parents[1]), str(folder), str(jobs)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, **pipes, env=dict(os.environ))


def begin(processes):
    for process in processes:
        assert process.stdout.readline() == b"ready\n", process.stderr.read().decode()
    for process in processes:
        process.stdin.write(b"go\n")
        process.stdin.flush()


def end(process):
    said = process.communicate(timeout=120)[1].decode()
    assert process.returncode == 0, said


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What one process records."""
    folder = tmp_path_factory.mktemp("alone")
    with pytest.MonkeyPatch.context() as patch:
        for name, experiment in EXPERIMENTS_OF_TESTS.items():
            patch.setitem(EXPERIMENTS, name, experiment)
        recording.record(POINTS, None, tiny_digits(), folder, jobs=1)
    return records(folder)


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 3])
def test_processes_that_share_a_folder_record_what_one_would(alone, tmp_path, count):
    processes = [start(tmp_path) for _ in range(count)]
    begin(processes)
    for process in processes:
        end(process)
    assert records(tmp_path) == alone
    assert COMMITTEE.id in EXPERIMENTS_OF_TESTS


@pytest.mark.slow
@pytest.mark.parametrize("lines", [3, 20])
def test_what_a_killed_process_had_begun_another_does(alone, tmp_path, lines):
    victim, other = start(tmp_path), start(tmp_path)
    begin([victim, other])
    while len(records(tmp_path)) < lines:
        time.sleep(0.005)
    victim.send_signal(signal.SIGKILL)
    end(other)
    victim.communicate()
    assert records(tmp_path) == alone
