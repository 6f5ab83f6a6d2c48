"""Two curves against each other, and laws against each other.

    crossing(fit_1, fit_2)            the size at which one method overtakes the other, with its interval
    compare_curves(fit_1, fit_2)      is the exponent, or the constant, different? with a test
    compare(laws, x, y, holdout=2)    which law, fitted to the small sizes, foretells the large ones?
"""

import numpy as np

from plaw.errors import PlawError
from plaw.fitting import Fit, SizeInterval
from plaw.intervals import FAR, percentiles

GRID = 101


def crossing(one: Fit, other: Fit, level: float = 0.95, method: str = "profile") -> SizeInterval:
    """Where the fits of two curves cross (the crossing nearest to the data, n NaN where there is none), with its interval.

    "profile": the sizes at which the difference of the two logarithms may be zero, its interval put together from the two bands
    as MOVER does (Zou & Donner 2008): upper end (difference) = difference + sqrt((u1 - f1)^2 + (f2 - l2)^2). The interval may
    reach 0 or infinity, where lines are nearly parallel. "percentile": the bootstrap of both curves, sampling noise alone.
    """
    if len(one.law.variables) > 1 or len(other.law.variables) > 1:
        raise PlawError("Curves cross in one variable: fit laws of n alone.")
    sizes = np.concatenate([one.curve.log_x, other.curve.log_x])
    reach = sizes.min() - FAR / 2, sizes.max() + FAR / 2
    best = _log_crossing(one.law, one.theta[None], other.law, other.theta[None], sizes, reach)[0]
    if np.isnan(best):
        return SizeInterval(np.nan, np.nan, np.nan, level)
    if method == "percentile":
        ends = _percentile_crossing(one, other, sizes, reach, level)
    else:
        ends = [_crossing_limit(one, other, best, wall, level) for wall in reach]
    return SizeInterval(*(float(np.exp(value)) for value in (best, *ends)), level)


def _log_crossing(law_1, theta_1, law_2, theta_2, sizes, reach) -> np.ndarray:
    """For each row of theta the crossing nearest to the middle of the sizes, NaN where there is none."""
    grid = np.linspace(*reach, 1401)

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
    down = np.hypot(best_1 - low_1, high_2 - best_2)
    up = np.hypot(high_1 - best_1, best_2 - low_2)
    return np.where(gap > 0, gap - down, -gap - up)


def _crossing_limit(one: Fit, other: Fit, best: float, wall: float, level: float) -> float:
    """The first size from the crossing towards the wall at which the curves surely differ; refined once."""
    grid = best + (wall - best) * np.linspace(0, 1, GRID) ** 2
    for _ in range(3):
        outside = np.flatnonzero(_gap_margin(one, other, grid, level) > 0)
        if not outside.size:
            return np.inf if wall > best else -np.inf
        place = outside[0]
        grid = np.linspace(grid[place - 1], grid[place], 21)
    return float(grid[np.flatnonzero(_gap_margin(one, other, grid, level) > 0)[0]])


def _percentile_crossing(one: Fit, other: Fit, sizes, reach, level) -> np.ndarray:
    """Replicates of the one paired at random with those of the other: equal seeds must not tie them together."""
    count = min(len(one.replicates), len(other.replicates))
    mixed = np.random.default_rng(one.seed).permutation(other.replicates)[:count]
    found = _log_crossing(one.law, one.replicates[:count], other.law, mixed, sizes, reach)
    return percentiles(np.where(np.isnan(found), np.inf, found), level)
