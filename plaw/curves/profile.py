"""Profile-likelihood limits: how far a quantity can go before the best fit that has it becomes too bad.

A limit of a quantity q (a parameter, a prediction, a size) lies where chi2(q), the least chi2 of all fits forced to have this
q, exceeds the least of all by a given rise. All the limits of a band are sought side by side.
"""

from collections.abc import Callable

import numpy as np

from plaw.curves.solver import huber_cost, solve

STIFFNESS = 100.0  # how much the constraint weighs against the data: it is missed by 1e-4 of the half-width
PRECISION = 1e-4  # of a limit's distance from the best value


def profile_limits(
    residuals: Callable, constraint: Callable, theta: np.ndarray, bounds: np.ndarray,
    best: np.ndarray, step: np.ndarray, limits: np.ndarray, delta_chi2_allowed: float,
) -> np.ndarray:  # fmt: skip
    """Least and greatest q with chi2(q) <= chi2_min + rise, for K quantities.

    residuals(theta (k, p), rows) -> (k, m); constraint(theta (k, p), which (k,), q (k,)) -> (k,), zero where the which-th
    quantity of theta is q, on the scale of q; theta: (p,), the best fit; bounds: (2, p);
    best, step: (K,), each quantity at the best fit and a first guess of the interval's half-width; limits: (2, K), or (2, 1),
    beyond which no search goes (a limit returned there means: as far as the law allows).
    Returns (2, K).
    """
    if not delta_chi2_allowed > 1e-16:
        return np.array([best, best]) if delta_chi2_allowed >= 0 else np.full((2, len(best)), np.nan)
    which, step = np.tile(np.arange(len(best)), 2), np.tile(np.clip(step, 1e-9, 1.0), 2)
    limit = np.broadcast_to(limits, (2, len(best))).reshape(-1)
    lowest = huber_cost(residuals(theta[None], np.zeros(1, int)), None)[0]
    stiff = STIFFNESS * np.sqrt(delta_chi2_allowed) / step

    def excess(q, start, index):
        """Root of the rise of chi2 over the allowed one, minus 1, and the fit there; infinite where no fit has this q."""

        def stacked(candidates, rows):
            pull = constraint(candidates, which[index][rows], q[rows]) * stiff[index][rows]
            return np.concatenate([residuals(candidates, rows), pull[:, None]], axis=1)

        found, _, _ = solve(stacked, start, *bounds, steps=60, slack=1e-8)
        missed = np.abs(constraint(found, which[index], q)) > 0.01 * step[index]
        over = huber_cost(residuals(found, np.arange(len(found))), None) - lowest
        return np.where(missed, np.inf, np.sqrt(np.maximum(over, 0) / delta_chi2_allowed) - 1), found

    bracket = _outward(excess, np.tile(best, 2), step, limit, theta)
    return _between(excess, *bracket).reshape(2, len(best))


def _outward(excess, middle, step, limit, theta):
    """Double the distance from the best value until the fit is too bad (depth > 0) or the wall is reached.

    Returns inner and outer ends with their depths, outer NaN where the wall was reached, and the fits at the inner ends.
    """
    inner, inner_excess, fits = middle.copy(), np.full(len(middle), -1.0), np.tile(theta, (len(middle), 1))
    outer, outer_excess = np.full(len(middle), np.nan), np.full(len(middle), np.inf)
    sign = np.repeat([-1.0, 1.0], len(middle) // 2)
    seeking, distance = np.arange(len(middle)), step.copy()
    for _ in range(60):
        q = inner[seeking] + sign[seeking] * distance[seeking]
        q = np.where(sign[seeking] * (q - limit[seeking]) > 0, limit[seeking], q)
        its_excess, found = excess(q, fits[seeking], seeking)
        inside = its_excess <= 0
        kept, left = seeking[inside], seeking[~inside]
        inner[kept], inner_excess[kept], fits[kept] = q[inside], its_excess[inside], found[inside]
        outer[left], outer_excess[left] = q[~inside], its_excess[~inside]
        distance[seeking] *= 2
        seeking = seeking[inside & (q != limit[seeking])]
        if not seeking.size:
            break
    return inner, inner_excess, outer, outer_excess, fits


def _between(excess, inner, inner_excess, outer, outer_excess, fits):
    """Regula falsi (Illinois), bisection where the outer end is infeasible, down to PRECISION."""
    result = np.where(np.isnan(outer), inner, np.nan)
    seeking = np.flatnonzero(np.isnan(result))
    for _ in range(40):
        if not seeking.size:
            break
        a, b, excess_a, excess_b = inner[seeking], outer[seeking], inner_excess[seeking], outer_excess[seeking]
        feasible = np.isfinite(excess_b)
        part = np.where(feasible, np.clip(-excess_a / np.where(feasible, excess_b - excess_a, 1), 0.01, 0.99), 0.5)
        q = a + part * (b - a)
        its_excess, found = excess(q, fits[seeking], seeking)
        inside = its_excess <= 0
        moved, kept = seeking[inside], seeking[~inside]
        inner[moved], inner_excess[moved], fits[moved] = q[inside], its_excess[inside], found[inside]
        outer_excess[moved] /= 2
        outer[kept], outer_excess[kept] = q[~inside], its_excess[~inside]
        inner_excess[kept] /= 2
        near = np.abs(outer[seeking] - inner[seeking]) < np.where(feasible, 1e-12, PRECISION)
        finished = (np.abs(its_excess) < PRECISION) | near
        result[seeking[finished]] = q[finished]
        seeking = seeking[~finished]
    result[seeking] = inner[seeking]
    return result
