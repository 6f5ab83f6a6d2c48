"""Curves of thousands of sizes, as those of an online learner, brought down to a hundred points."""

import numpy as np

from plaw.curves.arrays import FloatArray, read_only
from plaw.curves.curve import Curve

MOST_POINTS = 100


def thinned(curve: Curve, most: int = MOST_POINTS) -> Curve:
    """A curve of at most so many points: each stands for as many neighbouring sizes as the others.

    A point lies at the means of log n and log y of its sizes, weighted by their known errors; on a straight line of
    the logarithms this loses nothing.

    Parameters
    ----------
    curve : Curve
        Of one variable.
    most : int

    Returns
    -------
    Curve
        The same one where it has no more points.

    Examples
    --------
    >>> from plaw.curves.curve import make_curve
    >>> n = np.arange(1, 10_001)
    >>> short = thinned(make_curve(n, n**-0.5))
    >>> len(short.y), bool(np.allclose(short.y, short.x**-0.5))
    (100, True)
    """
    if len(curve.y) <= most or curve.x.ndim != 1:
        return curve
    edges = np.linspace(0, len(curve.y), most + 1).astype(int)[:-1]
    weight = curve.log_error**-2.0
    total = np.add.reduceat(weight, edges)

    def mean(logarithm: FloatArray) -> FloatArray:
        return read_only(np.exp(np.add.reduceat(weight * logarithm, edges) / total))

    y = mean(np.log(curve.y))
    return Curve(mean(curve.log_x), y, read_only(y / np.sqrt(total)) if curve.known else None, None)
