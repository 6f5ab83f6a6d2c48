"""Levenberg-Marquardt for many small least-squares problems at once.

SciPy's solver takes one problem per call; a bootstrap, a profile or a band is hundreds of the same small problem with
other data or another constraint, and solving them side by side as arrays is some hundred times faster.
"""

import numpy as np

from plaw.curves.arrays import BoolArray, FloatArray, IntArray, Residuals

STEP = 1e-5  # of the central differences, on parameters of order 1
TOLERANCE = 1e-10
ATTEMPTS = 12


def huber_cost(residuals: FloatArray, delta: float | None) -> FloatArray:
    """Sum over the last axis of r^2, or of Huber's 2 delta |r| - delta^2 where |r| > delta."""
    square = residuals**2
    if delta is not None:
        square = np.where(np.abs(residuals) > delta, 2 * delta * np.abs(residuals) - delta**2, square)
    cost: FloatArray = np.where(np.isfinite(square), square, np.inf).sum(axis=-1)
    return cost


def jacobian(residuals: Residuals, theta: FloatArray, rows: IntArray) -> FloatArray:
    """Central differences: theta (B, p), rows (B,) -> (B, m, p)."""
    count, p = theta.shape
    step = STEP * np.maximum(1, np.abs(theta))
    shift = step[:, None, :] * np.eye(p)
    points = np.concatenate([theta[:, None] + shift, theta[:, None] - shift], axis=1)
    values = residuals(points.reshape(-1, p), np.repeat(rows, 2 * p)).reshape(count, 2, p, -1)
    return np.moveaxis((values[:, 0] - values[:, 1]) / (2 * step[..., None]), 1, 2)


def solve(
    residuals: Residuals, start: FloatArray, low: FloatArray, high: FloatArray,
    delta: float | None = None, steps: int = 300, slack: float = 1e-14,
) -> tuple[FloatArray, FloatArray, BoolArray]:  # fmt: skip
    """Minimise the sum of squares (or Huber's loss) of each of B problems within bounds.

    Parameters
    ----------
    residuals : callable
        residuals(theta (k, p), rows (k,)) -> (k, m); rows says which of the B problems each theta belongs to.
    start : (B, p) array
    low, high : (p,) or (B, p) array
        Bounds of theta.
    delta : float, optional
        Beyond it Huber's loss is linear; None for least squares.
    steps : int
        The most steps for any problem.
    slack : float
        A problem is done when its step is nothing beside theta, or could gain no more than this part of its cost.

    Returns
    -------
    theta (B, p), cost (B,), converged (B,) bool
    """
    theta = np.clip(start, low, high)
    low, high = np.broadcast_to(low, theta.shape), np.broadcast_to(high, theta.shape)
    value = residuals(theta, np.arange(len(theta)))
    cost, damping = huber_cost(value, delta), np.full(len(theta), 1e-3)
    hopeless = ~np.isfinite(cost)
    done = hopeless.copy()
    for _ in range(steps):
        live = np.flatnonzero(~done)
        if not live.size:
            break
        normal, gradient = _normal_equations(residuals, theta[live], live, value[live], low[live], high[live], delta)
        gain = -np.einsum("bp,bp->b", gradient, _damped_step(normal, gradient, np.full(live.size, 1e-9)))
        done[live[gain <= slack * cost[live]]] = True
        waiting = np.flatnonzero(gain > slack * cost[live])
        for _ in range(ATTEMPTS):  # each with ten times the damping of the last
            if not waiting.size:
                break
            rows = live[waiting]
            step = _damped_step(normal[waiting], gradient[waiting], damping[rows])
            trial = np.clip(theta[rows] + step, low[rows], high[rows])
            trial_value = residuals(trial, rows)
            trial_cost = huber_cost(trial_value, delta)
            small = (np.abs(trial - theta[rows]) <= TOLERANCE * (np.abs(theta[rows]) + 1e-2)).all(axis=1)
            better = trial_cost <= cost[rows]
            accepted = rows[better]
            theta[accepted], value[accepted], cost[accepted] = trial[better], trial_value[better], trial_cost[better]
            done[rows[small]] = True
            damping[rows] = np.where(better, np.maximum(damping[rows] / 10, 1e-14), damping[rows] * 10)
            waiting = waiting[~better & ~small]
    return theta, cost, done & ~hopeless


def _normal_equations(
    residuals: Residuals, theta: FloatArray, rows: IntArray, value: FloatArray,
    low: FloatArray, high: FloatArray, delta: float | None,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """J^T W J and J^T W r, parameters held that sit on a bound and want to leave it outward."""
    slopes = jacobian(residuals, theta, rows)
    weight = np.ones_like(value) if delta is None else np.minimum(1, delta / np.maximum(np.abs(value), 1e-300))
    gradient = np.einsum("bmp,bm->bp", slopes, weight * value)
    normal = np.einsum("bmp,bm,bmq->bpq", slopes, weight, slopes)
    held = ((theta <= low) & (gradient > 0)) | ((theta >= high) & (gradient < 0)) | (low == high)
    gradient[held] = 0
    normal[held[:, :, None] | held[:, None, :]] = 0
    return np.nan_to_num(normal), np.nan_to_num(gradient)


def _damped_step(normal: FloatArray, gradient: FloatArray, damping: FloatArray) -> FloatArray:
    """Solve (N + damping diag N) step = -gradient for each problem, on the scale of N's diagonal."""
    diagonal = np.einsum("bpp->bp", normal)
    scale = np.where(diagonal > 0, np.sqrt(np.where(diagonal > 0, diagonal, 1)), 1)
    scaled = normal / (scale[:, :, None] * scale[:, None, :])
    scaled = scaled + (damping[:, None] + np.where(diagonal > 0, 1e-15, 1))[:, :, None] * np.eye(scale.shape[1])
    step: FloatArray = -np.linalg.solve(scaled, (gradient / scale)[..., None])[..., 0] / scale
    return step
