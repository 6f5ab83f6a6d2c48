"""The scoreboard as HTML: one group of rows for each figure, a colour for each verdict, and where each number is from.

On a narrow screen the book's style sheet turns each row into a card, so that all columns are seen; scoreboard.js adds a
search and a filter to a board that is `searchable`, and without JavaScript it is simply whole.
"""

import math
from collections.abc import Iterable
from html import escape

from plaw.report.published import Published
from plaw.report.scoreboard import Row
from plaw.study.experiments import EXPERIMENTS

HEADS = ("quantity", "paper", "ours", "95% interval", "width", "samples", "verdict")
SYMBOLS = {"rho": "ρ", "eps": "ε", "c0": "c₀", ">=": "≥", " - ": " − ", "infinity": "∞", "...": "…"}
FIGURES = {"3": "Figure 3, crossings", "text": "Claims in the text", "Appendix F": "Appendix F"}
SOURCES = {
    "printed": "The paper prints it.",
    "derived": "It follows from printed numbers.",
    "in words": "The paper says it in words; the number is ours.",
    "summary": "The digits are those of a summary by others; the paper prints fewer.",
}
NAMES = {
    "rho": "exponent ρ",
    "eps(6000)": "error at 6,000 per label",
    "c0": "constant c₀",
    "saturation": "epochs to saturate",
    "eps(6000) ratio": "error at 6,000 per label, as a share of that of “{}”",
    "first error ratio": "error at 30 per label, as a share of that of “{}”",
    "error ratio": "error, as a share of that of “{}”",
    "rho difference": "exponent ρ, minus that of “{}”",
}  # of each measure; the others have names of their own


def html(rows: Iterable[Row], note: str = "", searchable: bool = False) -> str:
    """A table in groups, and a note below."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(_title(row), []).append(row)
    body = "".join(_group(title, of_it) for title, of_it in groups.items())
    heads = "".join(f'<th scope="col">{head}</th>' for head in HEADS)
    table = f"<table><thead><tr>{heads}</tr></thead>{body}</table>"
    classes = "scoreboard searchable" if searchable else "scoreboard"
    return f'<div class="{classes}">{table}<p class="note">{symbols(note)}</p></div>'


def source(number: Published) -> str:
    """Whether a number is printed, follows from printed ones, is said in words, or known from a summary by others.

    Examples
    --------
    >>> from plaw.report.published import NUMBERS
    >>> [source(number) for number in NUMBERS if number.id == "T4"]
    ['printed', 'summary', 'derived', 'derived', 'derived']
    """
    if number.note:
        return "summary"
    if number.derived:
        return "derived"
    return "in words" if number.claim == "equality" or number.value is None else "printed"


def symbols(text: str) -> str:
    """rho, eps and c0 as symbols, escaped for HTML."""
    text = escape(text)
    for plain, symbol in SYMBOLS.items():
        text = text.replace(escape(plain), symbol)
    return text


def _title(row: Row) -> str:
    number = row.number
    figure = FIGURES.get(number.figure, f"Figure {number.figure}")
    alone = number.figure not in FIGURES
    return f"{figure}: {EXPERIMENTS[number.experiments[0]].title}" if alone else figure


def _group(title: str, rows: list[Row]) -> str:
    head = f'<tr class="group"><th colspan="{len(HEADS)}" scope="rowgroup">{escape(title)}</th></tr>'
    return f"<tbody>{head}{''.join(map(_row, rows))}</tbody>"


def _row(row: Row) -> str:
    number, ours = row.number, row.ours
    value, low, high = map(text_of, (ours.value, ours.low, ours.high)) if ours else ("",) * 3
    interval = f"{low or '0'} … {high or '∞'}" if low or high else ""
    width = "" if row.width is None else f"{row.width:.2f}" if math.isfinite(row.width) else "∞"
    origin = source(number)
    mark = f' <span class="source" title="{escape(number.note or SOURCES[origin])}">{origin}</span>'
    paper = symbols(number.text) + ("" if origin == "printed" else mark)
    verdict = _badge(row.verdict) + (" " + _badge(f"direction {row.direction}") if row.direction else "")
    cells = (paper, value, interval, width, str(row.samples), verdict)
    name = f'{escape(_name(number))} <span class="row-id">{number.id}</span>'
    shown = "".join(f'<td data-label="{head}">{cell}</td>' for head, cell in zip(HEADS[1:], cells, strict=True))
    return f'<tr data-verdict="{row.verdict}" data-source="{origin}"><th scope="row">{name}</th>{shown}</tr>'


def _name(number: Published) -> str:
    """What a number is, without the names of other rows."""
    name = NAMES.get(number.measure)
    if name is None or number.figure in FIGURES:
        return number.quantity.replace("eps(6000)", "the error at 6,000 per label")
    return name.format(EXPERIMENTS[number.experiments[-1]].title)


def _badge(text: str) -> str:
    return f'<span class="verdict {text.split()[-1]}">{text}</span>'


def text_of(value: float) -> str:
    """Three digits, and no powers of ten for large sizes; nothing where it is infinite or missing."""
    return f"{float(f'{value:.3g}'):,.10g}" if math.isfinite(value) else ""
