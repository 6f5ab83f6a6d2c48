"""Profile-likelihood limits: how far a quantity can go before the best fit that has it becomes too bad.

A limit of a quantity q (a parameter, a prediction, a size) lies where chi2(q), the least chi2 of all fits forced to
have this q, exceeds the least of all by a given rise. All the limits of a band are sought side by side.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from plaw.curves.arrays import FloatArray, IntArray, Residuals
from plaw.curves.solver import huber_cost, solve

STIFFNESS = 100.0  # how much the constraint weighs against the data: it is missed by 1e-4 of the half-width
PRECISION = 1e-4  # of a limit's distance from the best value
DOUBLINGS, REFINEMENTS = 60, 40  # the most steps outward, and then inside the bracket

Constraint = Callable[[FloatArray, IntArray, FloatArray], FloatArray]
"""constraint(theta (k, p), which (k,), q (k,)) -> (k,): zero where the which-th quantity is q, on the scale of q."""

Excess = Callable[[FloatArray, FloatArray, IntArray], tuple[FloatArray, FloatArray]]
"""excess(q (k,), start (k, p), index (k,)) -> (k,), (k, p): how much q is too far (negative inside), and the fit."""


def profile_limits(
    residuals: Residuals, constraint: Constraint, theta: FloatArray, bounds: FloatArray,
    best: FloatArray, step: FloatArray, limits: FloatArray, delta_chi2_allowed: float,
) -> FloatArray:  # fmt: skip
    """Least and greatest q with chi2(q) <= chi2_min + delta_chi2_allowed, for K quantities.

    Parameters
    ----------
    residuals : callable
        residuals(theta (k, p), rows) -> (k, m).
    constraint : callable
        See `Constraint`.
    theta : (p,) array
        The best fit.
    bounds : (2, p) array
        Bounds of theta.
    best, step : (K,) array
        Each quantity at the best fit, and a first guess of the interval's half-width.
    limits : (2, K) or (2, 1) array
        Beyond which no search goes; a limit returned there means "as far as the law allows".
    delta_chi2_allowed : float

    Returns
    -------
    (2, K) array
        Low and high; NaN where the allowed rise is not a number.
    """
    if not delta_chi2_allowed > 1e-16:
        return np.array([best, best]) if delta_chi2_allowed >= 0 else np.full((2, len(best)), np.nan)
    which, step = np.tile(np.arange(len(best)), 2), np.tile(np.clip(step, 1e-9, 1.0), 2)
    limit = np.broadcast_to(limits, (2, len(best))).reshape(-1)
    lowest = huber_cost(residuals(theta[None], np.zeros(1, int)), None)[0]
    stiff = STIFFNESS * np.sqrt(delta_chi2_allowed) / step

    def excess(q: FloatArray, start: FloatArray, index: IntArray) -> tuple[FloatArray, FloatArray]:
        """Root of the rise of chi2 over the allowed one, minus 1, and the fit; infinite where no fit has this q."""

        def stacked(candidates: FloatArray, rows: IntArray) -> FloatArray:
            pull = constraint(candidates, which[index][rows], q[rows]) * stiff[index][rows]
            return np.concatenate([residuals(candidates, rows), pull[:, None]], axis=1)

        fits, _, _ = solve(stacked, start, bounds[0], bounds[1], steps=60, slack=1e-8)
        missed = np.abs(constraint(fits, which[index], q)) > 0.01 * step[index]
        over = huber_cost(residuals(fits, np.arange(len(fits))), None) - lowest
        return np.where(missed, np.inf, np.sqrt(np.maximum(over, 0) / delta_chi2_allowed) - 1), fits

    bracket = _outward(excess, np.tile(best, 2), step, limit, theta)
    return _between(excess, bracket).reshape(2, len(best))


@dataclass(frozen=True)
class _Bracket:
    """Ends of each limit, their excess, and the fits at the inner ends; outer is NaN where nothing is too far."""

    inner: FloatArray
    inner_excess: FloatArray
    outer: FloatArray
    outer_excess: FloatArray
    fits: FloatArray


def _outward(excess: Excess, best: FloatArray, step: FloatArray, limit: FloatArray, theta: FloatArray) -> _Bracket:
    """Double the distance from the best value until the fit is too bad (excess > 0) or the search ends at its limit.

    The first half of the rows goes down, the second up.
    """
    inner, inner_excess, fits = best.copy(), np.full(len(best), -1.0), np.tile(theta, (len(best), 1))
    outer, outer_excess = np.full(len(best), np.nan), np.full(len(best), np.inf)
    sign = np.repeat([-1.0, 1.0], len(best) // 2)
    seeking, distance = np.arange(len(best)), step.copy()
    for _ in range(DOUBLINGS):
        q = inner[seeking] + sign[seeking] * distance[seeking]
        q = np.where(sign[seeking] * (q - limit[seeking]) > 0, limit[seeking], q)
        q_excess, q_fits = excess(q, fits[seeking], seeking)
        inside = q_excess <= 0
        near, far = seeking[inside], seeking[~inside]
        inner[near], inner_excess[near], fits[near] = q[inside], q_excess[inside], q_fits[inside]
        outer[far], outer_excess[far] = q[~inside], q_excess[~inside]
        distance[seeking] *= 2
        seeking = seeking[inside & (q != limit[seeking])]
        if not seeking.size:
            break
    return _Bracket(inner, inner_excess, outer, outer_excess, fits)


def _between(excess: Excess, bracket: _Bracket) -> FloatArray:
    """Where the excess is zero, down to PRECISION: regula falsi, or bisection where no fit has the outer end.

    With the Illinois rule (Dowell & Jarratt 1971): an end that stays for the second time in a row counts with half its
    excess, so that it moves, too.
    """
    inner, inner_excess = bracket.inner.copy(), bracket.inner_excess.copy()
    outer, outer_excess, fits = bracket.outer.copy(), bracket.outer_excess.copy(), bracket.fits.copy()
    result = np.where(np.isnan(outer), inner, np.nan)
    seeking = np.flatnonzero(np.isnan(result))
    last_moved = np.zeros(len(inner), int)  # by regula falsi: 1 the inner end, -1 the outer, 0 none
    for _ in range(REFINEMENTS):
        if not seeking.size:
            break
        a, b, excess_a, excess_b = inner[seeking], outer[seeking], inner_excess[seeking], outer_excess[seeking]
        feasible = np.isfinite(excess_b)
        part = np.where(feasible, np.clip(-excess_a / np.where(feasible, excess_b - excess_a, 1), 0.01, 0.99), 0.5)
        q = a + part * (b - a)
        q_excess, q_fits = excess(q, fits[seeking], seeking)
        inside = q_excess <= 0
        near, far = seeking[inside], seeking[~inside]
        inner[near], inner_excess[near], fits[near] = q[inside], q_excess[inside], q_fits[inside]
        outer[far], outer_excess[far] = q[~inside], q_excess[~inside]
        moved = np.where(inside, 1, -1) * feasible
        again = feasible & (moved == last_moved[seeking])
        outer_excess[seeking[again & inside]] /= 2
        inner_excess[seeking[again & ~inside]] /= 2
        last_moved[seeking] = moved
        close = np.abs(outer[seeking] - inner[seeking]) < np.where(feasible, 1e-12, PRECISION)
        finished = (np.abs(q_excess) < PRECISION) | close
        result[seeking[finished]] = q[finished]
        seeking = seeking[~finished]
    result[seeking] = inner[seeking]
    return result
