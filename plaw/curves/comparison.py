"""Two curves against each other, and laws against each other.

crossing(fit_1, fit_2)            the size at which one method overtakes the other, with its interval
compare_curves(fit_1, fit_2)      do the exponent and the constant differ? with a test
compare(laws, x, y, holdout=2)    which law, fitted to the small sizes, foretells the large ones?
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from plaw.curves.curve import make_curve
from plaw.curves.fitting import Fit, fit_curve
from plaw.curves.intervals import FAR, Interval, mover, percentiles
from plaw.curves.laws import LAWS, Law, get_law
from plaw.errors import PlawError

GRID = 101
LOWEST = -600.0  # log y: below it is zero


# --- two curves ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One parameter of two curves. change: other - one, or other / one where is_ratio, with its interval; p_value: of no change."""

    parameter: str
    one: float
    other: float
    is_ratio: bool
    change: float
    low: float
    high: float
    p_value: float

    def __str__(self) -> str:
        kind = "ratio" if self.is_ratio else "difference"
        values = f"{self.parameter}: {self.one:.4g} and {self.other:.4g}, {kind} {self.change:.4g}"
        return f"{values} ({self.low:.4g} ... {self.high:.4g}), p = {self.p_value:.2g}"


def compare_curves(one: Fit, other: Fit, level: float = 0.95) -> list[Difference]:
    """Test of each parameter that two curves under the same law share: a better exponent, or only a better constant?

    The normal test with the known errors and Welch's t test with the scatter about each law, whichever is more cautious, as for
    the intervals (plaw.curves.intervals); linearised. Curves measured on the same test set or the same examples are taken as independent,
    which errs towards caution.
    """
    if one.law is not other.law or one.loss == "huber" or other.loss == "huber":
        raise PlawError("Curves are compared under one law, both fitted by least squares.")
    found = []
    for j, name in enumerate(one.law.parameters):
        change = other.theta[j] - one.theta[j]
        p_value, half = _welch(change, [(fit.unit_covariance[j, j], fit) for fit in (one, other)], level)
        ratio = name in one.law.logarithmic
        values = [float(np.exp(v) if ratio else v) for v in (change, change - half, change + half)]
        found.append(Difference(name, one.params[name], other.params[name], ratio, *values, p_value))
    return found


def _welch(change: float, parts: list, level: float) -> tuple[float, float]:
    """p-value and half-width of the interval; parts: (variance for residuals of unit variance, fit) of both curves."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.array([variance * np.divide(fit.chi2, fit.dof) for variance, fit in parts])
        freedom = scaled.sum() ** 2 / sum(s**2 / fit.dof for s, (_, fit) in zip(scaled, parts))
    error = np.sqrt(scaled.sum())
    p_value, half = 2 * stats.t.sf(abs(change) / error, freedom), error * stats.t.ppf((1 + level) / 2, freedom)
    if all(fit.curve.known for _, fit in parts):
        noise = np.sqrt(sum(variance for variance, _ in parts))
        p_value = np.fmax(p_value, 2 * stats.norm.sf(abs(change) / noise))
        half = np.fmax(half, noise * stats.norm.ppf((1 + level) / 2))
    return float(p_value), float(half)


def crossing(one: Fit, other: Fit, level: float = 0.95, method: str = "profile") -> Interval:
    """Where the fits of two curves cross (the crossing nearest to the data, n NaN where there is none), with its interval (NaN
    where they surely differ at all sizes).

    "profile": the sizes at which the difference of the two logarithms may be zero, its interval put together from the two bands
    as MOVER does (Zou & Donner 2008): upper end = difference + sqrt((u1 - f1)^2 + (f2 - l2)^2). The interval may reach 0 or
    infinity, where the lines are nearly parallel. "percentile": the bootstrap of both curves, sampling noise alone.
    """
    if len(one.law.variables) > 1 or len(other.law.variables) > 1:
        raise PlawError("Curves cross in one variable: fit laws of n alone.")
    sizes = np.concatenate([one.curve.log_x, other.curve.log_x])
    search_range = sizes.min() - FAR / 2, sizes.max() + FAR / 2
    best = _log_crossing(one.law, one.theta[None], other.law, other.theta[None], sizes, search_range)[0]
    if np.isnan(best):
        return Interval(np.nan, *map(float, np.exp(_where_equal(one, other, search_range, level))), level)
    if method == "percentile":
        ends = _percentile_crossing(one, other, sizes, search_range, level)
    else:
        ends = [_crossing_limit(one, other, best, limit, level) for limit in search_range]
    return Interval(*(float(np.exp(value)) for value in (best, *ends)), level)


def _log_crossing(law_1, theta_1, law_2, theta_2, sizes, search_range) -> np.ndarray:
    """For each row of theta the crossing nearest to the middle of the sizes, NaN where there is none."""
    grid = np.linspace(*search_range, 1401)

    def gap(log_n):
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


def _gap_margin(one: Fit, other: Fit, log_n: np.ndarray, level: float) -> np.ndarray:
    """Below zero where the two curves may be equal at these sizes."""
    n = np.exp(log_n)
    (low_1, high_1), (low_2, high_2) = np.log(one.band(n, level)), np.log(other.band(n, level))
    best_1, best_2 = np.log(one.predict(n)), np.log(other.predict(n))
    gap = best_1 - best_2
    low, high = mover(gap, (best_1 - low_1, high_2 - best_2), (high_1 - best_1, best_2 - low_2))
    return np.where(gap > 0, low, -high)


def _crossing_limit(one: Fit, other: Fit, best: float, limit: float, level: float) -> float:
    """The first size from the crossing towards the wall at which the curves surely differ."""
    grid = best + (limit - best) * np.linspace(0, 1, GRID) ** 2
    for _ in range(3):
        outside = np.flatnonzero(_gap_margin(one, other, grid, level) > 0)
        if not outside.size:
            return np.inf if limit > best else -np.inf
        grid = np.linspace(grid[max(outside[0] - 1, 0)], grid[outside[0]], 21)
    return float(grid[-1])


def _where_equal(one: Fit, other: Fit, search_range, level: float) -> tuple[float, float]:
    """For fits that do not cross: between which sizes they may."""
    grid = np.linspace(*search_range, 4 * GRID)
    equal = grid[_gap_margin(one, other, grid, level) <= 0]
    if not equal.size:
        return np.nan, np.nan
    return -np.inf if equal[0] == search_range[0] else equal[0], np.inf if equal[-1] == search_range[1] else equal[-1]


def _percentile_crossing(one: Fit, other: Fit, sizes, search_range, level) -> np.ndarray:
    """Replicates of the one paired at random with those of the other: equal seeds must not tie them together."""
    count = min(len(one.replicates), len(other.replicates))
    mixed = np.random.default_rng(one.seed).permutation(other.replicates)[:count]
    found = _log_crossing(one.law, one.replicates[:count], other.law, mixed, sizes, search_range)
    return percentiles(np.where(np.isnan(found), np.inf, found), level)


# --- laws on one curve -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Score:
    """How one law, fitted to the small sizes, foretold the large ones.

    log_rmse: root mean square of log(foretold / measured), with the bootstrap's interval low ... high; coverage: share of the
    held-out points inside the foretold interval; rank: 1 is best, rank_low ... rank_high its interval; wins: share of the
    bootstrap replicates in which this law was best.
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
    """Scores, best first."""

    scores: tuple[Score, ...]
    fitted: int
    held_out: int
    level: float

    def __str__(self) -> str:
        lines = [
            f"fitted to {self.fitted} sizes, scored on the {self.held_out} largest; {self.level:.0%} intervals",
            f"  {'law':<14} {'log RMSE':>9}   {'interval':<19} {'covered':>7} {'rank':>5}   {'interval':<8} {'best in':>7}",
        ]
        for s in self.scores:
            ends, ranks = f"{s.low:.4f} ... {s.high:.4f}", f"{s.rank_low} ... {s.rank_high}"
            lines.append(
                f"  {s.law:<14} {s.log_rmse:>9.4f}   {ends:<19} {s.coverage:>7.0%} {s.rank:>5}   {ranks:<8} {s.wins:>7.0%}"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{s.law}</td><td>{s.log_rmse:.4f}</td><td>{s.low:.4f} &hellip; {s.high:.4f}</td><td>{s.coverage:.0%}</td>"
            f"<td>{s.rank}</td><td>{s.rank_low} &hellip; {s.rank_high}</td><td>{s.wins:.0%}</td></tr>"
            for s in self.scores
        )
        heads = "".join(
            f"<th>{t}</th>" for t in ("law", "log RMSE", "interval", "covered", "rank", "interval", "best in")
        )
        caption = f"fitted to {self.fitted} sizes, scored on the {self.held_out} largest"
        return f"<table><caption>{caption}</caption><tr>{heads}</tr>{rows}</table>"


def compare(
    laws: Sequence[str | Law] | None, x, y, holdout: int | None = None,
    yerr=None, level: float = 0.95, bootstrap: int = 200, seed: int = 0,
) -> Comparison:  # fmt: skip
    """Fit laws to the small sizes and score them on the `holdout` largest (default: a third of the points).

    laws: names or Laws; None: all of one variable that the remaining sizes can determine. x, y, yerr: as for fit_law.
    Raises PlawError where nothing is left to fit or to score.
    """
    curve = make_curve(x, y, yerr)
    if curve.x.ndim != 1:
        raise PlawError("Laws are compared on curves of one variable.")
    holdout = max(1, len(curve.y) // 3) if holdout is None else holdout
    small, large = curve.part(slice(0, len(curve.y) - holdout)), curve.part(slice(len(curve.y) - holdout, None))
    sizes = len(np.unique(small.x)) if holdout > 0 else 0
    chosen = _determined(laws, sizes)
    fits = [fit_curve(law, small, bootstrap=bootstrap, seed=seed) for law in chosen]
    misses = np.array([_log_value(fit, fit.theta[None], large)[0] - np.log(large.y) for fit in fits])
    again = _replicated_misses(fits, large, np.random.default_rng([seed, 1]))
    rmse, replicated = np.sqrt((misses**2).mean(axis=1)), np.sqrt((again**2).mean(axis=2))
    ranks, replicated_ranks = stats.rankdata(rmse, method="min"), stats.rankdata(replicated, axis=0, method="min")
    (low, high), (rank_low, rank_high) = percentiles(replicated.T, level), percentiles(replicated_ranks.T, level)
    scores = [
        Score(
            fit.law.name, float(rmse[i]), float(low[i]), float(high[i]), _coverage(fit, large, level), int(ranks[i]),
            int(rank_low[i]), int(rank_high[i]), float((replicated_ranks[i] == 1).mean()), fit,
        )
        for i, fit in enumerate(fits)
    ]  # fmt: skip
    return Comparison(tuple(sorted(scores, key=lambda s: s.rank)), len(small.y), holdout, level)


def _determined(laws: Sequence[str | Law] | None, sizes: int) -> list[Law]:
    """The laws asked for, or those that so many sizes determine."""
    if laws is None:
        laws = [law for law in LAWS.values() if law.variables == ("n",) and len(law.parameters) < sizes]
    chosen = [get_law(law) for law in laws]
    needed = max((len(law.parameters) for law in chosen), default=3)
    if sizes < needed:
        raise PlawError(
            f"These laws need {needed} sizes beside those held out, but {sizes} are left: hold out fewer, or compare simpler laws."
        )
    return chosen


def _replicated_misses(fits: list[Fit], large, rng: np.random.Generator) -> np.ndarray:
    """(laws, bootstrap, held out): small and large sizes measured anew; all laws see the same replicates."""
    log_y = large.replicates(fits[0].bootstrap, np.log(large.y), rng)
    return np.array([_log_value(fit, fit.replicates, large) - log_y for fit in fits])


def _log_value(fit: Fit, theta: np.ndarray, large) -> np.ndarray:
    """log y foretold; minus infinity where a law has come down to zero."""
    values = fit.law.log_value(theta, large.log_x[None])
    return np.where(values < LOWEST, -np.inf, values)


def _coverage(fit: Fit, large, level: float) -> float:
    """Share of the held-out points within the band widened by their own noise."""
    best, (low, high), log_y = np.log(fit.predict(large.x)), np.log(fit.band(large.x, level)), np.log(large.y)
    noise = large.log_error if large.known else np.sqrt(fit.chi2 / fit.dof) if fit.dof else 0.0
    noise = noise * stats.norm.ppf((1 + level) / 2)
    low, high = mover(best, (best - low, noise), (high - best, noise))
    return float(((log_y >= low) & (log_y <= high)).mean())
