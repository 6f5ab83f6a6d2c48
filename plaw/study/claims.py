"""Claims: any number of threads and processes share a folder of records, and do each piece of work once.

A claim is a lock of the operating system on an empty file beside the records, EXPERIMENT.WORK.lock. It ends with its
process, however that ends: what a killed process had begun, the next one does. Nobody needs to know of the others, and
there is nobody to lose.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from filelock import FileLock, Timeout

from plaw.errors import PlawError
from plaw.study import store

POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Work:
    """A piece of work that ends with a record.

    Parameters
    ----------
    experiment_id, name
        What it is called in its folder, like "fig3-1" and "n30-sample7".
    is_recorded
        Whether its record is there, read again at every call.
    perform
        Does the work and records it.
    """

    experiment_id: str
    name: str
    is_recorded: Callable[[], bool]
    perform: Callable[[], None]


def attempt(folder: Path, work: Work) -> bool:
    """Do a piece of work, unless it is recorded or claimed; whether it is recorded now.

    Raises
    ------
    PlawError
        Where the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> done = []
    >>> work = Work("fig3-1", "n30-sample7", lambda: bool(done), lambda: done.append("once"))
    >>> place = Path(tempfile.mkdtemp())
    >>> attempt(place, work), attempt(place, work), done
    (True, True, ['once'])
    """
    if work.is_recorded():
        return True
    records = store.path(folder, work.experiment_id)
    file = records.with_name(f"{records.stem}.{work.name}.lock")
    lock = FileLock(file, blocking=False, thread_local=False)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        return False
    except OSError as error:
        raise PlawError(f"{file} cannot be written ({error.strerror}): check the folder's permissions.") from error
    try:
        if not work.is_recorded():
            work.perform()
        # Who waits for this very file finds the work recorded. (Windows removes no open file; there it stays, empty.)
        with suppress(OSError):
            file.unlink()
    finally:
        lock.release()
    return True


def share(folder: Path, works: Iterable[Work], stop: Event) -> None:
    """Do pieces of work, and wait for those that others are at, until all are recorded.

    CancelledError once `stop` is set."""
    left = list(works)
    while left := [work for work in left if not attempt(folder, work)]:
        if stop.wait(POLL_SECONDS):
            raise CancelledError
