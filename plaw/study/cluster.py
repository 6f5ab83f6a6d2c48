"""Training on a cluster: the workers of Dask in the place of this machine's cores.

Only the process that records talks to the folder. Each worker trains one network on one core, from its seed, and
reads its own copy of the digits. A worker that is lost loses nothing: Dask trains its networks again elsewhere. One
that joins late is given work. What is recorded is what one machine would record, bit for bit where the processors are
alike.
"""

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numba
from threadpoolctl import threadpool_limits

from plaw.errors import PlawError

CONNECT_SECONDS = 20
AHEAD, AT_LEAST = 2, 64  # networks that are given out at once: so many times the cores, for workers that join later
SAME = ("plaw", "numpy", "numba", "scipy")  # packages whose versions decide what is computed


@dataclass(frozen=True)
class Cluster:
    """A pool whose workers are a cluster's, and how many pieces of work to give it at once."""

    pool: Executor
    in_flight: int


def check_address(address: str) -> str:
    """The N of "local:N", or "" for the address of a scheduler; PlawError for any other text."""
    kind, _, rest = address.partition(":")
    if (kind == "local" and not (rest.isdecimal() and int(rest) > 0)) or not rest:
        raise PlawError(f"A cluster is tcp://HOST:PORT, or local:N with N processes, 1 or more; not {address!r}.")
    return rest if kind == "local" else ""


@contextmanager
def connect(address: str) -> Iterator[Cluster]:
    """A cluster of Dask, by the address of its scheduler, or "local:4": four processes started on this machine.

    Raises
    ------
    PlawError
        Where Dask is not installed, no scheduler answers, or its workers have other versions.

    Examples
    --------
    >>> with connect("local:0"):
    ...     pass
    Traceback (most recent call last):
    ...
    plaw.errors.PlawError: A cluster is tcp://HOST:PORT, or local:N with N processes, 1 or more; not 'local:0'.
    """
    processes = check_address(address)
    try:
        import distributed
    except ImportError as error:
        raise PlawError("A cluster needs Dask, which is not installed: pip install 'plaw[cluster]'.") from error
    try:
        if processes:
            settings = {"n_workers": int(processes), "threads_per_worker": 1, "dashboard_address": None}
            with distributed.LocalCluster(**settings) as cluster, distributed.Client(cluster) as client:
                yield _of(client)
        else:
            with _client(address) as client:
                yield _of(client)
    except (CancelledError, distributed.KilledWorker, distributed.comm.CommClosedError) as error:
        raise PlawError(
            f"The cluster {address} is lost ({error or type(error).__name__}): what is recorded is kept; "
            "run the same command again."
        ) from error


def _client(address: str) -> Any:
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise PlawError(f"No Dask scheduler answers at {address}: start one, or correct the address.") from error
    try:
        client.get_versions(check=True, packages=list(SAME))
    except ValueError as error:
        client.close()
        raise PlawError(f"The workers at {address} have other versions than this process:\n{error}") from error
    return client


class _Workers(Executor):
    """Dask's workers; every call runs on one core."""

    def __init__(self, client: Any) -> None:
        self._pool = client.get_executor(pure=False)

    def submit(self, function: Callable, /, *arguments: Any, **named: Any) -> Future:
        # As bytes: the scheduler would unpickle arguments, and need not have the digits.
        return self._pool.submit(_on_one_core, pickle.dumps((function, arguments, named)))


def _on_one_core(call: bytes) -> Any:
    function, arguments, named = pickle.loads(call)
    numba.set_num_threads(1)
    with threadpool_limits(1):
        return function(*arguments, **named)


def _of(client: Any) -> Cluster:
    return Cluster(_Workers(client), max(AHEAD * sum(client.ncores().values()), AT_LEAST))
