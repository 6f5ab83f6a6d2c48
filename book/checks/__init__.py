"""What the chapters say, checked: one module per chapter, and the numbers that its text quotes.

`measure` reads the records, `check` asserts each sentence of the chapter that could turn out wrong, and `numbers` gives
the texts to quote. A chapter calls all three in one hidden cell, so that it cannot be built while a sentence is false:

    from checks import fig1, glue_all

    measured = fig1.measure()
    fig1.check(measured)
    glue_all(fig1.numbers(measured))

A notebook runs in its own folder, book/, where `checks` is found.
"""

from collections.abc import Mapping
from pathlib import Path

from myst_nb import glue

from plaw.curves.intervals import Interval
from plaw.report.scoreboard import Row, rows


def glue_all(numbers: Mapping[str, str]) -> None:
    """Glue every text under its name, to be quoted in the chapter as {glue:text}`name`."""
    for name, text in numbers.items():
        glue(name, text, display=False)


def rows_of(*ids: str, folder: Path | None = None) -> dict[tuple[str, str], Row]:
    """The rows of the scoreboard by their number in the paper and their quantity, like ("T8", "rho")."""
    return {(row.number.id, row.number.quantity): row for row in rows(folder) if row.number.id in ids}


def ends(interval: Interval, digits: int = 2) -> str:
    """Both ends of an interval, to read: "0.40 to 0.51"."""
    return f"{interval.low:.{digits}f} to {interval.high:.{digits}f}"
