"""Recording experiments: search what is not yet chosen, train what is not yet recorded, all cores busy, nothing
recorded lost.

Any number of processes, on any number of machines that share the folder, record together (plaw.study.claims). In each,
a few threads claim work, wait for it and record it; the trainings themselves run in a pool, of threads or of the
workers of a cluster (plaw.study.cluster).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import numba
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from threadpoolctl import threadpool_limits

from plaw.errors import PlawError
from plaw.study import claims, search, store
from plaw.study.cluster import Cluster
from plaw.study.experiments import EXPERIMENTS, VARIANTS, Experiment, get
from plaw.study.records import ExperimentStatus, PointStatus
from plaw.study.sampling import Digits, run_recorded

WAKE_SECONDS = 0.2


@dataclass(frozen=True)
class Point:
    """One point of a learning curve: an experiment at n examples per label."""

    experiment: Experiment
    n: int


@dataclass(frozen=True)
class Part:
    """One of several parts of the networks, numbered from 1: every one in `of`.

    >>> [number for number in range(7) if Part(2, 3).has(number)]
    [1, 4]
    """

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> "Part":
        """The part that a text like "2/3" names; PlawError for any other."""
        number, _, of = text.partition("/")
        if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
            raise PlawError(f"A part is I/N, from 1/N to N/N, like 2/3; not {text!r}.")
        return cls(int(number), int(of))

    def has(self, network: int) -> bool:
        """Whether the network of that number, counted over all points, belongs to the part."""
        return network % self.of == self.number - 1


WHOLE = Part(1, 1)


def choose_points(asked: Sequence[Experiment], sizes: Sequence[int]) -> list[Point]:
    """The points of the experiments, at all their sizes or at those named.

    PlawError for a size that none of them has.
    """
    unknown = set(sizes) - {n for experiment in asked for n in experiment.sizes}
    if unknown:
        known = sorted({n for experiment in asked for n in experiment.sizes})
        choice = ", ".join(map(str, known))
        raise PlawError(f"No experiment asked for has {min(unknown)} examples per label: choose sizes among {choice}.")
    return [Point(experiment, n) for experiment in asked for n in experiment.sizes if not sizes or n in sizes]


def check_digits(digits: Digits) -> None:
    """PlawError unless the digits are the whole of MNIST, of which the records are."""
    if digits.name != "mnist":
        raise PlawError(
            f"The paper's experiments need the whole of MNIST, and only {digits.name} is available: "
            "run `plaw fetch mnist` first."
        )


def status(folder: Path) -> list[ExperimentStatus]:
    """What is recorded: of each experiment its points, with n, samples, wanted and whether its search is done.

    Variants (plaw.study.experiments.VARIANTS) are left out where nothing is recorded of them."""

    def point(experiment: Experiment, n: int) -> PointStatus:
        return {
            "n": n,
            "samples": len(_recorded(folder, Point(experiment, n))),
            "wanted": experiment.n_samples(n),
            "tuned": search.chosen(folder, experiment, n) is not None,
        }

    begun = [variant for variant in VARIANTS.values() if store.read(folder, variant.id)]
    everyone = (*EXPERIMENTS.values(), *begun)
    return [{"id": e.id, "title": e.title, "points": [point(e, n) for n in e.sizes]} for e in everyone]


def record(
    points: Sequence[Point],
    samples: int | None,
    digits: Digits,
    folder: Path,
    jobs: int,
    *,
    part: Part = WHOLE,
    cluster: Cluster | None = None,
) -> None:
    """Search and train until every point has its samples, with progress bars on standard error.

    Who else records in this folder shares the work: each returns when all of it is recorded. An interrupt (Ctrl-C,
    KeyboardInterrupt) is passed on at once. What is recorded is on the disk. Trainings in progress cannot be
    interrupted: they end in their threads, and their outcomes are dropped.

    Parameters
    ----------
    points
        What to record (choose_points).
    samples
        Networks of each point, instead of the experiment's own number; 0: only search.
    digits
        The whole of MNIST.
    folder
        Of the records.
    jobs
        Trainings side by side on this machine, where there is no cluster.
    part
        Train only this share of the networks; searches have no parts.
    cluster
        Where to train.

    Raises
    ------
    PlawError
        Where the digits are not the whole of MNIST: the records are the paper's experiments.
    """
    check_digits(digits)
    stop = Event()
    width = cluster.in_flight if cluster else jobs
    with (
        _progress() as progress,
        threadpool_limits(1),  # how BLAS splits a product among cores changes its rounding
        nullcontext(cluster.pool) if cluster else _ended(_training_threads(jobs), stop) as pool,
        _ended(ThreadPoolExecutor(width), stop) as threads,
    ):
        chains = [
            [search.Search(some, folder, digits, pool, stop) for some in chain] for chain in _chains(points, folder)
        ]
        searches = [searching for chain in chains for searching in chain]
        total = sum(searching.trials_left() for searching in searches)
        bar = progress.add_task("searches", total=total, visible=total > 0)

        def on_progress() -> None:
            progress.update(bar, completed=total - sum(searching.trials_left() for searching in searches))

        for ended in _as_ended(threads.submit(_search_chain, chain, on_progress) for chain in chains):
            ended.result()
        works = _networks(points, samples, digits, folder, pool, stop, part)
        bar = progress.add_task("networks", total=len(works), visible=bool(works))
        while works:
            futures = {threads.submit(claims.attempt, folder, work): work for work in works}
            works = []
            for attempt in _as_ended(futures):
                if attempt.result():
                    progress.advance(bar)
                else:
                    works.append(futures[attempt])
            if works:
                stop.wait(WAKE_SECONDS)


def _chains(points: Sequence[Point], folder: Path) -> list[list[Experiment]]:
    """Experiments whose search is to be done, in chains: each after those whose trials or optima it starts from."""
    chains: dict[str, list[Experiment]] = {}
    for point in points:
        if search.chosen(folder, point.experiment, point.n) is None:
            owner = get(point.experiment.tuned_by or point.experiment.id)
            line = _line(owner)
            chain = chains.setdefault(line[0].id, [])
            chain += [some for some in line if some not in chain]
    return list(chains.values())


def _line(experiment: Experiment) -> list[Experiment]:
    """The experiment after those that its search needs."""
    needed = experiment.search.after or experiment.search.momentum
    return [*(_line(get(needed)) if needed else []), experiment]


def _search_chain(chain: list[search.Search], on_progress: Callable[[], None]) -> None:
    for searching in chain:
        searching.run(on_progress)


def _recorded(folder: Path, point: Point) -> set[int]:
    return {r["sample"] for r in store.read(folder, point.experiment.id, "network") if r["n"] == point.n}


def _networks(
    points: Sequence[Point],
    samples: int | None,
    digits: Digits,
    folder: Path,
    pool: Executor,
    stop: Event,
    part: Part,
) -> list[claims.Work]:
    """The networks to train, as work to be shared."""

    def work(point: Point, sample: int) -> claims.Work:
        def perform() -> None:
            strategy = search.chosen(folder, point.experiment, point.n)
            assert strategy is not None, "searches come before trainings"
            network = pool.submit(run_recorded, point.experiment, digits, point.n, sample, strategy).result()
            if stop.is_set():
                raise CancelledError
            store.append(folder, point.experiment.id, network)

        name = f"n{point.n}-sample{sample}"
        return claims.Work(point.experiment.id, name, lambda: sample in _recorded(folder, point), perform)

    return [work(point, sample) for point, sample in _missing(points, samples, folder, part)]


def _missing(points: Sequence[Point], samples: int | None, folder: Path, part: Part = WHOLE) -> list[tuple[Point, int]]:
    """Samples to train, round by round over all points, so that an interrupted plan is balanced.

    One task (plaw.study.tasks) comes after the other, for each has its own digits in memory."""
    left, dealt = [], 0
    order = list(dict.fromkeys(point.experiment.task for point in points))
    for point in points:
        place = order.index(point.experiment.task)
        n_samples = point.experiment.n_samples(point.n) if samples is None else samples
        done = _recorded(folder, point)
        for sample in range(n_samples):
            if part.has(dealt + sample) and sample not in done:
                left.append(((place, (sample + 1) / n_samples), point, sample))
        dealt += n_samples
    return [(point, sample) for _, point, sample in sorted(left, key=lambda some: some[0])]


def _as_ended(futures: Iterable[Future]) -> Iterator[Future]:
    """The futures as they end. It wakes now and then: not everywhere does Ctrl-C wake a thread that waits."""
    left = set(futures)
    while left:
        ended, left = wait(left, timeout=WAKE_SECONDS, return_when=FIRST_COMPLETED)
        yield from ended


def _training_threads(jobs: int) -> ThreadPoolExecutor:
    """Threads that each train on one core."""
    return ThreadPoolExecutor(jobs, initializer=numba.set_num_threads, initargs=(1,))


@contextmanager
def _ended(pool: Executor, stop: Event) -> Iterator[Executor]:
    """A pool that is shut down. Whatever ends the recording early, it does not wait for what is in progress."""
    try:
        yield pool
    except BaseException:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True))
