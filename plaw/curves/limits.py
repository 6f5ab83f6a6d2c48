"""The profile limits of a fit: of its parameters, of the law at given sizes, and of the size that an error needs."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from plaw.curves.arrays import FloatArray, IntArray, Residuals
from plaw.curves.profile import Constraint, profile_limits
from plaw.curves.solver import jacobian

if TYPE_CHECKING:
    from plaw.curves.fitting import Fit

FAR = 70.0  # sizes are sought within e^70 times those measured
MET = 13  # sizes at once at which the band is asked whether it meets a target that the best curve never meets

Quantity = Callable[[FloatArray, IntArray], FloatArray]
"""quantity(theta (k, p), which (k,)) -> (k,): the which-th quantity of each theta."""


def covariance(residuals: Residuals, theta: FloatArray) -> FloatArray:
    """(p, p), the inverse of J^T J: the linearised covariance of theta for residuals of unit variance."""
    slopes = jacobian(residuals, theta[None], np.zeros(1, int))[0]
    scale = np.maximum(np.linalg.norm(slopes, axis=0), 1e-12)
    inverse: FloatArray = np.linalg.pinv((slopes / scale).T @ (slopes / scale), rcond=1e-14, hermitian=True)
    return inverse / np.outer(scale, scale)


def parameter_limits(fit: "Fit", level: float) -> FloatArray:
    """(2, p), profile limits of theta."""

    def constraint(theta: FloatArray, which: IntArray, q: FloatArray) -> FloatArray:
        return theta[np.arange(len(q)), which] - q

    step = np.sqrt(fit.delta_chi2(level) * np.diag(fit.unit_covariance))
    return _limits(fit, constraint, fit.theta, step, fit.bounds, level)


def band_limits(fit: "Fit", log_x: FloatArray, level: float) -> FloatArray:
    """(2, n), profile limits of log y at log_x (n,) or (n, 2)."""

    def log_value(theta: FloatArray, which: IntArray) -> FloatArray:
        return fit.law.log_value(theta, log_x[which][:, None])[:, 0]

    def constraint(theta: FloatArray, which: IntArray, q: FloatArray) -> FloatArray:
        return log_value(theta, which) - q

    best = log_value(np.tile(fit.theta, (len(log_x), 1)), np.arange(len(log_x)))
    step = spread(fit, log_value, len(log_x), level)
    return _limits(fit, constraint, best, step, np.array([[-700.0], [700.0]]), level)


def size_limits(fit: "Fit", best: float, log_y: float, level: float) -> tuple[float, float]:
    """Profile limits of the logarithm of the size at which the law passes y; best: that of the fit."""
    if not np.isfinite(best):
        return _size_limits_by_band(fit, best, log_y, level)
    limits = search_range(fit)

    def constraint(theta: FloatArray, which: IntArray, q: FloatArray) -> FloatArray:
        return fit.law.log_value(theta, q[:, None])[:, 0] - log_y

    nearby = fit.law.log_value(fit.theta[None], np.array([[best - 1e-4, best + 1e-4]]))[0]
    step = spread(fit, lambda theta, which: constraint(theta, which, np.full(len(theta), best)), 1, level)
    step = step / max(abs(nearby[1] - nearby[0]) / 2e-4, 1e-3)
    low, high = _limits(fit, constraint, np.array([best]), step, np.array(limits)[:, None], level)[:, 0]
    return (-np.inf if low <= limits[0] else low), (np.inf if high >= limits[1] else high)


def _size_limits_by_band(fit: "Fit", best: float, log_y: float, level: float) -> tuple[float, float]:
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


def search_range(fit: "Fit") -> tuple[float, float]:
    """The logarithms of the sizes between which a size is sought."""
    return float(fit.curve.log_x.min() - FAR), float(fit.curve.log_x.max() + FAR)


def spread(fit: "Fit", quantity: Quantity, count: int, level: float) -> FloatArray:
    """Linearised half-widths of quantities: quantity(theta (k, p), which (k,)) -> (k,), which < count."""

    def column(theta: FloatArray, which: IntArray) -> FloatArray:
        return quantity(theta, which)[:, None]

    slopes = jacobian(column, np.tile(fit.theta, (count, 1)), np.arange(count))[:, 0]
    variance = np.einsum("kp,pq,kq->k", slopes, fit.unit_covariance, slopes)
    half: FloatArray = np.sqrt(fit.delta_chi2(level) * np.maximum(variance, 0))
    return half


def _limits(
    fit: "Fit", constraint: Constraint, best: FloatArray, step: FloatArray, limits: FloatArray, level: float
) -> FloatArray:
    step = np.nan_to_num(step, nan=1.0, posinf=1.0)
    return profile_limits(fit.residuals(), constraint, fit.theta, fit.bounds, best, step, limits, fit.delta_chi2(level))
