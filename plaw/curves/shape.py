"""What kind of curve this is: does the error fall with every size, or is it flat, rising, peaked, dipping?

About one curve in seven does not fall (Yan, Mohr & Viering 2025, LCDB 1.1), and a law that always falls says nothing
of it.
"""

from enum import StrEnum

import numpy as np

from plaw.curves.arrays import FloatArray
from plaw.curves.curve import Curve

CLEAR = 4.0  # standard errors that a change between two extremes needs to count
LEAST_CHANGE = 0.02  # of log y; less is flat, whatever the noise
SMOOTHED = 12  # the most points looked at: more are averaged in bins of equal width in log n


class Shape(StrEnum):
    """The shape of a learning curve, as `shape_of` recognises it.

    Examples
    --------
    >>> print(Shape.PEAKED, Shape.PEAKED.falls)
    peaked True
    """

    FALLING = "falling"
    FLAT = "flat"
    RISING = "rising"
    PEAKED = "peaked"
    DIPPING = "dipping"
    DOUBLE_DESCENT = "a double descent"

    @property
    def falls(self) -> bool:
        """Whether the error falls at the largest sizes, so that it may be expected to fall on."""
        return self in (Shape.FALLING, Shape.PEAKED, Shape.DOUBLE_DESCENT)

    @property
    def meaning(self) -> str:
        """One sentence on what follows for a forecast."""
        return _MEANINGS[self]


_MEANINGS = {
    Shape.FALLING: "it may be expected to fall on",
    Shape.FLAT: "nothing says that more examples lower the error",
    Shape.RISING: "more examples have not lowered the error yet",
    Shape.PEAKED: "the error rose before it fell; a law that always falls fits only the last part",
    Shape.DIPPING: "the error rises again at the largest sizes, and no number can be predicted beyond them",
    Shape.DOUBLE_DESCENT: "it may rise once more; a law that always falls fits only the last part",
}


def shape_of(curve: Curve) -> Shape:
    """The shape of a curve of one variable, from its clear rises and falls.

    Parameters
    ----------
    curve : Curve

    Returns
    -------
    Shape

    Examples
    --------
    >>> from plaw.curves.curve import make_curve
    >>> sizes = [10, 20, 40, 80, 160, 320]
    >>> print(shape_of(make_curve(sizes, [0.4, 0.3, 0.2, 0.15, 0.1, 0.08])))
    falling
    >>> print(shape_of(make_curve(sizes, [0.4, 0.3, 0.2, 0.3, 0.45, 0.6])))
    dipping
    """
    log_y, error = _smoothed(curve)
    legs = _legs(log_y, np.maximum(CLEAR * error, LEAST_CHANGE))
    if not legs:
        return Shape.FLAT
    if len(legs) == 1:
        return Shape.FALLING if legs[0] < 0 else Shape.RISING
    if legs[-1] > 0:
        return Shape.DIPPING
    return Shape.PEAKED if legs[0] > 0 else Shape.DOUBLE_DESCENT


def _smoothed(curve: Curve) -> tuple[FloatArray, FloatArray]:
    """log y and its standard errors, in at most SMOOTHED bins; the noise is the known or the visible one."""
    log_x, log_y = curve.log_x, np.log(curve.y)
    known = curve.log_error if curve.known else np.zeros_like(log_y)
    bends = np.abs(log_y[:-2] - 2 * log_y[1:-1] + log_y[2:]) / np.sqrt(6)
    noise = np.maximum(known, np.median(bends) / 0.6745) if len(bends) > 3 else known
    edges = np.linspace(log_x[0], log_x[-1], SMOOTHED + 1)[1:-1]
    _, place, count = np.unique(np.searchsorted(edges, log_x, side="right"), return_inverse=True, return_counts=True)
    return np.bincount(place, log_y) / count, np.sqrt(np.bincount(place, noise**2)) / count


def _legs(log_y: FloatArray, least: FloatArray) -> list[int]:
    """Signs of the rises and falls between extremes that differ by more than `least` of the later one."""
    legs: list[int] = []
    low = high = log_y[0]
    for value, change in zip(log_y, least):
        direction = legs[-1] if legs else 0
        low, high = (min(low, value) if direction <= 0 else low), (max(high, value) if direction >= 0 else high)
        if direction <= 0 and value > low + change:
            legs.append(1)
            high = value
        elif direction >= 0 and value < high - change:
            legs.append(-1)
            low = value
    return legs
