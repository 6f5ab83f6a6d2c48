"""The store: whole lines, torn tails, full disks."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from plaw.errors import PlawError
from plaw.study import store, summary

RECORD = {"kind": "network", "n": 30, "sample": 0, "error": 0.25}
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(), VALUES, max_size=4), max_size=5))
def test_what_is_appended_is_read_again(tmp_path_factory, contents):
    folder = tmp_path_factory.mktemp("store")
    records = [content | {"kind": "note"} for content in contents]
    for record in records:
        store.append(folder, "fig", record)
    assert store.read(folder, "fig") == records


def test_nothing_recorded_reads_as_nothing(tmp_path):
    assert store.read(tmp_path, "fig") == []


def test_reads_one_kind(tmp_path):
    store.append(tmp_path, "fig", {"kind": "choice", "n": 30, "parameters": {}})
    store.append(tmp_path, "fig", RECORD)
    assert store.read(tmp_path, "fig", "network") == [RECORD]


@pytest.mark.parametrize("cut", range(1, len(json.dumps(RECORD)) + 1))
def test_a_torn_last_line_is_passed_over_and_then_replaced(tmp_path, cut):
    """Killed in the middle of a write: any number of bytes of the last line, its end of line missing."""
    for _ in range(2):
        store.append(tmp_path, "fig", RECORD)
    file = store.path(tmp_path, "fig")
    file.write_bytes(file.read_bytes()[:-cut])
    assert store.read(tmp_path, "fig") == [RECORD]
    store.append(tmp_path, "fig", RECORD | {"n": 60})
    assert store.read(tmp_path, "fig") == [RECORD, RECORD | {"n": 60}]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"{broken", "malformed"),
        (b"[1, 2]", "Expected `object`"),
        (b'{"no": "kind"}', "missing required field `kind`"),
        (b"\xff\xfe", "malformed"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"kind": "network", "sample": 0, "error": 0.1}', "missing required field `n`"),
        (b'{"kind": "network", "n": "30", "sample": 0, "error": 0.1}', r"Expected `int`, got `str` - at `\$\.n`"),
        (b'{"kind": "network", "n": 30, "error": 0.1}', "missing required field `sample`"),
        (b'{"kind": "network", "n": 30, "sample": 0, "error": 7}', r"Expected `float` <= 1\.0 - at `\$\.error`"),
        (b'{"kind": "network", "n": 30, "sample": 0, "error": NaN}', "malformed"),
        (b'{"kind": "network", "n": 30, "sample": 0, "error": 0.1, "errors": {"1": -1}}', ">= 0"),
        (b'{"kind": "network", "n": 30, "sample": 0, "error": 0.1, "date": 2026}', r"at `\$\.date`"),
        (b'{"kind": "choice", "n": 30, "parameters": {"mu": "high"}}', "Expected `float`, got `str`"),
        (b'{"kind": "choice", "n": 30}', "missing required field `parameters`"),
        (b'{"kind": "trial", "n": 30, "number": 0, "parameters": {}, "errors": []}', "length >= 1"),
        (b'{"kind": "bench", "versions": [1]}', r"at `\$\.versions`"),
    ],
)
def test_a_line_of_another_shape_is_named_with_what_is_wrong(tmp_path, line, what):
    store.append(tmp_path, "fig", RECORD)
    file = store.path(tmp_path, "fig")
    file.write_bytes(file.read_bytes() + line + b"\n")
    with pytest.raises(PlawError, match=rf"fig\.jsonl, line 2, is not a record of plaw \(.*{what}.*restore the file"):
        store.read(tmp_path, "fig")


def test_all_that_is_recorded_has_the_shape():
    """Read as JSON alone, the records are the same."""
    folder = store.folder()
    for file in sorted(folder.rglob("*.jsonl")):
        name = str(file.relative_to(folder).with_suffix(""))
        assert store.read(folder, name) == [json.loads(line) for line in file.read_text().splitlines()]


def test_a_full_disk_loses_nothing(tmp_path, monkeypatch):
    """The file stays as it was, and one sentence says why."""
    store.append(tmp_path, "fig", RECORD)
    before = store.path(tmp_path, "fig").read_bytes()

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store.os, "fsync", full)
    with pytest.raises(PlawError, match=r"No space left on device.*nothing recorded is lost"):
        store.append(tmp_path, "fig", RECORD | {"n": 60})
    assert store.path(tmp_path, "fig").read_bytes() == before


def test_a_short_write_is_taken_back(tmp_path):
    class Short:
        """A file on a disk with room for a few bytes more."""

        def __init__(self, file):
            self.file = file

        def write(self, line):
            return self.file.write(line[:9])

        def __getattr__(self, name):
            return getattr(self.file, name)

    store.append(tmp_path, "fig", RECORD)
    file = store.path(tmp_path, "fig")
    before = file.read_bytes()
    with open(file, "ab+", buffering=0) as stream, pytest.raises(OSError, match="No space"):
        store._write(Short(stream), b'{"kind": "network"}\n')
    assert file.read_bytes() == before


def test_values_that_are_not_json_are_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        store.append(tmp_path, "fig", RECORD | {"error": float("nan")})
    assert store.read(tmp_path, "fig") == []


def test_an_unreadable_folder_is_one_sentence(tmp_path):
    store.path(tmp_path, "fig").mkdir()
    with pytest.raises(PlawError, match="cannot be read"):
        store.read(tmp_path, "fig")
    with pytest.raises(PlawError, match="cannot be written"):
        store.append(tmp_path, "fig", RECORD)


# --- where the records are -------------------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with records, which is not the one that is installed."""
    monkeypatch.delenv("PLAW_RESULTS", raising=False)
    for folder in ("book/results", "plaw"):
        (tmp_path / "clone" / folder).mkdir(parents=True)
    return tmp_path / "clone"


@pytest.mark.parametrize("place", [".", "book", "book/results"])
def test_the_folder_of_the_repository_around_the_working_directory(repository, monkeypatch, place):
    monkeypatch.chdir(repository / place)
    assert store.folder() == repository / "book/results" == store.folder(to_write=True)


def test_a_folder_given_comes_first_and_then_the_environment_variable(repository, monkeypatch, tmp_path):
    monkeypatch.chdir(repository)
    for name in ("given", "named"):
        store.append(tmp_path / name, "fig3-1", RECORD)
    monkeypatch.setenv("PLAW_RESULTS", str(tmp_path / "named"))
    assert store.folder() == tmp_path / "named"
    assert store.folder(tmp_path / "given") == tmp_path / "given"


def test_elsewhere_it_is_the_repository_of_an_editable_install(monkeypatch, tmp_path):
    monkeypatch.delenv("PLAW_RESULTS", raising=False)
    monkeypatch.chdir(tmp_path)
    assert store.folder() == Path(store.__file__).parents[2] / "book/results"


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """As from a wheel, in an empty folder: no repository anywhere."""
    monkeypatch.delenv("PLAW_RESULTS", raising=False)
    monkeypatch.setattr(store, "__file__", str(tmp_path / "site-packages/plaw/study/store.py"))
    monkeypatch.chdir(tmp_path)


def test_without_a_repository_the_packaged_summary_is_read_and_nothing_can_be_written(installed):
    assert store.folder() == summary.FILE
    assert store.read(store.folder(), "fig3-1", "network") and not store.read(store.folder(), "fig3-1", "trial")
    with pytest.raises(PlawError, match=r"no place for records: name a folder with --results or PLAW_RESULTS"):
        store.folder(to_write=True)


def test_a_folder_that_does_not_exist_is_only_written(tmp_path):
    with pytest.raises(PlawError, match=r"There is no folder .*none: correct --results"):
        store.folder(tmp_path / "none")
    assert store.folder(tmp_path / "none", to_write=True) == tmp_path / "none"


# --- many processes --------------------------------------------------------------------------------------------------

APPENDER = """
import sys
from pathlib import Path
from plaw.study import store, summary
for number in range(int(sys.argv[3])):
    store.append(Path(sys.argv[1]), "fig", {"kind": "note", "process": int(sys.argv[2]), "number": number})
    print(number, flush=True)
"""


def appender(folder, process, count):
    command = [sys.executable, "-c", APPENDER, str(folder), str(process), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def status(process, timeout=60):
    """Its exit status, once it has ended."""
    process.communicate(timeout=timeout)
    return process.returncode


def numbers(folder, process):
    return [record["number"] for record in store.read(folder, "fig") if record["process"] == process]


def test_what_several_processes_append_is_all_there(tmp_path):
    processes = [appender(tmp_path, process, 400) for process in range(3)]
    assert [status(process) for process in processes] == [0, 0, 0]
    assert [numbers(tmp_path, process) for process in range(3)] == [list(range(400))] * 3


def test_a_process_killed_while_others_append_takes_nothing_with_it(tmp_path):
    """Of the killed ones there is what they said was written, and at most one record more; of the others everything."""
    others = [appender(tmp_path, process, 300) for process in range(2)]
    said = {}
    for process in range(2, 8):
        victim = appender(tmp_path, process, 10**6)
        said[process] = [int(victim.stdout.readline()) for _ in range(5)]
        victim.kill()
        said[process] += map(int, victim.communicate()[0].split())
    assert [status(other) for other in others] == [0, 0]
    store.append(tmp_path, "fig", {"kind": "note", "process": -1, "number": 0})
    assert [numbers(tmp_path, process) for process in range(2)] == [list(range(300))] * 2
    for process, printed in said.items():
        written = numbers(tmp_path, process)
        assert written == list(range(len(written))) and len(printed) <= len(written) <= len(printed) + 1


def test_the_lock_is_not_on_the_records_and_is_no_record(tmp_path):
    """Windows lets nobody read a locked file; what looks for records looks for *.jsonl."""
    store.append(tmp_path, "fig", RECORD)
    with FileLock(tmp_path / "fig.lock"):
        assert store.read(tmp_path, "fig") == [RECORD]
        waiting = appender(tmp_path, 0, 1)
        with pytest.raises(subprocess.TimeoutExpired):
            status(waiting, timeout=2)
    assert status(waiting) == 0 and len(store.read(tmp_path, "fig")) == 2
    assert [file.name for file in tmp_path.glob("*.jsonl")] == ["fig.jsonl"]


def test_each_line_is_read_once_unless_the_file_is_another(tmp_path, monkeypatch):
    parsed, parse = [], store.parse
    monkeypatch.setattr(store, "parse", lambda line: parsed.append(line) or parse(line))
    for _ in range(3):
        store.append(tmp_path, "fig", RECORD)
        for _ in range(3):
            store.read(tmp_path, "fig")
    assert len(parsed) == 3
    file = store.path(tmp_path, "fig")
    altered = file.read_bytes().replace(b"0.25", b"0.125")
    file.write_bytes(altered + altered)
    assert [record["error"] for record in store.read(tmp_path, "fig")] == [0.125] * 6
    file.write_bytes(altered)
    assert [record["error"] for record in store.read(tmp_path, "fig")] == [0.125] * 3


def test_a_clock_set_back_changes_nothing(tmp_path):
    """Neither the time of the file's last change nor a record's date decides what is read."""
    file = store.path(tmp_path, "fig")
    for number, moment in enumerate((2_000_000_000, 1_000_000_000, 1_500_000_000), start=1):
        store.append(tmp_path, "fig", RECORD | {"sample": number})
        os.utime(file, (moment, moment))
        assert [record["sample"] for record in store.read(tmp_path, "fig")] == list(range(1, number + 1))
