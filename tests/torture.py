"""The long form of what the suite proves in short: python tests/torture.py [--record FOLDER].

Kills of processes that share a folder, full disks, inputs damaged at random, the same networks computed in several
ways, and how the work speeds up with workers. It takes half an hour of two cores; with --record the figures of the
chapter "Trust" are appended to FOLDER/trust.jsonl.
"""

import argparse
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import llvmlite.binding
import numpy as np
from scipy import stats

from helpers.sharing import TESTS, begin, end, records, start
from helpers.tiny import EXPERIMENTS_OF_TESTS, POINTS, tiny_digits
from plaw.environment import processor, versions
from plaw.study import recording, store
from plaw.study.experiments import EXPERIMENTS

KILLS, FULL_DISKS = 50, 8


def kills(alone: list) -> dict:
    """Processes killed at random moments, one, two or three to a folder; killed ones are replaced until all is done."""
    rng, killed, folders, wrong = random.Random(1), 0, 0, 0
    while killed < KILLS:
        count, folders = 1 + folders % 3, folders + 1
        with TemporaryDirectory() as name:
            folder = Path(name)
            processes = [start(folder) for _ in range(count)]
            begin(processes)
            for _ in range(4):
                enough = len(records(folder)) + rng.randrange(1, 8)
                while len(records(folder)) < min(enough, len(alone)) and any(p.poll() is None for p in processes):
                    time.sleep(0.002)
                victim = processes.pop(rng.randrange(len(processes)))
                victim.send_signal(signal.SIGKILL)
                killed += victim.wait() == -signal.SIGKILL
                victim.communicate()
                processes.append(start(folder))
                begin(processes[-1:])
            for process in processes:
                end(process)
            wrong += records(folder) != alone
    return {"kind": "kills", "kills": killed, "folders": folders, "folders_that_differ": wrong}


def full_disks(alone: list) -> dict:
    """A disk that fills up after some thousand bytes of records, then has room again."""
    wrong = sentences = 0
    for number in range(FULL_DISKS):
        with TemporaryDirectory() as name:
            process = start(Path(name), most_bytes=700 + 900 * number)
            begin([process])
            said = process.communicate()[1].decode()
            sentences += process.returncode == 1 and "cannot be written" in said.strip().splitlines()[-1]
            recording.record(POINTS, None, tiny_digits(), Path(name), jobs=1)
            wrong += records(Path(name)) != alone
    return {"kind": "full disks", "times": FULL_DISKS, "sentences": sentences, "folders_that_differ": wrong}


INPUTS = ("tables", "answers", "planner", "records", "data", "arguments")  # the last word of the tests' names


def damaged_inputs() -> Iterator[dict]:
    """tests/test_mutations.py with 1,700 examples of each kind, none of which may take two seconds."""
    for name in INPUTS:
        command = [sys.executable, "-m", "pytest", "-q", "--hypothesis-profile=torture", "--hypothesis-show-statistics"]
        command.append(f"{TESTS}/test_mutations.py::test_damaged_{name}")
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            sys.exit(result.stdout)
        tried = [int(count) for count in re.findall(r"(\d+) passing", result.stdout)]
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024  # of the largest so far
        yield {"kind": "damaged inputs", "way": name, "tried": sum(tried), "peak_mib": round(peak)}


# --- the same networks, computed in several ways ---------------------------------------------------------------------

TRAIN = """
import json, os, sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
import numba, pytest
from helpers.cuda_on_cpu import standin
from plaw.engine.training import outputs
from plaw.study import results, search
from plaw.study.experiments import get
from plaw.study.sampling import Purpose, load_digits
folder, name, n, samples, workers = Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:])
experiment, digits = get(name), load_digits()
task = (experiment, digits, Purpose.CONFIRM, n, [results.strategy(name, n, folder)], experiment.epochs)
with ExitStack() as stack:
    if os.environ["PLAW_BACKEND"] == "cupy":  # its kernels on this processor train, and NumPy evaluates
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        stack.enter_context(standin.installed(patch))
        patch.setattr(search, "outputs", lambda network, images: outputs(network, images, backend="numpy"))
    pool = stack.enter_context(ThreadPoolExecutor(workers, initializer=numba.set_num_threads, initargs=(1,)))
    print(json.dumps(list(pool.map(lambda sample: search._train_together(*task, sample)[0], range(samples)))))
"""
REFERENCE, EMULATED = "numba", "emulated kernels"
NETWORKS = [("fig3-1", 30, 100), ("fig3-3", 120, 30), ("fig4-1", 15, 20)]  # of one epoch, and of 150
FEW = {"fig3-1": 20, "fig3-3": 4, "fig4-1": 2}  # samples for the emulator, which takes up to five minutes for each


def without_avx512() -> dict[str, str]:
    features = llvmlite.binding.get_host_cpu_features()
    for name in features:
        features[name] = features[name] and not name.startswith("avx512")
    return {"NUMBA_CPU_FEATURES": features.flatten()}


def repeatability(folder: Path) -> Iterator[dict]:
    """Validation errors of the same networks, computed in several ways: how far apart, and whether the differences
    have a mean."""
    ways: dict[str, tuple[int, Mapping[str, str]]] = {
        REFERENCE: (1, {"PLAW_BACKEND": "numba"}),
        "numba again": (1, {"PLAW_BACKEND": "numba"}),
        "numba, two workers": (2, {"PLAW_BACKEND": "numba"}),
        "numba without AVX-512": (1, {"PLAW_BACKEND": "numba"} | without_avx512()),
        "NumPy": (1, {"PLAW_BACKEND": "numpy"}),
        EMULATED: (1, {"PLAW_BACKEND": "cupy"}),
    }
    for name, n, samples in NETWORKS:
        errors = {}
        for way, (workers, settings) in ways.items():
            count = FEW[name] if way == EMULATED else samples
            command = [sys.executable, "-c", TRAIN, str(folder), name, str(n), str(count), str(workers)]
            environment = os.environ | settings | {"PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path[1:]])}
            said = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout
            errors[way] = np.array(json.loads(said))
        for way in list(ways)[1:]:
            yield {"kind": "repeatability", "experiment": name, "n": n, "way": way} | compared(
                errors[way], errors[REFERENCE][: len(errors[way])]
            )


def compared(errors: np.ndarray, reference: np.ndarray) -> dict:
    """How the errors (samples,) of the same networks differ between two ways."""
    difference = errors - reference
    return {
        "samples": len(errors), "identical": int((difference == 0).sum()), "largest": float(abs(difference).max()),
        "rms": float(np.sqrt((difference**2).mean())), "mean": float(difference.mean()),
        "between_samples": float(reference.std(ddof=1)), "error": float(reference.mean()),
        "p_mean": float(stats.ttest_1samp(difference, 0).pvalue) if difference.any() else 1.0,
        "p_distribution": float(stats.ks_2samp(errors, reference).pvalue),
    }  # fmt: skip


# --- how the work speeds up ------------------------------------------------------------------------------------------

SPEED = """
import sys, time
from pathlib import Path
from contextlib import nullcontext
from plaw.study import recording, store
from plaw.study.cluster import connect
from plaw.study.experiments import get
from plaw.study.sampling import load_digits
point, digits = recording.Point(get("fig3-2"), 120), load_digits()
folder, jobs, cluster = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
with connect(cluster) if cluster else nullcontext() as workers:
    recording.record([point], 2, digits, folder, jobs, cluster=workers)  # compiled, read, connected
    begin = time.perf_counter()
    recording.record([point], 82, digits, folder, jobs, cluster=workers)
    print(time.perf_counter() - begin)
"""


def speeds(folder: Path) -> Iterator[dict]:
    """80 networks of figure 3 by one and two threads, and by one and two processes of Dask; the best of three."""
    choices = store.read(folder, "fig3-2", "choice")
    for way, jobs, cluster in (("threads", 1, ""), ("threads", 2, ""), ("Dask", 1, "local:1"), ("Dask", 2, "local:2")):
        seconds = []
        for _ in range(3):
            with TemporaryDirectory() as name:
                for choice in choices:
                    store.append(Path(name), "fig3-2", choice)
                command = [sys.executable, "-c", SPEED, name, str(jobs), cluster]
                said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
                seconds.append(float(said.split()[-1]))
        rounded = [round(taken, 2) for taken in seconds]
        yield {"kind": "speed", "way": way, "workers": jobs, "networks": 80, "seconds": rounded}


def main() -> None:
    """Everything, one part after the other; status 1 where a folder differed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", type=Path, metavar="FOLDER", help="append the figures to FOLDER/trust.jsonl")
    parser.add_argument("--only", nargs="*", help="inputs, kills, disks, repeatability, speeds", default=())
    asked = parser.parse_args()
    EXPERIMENTS.update(EXPERIMENTS_OF_TESTS)
    with TemporaryDirectory() as name:
        recording.record(POINTS, None, tiny_digits(), Path(name), jobs=1)
        alone = records(Path(name))
    measured = Path(store.__file__).parents[2] / store.RESULTS
    parts = {
        "inputs": damaged_inputs,  # first, for it asks how much memory the children have taken
        "kills": lambda: [kills(alone)],
        "disks": lambda: [full_disks(alone)],
        "repeatability": lambda: repeatability(measured),
        "speeds": lambda: speeds(measured),
    }
    known = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "processor": processor(), "versions": versions()}
    failed = False
    for part in asked.only or parts:
        for figures in parts[part]():
            print(json.dumps(figures), flush=True)
            failed |= bool(figures.get("folders_that_differ"))
            if asked.record:
                store.append(asked.record, "trust", figures | known)
    sys.exit(failed)


if __name__ == "__main__":
    main()
