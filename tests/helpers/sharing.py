"""Processes that record into one folder, and what they recorded."""

import json
import os
import subprocess
import sys
from pathlib import Path

from helpers.tiny import EXPERIMENTS_OF_TESTS
from plaw.study import store

TESTS = Path(__file__).parents[1]
OF_ONE_RUN = ("seconds", "date")
RUN = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from helpers import tiny
from plaw.study import recording
from plaw.study.experiments import EXPERIMENTS
EXPERIMENTS.update(tiny.EXPERIMENTS_OF_TESTS)
digits = tiny.tiny_digits()
if most_bytes := int(sys.argv[3]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))  # as a disk that is full
print("ready", flush=True)
sys.stdin.readline()
recording.record(tiny.POINTS, None, digits, Path(sys.argv[2]), jobs=1)
"""


def records(folder):
    """All records without times, in an order that does not depend on who wrote first."""
    every = [
        {key: value for key, value in record.items() if key not in OF_ONE_RUN}
        for name in EXPERIMENTS_OF_TESTS
        for record in store.read(folder, name)
    ]
    return sorted(every, key=lambda record: json.dumps(record, sort_keys=True))


def start(folder, most_bytes=0):
    """A process that waits for a line on its input before it records: starting Python takes longer than recording.

    most_bytes: how long its files may be, 0: as long as they are."""
    command = [sys.executable, "-c", RUN, str(TESTS), str(folder), str(most_bytes)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, **pipes, env=dict(os.environ))


def begin(processes):
    """Let processes record, all at the same moment."""
    for process in processes:
        assert process.stdout.readline() == b"ready\n", process.stderr.read().decode()
    for process in processes:
        process.stdin.write(b"go\n")
        process.stdin.flush()


def end(process):
    """Wait for a process, which has to succeed."""
    said = process.communicate(timeout=300)[1].decode()
    assert process.returncode == 0, said
