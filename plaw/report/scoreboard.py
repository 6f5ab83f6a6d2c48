"""Published against reproduced: every number of plaw.report.published with ours, its 95% interval and a verdict.

Verdicts:

    agrees              the published value lies in our 95% interval, or ours within the published rounding. Of two
                              curves that the
                        paper calls alike: our interval holds equality, or they differ by less than
                        plaw.report.published.SAME (COMPARABLE).
    direction agrees    the value differs, but the paper's comparisons hold. For the claim that one curve lies above
                              or below another:
                        our 95% interval lies wholly on the claimed side. For a number: there are such claims about
                        its quantity and
                        its experiment (or, for a crossing, about the exponents of the two), and all that can be
                        checked hold.
    differs             none of these.
    not yet run         an experiment lacks records: a size counts from five samples on, a curve from three sizes on.

Intervals are profile intervals of the fitted power law (plaw.curves.intervals); differences and ratios of two fits
combine the intervals of both (MOVER, Zou & Donner 2008). Curves measured on the same test digits are taken as
independent, which errs towards caution."""

import math
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy import stats

from plaw.curves.comparison import crossing
from plaw.curves.fitting import Fit
from plaw.curves.intervals import Interval, difference, ratio
from plaw.report.published import LARGE, NUMBERS, Published
from plaw.study import results
from plaw.study.experiments import EXPERIMENTS

LEVEL = 0.95
SATURATED = 0.01  # an error has saturated when it is within that share of the error after the last epoch
LOW_ERROR = 0.1  # of T15


def rows(folder: Path | None = None) -> list[dict]:
    """One row for each published number: id, quantity, paper, value, low, high, samples, verdict.

    paper: the published value, None where it is words; value, low, high: ours with its 95% interval, None where there
    is none (or it is infinite); samples: the fewest networks or committees of any recorded size, 0 while an
    experiment that is needed has none."""
    found = {number: measure(number, folder) for number in NUMBERS}
    return [_row(number, ours, _directions(number, found), folder) for number, ours in found.items()]


def measure(number: Published, folder: Path | None = None) -> Interval | None:
    """Our value of a published number; None while its experiments lack records."""
    return MEASURES[number.measure](number.experiments, folder)


def verdict_of(number: Published, ours: Interval | None, directions: list[bool]) -> str:
    """The verdict; directions: whether the claims about this number hold."""
    if ours is None:
        return "not yet run"
    published = number.span if number.value is None else (number.value, number.value)
    if number.span[0] <= ours.value <= number.span[1] or (ours.low <= published[1] and published[0] <= ours.high):
        return "agrees"
    return "direction agrees" if directions and all(directions) else "differs"


def undecided(number: Published, row: dict) -> bool:
    """Whether the interval of a row holds both what a claim of direction says and its opposite; an end that is None
    is infinite.
    """
    low, high = (-math.inf if row["low"] is None else row["low"]), (math.inf if row["high"] is None else row["high"])
    return low <= number.equal <= high


def _directions(number: Published, found: dict[Published, Interval | None]) -> list[bool]:
    """Whether the claims hold to which a number belongs; those that cannot be checked yet are left out."""
    if number.claim == "direction":
        claims = [number]
    else:
        quantity = {"crossing": "rho"}.get(number.measure, number.measure)
        claims = [
            c
            for c in found
            if c.claim == "direction"
            and c.measure.startswith(f"{quantity} ")
            and set(number.experiments) <= set(c.experiments)
        ]
    return [_holds(claim, found[claim]) for claim in claims if found[claim]]


def _holds(claim: Published, ours: Interval) -> bool:
    return ours.low > claim.equal if claim.value > claim.equal else ours.high < claim.equal


def _row(number: Published, ours: Interval | None, directions: list[bool], folder: Path | None) -> dict:
    values = (ours.value, ours.low, ours.high) if ours else (None,) * 3
    value, low, high = (float(f"{x:.6g}") if x is not None and math.isfinite(x) else None for x in values)
    counts = [min(map(len, results.errors(id, folder).values()), default=0) for id in number.experiments]
    return {
        "id": number.id, "quantity": number.quantity, "paper": number.value, "value": value, "low": low, "high": high,
        "samples": min((count for count in counts if count or not ours), default=0), "verdict": verdict_of(number, ours, directions),
    }  # fmt: skip


# --- how the numbers are measured: functions of the experiments and the folder of their records ----------------------------------


@lru_cache(maxsize=256)
def of_fit(fit: Fit, name: str) -> Interval:
    """rho, c0 or eps(6000) of a fitted power law."""
    if name == "eps(6000)":
        return Interval(float(fit.predict(LARGE)[0]), *map(float, fit.band(LARGE, LEVEL)[:, 0]))
    return Interval(fit.params[name], *fit.interval(LEVEL)[name])


def _fitted(name: str, combine: Callable = lambda only: only) -> Callable:
    """Measure a quantity of one fit, or combine that of two."""

    def measured(experiments, folder) -> Interval | None:
        fits = [results.fit(id, folder) for id in experiments]
        return combine(*(of_fit(fit, name) for fit in fits)) if all(fits) else None

    return measured


def _crossing(experiments, folder) -> Interval | None:
    fits = [results.fit(id, folder) for id in experiments]
    return _cross(*fits) if all(fits) else None


@lru_cache(maxsize=32)
def _cross(one: Fit, other: Fit) -> Interval:
    return crossing(one, other, LEVEL)


def _error_ratios(experiments, folder) -> tuple[list[int], np.ndarray, np.ndarray]:
    """The common sizes of two experiments, the logarithms of the ratios of their mean errors there, and the variances
    from sampling.
    """
    one, other = (results.errors(id, folder) for id in experiments)
    sizes = [n for n in one if n in other and min(len(one[n]), len(other[n])) >= results.ENOUGH_SAMPLES]
    logs = [np.log(one[n].mean() / other[n].mean()) for n in sizes]
    noise = [sum((np.std(e[n], ddof=1) / e[n].mean()) ** 2 / len(e[n]) for e in (one, other)) for n in sizes]
    return sizes, np.array(logs), np.array(noise)


def _first_error_ratio(experiments, folder) -> Interval | None:
    """The ratio of the mean errors at the smallest size."""
    sizes, logs, noise = _error_ratios(experiments, folder)
    if EXPERIMENTS[experiments[0]].sizes[0] not in sizes:
        return None
    half = stats.norm.ppf((1 + LEVEL) / 2) * math.sqrt(noise[0])
    return Interval(logs[0], logs[0] - half, logs[0] + half).map(math.exp)


def _error_ratio(experiments, folder) -> Interval | None:
    """The geometric mean over the common sizes of the ratio of the mean errors.

    Its interval is the wider of two: from the noise of sampling, and from the scatter over the sizes with Student's t.
    """
    _, logs, noise = _error_ratios(experiments, folder)
    count = len(logs)
    if count < results.ENOUGH_SIZES:
        return None
    sampling = stats.norm.ppf((1 + LEVEL) / 2) * math.sqrt(noise.sum()) / count
    half = max(sampling, stats.t.ppf((1 + LEVEL) / 2, count - 1) * logs.std(ddof=1) / math.sqrt(count))
    return Interval(logs.mean(), logs.mean() - half, logs.mean() + half).map(math.exp)


def _saturation(experiments, folder) -> Interval | None:
    """The first recorded epoch from which on, at every size, the error is within 1% of that after the last; low: the
    one before.
    """
    (id,) = experiments
    if results.fit(id, folder) is None:
        return None
    times = results.epochs(id)
    means = np.array([list(by_epoch.values()) for by_epoch in results.by_epoch(id, folder).values()]).T
    far = np.flatnonzero((np.abs(means / means[-1] - 1) > SATURATED).any(axis=1))
    last = int(far[-1]) if far.size else -1
    return Interval(times[last + 1], times[last] + 1 if far.size else 0, times[last + 1])


def _below(experiments, folder) -> Interval | None:
    """The smallest recorded size at which the error of any of the experiments is below 0.1; low: the size before it."""
    found = []
    for id in experiments:
        sizes = [(n, e.mean()) for n, e in results.errors(id, folder).items() if len(e) >= results.ENOUGH_SAMPLES]
        below = [n for n, error in sizes if error < LOW_ERROR]
        if below:
            found.append((min(below), max([n for n, _ in sizes if n < min(below)], default=0)))
    return Interval(min(found)[0], min(found)[1] + 1, min(found)[0]) if found else None


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
