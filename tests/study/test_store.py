"""The store: whole lines, torn tails, full disks."""

import errno
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaw.errors import PlawError
from plaw.study import store

RECORD = {"kind": "network", "n": 30, "error": 0.25}
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
    records = [content | {"kind": "trial"} for content in contents]
    for record in records:
        store.append(folder, "fig", record)
    assert store.read(folder, "fig") == records


def test_nothing_recorded_reads_as_nothing(tmp_path):
    assert store.read(tmp_path, "fig") == []


def test_reads_one_kind(tmp_path):
    store.append(tmp_path, "fig", {"kind": "choice", "n": 30})
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


@pytest.mark.parametrize("line", [b"{broken", b"[1, 2]", b'{"no": "kind"}', b"\xff\xfe"])
def test_an_altered_line_is_named(tmp_path, line):
    store.append(tmp_path, "fig", RECORD)
    file = store.path(tmp_path, "fig")
    file.write_bytes(file.read_bytes() + line + b"\n")
    with pytest.raises(PlawError, match=r"fig\.jsonl, line 2, .*restore the file"):
        store.read(tmp_path, "fig")


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


def test_the_folder_is_found_from_the_root_and_from_a_chapter(tmp_path, monkeypatch):
    (tmp_path / "book/results").mkdir(parents=True)
    for place in (tmp_path, tmp_path / "book"):
        monkeypatch.chdir(place)
        assert store.folder().resolve() == (tmp_path / "book/results").resolve()
    assert str(store.folder("elsewhere")) == "elsewhere"
