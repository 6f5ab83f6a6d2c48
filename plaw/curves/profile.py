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
    wall = np.broadcast_to(limits, (2, len(best))).reshape(-1)
    lowest = huber_cost(residuals(theta[None], np.zeros(1, int)), None)[0]
    stiff = STIFFNESS * np.sqrt(delta_chi2_allowed) / step

    def depth(q, start, index):
        """Root of the rise of chi2 over the allowed one, minus 1, and the fit there; infinite where no fit has this q."""

        def stacked(candidates, rows):
            pull = constraint(candidates, which[index][rows], q[rows]) * stiff[index][rows]
            return np.concatenate([residuals(candidates, rows), pull[:, None]], axis=1)

        found, _, _ = solve(stacked, start, *bounds, steps=60, slack=1e-8)
        missed = np.abs(constraint(found, which[index], q)) > 0.01 * step[index]
        over = huber_cost(residuals(found, np.arange(len(found))), None) - lowest
        return np.where(missed, np.inf, np.sqrt(np.maximum(over, 0) / delta_chi2_allowed) - 1), found

    bracket = _outward(depth, np.tile(best, 2), step, wall, theta)
    return _between(depth, *bracket).reshape(2, len(best))


def _outward(depth, middle, step, wall, theta):
    """Double the distance from the best value until the fit is too bad (depth > 0) or the wall is reached.

    Returns inner and outer ends with their depths, outer NaN where the wall was reached, and the fits at the inner ends.
    """
    inner, inner_depth, fits = middle.copy(), np.full(len(middle), -1.0), np.tile(theta, (len(middle), 1))
    outer, outer_depth = np.full(len(middle), np.nan), np.full(len(middle), np.inf)
    sign = np.repeat([-1.0, 1.0], len(middle) // 2)
    seeking, reach = np.arange(len(middle)), step.copy()
    for _ in range(60):
        q = inner[seeking] + sign[seeking] * reach[seeking]
        q = np.where(sign[seeking] * (q - wall[seeking]) > 0, wall[seeking], q)
        deep, found = depth(q, fits[seeking], seeking)
        inside = deep <= 0
        kept, left = seeking[inside], seeking[~inside]
        inner[kept], inner_depth[kept], fits[kept] = q[inside], deep[inside], found[inside]
        outer[left], outer_depth[left] = q[~inside], deep[~inside]
        reach[seeking] *= 2
        seeking = seeking[inside & (q != wall[seeking])]
        if not seeking.size:
            break
    return inner, inner_depth, outer, outer_depth, fits


def _between(depth, inner, inner_depth, outer, outer_depth, fits):
    """Regula falsi (Illinois), bisection where the outer end is infeasible, down to PRECISION."""
    result = np.where(np.isnan(outer), inner, np.nan)
    seeking = np.flatnonzero(np.isnan(result))
    for _ in range(40):
        if not seeking.size:
            break
        a, b, deep_a, deep_b = inner[seeking], outer[seeking], inner_depth[seeking], outer_depth[seeking]
        feasible = np.isfinite(deep_b)
        part = np.where(feasible, np.clip(-deep_a / np.where(feasible, deep_b - deep_a, 1), 0.01, 0.99), 0.5)
        q = a + part * (b - a)
        deep, found = depth(q, fits[seeking], seeking)
        inside = deep <= 0
        moved, kept = seeking[inside], seeking[~inside]
        inner[moved], inner_depth[moved], fits[moved] = q[inside], deep[inside], found[inside]
        outer_depth[moved] /= 2
        outer[kept], outer_depth[kept] = q[~inside], deep[~inside]
        inner_depth[kept] /= 2
        near = np.abs(outer[seeking] - inner[seeking]) < np.where(feasible, 1e-12, PRECISION)
        finished = (np.abs(deep) < PRECISION) | near
        result[seeking[finished]] = q[finished]
        seeking = seeking[~finished]
    result[seeking] = inner[seeking]
    return result
