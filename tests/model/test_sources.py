"""Files that are broken, and downloads from mirrors that are, on a server on loopback."""

import errno
import gzip
import os
import threading
import tracemalloc
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from plaw.errors import PlawError
from plaw.model import data, sources

IMAGES = "train-images-idx3-ubyte"


# --- broken files ----------------------------------------------------------------------------------------------------


def truncated(path):
    path.write_bytes(path.read_bytes()[:-100])


def emptied(path):
    path.write_bytes(b"")


def altered(path):
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[-1] ^= 1
    path.write_bytes(gzip.compress(content))


def flipped_in_gzip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def wrongly_shaped(path):
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:4] + bytes(100)))


def replaced_by_a_folder(path):
    path.unlink()
    path.mkdir()


def removed(path):
    path.unlink()


FAULTS = [truncated, emptied, altered, flipped_in_gzip, wrongly_shaped, replaced_by_a_folder, removed]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("file", sources.FILES.values())
def test_a_broken_file_is_named_with_the_remedy_and_never_passed_over(tiny_folder, file, fault):
    fault(tiny_folder / f"{file}.gz")
    with pytest.raises(PlawError) as caught:
        data.load("mnist")
    message = str(caught.value)
    assert str(tiny_folder / file) in message and "plaw fetch mnist" in message and "\n" not in message


def test_a_file_that_may_not_be_read_is_named(tiny_folder, monkeypatch):
    def refuse(path, mode):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(sources.Path, "open", refuse)
    with pytest.raises(PlawError, match=rf"{IMAGES}.gz cannot be read \(Permission denied\).*plaw fetch mnist"):
        data.load("mnist")


def test_a_folder_that_may_not_be_searched_is_named(tiny_folder, monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(sources.Path, "exists", refuse)
    with pytest.raises(PlawError, match="mnist cannot be read"):
        data.load("mnist")


def test_plain_files_are_read_as_well_as_gzipped_ones(tiny, tiny_folder):
    for file, content in tiny.items():
        (tiny_folder / f"{file}.gz").unlink()
        (tiny_folder / file).write_bytes(content)
    assert data.load("mnist").train_images.tobytes() == tiny[IMAGES][16:]


def test_plaw_data_must_be_a_folder(tiny_folder, monkeypatch):
    monkeypatch.setenv("PLAW_DATA", str(tiny_folder / "nowhere"))
    with pytest.raises(PlawError, match=r"PLAW_DATA names .*nowhere, which is not a folder"):
        data.load("mnist")


# --- downloads -------------------------------------------------------------------------------------------------------


class Mirrors(BaseHTTPRequestHandler):
    """Serves good, altered, truncated, cut-off and plain versions of the files, or finds nothing."""

    def do_GET(self):
        kind, file = self.path.strip("/").split("/")
        content = self.server.files.get(file.removesuffix(".gz"))
        self.server.requests.append(kind)
        if kind == "missing" or content is None:
            return self.send_error(404)
        body = {
            "good": lambda: gzip.compress(content),
            "altered": lambda: gzip.compress(content[:-1] + bytes([content[-1] ^ 1])),
            "truncated": lambda: gzip.compress(content)[:-20],
            "cut": lambda: gzip.compress(content)[:-20],
            "plain": lambda: content,
        }[kind]()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) + (20 if kind == "cut" else 0)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def mirrors(tiny, bare, monkeypatch):
    """A function that says from which mirrors of a loopback server "mnist" is downloaded; it returns that server."""
    monkeypatch.setenv("PLAW_OFFLINE", "0")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirrors) as server:
        server.files, server.requests = tiny, []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()

        def use(*kinds):
            addresses = tuple(
                kind if "//" in kind else f"http://127.0.0.1:{server.server_port}/{kind}/" for kind in kinds
            )
            source = sources.Source(mirrors=addresses, sha256=sources.SOURCES["mnist"].sha256)
            monkeypatch.setitem(sources.SOURCES, "mnist", source)
            return server

        yield use
        server.shutdown()
        thread.join()


def contents(folder):
    """Of the files in a folder, but for the empty one that its writers lock."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


UNREACHABLE = "http://127.0.0.1:9/"


@pytest.mark.parametrize(
    "kinds", [["good"], ["plain"], ["missing", "altered", "truncated", "cut", UNREACHABLE, "good"]]
)
def test_a_download_comes_from_the_first_good_mirror_and_is_kept(mirrors, bare, tiny, kinds):
    server = mirrors(*kinds)
    dataset = data.load("mnist")
    assert dataset.source == str(bare / "mnist")
    assert dataset.train_images.tobytes() == tiny[IMAGES][16:]
    assert contents(bare / "mnist") == tiny
    asked = len(server.requests)
    data._load.cache_clear()
    data.load("mnist")
    assert len(server.requests) == asked


def test_where_no_mirror_is_good_the_error_names_each_and_nothing_is_kept(mirrors, bare):
    mirrors("missing", "altered", "truncated", UNREACHABLE)
    with pytest.raises(PlawError, match=r"answers 404.*another sha256.*truncated or damaged.*cannot be reached"):
        sources.fetch("mnist")
    assert not bare.exists()
    with pytest.warns(UserWarning, match="answers 404"):
        assert data.load("mnist").name == "mnist-digits"


def test_an_unreachable_mirror_is_asked_once(mirrors, monkeypatch):
    mirrors(UNREACHABLE, "good")
    asked, get = [], sources._get
    monkeypatch.setattr(sources, "_get", lambda address, *longest: asked.append(address) or get(address, *longest))
    sources.fetch("mnist")
    assert sum(address.startswith(UNREACHABLE) for address in asked) == 1 and len(asked) == 5


def test_damaged_files_in_the_cache_are_an_error_until_fetched_anew(mirrors, bare, tiny):
    server = mirrors("good")
    sources.fetch("mnist")
    truncated(bare / "mnist" / IMAGES)
    with pytest.raises(PlawError, match=f"{IMAGES} .*`plaw fetch mnist` downloads it again"):
        data.load("mnist")
    server.requests.clear()
    sources.fetch("mnist")
    assert len(server.requests) == 1 and data.load("mnist").train_images.tobytes() == tiny[IMAGES][16:]


def test_fetch_leaves_an_intact_data_folder_alone(mirrors, tiny_folder):
    server = mirrors("good")
    assert sources.fetch("mnist") == tiny_folder and not server.requests


def test_a_full_disk_is_one_sentence_and_leaves_nothing_behind(mirrors, bare, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    mirrors("good")
    monkeypatch.setattr(sources.os, "fsync", full)
    with pytest.raises(PlawError, match=rf"{IMAGES} cannot be written \(No space left on device\); make room"):
        data.load("mnist")
    assert contents(bare / "mnist") == {}


def test_what_a_killed_writer_left_is_written_over_and_all_may_read_the_files(mirrors, bare, tiny):
    mirrors("good")
    (bare / "mnist").mkdir(parents=True)
    (bare / "mnist" / f".{IMAGES}.part").write_bytes(b"begun")
    before = os.umask(0o022)
    sources.fetch("mnist")
    os.umask(before)
    assert contents(bare / "mnist") == tiny
    assert {path.stat().st_mode & 0o777 for path in (bare / "mnist").iterdir() if path.name != ".lock"} == {0o644}


@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_no_more_is_read_than_was_published(tiny_folder, monkeypatch, pack):
    """A gzip file of 2 MB holds 2 GB of zeros."""
    monkeypatch.setitem(sources.LENGTHS, "train_images", 100_000)
    (tiny_folder / f"{IMAGES}.gz").write_bytes(pack(bytes(50_000_000)))
    tracemalloc.start()
    with pytest.raises(PlawError, match=f"{IMAGES}.gz is not the published file .it is longer than 100,000 bytes"):
        sources.read("mnist", tiny_folder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_an_endless_download_ends(mirrors, bare, monkeypatch):
    mirrors("good")
    monkeypatch.setitem(sources.LENGTHS, "train_images", 100)
    monkeypatch.setattr(sources, "CHUNK", 50)
    with pytest.raises(PlawError, match=r"its copy on .* is not the published file .it is longer than 100 bytes"):
        sources.fetch("mnist")


@pytest.mark.parametrize("name", sources.SOURCES)
def test_the_published_lengths(name):
    folder = sources.data_folder()
    if not (folder and (folder / name).is_dir()):
        pytest.skip(f"{name} is not in PLAW_DATA")
    for part, file in sources.FILES.items():
        with gzip.open(sources.find(folder / name, file)) as stream:
            assert len(stream.read()) == sources.LENGTHS[part]


def test_a_cache_that_cannot_be_made_is_one_sentence(mirrors, bare):
    mirrors("good")
    bare.write_text("a file where the folder should be")
    with pytest.raises(PlawError, match="cannot be written"):
        sources.fetch("mnist")


def test_published_sources_are_complete():
    for source in sources.SOURCES.values():
        assert source.sha256.keys() == sources.FILES.keys() and len(source.mirrors) >= 2
        assert all(mirror.startswith("https://") and mirror.endswith("/") for mirror in source.mirrors)
