"""A law with some parameters known, or kept within bounds: itself a law, of fewer parameters."""

import re
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from plaw.curves.arrays import NOT_NUMBERS, FloatArray
from plaw.curves.laws import Law
from plaw.errors import PlawError

Function = Callable[[FloatArray, FloatArray], FloatArray]


def constrain(
    law: Law, fixed: Mapping[str, float] | None = None, bounds: Mapping[str, tuple[float, float]] | None = None
) -> Law:
    """A law with fixed parameters and with narrower bounds.

    Parameters
    ----------
    law : Law
    fixed : mapping of str to float, optional
        Parameters that are known, in the formula's units. The new law no longer has them.
    bounds : mapping of str to (low, high), optional
        The least and the greatest value of a parameter, in the formula's units.

    Returns
    -------
    Law
        Of the same name; its formula shows the fixed values.

    Raises
    ------
    PlawError
        For a parameter that the law does not have, for values that it cannot take, and where none is left to fit.

    Examples
    --------
    >>> from plaw.curves.laws import LAWS
    >>> known_floor = constrain(LAWS["power_offset"], fixed={"e_inf": 0.02})
    >>> known_floor.formula, known_floor.parameters
    ('0.02 + c0 n^-rho', ('c0', 'rho'))
    >>> known_floor([100, 10_000], c0=0.7, rho=0.5).round(3).tolist()
    [0.09, 0.027]
    """
    for name, given in (("fixed", fixed), ("bounds", bounds)):
        if given is not None and not isinstance(given, Mapping):
            raise PlawError(f"{name} is a dict of parameters by name, not {given!r}.")
    return _limited(_pinned(law, dict(fixed or {})), dict(bounds or {}))


def _pinned(law: Law, fixed: dict[str, float]) -> Law:
    if not fixed:
        return law
    _refuse_unknown(law, fixed)
    solver_scale = {name: _on_solver_scale(law, name, value) for name, value in fixed.items()}
    free = tuple(j for j, name in enumerate(law.parameters) if name not in fixed)
    if not free:
        raise PlawError(f"All parameters of {law.name} are fixed: leave one to fit.")
    whole = np.array([solver_scale.get(name, 0.0) for name in law.parameters])
    if not np.isfinite(whole).all():
        raise PlawError(f"Fixed parameters of {law.name} must be positive numbers, not {fixed}.")
    formula = law.formula
    for name, value in fixed.items():
        formula = re.sub(rf"\b{name}\b", f"{value:g}", formula)
    return Law(
        law.name, formula, law.source, tuple(law.parameters[j] for j in free), law.logarithmic,
        partial(_log_value, law.log_value, whole, free), partial(_free_bounds, law.bounds, free),
        partial(_free_starts, law.starts, free), law.exponent if law.exponent not in fixed else "", law.variables,
        (*law.fixed, *((name, float(value)) for name, value in fixed.items())), law.limits,
    )  # fmt: skip


def _limited(law: Law, bounds: dict[str, tuple[float, float]]) -> Law:
    if not bounds:
        return law
    _refuse_unknown(law, bounds)
    ends = np.tile([[-np.inf], [np.inf]], len(law.parameters))
    for name, pair in bounds.items():
        column = [_on_solver_scale(law, name, end) for end in (pair if np.ndim(pair) == 1 else ())]
        if len(column) != 2 or not column[0] < column[1]:
            raise PlawError(f"The bounds of {name} are two numbers, the lower one first; not {pair}.")
        ends[:, law.parameters.index(name)] = column
    limits = tuple((name, (float(low), float(high))) for name, (low, high) in bounds.items())
    return Law(
        law.name, law.formula, law.source, law.parameters, law.logarithmic, law.log_value,
        partial(_narrowed, law.bounds, ends), law.starts, law.exponent, law.variables,
        law.fixed, (*law.limits, *limits),
    )  # fmt: skip


def _refuse_unknown(law: Law, named: Mapping[str, object]) -> None:
    for name in named:
        if name not in law.parameters:
            raise PlawError(f"{law.name} has no parameter {name!r}: it has {', '.join(law.parameters)}.")


def _on_solver_scale(law: Law, name: str, value: float) -> float:
    """A parameter as the solver sees it; NaN for what it cannot take."""
    try:
        number = float(value)
    except NOT_NUMBERS:
        return float("nan")
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.log(number)) if name in law.logarithmic else number


def _log_value(
    log_value: Function, whole: FloatArray, free: tuple[int, ...], theta: FloatArray, log_x: FloatArray
) -> FloatArray:
    """The law's own log_value, the fixed parameters put back."""
    complete = np.tile(whole, (len(theta), 1))
    complete[:, free] = theta
    return log_value(complete, log_x)


def _free_bounds(bounds: Function, free: tuple[int, ...], log_x: FloatArray, y: FloatArray) -> FloatArray:
    return bounds(log_x, y)[:, free]


def _free_starts(starts: Function, free: tuple[int, ...], log_x: FloatArray, y: FloatArray) -> FloatArray:
    return starts(log_x, y)[:, free]


def _narrowed(bounds: Function, ends: FloatArray, log_x: FloatArray, y: FloatArray) -> FloatArray:
    """The law's bounds cut to the given ones, which count alone where the two do not meet."""
    low, high = bounds(log_x, y)
    cut = np.array([np.maximum(low, ends[0]), np.minimum(high, ends[1])])
    return np.where(cut[0] < cut[1], cut, ends)
