"""Recorded runs: one file of JSON lines per experiment, append-only, readable without plaw.

Each line is one record, a JSON object with at least "kind" and "n" (examples per label); plaw.study.records types them:

    trial     one trial of a search: number, parameters, errors of its samples on held-out digits, state
    choice    what a search chose: strategy, candidates with their errors on fresh samples
    network   one reported network or committee: sample, strategy, error, errors after each recorded epoch, seed

A line is written whole and flushed to the disk before the next run starts; a killed run can leave at most a torn last
line, which reading skips and the next append removes. Any number of threads and processes may append to one file: each
holds the lock EXPERIMENT.lock, an empty file beside the records, while it writes. It is not the records themselves that
are locked, because on Windows a locked file cannot be read. A lock ends with its process, however that ends.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock

from plaw.errors import PlawError
from plaw.study import summary
from plaw.study.records import parse

RESULTS = Path("book", "results")  # in the repository


def folder(given: str | Path | None = None, *, to_write: bool = False) -> Path:
    """Where the records are.

    The folder given; else the one that the environment variable PLAW_RESULTS names; else book/results of the
    repository around the working directory; else that of the repository from which plaw is installed as editable;
    else, to read from, the summary of the paper's results that comes with the package (plaw.study.summary).

    Raises
    ------
    PlawError
        Where the folder given or named does not exist or holds no records (unless it is to be written), and, to
        write, where there is none of all these.

    Examples
    --------
    >>> folder("nowhere")
    Traceback (most recent call last):
    ...
    plaw.errors.PlawError: There is no folder nowhere: correct --results or PLAW_RESULTS, or leave them out.
    """
    named = given or os.environ.get("PLAW_RESULTS")
    if named:
        if not (to_write or Path(named).is_dir()):
            raise PlawError(f"There is no folder {named}: correct --results or PLAW_RESULTS, or leave them out.")
        if not (to_write or next(Path(named).glob("*.jsonl"), None)):
            raise PlawError(f"There are no records in {named}: correct --results or PLAW_RESULTS, or leave them out.")
        return Path(named)
    here, installed = Path.cwd(), Path(__file__).parents[2]
    for root in (here, *here.parents, installed):
        if (root / RESULTS).is_dir() and (root / "plaw").is_dir():
            return root / RESULTS
    if to_write:
        raise PlawError(
            f"Neither {here} nor a folder above it is plaw's repository, so there is no place for records: "
            "name a folder with --results or PLAW_RESULTS."
        )
    return summary.FILE


def path(folder: Path, experiment_id: str) -> Path:
    """The file of an experiment's records."""
    return Path(folder) / f"{experiment_id}.jsonl"


def read(folder: Path, experiment_id: str, kind: str | None = None) -> list[Any]:
    """The records of an experiment (plaw.study.records) in the order of writing, of one kind or all.

    [] where there are none. A file is read once, until it changes: copy a record before you change it. A torn last line
    is skipped.

    Raises
    ------
    PlawError
        For any other line that is not a record (plaw.study.records.parse), naming it and what is wrong with it, and
        for a file that cannot be read.
    """
    if folder == summary.FILE:
        records = summary.records(experiment_id)
    else:
        file = path(folder, experiment_id).absolute()
        try:
            records = _read(file)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise PlawError(
                f"{file} cannot be read ({error.strerror}): check the folder and its permissions."
            ) from error
    return [record for record in records if kind in (None, record["kind"])]


@dataclass(frozen=True)
class _Reading:
    """A file as it was read: which file, when it was changed, its records, and where the last one begins and ends."""

    identity: tuple[int, int]
    changed: int
    records: tuple[dict, ...] = ()
    begin: int = 0
    end: int = 0
    last: bytes = b""


_readings: dict[Path, _Reading] = {}


def _read(file: Path) -> tuple[dict, ...]:
    """All records of a file; only what has been appended since the last time is read, unless something else changed."""
    with open(file, "rb") as stream:
        state = os.fstat(stream.fileno())
        before = _readings.get(file)
        if before and before.identity == (state.st_dev, state.st_ino) and before.end <= state.st_size:
            if before.changed == state.st_mtime_ns and before.end == state.st_size:
                return before.records
            stream.seek(before.begin)
            if stream.read(before.end - before.begin) != before.last:
                before = None
        else:
            before = None
        reading = _go_on(file, stream, before or _Reading((state.st_dev, state.st_ino), 0), state.st_mtime_ns)
    _readings[file] = reading
    return reading.records


def _go_on(file: Path, stream: BinaryIO, before: _Reading, changed: int) -> _Reading:
    stream.seek(before.end)
    lines = stream.read().split(b"\n")[:-1]
    if not lines:
        return replace(before, changed=changed)
    numbers = range(len(before.records) + 1, len(before.records) + len(lines) + 1)
    new = [_parse(file, number, line) for number, line in zip(numbers, lines, strict=True)]
    end = before.end + sum(map(len, lines)) + len(lines)
    last = lines[-1] + b"\n"
    return _Reading(before.identity, changed, (*before.records, *new), end - len(last), end, last)


def append(folder: Path, experiment_id: str, record: Mapping[str, Any]) -> None:
    """Write one record, whole, and flush it to the disk, while other threads and processes wait for their turn.

    Raises
    ------
    PlawError
        Where the write fails, say on a full disk: the file is left as it was.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp())
    >>> append(place, "fig3-1", {"kind": "network", "n": 30, "sample": 0, "error": 0.2})
    >>> read(place, "fig3-1", "network")
    [{'kind': 'network', 'n': 30, 'sample': 0, 'error': 0.2}]
    """
    file, line = path(folder, experiment_id), json.dumps(record, allow_nan=False).encode() + b"\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(file.with_suffix(".lock"), poll_interval=0.005)
        with lock, open(file, "ab+", buffering=0) as stream:
            _write(stream, line)
    except OSError as error:
        raise PlawError(
            f"{file} cannot be written ({error.strerror}): make room or check permissions, then run again; "
            "nothing recorded is lost."
        ) from error


def _write(stream: BinaryIO, line: bytes) -> None:
    size = _end_of_last_record(stream)
    stream.truncate(size)
    try:
        written = stream.write(line)
        if written != len(line):
            raise OSError(28, "No space left on device")
        os.fsync(stream.fileno())
    except BaseException:
        stream.truncate(size)
        raise


def _end_of_last_record(stream: BinaryIO) -> int:
    """Where the last whole line ends: what follows is torn."""
    size = stream.seek(0, os.SEEK_END)
    if size == 0:
        return 0
    stream.seek(size - 1)
    if stream.read(1) == b"\n":
        return size
    stream.seek(0)
    return stream.read().rfind(b"\n") + 1


def _parse(file: Path, number: int, line: bytes) -> dict:
    try:
        return parse(line)
    except ValueError as error:
        raise PlawError(
            f"{file}, line {number}, is not a record of plaw ({str(error).rstrip('.')}): restore the file "
            "(git checkout) or delete that line."
        ) from error
