"""Where the files of a data set lie, how they are checked, and how they are downloaded.

A data set is four IDX files. Each is known by the sha256 of its DECOMPRESSED bytes, because mirrors compress the same
file differently; a file that passes this check needs no other.
"""

import gzip
import hashlib
import io
import os
import sys
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import platformdirs
from filelock import FileLock

from plaw.errors import PlawError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
# The published lengths, decompressed, those of both data sets. Whatever is longer is not read any further.
LENGTHS = {"train_images": 47_040_016, "train_labels": 60_008, "test_images": 7_840_016, "test_labels": 10_008}
CONNECT_SECONDS, READ_SECONDS = 3, 30
CHUNK = 1 << 16  # bytes of a download that are looked at together


class DownloadError(PlawError):
    """No mirror could give a good copy of a file."""


@dataclass(frozen=True)
class Source:
    """Public mirrors of a data set (folders, tried in turn) and the sha256 of its decompressed files."""

    mirrors: tuple[str, ...]
    sha256: dict[str, str]


SOURCES = {
    "mnist": Source(
        mirrors=(
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://raw.githubusercontent.com/fgnt/mnist/master/",
        ),
        sha256={
            "train_images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "train_labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "test_images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "test_labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        },
    ),
    "fashion-mnist": Source(
        mirrors=(
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ),
        sha256={
            "train_images": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "train_labels": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "test_images": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "test_labels": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        },
    ),
}


def data_folder() -> Path | None:
    """The folder that the environment variable PLAW_DATA names, None where it is unset; PlawError if there is none."""
    value = os.environ.get("PLAW_DATA", "")
    if not value:
        return None
    folder = Path(value).expanduser()
    if not folder.is_dir():
        raise PlawError(f"PLAW_DATA names {folder}, which is not a folder; correct the variable or unset it")
    return folder


def cache_folder() -> Path:
    """The user's cache folder, where downloads are kept."""
    return Path(platformdirs.user_cache_dir("plaw", appauthor=False))


def is_offline() -> bool:
    """True where PLAW_OFFLINE forbids downloads."""
    return os.environ.get("PLAW_OFFLINE", "") not in ("", "0")


def find(folder: Path, file: str) -> Path | None:
    """The plain or gzipped file in a folder, None where there is neither."""
    candidates = (folder / file, folder / f"{file}.gz")
    return next((path for path in candidates if path.exists()), None)


def unpack(stream: BinaryIO, longest: int) -> bytes:
    """Decompressed bytes, of a gzipped stream or of one that is not; ValueError where it is damaged or longer."""
    gzipped = stream.read(2) == b"\x1f\x8b"
    stream.seek(0)
    try:
        raw = (gzip.open(stream) if gzipped else stream).read(longest + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"is a truncated or damaged gzip file ({error})") from error
    if len(raw) > longest:
        raise ValueError(f"is not the published file (it is longer than {longest:,} bytes)")
    return raw


def verified(stream: BinaryIO, part: str, sha256: str) -> bytes:
    """Decompressed bytes that carry the given sha256; ValueError says what is wrong with others."""
    raw = unpack(stream, LENGTHS[part])
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise ValueError(f"is not the published file (its {len(raw):,} decompressed bytes have another sha256)")
    return raw


def parse_idx(raw: bytes) -> np.ndarray:
    """The uint8 array in an IDX file: two zero bytes, type 8, the number of axes, big-endian lengths, then the data."""
    axes = raw[3]
    shape = np.frombuffer(raw, dtype=">i4", count=axes, offset=4)
    return np.frombuffer(raw, dtype=np.uint8, offset=4 + 4 * axes).reshape(shape)


def read(name: str, folder: Path) -> dict[str, np.ndarray] | None:
    """The four arrays of a data set in a folder; None where it holds none of the files.

    PlawError names the file that is missing beside the others, unreadable, truncated or altered, and the remedy.
    """
    remedy = _remedy(name, folder)
    try:
        paths = {part: find(folder, file) for part, file in FILES.items()}
    except OSError as error:
        raise PlawError(f"{folder} cannot be read ({error.strerror}); {remedy}") from error
    if not any(paths.values()):
        return None
    arrays = {}
    for part, path in paths.items():
        if path is None:
            raise PlawError(f"{folder / FILES[part]}[.gz] is missing beside the other files; {remedy}")
        try:
            with path.open("rb") as stream:
                arrays[part] = parse_idx(verified(stream, part, SOURCES[name].sha256[part]))
        except OSError as error:
            raise PlawError(f"{path} cannot be read ({error.strerror}); {remedy}") from error
        except ValueError as error:
            raise PlawError(f"{path} {error}; {remedy}") from error
    return arrays


def _remedy(name: str, folder: Path) -> str:
    if folder.is_relative_to(cache_folder()):
        return f"`plaw fetch {name}` downloads it again"
    return f"replace it, or delete {folder} and run `plaw fetch {name}`"


def fetch(name: str) -> Path:
    """The folder with a data set's intact files: the one in PLAW_DATA, else the one in the cache, or downloaded.

    PlawError where PLAW_DATA holds damaged files, where no mirror has a good copy, and where PLAW_OFFLINE is set.
    """
    folder = data_folder()
    if folder and read(name, folder / name):
        return folder / name
    folder = cache_folder() / name
    if not is_offline():
        try:
            download(name, folder)
        except DownloadError as error:
            raise PlawError(f"{error}; check the network, or point PLAW_DATA at a folder that holds {name}/") from error
    elif not read(name, folder):
        raise PlawError(f"{name} is not in {folder}, and PLAW_OFFLINE forbids downloads; unset it")
    return folder


def download(name: str, folder: Path) -> None:
    """Fetch the files of a data set that are missing or damaged in `folder`, from the first mirror with a good copy.

    DownloadError where no mirror has one, PlawError where the folder cannot be written.
    """
    mirrors = list(SOURCES[name].mirrors)
    for part, file in FILES.items():
        sha256 = SOURCES[name].sha256[part]
        if not _is_intact(find(folder, file), part, sha256):
            _write_atomically(folder / file, _from_mirrors(mirrors, part, sha256))


def _is_intact(path: Path | None, part: str, sha256: str) -> bool:
    try:
        if path is None:
            return False
        with path.open("rb") as stream:
            return bool(verified(stream, part, sha256))
    except (OSError, ValueError):
        return False


def _from_mirrors(mirrors: list[str], part: str, sha256: str) -> bytes:
    """The decompressed bytes of a file; mirrors that cannot be reached are dropped from the list."""
    import requests  # slow to import, and needed for a download alone

    failures, file = [], FILES[part]
    for mirror in tuple(mirrors):
        try:
            return verified(_get(f"{mirror}{file}.gz", LENGTHS[part]), part, sha256)
        except ValueError as error:
            failures.append(f"its copy on {_host(mirror)} {error}")
        except (requests.ConnectionError, requests.Timeout):
            failures.append(f"{_host(mirror)} cannot be reached")
            mirrors.remove(mirror)
        except requests.RequestException as error:
            failures.append(f"{_host(mirror)} {_reason(error)}")
    reasons = "; ".join(failures) or "no mirror can be reached"
    raise DownloadError(f"no mirror gives a good copy of {file}.gz: {reasons}")


def _host(mirror: str) -> str:
    return mirror.split("/")[2]


def _reason(error: Exception) -> str:
    response = getattr(error, "response", None)
    return f"answers {response.status_code}" if response is not None else f"breaks off ({type(error).__name__})"


class _Bounded(io.BytesIO):
    """A download that ends with ValueError where it grows longer than what it should hold: no gzip is longer."""

    def __init__(self, longest: int) -> None:
        super().__init__()
        self.longest = longest

    def write(self, content: "ReadableBuffer") -> int:
        if self.tell() > self.longest:
            raise ValueError(f"is not the published file (it is longer than {self.longest:,} bytes)")
        return super().write(content)


def _get(address: str, longest: int) -> BinaryIO:
    with warnings.catch_warnings():  # in a notebook tqdm would rather draw widgets, and says so
        warnings.simplefilter("ignore")
        import pooch

    content = _Bounded(longest)
    timeout = (CONNECT_SECONDS, READ_SECONDS)
    get = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), chunk_size=CHUNK, timeout=timeout)
    get(address, content, None)
    content.seek(0)
    return content


def _write_atomically(path: Path, content: bytes) -> None:
    """The file whole or not at all, by one writer at a time; what a killed one leaves, the next one writes over."""
    partial = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(".lock")):
            try:
                with open(partial, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(partial, path)
            except OSError:
                partial.unlink(missing_ok=True)
                raise
    except OSError as error:
        remedy = "make room there, or point PLAW_DATA at a folder that holds the files"
        raise PlawError(f"{path} cannot be written ({error.strerror}); {remedy}") from error
