"""Two curves against each other, and laws against each other.

crossing(fit_1, fit_2)                 the size at which one method overtakes the other, with its interval
compare_curves(fit_1, fit_2)           do the exponent and the constant differ? with a test
compare_laws(laws, x, y, holdout=2)    which law, fitted to the small sizes, predicts the large ones best?
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from plaw.curves.arrays import FloatArray
from plaw.curves.bootstrap import warn_of
from plaw.curves.curve import Curve, make_curve
from plaw.curves.fitting import Fit, fit_curve
from plaw.curves.intervals import Interval, mover, percentiles
from plaw.curves.laws import LAWS, Law, get_law, is_zero
from plaw.curves.limits import FAR
from plaw.errors import PlawError

GRID = 101  # sizes at which the limit of a crossing is sought at once


# --- two curves -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One parameter of two curves.

    Attributes
    ----------
    parameter : str
    first, second : float
        Its value in each curve.
    is_ratio : bool
        Whether `change` is second / first, as for a constant, or second - first, as for an exponent.
    change, low, high : float
        The change with its interval.
    p_value : float
        Of the hypothesis that there is no change.
    """

    parameter: str
    first: float
    second: float
    is_ratio: bool
    change: float
    low: float
    high: float
    p_value: float

    def __str__(self) -> str:
        kind = "ratio" if self.is_ratio else "difference"
        values = f"{self.parameter}: {self.first:.4g} and {self.second:.4g}, {kind} {self.change:.4g}"
        return f"{values} ({self.low:.4g} ... {self.high:.4g}), p = {self.p_value:.2g}"


def compare_curves(first: Fit, second: Fit, level: float = 0.95) -> list[Difference]:
    """Test of each parameter that two curves under the same law share: a better exponent, or only a better constant?

    The normal test with the known errors and Welch's t test with the scatter about each law, whichever is more
    cautious, as for the intervals (plaw.curves.intervals); linearised. Curves measured on the same test set or the same
    examples are taken as independent, which makes the intervals wider, not narrower.

    Parameters
    ----------
    first, second : Fit
        Of the same law, by least squares.
    level : float
        The confidence of the intervals.

    Returns
    -------
    list of Difference
        One per parameter.

    Raises
    ------
    PlawError
        For fits of different laws or with Huber's loss.

    Examples
    --------
    >>> from plaw.curves.fitting import fit_law
    >>> shallow = fit_law("power", [10, 100, 1000], [0.4, 0.2, 0.1], yerr=[0.004, 0.002, 0.001])
    >>> steep = fit_law("power", [10, 100, 1000], [0.5, 0.2, 0.08], yerr=[0.005, 0.002, 0.0008])
    >>> print(compare_curves(shallow, steep)[1])
    rho: 0.301 and 0.3979, difference 0.09691 (0.0884 ... 0.1054), p = 4.6e-18
    """
    if first.law != second.law or first.loss == "huber" or second.loss == "huber":
        raise PlawError("Curves are compared under one law, both fitted by least squares.")
    differences = []
    for j, name in enumerate(first.law.parameters):
        change = second.theta[j] - first.theta[j]
        p_value, half = _welch(change, [(fit.unit_covariance[j, j], fit) for fit in (first, second)], level)
        ratio = name in first.law.logarithmic
        best, low, high = (float(np.exp(v) if ratio else v) for v in (change, change - half, change + half))
        differences.append(Difference(name, first.params[name], second.params[name], ratio, best, low, high, p_value))
    return differences


def _welch(change: float, parts: list[tuple[float, Fit]], level: float) -> tuple[float, float]:
    """p-value and half-width of the interval; parts: (variance for residuals of unit variance, fit) of both curves."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.array([variance * np.divide(fit.chi2, fit.dof) for variance, fit in parts])
        freedom = scaled.sum() ** 2 / sum(s**2 / fit.dof for s, (_, fit) in zip(scaled, parts))
    error = np.sqrt(scaled.sum())
    p_value, half = 2 * stats.t.sf(abs(change) / error, freedom), error * stats.t.isf((1 - level) / 2, freedom)
    if all(fit.curve.known for _, fit in parts):
        noise = np.sqrt(sum(variance for variance, _ in parts))
        p_value = np.fmax(p_value, 2 * stats.norm.sf(abs(change) / noise))
        half = np.fmax(half, noise * stats.norm.isf((1 - level) / 2))
    return float(p_value), float(half)


def crossing(first: Fit, second: Fit, level: float = 0.95, method: str = "profile") -> Interval:
    """The size at which the fits of two curves cross, with its interval.

    Parameters
    ----------
    first, second : Fit
        Of laws of one variable.
    level : float
        The confidence.
    method : str
        "profile": the sizes at which the difference of the two logarithms may be zero, its interval put together from
        the two bands as MOVER does (Zou & Donner 2008): upper end = difference + sqrt((u1 - f1)^2 + (f2 - l2)^2).
        "percentile": the bootstrap of both curves, sampling noise alone.

    Returns
    -------
    Interval
        The crossing nearest to the data; its value is NaN where there is none, its ends are NaN where the curves
        surely differ at all sizes. They may reach 0 or infinity, where the lines are nearly parallel.

    Raises
    ------
    PlawError
        For laws of two variables.

    Examples
    --------
    >>> from plaw.curves.fitting import fit_law
    >>> shallow = fit_law("power", [10, 100, 1000], [0.4, 0.2, 0.1], yerr=[0.004, 0.002, 0.001])
    >>> steep = fit_law("power", [10, 100, 1000], [0.5, 0.2, 0.08], yerr=[0.005, 0.002, 0.0008])
    >>> print(f"{crossing(shallow, steep).value:.0f}")
    100
    """
    if len(first.law.variables) > 1 or len(second.law.variables) > 1:
        raise PlawError("Curves cross in one variable: fit laws of n alone.")
    sizes = np.concatenate([first.curve.log_x, second.curve.log_x])
    limits = float(sizes.min() - FAR / 2), float(sizes.max() + FAR / 2)
    best = float(_log_crossing(first.law, first.theta[None], second.law, second.theta[None], sizes, limits)[0])
    if np.isnan(best):
        low, high = _where_equal(first, second, limits, level)
    elif method == "percentile":
        low, high = _percentile_crossing(first, second, sizes, limits, level)
    else:
        low, high = (_crossing_limit(first, second, best, limit, level) for limit in limits)
    return Interval(best, low, high, level).map(np.exp)


def _log_crossing(
    law_1: Law, theta_1: FloatArray, law_2: Law, theta_2: FloatArray, sizes: FloatArray, limits: tuple[float, float]
) -> FloatArray:
    """For each row of theta the crossing nearest to the middle of the sizes, NaN where there is none."""
    grid = np.linspace(*limits, 1401)

    def gap(log_n: FloatArray) -> FloatArray:
        return law_1.log_value(theta_1, log_n) - law_2.log_value(theta_2, log_n)

    signs = gap(grid[None]) > 0
    changes = signs[:, :-1] != signs[:, 1:]
    distance = np.where(changes, np.abs(grid[:-1] - sizes.mean()), np.inf)
    place = distance.argmin(axis=1)
    low, high, left = grid[place], grid[place + 1], signs[np.arange(len(signs)), place]
    for _ in range(45):
        middle = (low + high) / 2
        same = (gap(middle[:, None])[:, 0] > 0) == left
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return np.where(changes.any(axis=1), (low + high) / 2, np.nan)


def _gap_margin(first: Fit, second: Fit, log_n: FloatArray, level: float) -> FloatArray:
    """Below zero where the two curves may be equal at these sizes."""
    n = np.exp(log_n)
    (low_1, high_1), (low_2, high_2) = np.log(first.band(n, level)), np.log(second.band(n, level))
    best_1, best_2 = np.log(first.predict(n)), np.log(second.predict(n))
    gap: FloatArray = best_1 - best_2
    low, high = mover(gap, (best_1 - low_1, high_2 - best_2), (high_1 - best_1, best_2 - low_2))
    return np.where(gap > 0, low, -high)


def _crossing_limit(first: Fit, second: Fit, best: float, limit: float, level: float) -> float:
    """The first size from the crossing towards the limit at which the curves surely differ."""
    grid = best + (limit - best) * np.linspace(0, 1, GRID) ** 2
    for _ in range(3):
        outside = np.flatnonzero(_gap_margin(first, second, grid, level) > 0)
        if not outside.size:
            return np.inf if limit > best else -np.inf
        grid = np.linspace(grid[max(outside[0] - 1, 0)], grid[outside[0]], 21)
    return float(grid[-1])


def _where_equal(first: Fit, second: Fit, limits: tuple[float, float], level: float) -> tuple[float, float]:
    """For fits that do not cross: between which sizes they may."""
    grid = np.linspace(*limits, 4 * GRID)
    equal = grid[_gap_margin(first, second, grid, level) <= 0]
    if not equal.size:
        return np.nan, np.nan
    return -np.inf if equal[0] == limits[0] else equal[0], np.inf if equal[-1] == limits[1] else equal[-1]


def _percentile_crossing(
    first: Fit, second: Fit, sizes: FloatArray, limits: tuple[float, float], level: float
) -> FloatArray:
    """Replicates of the first paired at random with those of the second: equal seeds must not tie them together."""
    count = min(len(first.replicates), len(second.replicates))
    mixed = np.random.default_rng(first.seed).permutation(second.replicates)[:count]
    crossings = _log_crossing(first.law, first.replicates[:count], second.law, mixed, sizes, limits)
    return percentiles(np.where(np.isnan(crossings), np.inf, crossings), level)


# --- laws on one curve ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Score:
    """How well one law, fitted to the small sizes, predicted the large ones.

    Attributes
    ----------
    law : str
    log_rmse, low, high : float
        Root mean square of log(predicted / measured), with the bootstrap's interval.
    coverage : float
        Share of the held-out points inside the predicted interval.
    rank, rank_low, rank_high : int
        1 is best, with its interval.
    wins : float
        Share of the bootstrap replicates in which this law was best.
    fit : Fit
        To the small sizes.
    """

    law: str
    log_rmse: float
    low: float
    high: float
    coverage: float
    rank: int
    rank_low: int
    rank_high: int
    wins: float
    fit: Fit


@dataclass(frozen=True)
class Comparison:
    """Scores, best first; prints as a table.

    Attributes
    ----------
    scores : tuple of Score
    fitted, held_out : int
        Number of sizes fitted and held out.
    level : float
        The confidence of the intervals.
    origins : int
        Number of rolling origins that the scores pool; `fitted` is that of the longest.
    """

    scores: tuple[Score, ...]
    fitted: int
    held_out: int
    level: float
    origins: int = 1

    def __str__(self) -> str:
        errors, ranks = f"{'log RMSE':>9}   {'interval':<19} {'covered':>7}", f"{'rank':>5}   {'interval':<8}"
        lines = [
            f"fitted to {self.fitted} sizes, scored on the {self.held_out} largest; {self.level:.0%} intervals",
            f"  {'law':<14} {errors} {ranks} {'best in':>7}",
        ]
        for s in self.scores:
            ends, rank_ends = f"{s.low:.4f} ... {s.high:.4f}", f"{s.rank_low} ... {s.rank_high}"
            error = f"  {s.law:<14} {s.log_rmse:>9.4f}   {ends:<19}"
            lines.append(f"{error} {s.coverage:>7.0%} {s.rank:>5}   {rank_ends:<8} {s.wins:>7.0%}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{s.law}</td><td>{s.log_rmse:.4f}</td><td>{s.low:.4f} &hellip; {s.high:.4f}</td>"
            f"<td>{s.coverage:.0%}</td><td>{s.rank}</td><td>{s.rank_low} &hellip; {s.rank_high}</td>"
            f"<td>{s.wins:.0%}</td></tr>"
            for s in self.scores
        )
        heads = "".join(
            f"<th>{t}</th>" for t in ("law", "log RMSE", "interval", "covered", "rank", "interval", "best in")
        )
        caption = f"fitted to {self.fitted} sizes, scored on the {self.held_out} largest"
        return f"<table><caption>{caption}</caption><tr>{heads}</tr>{rows}</table>"


def compare_laws(
    laws: Sequence[str | Law] | None, x: ArrayLike, y: ArrayLike, holdout: int | None = None,
    yerr: ArrayLike | None = None, level: float = 0.95, bootstrap: int = 200, seed: int = 0, origins: int = 1,
) -> Comparison:  # fmt: skip
    """Fit laws to the small sizes of a curve and score them on the large ones.

    Parameters
    ----------
    laws : sequence of str or Law, or None
        None: all laws of one variable that the remaining sizes can determine.
    x, y, yerr
        As for `fit_law`; one variable.
    holdout : int, optional
        Number of largest sizes that are held out; default: a third of the points.
    level : float
        The confidence of the intervals.
    bootstrap, seed : int
        Number of replicates, and seed.
    origins : int
        Number of rolling origins: the same is done again without the largest size, then without the two largest, and
        so on, and every forecast counts. More origins tell luck from merit; each is shorter by one size.

    Returns
    -------
    Comparison

    Raises
    ------
    PlawError
        Where nothing is left to fit or to score.

    Examples
    --------
    >>> sizes = [10, 30, 100, 300, 1000, 3000, 10_000]
    >>> errors = [0.241, 0.148, 0.09, 0.06, 0.042, 0.0328, 0.027]
    >>> result = compare_laws(["power", "power_offset"], sizes, errors, holdout=2, bootstrap=20)
    >>> [score.law for score in result.scores]
    ['power_offset', 'power']
    """
    curve = make_curve(x, y, yerr)
    if curve.x.ndim != 1:
        raise PlawError("Laws are compared on curves of one variable.")
    holdout = max(1, len(curve.y) // 3) if holdout is None else holdout
    if origins < 1:
        raise PlawError(f"Laws are compared from one origin or more, not from {origins}.")
    ends = [max(len(curve.y) - back, 0) for back in range(origins)]
    smallest = curve.part(slice(0, max(ends[-1] - holdout, 0)))
    chosen = _determined(laws, len(np.unique(smallest.x)) if holdout > 0 else 0)
    parts = [(curve.part(slice(0, end - holdout)), curve.part(slice(end - holdout, end))) for end in ends]
    fits = [[fit_curve(law, small, bootstrap=bootstrap, seed=seed) for law in chosen] for small, _ in parts]
    misses = np.concatenate([
        [_log_value(fit, fit.theta[None], large)[0] - np.log(large.y) for fit in row]
        for row, (_, large) in zip(fits, parts)
    ], axis=1)  # fmt: skip
    replicated_misses = _replicated_misses(fits, [large for _, large in parts], np.random.default_rng([seed, 1]))
    rmse, replicated = np.sqrt((misses**2).mean(axis=1)), np.sqrt((replicated_misses**2).mean(axis=2))
    ranks, replicated_ranks = stats.rankdata(rmse, method="min"), stats.rankdata(replicated, axis=0, method="min")
    (low, high), (rank_low, rank_high) = percentiles(replicated.T, level), percentiles(replicated_ranks.T, level)
    coverage = [
        float(np.mean([_coverage(row[i], large, level) for row, (_, large) in zip(fits, parts)]))
        for i in range(len(chosen))
    ]
    scores = [
        Score(
            law.name, float(rmse[i]), float(low[i]), float(high[i]), coverage[i], int(ranks[i]),
            int(rank_low[i]), int(rank_high[i]), float((replicated_ranks[i] == 1).mean()), fits[0][i],
        )
        for i, law in enumerate(chosen)
    ]  # fmt: skip
    return Comparison(tuple(sorted(scores, key=lambda s: s.rank)), len(parts[0][0].y), holdout, level, origins)


def _determined(laws: Sequence[str | Law] | None, sizes: int) -> list[Law]:
    """The laws asked for, or those that so many sizes determine."""
    if laws is None:
        laws = [law for law in LAWS.values() if law.variables == ("n",) and len(law.parameters) < sizes]
    chosen = [get_law(law) for law in laws]
    needed = max((len(law.parameters) for law in chosen), default=3)
    if sizes < needed:
        raise PlawError(
            f"These laws need {needed} sizes in addition to those held out, but {sizes} are left: "
            "hold out fewer, or compare simpler laws."
        )
    return chosen


def _replicated_misses(fits: list[list[Fit]], large: list[Curve], rng: np.random.Generator) -> FloatArray:
    """(laws, B, held out at all origins): sizes measured again; all laws see the same replicates.

    A replicate at which a law did not converge would compare a law with a search that had not ended: no law keeps it.
    """
    converged = np.logical_and.reduce([fit.all_replicates.converged for row in fits for fit in row])
    warn_of(converged)
    misses = []
    for row, held_out in zip(fits, large):
        log_y = held_out.replicates(row[0].bootstrap, np.log(held_out.y), rng)[converged]
        misses.append([_log_value(fit, fit.all_replicates.theta[converged], held_out) - log_y for fit in row])
    return np.concatenate(misses, axis=2)


def _log_value(fit: Fit, theta: FloatArray, large: Curve) -> FloatArray:
    """log y predicted; minus infinity where a law has come down to zero."""
    values = fit.law.log_value(theta, large.log_x[None])
    return np.where(is_zero(values), -np.inf, values)


def _coverage(fit: Fit, large: Curve, level: float) -> float:
    """Share of the held-out points within the band widened by their own noise."""
    best, (low, high), log_y = np.log(fit.predict(large.x)), np.log(fit.band(large.x, level)), np.log(large.y)
    noise = large.log_error if large.known else np.sqrt(fit.chi2 / fit.dof) if fit.dof else 0.0
    noise = noise * stats.norm.isf((1 - level) / 2)
    low, high = mover(best, (best - low, noise), (high - best, noise))
    return float(((log_y >= low) & (log_y <= high)).mean())
