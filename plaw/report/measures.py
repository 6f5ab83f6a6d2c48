"""How our value of a published number is measured: functions of the experiments and of the folder of their records.

Each gives an interval, or None while an experiment lacks records; `MEASURES` names them.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy import stats

from plaw.curves.comparison import crossing
from plaw.curves.fitting import Fit
from plaw.curves.intervals import Interval, difference, ratio
from plaw.report.published import LARGE
from plaw.study import results
from plaw.study.experiments import EXPERIMENTS

LEVEL = 0.95
SATURATED = 0.01  # an error has saturated when it is within that share of the error after the last epoch
LOW_ERROR = 0.1  # of T15


@lru_cache(maxsize=256)
def of_fit(fit: Fit, name: str) -> Interval:
    """rho, c0 or eps(6000) of a fitted power law."""
    if name == "eps(6000)":
        return Interval(float(fit.predict(LARGE)[0]), *map(float, fit.band(LARGE, LEVEL)[:, 0]))
    return Interval(fit.params[name], *fit.interval(LEVEL)[name])


def _only(quantity: Interval) -> Interval:
    return quantity


def _fitted(name: str, combine: Callable[..., Interval] = _only) -> Callable[..., Interval | None]:
    """Measure a quantity of one fit, or combine that of two."""

    def measured(experiments: tuple[str, ...], folder: Path | None) -> Interval | None:
        fits = [results.fit(experiment, folder) for experiment in experiments]
        return combine(*(of_fit(fit, name) for fit in fits if fit)) if all(fits) else None

    return measured


def _crossing(experiments: tuple[str, ...], folder: Path | None) -> Interval | None:
    first, second = (results.fit(experiment, folder) for experiment in experiments)
    return _cross(first, second) if first and second else None


@lru_cache(maxsize=32)
def _cross(first: Fit, second: Fit) -> Interval:
    return crossing(first, second, LEVEL)


def _error_ratios(experiments: tuple[str, ...], folder: Path | None) -> tuple[list[int], np.ndarray, np.ndarray]:
    """The common sizes of two experiments, the logarithms of the ratios of their errors, and the variances of those.

    Of sampling, and of the luck of the searches where that is known."""
    first, second = (results.errors(experiment, folder) for experiment in experiments)
    enough = results.ENOUGH_SAMPLES
    sizes = [n for n in first if n in second and min(len(first[n]), len(second[n])) >= enough]
    logs = [np.log(first[n].mean() / second[n].mean()) for n in sizes]
    noise = [sum((np.std(e[n], ddof=1) / e[n].mean()) ** 2 / len(e[n]) for e in (first, second)) for n in sizes]
    luck = sum(results.search_luck(experiment, folder) ** 2 for experiment in experiments)
    return sizes, np.array(logs), np.array(noise) + luck


def _exponential(log: float, half: float) -> Interval:
    """The interval of a ratio from its logarithm and the half-width of that."""
    return Interval(log, log - half, log + half).map(math.exp)


def _first_error_ratio(experiments: tuple[str, ...], folder: Path | None) -> Interval | None:
    """The ratio of the mean errors at the smallest size."""
    sizes, logs, noise = _error_ratios(experiments, folder)
    if EXPERIMENTS[experiments[0]].sizes[0] not in sizes:
        return None
    return _exponential(logs[0], stats.norm.ppf((1 + LEVEL) / 2) * math.sqrt(noise[0]))


def _error_ratio(experiments: tuple[str, ...], folder: Path | None) -> Interval | None:
    """The geometric mean over the common sizes of the ratio of the mean errors.

    Its interval is the wider of two: from the noise of sampling, and from the scatter over the sizes with Student's t.
    """
    _, logs, noise = _error_ratios(experiments, folder)
    count = len(logs)
    if count < results.ENOUGH_SIZES:
        return None
    sampling = stats.norm.ppf((1 + LEVEL) / 2) * math.sqrt(noise.sum()) / count
    scatter = stats.t.ppf((1 + LEVEL) / 2, count - 1) * logs.std(ddof=1) / math.sqrt(count)
    return _exponential(logs.mean(), max(sampling, scatter))


def _saturation(experiments: tuple[str, ...], folder: Path | None) -> Interval | None:
    """The first recorded epoch from which on, at every size, the error is within 1% of the last.

    Its interval is the bracket of the recorded epochs: from just after the one before.
    """
    (experiment,) = experiments
    if results.fit(experiment, folder) is None:
        return None
    times = results.epochs(experiment)
    means = np.array([list(by_epoch.values()) for by_epoch in results.by_epoch(experiment, folder).values()]).T
    far = np.flatnonzero((np.abs(means / means[-1] - 1) > SATURATED).any(axis=1))
    last = int(far[-1]) if far.size else -1
    return Interval(times[last + 1], times[last] + 1 if far.size else 0, times[last + 1])


def _below(experiments: tuple[str, ...], folder: Path | None) -> Interval | None:
    """The smallest recorded size at which an experiment's error is below 0.1, of any; low: after the size before it."""
    brackets = []
    for experiment in experiments:
        errors = results.errors(experiment, folder)
        means = {n: sample.mean() for n, sample in errors.items() if len(sample) >= results.ENOUGH_SAMPLES}
        below = [n for n, mean in means.items() if mean < LOW_ERROR]
        if below:
            brackets.append((min(below), max([n for n in means if n < min(below)], default=0)))
    if not brackets:
        return None
    size, before = min(brackets)
    return Interval(size, before + 1, size)


def _all_sizes_difference(experiments: tuple[str, ...], folder: Path | None) -> Interval | None:
    """The difference of two exponents, each fitted over all measured sizes, the large sets included."""
    fits = [results.fit(name, folder, larger=results.larger(name)) for name in experiments]
    return difference(*(of_fit(fit, "rho") for fit in fits if fit)) if all(fits) else None


MEASURES = {
    **{name: _fitted(name) for name in ("rho", "eps(6000)", "c0")},
    "rho difference": _fitted("rho", difference),
    "eps(6000) difference": _fitted("eps(6000)", difference),
    "eps(6000) ratio": _fitted("eps(6000)", ratio),
    "crossing": _crossing,
    "error ratio": _error_ratio,
    "first error ratio": _first_error_ratio,
    "saturation": _saturation,
    "below": _below,
}
# What tells on which side of equality two curves lie: measured errors and all sizes, where MEASURES extrapolates.
DIRECTIONS = MEASURES | {"eps(6000) ratio": _error_ratio, "rho difference": _all_sizes_difference}
