"""What the paper claims, in plain words, and what the records say of each claim: the table on the book's first page.

Verdicts, of the published numbers that a claim rests on:

    holds           each agrees with the claim; of one curve above another: our 95% interval lies on that side. "So
                              far": some are not yet run
    undecided       some interval holds the claim and its opposite, none contradicts it
    in part         some agree, some do not
    does not hold   none agrees
    not yet run     none has been measured
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from plaw.report import scoreboard
from plaw.report.published import NUMBERS, Published
from plaw.study import results

FEW = 4  # of more published numbers than these a count says more than their list
# Of large sets that were measured, the small ones whose law foretells them.
FORECASTS = {"large-1": "fig3-1", "large-2": "fig3-2", "large-3": "fig3-3", "large-crosses": "fig2-momentum"}


@dataclass(frozen=True)
class Claim:
    """A claim, the page of the book about it, and the published numbers that it rests on, as pairs of row and quantity.

    Without any it rests on the large sets: whether the laws fitted to small ones foretell what was measured there.
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
    Claim("The test error is a power law of the number of examples: its exponent", "fig3", _every("rho")),
    Claim("The error that it extrapolates to, at 6,000 per label", "fits", _every("eps(6000)")),
    Claim("Fitted on small sets it foretells large ones", "planning"),
    Claim("In one epoch deeper networks gain more from each example", "fig3", (("T9", "rho - T8's"), ("T10", "rho - T9's"))),
    Claim("Yet on the smallest sets one layer errs less than two", "fig3", (("T8", "eps(30) / T9's"),)),
    Claim("With many epochs depth makes no difference", "fig4", tuple(("T13", f"error, {layers} / 1 layer") for layers in ("2 layers", "3 layers"))),
    Claim("Many epochs beat one, but not by much", "one_epoch", (("T1", "eps(6000) / T4's"), ("T3", "eps(6000) / T7's"))),
    Claim("Products of pixels, the crosses, lower the error", "fig2", (("T4", "eps(6000) / T9's"),)),
    Claim("A learning rate for each weight does better in one epoch", "fig2", (("T6", "eps(6000) / T4's"), ("T7", "eps(6000) / T5's"))),
    Claim("In many epochs it does no better, but needs fewer of them", "fig1", (
        ("T2", "saturated error / T1's"), *((id, "epochs to saturate") for id in ("T1", "T2")))),
    Claim("A committee of 50 networks errs less than one", "fig2", tuple(
        (id, f"eps(6000) / {alone}'s") for id, alone in (("T3", "T1"), ("T5", "T4"), ("T7", "T6"), ("T12", "T9")))),
)  # fmt: skip


def findings(folder: Path | None = None) -> list[Finding]:
    """What the records in a folder say of every claim."""
    rows = dict(zip(NUMBERS, scoreboard.rows(folder), strict=True))
    return [_finding(claim, {number: rows[number] for number in claim.numbers}, folder) for claim in CLAIMS]


def markdown(folder: Path | None = None) -> str:
    """The findings as a Markdown table; its links lead from a page of the book to another."""
    lines = ["| the paper says | verdict | we find (95% interval) | published |", "|---|---|---|---|"]
    for found in findings(folder):
        lines.append(
            f"| [{found.claim.text}]({found.claim.page}.md) | **{found.verdict}** | {found.ours} | {found.published} |"
        )
    return "\n".join(lines)


@dataclass(frozen=True)
class Forecast:
    """What the law of small sets foretold for a large one, with its 95% band, and the mean error of the networks that
    were measured there.
    """

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
    """Of each size measured beyond those that were fitted."""
    found = []
    for large, small in FORECASTS.items():
        fit = results.fit(small, folder)
        for n, errors in results.errors(large, folder).items() if fit else ():
            found.append(
                Forecast(large, n, *map(float, (*fit.predict(n), *fit.band(n)[:, 0], errors.mean())), len(errors))
            )
    return found


def forecasts_hold(folder: Path | None = None) -> list[bool]:
    """Of each size measured beyond those that were fitted: does its mean error lie in the 95% band foretold for it?"""
    return [forecast.inside for forecast in forecasts(folder)]


def agreement(number: Published, row: dict) -> bool | None:
    """Whether our value agrees with what a number claims; None where its interval holds the opposite too."""
    if number.claim != "direction":
        return row["verdict"] == "agrees"
    if scoreboard.undecided(number, row):
        return None
    return (row["value"] > number.equal) == (number.value > number.equal)


def _finding(claim: Claim, rows: dict[Published, dict], folder: Path | None) -> Finding:
    run = {number: row for number, row in rows.items() if row["value"] is not None}
    agreements = [agreement(number, row) for number, row in run.items()] if rows else forecasts_hold(folder)
    published = _listed([_published(number) for number in rows])
    ours = _listed([_written(number, row["value"]) + _interval(number, row) for number, row in run.items()])
    if len(rows) > FEW:
        published, ours = f"{len(rows)} curves", f"{agreements.count(True)} of {len(run)} agree" if run else ""
    elif not rows:
        published, ours = (
            "not measured",
            f"{sum(agreements)} of {len(agreements)} measured errors in the band" if agreements else "",
        )
    missing = len(rows) - len(run)
    so_far = f"; {missing} not yet run" if run and missing else ""
    verdict = _verdict(agreements)
    return Finding(claim, published, ours + so_far, f"{verdict} so far" if so_far and verdict == "holds" else verdict)


def _verdict(agreements: list[bool | None]) -> str:
    found = set(agreements)
    if not found:
        return "not yet run"
    if False in found:
        return "in part" if True in found else "does not hold"
    return "undecided" if None in found else "holds"


def _listed(texts: list[str]) -> str:
    """Separated by commas; what they are of, like "error × ", is not said again (but "30 epochs" is, whole)."""
    units = [text.rpartition(" ")[0] for text in (text.partition(" (")[0] for text in texts)]
    said = [unit == before and not unit.isdigit() for before, unit in pairwise(["", *units])]
    return ", ".join(
        text[len(unit) :].strip() if again else text for text, unit, again in zip(texts, units, said, strict=True)
    )


def _published(number: Published) -> str:
    return (
        number.text.replace(" - ", " to ") + " epochs"
        if number.measure == "saturation"
        else _written(number, number.value)
    )


def _written(number: Published, value: float) -> str:
    """A ratio of errors, a difference of exponents or a number of epochs, as in "error × 0.75"."""
    if number.measure.endswith("ratio"):
        return f"error × {value:.2f}"
    return f"ρ {value:+.2f}".replace("-", "−") if number.measure.endswith("difference") else f"{value:.0f} epochs"


def _interval(number: Published, row: dict) -> str:
    if number.measure == "saturation":
        return ""
    ends = (row["low"], row["high"])
    written = ("∞" if end is None or math.isinf(end) else f"{end:.2f}".replace("-", "−") for end in ends)
    return f" ({' to '.join(written)})"
