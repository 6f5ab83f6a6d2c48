"""Recorded runs: one file of JSON lines an experiment, append-only, readable without plaw.

Each line is one record, a JSON object with at least "kind" and "n" (examples per label):

    trial     one trial of a search: number, batch (how many went side by side), parameters, errors of its samples on held-out digits, state
    choice    what a search chose: strategy, candidates with their errors on fresh samples
    network   one reported network or committee: sample, strategy, error, errors after each recorded epoch, seed, engine, ...

A line is written whole and flushed to the disk before the next run starts; a killed run can leave at most a torn last line, which
reading passes over and the next append removes.
"""

import json
import os
from pathlib import Path
from threading import Lock

from plaw.errors import PlawError

_LOCK = Lock()


def folder(given: str | None = None) -> Path:
    """The folder of the records: the one given, else book/results of the repository, from its root or from a chapter's folder."""
    if given:
        return Path(given)
    return Path("results") if Path("results").is_dir() else Path("book/results")


def path(folder: Path, experiment: str) -> Path:
    """The file of an experiment's records."""
    return Path(folder) / f"{experiment}.jsonl"


def read(folder: Path, experiment: str, kind: str | None = None) -> list[dict]:
    """The records of an experiment in the order of writing, of one kind or all; [] where none are.

    A torn last line is passed over; any other line that is no record raises PlawError naming it.
    """
    file = path(folder, experiment)
    try:
        lines = file.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise PlawError(f"{file} cannot be read ({error.strerror}): check the folder and its permissions.") from error
    records = [_parse(file, number, line) for number, line in enumerate(lines[:-1], start=1)]
    return [record for record in records if kind in (None, record["kind"])]


def append(folder: Path, experiment: str, record: dict) -> None:
    """Write one record, whole, and see it onto the disk. A failed write (a full disk) leaves the file as it was: PlawError."""
    file, line = path(folder, experiment), json.dumps(record, allow_nan=False).encode() + b"\n"
    with _LOCK:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with open(file, "ab+", buffering=0) as stream:
                _write(stream, line)
        except OSError as error:
            raise PlawError(
                f"{file} cannot be written ({error.strerror}): make room or check permissions, then run again; nothing recorded is lost."
            ) from error


def _write(stream, line: bytes) -> None:
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


def _end_of_last_record(stream) -> int:
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
        record = json.loads(line)
        if isinstance(record, dict) and "kind" in record:
            return record
    except ValueError:
        pass
    raise PlawError(
        f"{file}, line {number}, is not a record of plaw: restore the file (git checkout) or delete that line."
    )
