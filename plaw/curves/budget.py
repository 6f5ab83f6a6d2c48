"""What a budget buys: an error, if it is spent on examples, or a narrower answer, if it is spent on measuring.

A run at the size n costs n times the price of an example.
"""

import math
from dataclasses import dataclass
from itertools import combinations_with_replacement
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from plaw.curves.arrays import FloatArray
from plaw.curves.design import factor_of, gradient_of_size, interval_factor, slopes_at
from plaw.curves.fitting import Fit
from plaw.curves.forecast import Forecast
from plaw.curves.intervals import Interval, delta_chi2, finite_or_none, plain_number
from plaw.curves.saving import Saved
from plaw.errors import PlawError

SHARES = np.linspace(0, 1, 11)  # of the budget, for the first of two sizes
MOST_REPEATS = 20
FORECAST_SIZES, FORECAST_SHARES = 3, (0.5,)  # of a plan for a forecast, which is made again for each


@dataclass(frozen=True)
class Plan(Saved):
    """Which sizes to measure, and how often.

    Attributes
    ----------
    runs : tuple of (n, repeats)
    cost : float
        Of all runs together.
    now, factor : float
        The interval of the wanted size reaches from wanted / now to wanted * now today, and with `factor` in the place
        of `now` after these runs.
    """

    runs: tuple[tuple[float, int], ...]
    cost: float
    now: float
    factor: float

    def __str__(self) -> str:
        runs = " and ".join(f"{repeats} at n = {plain_number(n)}" for n, repeats in self.runs)
        narrowing = f"from a factor of {self.now:.3g} to {self.factor:.3g} either way"
        return f"runs: {runs} would cost {plain_number(self.cost)} and narrow the interval {narrowing}"


@dataclass(frozen=True)
class Purchase(Saved):
    """What a budget buys.

    Attributes
    ----------
    cost, budget : float
        The price of an example, and the budget, in one currency.
    n : float
        The examples that the budget buys.
    value : Interval
        What is expected of them, in the unit of the metric.
    price : Interval
        Of the examples that the target needs.
    plan : Plan or None
        The best use of the budget for measuring, where there is one.
    """

    cost: float
    budget: float
    n: float
    value: Interval
    price: Interval
    plan: Plan | None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        answer: dict[str, Any] = {
            "cost": self.cost,
            "budget": self.budget,
            "n": self.n,
            "price": {name: finite_or_none(getattr(self.price, name)) for name in ("value", "low", "high")},
        }
        if self.plan:
            answer["plan"] = {
                "runs": [{"n": n, "repeats": repeats} for n, repeats in self.plan.runs],
                "cost": self.plan.cost,
                "now": self.plan.now,
                "factor": self.plan.factor,
            }
        return answer

    def __str__(self) -> str:
        lines = [
            f"price: the target costs {self.price}",
            f"budget: {plain_number(self.budget)} buys n = {plain_number(self.n)}, expected: {self.value}",
        ]
        return "\n".join([*lines, str(self.plan)] if self.plan else lines)


def plan_measurements(
    source: Fit | Forecast,
    target: float,
    cost: float,
    budget: float,
    sizes: ArrayLike | None = None,
    level: float = 0.95,
) -> Plan:  # fmt: skip
    """The runs, at one size or two, that narrow the interval of the wanted size most for the money.

    A run is as noisy as those behind the median of the points. For a fit, linearised, a c-optimal design as in
    `next_measurement`; scatter about the law that exceeds the noise is not lowered by repeats. A forecast is made again
    with the runs, for the few largest of the sizes.

    Parameters
    ----------
    source : Fit or Forecast
    target : float
        The wanted error.
    cost, budget : float
        The price of an example in one run, and the most that all runs may cost.
    sizes : array_like, optional
        Sizes that could be measured; default: the measured ones, and 2 and 4 times the largest.
    level : float
        The confidence of the interval.

    Returns
    -------
    Plan

    Raises
    ------
    PlawError
        Where the law never reaches the target, or the budget is less than the cheapest run.

    Examples
    --------
    >>> from plaw.curves.fitting import fit_law
    >>> fit = fit_law("power", [30, 60, 120, 240], [0.24, 0.2, 0.158, 0.131], yerr=[0.01, 0.008, 0.006, 0.005])
    >>> print(plan_measurements(fit, 0.05, cost=0.1, budget=100))
    runs: 6 at n = 30 and 3 at n = 240 would cost 90 and narrow the interval from a factor of 2.07 to 1.42 either way
    """
    examples_bought(cost, budget)
    wanted = source.invert(target, level)
    if not 0 < wanted.value < math.inf:
        raise PlawError(f"The fitted law never reaches {target:g}: no measurement can be planned for it.")
    largest = source.curve.x[-1]
    candidates = np.unique([*source.curve.x, 2 * largest, 4 * largest]) if sizes is None else np.asarray(sizes, float)
    affordable = candidates[candidates * cost <= budget].tolist()
    if not affordable:
        raise PlawError(f"A run at n = {candidates.min():g} costs {candidates.min() * cost:g}, more than the budget.")
    if isinstance(source, Forecast):
        now, shares = factor_of(wanted), np.array(FORECAST_SHARES)
        affordable = affordable[-FORECAST_SIZES:]
    else:
        direction, shares = gradient_of_size(source, wanted.value), SHARES
        now = interval_factor(direction, source.unit_covariance, source.delta_chi2(level))

    def factor_after(runs: tuple[tuple[float, int], ...]) -> float:
        if isinstance(source, Forecast):
            return factor_of(source.after(*runs).invert(target, level))
        return _factor_after(source, direction, level, runs)

    plans: list[Plan] = []
    for first, second in combinations_with_replacement(affordable, 2):
        for share in shares if first != second else (1.0,):
            repeats = {n: _repeats(part * budget, n * cost) for n, part in ((second, 1 - share), (first, share))}
            runs = tuple((n, count) for n, count in sorted(repeats.items()) if count)
            if runs:
                plans.append(Plan(runs, sum(n * cost * count for n, count in runs), now, factor_after(runs)))
    return min(plans, key=lambda plan: (round(plan.factor, 6), plan.cost))


def examples_bought(cost: float | None, budget: float | None) -> float:
    """The examples that a budget buys.

    Parameters
    ----------
    cost, budget : float
        The price of an example, and what may be spent.

    Returns
    -------
    float

    Raises
    ------
    PlawError
        Where one of them is missing, or is not a positive number.

    Examples
    --------
    >>> examples_bought(0.5, 1000)
    2000.0
    """
    if cost is None or budget is None:
        raise PlawError("A budget needs the price of an example, and a price a budget: give both cost and budget.")
    for name, amount in (("price of an example", cost), ("budget", budget)):
        if not (isinstance(amount, Real) and math.isfinite(amount) and amount > 0):
            raise PlawError(f"The {name} must be a positive number, not {amount}.")
    return float(budget) / float(cost)


def purchase(
    source: Fit | Forecast, error: float, size: Interval, value: Interval, cost: float, budget: float
) -> Purchase:
    """What a budget buys.

    Parameters
    ----------
    source : Fit or Forecast
    error : float
        The wanted error.
    size : Interval
        The examples that it needs.
    value : Interval
        What is expected of the examples that the budget buys.
    cost, budget : float
        The price of an example, and what may be spent.

    Returns
    -------
    Purchase
        Without a plan where the interval of the size has no ends, or the budget buys no run.

    Examples
    --------
    >>> from plaw.curves.fitting import fit_law
    >>> fit = fit_law("power", [10, 100, 1000], [0.4, 0.2, 0.1], yerr=[0.004, 0.002, 0.001])
    >>> bought = purchase(fit, 0.05, fit.invert(0.05), Interval(0.08, 0.07, 0.09), cost=0.01, budget=20)
    >>> print(bought.price)
    100 (95% interval 90.69 ... 110.7)
    """
    plan = None
    if 0 < size.low and size.high < math.inf and budget >= cost * source.curve.x[0]:
        plan = plan_measurements(source, error, cost, budget, level=size.level)
        plan = plan if math.isfinite(plan.now) and math.isfinite(plan.factor) else None
    return Purchase(cost, budget, budget / cost, value, size.map(lambda n: n * cost), plan)


def _repeats(money: float, price: float) -> int:
    return min(int(money / price * (1 + 1e-9)), MOST_REPEATS)


def _factor_after(fit: Fit, direction: FloatArray, level: float, runs: tuple[tuple[float, int], ...]) -> float:
    """The factor of the interval after these runs."""
    covariance, scale = fit.unit_covariance, fit.chi2 / fit.dof if fit.dof else math.nan
    point = float(np.median(fit.curve.log_error))
    run = fit.curve.run_noise
    excess = max(scale - 1, 0) * point**2 if fit.curve.known and scale > 0 else 0.0
    for n, repeats in runs:
        noise = (run**2 / repeats + excess) / (max(scale, 1) if fit.curve.known else 1)
        slopes = slopes_at(fit, math.log(n))
        gain = covariance @ slopes
        covariance = covariance - np.outer(gain, gain) / (noise + slopes @ gain)
    dof = fit.dof + sum(n not in fit.curve.x for n, _ in runs)  # repeats say nothing of the scatter from size to size
    return interval_factor(direction, covariance, delta_chi2(level, scale * dof, dof, fit.curve.known))
