"""Recording experiments: search what is not yet chosen, train what is not yet recorded, both cores busy, nothing
recorded lost.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

import numba
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from threadpoolctl import threadpool_limits

from plaw.errors import PlawError
from plaw.study import search, store
from plaw.study.experiments import EXPERIMENTS, VARIANTS, Experiment, get
from plaw.study.records import ExperimentStatus, NetworkRecord, PointStatus
from plaw.study.sampling import Digits, run_recorded

WAKE_SECONDS = 0.2


@dataclass(frozen=True)
class Point:
    """One point of a learning curve: an experiment at n examples per label."""

    experiment: Experiment
    n: int


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


def record(points: Sequence[Point], samples: int | None, digits: Digits, folder: Path, jobs: int) -> None:
    """Search and train until every point has its samples (or as many as `samples` says), with progress bars on
    standard error.

    An interrupt (Ctrl-C, KeyboardInterrupt) is passed on at once. What is recorded is on the disk. Trainings in
    progress cannot be interrupted: they end in their threads, and their outcomes are dropped.

    Raises
    ------
    PlawError
        Where the digits are not the whole of MNIST: the records are the paper's experiments.
    """
    if digits.name != "mnist":
        raise PlawError(
            f"The paper's experiments need the whole of MNIST, and only {digits.name} is available: "
            "run `plaw fetch mnist` first."
        )
    stopped = Event()
    with _progress() as progress, threadpool_limits(1 if jobs > 1 else None), _workers(jobs, stopped) as pool:
        chains = _chains(points, folder)
        share = max(1, jobs // max(1, len(chains)))
        searches = [[search.Search(some, folder, digits, share, stopped) for some in chain] for chain in chains]
        left = sum(searching.trials_left() for chain in searches for searching in chain)
        bar = progress.add_task("searches", total=left, visible=left > 0)
        futures = [pool.submit(_search_chain, chain, partial(progress.advance, bar)) for chain in searches]
        for future in _as_ended(futures):
            future.result()
        tasks = _missing(points, samples, folder)
        bar = progress.add_task("networks", total=len(tasks))
        trainings = {pool.submit(_train, point, sample, digits, folder): point for point, sample in tasks}
        for training in _as_ended(trainings):
            store.append(folder, trainings[training].experiment.id, training.result())
            progress.advance(bar)


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


def _search_chain(chain: list[search.Search], on_progress: Callable[[int], None]) -> None:
    for searching in chain:
        searching.run(on_progress)


def _recorded(folder: Path, point: Point) -> set[int]:
    return {r["sample"] for r in store.read(folder, point.experiment.id, "network") if r["n"] == point.n}


def _missing(points: Sequence[Point], samples: int | None, folder: Path) -> list[tuple[Point, int]]:
    """Samples to train, round by round over all points, so that an interrupted plan is balanced.

    One task (plaw.study.tasks) comes after the other, for each has its own digits in memory."""
    left = []
    order = list(dict.fromkeys(point.experiment.task for point in points))
    for point in points:
        n_samples, done = samples or point.experiment.n_samples(point.n), _recorded(folder, point)
        place = order.index(point.experiment.task)
        left += [
            ((place, (sample + 1) / n_samples), point, sample) for sample in range(n_samples) if sample not in done
        ]
    return [(point, sample) for _, point, sample in sorted(left, key=lambda some: some[0])]


def _train(point: Point, sample: int, digits: Digits, folder: Path) -> NetworkRecord:
    strategy = search.chosen(folder, point.experiment, point.n)
    assert strategy is not None, "searches come before trainings"
    return run_recorded(point.experiment, digits, point.n, sample, strategy)


def _as_ended(futures: Iterable[Future]) -> Iterator[Future]:
    """The futures as they end. It wakes now and then: not everywhere does Ctrl-C wake a thread that waits."""
    left = set(futures)
    while left:
        ended, left = wait(left, timeout=WAKE_SECONDS, return_when=FIRST_COMPLETED)
        yield from ended


@contextmanager
def _workers(jobs: int, stopped: Event) -> Iterator[ThreadPoolExecutor]:
    """Threads that each train on one core. Whatever ends the recording early, it does not wait for them."""
    pool = ThreadPoolExecutor(jobs, initializer=numba.set_num_threads, initargs=(1,))
    try:
        yield pool
    except BaseException:
        stopped.set()
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
