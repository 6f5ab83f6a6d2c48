"""The bootstrap of a fit: the law fitted again to curves that might have been measured instead."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plaw.curves.arrays import BoolArray, FloatArray, IntArray, Residuals
from plaw.curves.solver import solve
from plaw.errors import PlawError

if TYPE_CHECKING:
    from plaw.curves.fitting import Fit

# steps of the search: most replicates need few, those in a narrow valley go on
STAGES = (100, 1000, 1000)
# a later stage that lowers chi2 by a smaller part has found the least value, though parameters may follow a ridge on
SETTLED = 0.01


@dataclass(frozen=True, eq=False)
class Replicates:
    """The law fitted again. theta: (B, p), one row per replicate; converged: (B,), whether the solver came to rest."""

    theta: FloatArray
    converged: BoolArray


def replicate(fit: "Fit") -> Replicates:
    """Every bootstrap replicate: see `Curve.replicates`; over points for Huber's loss, as Hoffmann et al. do."""
    residuals, delta = _resampled(fit, np.random.default_rng(fit.seed))
    theta = np.tile(fit.theta, (fit.bootstrap, 1))
    chi2, converged = np.full(fit.bootstrap, np.inf), np.zeros(fit.bootstrap, bool)
    for steps in STAGES:
        rows = np.flatnonzero(~converged)
        if not rows.size:
            break
        before, (low, high), problem = chi2[rows], fit.bounds, _only(residuals, rows)
        theta[rows], chi2[rows], at_rest = solve(problem, theta[rows], low, high, delta, steps=steps, slack=1e-8)
        settled = np.isfinite(chi2[rows]) & (before <= (1 + SETTLED) * chi2[rows])
        converged[rows] = at_rest | settled
    return Replicates(theta, converged)


def usable(replicates: Replicates) -> FloatArray:
    """theta of the replicates that converged; warns how many did not, see `warn_of`."""
    warn_of(replicates.converged)
    return replicates.theta[replicates.converged]


def warn_of(converged: BoolArray) -> None:
    """Say how many replicates are left out. Raises PlawError where these are more than half."""
    count, left_out = len(converged), int((~converged).sum())
    sentence = f"{left_out} of {count} bootstrap replicates did not converge"
    if left_out > count / 2:
        raise PlawError(f"{sentence}: choose a simpler law, or method='profile' for intervals.")
    if left_out:
        warnings.warn(f"{sentence} and are left out.", UserWarning, stacklevel=2)


def _only(residuals: Residuals, chosen: IntArray) -> Residuals:
    """The residuals of the chosen replicates alone."""
    return lambda theta, rows: residuals(theta, chosen[rows])


def _resampled(fit: "Fit", rng: np.random.Generator) -> tuple[Residuals, float | None]:
    """The residuals of all replicates, and Huber's delta."""
    if fit.loss != "huber":
        log_fit = fit.law.log_value(fit.theta[None], fit.curve.log_x[None])[0]
        return fit.residuals(fit.curve.replicates(fit.bootstrap, log_fit, rng)), None
    picks, whole = _picks(fit, rng), fit.residuals()

    def residuals(theta: FloatArray, rows: IntArray) -> FloatArray:
        return np.take_along_axis(whole(theta, rows), picks[rows], axis=1)

    return residuals, fit.delta


def _picks(fit: "Fit", rng: np.random.Generator) -> IntArray:
    """Draws of whole points (B, n), each with more different points than parameters."""
    count = len(fit.curve.y)
    picks = np.empty((0, count), int)
    while len(picks) < fit.bootstrap:
        drawn = rng.integers(count, size=(fit.bootstrap, count))
        different = 1 + (np.diff(np.sort(drawn, axis=1), axis=1) > 0).sum(axis=1)
        picks = np.concatenate([picks, drawn[different > min(len(fit.theta), count - 1)]])
    return picks[: fit.bootstrap]
