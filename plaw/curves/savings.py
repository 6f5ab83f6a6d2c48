"""How much data one method saves over another, and what runs that share a seed or a test set say about both.

data_factor(a.size, b.size)         how many times the data of a that b needs, with its interval
shared_runs(first, second)          the ratio of the errors at each size, from the runs that share something
compare_answers(curves, answers)    both, for all curves of a file
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from plaw.curves.arrays import FloatArray
from plaw.curves.fitting import Fit
from plaw.curves.intervals import Interval, finite_or_none, mover, plain_number
from plaw.curves.planning import Estimate
from plaw.curves.reading import Measured
from plaw.curves.saving import Saved
from plaw.errors import PlawError


@dataclass(frozen=True)
class SharedRuns(Saved):
    """Two methods on runs that share something.

    Attributes
    ----------
    ratios : dict of float to Interval
        For each size with at least two shared runs, the second method's error over the first's.
    runs : int
        How many runs they share, at all sizes together.
    correlation : float
        Of the errors of both methods at one size, one standard error below its estimate and at least 0.
    """

    ratios: dict[float, Interval]
    runs: int
    correlation: float

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        ratios = [
            {"n": n, "ratio": ratio.value, "low": ratio.low, "high": ratio.high} for n, ratio in self.ratios.items()
        ]
        return {"runs": self.runs, "correlation": self.correlation, "ratios": ratios}


def data_factor(first: Interval, second: Interval, correlation: float = 0.0) -> Interval:
    """How many times the first method's examples the second needs for the same target.

    Parameters
    ----------
    first, second : Interval
        The examples that each method needs.
    correlation : float
        Between the errors of the two answers, see `size_correlation`; 0 for independent curves.

    Returns
    -------
    Interval
        Infinite where the second never reaches the target; NaN where neither does, or where one curve does not fall.
        Put together by MOVER for correlated estimates (Zou 2007), on logarithms.

    Raises
    ------
    PlawError
        For a correlation that is not between -1 and 1.

    Examples
    --------
    >>> print(data_factor(Interval(1000.0, 800.0, 1250.0), Interval(3000.0, 2400.0, 3750.0)))
    3 (95% interval 2.188 ... 4.113)
    >>> print(data_factor(Interval(1000.0, 800.0, 1250.0), Interval(3000.0, 2400.0, 3750.0), correlation=0.9))
    3 (95% interval 2.715 ... 3.315)
    """
    if not -1 <= correlation <= 1:
        raise PlawError(f"A correlation lies between -1 and 1, not at {correlation}.")
    a, b = (_logarithm(size) for size in (first, second))
    if math.isnan(a.value) or math.isnan(b.value):
        return Interval(math.nan, math.nan, math.nan, first.level)
    if not (math.isfinite(a.value) and math.isfinite(b.value)):
        value = math.nan if a.value == b.value else math.exp(b.value - a.value) if b.value < a.value else math.inf
        return Interval(value, math.nan, math.nan, first.level)
    low_arms, high_arms = (b.value - b.low, a.high - a.value), (b.high - b.value, a.value - a.low)
    if not np.isfinite([*low_arms, *high_arms]).all():
        correlation = 0.0
    low, high = mover(b.value - a.value, low_arms, high_arms, correlation)
    return Interval(b.value - a.value, low, high, first.level).map(_exp)


def shared_runs(first: Measured, second: Measured, level: float = 0.95) -> SharedRuns:
    """Compare two methods on the runs that share a seed, a fold or a test set.

    What they share moves both errors alike and cancels in their ratio: Student's interval of the paired differences.

    Parameters
    ----------
    first, second : Measured
        Read with `pair`, or made with `shared`.
    level : float
        The confidence of the intervals.

    Returns
    -------
    SharedRuns

    Raises
    ------
    PlawError
        Where no two runs share something at one size.

    Examples
    --------
    >>> import io
    >>> from plaw.curves.reading import read_curves
    >>> rows = ["a,10,1,0.2", "a,10,2,0.24", "a,10,3,0.22", "b,10,1,0.3", "b,10,2,0.36", "b,10,3,0.34"]
    >>> table = io.StringIO("\\n".join(["method,n,seed,error", *rows]))
    >>> compared = shared_runs(*read_curves(table, group="method", pair="seed"))
    >>> print(compared.ratios[10.0])
    1.515 (95% interval 1.451 ... 1.582)
    """
    pairs = {n: errors for n, errors in _pairs(first, second).items() if errors.shape[1] > 1}
    if not pairs:
        both = " and ".join(filter(None, (first.name, second.name))) or "the curves"
        raise PlawError(f"No size has two runs or more that {both} share: their labels must be the same in both.")
    ratios, deviations = {}, []
    for n, errors in pairs.items():
        mean = errors.mean(axis=1, keepdims=True)
        relative = errors / mean - 1
        ratios[n] = _paired_ratio(mean[:, 0], relative[1] - relative[0], level)
        deviations.append(relative)
    runs = sum(errors.shape[1] for errors in pairs.values())
    return SharedRuns(ratios, runs, _cautious_correlation(np.concatenate(deviations, axis=1), runs - len(pairs)))


def size_correlation(shared: SharedRuns, first: Fit, second: Fit) -> float:
    """The correlation between the sizes that both methods need, each by one law.

    That of the runs, where the points scatter as the runs let expect; less, where they scatter more.

    Parameters
    ----------
    shared : SharedRuns
    first, second : Fit

    Returns
    -------
    float
        Between 0 and 1.
    """
    parts = [min(1.0, fit.dof / fit.chi2) if fit.curve.known and fit.chi2 > 0 else 0.0 for fit in (first, second)]
    return shared.correlation * math.sqrt(parts[0] * parts[1])


@dataclass(frozen=True)
class AnswerComparison(Saved):
    """A method beside the best one.

    Attributes
    ----------
    best, name : str
        The method that needs the fewest examples, and the other one.
    factor : Interval
        How many times the examples of the best the other needs.
    shared : SharedRuns or None
        What runs say that share something.
    """

    best: str
    name: str
    factor: Interval
    shared: SharedRuns | None

    @property
    def sentences(self) -> list[str]:
        """The comparison in words."""
        if not math.isfinite(self.factor.value):
            return [f"{self.name} does not reach the target" + (f", {self.best} does" if self.factor.value > 0 else "")]
        said = [f"{self.name} needs {self.factor} times the examples of {self.best}"]
        if self.shared:
            n, ratio = max(self.shared.ratios.items())
            said.append(
                f"on the runs they share, at n = {plain_number(n)}, the error of {self.name} is {ratio} times that "
                f"of {self.best}"
            )
        return said

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        ends = {name: finite_or_none(getattr(self.factor, name)) for name in ("value", "low", "high")}
        answer: dict[str, Any] = {"best": self.best, "name": self.name, "factor": ends}
        return answer | ({"shared": self.shared.to_dict()} if self.shared else {})


def compare_answers(curves: Sequence[Measured], answers: Mapping[str, Estimate]) -> list[AnswerComparison]:
    """The method that needs the fewest examples beside each of the others.

    Parameters
    ----------
    curves : sequence of Measured
        Two or more; read with `pair`, the runs that they share narrow the interval.
    answers : mapping of str to Estimate
        By the names of the curves, for one target.

    Returns
    -------
    list of AnswerComparison

    Raises
    ------
    PlawError
        Where curves were read with `pair` and share no runs.

    Examples
    --------
    >>> import io
    >>> from plaw.curves.planning import estimate_curves
    >>> from plaw.curves.reading import read_curves
    >>> rows = "a,10,0.2 a,40,0.11 a,160,0.05 b,10,0.4 b,40,0.21 b,160,0.1".split()
    >>> curves = read_curves(io.StringIO("\\n".join(["method,n,error", *rows])), group="method")
    >>> comparison, = compare_answers(curves, estimate_curves(curves, target=0.05, law="power"))
    >>> comparison.best, comparison.name, round(comparison.factor.value, 1)
    ('a', 'b', 3.9)
    """
    by_name = {curve.name: curve for curve in curves}
    best = min(answers, key=lambda name: _or_infinite(answers[name].size.value))
    comparisons = []
    for name in answers:
        if name == best:
            continue
        first, second = by_name[best], by_name[name]
        shared = shared_runs(first, second, answers[best].size.level) if first.shared and second.shared else None
        # of an average, most of the interval is what the laws may miss: nothing says that both methods share it
        by_one_law = answers[best].forecast is None and answers[name].forecast is None
        correlation = size_correlation(shared, answers[best].fit, answers[name].fit) if shared and by_one_law else 0.0
        factor = data_factor(answers[best].size, answers[name].size, correlation)
        comparisons.append(AnswerComparison(best, name, factor, shared))
    return comparisons


def _pairs(first: Measured, second: Measured) -> dict[float, FloatArray]:
    """For each size of both, the errors (2, shared runs) of the runs with the same label."""
    tables = [_by_label(curve) for curve in (first, second)]
    both = {}
    for n in sorted(set(tables[0]) & set(tables[1])):
        labels = [label for label in tables[0][n] if label in tables[1][n]]
        if labels:
            both[n] = np.array([[table[n][label] for label in labels] for table in tables])
    return both


def _by_label(curve: Measured) -> dict[float, dict[str, float]]:
    if curve.shared is None:
        return {}
    values = [np.atleast_1d(part) for part in curve.errors]
    found: dict[float, dict[str, float]] = {}
    for n, labels, errors in zip(curve.x.tolist(), curve.shared, values):
        if len(set(labels)) < len(labels):
            name = next(label for label in labels if labels.count(label) > 1)
            raise PlawError(f"At n = {n:g}, several runs of one curve have the label {name!r}: each run needs its own.")
        found[n] = dict(zip(labels, errors.tolist()))
    return found


def _paired_ratio(mean: FloatArray, difference: FloatArray, level: float) -> Interval:
    count = len(difference)
    half = stats.t.isf((1 - level) / 2, count - 1) * difference.std(ddof=1) / math.sqrt(count)
    best = math.log(mean[1] / mean[0])
    return Interval(best, best - half, best + half, level).map(_exp)


def _cautious_correlation(deviations: FloatArray, dof: int) -> float:
    """The correlation of the two rows, less one standard error on Fisher's scale."""
    variance = (deviations**2).sum(axis=1)
    if dof < 3 or not variance.all():
        return 0.0
    correlation = float(deviations[0] @ deviations[1] / math.sqrt(variance[0] * variance[1]))
    cautious = math.tanh(math.atanh(min(correlation, 1 - 1e-9)) - 1 / math.sqrt(dof - 2))
    return max(cautious, 0.0)


def _or_infinite(n: float) -> float:
    return math.inf if math.isnan(n) else n


def _logarithm(size: Interval) -> Interval:
    with np.errstate(divide="ignore"):
        return size.map(lambda n: float(np.log(n)))


def _exp(value: float) -> float:
    return math.inf if value > 709 else math.exp(value)
