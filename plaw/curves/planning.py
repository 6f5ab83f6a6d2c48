"""How many examples a wanted error needs, how sure that is, and which measurement would make it surer.

estimate(sizes, errors, target=0.02)        the number of examples with its interval, the law, and what to beware of
next_measurement(fit, target=0.02)          how narrow the interval becomes by measuring one more size
"""

import csv
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plaw.curves.curve import Curve, binomial_error, make_curve
from plaw.curves.fitting import Fit, fit_curve, fit_law
from plaw.curves.intervals import Interval, delta_chi2, plain_number
from plaw.curves.laws import get_law
from plaw.curves.solver import jacobian
from plaw.errors import PlawError

CANDIDATES = (
    "power",
    "power_offset",
    "shifted_power",
    "m4",
)  # of "auto"; a broken law may bend once more beyond the data
RIVAL = 4.0  # difference of Akaike's criterion below which another law is not refuted
WIDTH = 76  # of the printed answer
FAR_RANGES = 1.0  # measured ranges (in logarithms) beyond the data, from which on an answer is far away


@dataclass(frozen=True)
class Estimate:
    """The number of examples that `target` needs. expected: the error at each size asked about, by size; why: how the law was chosen; warnings: sentences, empty where all is well."""

    target: float
    size: Interval
    fit: Fit
    why: str
    expected: dict[float, Interval]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict:
        """For JSON: n, low, high are null where infinite or not known; `expected` is there where sizes were asked about."""
        found = {
            "target": self.target,
            "n": _finite(self.size.value),
            "low": _finite(self.size.low),
            "high": _finite(self.size.high),
            "level": self.size.level,
            "law": self.fit.law.name,
            "why": self.why,
            "params": self.fit.params,
            "warnings": list(self.warnings),
        }
        if self.expected:
            found["expected"] = [
                {"n": n, "error": error.value, "low": _finite(error.low), "high": _finite(error.high)}
                for n, error in self.expected.items()
            ]
        return found

    def __str__(self) -> str:
        params = ", ".join(f"{name} = {value:.4g}" for name, value in self.fit.params.items())
        lines = [
            f"error {self.target:g} needs n = {self.size}",
            f"law: {self.fit.law.name}, {self.fit.law.formula}, with {params}",
            f"why: {self.why}",
            *(
                f"expected at n = {n:,.6g}: {e.value:.4g} ({e.low:.4g} ... {e.high:.4g})"
                for n, e in self.expected.items()
            ),
            *self._advice(),
            *(f"warning: {warning}" for warning in self.warnings),
        ]
        return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="    ") for line in lines)

    def _advice(self):
        if 0 < self.size.low and self.size.high < math.inf:
            now, measurements = next_measurement(self.fit, self.target, level=self.size.level)
            best = min(measurements, key=lambda one: one.factor)
            narrowing = f"from a factor of {now:.3g} to {best.factor:.3g} either way"
            yield f"next: measured at n = {plain_number(best.n)} too, the interval would narrow {narrowing}"


def estimate(
    x, y, target: float, yerr=None, law: str = "auto", level: float = 0.95, at: Sequence[float] = (), seed: int = 0
) -> Estimate:
    """The number of examples at which the curve comes down to `target`.

    x, y, yerr: as for fit_law, one variable; law: a name, or "auto": Akaike's criterion chooses among CANDIDATES;
    at: sizes whose error is to be foretold. Raises PlawError for a curve that does not fall.
    """
    if not (math.isfinite(target) and target > 0):
        raise PlawError(f"The target must be a positive error, not {target}.")
    if not (np.asarray(at, float) > 0).all():
        raise PlawError("Errors are foretold at positive sizes only.")
    rivals: list[Fit] = []
    if law == "auto":
        fit, why, rivals = choose_law(make_curve(x, y, yerr), seed)
    else:
        fit, why = fit_law(get_law(law), x, y, yerr, seed=seed), "as asked for"
    if fit.curve.x.ndim != 1 or fit.law.variables != ("n",):
        raise PlawError(f"Planning is for laws of n alone, not for {fit.law.name}.")
    first, last = fit.predict(fit.curve.x[[0, -1]])
    if not last < first:
        raise PlawError(
            "The fitted curve does not fall with n: no number of examples can be foretold from it, measure more sizes."
        )
    size = fit.invert(target, level)
    low, high = fit.band(at, level) if len(at) else ((), ())
    expected = {float(n): Interval(*map(float, row), level) for n, *row in zip(at, fit.predict(at), low, high)}
    return Estimate(float(target), size, fit, why, expected, tuple(_warnings(fit, size, target, level, rivals)))


def choose_law(curve: Curve, seed: int = 0) -> tuple[Fit, str, list[Fit]]:
    """The law of least Akaike criterion among CANDIDATES, why, and the other fits that are not refuted."""
    sizes = len(np.unique(curve.x, axis=0))
    laws = [get_law(name) for name in CANDIDATES]
    fits = [fit_curve(law, curve, seed=seed) for law in laws if len(law.parameters) < sizes or law.name == "power"]
    judged = sorted((fit for fit in fits if math.isfinite(fit.aic)), key=lambda fit: fit.aic)
    if len(judged) < 2:
        return fits[0], f"{sizes} sizes are too few to ask for more than a power law", []
    scores = ", ".join(f"{fit.law.name} {fit.aic:.1f}" for fit in judged)
    rivals = [fit for fit in judged[1:] if fit.aic - judged[0].aic < RIVAL]
    return judged[0], f"least Akaike criterion, corrected for few points: {scores}", rivals


def _warnings(fit: Fit, size: Interval, target: float, level: float, rivals: list[Fit]):
    first, last = fit.curve.log_x[[0, -1]]
    if math.isinf(size.value):
        floor = float(fit.predict(np.exp(last + 60))[0])
        reason = f"the target {target:g} lies below the fitted irreducible error {floor:.4g}"
        yield f"{reason}: under this law no number of examples reaches it"
    else:
        ranges = (math.log(size.value) - last) / (last - first) if size.value > 0 else 0.0
        if ranges > FAR_RANGES:
            yield f"the answer lies {ranges:.1f} times the measured range (in logarithms) beyond the data: the law is not tested there"
        if math.isinf(size.high):
            yield "the data do not exclude that the target is never reached: the interval has no upper end"
    if math.isnan(size.low):
        yield f"{len(fit.curve.y)} points without known errors leave nothing to judge the noise by: no interval"
    if fit.law.name == "power" and fit.dof < 3:
        blind = f"{len(fit.curve.y)} sizes cannot tell a power law from one that levels off"
        yield f"{blind}: if the error has a floor, more examples are needed"
    for rival in rivals:
        other = rival.invert(target, level)
        if not size.low <= other.value <= size.high:
            yield f"{rival.law.name} fits about as well and says n = {other}"
    if not fit.status.converged or fit.status.unresolved:
        yield f"the fit: {fit.status}"


@dataclass(frozen=True)
class Measurement:
    """One more measurement at size n: the interval of the wanted size would reach from n_wanted / factor to n_wanted * factor."""

    n: float
    factor: float


def next_measurement(
    fit: Fit, target: float, sizes: Sequence[float] | None = None, level: float = 0.95
) -> tuple[float, list[Measurement]]:
    """What one more measurement is worth: the factor of the interval of fit.invert(target) now, and after measuring each of `sizes`
    (default: the measured ones, and 2 and 4 times the largest).

    Linearised (a c-optimal design, Atkinson & Donev), the new point being as noisy as the median of the old ones and lying
    where the law says. Raises PlawError where the law never reaches the target.
    """
    wanted = fit.invert(target, level).value
    if not 0 < wanted < math.inf:
        raise PlawError(f"The fitted law never reaches {target:g}: no measurement can be planned for it.")
    sizes = (
        np.unique([*fit.curve.x, *(fit.curve.x[-1] * np.array([2.0, 4.0]))])
        if sizes is None
        else np.asarray(sizes, float)
    )
    at_target = _slopes(fit, np.log(wanted))
    direction = at_target / _steepness(fit, np.log(wanted))
    cov, noise = fit.unit_covariance, float(np.median(fit.curve.log_error))
    now = math.sqrt(max(direction @ cov @ direction, 0) * fit.delta_chi2(level))
    scale = fit.chi2 / fit.dof if fit.dof else math.nan
    delta_chi2_allowed = delta_chi2(level, scale * (fit.dof + 1), fit.dof + 1, fit.curve.known)
    found = []
    for n in sizes:
        gain = cov @ _slopes(fit, np.log(n))
        updated = cov - np.outer(gain, gain) / (noise**2 + _slopes(fit, np.log(n)) @ gain)
        found.append(
            Measurement(float(n), math.exp(math.sqrt(max(direction @ updated @ direction, 0) * delta_chi2_allowed)))
        )
    return math.exp(now), found


def _slopes(fit: Fit, log_n: float) -> np.ndarray:
    """d log y / d theta (p,) at a size."""
    return jacobian(
        lambda theta, rows: fit.law.log_value(theta, np.array([[log_n]])), fit.theta[None], np.zeros(1, int)
    )[0, 0]


def _steepness(fit: Fit, log_n: float) -> float:
    """d log y / d log n at a size."""
    ends = fit.law.log_value(fit.theta[None], np.array([[log_n - 1e-4, log_n + 1e-4]]))[0]
    return (ends[1] - ends[0]) / 2e-4


def read_curve(path: str | Path) -> tuple[np.ndarray, list, np.ndarray | None]:
    """x, y, yerr of a CSV file with a header and the columns n and error, and optionally std (the standard error of `error`).

    Without std, a size that occurs in several rows has several samples. Raises PlawError that names the line.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file, skipinitialspace=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PlawError(f"{path} cannot be read as CSV: {error}.") from None
    if not rows or not {"n", "error"} <= set(rows[0]):
        raise PlawError(
            f"{path} needs a first line that names the columns n and error (and optionally std), and rows below it."
        )
    names = [name for name in ("n", "error", "std") if name in rows[0]]
    table = np.array([_numbers(path, line, row, names) for line, row in enumerate(rows, start=2)])
    if "std" in names:
        return table[:, 0], list(table[:, 1]), table[:, 2]
    sizes, which = np.unique(table[:, 0], return_inverse=True)
    samples = [table[which == i, 1] for i in range(len(sizes))]
    return sizes, samples if max(map(len, samples)) > 1 else [float(s[0]) for s in samples], None


def estimate_file(path: str | Path, target: float, test_size: int | None = None, **options) -> Estimate:
    """`estimate` for a CSV file (see read_curve); test_size: of the test set, for the counting noise where the file tells none."""
    x, y, yerr = read_curve(path)
    if test_size is not None:
        if yerr is not None or np.ndim(y[0]):
            raise PlawError(f"{path} tells the noise itself, by std or by samples: leave out the test size.")
        yerr = binomial_error(y, test_size)
    return estimate(x, y, target, yerr, **options)


def _numbers(path, line: int, row: dict, names: list[str]) -> list[float]:
    try:
        return [float(row[name]) for name in names]
    except (TypeError, ValueError):
        found = [row[name] for name in names]
        raise PlawError(
            f"{path}, line {line}: {' and '.join(names)} must be numbers, but the line has {found}."
        ) from None


def draw_estimate(found: Estimate, path: str | Path) -> None:
    """Save a figure (format by the file's ending): the points, the law with its band, the target and the interval of n."""
    from matplotlib.figure import Figure

    fit, size = found.fit, found.size
    first, last = fit.curve.x[[0, -1]]
    ends = [n for n in (size.value, size.low, size.high) if 0 < n < math.inf]
    n = np.geomspace(min([first, *ends]) / 1.5, min(max([last, *ends]) * 1.5, 1e6 * last), 80)
    figure = Figure(figsize=(6, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.fill_between(n, *fit.band(n, size.level), alpha=0.25, label=f"{size.level:.0%} interval of the law")
    axes.plot(n, fit.predict(n), label=f"{fit.law.name}: {fit.law.formula}")
    axes.errorbar(fit.curve.x, fit.curve.y, fit.curve.yerr, fmt="o", color="black", label="measured")
    axes.axhline(found.target, linestyle="--", color="gray", label=f"target {found.target:g}")
    if math.isfinite(size.value):
        axes.plot(
            [max(size.low, n[0]), min(size.high, n[-1])], [found.target] * 2, linewidth=5, alpha=0.6, color="tab:red"
        )
        axes.plot(size.value, found.target, "D", color="tab:red", label=f"n = {size.value:,.4g}")
    axes.set(xscale="log", yscale="log", xlabel="examples n", ylabel="error")
    axes.legend(fontsize="small")
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise PlawError(f"The figure cannot be saved as {path}: {error}.") from None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
