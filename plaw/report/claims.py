"""What the paper claims, in plain words, and what the records say of each claim: the table on the book's first page.

Verdicts, from the published numbers that a claim rests on. Where a number claims that one curve lies above another,
what was measured counts (plaw.report.scoreboard, direction), not an extrapolation; otherwise its verdict:

    holds           every answer agrees. "So far": some are not yet run
    undecided       some intervals are too wide to say; none contradicts the claim
    in part         some agree, some differ
    does not hold   some differ, none agrees
    not yet run     none has been measured
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from plaw.curves.intervals import Interval
from plaw.report import scoreboard
from plaw.report.published import NUMBERS, Published
from plaw.report.scoreboard import Row
from plaw.study import results
from plaw.study.experiments import EXPERIMENTS

FEW = 4  # of more published numbers than these a count says more than their list
# Of large sets that were measured, the small ones whose law predicts them.
FORECASTS = {large: e.search.after for large, e in EXPERIMENTS.items() if e.search.after}


@dataclass(frozen=True)
class Claim:
    """A claim, the page of the book about it, and the published numbers that it rests on, as pairs of row and quantity.

    Without any it rests on the large sets: whether the laws fitted to small ones predict what was measured there.
    """

    text: str
    page: str
    rests_on: tuple[tuple[str, str], ...] = ()

    @property
    def numbers(self) -> list[Published]:
        return [number for number in NUMBERS if (number.id, number.quantity) in self.rests_on]


@dataclass(frozen=True)
class Finding:
    """What the records say of a claim, in words."""

    claim: Claim
    published: str
    ours: str
    verdict: str


def _every(quantity: str) -> tuple[tuple[str, str], ...]:
    return tuple((number.id, number.quantity) for number in NUMBERS if number.measure == quantity)


CLAIMS = (
    Claim("The test error is a power law of the number of examples, with these exponents", "fig3", _every("rho")),
    Claim("It extrapolates to these errors at 6,000 per label", "fits", _every("eps(6000)")),
    Claim("Fitted on small sets it predicts large ones", "planning"),
    Claim("In one epoch deeper networks gain more from each example", "fig3", (
        ("T9", "rho - T8's"), ("T10", "rho - T9's"))),
    Claim("Yet on the smallest sets one layer has a lower error than two", "fig3", (("T8", "eps(30) / T9's"),)),
    Claim("With many epochs depth makes no difference", "fig4", tuple(
        ("T13", f"error, {layers} / 1 layer") for layers in ("2 layers", "3 layers"))),
    Claim("Many epochs beat one, but not by much", "one_epoch", (
        ("T1", "eps(6000) / T4's"), ("T3", "eps(6000) / T7's"))),
    Claim("Products of pixels, the crosses, lower the error", "fig2", (("T4", "eps(6000) / T9's"),)),
    Claim("A learning rate for each weight does better in one epoch", "fig2", (
        ("T6", "eps(6000) / T4's"), ("T7", "eps(6000) / T5's"))),
    Claim("In many epochs it does no better, but needs fewer of them", "fig1", (
        ("T2", "saturated error / T1's"), *((row, "epochs to saturate") for row in ("T1", "T2")))),
    Claim("A committee of 50 networks has a lower error than one", "fig2", tuple(
        (row, f"eps(6000) / {alone}'s") for row, alone in (("T3", "T1"), ("T5", "T4"), ("T7", "T6"), ("T12", "T9")))),
)  # fmt: skip


def findings(folder: Path | None = None) -> list[Finding]:
    """What the records in a folder say of every claim."""
    rows = scoreboard.rows(folder)
    return [
        _finding(claim, [_as_measured(row, folder) for row in rows if row.number in claim.numbers], folder)
        for claim in CLAIMS
    ]


def _as_measured(row: Row, folder: Path | None) -> Row:
    """A row of direction with what its direction rests on, in the place of an extrapolation."""
    side = scoreboard.measured_side(row.number, folder)
    return replace(row, ours=side) if side and row.ours else row


def markdown(folder: Path | None = None) -> str:
    """The findings as a Markdown table; its links lead from a page of the book to another."""
    lines = ["| the paper says | verdict | we measure (95% interval) | published |", "|---|---|---|---|"]
    for finding in findings(folder):
        link = f"[{finding.claim.text}]({finding.claim.page}.md)"
        lines.append(f"| {link} | **{finding.verdict}** | {finding.ours} | {finding.published} |")
    return "\n".join(lines)


# Those of README.md: their places in CLAIMS.
HEADLINES = (0, 2, 3, 5, 6, 7, 8, 10)


def headlines(folder: Path | None = None) -> str:
    """Eight of the findings as lines of Markdown, for readers who have one minute."""
    every = findings(folder)
    return "\n".join(f"* **{every[k].verdict}**: {every[k].claim.text}: {every[k].ours}." for k in HEADLINES)


@dataclass(frozen=True)
class Forecast:
    """What the law of small sets predicted for a large one, with its 95% band, and the mean error measured there."""

    large: str
    n: int
    value: float
    low: float
    high: float
    measured: float
    networks: int

    @property
    def inside(self) -> bool:
        return self.low <= self.measured <= self.high


def forecasts(folder: Path | None = None) -> list[Forecast]:
    """One for each size measured beyond those that were fitted.

    The networks of a large set share most of their digits (at 4,400 per label nearly nine tenths), so its mean error
    is conditional on the pool that they are drawn from.
    """
    predicted = []
    for large, small in FORECASTS.items():
        fit = results.fit(small, folder)
        if fit is None:
            continue
        for n, errors in results.errors(large, folder).items():
            low, high = map(float, fit.band(n)[:, 0])
            value, measured = float(fit.predict(n)[0]), float(errors.mean())
            predicted.append(Forecast(large, n, value, low, high, measured, len(errors)))
    return predicted


def forecasts_hold(folder: Path | None = None) -> list[bool]:
    """Whether the mean error lies in the 95% band predicted for it, for each size beyond those that were fitted."""
    return [forecast.inside for forecast in forecasts(folder)]


def agreement(row: Row) -> bool | None:
    """Whether our value agrees with what a number claims; None where the runs do not decide.

    Of a claim that one curve lies above another the direction counts, whether or not the value agrees.

    Examples
    --------
    >>> number = next(number for number in NUMBERS if number.claim == "direction")
    >>> agreement(Row(number, None, 20, "differs", "holds"))
    True
    """
    answers = {"agrees": True, "holds": True, "differs": False, "contradicted": False}
    return answers.get(row.direction or row.verdict)


def _finding(claim: Claim, rows: list[Row], folder: Path | None) -> Finding:
    if not rows:
        return _forecast_finding(claim, forecasts_hold(folder))
    run = [row for row in rows if row.ours is not None]
    agreements = [agreement(row) for row in run]
    if len(rows) > FEW:
        published, ours = f"{len(rows)} curves", _counted(agreements)
    else:
        published = _listed([_published(row.number) for row in rows])
        ours = _listed(
            [_written(row.number, row.ours.value) + _interval(row.number, row.ours) for row in run if row.ours]
        )
    missing = len(rows) - len(run)
    so_far = f"; {missing} not yet run" if run and missing else ""
    verdict = _verdict(agreements)
    return Finding(claim, published, ours + so_far, f"{verdict} so far" if so_far and verdict == "holds" else verdict)


def _forecast_finding(claim: Claim, inside: list[bool]) -> Finding:
    """The finding of the claim that rests on the large sets."""
    ours = f"{sum(inside)} of {len(inside)} measured errors in the band" if inside else ""
    return Finding(claim, "not measured", ours, _verdict(inside))


def _counted(agreements: Sequence[bool | None]) -> str:
    """How many numbers agree, are compatible and differ."""
    counts = (
        (agreements.count(True), "agree"),
        (agreements.count(None), "compatible"),
        (agreements.count(False), "differ"),
    )
    said = ", ".join(f"{count} {word}" for count, word in counts if count)
    return f"{said}, of {len(agreements)}" if agreements else ""


def _verdict(agreements: Sequence[bool | None]) -> str:
    if not agreements:
        return "not yet run"
    if False in agreements:
        return "in part" if True in agreements else "does not hold"
    return "undecided" if None in agreements else "holds"


def _listed(texts: list[str]) -> str:
    """Separated by commas; what they are of, like "error × ", is said once (but "30 epochs" whole)."""
    units = [text.rpartition(" ")[0] for text in (text.partition(" (")[0] for text in texts)]
    said = [unit == before and not unit.isdigit() for before, unit in pairwise(["", *units])]
    return ", ".join(
        text[len(unit) :].strip() if again else text for text, unit, again in zip(texts, units, said, strict=True)
    )


def _published(number: Published) -> str:
    if number.measure == "saturation" or number.value is None:
        return number.text.replace(" - ", " to ") + " epochs"
    return _written(number, number.value)


def _written(number: Published, value: float) -> str:
    """A ratio of errors, a difference of exponents or a number of epochs, as in "error × 0.75"."""
    if number.measure.endswith("ratio"):
        return f"error × {value:.2f}"
    return f"ρ {value:+.2f}".replace("-", "−") if number.measure.endswith("difference") else f"{value:.0f} epochs"


def _interval(number: Published, ours: Interval) -> str:
    if number.measure == "saturation":
        return ""
    ends = ("∞" if math.isinf(end) else f"{end:.2f}".replace("-", "−") for end in (ours.low, ours.high))
    return f" ({' to '.join(ends)})"
