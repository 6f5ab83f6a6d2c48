"""The scoreboard as a table to read, on a terminal or in a notebook."""

import math
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from plaw.environment import WIDTH
from plaw.report import board, scoreboard
from plaw.report.board import text_of
from plaw.report.published import NUMBERS
from plaw.report.scoreboard import Row

HEADS = ("", "quantity", "figure", "paper", "reproduced", "95% interval", "width", "samples", "verdict")
WIDTH_MEANS = "Width: our interval over the margin; above 1 it cannot agree."


@dataclass(frozen=True, repr=False)
class Scoreboard:
    """Rows of plaw.report.scoreboard. A rich console and a notebook show them as a table."""

    rows: tuple[Row, ...]

    @property
    def cells(self) -> list[tuple[str, ...]]:
        """The texts of the table, row by row."""
        return [_cells(row) for row in self.rows]

    @property
    def note(self) -> str:
        """How to read the width, and how many curves stand behind the rows; empty where nothing has been run."""
        behind = scoreboard.witnesses(self.rows)
        return f"{WIDTH_MEANS} {behind}" if behind.rows else ""

    def __rich__(self) -> Table:
        table = Table(*HEADS, caption=self.note, caption_justify="left")
        for cells in self.cells:
            table.add_row(*cells)
        return table

    def write(self) -> None:
        """Print it as wide as the terminal, or in full where there is none."""
        Console(width=None if Console().is_terminal else WIDTH).print(self)

    def markdown(self) -> str:
        """The rows that have been run, as a Markdown table."""
        run = [cells for cells, row in zip(self.cells, self.rows, strict=True) if row.verdict != "not yet run"]
        lines = ["| " + " | ".join(cells) + " |" for cells in (HEADS, ("---",) * len(HEADS), *run)]
        return "\n".join(lines) + (f"\n\n{self.note}" if self.note else "")

    def __repr__(self) -> str:
        return f"Scoreboard of {len(self.rows)} published numbers"

    def _repr_html_(self) -> str:
        return board.html(self.rows, self.note, searchable=len(self.rows) == len(NUMBERS))


def show(*row_ids: str, folder: Path | None = None) -> Scoreboard:
    """The scoreboard of some rows of the paper, or of all.

    Parameters
    ----------
    *row_ids : str
        Like "T8", "T9"; none for all.
    folder : Path, optional
        Where the records are; by default those of the book.

    Returns
    -------
    Scoreboard

    Examples
    --------
    >>> table = show("T11", folder=Path("a folder without records"))
    >>> table
    Scoreboard of 2 published numbers
    >>> table.rows[0].number.quantity, table.rows[0].verdict
    ('crossing of 1 and 2 layers', 'not yet run')
    """
    return Scoreboard(tuple(scoreboard.row_of(n, folder) for n in NUMBERS if not row_ids or n.id in row_ids))


def _cells(row: Row) -> tuple[str, ...]:
    number, ours = row.number, row.ours
    value, low, high = map(text_of, (ours.value, ours.low, ours.high)) if ours else ("",) * 3
    interval = f"{low or '0'} ... {high or 'infinity'}" if low or high else ""
    verdict = row.verdict + (f"; direction {row.direction}" if row.direction else "")
    cells = (number.id, number.quantity, number.figure, number.text, value, interval, _width(row.width))
    return *cells, str(row.samples), verdict


def _width(width: float | None) -> str:
    if width is None:
        return ""
    return f"{width:.2f}" if math.isfinite(width) else "infinity"
