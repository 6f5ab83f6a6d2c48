"""A forecast that does not trust one law: an average over laws, each of which may be a little wrong.

The logarithm of a measured error is

    log y_i = log f(n_i) + g(log n_i) + noise_i ,

where f is one of four laws under its prior (plaw.curves.priors), and y is counted from the floor where that is known. g
is what the law misses: a Gaussian process that is zero at the largest size and wanders off from there in both
directions, mostly as a random walk of the slope (Wahba 1978), a little as one of the level. The noise has the known
standard errors and an unknown part. The sizes of g and of the unknown noise are not known either: a grid of both is
averaged over, weighted by how well each explains the curve. The law is linearised about its best fit, so that a
forecast is a mixture of normal distributions of log y.

All laws count equally. Which law describes the measured part best says little about which one goes on best: on real
curves, weights by evidence forecast worse (the chapter "How good are these forecasts?").

What the mixture still misses is made good by one factor, WIDENING, which `plaw calibrate` measures.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp, ndtr

from plaw.curves.arrays import FloatArray, IntArray
from plaw.curves.curve import Curve
from plaw.curves.intervals import Interval
from plaw.curves.priors import Prior, priors
from plaw.curves.saving import Saved
from plaw.curves.solver import jacobian, solve
from plaw.errors import PlawError

WIDENING = 1.1  # of the law's spread in log y, see plaw.report.forecasts
MOST_POINTS = 24  # more are averaged in bins of equal width in log n
ROUGH = 0.2  # the rough part of g's variance, one measured range away
NOISE, DEVIATION = np.geomspace(5e-4, 0.4, 7), np.geomspace(1e-3, 0.8, 7)  # trial sizes, in log y
LOG_NOISE, LOG_DEVIATION = (-4.0, 1.0), (-3.0, 1.0)  # mean and spread of their logarithms beforehand
NEGLIGIBLE_EVIDENCE = 6.0  # a pair so much less likely (in logarithms) than the best of its law is left out
REACH = math.log(1e6)  # sizes are sought up to a million times the largest one


@dataclass(frozen=True, eq=False)
class _Thinned:
    """The curve as the forecast sees it: log n, log y, known variances, and the share of the unknown noise's."""

    log_x: FloatArray
    log_y: FloatArray
    variance: FloatArray
    share: FloatArray

    @property
    def last(self) -> tuple[float, float]:
        """log n of the largest size, and log y there (a mean of the last eighth)."""
        return float(self.log_x[-1]), float(self.log_y[-max(1, len(self.log_y) // 8) :].mean())


@dataclass(frozen=True, eq=False)
class _Component:
    """One law with C pairs of noise and deviation: a Gaussian process regression for each.

    Attributes
    ----------
    prior : Prior
    u : (p,) array
        The best fit, about which the law is linearised.
    mean, root : (C, p), (C, p, p) array
        Of the coordinates, relative to u, and a root of their covariance.
    weight, noise, deviation : (C,) array
        Weights sum to one.
    whiten : (C, m, m) array
        Inverse root of the covariance of noise and g at the points.
    residual, slopes : (C, m), (C, m, p) array
        What the law leaves, and d log y / d u at the points, both whitened.
    """

    prior: Prior
    u: FloatArray
    mean: FloatArray
    root: FloatArray
    weight: FloatArray
    noise: FloatArray
    deviation: FloatArray
    whiten: FloatArray
    residual: FloatArray
    slopes: FloatArray


@dataclass(frozen=True, eq=False)
class Forecast(Saved):
    """An average over laws that goes on from a measured curve, made by `forecast_curve`.

    Attributes
    ----------
    curve : Curve
        The data.
    widening : float
        The calibration factor that its intervals carry.
    floor : float
        The error that no number of examples removes, where it is known; else 0.

    Examples
    --------
    >>> from plaw.curves.curve import make_curve
    >>> forecast = forecast_curve(make_curve([9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084]))
    >>> low, high = forecast.band([240])[:, 0]
    >>> bool(low < forecast.predict([240])[0] < high)
    True
    """

    curve: Curve
    widening: float = WIDENING
    floor: float = 0.0

    def predict(self, x: ArrayLike) -> FloatArray:
        """The median forecast of the law at sizes x, (n,), in the unit of y."""
        return self.quantile(x, 0.5)

    def band(self, x: ArrayLike, level: float = 0.95) -> FloatArray:
        """Low and high of the law at sizes x: (2, n), in the unit of y."""
        return np.stack([self.quantile(x, (1 - level) / 2), self.quantile(x, (1 + level) / 2)])

    def new_band(self, x: ArrayLike, level: float = 0.95, runs: int | None = None) -> FloatArray:
        """Low and high of a new measurement at sizes x.

        Parameters
        ----------
        x : (n,) array_like
            Sizes.
        level : float
            The confidence.
        runs : int, optional
            The new measurement is the mean of so many runs; default: it is as noisy as those given.

        Returns
        -------
        (2, n) array
            In the unit of y.

        Examples
        --------
        >>> from plaw.curves.curve import make_curve
        >>> forecast = forecast_curve(make_curve([10, 100, 1000], [0.4, 0.2, 0.1], yerr=[0.04, 0.02, 0.01]))
        >>> (law_low, law_high), (low, high) = forecast.band([4000])[:, 0], forecast.new_band([4000])[:, 0]
        >>> bool(low < law_low < law_high < high)
        True
        """
        ends = [self.quantile(x, p, self._noise_of(runs)) for p in ((1 - level) / 2, (1 + level) / 2)]
        return np.stack(ends)

    def quantile(self, x: ArrayLike, p: float, known_noise: float | None = None) -> FloatArray:
        """The p-quantile of the law, or, with the variance of the known noise of log y, of a new measurement."""
        mean, deviation = self._mixture(_logarithms(x), known_noise)
        low, high = (mean - 9 * deviation).min(axis=0), (mean + 9 * deviation).max(axis=0)
        for _ in range(45):
            middle = (low + high) / 2
            below = self._weights @ ndtr((middle - mean) / deviation) < p
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        with np.errstate(over="ignore"):
            quantile: FloatArray = self.floor + np.exp((low + high) / 2)
        return quantile

    def log_density(self, x: ArrayLike, y: ArrayLike) -> FloatArray:
        """Logarithm of the density, per unit of y, of new measurements y at sizes x: (n,)."""
        above = np.asarray(y, float).reshape(-1) - self.floor
        log_y = np.log(np.where(above > 0, above, 1))
        mean, deviation = self._mixture(_logarithms(x), self._noise_of(None))
        z = (log_y - mean) / deviation
        density = logsumexp(-0.5 * z**2 - np.log(deviation), axis=0, b=self._weights[:, None])
        return np.where(above > 0, density - 0.5 * math.log(2 * math.pi) - log_y, -np.inf)

    def probability(self, x: ArrayLike, y: float, known_noise: float | None = None) -> FloatArray:
        """Probability that the law, or a new measurement, is at most y at sizes x: (n,)."""
        mean, deviation = self._mixture(_logarithms(x), known_noise)
        log_y = math.log(y - self.floor) if y > self.floor else -math.inf
        held: FloatArray = self._weights @ ndtr((log_y - mean) / deviation)
        return held

    def chance(self, x: ArrayLike, y: float) -> FloatArray:
        """Probability that a new measurement, as noisy as those given, is at most y at sizes x: (n,)."""
        return self.probability(x, y, self._noise_of(None))

    def invert(self, y: float, level: float = 0.95) -> Interval:
        """The size at which the law comes down to y, with its interval.

        The median, and the sizes at which the band's lower and upper end pass y: where `band` says that the law may be
        at y is where this interval lies. Infinite where that takes more than a million times the largest size.

        Examples
        --------
        >>> from plaw.curves.curve import make_curve
        >>> size = forecast_curve(make_curve([9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084])).invert(0.06)
        >>> 60 < size.low < size.value < size.high
        True
        """
        value, low, high = (self._first(y, p, None) for p in (0.5, (1 - level) / 2, (1 + level) / 2))
        return Interval(value, low, high, level)

    def assured(self, y: float, probability: float = 0.8, runs: int | None = None) -> float:
        """The size at which a new measurement is at most y with this probability; infinite where none is.

        Examples
        --------
        >>> from plaw.curves.curve import make_curve
        >>> forecast = forecast_curve(make_curve([9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084]))
        >>> bool(forecast.assured(0.06) > forecast.invert(0.06).value)
        True
        """
        return self._first(y, probability, self._noise_of(runs))

    def after(self, *runs: tuple[float, int]) -> "Forecast":
        """The forecast once more runs were made, each as noisy as those given and where it is expected.

        Parameters
        ----------
        *runs : tuple of (n, repeats)
            Sizes, and how many runs at each.

        Examples
        --------
        >>> from plaw.curves.curve import make_curve
        >>> forecast = forecast_curve(make_curve([9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084]))
        >>> (low, high), (new_low, new_high) = forecast.band(240)[:, 0], forecast.after((120, 1)).band(240)[:, 0]
        >>> bool(new_high / new_low < high / low)
        True
        """
        sizes = np.repeat([n for n, _ in runs], [repeats for _, repeats in runs])
        x, y = np.append(self.curve.x, sizes), np.append(self.curve.y, self.predict(sizes))
        order, yerr = np.argsort(x, kind="stable"), None
        if self.curve.yerr is not None:
            yerr = np.append(self.curve.yerr, y[len(self.curve.y) :] * self.curve.run_noise)[order]
        return replace(self, curve=Curve(x[order], y[order], yerr, None))

    def widened(self, widening: float) -> "Forecast":
        """The same with another calibration factor, nothing of it fitted again."""
        other = replace(self, widening=widening)
        other.__dict__.update(_thinned=self._thinned, _components=self._components)
        return other

    @cached_property
    def _thinned(self) -> _Thinned:
        return _thin(self.curve, self.floor)

    @cached_property
    def _components(self) -> tuple[_Component, ...]:
        thinned = self._thinned
        noise, deviation = (grid.ravel() for grid in np.meshgrid(NOISE, DEVIATION, indexing="ij"))
        covariance = noise[:, None, None] ** 2 * np.diag(thinned.share) + np.diag(thinned.variance + 1e-9)
        covariance = covariance + deviation[:, None, None] ** 2 * _covariance(thinned.log_x, thinned.log_x, thinned)
        root = np.linalg.cholesky(covariance)
        believed = -0.5 * (_standard(noise, LOG_NOISE) ** 2 + _standard(deviation, LOG_DEVIATION) ** 2)
        evidence = believed - np.log(np.einsum("hii->hi", root)).sum(axis=1)
        pairs = _Pairs(noise, deviation, np.linalg.inv(root), evidence, int(np.argmax(believed)))
        return tuple(_component(prior, thinned, pairs) for prior in priors(known_floor=self.floor > 0))

    @cached_property
    def shares(self) -> dict[str, float]:
        """The weight of each law."""
        return {c.prior.law.name: float(c.weight.sum()) / len(self._components) for c in self._components}

    @cached_property
    def _weights(self) -> FloatArray:
        return np.concatenate([component.weight for component in self._components]) / len(self._components)

    def _noise_of(self, runs: int | None) -> float:
        """Variance of the known noise of log y of a new measurement: that of the last third, for so many runs."""
        if not self.curve.known:
            return 0.0
        third = slice(-max(1, len(self.curve.y) // 3), None)
        last = (self.curve.log_error * self.curve.y / (self.curve.y - self.floor))[third]
        given = 1.0 if self.curve.samples is None else float(np.median([len(s) for s in self.curve.samples]))
        return float((last**2).mean()) * (1.0 if runs is None else given / runs)

    def _first(self, y: float, p: float, known_noise: float | None) -> float:
        """The first size at which the probability of at most y is p."""
        if not (math.isfinite(y) and y > 0):
            raise PlawError(f"invert() needs a positive y, not {y}.")
        first, last = self._thinned.log_x[[0, -1]]
        # below the measured sizes the curve may be anything: only what the first error meets is sought there
        start = 2 * first - last if y >= self.curve.y[0] else first
        grid = np.concatenate([np.linspace(start, last, 60), last + np.linspace(0, REACH, 120)[1:]])
        for _ in range(4):
            reached = np.flatnonzero(self.probability(np.exp(grid), y, known_noise) >= p)
            if not reached.size:
                return math.inf
            if not reached[0]:
                return float(np.exp(grid[0])) if grid[0] >= first else 0.0
            grid = np.linspace(grid[reached[0] - 1], grid[reached[0]], 17)
        return float(np.exp((grid[0] + grid[-1]) / 2))

    def _mixture(self, log_x: FloatArray, known_noise: float | None) -> tuple[FloatArray, FloatArray]:
        """Means and deviations (M, n) of the normal distributions of log y that make up the forecast."""
        parts = [self._moments(component, log_x) for component in self._components]
        mean, variance = np.concatenate([m for m, _ in parts]), np.concatenate([v for _, v in parts])
        centre = self._weights @ mean
        mean, variance = centre + self.widening * (mean - centre), self.widening**2 * variance
        if known_noise is not None:
            unknown = np.concatenate([component.noise for component in self._components]) ** 2
            variance = variance + unknown[:, None] + known_noise
        return mean, np.sqrt(np.maximum(variance, 1e-14))

    def _moments(self, component: _Component, log_x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and variance (C, n) of log y at log_x under one law: Gaussian process regression."""
        thinned, u = self._thinned, component.u
        log_value = _law(component.prior, thinned)
        slopes = jacobian(lambda v, rows: log_value(v, log_x), u[None], np.zeros(1, int))[0]
        cross, own = _covariance(log_x, thinned.log_x, thinned), _variance(log_x, thinned)
        variance = component.deviation[:, None, None] ** 2
        gain = variance * (cross @ np.swapaxes(component.whiten, 1, 2))
        mean = log_value(u[None], log_x)[0] + component.mean @ slopes.T + (gain @ component.residual[..., None])[..., 0]
        free = (slopes - gain @ component.slopes) @ component.root
        return mean, (free**2).sum(axis=2) + variance[:, 0] * own - (gain**2).sum(axis=2)


def forecast_curve(curve: Curve, widening: float = WIDENING, floor: float | None = None) -> Forecast:
    """The forecast from a checked curve of one variable.

    Parameters
    ----------
    curve : Curve
        Of any number of points; more than `MOST_POINTS` are averaged in bins of equal width in log n.
    widening : float
        The calibration factor of the law's spread; 1 gives the bare mixture.
    floor : float, optional
        The error that no number of examples removes, where it is known: what lies above it is forecast, by the laws
        that then go on falling.

    Returns
    -------
    Forecast

    Raises
    ------
    PlawError
        For a curve of two variables or of less than two different sizes, and for a floor that is not below every error.

    Examples
    --------
    >>> from plaw.curves.curve import make_curve
    >>> curve = make_curve([10, 100, 1000], [0.4, 0.2, 0.1])
    >>> forecast = forecast_curve(curve)
    >>> forecast.shares["m4"]
    0.25
    >>> bool(forecast_curve(curve, floor=0.05).predict(1e6)[0] > 0.05)
    True
    """
    different = len(np.unique(curve.x, axis=0))
    if curve.x.ndim != 1 or different < 2:
        raise PlawError(
            f"A forecast needs a curve of one variable with two different sizes or more, but it has {different}."
        )
    if floor is not None and not 0 < floor < curve.y.min():
        raise PlawError(
            f"A known floor is positive and lies below every error, but the floor is {floor:g} and the least error "
            f"{curve.y.min():g}."
        )
    return Forecast(curve, widening, floor or 0.0)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Trial pairs (H,) of noise and deviation, their whitening (H, m, m), what speaks for each, and the likeliest."""

    noise: FloatArray
    deviation: FloatArray
    whiten: FloatArray
    evidence: FloatArray
    start: int


def _component(prior: Prior, thinned: _Thinned, pairs: _Pairs) -> _Component:
    """One law, fitted under its prior and the best pair, then linearised for all pairs that are not negligible."""
    mean, deviation = np.array(prior.mean, float), np.array(prior.deviation, float)
    p, log_value, log_y = len(mean), _law(prior, thinned), thinned.log_y
    steps = np.eye(p)[1:] * deviation
    starts, pair = np.concatenate([mean[None], mean + steps, mean - steps]), pairs.start
    for _ in range(2):
        whiten = pairs.whiten[pair]

        def residuals(u: FloatArray, rows: IntArray, whiten: FloatArray = whiten) -> FloatArray:
            data = (log_y - log_value(u, thinned.log_x)) @ whiten.T
            return np.concatenate([data, (u - mean) / deviation], axis=1)

        fits, cost, _ = solve(residuals, starts, mean - 6 * deviation, mean + 6 * deviation, steps=60, slack=1e-6)
        u = fits[np.argmin(cost)]
        slopes = jacobian(lambda v, rows: log_value(v, thinned.log_x), u[None], np.zeros(1, int))[0]
        scaled = pairs.whiten @ (slopes * deviation)
        left = pairs.whiten @ (log_y - log_value(u[None], thinned.log_x)[0] + slopes @ (u - mean))
        precision = np.eye(p) + np.swapaxes(scaled, 1, 2) @ scaled
        pull = np.einsum("hmp,hm->hp", scaled, left)
        best = np.linalg.solve(precision, pull[..., None])[..., 0]
        misfit = (left**2).sum(axis=1) - (pull * best).sum(axis=1) + np.linalg.slogdet(precision)[1]
        evidence = pairs.evidence - misfit / 2
        starts, pair = u[None], int(np.argmax(evidence))
    kept = np.flatnonzero(evidence > evidence.max() - NEGLIGIBLE_EVIDENCE)
    root = deviation[:, None] * np.swapaxes(np.linalg.inv(np.linalg.cholesky(precision[kept])), 1, 2)
    return _Component(
        prior, u, mean + deviation * best[kept] - u, root, np.exp(evidence[kept] - logsumexp(evidence[kept])),
        pairs.noise[kept], pairs.deviation[kept], pairs.whiten[kept],
        left[kept] - np.einsum("hmp,hp->hm", scaled[kept], best[kept]), scaled[kept] / deviation,
    )  # fmt: skip


def _law(prior: Prior, thinned: _Thinned) -> Callable[[FloatArray, FloatArray], FloatArray]:
    log_n, log_y = thinned.last

    def log_value(u: FloatArray, log_x: FloatArray) -> FloatArray:
        return prior.log_value(u, log_x, log_n, log_y)

    return log_value


def _thin(curve: Curve, floor: float) -> _Thinned:
    """At most MOST_POINTS points: means of log n and of log(y - floor) in bins of equal width in log n."""
    log_x, log_y = curve.log_x, np.log(curve.y - floor)
    variance = (curve.yerr / (curve.y - floor)) ** 2 if curve.yerr is not None else np.zeros_like(log_y)
    if len(log_x) <= MOST_POINTS:
        return _Thinned(log_x, log_y, variance, np.ones_like(log_y))
    edges = np.linspace(log_x[0], log_x[-1], MOST_POINTS + 1)[1:-1]
    _, place, count = np.unique(np.searchsorted(edges, log_x, side="right"), return_inverse=True, return_counts=True)
    means = [np.bincount(place, values) / count for values in (log_x, log_y, variance)]
    return _Thinned(means[0], means[1], means[2] / count, 1 / count)


def _covariance(log_a: FloatArray, log_b: FloatArray, thinned: _Thinned) -> FloatArray:
    """(a, b), of g for a deviation of 1: a random walk of the slope and one of the level, away from the largest size.

    Distances count in measured ranges; both walks have unit variance one range away, and the two sides of the largest
    size know nothing of each other, because the law takes up level and slope there.
    """
    a, b = (_distance(log_x, thinned) for log_x in (log_a[:, None], log_b[None]))
    near, far = np.minimum(np.abs(a), np.abs(b)), np.maximum(np.abs(a), np.abs(b))
    walks: FloatArray = (a * b > 0) * ((1 - ROUGH) * near**2 * (3 * far - near) / 2 + ROUGH * near)
    return walks


def _variance(log_x: FloatArray, thinned: _Thinned) -> FloatArray:
    """The diagonal of `_covariance`."""
    distance = np.abs(_distance(log_x, thinned))
    return (1 - ROUGH) * distance**3 + ROUGH * distance


def _distance(log_x: FloatArray, thinned: _Thinned) -> FloatArray:
    """From the largest size, in measured ranges; beyond it never more than one, as if a law cannot miss ever more."""
    ranges = (log_x - thinned.log_x[-1]) / (thinned.log_x[-1] - thinned.log_x[0])
    distance: FloatArray = np.where(ranges > 0, -np.expm1(-np.maximum(ranges, 0)), ranges)
    return distance


def _standard(values: FloatArray, believed: tuple[float, float]) -> FloatArray:
    return (np.log(values) - believed[0]) / believed[1]


def _logarithms(x: ArrayLike) -> FloatArray:
    sizes = np.asarray(x, float).reshape(-1)
    if not (sizes > 0).all():
        raise PlawError("Errors are predicted at positive sizes only.")
    logarithms: FloatArray = np.log(sizes)
    return logarithms
