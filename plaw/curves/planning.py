"""How many examples a wanted error needs, how sure that is, and which measurement would make it surer.

estimate(sizes, errors, target=0.02)        the number of examples with its interval, the law, and what to beware of
estimate_file("curve.csv", target=0.02)     the same for a CSV file
next_measurement(fit, target=0.02)          how narrow the interval becomes by measuring one more size
"""

import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from plaw.curves.arrays import FloatArray, IntArray
from plaw.curves.curve import Curve, binomial_error, make_curve
from plaw.curves.fitting import Fit, fit_curve, fit_law
from plaw.curves.forecast import REACH, Forecast, forecast_curve
from plaw.curves.intervals import Interval, delta_chi2, plain_number
from plaw.curves.laws import get_law
from plaw.curves.reading import read_curve
from plaw.curves.shape import Shape, shape_of
from plaw.curves.solver import jacobian
from plaw.errors import PlawError

# of "akaike"; a broken law may bend once more beyond the data
CANDIDATES = ("power", "power_offset", "shifted_power", "m4")
# of "auto", for the one law that is shown beside the average: those that are fitted in no time
SHOWN = ("power", "power_offset", "shifted_power")
ASSURANCE = 0.8  # the probability with which a new measurement reaches the target at `assured` examples
RIVAL = 4.0  # difference of Akaike's criterion below which another law is not refuted
WIDTH = 76  # of the printed answer
FAR_RANGES = 1.0  # measured ranges (in logarithms) beyond the data, from which on an answer is far away


@dataclass(frozen=True)
class Estimate:
    """The number of examples that a target needs; prints as the answer of `plaw estimate`.

    Attributes
    ----------
    target : float
        The wanted error.
    size : Interval
        The number of examples.
    fit : Fit
        The law; under "auto" the one law that is closest to the data, beside the average that answers.
    why : str
        How the law was chosen.
    expected : dict of float to Interval
        The predicted error at each size asked about: the interval of the law.
    warnings : tuple of str
        What to beware of; empty where all is well.
    new : dict of float to Interval
        The same with the interval of a new measurement as noisy as those given.
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
    new: dict[float, Interval] = field(default_factory=dict)
    assured: float = math.nan
    forecast: Forecast | None = None

    def predict(self, x: ArrayLike) -> FloatArray:
        """The law at sizes x, (n,): the average's median, or the fit's."""
        return (self.forecast or self.fit).predict(x)

    def band(self, x: ArrayLike) -> FloatArray:
        """Low and high of the law at sizes x, (2, n), at the level of `size`."""
        return (self.forecast or self.fit).band(x, self.size.level)

    def to_dict(self) -> dict[str, Any]:
        """For JSON: n, low, high are null where infinite or not known; `expected` only where sizes were asked about."""
        answer: dict[str, Any] = {
            "target": self.target,
            "n": _finite(self.size.value),
            "low": _finite(self.size.low),
            "high": _finite(self.size.high),
            "assured": _finite(self.assured),
            "level": self.size.level,
            "law": self.fit.law.name,
            "why": self.why,
            "params": self.fit.params,
            "warnings": list(self.warnings),
        }
        if self.forecast is not None:
            answer["laws"] = self.forecast.shares
        if self.expected:
            answer["expected"] = [
                {
                    "n": n,
                    "error": error.value,
                    "low": _finite(error.low),
                    "high": _finite(error.high),
                    "new_low": _finite(self.new[n].low),
                    "new_high": _finite(self.new[n].high),
                }
                for n, error in self.expected.items()
            ]
        return answer

    def __str__(self) -> str:
        params = ", ".join(f"{name} = {value:.4g}" for name, value in self.fit.params.items())
        law = f"{self.fit.law.name}, {self.fit.law.formula}, with {params}"
        lines = [
            f"error {self.target:g} needs n = {self.size}",
            *self._assurance(),
            f"law: {law}" if self.forecast is None else f"closest law: {law}",
            f"why: {self.why}",
            *(
                f"expected at n = {n:,.6g}: {e.value:.4g} ({e.low:.4g} ... {e.high:.4g}); "
                f"a new measurement: {self.new[n].low:.4g} ... {self.new[n].high:.4g}"
                for n, e in self.expected.items()
            ),
            *self._advice(),
            *(f"warning: {warning}" for warning in self.warnings),
        ]
        return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="    ") for line in lines)

    def _assurance(self) -> Iterator[str]:
        if math.isfinite(self.assured):
            yield f"a new measurement reaches it with {ASSURANCE:.0%} probability at n = {plain_number(self.assured)}"

    def _advice(self) -> Iterator[str]:
        if 0 < self.size.low and self.size.high < math.inf:
            source = self.forecast or self.fit
            now, measurements = next_measurement(source, self.target, level=self.size.level)
            best = min(measurements, key=lambda measurement: measurement.factor)
            narrowing = f"from a factor of {now:.3g} to {best.factor:.3g} either way"
            yield f"next: measured at n = {plain_number(best.n)} too, the interval would narrow {narrowing}"


def estimate(
    x: ArrayLike, y: ArrayLike, target: float, yerr: ArrayLike | None = None,
    law: str = "auto", level: float = 0.95, at: Sequence[float] = (), seed: int = 0,
) -> Estimate:  # fmt: skip
    """The number of examples at which a learning curve comes down to a target.

    Parameters
    ----------
    x, y, yerr
        As for `fit_law`; one variable.
    target : float
        The wanted error, in the unit of y.
    law : str
        "auto": an average over laws, of which none is trusted (plaw.curves.forecast). "akaike": the one law of
        CANDIDATES that Akaike's criterion chooses, as if it were true. Or a name of `LAWS`.
    level : float
        The confidence of the intervals.
    at : sequence of float
        Sizes at which to predict the error.
    seed : int
        Of the bootstrap of the fit.

    Returns
    -------
    Estimate
        Its size is NaN where the curve rises or is flat and sizes were asked about; infinite where the target is beyond
        reach.

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
    """
    if not (math.isfinite(target) and target > 0):
        raise PlawError(f"The target must be a positive error, not {target}.")
    if not (np.asarray(at, float) > 0).all():
        raise PlawError("Errors are predicted at positive sizes only.")
    if not 0 < level < 1:
        raise PlawError(f"A level lies between 0 and 1, like 0.95; not {level}.")
    if law == "auto":
        return _by_average(make_curve(x, y, yerr), float(target), level, at, seed)
    rivals: list[Fit] = []
    if law == "akaike":
        fit, why, rivals = choose_law(make_curve(x, y, yerr), seed)
    else:
        fit, why = fit_law(get_law(law), x, y, yerr, seed=seed), "as asked for"
    if fit.curve.x.ndim != 1 or fit.law.variables != ("n",):
        raise PlawError(f"Planning is for laws of n alone, not for {fit.law.name}.")
    first, last = fit.predict(fit.curve.x[[0, -1]])
    if not last < first:
        raise PlawError(RISING.format("fitted"))
    size = fit.invert(target, level)
    warnings = tuple(_warnings(fit, size, target, level, rivals))
    expected, new = _expected(fit, at, level)
    return Estimate(float(target), size, fit, why, expected, warnings, new)


RISING = "The {} curve does not fall with n: no number of examples can be predicted from it, measure more sizes."


def _by_average(curve: Curve, target: float, level: float, at: Sequence[float], seed: int) -> Estimate:
    """The answer of an average over laws."""
    if curve.x.ndim != 1:
        raise PlawError("Planning is for curves of n alone, not of N and D.")
    fit, why, _ = choose_law(curve, seed, SHOWN)
    forecast, shape = forecast_curve(curve), shape_of(curve)
    expected, new = _expected(forecast, at, level)
    size, assured = forecast.invert(target, level), forecast.assured(target, ASSURANCE)
    if not shape.falls:
        met = target >= curve.y.min() and size.value <= curve.x[-1]
        if not met and not len(at):
            raise PlawError(RISING.format("measured"))
        size = size if met else Interval(math.nan, math.nan, math.nan, level)
        assured = assured if met else math.nan
    warnings = tuple(_warnings_of_average(forecast, shape, size, target))
    laws = ", ".join(forecast.shares)
    why = f"an average of {laws}, and of what each may miss; the one law shown: {why}"
    return Estimate(target, size, fit, why, expected, warnings, new, assured, forecast)


def estimate_file(path: str | Path, target: float, test_size: int | None = None, **options: Any) -> Estimate:
    """`estimate` for a CSV file.

    Parameters
    ----------
    path : str or Path
        See `read_curve`.
    target : float
        The wanted error.
    test_size : int, optional
        Size of the test set, for the counting noise where the file does not give the noise.
    **options
        Of `estimate`: law, level, at, seed.

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
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "curve.csv")
    ...     _ = path.write_text("n,error\\n9,0.217\\n15,0.168\\n30,0.119\\n60,0.084\\n")
    ...     answer = estimate_file(path, target=0.02, test_size=10_000, law="power")
    >>> f"{answer.size.value:.0f}"
    '1061'
    """
    x, y, yerr = read_curve(path)
    if test_size is not None:
        if yerr is not None or np.ndim(y[0]):
            raise PlawError(f"{path} already gives the noise, by std or by samples: leave out the test size.")
        yerr = binomial_error(y, test_size)
    return estimate(x, y, target, yerr, **options)


def choose_law(curve: Curve, seed: int = 0, candidates: Sequence[str] = CANDIDATES) -> tuple[Fit, str, list[Fit]]:
    """The fit of least Akaike criterion among the candidates, why, and the other fits that are not refuted."""
    sizes = len(np.unique(curve.x, axis=0))
    laws = [get_law(name) for name in candidates]
    fits = [fit_curve(law, curve, seed=seed) for law in laws if len(law.parameters) < sizes or law.name == "power"]
    scored = sorted((fit for fit in fits if math.isfinite(fit.aic)), key=lambda fit: fit.aic)
    if len(scored) < 2:
        return fits[0], f"{sizes} sizes are too few to ask for more than a power law", []
    scores = ", ".join(f"{fit.law.name} {fit.aic:.1f}" for fit in scored)
    rivals = [fit for fit in scored[1:] if fit.aic - scored[0].aic < RIVAL]
    return scored[0], f"least Akaike criterion, corrected for few points: {scores}", rivals


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
    if size.value <= curve.x[-1]:
        yield f"the target {target:g} is met within the measured sizes already"
    elif math.isinf(size.value):
        levels_off = float(forecast.predict(curve.x[-1] * math.exp(REACH))[0])
        chance = float(forecast.probability(curve.x[-1] * math.exp(REACH), target)[0])
        yield (
            f"the target {target:g} is out of reach: with a million times the largest size the error is about "
            f"{levels_off:.2g}, and at most {target:g} with {chance:.0%} probability"
        )
    else:
        ranges = (math.log(size.value) - last) / (last - first) if size.value > 0 else 0.0
        if ranges > FAR_RANGES:
            distance = f"{ranges:.1f} times the measured range (in logarithms)"
            yield f"the answer lies {distance} beyond the data: no law is tested there"
        if math.isinf(size.high):
            yield "the data do not exclude that the target is never reached: the interval has no upper end"
    if not math.isnan(size.value) and not 0.01 < target / curve.y[-1] < 100:
        yield f"the target is {target:g}, but the errors are around {curve.y[-1]:.3g}: are both in the same unit?"
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
    fit: Fit | Forecast, target: float, sizes: ArrayLike | None = None, level: float = 0.95
) -> tuple[float, list[Measurement]]:
    """How narrow the interval of the wanted size becomes by measuring one more size.

    The new point is as noisy as the median of the old ones and lies where the law predicts it. For a fit this is
    linearised (a c-optimal design, Atkinson & Donev); a forecast is computed again with the point.

    Parameters
    ----------
    fit : Fit or Forecast
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
    if isinstance(fit, Forecast):
        sizes = [largest, 2 * largest, 4 * largest] if sizes is None else np.asarray(sizes, float)
        now = fit.invert(target, level)
        return _factor_of(now), [Measurement(float(n), _factor_of(fit.after(n).invert(target, level))) for n in sizes]
    sizes = np.unique([*fit.curve.x, 2 * largest, 4 * largest]) if sizes is None else np.asarray(sizes, float)
    direction = _slopes(fit, math.log(wanted)) / _steepness(fit, math.log(wanted))
    covariance, noise = fit.unit_covariance, float(np.median(fit.curve.log_error))
    scale = fit.chi2 / fit.dof if fit.dof else math.nan
    delta_chi2_after = delta_chi2(level, scale * (fit.dof + 1), fit.dof + 1, fit.curve.known)
    measurements = []
    for n in sizes:
        slopes = _slopes(fit, math.log(n))
        gain = covariance @ slopes
        updated = covariance - np.outer(gain, gain) / (noise**2 + slopes @ gain)
        measurements.append(Measurement(float(n), _factor(direction, updated, delta_chi2_after)))
    return _factor(direction, covariance, fit.delta_chi2(level)), measurements


def _factor_of(size: Interval) -> float:
    """The factor either way that spans the interval of a size."""
    return math.sqrt(size.high / size.low) if size.low > 0 else math.inf


def _factor(direction: FloatArray, covariance: FloatArray, delta_chi2_allowed: float) -> float:
    """exp of the half-width of a quantity that changes with theta as `direction` says."""
    return math.exp(math.sqrt(max(float(direction @ covariance @ direction), 0) * delta_chi2_allowed))


def _slopes(fit: Fit, log_n: float) -> FloatArray:
    """d log y / d theta (p,) at a size."""

    def log_y(theta: FloatArray, rows: IntArray) -> FloatArray:
        return fit.law.log_value(theta, np.array([[log_n]]))

    slopes: FloatArray = jacobian(log_y, fit.theta[None], np.zeros(1, int))[0, 0]
    return slopes


def _steepness(fit: Fit, log_n: float) -> float:
    """d log y / d log n at a size."""
    ends = fit.law.log_value(fit.theta[None], np.array([[log_n - 1e-4, log_n + 1e-4]]))[0]
    return float(ends[1] - ends[0]) / 2e-4


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
