"""The laws of learning curves: formula, source, bounds, and start values taken from the data.

A law works on logarithms, so that curves of 10^12 examples are as easy as ours: `log_value(theta, log_x)` takes the
parameters on the scale the solver walks on (logarithms of those that must be positive), any number of curves at once.
x is the number of examples n (any unit: per label, tokens, ...), y an error in (0, 1) or a loss of any size; c0, E
and all other levels carry the unit of y, exponents have none.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from plaw.curves.arrays import BoolArray, FloatArray
from plaw.errors import PlawError

NEGLIGIBLE = 1e-8  # a level this much below the smallest y, or a size this far from all x, cannot be told from zero
EXPONENT = 20.0
OFFSETS = ("e_inf", "E", "g")  # the parameters that may be nothing
SLOPE, FALLING = [-EXPONENT, EXPONENT], [1e-3, EXPONENT]
LEAST_A = 0.01  # below it M4 has a corner, not a bend
LEAST_Y = 1e-300  # stands for a y of zero, so that its logarithm is a number


@dataclass(frozen=True)
class Law:
    """A law y = f(x).

    Two laws are equal when they have the same name, formula, parameters and limits.

    Attributes
    ----------
    name, formula, source : str
        What the law is called, its formula, and where it comes from.
    parameters : tuple of str
        Names of the p parameters, in the order of theta.
    logarithmic : frozenset of str
        The parameters that the solver sees as logarithms, hence positive.
    log_value : callable
        log_value(theta (B, p), log_x (B or 1, n[, 2])) -> log y (B, n).
    bounds : callable
        bounds(log_x, y) -> (2, p), on the solver's scale.
    starts : callable
        starts(log_x, y) -> (starts, p), on the solver's scale.
    exponent : str
        The parameter that says how fast y falls; empty where there is none.
    variables : tuple of str
        ("n",), or ("N", "D") for a law of two variables.
    fixed, limits : tuple of pairs
        Parameters that `constrain` has pinned, and those that it keeps between bounds, in the formula's units.

    Examples
    --------
    >>> law = LAWS["power_offset"]
    >>> law.formula, law.parameters
    ('e_inf + c0 n^-rho', ('e_inf', 'c0', 'rho'))
    >>> law([100, 10_000], e_inf=0.02, c0=0.7, rho=0.5).round(3).tolist()
    [0.09, 0.027]
    """

    name: str
    formula: str
    source: str
    parameters: tuple[str, ...]
    logarithmic: frozenset[str]
    log_value: Callable[[FloatArray, FloatArray], FloatArray] = field(compare=False)
    bounds: Callable[[FloatArray, FloatArray], FloatArray] = field(compare=False)
    starts: Callable[[FloatArray, FloatArray], FloatArray] = field(compare=False)
    exponent: str = ""
    variables: tuple[str, ...] = ("n",)
    fixed: tuple[tuple[str, float], ...] = ()
    limits: tuple[tuple[str, tuple[float, float]], ...] = ()

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Laws of `LAWS` are pickled by their names."""
        if LAWS.get(self.name) == self:
            return get_law, (self.name,)
        return Law, tuple(getattr(self, part.name) for part in fields(self))

    def natural(self, theta: FloatArray, bounds: FloatArray | None = None) -> FloatArray:
        """Solver's scale (..., p) -> the formula's; with bounds, an offset at its lower bound becomes 0."""
        values = np.array(theta, float)
        for j, name in enumerate(self.parameters):
            if name in self.logarithmic:
                with np.errstate(over="ignore"):
                    values[..., j] = np.exp(values[..., j])
            if name in OFFSETS and bounds is not None and name not in dict(self.limits):
                values[..., j] *= theta[..., j] > bounds[0, j]
        return values

    def theta(self, params: Mapping[str, float]) -> FloatArray:
        """The formula's parameters by name -> (p,) on the solver's scale."""
        with np.errstate(divide="ignore"):
            return np.array(
                [np.log(params[name]) if name in self.logarithmic else params[name] for name in self.parameters]
            )

    def __call__(self, x: ArrayLike, **params: float) -> FloatArray:
        """y (n,) at sizes x, (n,) or (n, 2), for given parameters: `LAWS["power"](60, c0=0.7, rho=0.5)`."""
        log_x = np.log(np.atleast_1d(np.asarray(x, float)))
        y: FloatArray = np.exp(self.log_value(self.theta(params)[None], log_x[None])[0])
        return y


def get_law(law: "str | Law") -> Law:
    """A law by its name, those of `LAWS` and "broken2" to "broken9"; a Law is returned as it is.

    Parameters
    ----------
    law : str or Law

    Returns
    -------
    Law

    Raises
    ------
    PlawError
        For a name that is not in `LAWS`.

    Examples
    --------
    >>> get_law("power").formula
    'c0 n^-rho'
    """
    if isinstance(law, Law):
        return law
    if not isinstance(law, str):
        raise PlawError(f"A law is given by its name or as a Law, not as {law!r}.")
    if broken := re.fullmatch("broken([2-9])", law):
        return broken_power(int(broken[1]))
    if law not in LAWS:
        raise PlawError(f"There is no law {law!r}: choose one of {', '.join(LAWS)}.")
    return LAWS[law]


def is_zero(log_y: FloatArray) -> BoolArray:
    """Whether a law has come down to zero, where its logarithm is only as low as `LEAST_Y` allows."""
    zero: BoolArray = log_y < np.log(LEAST_Y) + 1
    return zero


def _column(theta: FloatArray, j: int) -> FloatArray:
    return theta[:, j, None]


def _positive(values: FloatArray, y: FloatArray) -> FloatArray:
    least: float = NEGLIGIBLE * y.min()
    return np.maximum(values, least)


def _regress(columns: list[FloatArray], target: FloatArray) -> FloatArray:
    factors: FloatArray = np.linalg.lstsq(np.stack(columns, axis=1), target, rcond=None)[0].astype(float)
    return factors


def _level(y: FloatArray) -> list[float]:
    """Bounds of the logarithm of a level, from invisible beside the smallest y to the largest y."""
    return [np.log(NEGLIGIBLE * y.min()), np.log(y.max())]


FREE = [-np.inf, np.inf]
PARTS = (1e-3, 0.3, 0.6, 0.8, 0.95, 0.995)  # trial offsets, as parts of the smallest y


# --- power law, and with an offset ------------------------------------------------------------------------------------


def _power_log(theta: FloatArray, log_x: FloatArray) -> FloatArray:
    return _column(theta, 0) - _column(theta, 1) * log_x


def _power_starts(log_x: FloatArray, y: FloatArray) -> FloatArray:
    return _regress([np.ones_like(log_x), -log_x], np.log(y))[None]


def _power_offset_log(theta: FloatArray, log_x: FloatArray) -> FloatArray:
    return np.logaddexp(_column(theta, 0), _power_log(theta[:, 1:], log_x))


def _power_offset_starts(log_x: FloatArray, y: FloatArray) -> FloatArray:
    offsets = [part * y.min() for part in PARTS]
    return np.array([[np.log(e), *_power_starts(log_x, _positive(y - e, y))[0]] for e in offsets])


# --- shifted power law ------------------------------------------------------------------------------------------------


def _shifted_log(theta: FloatArray, log_x: FloatArray) -> FloatArray:
    return _column(theta, 0) + _column(theta, 2) * np.logaddexp(-log_x, _column(theta, 1))


def _shifted_starts(log_x: FloatArray, y: FloatArray) -> FloatArray:
    shifts = np.linspace(-log_x.max() - 9, -log_x.min() + 5, 10)
    fits = [_regress([np.ones_like(log_x), np.logaddexp(-log_x, g)], np.log(y)) for g in shifts]
    return np.array([[b, g, c] for g, (b, c) in zip(shifts, fits)])


def _shifted_bounds(log_x: FloatArray, y: FloatArray) -> FloatArray:
    return np.array([FREE, [-log_x.max() - 18, -log_x.min() + 12], SLOPE]).T


# --- M4 ---------------------------------------------------------------------------------------------------------------


def _m4_log(theta: FloatArray, log_x: FloatArray) -> FloatArray:
    """Newton on t, with e = e_inf + span * logistic(t): in t the equation is monotone and bends one way only."""
    log_offset, log_span, a, log_b, c = (_column(theta, j) for j in range(5))
    right = log_b - c * log_x + (a - 1) * log_span
    t = np.where(right < 0, right, right / np.maximum(a, LEAST_A))
    for _ in range(60):
        log_part, log_rest = -np.logaddexp(0, -t), -np.logaddexp(0, t)
        step = (log_part - a * log_rest - right) / (np.exp(log_rest) + a * np.exp(log_part) + 1e-300)
        step = np.clip(step, -1e3, 1e3)
        t = t - step
        if np.nanmax(np.abs(step), initial=0) < 1e-12:
            break
    return np.logaddexp(log_offset, log_span - np.logaddexp(0, -t))


def _m4_starts(log_x: FloatArray, y: FloatArray) -> FloatArray:
    starts = []
    for part, excess in product((1e-3, 0.5, 0.9), (1.01, 1.3, 3.0, 30.0)):
        offset, top = part * y.min(), excess * y.max()
        columns = [np.log(top - y), np.ones_like(y), -log_x]
        a, log_b, c = _regress(columns, np.log(y - offset))
        if not LEAST_A <= a <= EXPONENT:
            a = np.clip(a, LEAST_A, EXPONENT)
            log_b, c = _regress(columns[1:], np.log(y - offset) - a * columns[0])
        starts.append([np.log(offset), np.log(top - offset), a, log_b, c])
    return np.array(starts)


def _m4_bounds(log_x: FloatArray, y: FloatArray) -> FloatArray:
    span = [np.log(y.max() - 0.9 * y.min()) - 7, np.log(y.max()) + 12]
    return np.array([_level(y), span, [LEAST_A, EXPONENT], FREE, FALLING]).T


# --- smoothly broken power law ----------------------------------------------------------------------------------------


def _broken_log(theta: FloatArray, log_x: FloatArray) -> FloatArray:
    log_y = _column(theta, 1) - _column(theta, 2) * log_x
    for j in range(3, theta.shape[1], 3):
        c, log_d, log_f = (_column(theta, j + i) for i in range(3))
        f = np.exp(log_f)
        log_y = log_y - c * f * np.logaddexp(0, (log_x - log_d) / f)
    return np.logaddexp(_column(theta, 0), log_y)


def _broken_starts(breaks: int, log_x: FloatArray, y: FloatArray) -> FloatArray:
    places = np.linspace(log_x.min(), log_x.max(), 7)[1:-1]
    combinations = [d for d in product(places, repeat=breaks) if list(d) == sorted(set(d))]
    starts = []
    for part, f, ds in product((1e-3, 0.5, 0.9), (0.1, 0.5, 1.5), combinations):
        bends = [-f * np.logaddexp(0, (log_x - d) / f) for d in ds]
        log_b, c0, *cs = _regress([np.ones_like(log_x), -log_x, *bends], np.log(y - part * y.min()))
        starts.append([np.log(part * y.min()), log_b, c0, *(v for c, d in zip(cs, ds) for v in (c, d, np.log(f)))])
    return np.array(starts)


def _broken_bounds(breaks: int, log_x: FloatArray, y: FloatArray) -> FloatArray:
    bend = [[-EXPONENT, EXPONENT], [log_x.min(), log_x.max()], [np.log(0.02), np.log(10)]]
    return np.array([_level(y), FREE, [-EXPONENT, EXPONENT], *(bend * breaks)]).T


def broken_power(breaks: int) -> Law:
    """The smoothly broken power law with k breaks.

    y = e_inf + b n^-c0 * product over i of (1 + (n/d_i)^(1/f_i))^(-c_i f_i), by Caballero et al. 2022.

    Parameters
    ----------
    breaks : int
        Their number, k; the law has 3 + 3 k parameters.

    Returns
    -------
    Law

    Examples
    --------
    >>> broken_power(2).parameters
    ('e_inf', 'b', 'c0', 'c1', 'd1', 'f1', 'c2', 'd2', 'f2')
    """
    own = [(f"c{i}", f"d{i}", f"f{i}") for i in range(1, breaks + 1)]
    return Law(
        "broken" if breaks == 1 else f"broken{breaks}",
        "e_inf + b n^-c0 (1 + (n/d1)^(1/f1))^(-c1 f1)" + (" ..." if breaks > 1 else ""),
        "Caballero et al. 2022, arXiv 2210.14891",
        ("e_inf", "b", "c0", *(name for names in own for name in names)),
        frozenset(["e_inf", "b", *(name for names in own for name in names[1:])]),
        _broken_log,
        partial(_broken_bounds, breaks),
        partial(_broken_starts, breaks),
        exponent=f"c{breaks}",
    )


# --- foils ------------------------------------------------------------------------------------------------------------


def _exponential_log(theta: FloatArray, log_x: FloatArray) -> FloatArray:
    return np.logaddexp(_column(theta, 0), _column(theta, 1) - np.exp(log_x - _column(theta, 2)))


def _exponential_starts(log_x: FloatArray, y: FloatArray) -> FloatArray:
    x, starts = np.exp(log_x), []
    for part in PARTS:
        log_c, rate = _regress([np.ones_like(x), -x / x.max()], np.log(y - part * y.min()))
        starts.append([np.log(part * y.min()), log_c, np.log(x.max() / max(rate, 1e-3))])
    return np.array(starts)


def _exponential_bounds(log_x: FloatArray, y: FloatArray) -> FloatArray:
    return np.array([_level(y), FREE, [log_x.min() - 5, log_x.max() + 12]]).T


def _logarithmic_log(theta: FloatArray, log_x: FloatArray) -> FloatArray:
    return np.log(np.maximum(_column(theta, 0) - _column(theta, 1) * log_x, LEAST_Y))


def _logarithmic_starts(log_x: FloatArray, y: FloatArray) -> FloatArray:
    return _regress([np.ones_like(log_x), -log_x], y)[None]


# --- two variables ----------------------------------------------------------------------------------------------------


def _chinchilla_log(theta: FloatArray, log_x: FloatArray) -> FloatArray:
    by_size = _column(theta, 1) - _column(theta, 3) * log_x[..., 0]
    by_data = _column(theta, 2) - _column(theta, 4) * log_x[..., 1]
    return np.logaddexp(_column(theta, 0), np.logaddexp(by_size, by_data))


def _chinchilla_starts(log_x: FloatArray, y: FloatArray) -> FloatArray:
    starts, exponents = [], (0.1, 0.3, 0.6, 1.0)
    for part, alpha, beta in product((1e-2, 0.5, 0.9), exponents, exponents):
        offset = part * y.min()
        terms = [np.exp(-power * (column - column.mean())) / y for power, column in zip((alpha, beta), log_x.T)]
        scales = np.maximum(_regress(terms, 1 - offset / y), 1e-3 * y.min())
        log_a, log_b = np.log(scales) + np.array([alpha, beta]) * log_x.mean(axis=0)
        starts.append([np.log(offset), log_a, log_b, alpha, beta])
    return np.array(starts)


# --- the size of the model --------------------------------------------------------------------------------------------


def _model_size_log(theta: FloatArray, log_x: FloatArray) -> FloatArray:
    return _power_log(theta * [1, -1], log_x)


def _model_size_starts(log_x: FloatArray, y: FloatArray) -> FloatArray:
    return _power_starts(log_x, y) * [1, -1]


# --- all of them ------------------------------------------------------------------------------------------------------


def _fixed_bounds(rows: tuple[list[float] | None, ...], log_x: FloatArray, y: FloatArray) -> FloatArray:
    """The same bounds for every curve; None: those of a level of y."""
    return np.array([_level(y) if row is None else row for row in rows]).T


def _bounds(*rows: list[float] | None) -> Callable[[FloatArray, FloatArray], FloatArray]:
    return partial(_fixed_bounds, rows)


LEVEL = None  # of a parameter whose bounds are those of a level of y, see _level

LAWS: dict[str, Law] = {
    law.name: law
    for law in (
        Law(
            "power", "c0 n^-rho", "Meir et al. 2020, Eq. 5", ("c0", "rho"), frozenset(["c0"]),
            _power_log, _bounds(FREE, SLOPE), _power_starts, "rho",
        ),
        Law(
            "power_offset", "e_inf + c0 n^-rho", "Hestness et al. 2017; Henighan et al. 2020",
            ("e_inf", "c0", "rho"), frozenset(["e_inf", "c0"]),
            _power_offset_log, _bounds(LEVEL, FREE, FALLING), _power_offset_starts, "rho",
        ),
        Law(
            "shifted_power", "b (1/n + g)^c", "M3 of Alabdulmohsin et al. 2022", ("b", "g", "c"), frozenset(["b", "g"]),
            _shifted_log, _shifted_bounds, _shifted_starts, "c",
        ),
        Law(
            "m4", "(e - e_inf) / (e0 - e)^a = b n^-c, span = e0 - e_inf", "M4 of Alabdulmohsin et al. 2022",
            ("e_inf", "span", "a", "b", "c"), frozenset(["e_inf", "span", "b"]), _m4_log, _m4_bounds, _m4_starts, "c",
        ),
        broken_power(1),
        Law(
            "exponential", "e_inf + c0 exp(-n/n0)", "a foil", ("e_inf", "c0", "n0"), frozenset(["e_inf", "c0", "n0"]),
            _exponential_log, _exponential_bounds, _exponential_starts,
        ),
        Law(
            "logarithmic", "a - b log n, and 0 beyond", "a foil", ("a", "b"), frozenset(),
            _logarithmic_log, _bounds(FREE, FREE), _logarithmic_starts,
        ),
        Law(
            "chinchilla", "E + A/N^alpha + B/D^beta", "Hoffmann et al. 2022, arXiv 2203.15556",
            ("E", "A", "B", "alpha", "beta"), frozenset(["E", "A", "B"]),
            _chinchilla_log, _bounds(LEVEL, FREE, FREE, FALLING, FALLING), _chinchilla_starts, "beta", ("N", "D"),
        ),
        Law(
            "model_size", "k D^beta", "Hestness et al. 2017, arXiv 1712.00409", ("k", "beta"), frozenset(["k"]),
            _model_size_log, _bounds(FREE, SLOPE), _model_size_starts, "beta", ("D",),
        ),
    )
}  # fmt: skip
