"""What a search knows between its trials: one Gaussian process over hyper-parameters and log n, shared by all sizes.

Trials that train on the same samples have those samples' luck in common. With u the hyper-parameters as places in their
ranges, each from 0 to 1, and g the group of samples that a trial trained on,

    y(log error - least of its size) = f(u, log n) + luck_g + noise     f: squared exponential, one length a coordinate
    y(x) = SOFT (1 - exp(-x / SOFT))

so that trials on different samples can be compared, and so that small sizes, which are cheap to try, tell large ones
where to look. y levels off: how bad a bad trial is would be of no use, and without it f is smooth. scikit-learn fits
the variances and lengths by maximum likelihood.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky

from plaw.errors import PlawError

try:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import (
        RBF,
        ConstantKernel,
        Kernel,
        NormalizedKernelMixin,
        StationaryKernelMixin,
        WhiteKernel,
    )
except ImportError as error:
    raise PlawError("A search needs scikit-learn: pip install 'plaw[search]'.") from error

SOFT = 0.3
DECADE = np.log(10)
LEAST_SLOPE = 1e-2  # of y, where the errors are so large that it no longer tells them apart
JITTER = 1e-5  # of the variance of f: what keeps rounding from making a variance negative


class _Smooth(RBF):
    """Squared exponential in all columns but the last, the group."""

    def __call__(self, X, Y=None, eval_gradient=False):
        return super().__call__(X[:, :-1], None if Y is None else Y[:, :-1], eval_gradient)


class _SameGroup(StationaryKernelMixin, NormalizedKernelMixin, Kernel):
    """1 for two rows of the same group (last column), else 0."""

    def __init__(self) -> None:
        """scikit-learn reads a kernel's parameters off this signature: there are none."""

    def __call__(self, X, Y=None, eval_gradient=False):
        same = (X[:, -1:] == (X if Y is None else Y)[:, -1]).astype(float)
        return (same, np.empty((*same.shape, 0))) if eval_gradient else same


@dataclass(frozen=True)
class Trials:
    """The trials of a search as arrays over them.

    places: (trials, hyper-parameters), each in its range, 0 to 1. n: examples per label. group: a number for the
    samples that a trial trained on. errors: mean error of the trial on its samples, above 0.
    """

    places: NDArray[np.float64]
    n: NDArray[np.int64]
    group: NDArray[np.int64]
    errors: NDArray[np.float64]


class Surrogate:
    """The Gaussian process of some trials.

    theta: the logarithms of its variances and lengths; where None is given, those of maximum likelihood are found.

    Examples
    --------
    >>> places = np.linspace(0, 1, 11)[:, None]
    >>> trials = Trials(places, np.full(11, 30), np.zeros(11, int), 0.2 * np.exp((places[:, 0] - 0.3) ** 2))
    >>> mean, deviation = Surrogate(trials).predict(np.array([[0.3], [0.9]]), 30)
    >>> np.exp(mean).round(2)
    array([0.2 , 0.29])
    """

    def __init__(self, trials: Trials, theta: NDArray[np.float64] | None = None) -> None:
        logs = np.log(trials.errors)
        self.least = {int(n): float(logs[trials.n == n].min()) for n in np.unique(trials.n)}
        y = -SOFT * np.expm1((np.array([self.least[int(n)] for n in trials.n]) - logs) / SOFT)
        coordinates = trials.places.shape[1] + 1
        kernel = (
            ConstantKernel(0.1, (1e-3, 10)) * _Smooth(np.full(coordinates, 0.5), (0.2, 20))
            + ConstantKernel(1e-3, (1e-6, 2.5e-3)) * _SameGroup()
            + WhiteKernel(1e-3, (1e-5, 0.1))
        )
        if theta is not None:
            kernel = kernel.clone_with_theta(theta)
        self._offset = float(y.mean())
        self._process = GaussianProcessRegressor(
            kernel, optimizer="fmin_l_bfgs_b" if theta is None else None, alpha=1e-8
        )
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", ConvergenceWarning
            )  # a length on its bound: that coordinate does not matter
            self._process.fit(_rows(trials.places, trials.n, trials.group), y - self._offset)
        self.theta: NDArray[np.float64] = self._process.kernel_.theta

    def predict(self, places: NDArray[np.float64], n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Median and standard deviation of the log error at places (m, hyper-parameters), for n examples per label.

        On samples of average luck. n: one that has trials.
        """
        mean, deviation = self._process.predict(_rows(places, n, -1), return_std=True)
        _, luck, noise = _variances(self.theta)
        left = np.maximum(1 - (mean + self._offset) / SOFT, LEAST_SLOPE)  # dy/dx
        return self.least[n] - SOFT * np.log(left), np.sqrt(np.maximum(deviation**2 - luck - noise, 0)) / left

    def luck(self, group: NDArray[np.int64], n: int) -> NDArray[np.float64]:
        """What the samples of each group add to the log error for n examples per label, near its least: (groups,)."""
        places = np.zeros((len(group), self._process.X_train_.shape[1] - 2))
        return self._process.predict(_rows(places, n, group)) - self._process.predict(_rows(places, n, -1))

    def draws(self, places: NDArray[np.float64], n: int, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """`count` functions y drawn from the posterior, at places (m, hyper-parameters), up to a constant of each.

        (count, m).
        """
        mean, covariance = self._process.predict(_rows(places, n, -1), return_cov=True)
        signal, luck, noise = _variances(self.theta)
        covariance -= luck  # common to all places: a constant of each function
        covariance[np.diag_indices_from(covariance)] += JITTER * signal - noise
        root = cholesky(covariance, lower=True)
        return mean + rng.standard_normal((count, len(mean))) @ root.T


def _rows(places: NDArray[np.float64], n: NDArray[np.int64] | int, group: NDArray[np.int64] | int) -> np.ndarray:
    """Coordinates as the kernel reads them: hyper-parameters, decades of n, group."""
    column = np.ones(len(places))
    return np.column_stack([places, np.log(n) / DECADE * column, group * column])


def _variances(theta: NDArray[np.float64]) -> tuple[float, float, float]:
    """Of f, of the luck of a group, of the noise."""
    return float(np.exp(theta[0])), float(np.exp(theta[-2])), float(np.exp(theta[-1]))
