"""What is believed of a learning curve before it is seen: four laws in coordinates without a unit, and their spread.

A law's own parameters depend on the unit of n and of y. The coordinates here do not. They say where the curve ends,
which share of that error is a floor, how steep it falls there, and where it bends, relative to the largest size
measured. A normal distribution on them is a prior for errors, losses and tokens alike. The means and deviations are
round numbers, set by hand: moments fitted to real curves did better on some domains and worse on others.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from plaw.curves.arrays import FloatArray
from plaw.curves.laws import LAWS, Law

NO_FLOOR = -20.0  # logit of the floor's share


@dataclass(frozen=True)
class Prior:
    """A law in coordinates u without a unit, independent and normal beforehand.

    Attributes
    ----------
    law : Law
    coordinates : tuple of str
        Names of the p coordinates.
    mean, deviation : tuple of float
        Of each coordinate.
    theta : callable
        theta(u (B, p), log_n, log_y) -> (B, p), the law's parameters on the solver's scale, of a curve whose largest
        size and error there have these logarithms.

    Examples
    --------
    >>> prior = PRIORS["power_offset"]
    >>> prior.coordinates
    ('end', 'floor', 'slope')
    >>> u = np.array([[0.0, 0.0, np.log(0.5)]])  # half of the last error, 0.1 at n = 100, is a floor
    >>> theta = prior.theta(u, np.log(100), np.log(0.1))
    >>> prior.law.natural(theta)[0].round(3).tolist()
    [0.05, 0.5, 0.5]
    """

    law: Law
    coordinates: tuple[str, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    theta: Callable[[FloatArray, float, float], FloatArray] = field(compare=False)

    def without_floor(self) -> "Prior":
        """The same with a negligible floor."""
        place = self.coordinates.index("floor")
        mean, deviation = list(self.mean), list(self.deviation)
        mean[place], deviation[place] = NO_FLOOR, 0.01
        return replace(self, mean=tuple(mean), deviation=tuple(deviation))

    def log_value(self, u: FloatArray, log_x: FloatArray, log_n: float, log_y: float) -> FloatArray:
        """log y (B, n) at log_x (n,) for coordinates u (B, p) of a curve that ends at log_n, log_y."""
        return self.law.log_value(self.theta(u, log_n, log_y), log_x[None])


def _parts(end: FloatArray, floor: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Logarithms of the floor and of the rest of the last error; `floor`: the logit of the floor's share."""
    return end - np.logaddexp(0, -floor), end - np.logaddexp(0, floor)


def _power_offset(u: FloatArray, log_n: float, log_y: float) -> FloatArray:
    log_floor, log_rest = _parts(u[:, 0] + log_y, u[:, 1])
    rho = np.exp(u[:, 2])
    return np.stack([log_floor, log_rest + rho * log_n, rho], axis=1)


def _shifted_power(u: FloatArray, log_n: float, log_y: float) -> FloatArray:
    log_g, c = u[:, 1] - log_n, np.exp(u[:, 2])
    return np.stack([u[:, 0] + log_y - c * np.logaddexp(-log_n, log_g), log_g, c], axis=1)


def _m4(u: FloatArray, log_n: float, log_y: float) -> FloatArray:
    end = u[:, 0] + log_y
    log_floor, log_rest = _parts(end, u[:, 1])
    log_room, a, c = end + u[:, 2], np.exp(u[:, 3]), np.exp(u[:, 4])
    return np.stack([log_floor, np.logaddexp(log_room, log_rest), a, log_rest - a * log_room + c * log_n, c], axis=1)


def _broken(u: FloatArray, log_n: float, log_y: float) -> FloatArray:
    log_floor, log_rest = _parts(u[:, 0] + log_y, u[:, 1])
    early, late, log_d, f = u[:, 2], u[:, 3], log_n + u[:, 4], np.exp(u[:, 5])
    log_b = log_rest + early * log_n + (late - early) * f * np.logaddexp(0, (log_n - log_d) / f)
    return np.stack([log_floor, log_b, early, late - early, log_d, u[:, 5]], axis=1)


PRIORS: dict[str, Prior] = {
    prior.law.name: prior
    for prior in (
        Prior(LAWS["power_offset"], ("end", "floor", "slope"), (0, -0.5, -1), (0.5, 2, 0.5), _power_offset),
        Prior(LAWS["shifted_power"], ("end", "bend", "slope"), (0, -1.5, -1), (0.5, 2.5, 0.5), _shifted_power),
        Prior(
            LAWS["m4"], ("end", "floor", "room below the ceiling", "a", "slope"),
            (0, -1, 0, 0, -0.7), (0.5, 2, 1.5, 0.7, 0.5), _m4,
        ),
        Prior(
            LAWS["broken"], ("end", "floor", "early slope", "late slope", "break", "sharpness"),
            (0, -1.5, 0.1, 0.4, -2, 0), (0.5, 2, 0.2, 0.3, 2, 0.7), _broken,
        ),
    )
}  # fmt: skip


def priors(known_floor: bool = False) -> tuple[Prior, ...]:
    """The laws that are averaged; with a known floor, those that have one, which is then no longer theirs.

    Examples
    --------
    >>> [prior.law.name for prior in priors()]
    ['power_offset', 'shifted_power', 'm4', 'broken']
    >>> [prior.law.name for prior in priors(known_floor=True)]
    ['power_offset', 'm4', 'broken']
    """
    if not known_floor:
        return tuple(PRIORS.values())
    return tuple(prior.without_floor() for prior in PRIORS.values() if "floor" in prior.coordinates)
