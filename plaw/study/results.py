"""What the records say of an experiment: the errors of each size, the fitted law, the choices and the trials of its
search.

Every function takes the experiment's name (plaw.study.experiments.get) and the folder of the records, by
default plaw.study.store.folder()."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plaw.curves.fitting import Fit, fit_law
from plaw.errors import PlawError
from plaw.model.strategies import Strategy
from plaw.study import store
from plaw.study.experiments import EXPERIMENTS, SEARCHES, Experiment, get
from plaw.study.records import Choice, NetworkRecord, Trial
from plaw.study.spaces import strategy_at

ENOUGH_SAMPLES, ENOUGH_SIZES = 5, 3  # a size counts from so many samples on, a curve is fitted from so many sizes on

Errors = dict[int, NDArray[np.float64]]  # the errors of all samples, by size


def errors(experiment_id: str, folder: Path | None = None, epoch: int | None = None, committee: bool = True) -> Errors:
    """The test errors of all samples of an experiment, by size.

    Parameters
    ----------
    epoch
        After that epoch instead of the last.
    committee
        Of committees the error of the committee after the last epoch; False: the mean error of its networks alone.

    Returns
    -------
    dict
        {examples per label: errors (samples,)}, in the order of the samples; sizes without any are left out.

    Examples
    --------
    >>> from plaw.study import summary
    >>> {n: len(of_size) for n, of_size in errors("fig3-1", summary.FILE).items()}
    {30: 400, 60: 400, 120: 400, 240: 400}
    """
    by_size: dict[int, dict[int, float]] = {n: {} for n in get(experiment_id).sizes}
    records: list[NetworkRecord] = _read(experiment_id, folder, "network")
    for record in records:
        if record["n"] in by_size:
            by_size[record["n"]][record["sample"]] = _error(record, epoch, committee)
    return {
        n: np.array([by_sample[sample] for sample in sorted(by_sample)])
        for n, by_sample in by_size.items()
        if by_sample
    }


def complete(folder: Path | None = None) -> dict[str, Errors]:
    """The errors of every curve, of three sizes or more, that has all its samples at all its sizes.

    Curves of networks with an identity layer are left out: they repeat those of the networks that they are built on.
    """
    curves = {
        name: errors(name, folder)
        for name, experiment in EXPERIMENTS.items()
        if len(experiment.sizes) >= ENOUGH_SIZES and not experiment.identity_layer
    }
    return {name: curve for name, curve in curves.items() if is_complete(name, folder)}


def is_complete(experiment_id: str, folder: Path | None = None) -> bool:
    """Whether a curve has all its samples at all its sizes.

    >>> is_complete("fig3-1")
    True
    """
    experiment, curve = get(experiment_id), errors(experiment_id, folder)
    return all(len(curve.get(n, ())) >= experiment.n_samples(n) for n in experiment.sizes)


def joined(*experiment_ids: str, folder: Path | None = None) -> Errors:
    """The errors of one experiment, or of several as one curve, at the sizes with enough samples, from few to many.

    Of a size that two experiments have, the errors are those of the last named.

    Examples
    --------
    >>> list(joined("fig3-1", "large-1"))
    [30, 60, 120, 240, 960, 4400]
    """
    by_size: Errors = {}
    for name in experiment_ids:
        by_size |= {n: of_size for n, of_size in errors(name, folder).items() if len(of_size) >= ENOUGH_SAMPLES}
    return {n: by_size[n] for n in sorted(by_size)}


def mean_and_noise(curve: Errors, luck: float = 0.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean error of each size and its standard error, (sizes,) each.

    luck: the standard deviation of a log error from search to search, which adds to that of sampling.

    Examples
    --------
    >>> mean, noise = mean_and_noise({30: np.array([0.1, 0.2, 0.3])})
    >>> mean.round(3), noise.round(3)
    (array([0.2]), array([0.058]))
    """
    mean = np.array([np.mean(of_size) for of_size in curve.values()])
    sampling = np.array([np.std(of_size, ddof=1) / len(of_size) ** 0.5 for of_size in curve.values()])
    return mean, np.hypot(sampling, luck * mean)


def search_luck(experiment_id: str, folder: Path | None = None) -> float:
    """The standard deviation of a log error from search to search, 0 where it has not been measured.

    Independent searches of one curve choose other hyper-parameters. Their networks train on the same samples, so that
    the samples' luck cancels: of the variance between the searches at each size, that which the scatter of single
    networks explains is taken away, and the mean over the sizes is the square of the answer. It belongs to all curves
    of as many layers and epochs, by the same rule, of any width, under any reading and for any task.

    Examples
    --------
    >>> search_luck("fig1-momentum")  # searched once
    0.0
    """
    experiment = get(experiment_id)
    for name, searches in SEARCHES.items():
        base = get(name)
        if _kind(base) == _kind(experiment):
            curves = [errors(name, folder)] + [errors(f"{name}/search-{k}", folder) for k in range(1, searches)]
            return _luck(tuple(tuple((n, tuple(e)) for n, e in curve.items()) for curve in curves))
    return 0.0


def _kind(experiment: Experiment) -> tuple:
    architecture = experiment.architecture
    return len(architecture.hidden), architecture.crosses, experiment.rule, experiment.epochs, experiment.committee


@lru_cache(maxsize=16)
def _luck(curves: tuple[tuple[tuple[int, tuple[float, ...]], ...], ...]) -> float:
    by_size = [dict(curve) for curve in curves if curve]
    variances = []
    for n in set.intersection(*(set(curve) for curve in by_size)) if len(by_size) > 1 else ():
        count = min(len(curve[n]) for curve in by_size)
        if count >= ENOUGH_SAMPLES:
            relative = np.array([curve[n][:count] for curve in by_size])
            means = relative.mean(axis=1)
            relative = relative / means[:, None]
            own = relative - relative.mean(axis=0)  # what a network has by itself, beyond the luck of its sample
            noise = (own**2).sum() / ((len(by_size) - 1) * (count - 1)) / count
            variances.append(np.log(means).var(ddof=1) - noise)
    return math.sqrt(max(float(np.mean(variances)), 0.0)) if variances else 0.0


def larger(experiment_id: str) -> str | None:
    """The experiment of the same network on larger sets, None where there is none.

    >>> larger("fig3-1"), larger("fig4-1")
    ('large-1', None)
    """
    return next((other.id for other in EXPERIMENTS.values() if other.search.after == experiment_id), None)


def fit(
    experiment_id: str,
    folder: Path | None = None,
    law: str = "power",
    largest: float = math.inf,
    larger: str | None = None,
    smallest: float = 0,
) -> Fit | None:
    """The law fitted to the errors of all sizes from `smallest` to `largest` with at least five samples.

    larger: an experiment with the same network at larger sizes, which are fitted too.

    Where the luck of a search is known (`search_luck`), it is part of the standard error of each point. None while
    the sizes are fewer than three.

    Examples
    --------
    >>> from plaw.study import summary
    >>> power_law = fit("fig3-1", summary.FILE)
    >>> round(power_law.params["rho"], 3)
    0.282
    """
    every = joined(experiment_id, *([larger] if larger else []), folder=folder)
    counted = {n: of_size for n, of_size in every.items() if smallest <= n <= largest}
    return _fit(law, tuple(counted), tuple(map(tuple, counted.values())), search_luck(experiment_id, folder))


@lru_cache(maxsize=256)
def _fit(law: str, sizes: tuple[int, ...], samples: tuple[tuple[float, ...], ...], luck: float) -> Fit | None:
    if len(sizes) < ENOUGH_SIZES:
        return None
    if not luck:
        return fit_law(law, sizes, samples)
    mean, noise = mean_and_noise({n: np.array(of_size) for n, of_size in zip(sizes, samples, strict=True)}, luck)
    return fit_law(law, sizes, mean, yerr=noise)


def local_exponents(experiment_id: str, folder: Path | None = None) -> dict[tuple[int, int], tuple[float, float]]:
    """rho between neighbouring sizes, and its standard error from sampling: {(n, m): (rho, error)}.

    rho = -log(eps_m / eps_n) / log(m / n) of the mean errors, of sizes with at least five samples. Under a power law
    all are the same."""
    return slopes(joined(experiment_id, folder=folder))


def slopes(curve: Errors) -> dict[tuple[int, int], tuple[float, float]]:
    """The same of any errors by size."""
    exponents = {}
    for (n, smaller), (m, larger) in pairwise(curve.items()):
        noise = np.hypot(*(e.std(ddof=1) / e.mean() / len(e) ** 0.5 for e in (smaller, larger)))
        distance = np.log(m / n)
        exponents[n, m] = float(np.log(smaller.mean() / larger.mean()) / distance), float(noise / distance)
    return exponents


def by_epoch(experiment_id: str, folder: Path | None = None) -> dict[int, dict[int, float]]:
    """The mean error of each size after each epoch at which it is recorded: {size: {epoch: mean error}}."""
    curves = {epoch: errors(experiment_id, folder, epoch) for epoch in epochs(experiment_id)}
    sizes = errors(experiment_id, folder)
    return {n: {epoch: float(curve[n].mean()) for epoch, curve in curves.items()} for n in sizes}


def epochs(experiment_id: str) -> tuple[int, ...]:
    """After which epochs the error of an experiment is recorded."""
    experiment = get(experiment_id)
    return tuple(sorted({*experiment.record_epochs, experiment.epochs}))


def choices(experiment_id: str, folder: Path | None = None) -> dict[int, Choice]:
    """What the searches chose, by size; those of the experiment that tunes this one, where another does."""
    last = {choice["n"]: choice for choice in _read(_tuner(experiment_id).id, folder, "choice")}
    return {n: last[n] for n in sorted(last)}


def strategy(experiment_id: str, n: int, folder: Path | None = None) -> Strategy | None:
    """The strategy chosen for n examples per label; None before its search is done."""
    choice = choices(experiment_id, folder).get(get(experiment_id).tuned_at or n)
    experiment = _tuner(experiment_id)
    return strategy_at(experiment.rule, experiment.architecture, choice["parameters"]) if choice else None


def trials(experiment_id: str, n: int, folder: Path | None = None) -> list[Trial]:
    """The trials of the search at n examples per label, in their order."""
    at_n = [trial for trial in _read(_tuner(experiment_id).id, folder, "trial") if trial["n"] == n]
    return sorted(at_n, key=lambda trial: trial["number"])


def best_so_far(trials: Sequence[Mapping]) -> NDArray[np.float64]:
    """The lowest error of the complete trials up to each one, infinite before the first: (trials,)."""
    return np.minimum.accumulate(
        [np.mean(trial["errors"]) if trial.get("state") != "pruned" else np.inf for trial in trials]
    )


def late_gain(experiment_id: str, n: int, folder: Path | None = None) -> float:
    """By which share the second half of the search at n examples per label lowered its best error."""
    best = best_so_far(trials(experiment_id, n, folder))
    return float(1 - best[-1] / best[len(best) // 2 - 1])


def _tuner(experiment_id: str) -> Experiment:
    return get(get(experiment_id).tuned_by or experiment_id)


def _read(experiment_id: str, folder: Path | None, kind: str) -> list:
    return store.read(folder or store.folder(), experiment_id, kind)


def _error(record: NetworkRecord, epoch: int | None, committee: bool) -> float:
    if epoch is not None:
        try:
            return record["errors"][str(epoch)]
        except KeyError:
            raise PlawError(
                f"The network of sample {record['sample']} at {record['n']} per label has no error after {epoch} "
                "epochs: restore its record (git checkout) or delete that line."
            ) from None
    return record.get("committee_error", record["error"]) if committee else record["error"]
