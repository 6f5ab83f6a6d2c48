"""Fit a law to a learning curve, and say how sure the answer is.

fit = fit_law("power", sizes, errors)              errors: one per size, or the raw errors of all networks of each size
fit.params["rho"], fit.interval()["rho"]           the exponent and its 95% interval
fit.predict(6000), fit.band(6000)                  the error at 6,000 examples per label, and its interval
fit.invert(0.02)                                   the size that an error of 0.02 needs, with its interval
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from plaw.curves.arrays import NOT_NUMBERS, FloatArray, IntArray, Residuals, read_only
from plaw.curves.bootstrap import Replicates, replicate, usable
from plaw.curves.constrained import constrain
from plaw.curves.curve import Curve, make_curve
from plaw.curves.intervals import Interval, check_level, delta_chi2, mover, percentiles
from plaw.curves.laws import Law, get_law
from plaw.curves.limits import band_limits, covariance, parameter_limits, search_range, size_limits
from plaw.curves.saving import Saved
from plaw.curves.solver import solve
from plaw.errors import PlawError

MOST = float(np.finfo(float).max)
LOSSES = ("log-lsq", "huber", "lsq")
METHODS = ("profile", "percentile")
# all starts walk a little, the best to the end of the narrowest valley
FIRST_STEPS, FINALISTS, LAST_STEPS = 100, 3, 5000


@dataclass(frozen=True)
class Status(Saved):
    """What to know about a fit before it is used; printed as one line.

    Attributes
    ----------
    converged : bool
        Whether the solver came to rest.
    at_bound : tuple of str
        Parameters at a bound of the law.
    unresolved : tuple of str
        Parameters that the data do not determine.
    dof : int
        Degrees of freedom: points minus parameters.
    """

    converged: bool
    at_bound: tuple[str, ...]
    unresolved: tuple[str, ...]
    dof: int

    def __str__(self) -> str:
        notes = ["converged" if self.converged else "NOT converged"]
        if self.at_bound:
            notes.append(f"at its bound: {', '.join(self.at_bound)}")
        if self.unresolved:
            notes.append(f"flat ridge, the data do not determine: {', '.join(self.unresolved)}")
        if self.dof == 0:
            notes.append("as many parameters as points: the law cannot be checked")
        return "; ".join(notes)


@dataclass(frozen=True, eq=False)
class Fit(Saved):
    """A law fitted to a curve, made by `fit_law`. It prints as a short report, and as a table in a notebook.

    Attributes
    ----------
    law : Law
    curve : Curve
        The checked data.
    loss : str
        "log-lsq", "huber" or "lsq", see `fit_law`.
    delta : float
        Of Huber's loss.
    theta : (p,) array
        The parameters on the solver's scale; `params` has them in the formula's units.
    bounds : (2, p) array
        Bounds of theta.
    chi2 : float
        The sum of squared residuals (or Huber's loss), in units of yerr where that is known.
    status : Status
        Whether the solver converged, and which parameters are at a bound or not determined.
    bootstrap, seed : int
        Number of replicates and seed of the "percentile" method.

    Examples
    --------
    >>> fit = fit_law("power", [9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084])
    >>> {name: round(value, 3) for name, value in fit.params.items()}
    {'c0': 0.651, 'rho': 0.5}
    >>> print(fit.status)
    converged
    """

    law: Law
    curve: Curve
    loss: str
    delta: float
    theta: FloatArray
    bounds: FloatArray
    chi2: float
    status: Status
    bootstrap: int
    seed: int

    @property
    def params(self) -> dict[str, float]:
        """The parameters by name, in the formula's units."""
        return dict(zip(self.law.parameters, self.law.natural(self.theta, self.bounds).tolist()))

    @property
    def dof(self) -> int:
        """Degrees of freedom, points minus parameters."""
        return len(self.curve.y) - len(self.theta)

    @property
    def aic(self) -> float:
        """Akaike's criterion with the correction for few points (Hurvich & Tsai 1989).

        Compares laws fitted to the same curve with the same least-squares loss: lower is better. Infinite where the
        points are too few.

        Raises
        ------
        PlawError
            For Huber's loss.

        Examples
        --------
        >>> fit = fit_law("power", [9, 15, 30, 60, 120], [0.217, 0.168, 0.119, 0.084, 0.06])
        >>> round(fit.aic, 1)
        -29.2
        """
        if self.loss == "huber":
            raise PlawError("Akaike's criterion belongs to least squares: fit with loss='log-lsq'.")
        count, free = len(self.curve.y), len(self.theta) + (not self.curve.known)
        if count <= free + 1:
            return float("inf")
        misfit = self.chi2 if self.curve.known else count * np.log(max(self.chi2 / count, 1e-300))
        return float(misfit + 2 * free + 2 * free * (free + 1) / (count - free - 1))

    @cached_property
    def unit_covariance(self) -> FloatArray:
        """(p, p), linearised, of theta, for residuals of unit variance."""
        return covariance(self.residuals(), self.theta)

    @cached_property
    def all_replicates(self) -> Replicates:
        """Every bootstrap replicate, and whether it converged."""
        return replicate(self)

    @cached_property
    def replicates(self) -> FloatArray:
        """theta of the bootstrap replicates that converged, at most (bootstrap, p).

        Warns
        -----
        UserWarning
            How many did not converge and are left out, where there are any.

        Raises
        ------
        PlawError
            Where fewer than half converged.
        """
        return usable(self.all_replicates)

    def residuals(self, log_y: FloatArray | None = None) -> Residuals:
        """The residuals as the solver takes them; log_y: (B, n), other data for each row."""
        data = np.log(self.curve.y)[None] if log_y is None else log_y
        return _residuals(self.law, self.curve, self.loss, data)

    def delta_chi2(self, level: float) -> float:
        """The rise of chi2 that bounds the profile intervals."""
        return delta_chi2(level, self.chi2, self.dof, self.curve.known)

    def predict(self, x: ArrayLike) -> FloatArray:
        """The law at given sizes.

        Parameters
        ----------
        x : (n,) or (n, 2) array_like, or one number
            Sizes; two columns for a law of two variables.

        Returns
        -------
        (n,) array
            In the unit of y.

        Raises
        ------
        PlawError
            For sizes that are not positive.

        Examples
        --------
        >>> fit = fit_law("power", [10, 100, 1000], [0.4, 0.2, 0.1])
        >>> fit.predict([100, 10_000]).round(3).tolist()
        [0.2, 0.05]
        """
        y: FloatArray = np.exp(self.law.log_value(self.theta[None], self._log_points(x)[None])[0])
        return y

    def interval(self, level: float = 0.95, method: str | None = None) -> dict[str, tuple[float, float]]:
        """Low and high of each parameter, in the formula's units.

        Parameters
        ----------
        level : float
            The confidence, between 0 and 1.
        method : str, optional
            "profile" (the default for least squares) or "percentile" (the default for Huber's loss, and the only one
            there); see plaw.curves.intervals.

        Returns
        -------
        dict of str to (low, high)

        Raises
        ------
        PlawError
            For another level or method.

        Examples
        --------
        >>> fit = fit_law("power", [9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084])
        >>> low, high = fit.interval()["rho"]
        >>> f"{low:.2f} ... {high:.2f}"
        '0.50 ... 0.50'
        """
        if self._method(level, method) == "profile":
            low, high = self.law.natural(parameter_limits(self, level), self.bounds)
        else:
            low, high = percentiles(self.law.natural(self.replicates, self.bounds), level)
        return dict(zip(self.law.parameters, zip(low.tolist(), high.tolist())))

    def band(self, x: ArrayLike, level: float = 0.95, method: str | None = None) -> FloatArray:
        """Low and high of the law (not of a single measurement) at given sizes.

        Parameters
        ----------
        x : (n,) or (n, 2) array_like, or one number
            Sizes.
        level, method
            As for `interval`.

        Returns
        -------
        (2, n) array
            Low and high, in the unit of y.

        Raises
        ------
        PlawError
            For sizes that are not positive, and for another level or method.

        Examples
        --------
        >>> fit = fit_law("power", [9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084])
        >>> low, high = fit.band([240, 6000])
        >>> bool((low < fit.predict([240, 6000])).all() and (fit.predict([240, 6000]) < high).all())
        True
        """
        points = self._log_points(x)
        if self._method(level, method) == "profile":
            ends: FloatArray = np.exp(band_limits(self, points, level))
            return ends
        return percentiles(np.exp(self.law.log_value(self.replicates, points[None])), level)

    def new_band(self, x: ArrayLike, level: float = 0.95, method: str | None = None) -> FloatArray:
        """Low and high of a new measurement at given sizes, as noisy as the last third of those given.

        The law's band and the noise (where it is not known, the scatter about the law), put together by MOVER.

        Parameters
        ----------
        x, level, method
            As for `band`.

        Returns
        -------
        (2, n) array
            Low and high, in the unit of y.

        Examples
        --------
        >>> fit = fit_law("power", [10, 100, 1000], [0.4, 0.2, 0.1], yerr=[0.04, 0.02, 0.01])
        >>> (law_low, law_high), (low, high) = fit.band(4000)[:, 0], fit.new_band(4000)[:, 0]
        >>> bool(low < law_low < law_high < high)
        True
        """
        best, (low, high) = np.log(self.predict(x)), np.log(self.band(x, level, method))
        last = self.curve.log_error[-max(1, len(self.curve.y) // 3) :]
        variance = (last**2).mean() if self.curve.known else self.chi2 / self.dof if self.dof else np.nan
        half = np.full_like(best, stats.norm.isf((1 - level) / 2) * np.sqrt(variance))
        ends: FloatArray = np.exp(np.stack(mover(best, (best - low, half), (high - best, half))))
        return ends

    def invert(self, y: float, level: float = 0.95, method: str | None = None) -> Interval:
        """The size at which the law passes y, with its interval.

        Parameters
        ----------
        y : float
            An error, in the unit of the curve.
        level, method
            As for `interval`.

        Returns
        -------
        Interval
            Infinite where no size suffices, 0 where any does.

        Raises
        ------
        PlawError
            For a law of two variables, a y that is not positive, and another level or method.

        Examples
        --------
        >>> fit = fit_law("power", [10, 100, 1000], [0.4, 0.2, 0.1], yerr=[0.004, 0.002, 0.001])
        >>> print(fit.invert(0.05))
        10,000 (95% interval 9,069 ... 11,070)
        """
        if len(self.law.variables) > 1 or not (isinstance(y, Real) and MOST >= y > 0):
            raise PlawError(f"invert() needs a law of one variable and a positive y, not {self.law.name} and {y}.")
        log_y, limits = float(np.log(y)), search_range(self)
        best = float(log_size(self.law, self.theta[None], log_y, limits)[0])
        if self._method(level, method) == "profile":
            low, high = size_limits(self, best, log_y, level)
        else:
            low, high = percentiles(log_size(self.law, self.replicates, log_y, limits), level)
        return Interval(best, low, high, level).map(np.exp)

    def _method(self, level: float, method: str | None) -> str:
        check_level(level)
        method = method or ("percentile" if self.loss == "huber" else "profile")
        if method not in METHODS or (method == "profile" and self.loss == "huber"):
            raise PlawError(
                "Intervals are computed by 'profile' (least squares only) or 'percentile', "
                f"not by {method!r} for a {self.loss} fit."
            )
        return method

    def _log_points(self, x: ArrayLike) -> FloatArray:
        columns = len(self.law.variables)
        try:
            points = np.asarray(x, float)
            points = points.reshape(-1, 2) if columns == 2 else points.reshape(-1)
        except NOT_NUMBERS as error:
            raise PlawError(f"Sizes are numbers, {columns} for each point: {error}.") from None
        if not ((points > 0) & np.isfinite(points)).all():
            raise PlawError("A law is evaluated at positive sizes only, and at finite ones.")
        logarithms: FloatArray = np.log(points)
        return logarithms

    def draw(self, ax: Any = None, level: float = 0.95) -> Any:
        """Draw the law with its band and the points: see `plaw.curves.draw_fit`.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Default: those of a new figure.
        level : float
            The confidence of the band.

        Returns
        -------
        matplotlib Axes
        """
        from plaw.curves.drawing import draw_fit

        return draw_fit(self, ax, level)

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """The results as plain numbers, lists and strings; `to_json` and `save` keep the whole fit with its points.

        Examples
        --------
        >>> kept = fit_law("power", [10, 100, 1000], [0.4, 0.2, 0.1]).to_dict()
        >>> kept["law"], kept["points"], kept["dof"]
        ('power', 3, 1)
        """
        return {
            "law": self.law.name,
            "formula": self.law.formula,
            "params": self.params,
            "interval": {name: list(ends) for name, ends in self.interval(level).items()},
            "level": level,
            "loss": self.loss,
            "points": len(self.curve.y),
            "chi2": self.chi2,
            "dof": self.dof,
            "status": str(self.status),
        }

    def __str__(self) -> str:
        ends = self.interval()
        known = "weighted by known errors" if self.curve.known else "errors not known"
        lines = [
            f"{self.law.name}: y = {self.law.formula}   ({self.law.source})",
            f"{len(self.curve.y)} points, loss {self.loss}, {known}",
            f"chi2 {self.chi2:.3g} with {self.dof} degrees of freedom",
            f"  {'':<8} {'value':>11}   95% interval",
            *(
                f"  {name:<8} {value:>11.4g}   {ends[name][0]:.4g} ... {ends[name][1]:.4g}"
                for name, value in self.params.items()
            ),
            str(self.status),
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        ends = self.interval()
        rows = "".join(
            f"<tr><td>{name}</td><td>{value:.4g}</td><td>{ends[name][0]:.4g} &hellip; {ends[name][1]:.4g}</td></tr>"
            for name, value in self.params.items()
        )
        return (
            f"<table><caption>{self.law.name}: y = {self.law.formula}</caption>"
            f"<tr><th>parameter</th><th>value</th><th>95% interval</th></tr>{rows}</table><p>{self.status}</p>"
        )


def fit_law(
    law: str | Law, x: ArrayLike, y: ArrayLike, yerr: ArrayLike | None = None,
    loss: str = "log-lsq", delta: float = 1e-3, bootstrap: int = 1000, seed: int = 0,
    fixed: Mapping[str, float] | None = None, bounds: Mapping[str, tuple[float, float]] | None = None,
) -> Fit:  # fmt: skip
    """Fit a law to a curve: the best of many starts.

    Parameters
    ----------
    law : str or Law
        A name of `LAWS`, or a Law.
    x : (n,) or (n, 2) array_like
        Sizes, in any unit; two columns for N and D.
    y : (n,) array_like, or a sequence of n arrays
        Errors or losses, positive; or the raw errors of the networks of each size.
    yerr : array_like, optional
        Standard errors of y, (n,) or one for all; not together with raw errors.
    loss : str
        "log-lsq", least squares of log y; "huber", Huber's loss of log y beyond `delta`; "lsq", least squares of y
        itself.
    delta : float
        Of Huber's loss, in units of yerr/y where yerr is known.
    bootstrap, seed : int
        Number of replicates and seed of the "percentile" method.
    fixed : mapping of str to float, optional
        Parameters that are known, like {"e_inf": 0.02}: they are not fitted.
    bounds : mapping of str to (low, high), optional
        The least and the greatest value of a parameter, like {"rho": (0, 1)}.

    Returns
    -------
    Fit

    Raises
    ------
    PlawError
        For what cannot be fitted: bad numbers, too few sizes, an unknown law, loss or parameter.

    Examples
    --------
    >>> fit = fit_law("power", [1000, 2000, 4000, 8000], [0.212, 0.161, 0.124, 0.094])
    >>> round(fit.params["rho"], 2)
    0.39
    >>> fit.predict(16_000).round(3).tolist()
    [0.072]
    >>> known_floor = fit_law("power_offset", [10, 100, 1000], [0.3, 0.11, 0.05], fixed={"e_inf": 0.02})
    >>> {name: round(value, 2) for name, value in known_floor.params.items()}
    {'c0': 0.85, 'rho': 0.49}
    """
    law, curve = constrain(get_law(law), fixed, bounds), make_curve(x, y, yerr)
    return fit_curve(law, curve, loss, delta, bootstrap, seed)


def fit_curve(
    law: Law, curve: Curve, loss: str = "log-lsq", delta: float = 1e-3, bootstrap: int = 1000, seed: int = 0
) -> Fit:
    """`fit_law` for a checked curve: the best of many starts."""
    _check_options(loss, delta, bootstrap, seed)
    if curve.x.ndim != len(law.variables):
        raise PlawError(
            f"{law.name} is a law of {' and '.join(law.variables)}: x needs {len(law.variables)} column(s)."
        )
    different, p = len(np.unique(curve.x, axis=0)), len(law.parameters)
    if different < p:
        raise PlawError(
            f"{law.name} has {p} parameters and needs as many different sizes, but the curve has {different}: "
            "measure more sizes or choose a simpler law."
        )
    bounds, starts = law.bounds(curve.log_x, curve.y), law.starts(curve.log_x, curve.y)
    residuals = _residuals(law, curve, loss, np.log(curve.y)[None])
    delta_or_none = delta if loss == "huber" else None
    theta, cost, _ = solve(residuals, starts, bounds[0], bounds[1], delta_or_none, steps=FIRST_STEPS)
    finalists = np.argsort(cost, kind="stable")[:FINALISTS]
    theta, cost, converged = solve(residuals, theta[finalists], bounds[0], bounds[1], delta_or_none, steps=LAST_STEPS)
    best = int(np.argmin(cost))
    dof = len(curve.y) - len(law.parameters)
    status = _status(law, theta[best], bounds, residuals, cost[best], dof, curve.known, bool(converged[best]))
    theta, bounds = read_only(theta[best].copy()), read_only(bounds)
    return Fit(law, curve, loss, delta, theta, bounds, float(cost[best]), status, bootstrap, seed)


def _check_options(loss: str, delta: float, bootstrap: int, seed: int) -> None:
    if loss not in LOSSES:
        raise PlawError(f"There is no loss {loss!r}: choose one of {', '.join(LOSSES)}.")
    if not (isinstance(delta, Real) and 0 < delta < np.inf and isinstance(bootstrap, Integral) and bootstrap >= 1):
        raise PlawError(f"delta must be positive and bootstrap at least 1, not {delta} and {bootstrap}.")
    if not (isinstance(seed, Integral) and seed >= 0):
        raise PlawError(f"The seed is a whole number, 0 or more, not {seed}.")


def _residuals(law: Law, curve: Curve, loss: str, log_y: FloatArray) -> Residuals:
    """log y of the law minus the data (or y of the law minus the data, for "lsq"), over the standard error."""
    log_x, log_error, shared = curve.log_x[None], curve.log_error, len(log_y) == 1
    error = np.ones_like(curve.y) if curve.yerr is None else curve.yerr

    def residuals(theta: FloatArray, rows: IntArray) -> FloatArray:
        data = log_y if shared else log_y[rows]
        values = law.log_value(theta, log_x)
        if loss == "lsq":
            difference: FloatArray = (np.exp(np.minimum(values, 700)) - np.exp(data)) / error
            return difference
        return (values - data) / log_error

    return residuals


def _status(
    law: Law, theta: FloatArray, bounds: FloatArray, residuals: Residuals,
    chi2: float, dof: int, known: bool, converged: bool,
) -> Status:  # fmt: skip
    at_bound = tuple(
        name for j, name in enumerate(law.parameters) if theta[j] <= bounds[0, j] or theta[j] >= bounds[1, j]
    )
    scale = 1.0 if known else chi2 / dof if dof else 0.0
    spread = np.sqrt(scale * np.diag(covariance(residuals, theta)))
    wide = [np.log(10) if name in law.logarithmic else max(1.0, abs(t)) for name, t in zip(law.parameters, theta)]
    unresolved = tuple(name for name, s, w in zip(law.parameters, spread, wide) if s > w and name not in at_bound)
    return Status(converged, at_bound, unresolved, dof)


def log_size(law: Law, theta: FloatArray, log_y: float, limits: tuple[float, float]) -> FloatArray:
    """Logarithm of the size at which each curve theta (B, p) first passes y; infinite outside the limits."""
    grid = np.linspace(*limits, 321)
    above = law.log_value(theta, grid[None]) > log_y
    falling = ~above[:, -1] | above[:, 0]
    above = np.where(falling[:, None], above, ~above)
    passing = above[:, :-1] & ~above[:, 1:]
    first = passing.argmax(axis=1)
    low, high = grid[first], grid[first + 1]
    for _ in range(45):
        middle = (low + high) / 2
        beyond = (law.log_value(theta, middle[:, None])[:, 0] > log_y) != falling
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    return np.where(passing.any(axis=1), (low + high) / 2, np.where(above[:, -1], np.inf, -np.inf))
