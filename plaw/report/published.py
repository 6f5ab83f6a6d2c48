"""Every number that the paper publishes, where it stands, and which experiment of ours answers it.

Source: Meir et al., Scientific Reports 10, 19628 (2020), doi 10.1038/s41598-020-76764-1. Beside the numbers that are
printed there are those that follow from them: the constants c0 = eps(6000) 6000^rho of most curves, and the claims
that one curve lies above another, as the ratio or the difference of two printed numbers.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, overload

import numpy as np

LARGE = 6000  # examples per label, to which the paper extrapolates


@dataclass(frozen=True)
class Published:
    """One published quantity.

    Parameters
    ----------
    id : str
        Its row, T1 ... T17.
    quantity : str
        What it is; with the row its key.
    text : str
        The number as printed, or words.
    value : float or None
        The number; None where there are only words.
    span : (float, float)
        What the rounding, or the words, leave open. For a claim of equality: the margin within which two curves are
        alike.
    figure : str
        Where it stands.
    measure : str
        How we answer it: a key of plaw.report.measures.MEASURES.
    experiments : tuple of str
        From which of plaw.study.experiments.
    claim : {"number", "direction", "equality"}
        Whether it is a plain number, or claims that one curve lies above another, or that two are alike.
    derived : bool
        It is not printed but follows from what is.
    note : str
        What a reader should know of its source.
    """

    id: str
    quantity: str
    text: str
    value: float | None
    span: tuple[float, float]
    figure: str
    measure: str
    experiments: tuple[str, ...]
    claim: Literal["number", "direction", "equality"] = "number"
    derived: bool = False
    note: str = ""

    @property
    def equal(self) -> float:
        """The value of a comparison where two curves are alike: 1 of a ratio and 0 of a difference."""
        return 1.0 if self.measure.endswith("ratio") else 0.0


def _printed(text: str) -> tuple[float, float]:
    """A printed number, and half a unit of its last digit."""
    return float(text), 0.5 * 10.0 ** -len(text.partition(".")[2])


# Numbers that are known to more digits from a summary of the paper by others, and what the paper itself prints.
LESS_PRECISE = {
    "0.0207": "0.021", "0.477": "0.48", "0.0174": "0.017", "0.492": "0.49", "0.0131": "0.013",
    "0.302": "0.30", "0.339": "0.34", "0.306": "0.31", "0.0377": "0.038",
}  # fmt: skip


def _curve(
    row: str, figure: str, experiment: str, rho: str, error: str, c0: str = "", suffix: str = ""
) -> list[Published]:
    """rho and eps(6000) of one fitted curve, and c0, which follows from them where it is not given."""
    numbers = [
        _number(row, name, text, figure, experiment, suffix)
        for name, text in (("rho", rho), ("eps(6000)", error), ("c0", c0))
        if text
    ]
    return numbers if c0 else [*numbers, _constant(*numbers)]


def _number(row: str, name: str, text: str, figure: str, experiment: str, suffix: str) -> Published:
    value, rounding = _printed(text)
    span, printed = (value - rounding, value + rounding), LESS_PRECISE.get(text)
    note = f"The paper prints {printed}; {text} is known from a summary of it by others." if printed else ""
    return Published(row, name + suffix, text, value, span, figure, name, (experiment,), note=note)


def _constant(rho: Published, error: Published) -> Published:
    """c0 = eps(6000) 6000^rho, and the span that both roundings leave."""
    value, low, high = (
        e * LARGE**r for e, r in zip((_value(error), *error.span), (_value(rho), *rho.span), strict=True)
    )
    quantity = rho.quantity.replace("rho", "c0")
    return Published(
        rho.id, quantity, f"{value:.2f}", value, (low, high), rho.figure, "c0", rho.experiments, derived=True
    )


def _value(number: Published) -> float:
    """The value of a number that is no words."""
    assert number.value is not None
    return number.value


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
    *_curve("T13", "4b", "fig4-1", "0.4", "0.017", suffix=", 1 layer"),
    *_curve("T13", "4b", "fig4-2", "0.4", "0.017", suffix=", 2 layers"),
    *_curve("T13", "4b", "fig4-3", "0.4", "0.017", suffix=", 3 layers"),
)


def _find(row: str, measure: str) -> Published:
    return next(number for number in _CURVES if number.id == row and number.measure == measure)


def _follows(
    first: Published, second: Published, quantity: str, measure: str, value: float, rounding: float
) -> Published:
    """A claim about two curves, as a number that follows from printed ones."""
    experiments, span = first.experiments + second.experiments, (value - rounding, value + rounding)
    return Published(
        first.id, quantity, f"{value:.3g}", value, span, first.figure, measure, experiments, "direction", derived=True
    )


def _steeper(row: str, than: str) -> Published:
    """The claim that one exponent is larger than another, as their difference."""
    first, second = _find(row, "rho"), _find(than, "rho")
    value, rounding = _value(first) - _value(second), _rounding(first) + _rounding(second)
    return _follows(first, second, f"rho - {than}'s", "rho difference", value, rounding)


def _lower(row: str, than: str, n: int = LARGE) -> Published:
    """The claim that one error is smaller than another at n per label, as the ratio of the published lines there."""
    first, second = _find(row, "eps(6000)"), _find(than, "eps(6000)")
    slope, factor = _steeper(row, than), math.log(LARGE / n)
    value = _value(first) / _value(second) * math.exp(_value(slope) * factor)
    shares = _rounding(first) / _value(first) + _rounding(second) / _value(second) + _rounding(slope) * factor
    measure = "eps(6000) ratio" if n == LARGE else "first error ratio"
    return _follows(first, second, f"eps({n}) / {than}'s", measure, value, value * shares)


def _rounding(number: Published) -> float:
    return number.span[1] - _value(number)


# How far apart curves may be that the paper calls the same, nearly the same, or comparable: our reading.
SAME, COMPARABLE = 0.05, 0.1


def _alike(
    row: str, quantity: str, figure: str, measure: str, first: str, second: str, tolerance: float = SAME
) -> Published:
    """The claim that two experiments are alike."""
    value = 0.0 if measure.endswith("difference") else 1.0
    span = (value - tolerance, value + tolerance)
    return Published(row, quantity, f"{value:g}", value, span, figure, measure, (first, second), "equality")


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
    Published("T14", "gain of eps(6000) by crosses", "0.028", 0.028, (0.0275, 0.0285), "text", "eps(6000) difference",
        ("fig3-2", "fig2-momentum"), "direction"),
    Published("T15", "smallest size with an error below 0.1", "a few tens", None, FEW_TENS, "text", "below",
        _ONE_EPOCH),
    _alike("T16", "error, 3 layers built / 2 layers", "Appendix F", "error ratio", "fig4-built", "fig4-2"),
    _alike("T17", "error, 1 layer with crosses / 2", "text", "error ratio", "fig1-one-layer", "fig1-momentum",
        COMPARABLE),
)  # fmt: skip

NUMBERS = tuple(sorted(_CURVES + _CLAIMS, key=lambda number: int(number.id[1:])))


def line(experiment: str) -> tuple[float, float] | None:
    """The line eps = c0 / n^rho that the paper draws for an experiment (Eq. 5).

    Parameters
    ----------
    experiment : str
        One of plaw.study.experiments.

    Returns
    -------
    (rho, c0) : tuple of float, or None
        None where the paper draws no line.

    Examples
    --------
    >>> rho, c0 = line("fig3-1")
    >>> rho, round(c0, 2)
    (0.302, 0.73)
    >>> line("fig1-accelerated") is None
    True
    """
    values = {number.measure: number.value for number in _CURVES if number.experiments == (experiment,)}
    rho, c0 = values.get("rho"), values.get("c0")
    return None if rho is None or c0 is None else (rho, c0)


@overload
def line_at(experiment: str, n: float) -> float: ...
@overload
def line_at(experiment: str, n: np.ndarray) -> np.ndarray: ...
def line_at(experiment, n):
    """The error c0 / n^rho of the published line at n examples per label (Eq. 5).

    Parameters
    ----------
    experiment : str
        One for which the paper draws a line.
    n : float or ndarray
        Examples per label.

    Returns
    -------
    float or ndarray
        The test error, of the shape of n.

    Examples
    --------
    >>> round(line_at("fig3-1", 6000), 3)
    0.053
    """
    rho, c0 = line(experiment)
    return c0 * n**-rho


def over_line(experiment: str, errors: Mapping[int, np.ndarray | Sequence[float] | float]) -> dict[int, float]:
    """Our mean errors over the published line.

    Parameters
    ----------
    experiment : str
        One for which the paper draws a line.
    errors : {n: array_like}
        At each size, in examples per label, the test errors of all samples, or their mean.

    Returns
    -------
    {n: float}
        The ratio at each size; 1 is on the line.

    Examples
    --------
    >>> {n: round(ratio, 2) for n, ratio in over_line("fig3-1", {6000: [0.05, 0.056]}).items()}
    {6000: 1.0}
    """
    return {n: float(np.mean(sample)) / line_at(experiment, n) for n, sample in errors.items()}
