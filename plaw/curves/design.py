"""The linear approximation behind plans of measurements: how an interval shrinks with the covariance of a fit."""

import math

import numpy as np

from plaw.curves.arrays import FloatArray, IntArray
from plaw.curves.fitting import Fit
from plaw.curves.intervals import Interval
from plaw.curves.solver import jacobian


def interval_factor(direction: FloatArray, covariance: FloatArray, delta_chi2_allowed: float) -> float:
    """exp of the half-width of a quantity that changes with theta as `direction` says."""
    exponent = math.sqrt(max(float(direction @ covariance @ direction), 0) * delta_chi2_allowed)
    return math.exp(exponent) if exponent < 700 else math.inf


def factor_of(size: Interval) -> float:
    """The factor either way that spans the interval of a size."""
    return math.sqrt(size.high / size.low) if size.low > 0 else math.inf


def gradient_of_size(fit: Fit, n: float) -> FloatArray:
    """d log n / d theta (p,), up to its sign, of the size n at which the law passes a given error."""
    ends = fit.law.log_value(fit.theta[None], np.array([[math.log(n) - 1e-4, math.log(n) + 1e-4]]))[0]
    return slopes_at(fit, math.log(n)) / (float(ends[1] - ends[0]) / 2e-4)


def slopes_at(fit: Fit, log_n: float) -> FloatArray:
    """d log y / d theta (p,) at a size."""

    def log_y(theta: FloatArray, rows: IntArray) -> FloatArray:
        return fit.law.log_value(theta, np.array([[log_n]]))

    slopes: FloatArray = jacobian(log_y, fit.theta[None], np.zeros(1, int))[0, 0]
    return slopes
