"""Published against reproduced: every number of plaw.report.published with ours, its 95% interval and a verdict.

**Verdicts.** Around each published value lies a margin (`MARGINS`), one for each kind of quantity. The rounding of a
published number widens its margin: the margin starts at the ends of its span. The margins were fixed before any verdict
was computed with them, and no row has its own; the runs and their intervals were known by then.

    agrees         our interval lies within the margin (an equivalence test)
    compatible     our interval holds the published value but reaches beyond the margin: the runs do not decide
    differs        neither
    not yet run    an experiment lacks records: a size counts from five samples on, a curve from three sizes on

**Margins.**

* Exponents and their differences: +-0.05. This is coarse. The paper interprets smaller differences (0.037 between the
  exponents of 1 and 2 layers, 0.046 between 2 and 3), so two exponents that agree here may still differ by one layer;
  the claims of direction ask that. A smaller margin would be beyond these runs: the narrowest of our intervals is
  about +-0.03.
* Errors, constants c0 and ratios of errors: a factor of 1.2, between value / 1.2 and value x 1.2. Three of the four
  gains by a committee that the paper reports are larger (a factor of 1.30 to 1.37), so such a committee is not taken
  for a single network; the fourth, 1.14 (T3 over T1), is smaller, and the margin does not resolve it.
* The gain by crosses (T14), a difference of errors: +-20% of the value.
* Sizes at which two curves cross: a factor of 2. Curves that differ little in slope cross at a size that a small
  change moves far.
* Equality ("alike"): `SAME` or `COMPARABLE` of plaw.report.published, +-5% or +-10% of a ratio, and +-0.05 of a
  difference of exponents. The claimed value itself is equality, so an interval that holds equality and reaches beyond
  these is compatible.
* Epochs to saturate and the smallest size below an error: the published range (">= 150", "30 - 50", "a few tens") is
  itself the margin. Our interval is here the bracket between two neighbours of the recorded grid, not a 95% interval.
  Within the range it agrees, overlapping it is compatible.

**Direction.** A claim that one curve lies above another also gets a direction, whatever the verdict on its value. It
rests on what was measured: on the mean ratio of the errors at the sizes that both curves have, not on their
extrapolations, and for exponents on fits over all measured sizes, the large sets included. It "holds" where that
interval lies wholly on the claimed side, is "contradicted" where it lies wholly on the other side, and "undecided"
between.

**Coverage.** How often the intervals of a power law through 4 or 5 points hold the truth was simulated
(plaw.report.calibration): in 98 to 99% of cases where sampling is the only noise, in 93 to 96% where each size also
has a little luck of its own, as from a search for hyper-parameters. More than 95% is no caution for both verdicts
alike. For "agrees" it is: an interval that is too wide leaves the margin sooner, and one that lies within it although
the truth lies outside is then rarer than 2.5%. A true published value is also rejected ("differs") in fewer than 5%
of cases. But an interval that is too wide holds a false published value more often: real differences then hide under
"compatible". So that an interval holds the published value counts as no agreement. "Differs" means different from the
published value, not necessarily by more than the margin.

**Independence.** rho, c0 and eps(6000) of one curve come from one fit, and differences, ratios and crossings from the
same fits again. `Witnesses` counts the curves behind the rows.

Intervals are profile intervals of the fitted power law (plaw.curves.intervals); differences and ratios of two fits
combine the intervals of both (MOVER, Zou & Donner 2008). Curves measured on the same test digits are taken as
independent, which makes their differences' intervals wider, not narrower.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from plaw.curves.intervals import Interval
from plaw.report.measures import DIRECTIONS, MEASURES
from plaw.report.published import NUMBERS, Published
from plaw.study import results

Verdict = Literal["agrees", "compatible", "differs", "not yet run"]
Direction = Literal["holds", "undecided", "contradicted"]
FITTED = ("rho", "eps(6000)", "c0")  # the numbers of one fitted curve


@dataclass(frozen=True)
class Margin:
    """How far from the published value our interval may reach and still agree.

    kind: "plus minus", an absolute `size`; "share", plus minus `size` times the value; "factor", the value over and
    times `size`; "range", the published range itself.
    """

    kind: Literal["plus minus", "share", "factor", "range"]
    size: float = 0.0

    def around(self, low: float, high: float) -> tuple[float, float]:
        """The ends of the margin around a value between low and high (positive, of a share or a factor)."""
        if self.kind == "factor":
            return low / self.size, high * self.size
        if self.kind == "share":
            return low * (1 - self.size), high * (1 + self.size)
        return low - self.size, high + self.size


EXPONENT, ERROR, GAIN = Margin("plus minus", 0.05), Margin("factor", 1.2), Margin("share", 0.2)
CROSSING, RANGE = Margin("factor", 2.0), Margin("range")
MARGINS = {
    "rho": EXPONENT,
    "rho difference": EXPONENT,
    "eps(6000)": ERROR,
    "c0": ERROR,
    "eps(6000) ratio": ERROR,
    "first error ratio": ERROR,
    "eps(6000) difference": GAIN,
    "crossing": CROSSING,
    "saturation": RANGE,
    "below": RANGE,
}  # the margin of each measure; equality has its own, the span of the published number


def margin_of(number: Published) -> Margin:
    """The margin of a published number; the span of a claim of equality is already its margin."""
    return RANGE if number.claim == "equality" else MARGINS[number.measure]


@dataclass(frozen=True)
class Row:
    """One published number and ours.

    Parameters
    ----------
    number : Published
        What the paper says.
    ours : Interval or None
        Our value with its interval; None while an experiment lacks records. NaN where two curves do not cross.
    samples : int
        The fewest networks or committees of any recorded size, 0 while an experiment that is needed has none.
    verdict : {"agrees", "compatible", "differs", "not yet run"}
        See the module.
    direction : {"holds", "undecided", "contradicted"} or None
        Of a claim that one curve lies above another: on which side of equality the measured errors lie.
    """

    number: Published
    ours: Interval | None
    samples: int
    verdict: Verdict
    direction: Direction | None

    @property
    def width(self) -> float | None:
        """Half the length of our interval over half that of the margin; None for a bracket of a grid or without one.

        Above 1 the interval cannot agree, wherever it lies. Where the margin is a factor, both are lengths of
        logarithms.
        """
        if self.ours is None or math.isnan(self.ours.value) or self.number.measure in ("saturation", "below"):
            return None
        margin = margin_of(self.number)
        ends, allowed = (self.ours.low, self.ours.high), margin.around(*self.number.span)
        if margin.kind != "factor":
            return (ends[1] - ends[0]) / (allowed[1] - allowed[0])
        return math.log(ends[1] / ends[0]) / math.log(allowed[1] / allowed[0]) if ends[0] > 0 else math.inf

    def to_dict(self) -> dict:
        """The row as `plaw scoreboard --json` prints it: six digits, None for what is missing, infinite or words."""
        ends = (self.ours.value, self.ours.low, self.ours.high) if self.ours else (None,) * 3
        value, low, high = (float(f"{x:.6g}") if x is not None and math.isfinite(x) else None for x in ends)
        return {
            "id": self.number.id, "quantity": self.number.quantity, "paper": self.number.value,
            "value": value, "low": low, "high": high, "samples": self.samples,
            "verdict": self.verdict, "direction": self.direction,
        }  # fmt: skip


def rows(folder: Path | None = None) -> list[Row]:
    """One row for each published number, in the order of `NUMBERS`.

    Parameters
    ----------
    folder : Path, optional
        Where the records are; by default those of the book.

    Returns
    -------
    list of Row

    Examples
    --------
    >>> first = rows(Path("a folder without records"))[0]
    >>> first.number.id, first.number.quantity, first.verdict
    ('T1', 'rho', 'not yet run')
    """
    return [row_of(number, folder) for number in NUMBERS]


def row_of(number: Published, folder: Path | None = None) -> Row:
    """The row of one published number."""
    ours = measure(number, folder)
    counts = [
        min(map(len, results.errors(experiment, folder).values()), default=0) for experiment in number.experiments
    ]
    samples = min((count for count in counts if count or not ours), default=0)
    return Row(number, ours, samples, verdict_of(number, ours), direction_of(number, measured_side(number, folder)))


def measure(number: Published, folder: Path | None = None) -> Interval | None:
    """Our value of a published number; None while its experiments lack records."""
    return MEASURES[number.measure](number.experiments, folder)


def measured_side(number: Published, folder: Path | None = None) -> Interval | None:
    """What tells the direction of a claim that one curve lies above another; None of any other number."""
    return DIRECTIONS[number.measure](number.experiments, folder) if number.claim == "direction" else None


def verdict_of(number: Published, ours: Interval | None) -> Verdict:
    """Whether our interval lies within the margin, or holds the published value, or neither.

    Examples
    --------
    >>> rho = next(number for number in NUMBERS if (number.id, number.quantity) == ("T8", "rho"))
    >>> rho.text, verdict_of(rho, Interval(0.29, 0.26, 0.32)), verdict_of(rho, Interval(0.29, 0.22, 0.36))
    ('0.302', 'agrees', 'compatible')
    """
    if ours is None:
        return "not yet run"
    low, high = margin_of(number).around(*number.span)
    if low <= ours.low and ours.high <= high:
        return "agrees"
    low, high = (number.equal, number.equal) if number.claim == "equality" else number.span
    return "compatible" if ours.low <= high and low <= ours.high else "differs"


def direction_of(number: Published, measured: Interval | None) -> Direction | None:
    """On which side of equality an interval lies; None for what is no claim of direction, or not yet run."""
    if number.claim != "direction" or number.value is None or measured is None:
        return None
    above, below = measured.low > number.equal, measured.high < number.equal
    if not above and not below:
        return "undecided"
    return "holds" if above == (number.value > number.equal) else "contradicted"


@dataclass(frozen=True)
class Witnesses:
    """How many curves, that is experiments, stand behind some rows, and what the fitted ones say.

    rows: how many rows have been run; curves: the experiments that they rest on; fitted: {experiment: verdict} of
    each curve of which rho, c0 or eps(6000) was compared: "differs" where one of these does, else "compatible" where
    one is, else "agrees".
    """

    rows: int
    curves: tuple[str, ...]
    fitted: dict[str, Verdict]

    def __str__(self) -> str:
        text = f"{self.rows} rows rest on {len(self.curves)} curves and are not independent."
        if self.fitted:
            counts = Counter(self.fitted.values())
            text += (
                f" Of {len(self.fitted)} fitted curves, each one law with its rho, c0 and eps(6000), "
                f"{counts['agrees']} agree in all numbers, {counts['compatible']} are compatible, "
                f"{counts['differs']} differ in some."
            )
        return text


def witnesses(chosen: Iterable[Row]) -> Witnesses:
    """The curves behind those of some rows that have been run."""
    run = [row for row in chosen if row.verdict != "not yet run"]
    order = get_args(Verdict)
    fitted: dict[str, Verdict] = {}
    for row in run:
        if row.number.measure in FITTED:
            (curve,) = row.number.experiments
            fitted[curve] = max(fitted.get(curve, row.verdict), row.verdict, key=order.index)
    return Witnesses(len(run), tuple(dict.fromkeys(c for row in run for c in row.number.experiments)), fitted)
