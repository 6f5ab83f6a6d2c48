"""Several processes, one folder: each record once, the same records as from one process, whoever is killed."""

import signal
import time

import pytest

from helpers.sharing import begin, end, records, start
from helpers.tiny import POINTS, TINY, tiny_digits
from plaw.study import recording, store
from plaw.study.experiments import EXPERIMENTS


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 3])
def test_processes_that_share_a_folder_record_what_one_would(alone, tmp_path, count):
    processes = [start(tmp_path) for _ in range(count)]
    begin(processes)
    for process in processes:
        end(process)
    assert records(tmp_path) == alone
    assert not list(tmp_path.glob("*.n*.lock")), "claims on what is recorded are gone"


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


@pytest.mark.slow
def test_a_disk_that_is_full_in_the_middle_loses_nothing(alone, tmp_path):
    process = start(tmp_path, most_bytes=3000)
    begin([process])
    said = process.communicate()[1].decode()
    assert process.returncode == 1 and "cannot be written (" in said.splitlines()[-1]
    assert 3 < len(records(tmp_path)) < len(alone)
    goes_on = start(tmp_path)
    begin([goes_on])
    end(goes_on)
    assert records(tmp_path) == alone


def test_parts_share_the_networks_out(tmp_path):
    """Every network belongs to one of the parts, and each part has its share of every point."""
    parts = [recording._missing(POINTS, 10, tmp_path, recording.Part(k, 4)) for k in (1, 2, 3, 4)]
    everything = recording._missing(POINTS, 10, tmp_path)
    assert sorted(map(str, everything)) == sorted(str(task) for part in parts for task in part)
    for part in parts:
        for point in POINTS:
            assert sum(of == point for of, _ in part) in (2, 3)


@pytest.mark.slow
def test_parts_in_folders_of_their_own_make_up_the_whole(alone, tmp_path, monkeypatch):
    """No claims, no shared folder: the searches are the same, the networks different ones."""
    monkeypatch.setitem(EXPERIMENTS, TINY.id, TINY)
    digits, lines = tiny_digits(), set()
    for number in (1, 2):
        folder = tmp_path / str(number)
        recording.record(POINTS[:2], None, digits, folder, jobs=1, part=recording.Part(number, 2))
        lines |= set(store.path(folder, TINY.id).read_text().splitlines(keepends=True))
    (tmp_path / "tiny.jsonl").write_text("".join(sorted(lines)))
    assert records(tmp_path) == [record for record in alone if record.get("committee", 1) == 1]


def test_samples_of_zero_only_search(tmp_path, monkeypatch):
    monkeypatch.setitem(EXPERIMENTS, TINY.id, TINY)
    monkeypatch.setenv("PLAW_BACKEND", "numpy")
    recording.record(POINTS[:1], 0, tiny_digits(), tmp_path, jobs=1)
    assert {record["kind"] for record in store.read(tmp_path, TINY.id)} == {"trial", "choice"}
