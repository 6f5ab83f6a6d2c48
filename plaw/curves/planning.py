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
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from plaw.curves.arrays import NOT_NUMBERS, FloatArray
from plaw.curves.binning import MOST_POINTS, thinned
from plaw.curves.budget import Purchase, examples_bought, purchase
from plaw.curves.constrained import constrain
from plaw.curves.curve import Curve, binomial_error, make_curve
from plaw.curves.design import gradient_of_size, interval_factor, slopes_at
from plaw.curves.fitting import Fit, fit_curve
from plaw.curves.inputs import as_measured
from plaw.curves.intervals import Interval, delta_chi2, finite_or_none, plain_number
from plaw.curves.laws import Law, get_law
from plaw.curves.metrics import ERROR, Metric, wrong_unit
from plaw.curves.reading import Measured, read_curves
from plaw.curves.saving import Saved
from plaw.errors import PlawError

# of "auto"; a broken law may bend once more beyond the data
CANDIDATES = ("power", "power_offset", "shifted_power", "m4")
RIVAL = 4.0  # difference of Akaike's criterion below which another law is not refuted
WIDTH = 76  # of the printed answer
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
        The number of examples.
    fit : Fit
    why : str
        How the law was chosen.
    expected : dict of float to Interval
        The predicted error at each size asked about.
    warnings : tuple of str
        What to beware of; empty where all is well.
    metric : Metric
        What was measured; where more is better, the errors are ceiling - score.
    purchase : Purchase or None
        What a budget buys, where one was given.
    """

    target: float
    size: Interval
    fit: Fit
    why: str
    expected: dict[float, Interval]
    warnings: tuple[str, ...]
    metric: Metric = ERROR
    purchase: Purchase | None = None

    @property
    def asked(self) -> float:
        """The target in the unit of the metric."""
        return float(f"{self.metric.flip(self.target):.12g}") if self.metric.higher_is_better else self.target

    def predict(self, x: ArrayLike) -> FloatArray:
        """The errors (n,) that the law predicts at sizes x."""
        return self.fit.predict(x)

    def band(self, x: ArrayLike) -> FloatArray:
        """Low and high (2, n) of the law at sizes x, at the level of `size`."""
        return self.fit.band(x, self.size.level)

    def to_dict(self) -> dict[str, Any]:
        """For JSON: n, low, high are null where infinite or not known; `expected` only where sizes were asked about.

        `target` is in the unit of the metric. Where more is better, each expected error stands beside the score, its
        `value`, with `value_low` and `value_high`.
        """
        answer: dict[str, Any] = {
            "target": self.asked,
            "n": finite_or_none(self.size.value),
            "low": finite_or_none(self.size.low),
            "high": finite_or_none(self.size.high),
            "level": self.size.level,
            "metric": self.metric.name,
            "law": self.fit.law.name,
            "why": self.why,
            "params": {name: finite_or_none(value) for name, value in self.fit.params.items()},
            "warnings": list(self.warnings),
        }
        if self.expected:
            answer["expected"] = [self._expected_entry(n, error) for n, error in self.expected.items()]
        if self.purchase:
            answer["budget"] = self.purchase.to_dict()
        return answer

    def _expected_entry(self, n: float, error: Interval) -> dict[str, float | None]:
        entry = dict(zip(("n", "error", "low", "high"), map(finite_or_none, (n, error.value, error.low, error.high))))
        if self.metric.higher_is_better:
            score = self.metric.flip_interval(error)
            ends = map(finite_or_none, (score.value, score.low, score.high))
            entry |= dict(zip(("value", "value_low", "value_high"), ends))
        return entry

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
            f"{self.metric.name} {self.asked:g} needs n = {self.size}",
            *([f"fitted: {self.metric.formula}"] if self.metric.higher_is_better else []),
            f"law: {self.fit.law.name}, {self.fit.law.formula}, with {params}",
            f"why: {self.why}",
            *(
                f"expected at n = {n:,.6g}: {e.value:.4g} ({e.low:.4g} ... {e.high:.4g})"
                for n, e in ((n, self.metric.flip_interval(error)) for n, error in self.expected.items())
            ),
            *self._advice(),
            *(str(self.purchase).splitlines() if self.purchase else []),
            *(f"warning: {warning}" for warning in self.warnings),
        ]
        return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="    ") for line in lines)

    def _repr_html_(self) -> str:
        from plaw.curves.page import answer_as_html

        return answer_as_html(self)

    def _advice(self) -> Iterator[str]:
        if 0 < self.size.low and self.size.high < math.inf:
            now, measurements = next_measurement(self.fit, self.target, level=self.size.level)
            best = min(measurements, key=lambda measurement: measurement.factor)
            narrowing = f"from a factor of {now:.3g} to {best.factor:.3g} either way"
            yield f"next: measured at n = {plain_number(best.n)} too, the interval would narrow {narrowing}"


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
        A name of `LAWS`, or "auto": Akaike's criterion chooses among CANDIDATES.
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
        For a curve that does not fall, a law that is not one of n alone, and whatever `fit_law` refuses.

    Examples
    --------
    >>> answer = estimate([9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084], target=0.02)
    >>> f"{answer.size.value:.0f}"
    '1060'
    >>> answer.fit.law.name, answer.why
    ('power', '4 sizes are too few to ask for more than a power law')
    >>> answer = estimate([9, 15, 30, 60], [78.3, 83.2, 88.1, 91.6], target=98, metric="accuracy")
    >>> print(f"{answer.asked:g}% correct, {answer.target:g}% wrong: {answer.size.value:.0f}")
    98% correct, 2% wrong: 1060
    """
    measured = as_measured(x, y, yerr, metric, ceiling)
    curve = make_curve(measured.x, measured.errors, measured.yerr)
    error, beware = _as_error(target, measured.metric, curve)
    sizes = _sizes_asked_about(at)
    bought = [] if cost is None and budget is None else [examples_bought(cost, budget)]
    hint = [] if measured.metric.higher_is_better else ["if more is better, name the metric, like accuracy"]
    answer = _answer(thinned(curve), error, law, floor, level, [*sizes, *bought], seed, [*hint, *measured.notes])
    met = beware or _already_met(answer.fit, answer.size, error, measured.metric)
    notes = (*measured.notes, *_thinning(curve), *met, *answer.warnings)
    expected = {n: answer.expected[n] for n in sizes}
    if bought:
        value = measured.metric.flip_interval(answer.expected[bought[0]])
        spent = purchase(answer.fit, error, answer.size, value, float(cost or 0), float(budget or 0))
        answer = replace(answer, purchase=spent)
    return replace(answer, expected=expected, warnings=notes, metric=measured.metric)


def _answer(
    curve: Curve, error: float, law: str | Law, floor: float | None, level: float, at: Sequence[float], seed: int,
    hints: Sequence[str],
) -> Estimate:  # fmt: skip
    """The answer for a checked curve of errors; hints: what to say where it does not fall."""
    fit, why, rivals = _fitted(curve, law, floor, seed)
    _refuse_unless_falling(fit, hints)
    size = fit.invert(error, level)
    beware = tuple(_warnings(fit, size, error, level, rivals))
    return Estimate(error, size, fit, why, _expected(fit, at, level), beware)


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
    ...     answer = estimate_file(path, target=0.02, test_size=10_000)
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
    >>> answers = estimate_curves(read_curves(table, group="method"), target=0.1)
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
    """The fit, why its law was chosen, and the fits that are not refuted; with a known floor, of laws that have one."""
    if law == "auto":
        floored = [name for name in CANDIDATES if floor is None or "e_inf" in get_law(name).parameters]
        return choose_law(curve, seed, [_with_floor(name, floor) for name in floored])
    return fit_curve(_with_floor(law, floor), curve, seed=seed), "as asked for", []


def _with_floor(law: str | Law, floor: float | None) -> Law:
    law = get_law(law)
    if floor is None:
        return law
    if "e_inf" not in law.parameters:
        raise PlawError(f"{law.name} has no floor e_inf that could be known: take power_offset, m4 or broken.")
    return constrain(law, fixed={"e_inf": floor})


def _refuse_unless_falling(fit: Fit, hints: Sequence[str]) -> None:
    if fit.curve.x.ndim != 1 or fit.law.variables != ("n",):
        raise PlawError(f"Planning is for laws of n alone, not for {fit.law.name}.")
    first, last = fit.predict(fit.curve.x[[0, -1]])
    if not last < first:
        sentence = "The fitted curve does not fall with n: no number of examples can be predicted from it"
        raise PlawError("; ".join([f"{sentence}, measure more sizes", *hints]) + ".")


def _thinning(curve: Curve) -> Iterator[str]:
    if len(curve.y) > MOST_POINTS:
        yield f"{len(curve.y):,} sizes are brought down to {MOST_POINTS} points, each the mean of its neighbours"


def _expected(fit: Fit, at: Sequence[float], level: float) -> dict[float, Interval]:
    """The predicted error at each of the sizes `at`."""
    if not len(at):
        return {}
    rows = zip(at, fit.predict(at), *fit.band(at, level))
    return {float(n): Interval(float(best), float(low), float(high), level) for n, best, low, high in rows}


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
    fit: Fit, target: float, sizes: ArrayLike | None = None, level: float = 0.95
) -> tuple[float, list[Measurement]]:
    """How narrow the interval of the wanted size becomes by measuring one more size.

    Linearised (a c-optimal design, Atkinson & Donev), the new point being as noisy as the median of the old ones and
    lying where the law predicts it.

    Parameters
    ----------
    fit : Fit
    target : float
        The wanted error.
    sizes : array_like, optional
        Sizes that could be measured; default: the measured ones, and 2 and 4 times the largest.
    level : float
        The confidence of the interval.

    Returns
    -------
    now : float
        The factor of the interval of fit.invert(target) without another measurement.
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
    wanted = fit.invert(target, level).value
    if not 0 < wanted < math.inf:
        raise PlawError(f"The fitted law never reaches {target:g}: no measurement can be planned for it.")
    largest = fit.curve.x[-1]
    sizes = np.unique([*fit.curve.x, 2 * largest, 4 * largest]) if sizes is None else np.asarray(sizes, float)
    direction = gradient_of_size(fit, wanted)
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
