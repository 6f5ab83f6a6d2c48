"""How many examples a wanted error needs, how sure that is, and which measurement would make it surer.

estimate(sizes, errors, target=0.02)        the number of examples with its interval, the law, and what to beware of
estimate_file("curve.csv", target=0.02)     the same for a CSV file
estimate_curves(read_curves("curves.csv", group="method"), target=0.02)     the same for all curves of a file
next_measurement(fit, target=0.02)          how narrow the interval becomes by measuring one more size
"""

import math
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from plaw.curves.arrays import NOT_NUMBERS, FloatArray
from plaw.curves.binning import MOST_POINTS, thinned
from plaw.curves.budget import Purchase, examples_bought, purchase
from plaw.curves.constrained import constrain
from plaw.curves.curve import Curve, binomial_error, make_curve
from plaw.curves.design import factor_of, gradient_of_size, interval_factor, slopes_at
from plaw.curves.fitting import Fit, fit_curve
from plaw.curves.forecast import REACH, Forecast, forecast_curve
from plaw.curves.inputs import as_measured
from plaw.curves.intervals import Interval, check_level, delta_chi2, finite_or_none, plain_number
from plaw.curves.laws import Law, get_law
from plaw.curves.metrics import ERROR, Metric, wrong_unit
from plaw.curves.reading import Measured, read_curves
from plaw.curves.saving import Saved
from plaw.curves.shape import Shape, shape_of
from plaw.errors import PlawError

# of "akaike"; a broken law may bend once more beyond the data
CANDIDATES = ("power", "power_offset", "shifted_power", "m4")
# of "auto", for the one law that is shown beside the average: those that are fitted in no time
SHOWN = ("power", "power_offset", "shifted_power")
ASSURANCE = 0.8  # the probability with which a new measurement reaches the target at `assured` examples
RIVAL = 4.0  # difference of Akaike's criterion below which another law is not refuted
WIDTH = 76  # of the printed answer
FARTHER = (2, 10, 100)  # times the largest size, at which the probability of the target is printed
FAR_RANGES = 1.0  # measured ranges (in logarithms) beyond the data, from which on an answer is far away


@dataclass(frozen=True)
class Estimate(Saved):
    """The number of examples that a target needs; prints as the answer of `plaw estimate`, in a notebook as a table.

    `save` writes it to a file as JSON, `Estimate.load` reads it, `draw` draws it.

    Attributes
    ----------
    target : float
        The wanted error; `asked` is the same in the unit of the metric.
    size : Interval
        The number of examples. NaN where the curve does not fall; infinite where the target is beyond reach.
    fit : Fit
        The law; under "auto" the one law that is closest to the data, beside the average that answers.
    why : str
        How the law was chosen.
    expected : dict of float to Interval
        The predicted error at each size asked about, with the interval of the law.
    warnings : tuple of str
        What to beware of; empty where all is well.
    metric : Metric
        What was measured; where more is better, the errors are ceiling - score.
    purchase : Purchase or None
        What a budget buys, where one was given.
    new : dict of float to Interval
        `expected` with the interval of a new measurement, as noisy as those given.
    assured : float
        The number of examples with which a new measurement reaches the target with 80% probability; NaN for one law.
    forecast : Forecast or None
        The average over laws that answers under "auto".
    """

    target: float
    size: Interval
    fit: Fit
    why: str
    expected: dict[float, Interval]
    warnings: tuple[str, ...]
    metric: Metric = ERROR
    purchase: Purchase | None = None
    new: dict[float, Interval] = field(default_factory=dict)
    assured: float = math.nan
    forecast: Forecast | None = None

    @property
    def asked(self) -> float:
        """The target in the unit of the metric."""
        return float(f"{self.metric.flip(self.target):.12g}") if self.metric.higher_is_better else self.target

    def predict(self, x: ArrayLike) -> FloatArray:
        """The errors (n,) that are predicted at sizes x: the average's median, or those of the one law."""
        return self.source.predict(x)

    def band(self, x: ArrayLike) -> FloatArray:
        """Low and high (2, n) of the law at sizes x, at the level of `size`."""
        return self.source.band(x, self.size.level)

    @property
    def source(self) -> "Forecast | Fit":
        """What answers: the average over laws, or the one law that was asked for."""
        return self.forecast or self.fit

    def to_dict(self) -> dict[str, Any]:
        """For JSON: n, low, high are null where infinite or not known; `expected` only where sizes were asked about.

        `target` is in the unit of the metric. `low` and `high` of an expected error are of the law, `new_low` and
        `new_high` of a new measurement. Where more is better, each error stands beside the score, its `value`, with
        `value_low`, `value_high`, `value_new_low` and `value_new_high`.
        """
        answer: dict[str, Any] = {
            "target": self.asked,
            "n": finite_or_none(self.size.value),
            "low": finite_or_none(self.size.low),
            "high": finite_or_none(self.size.high),
            "assured": finite_or_none(self.assured),
            "level": self.size.level,
            "metric": self.metric.name,
            "law": self.fit.law.name,
            "why": self.why,
            "params": {name: finite_or_none(value) for name, value in self.fit.params.items()},
            "warnings": list(self.warnings),
        }
        if self.forecast is not None:
            answer["laws"] = self.forecast.shares
        if self.expected:
            answer["expected"] = [self._expected_entry(n, error) for n, error in self.expected.items()]
        if self.purchase:
            answer["budget"] = self.purchase.to_dict()
        return answer

    def _expected_entry(self, n: float, error: Interval) -> dict[str, float | None]:
        new = self.new[n]
        named = {"n": n, "error": error.value, "low": error.low, "high": error.high}
        named |= {"new_low": new.low, "new_high": new.high}
        if self.metric.higher_is_better:
            score, new = self.metric.flip_interval(error), self.metric.flip_interval(new)
            named |= {"value": score.value, "value_low": score.low, "value_high": score.high}
            named |= {"value_new_low": new.low, "value_new_high": new.high}
        return {name: finite_or_none(value) for name, value in named.items()}

    def draw(self, ax: Any = None) -> Any:
        """Draw the points, the law with its band, and the answer: see `draw_estimate`.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Default: those of a new figure.

        Returns
        -------
        matplotlib Axes
        """
        from plaw.curves.drawing import draw_estimate

        return draw_estimate(self, ax=ax)

    def __str__(self) -> str:
        params = ", ".join(f"{name} = {value:.4g}" for name, value in self.fit.params.items())
        lines = [
            self.headline,
            *([self.assurance] if self.assurance else []),
            *([f"fitted: {self.metric.formula}"] if self.metric.higher_is_better else []),
            f"{'law' if self.forecast is None else 'closest law'}: {self.fit.law.name}, {self.fit.law.formula}, "
            f"with {params}",
            f"why: {self.why}",
            *(f"expected at n = {n:,.6g}: {text}" for n, text in self.expectations.items()),
            *self._advice(),
            *(str(self.purchase).splitlines() if self.purchase else []),
            *(f"warning: {warning}" for warning in self.warnings),
        ]
        return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="    ") for line in lines)

    @property
    def headline(self) -> str:
        """The answer in one line."""
        if math.isnan(self.size.value):
            return f"{self.metric.name} {self.asked:g}: no number of examples can be predicted"
        return f"{self.metric.name} {self.asked:g} needs n = {self.size}"

    @property
    def expectations(self) -> dict[float, str]:
        """What to expect at each size asked about, in words and in the unit of the metric."""
        words = {}
        for n, error in self.expected.items():
            law, new = self.metric.flip_interval(error), self.metric.flip_interval(self.new[n])
            words[n] = f"{law.value:.4g} ({law.low:.4g} ... {law.high:.4g}); "
            words[n] += f"a new measurement: {new.low:.4g} ... {new.high:.4g}"
        return words

    @property
    def assurance(self) -> str:
        """At which n a new measurement reaches the target with 80% probability, or how probably at larger sizes."""
        if math.isfinite(self.assured):
            return f"a new measurement reaches it with {ASSURANCE:.0%} probability at n = {plain_number(self.assured)}"
        if self.forecast is None or math.isnan(self.size.value):
            return ""
        farther = [factor * float(self.forecast.curve.x[-1]) for factor in FARTHER]
        chances = self.forecast.chance(farther, self.target)
        said = ", ".join(f"{c:.0%} at n = {plain_number(n)}" for c, n in zip(chances.tolist(), farther))
        return f"no n gives {ASSURANCE:.0%}; the probability that a new measurement reaches it: {said}"

    def _repr_html_(self) -> str:
        from plaw.curves.page import answer_as_html

        return answer_as_html(self)

    def _advice(self) -> Iterator[str]:
        if not (0 < self.size.low and self.size.value < math.inf):
            return
        if self.forecast is None and math.isinf(self.size.high):
            return
        now, measurements = next_measurement(self.source, self.target, level=self.size.level)
        best = min(measurements, key=lambda measurement: measurement.factor)
        if math.isfinite(now):
            narrowing = f"narrow from a factor of {now:.3g} to {best.factor:.3g} either way"
        else:
            narrowing = f"get an upper end, a factor of {best.factor:.3g} either way"
        if math.isfinite(best.factor):
            yield f"next: measured at n = {plain_number(best.n)} too, the interval would {narrowing}"


def estimate(
    x: Any, y: Any = None, target: float | None = None, yerr: ArrayLike | None = None,
    law: str | Law = "auto", level: float = 0.95, at: Sequence[float] = (), seed: int = 0,
    metric: str | Metric | None = None, ceiling: float | None = None, floor: float | None = None,
    cost: float | None = None, budget: float | None = None,
) -> Estimate:  # fmt: skip
    """The number of examples at which a learning curve comes down to a target.

    Parameters
    ----------
    x, y, yerr
        As for `fit_law`; one variable. Instead of x and y also a CSV file or a frame of pandas or polars (y then names
        its column, where that is not found by itself), what scikit-learn's `learning_curve` returns, or its
        LearningCurveDisplay.
    target : float
        The wanted error, or score, in the unit of y.
    law : str
        "auto": an average over laws, of which none is trusted (plaw.curves.forecast). "akaike": the one law of
        CANDIDATES that Akaike's criterion chooses, as if it were true. Or a name of `LAWS`, or a Law.
    level : float
        The confidence of the intervals.
    at : sequence of float
        Sizes at which to predict the error.
    seed : int
        Of the bootstrap of the fit.
    metric : str or Metric, optional
        What y is, like "accuracy": where more is better, ceiling - y is fitted. Default: an error, or what the column
        of a file or frame is called.
    ceiling : float, optional
        The score of a perfect model, where more is better; default: 1, or 100 for percentages.
    floor : float, optional
        The error that no number of examples removes, where it is known.
    cost, budget : float, optional
        The price of an example and what may be spent: what does it buy?

    Returns
    -------
    Estimate

    Raises
    ------
    PlawError
        For a curve that does not fall (under "auto" only where no sizes `at` were asked about), a law that is not one
        of n alone, and whatever `fit_law` refuses.

    Examples
    --------
    >>> answer = estimate([9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084], target=0.06, at=[240])
    >>> answer.size.low < answer.size.value < answer.size.high
    True
    >>> error, new = answer.expected[240], answer.new[240]
    >>> new.low < error.low < error.value < error.high < new.high
    True
    >>> print(estimate([9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084], target=0.02, law="power").size)
    1,060 (95% interval 1,035 ... 1,085)
    >>> answer = estimate([9, 15, 30, 60], [78.3, 83.2, 88.1, 91.6], target=98, metric="accuracy", law="power")
    >>> print(f"{answer.asked:g}% correct, {answer.target:g}% wrong: {answer.size.value:.0f}")
    98% correct, 2% wrong: 1060
    """
    measured = as_measured(x, y, yerr, metric, ceiling)
    curve = make_curve(measured.x, measured.errors, measured.yerr)
    error, beware = _as_error(target, measured.metric, curve)
    sizes = _sizes_asked_about(at)
    bought = [] if cost is None and budget is None else [examples_bought(cost, budget)]
    hint = [] if measured.metric.higher_is_better else ["if more is better, name the metric, like accuracy"]
    answer = _answer(curve, error, law, floor, level, [*sizes, *bought], seed, [*hint, *measured.notes])
    met = beware or _already_met(answer.fit, answer.size, error, measured.metric)
    notes = (*measured.notes, *_thinning(curve), *met, *answer.warnings)
    expected, new = ({n: entries[n] for n in sizes} for entries in (answer.expected, answer.new))
    if bought:
        value = measured.metric.flip_interval(answer.expected[bought[0]])
        spent = purchase(answer.source, error, answer.size, value, float(cost or 0), float(budget or 0))
        answer = replace(answer, purchase=spent)
    return replace(answer, expected=expected, new=new, warnings=notes, metric=measured.metric)


def _answer(
    curve: Curve, error: float, law: str | Law, floor: float | None, level: float, at: Sequence[float], seed: int,
    hints: Sequence[str],
) -> Estimate:  # fmt: skip
    """The answer for a checked curve of errors; hints: what to say where it does not fall."""
    check_level(level)
    if law == "auto":
        return _by_average(curve, error, floor, level, at, seed, hints)
    fit, why, rivals = _fitted(thinned(curve), law, floor, seed)
    _refuse_two_variables(fit.curve, fit.law)
    first, last = fit.predict(fit.curve.x[[0, -1]])
    if not last < first:
        raise _not_falling("fitted", hints)
    size = fit.invert(error, level)
    beware = tuple(_warnings(fit, size, error, level, rivals))
    expected, new = _expected(fit, at, level)
    return Estimate(error, size, fit, why, expected, beware, new=new)


def _by_average(
    curve: Curve, error: float, floor: float | None, level: float, at: Sequence[float], seed: int, hints: Sequence[str]
) -> Estimate:
    """The answer of the average over laws."""
    _refuse_two_variables(curve)
    fit, why, _ = choose_law(thinned(curve), seed, _floored(SHOWN, floor))
    forecast, shape = forecast_curve(curve, floor=floor), shape_of(curve)
    size, assured = forecast.invert(error, level), forecast.assured(error, ASSURANCE)
    if not shape.falls and not (error >= curve.y.min() and size.value <= curve.x[-1]):
        if not len(at):
            raise _not_falling("measured", hints)
        size, assured = Interval(math.nan, math.nan, math.nan, level), math.nan
    expected, new = _expected(forecast, at, level)
    beware = tuple(_warnings_of_average(forecast, shape, size, error))
    why = f"an average of {', '.join(forecast.shares)}, and of what each may miss; the one law shown: {why}"
    return Estimate(error, size, fit, why, expected, beware, new=new, assured=assured, forecast=forecast)


def estimate_file(
    path: Any, target: float, test_size: int | None = None, x: str | None = None, y: str | None = None, **options: Any
) -> Estimate:
    """`estimate` for a CSV file of one curve.

    Parameters
    ----------
    path : str, Path, file or data frame
        See `read_curves`.
    target : float
        The wanted error or score.
    test_size : int, optional
        Size of the test set, for the counting noise where the file does not give the noise.
    x, y : str, optional
        The columns of sizes and of errors or scores, where they are not found by their names.
    **options
        Of `estimate`, and `runs` of `read_curves`.

    Returns
    -------
    Estimate

    Raises
    ------
    PlawError
        For a file that cannot be read, a test size where the file already gives the noise, and whatever `estimate`
        refuses.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "curve.csv")
    ...     _ = path.write_text("n,error\\n9,0.217\\n15,0.168\\n30,0.119\\n60,0.084\\n")
    ...     answer = estimate_file(path, target=0.02, test_size=10_000, law="power")
    >>> f"{answer.size.value:.0f}"
    '1061'
    """
    reading = {name: options.pop(name) for name in ("metric", "ceiling", "runs") if name in options}
    (curve,) = read_curves(path, x, y, **reading)
    return estimate(curve if test_size is None else with_counting_noise(curve, test_size), target=target, **options)


def estimate_curves(curves: Sequence[Measured], target: float | None, **options: Any) -> dict[str, Estimate]:
    """`estimate` for each of several curves.

    Parameters
    ----------
    curves : sequence of Measured
        As `read_curves` returns them.
    target : float
        The wanted error or score.
    **options
        Of `estimate`.

    Returns
    -------
    dict of str to Estimate
        By the names of the curves.

    Warns
    -----
    UserWarning
        Which of several curves are left out, because `estimate` refuses them.

    Raises
    ------
    PlawError
        Where no curve is left.

    Examples
    --------
    >>> import io
    >>> table = io.StringIO("method,n,error\\na,10,0.2\\nb,10,0.3\\na,20,0.15\\nb,20,0.2\\n")
    >>> answers = estimate_curves(read_curves(table, group="method"), target=0.1, law="power")
    >>> {name: round(answer.size.value) for name, answer in answers.items()}
    {'a': 53, 'b': 65}
    """
    answers = {}
    for curve in curves:
        try:
            answers[curve.name] = estimate(curve, target=target, **options)
        except PlawError as error:
            if len(curves) == 1:
                raise
            warnings.warn(f"the curve {curve.name} is left out: {error}", UserWarning, stacklevel=2)
    if not answers:
        raise PlawError(f"None of the {len(curves)} curves can be answered for.")
    return answers


def with_counting_noise(curve: Measured, test_size: int) -> Measured:
    """A curve with the noise of errors that were counted on a test set, see `binomial_error`.

    Raises
    ------
    PlawError
        Where the noise is known already, and for errors that are not rates.

    Examples
    --------
    >>> curve = as_measured([10, 100], [0.9, 0.5], metric="accuracy")
    >>> with_counting_noise(curve, 100).yerr.round(3).tolist()
    [0.03, 0.05]
    """
    if curve.yerr is not None or any(np.ndim(part) for part in curve.y):
        raise PlawError(
            "The noise is known already, from its own column or from several runs: leave out the test size."
        )
    whole = 100.0 if curve.metric.ceiling == 100 else 1.0
    return replace(curve, yerr=whole * binomial_error(np.asarray(curve.errors) / whole, test_size))


def choose_law(curve: Curve, seed: int = 0, candidates: Sequence[str | Law] = CANDIDATES) -> tuple[Fit, str, list[Fit]]:
    """The fit of least Akaike criterion among candidates, why, and the other fits that are not refuted.

    The first candidate is fitted however few the sizes are, the others only where more sizes than parameters are there.
    """
    sizes = len(np.unique(curve.x, axis=0))
    laws = [get_law(law) for law in candidates]
    fits = [fit_curve(law, curve, seed=seed) for law in laws if len(law.parameters) < sizes or law is laws[0]]
    scored = sorted((fit for fit in fits if math.isfinite(fit.aic)), key=lambda fit: fit.aic)
    if len(scored) < 2:
        return fits[0], f"{sizes} sizes are too few to ask for more than a power law", []
    scores = ", ".join(f"{fit.law.name} {fit.aic:.1f}" for fit in scored)
    rivals = [fit for fit in scored[1:] if fit.aic - scored[0].aic < RIVAL]
    return scored[0], f"least Akaike criterion, corrected for few points: {scores}", rivals


def _as_error(target: Any, metric: Metric, curve: Curve) -> tuple[float, list[str]]:
    """The target as an error, and what is strange about it."""
    try:
        asked = float(target)
    except NOT_NUMBERS:
        raise PlawError(f"The target is the wanted {metric.name}, a number; not {target!r}.") from None
    error, mixed = metric.flip(asked), wrong_unit(metric, asked, curve.y)
    if not (math.isfinite(error) and error > 0) or (mixed and metric.higher_is_better):
        if metric.higher_is_better and not mixed:
            raise PlawError(
                f"The target must lie below the ceiling of {metric.name}, {metric.ceiling:g}; not {asked:g}."
            )
        raise PlawError(
            f"{mixed[0].upper()}{mixed[1:]}." if mixed else f"The target must be a positive error, not {target}."
        )
    return error, [mixed] if mixed else []


def _already_met(fit: Fit, size: Interval, error: float, metric: Metric) -> Iterator[str]:
    """A sentence where the target is met within the data: by the law and a point, or by the largest size."""
    met = np.flatnonzero((fit.curve.y <= error) & (fit.curve.x >= min(size.value, fit.curve.x[-1])))
    if met.size:
        n, value = fit.curve.x[met[0]], metric.flip(float(fit.curve.y[met[0]]))
        yield f"the target is already met: at n = {plain_number(n)} the {metric.name} is {value:.4g}"


def _sizes_asked_about(at: Any) -> list[float]:
    try:
        sizes = np.asarray(at, float).reshape(-1)
    except NOT_NUMBERS:
        raise PlawError(f"Sizes to predict the error at are numbers, not {at!r}.") from None
    if not (np.isfinite(sizes) & (sizes > 0)).all():
        raise PlawError("Errors are predicted at positive sizes only, and at finite ones.")
    return [float(n) for n in sizes]


def _fitted(curve: Curve, law: str | Law, floor: float | None, seed: int) -> tuple[Fit, str, list[Fit]]:
    """The fit, why its law was chosen, and the fits that are not refuted."""
    if law == "akaike":
        return choose_law(curve, seed, _floored(CANDIDATES, floor))
    return fit_curve(_with_floor(law, floor), curve, seed=seed), "as asked for", []


def _floored(names: Sequence[str], floor: float | None) -> list[Law]:
    """The laws of these names; with a known floor, those of them that have one."""
    return [_with_floor(name, floor) for name in names if floor is None or "e_inf" in get_law(name).parameters]


def _with_floor(law: str | Law, floor: float | None) -> Law:
    law = get_law(law)
    if floor is None:
        return law
    if "e_inf" not in law.parameters:
        raise PlawError(f"{law.name} has no floor e_inf that could be known: take power_offset, m4 or broken.")
    return constrain(law, fixed={"e_inf": floor})


def _refuse_two_variables(curve: Curve, law: Law | None = None) -> None:
    if law is not None and law.variables != ("n",):
        raise PlawError(f"Planning is for laws of n alone, not for {law.name}.")
    if curve.x.ndim != 1:
        raise PlawError("Planning is for curves of n alone, not of N and D.")


def _not_falling(curve: str, hints: Sequence[str]) -> PlawError:
    sentence = f"The {curve} curve does not fall with n: no number of examples can be predicted from it"
    return PlawError("; ".join([f"{sentence}, measure more sizes", *hints]) + ".")


def _thinning(curve: Curve) -> Iterator[str]:
    if len(curve.y) > MOST_POINTS:
        yield f"{len(curve.y):,} sizes are brought down to {MOST_POINTS} points, each the mean of its neighbours"


def _expected(
    source: Fit | Forecast, at: Sequence[float], level: float
) -> tuple[dict[float, Interval], dict[float, Interval]]:
    """The predicted error at each of the sizes `at`: with the interval of the law, and of a new measurement."""
    if not len(at):
        return {}, {}
    best = source.predict(at)
    by_law, new = (
        {float(n): Interval(float(b), float(low), float(high), level) for n, b, low, high in zip(at, best, *ends)}
        for ends in (source.band(at, level), source.new_band(at, level))
    )
    return by_law, new


def _warnings_of_average(forecast: Forecast, shape: Shape, size: Interval, target: float) -> Iterator[str]:
    curve = forecast.curve
    first, last = curve.log_x[[0, -1]]
    if shape is not Shape.FALLING:
        yield f"the curve is {shape}: {shape.meaning}"
    if math.isinf(size.value):
        farthest = curve.x[-1] * math.exp(REACH)
        levels_off = float(forecast.predict(farthest)[0])
        chance = float(forecast.probability(farthest, target)[0])
        yield (
            f"the target {target:g} is out of reach: with a million times the largest size the error is about "
            f"{levels_off:.2g}, and at most {target:g} with {chance:.0%} probability"
        )
    elif not math.isnan(size.value):
        ranges = (math.log(size.value) - last) / (last - first) if size.value > 0 else 0.0
        if ranges > FAR_RANGES:
            distance = f"{ranges:.1f} times the measured range (in logarithms)"
            yield f"the answer lies {distance} beyond the data: no law is tested there"
        if math.isinf(size.high):
            chance = 1 - float(forecast.probability(curve.x[-1] * math.exp(REACH), target)[0])
            never = "the data do not exclude that the target is never reached"
            yield f"{never} ({chance:.0%} probability): the interval has no upper end"
    if len(np.unique(curve.x)) < 5:
        blind = f"{len(np.unique(curve.x))} sizes cannot tell a power law from one that levels off"
        yield f"{blind}: how far the interval reaches rests on how other curves behave"


def _warnings(fit: Fit, size: Interval, target: float, level: float, rivals: list[Fit]) -> Iterator[str]:
    first, last = fit.curve.log_x[[0, -1]]
    if math.isinf(size.value):
        floor = float(fit.predict(np.exp(last + 60))[0])
        reason = f"the target {target:g} lies below the fitted irreducible error {floor:.4g}"
        yield f"{reason}: under this law no number of examples reaches it"
    else:
        ranges = (math.log(size.value) - last) / (last - first) if size.value > 0 else 0.0
        if ranges > FAR_RANGES:
            distance = f"{ranges:.1f} times the measured range (in logarithms)"
            yield f"the answer lies {distance} beyond the data: the law is not tested there"
        if math.isinf(size.high):
            yield "the data do not exclude that the target is never reached: the interval has no upper end"
    if math.isnan(size.low):
        yield f"{len(fit.curve.y)} points without known errors leave nothing to estimate the noise from: no interval"
    if fit.law.name == "power" and fit.dof < 3:
        blind = f"{len(fit.curve.y)} sizes cannot tell a power law from one that levels off"
        yield f"{blind}: if the error has a floor, more examples are needed"
    for rival in rivals:
        rival_size = rival.invert(target, level)
        if not size.low <= rival_size.value <= size.high:
            yield f"{rival.law.name} fits about as well and says n = {rival_size}"
    if not fit.status.converged or fit.status.unresolved:
        yield f"the fit: {fit.status}"


@dataclass(frozen=True)
class Measurement:
    """What one more measurement is worth.

    Attributes
    ----------
    n : float
        The size that would be measured.
    factor : float
        The interval of the wanted size would then reach from wanted / factor to wanted * factor.
    """

    n: float
    factor: float


def next_measurement(
    source: Fit | Forecast, target: float, sizes: ArrayLike | None = None, level: float = 0.95
) -> tuple[float, list[Measurement]]:
    """How narrow the interval of the wanted size becomes by measuring one more size.

    The new point is as noisy as the median of the old ones and lies where the law predicts it. For a fit this is
    linearised (a c-optimal design, Atkinson & Donev); a forecast is made again with the point.

    Parameters
    ----------
    source : Fit or Forecast
    target : float
        The wanted error.
    sizes : array_like, optional
        Sizes that could be measured; default: the measured ones (of a forecast, the largest), and 2 and 4 times the
        largest.
    level : float
        The confidence of the interval.

    Returns
    -------
    now : float
        The factor of the interval of source.invert(target) without another measurement.
    measurements : list of Measurement
        The factor after measuring each of the sizes.

    Raises
    ------
    PlawError
        Where the law never reaches the target.

    Examples
    --------
    >>> from plaw.curves.fitting import fit_law
    >>> now, measurements = next_measurement(fit_law("power", [30, 60, 120, 240], [0.24, 0.2, 0.158, 0.131]), 0.05)
    >>> [(m.n, bool(m.factor < now)) for m in measurements][-2:]
    [(480.0, True), (960.0, True)]
    """
    wanted = source.invert(target, level)
    if not 0 < wanted.value < math.inf:
        raise PlawError(f"The fitted law never reaches {target:g}: no measurement can be planned for it.")
    largest = source.curve.x[-1]
    if isinstance(source, Forecast):
        sizes = [largest, 2 * largest, 4 * largest] if sizes is None else np.asarray(sizes, float)
        after = [(float(n), source.after((n, 1)).invert(target, level)) for n in sizes]
        return factor_of(wanted), [Measurement(n, factor_of(size)) for n, size in after]
    fit = source
    sizes = np.unique([*fit.curve.x, 2 * largest, 4 * largest]) if sizes is None else np.asarray(sizes, float)
    direction = gradient_of_size(fit, wanted.value)
    covariance, noise = fit.unit_covariance, float(np.median(fit.curve.log_error))
    scale = fit.chi2 / fit.dof if fit.dof else math.nan
    delta_chi2_after = delta_chi2(level, scale * (fit.dof + 1), fit.dof + 1, fit.curve.known)
    measurements = []
    for n in sizes:
        slopes = slopes_at(fit, math.log(n))
        gain = covariance @ slopes
        updated = covariance - np.outer(gain, gain) / (noise**2 + slopes @ gain)
        measurements.append(Measurement(float(n), interval_factor(direction, updated, delta_chi2_after)))
    return interval_factor(direction, covariance, fit.delta_chi2(level)), measurements
