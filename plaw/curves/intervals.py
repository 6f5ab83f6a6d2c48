"""A value with its interval, and how intervals are put together.

The limits of a fit are found by one of two methods, because they answer different questions:

* "percentile", the bootstrap (plaw.curves.bootstrap): what if the same sizes were measured again? It knows the noise of
  sampling and nothing else, and with 4 to 6 points and errors not known it is too narrow even for that.
* "profile", the default (plaw.curves.limits): also counts the scatter of the points about the law, with Student's t for
  the few points that show it. It stays honest when every size has a little luck of its own, as a search for
  hyper-parameters brings.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any, overload

import numpy as np
from scipy import stats

from plaw.curves.arrays import FloatArray
from plaw.curves.saving import Saved
from plaw.errors import PlawError


@dataclass(frozen=True)
class Interval(Saved):
    """A value with its interval: a parameter, an error, a number of examples, a difference, a ratio.

    Infinite where no number suffices or nothing bounds it; NaN where there is none.

    Attributes
    ----------
    value, low, high : float
        The best value and both ends, in its own unit.
    level : float
        The confidence, between 0 and 1.

    Examples
    --------
    >>> print(Interval(1056.0, 802.7, 1462.0))
    1,056 (95% interval 802.7 ... 1,462)
    """

    value: float
    low: float
    high: float
    level: float = 0.95

    def map(self, function: Callable[[float], float]) -> "Interval":
        """An increasing function of the value and of both ends.

        Examples
        --------
        >>> Interval(0.0, -1.0, 1.0).map(lambda x: 10**x)
        Interval(value=1.0, low=0.1, high=10.0, level=0.95)
        """
        return Interval(float(function(self.value)), float(function(self.low)), float(function(self.high)), self.level)

    def __str__(self) -> str:
        value, low, high = map(plain_number, (self.value, self.low, self.high))
        return f"{value} ({100 * self.level:.6g}% interval {low} ... {high})"


def plain_number(value: float) -> str:
    """A number in four digits, and no power of ten up to 10^15.

    Examples
    --------
    >>> plain_number(1234567.0)
    '1,235,000'
    """
    return f"{float(f'{value:.4g}'):,.15g}"


@overload
def mover(
    value: float, low_arms: tuple[float, float], high_arms: tuple[float, float], correlation: float = 0.0
) -> tuple[float, float]: ...
@overload
def mover(
    value: FloatArray, low_arms: tuple[Any, Any], high_arms: tuple[Any, Any], correlation: float = 0.0
) -> tuple[FloatArray, FloatArray]: ...
def mover(
    value: Any, low_arms: tuple[Any, Any], high_arms: tuple[Any, Any], correlation: float = 0.0
) -> tuple[Any, Any]:
    """The ends of a sum's interval, put together from those of two parts (MOVER: Zou & Donner 2008; Zou 2007).

    Parameters
    ----------
    value : float or array
        The sum.
    low_arms, high_arms : pair of float or array
        How far the sum moves down, and up, when the first and when the second part goes to its own end.
    correlation : float
        Of two parts of which one is taken from the other; 0 where they are independent.

    Returns
    -------
    low, high : float or array

    Examples
    --------
    >>> low, high = mover(5.0, (3.0, 4.0), (0.6, 0.8))
    >>> float(low), float(high)
    (0.0, 6.0)
    """
    if correlation == 0:
        return value - np.hypot(*low_arms), value + np.hypot(*high_arms)
    low, high = (np.sqrt(np.maximum(a**2 + b**2 - 2 * correlation * a * b, 0)) for a, b in (low_arms, high_arms))
    return value - low, value + high


def difference(first: Interval, second: Interval) -> Interval:
    """One quantity minus another, independent one, with its interval by `mover`.

    Examples
    --------
    >>> difference(Interval(7.0, 4.0, 10.0), Interval(2.0, -2.0, 6.0))
    Interval(value=5.0, low=0.0, high=10.0, level=0.95)
    """
    value = first.value - second.value
    low_arms = first.value - first.low, second.high - second.value
    high_arms = first.high - first.value, second.value - second.low
    low, high = mover(value, low_arms, high_arms)
    return Interval(value, float(low), float(high), first.level)


def ratio(first: Interval, second: Interval) -> Interval:
    """One positive quantity over another, independent one: the difference of their logarithms.

    Examples
    --------
    >>> quotient = ratio(Interval(6.0, 3.0, 12.0), Interval(2.0, 2.0, 2.0))
    >>> round(quotient.value, 6), round(quotient.low, 6), round(quotient.high, 6)
    (3.0, 1.5, 6.0)
    """
    return difference(first.map(math.log), second.map(math.log)).map(math.exp)


def check_level(level: Any) -> None:
    """Refuse what is no confidence between 0 and 1.

    Raises
    ------
    PlawError

    Examples
    --------
    >>> check_level(95)
    Traceback (most recent call last):
    ...
    plaw.errors.PlawError: A level lies between 0 and 1, like 0.95; not 95.
    """
    if not isinstance(level, Real) or not 0 < float(level) < 1:
        raise PlawError(f"A level lies between 0 and 1, like 0.95; not {level}.")


def delta_chi2(level: float, chi2: float, dof: int, known: bool) -> float:
    """The rise of chi2 that bounds a profile interval.

    Errors not known: the scatter about the law is the only measure of noise, and t(level, dof)^2 chi2/dof gives for
    straight lines and normal noise Student's interval, which is exact. Errors known (yerr, samples): z(level)^2 is
    exact if the law is true, the former if there is scatter beyond the known; the larger of the two is taken. (For a
    true law and 4 points, 2 parameters, it then covers 98.7% instead of 95%; less and less excess with more points.)
    """
    tail = (1 - level) / 2  # not 1 - tail, which is 1 for levels close to 1
    scatter = stats.t.isf(tail, dof) ** 2 * chi2 / dof if dof > 0 else np.nan
    noise = stats.norm.isf(tail) ** 2
    return float(np.fmax(noise, scatter)) if known else float(scatter)


def finite_or_none(value: float) -> float | None:
    """A number for JSON, which knows neither infinity nor NaN."""
    return float(value) if math.isfinite(value) else None


def percentiles(values: FloatArray, level: float) -> FloatArray:
    """(2, ...) ends of the middle `level` of the first axis; infinities allowed."""
    tail = (1 - level) / 2
    return np.quantile(values, [tail, 1 - tail], axis=0, method="inverted_cdf")
