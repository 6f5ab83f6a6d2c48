"""How sure a fit is: intervals of parameters, predictions and sizes, by profile likelihood or by bootstrap.

Two methods, because they answer different questions:

"percentile"    the bootstrap: what if the same sizes were measured again? It knows the noise of sampling and nothing else, and
                with 4 to 6 points and errors not known it is too narrow even for that.
"profile"       the default: also counts the scatter of the points about the law, with Student's t for the few points that tell
                of it; so it stays honest when every size has a little luck of its own, as a search for hyper-parameters brings.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from plaw.curves.profile import profile_limits
from plaw.curves.solver import jacobian, solve

FAR = 70.0  # sizes are sought within e^70 times those measured
MET = 13  # sizes at once at which the band is asked whether it meets a target that the best curve never meets


@dataclass(frozen=True)
class Interval:
    """A value with its interval: a parameter, an error, a number of examples, a difference, a ratio.

    Infinite where no number suffices or nothing bounds it; NaN where there is none.
    """

    value: float
    low: float
    high: float
    level: float = 0.95

    def map(self, function: Callable[[float], float]) -> "Interval":
        """An increasing function of the value and of both ends."""
        return Interval(*(float(function(x)) for x in (self.value, self.low, self.high)), self.level)

    def __str__(self) -> str:
        value, low, high = map(plain_number, (self.value, self.low, self.high))
        return f"{value} ({self.level:.0%} interval {low} ... {high})"


def plain_number(value: float) -> str:
    """A number in four digits, and no power of ten up to 10^15."""
    return f"{float(f'{value:.4g}'):,.15g}"


def mover(value, low_arms, high_arms):
    """The ends of a sum's interval put together from those of two independent parts (MOVER: Zou & Donner 2008).

    low_arms, high_arms: how far the sum moves down, and up, when the first and when the second part goes to its own end.
    """
    return value - np.hypot(*low_arms), value + np.hypot(*high_arms)


def difference(first: Interval, second: Interval) -> Interval:
    """One quantity minus another, independent one, with its interval by `mover`."""
    value = first.value - second.value
    low_arms = first.value - first.low, second.high - second.value
    high_arms = first.high - first.value, second.value - second.low
    return Interval(value, *map(float, mover(value, low_arms, high_arms)), first.level)


def ratio(first: Interval, second: Interval) -> Interval:
    """One positive quantity over another: the difference of their logarithms."""
    return difference(first.map(math.log), second.map(math.log)).map(math.exp)


def delta_chi2(level: float, chi2: float, dof: int, known: bool) -> float:
    """The rise of chi2 that bounds an interval.

    Errors not known: the scatter about the law is the only measure of noise, and t(level, degrees)^2 chi2/degrees gives for
    straight lines and normal noise Student's interval, which is exact. Errors known (yerr, samples): z(level)^2 is exact if the
    law is true, the former if there is scatter beyond the known; the larger of the two is taken. (For a true law and 4 points,
    2 parameters, it then covers 98.7% instead of 95%; less and less excess with more points.)
    """
    scatter = stats.t.ppf((1 + level) / 2, dof) ** 2 * chi2 / dof if dof > 0 else np.nan
    noise = stats.norm.ppf((1 + level) / 2) ** 2
    return float(np.fmax(noise, scatter)) if known else float(scatter)


def covariance(residuals: Callable, theta: np.ndarray) -> np.ndarray:
    """(p, p), the inverse of J^T J: the linearised covariance of theta for residuals of unit variance."""
    slopes = jacobian(residuals, theta[None], np.zeros(1, int))[0]
    scale = np.maximum(np.linalg.norm(slopes, axis=0), 1e-12)
    return np.linalg.pinv((slopes / scale).T @ (slopes / scale), rcond=1e-14, hermitian=True) / np.outer(scale, scale)


def parameter_limits(fit, level: float) -> np.ndarray:
    """(2, p), profile limits of theta."""

    def constraint(theta, which, q):
        return theta[np.arange(len(q)), which] - q

    step = np.sqrt(fit.delta_chi2(level) * np.diag(fit.unit_covariance))
    return _limits(fit, constraint, fit.theta, step, fit.bounds, level)


def band_limits(fit, log_x: np.ndarray, level: float) -> np.ndarray:
    """(2, n), profile limits of log y at log_x (n,) or (n, 2)."""

    def log_value(theta, which):
        return fit.law.log_value(theta, log_x[which][:, None])[:, 0]

    def constraint(theta, which, q):
        return log_value(theta, which) - q

    best, step = (
        log_value(np.tile(fit.theta, (len(log_x), 1)), np.arange(len(log_x))),
        spread(fit, log_value, len(log_x), level),
    )
    return _limits(fit, constraint, best, step, np.array([[-700.0], [700.0]]), level)


def size_limits(fit, best: float, log_y: float, level: float) -> tuple[float, float]:
    """Profile limits of the logarithm of the size at which the law passes y; best: that of the fit."""
    if not np.isfinite(best):
        return _size_limits_by_band(fit, best, log_y, level)
    limits = search_range(fit)

    def constraint(theta, which, q):
        return fit.law.log_value(theta, q[:, None])[:, 0] - log_y

    nearby = fit.law.log_value(fit.theta[None], np.array([[best - 1e-4, best + 1e-4]]))[0]
    step = spread(fit, lambda theta, which: constraint(theta, which, np.full(len(theta), best)), 1, level)
    step = step / max(abs(nearby[1] - nearby[0]) / 2e-4, 1e-3)
    low, high = _limits(fit, constraint, np.array([best]), step, np.array(limits)[:, None], level)[:, 0]
    return (-np.inf if low <= limits[0] else low), (np.inf if high >= limits[1] else high)


def _size_limits_by_band(fit, best: float, log_y: float, level: float) -> tuple[float, float]:
    """Where the best curve never meets y: the size from which on (or up to which) the band does."""
    never, limits = best > 0, search_range(fit)
    grid = np.linspace(*limits, MET) if never else np.linspace(*limits[::-1], MET)
    for _ in range(4):
        low, high = band_limits(fit, grid, level)
        met = np.flatnonzero(low <= log_y if never else high >= log_y)
        if not met.size:
            return best, best
        edge = grid[met[0]]
        if met[0] == 0:
            break
        grid = np.linspace(grid[met[0] - 1], edge, MET)
    return (edge, np.inf) if never else (-np.inf, np.inf if edge == limits[1] else edge)


def search_range(fit) -> tuple[float, float]:
    """The logarithms of the sizes between which a size is sought."""
    return fit.curve.log_x.min() - FAR, fit.curve.log_x.max() + FAR


def spread(fit, quantity: Callable, count: int, level: float) -> np.ndarray:
    """Linearised half-widths of quantities: quantity(theta (k, p), which (k,)) -> (k,), which < count."""

    def column(theta, which):
        return quantity(theta, which)[:, None]

    slopes = jacobian(column, np.tile(fit.theta, (count, 1)), np.arange(count))[:, 0]
    variance = np.einsum("kp,pq,kq->k", slopes, fit.unit_covariance, slopes)
    return np.sqrt(fit.delta_chi2(level) * np.maximum(variance, 0))


def _limits(fit, constraint, best, step, limits, level) -> np.ndarray:
    step = np.nan_to_num(step, nan=1.0, posinf=1.0)
    return profile_limits(fit.residuals(), constraint, fit.theta, fit.bounds, best, step, limits, fit.delta_chi2(level))


def replicate(fit) -> np.ndarray:
    """theta of every bootstrap replicate (B, p); see Curve.replicates. For Huber's loss over points, as Hoffmann et al. do."""
    rng = np.random.default_rng(fit.seed)
    start = np.tile(fit.theta, (fit.bootstrap, 1))
    if fit.loss != "huber":
        log_fit = fit.law.log_value(fit.theta[None], fit.curve.log_x[None])[0]
        residuals, delta = fit.residuals(fit.curve.replicates(fit.bootstrap, log_fit, rng)), None
    else:
        picks, whole, delta = _picks(fit, rng), fit.residuals(), fit.delta

        def residuals(theta, rows):
            return np.take_along_axis(whole(theta, rows), picks[rows], axis=1)

    return solve(residuals, start, *fit.bounds, delta, steps=100, slack=1e-8)[0]


def _picks(fit, rng: np.random.Generator) -> np.ndarray:
    """Draws of whole points (B, n), each with more different points than parameters."""
    count, picks = len(fit.curve.y), np.empty((0, len(fit.curve.y)), int)
    while len(picks) < fit.bootstrap:
        drawn = rng.integers(count, size=(fit.bootstrap, count))
        different = 1 + (np.diff(np.sort(drawn, axis=1), axis=1) > 0).sum(axis=1)
        picks = np.concatenate([picks, drawn[different > min(len(fit.theta), count - 1)]])
    return picks[: fit.bootstrap]


def percentiles(values: np.ndarray, level: float) -> np.ndarray:
    """(2, ...) ends of the middle `level` of the first axis; infinities allowed."""
    tail = (1 - level) / 2
    return np.quantile(values, [tail, 1 - tail], axis=0, method="inverted_cdf")
