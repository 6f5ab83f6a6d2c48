"""Every number that the paper publishes, where it stands, and which experiment of ours answers it.

Source: Meir et al., Scientific Reports 10, 19628 (2020), doi 10.1038/s41598-020-76764-1. Beside the numbers that are
printed there are those that follow from them: the constants c0 = eps(6000) 6000^rho of most curves, and the claims
that one curve lies above another, as the ratio or the difference of two printed numbers."""

import math
from dataclasses import dataclass

LARGE = 6000  # examples per label, to which the paper extrapolates


@dataclass(frozen=True)
class Published:
    """One published quantity.

    id: its row, T1 ... T17; quantity: what it is; text: the number as printed (or as words); value: the number, None
    where there are only words; span: what the rounding (or the words) leave open; figure: where it stands; measure:
    how we answer it, one of plaw.report.scoreboard.MEASURES; experiments: from which of plaw.study.experiments;
    claim: "direction", that one curve lies above another; "equality", that two are alike; else "number"; derived: it
    is not printed, but follows from what is."""

    id: str
    quantity: str
    text: str
    value: float | None
    span: tuple[float, float]
    figure: str
    measure: str
    experiments: tuple[str, ...]
    claim: str = "number"
    derived: bool = False

    @property
    def equal(self) -> float:
        """Of a comparison of two curves: its value where they are alike, 1 for a ratio and 0 for a difference."""
        return 1.0 if self.measure.endswith("ratio") else 0.0


def _printed(text: str) -> tuple[float, float]:
    """A printed number, and half a unit of its last digit."""
    return float(text), 0.5 * 10.0 ** -len(text.partition(".")[2])


def _curve(
    id: str, figure: str, experiment: str, rho: str, error: str, c0: str = "", note: str = ""
) -> list[Published]:
    """rho and eps(6000) of one fitted curve, and c0, which follows from them where it is not given."""
    rows = [
        _number(id, name, text, figure, experiment, note)
        for name, text in (("rho", rho), ("eps(6000)", error), ("c0", c0))
        if text
    ]
    return rows if c0 else [*rows, _constant(*rows)]


def _number(id: str, name: str, text: str, figure: str, experiment: str, note: str) -> Published:
    value, rounding = _printed(text)
    return Published(id, name + note, text, value, (value - rounding, value + rounding), figure, name, (experiment,))


def _constant(rho: Published, error: Published) -> Published:
    value, low, high = (e * LARGE**r for e, r in zip((error.value, *error.span), (rho.value, *rho.span), strict=True))
    quantity = rho.quantity.replace("rho", "c0")
    return Published(
        rho.id, quantity, f"{value:.2f}", value, (low, high), rho.figure, "c0", rho.experiments, derived=True
    )


_CURVES = (
    *_curve("T1", "1b", "fig1-momentum", "0.50", "0.008", "0.65"),
    *_curve("T3", "1c", "fig1-committee", "0.52", "0.007"),
    *_curve("T4", "2a", "fig2-momentum", "0.49", "0.0207"),
    *_curve("T5", "2a", "fig2-momentum-committee", "0.477", "0.0151"),
    *_curve("T6", "2b", "fig2-accelerated", "0.49", "0.0174"),
    *_curve("T7", "2b", "fig2-accelerated-committee", "0.492", "0.0131"),
    *_curve("T8", "3b", "fig3-1", "0.302", "0.053"),
    *_curve("T9", "3c", "fig3-2", "0.339", "0.049"),
    *_curve("T10", "3d", "fig3-3", "0.385", "0.048"),
    *_curve("T12", "4a", "fig4-committee", "0.306", "0.0377"),
    *_curve("T13", "4b", "fig4-1", "0.4", "0.017", note=", 1 layer"),
    *_curve("T13", "4b", "fig4-2", "0.4", "0.017", note=", 2 layers"),
    *_curve("T13", "4b", "fig4-3", "0.4", "0.017", note=", 3 layers"),
)


def _find(id: str, measure: str) -> Published:
    return next(number for number in _CURVES if number.id == id and number.measure == measure)


def _follows(one: Published, other: Published, quantity: str, measure: str, value: float, rounding: float) -> Published:
    """A claim about two curves, as a number that follows from printed ones."""
    experiments, span = one.experiments + other.experiments, (value - rounding, value + rounding)
    return Published(
        one.id, quantity, f"{value:.3g}", value, span, one.figure, measure, experiments, "direction", derived=True
    )


def _steeper(id: str, other: str) -> Published:
    """The claim that one exponent is larger than another, as their difference."""
    one, two = _find(id, "rho"), _find(other, "rho")
    return _follows(
        one, two, f"rho - {other}'s", "rho difference", one.value - two.value, _rounding(one) + _rounding(two)
    )


def _lower(id: str, other: str, n: int = LARGE) -> Published:
    """The claim that one error is smaller than another at n per label, as the ratio of the published lines there."""
    one, two = _find(id, "eps(6000)"), _find(other, "eps(6000)")
    slope, factor = _steeper(id, other), math.log(LARGE / n)
    value = one.value / two.value * math.exp(slope.value * factor)
    rounding = value * (_rounding(one) / one.value + _rounding(two) / two.value + _rounding(slope) * factor)
    return _follows(
        one, two, f"eps({n}) / {other}'s", "eps(6000) ratio" if n == LARGE else "first error ratio", value, rounding
    )


def _rounding(number: Published) -> float:
    return number.span[1] - number.value


# How far apart curves may be that the paper calls the same, nearly the same, or comparable: our reading.
SAME, COMPARABLE = 0.05, 0.1


def _alike(
    id: str, quantity: str, figure: str, measure: str, one: str, other: str, tolerance: float = SAME
) -> Published:
    value = 0.0 if measure.endswith("difference") else 1.0
    span = (value - tolerance, value + tolerance)
    return Published(id, quantity, f"{value:g}", value, span, figure, measure, (one, other), "equality")


FEW_TENS = (20, 99)  # of the published lines with crosses the lowest passes 0.1 at 97 per label
_ONE_EPOCH = ("fig2-momentum", "fig2-momentum-committee", "fig2-accelerated", "fig2-accelerated-committee")
_CLAIMS = (
    _lower("T1", "T4"),  # many epochs beat one,
    _lower("T3", "T7"),  # but not by much
    _lower("T3", "T1"),  # a committee lowers the error
    _lower("T5", "T4"),
    _lower("T7", "T6"),
    _lower("T12", "T9"),
    _lower("T6", "T4"),  # the accelerated rule beats momentum in one epoch
    _lower("T7", "T5"),
    _lower("T4", "T9"),  # crosses lower the error
    _steeper("T4", "T9"),  # and raise rho
    _steeper("T9", "T8"),  # rho grows with depth
    _steeper("T10", "T9"),
    _lower("T8", "T9", 30),  # one layer wins on small sets
    Published("T1", "epochs to saturate", ">= 150", 150, (150, math.inf), "1b", "saturation", ("fig1-momentum",)),
    Published("T2", "epochs to saturate", "30 - 50", 50, (30, 50), "1b", "saturation", ("fig1-accelerated",)),
    _alike("T2", "saturated error / T1's", "1b", "error ratio", "fig1-accelerated", "fig1-momentum"),
    Published("T11", "crossing of 1 and 2 layers", "480", 480, (475, 485), "3", "crossing", ("fig3-1", "fig3-2")),
    Published("T11", "crossing of 2 and 3 layers", "4100", 4100, (4050, 4150), "3", "crossing", ("fig3-2", "fig3-3")),
    _alike("T13", "rho, 2 layers - 1 layer", "4b", "rho difference", "fig4-2", "fig4-1"),
    _alike("T13", "rho, 3 layers - 1 layer", "4b", "rho difference", "fig4-3", "fig4-1"),
    _alike("T13", "error, 2 layers / 1 layer", "4b", "error ratio", "fig4-2", "fig4-1"),
    _alike("T13", "error, 3 layers / 1 layer", "4b", "error ratio", "fig4-3", "fig4-1"),
    Published("T14", "gain of eps(6000) by crosses", "0.028", 0.028, (0.0275, 0.0285), "text", "eps(6000) difference", ("fig3-2", "fig2-momentum"), "direction"),
    Published("T15", "smallest size with an error below 0.1", "a few tens", None, FEW_TENS, "text", "below", _ONE_EPOCH),
    _alike("T16", "error, 3 layers built / 2 layers", "Appendix F", "error ratio", "fig4-built", "fig4-2"),
    _alike("T17", "error, 1 layer with crosses / 2", "text", "error ratio", "fig1-one-layer", "fig1-momentum", COMPARABLE),
)  # fmt: skip

NUMBERS = tuple(sorted(_CURVES + _CLAIMS, key=lambda number: int(number.id[1:])))


def line(experiment: str) -> tuple[float, float] | None:
    """(rho, c0) of the line that the paper draws for an experiment; None where it draws none."""
    found = {number.measure: number.value for number in _CURVES if number.experiments == (experiment,)}
    return (found["rho"], found["c0"]) if found else None


def line_at(experiment: str, n):
    """The error c0 / n^rho of that line at n examples per label, a number or an array (Eq. 5)."""
    rho, c0 = line(experiment)
    return c0 * n**-rho
