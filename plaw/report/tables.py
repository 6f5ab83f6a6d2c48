"""The scoreboard as a table to read, on a terminal or in a notebook."""

from dataclasses import dataclass
from html import escape
from pathlib import Path

from rich.console import Console
from rich.table import Table

from plaw.environment import WIDTH
from plaw.report import scoreboard
from plaw.report.published import NUMBERS, Published

HEADS = ("", "quantity", "figure", "paper", "reproduced", "95% interval", "samples", "verdict")
UNDECIDED = "* The interval holds the claim's opposite too: our runs do not decide it."
SYMBOLS = {"rho": "ρ", "eps": "ε", "c0": "c₀", ">=": "≥", " - ": " − "}


@dataclass(frozen=True, repr=False)
class Scoreboard:
    """Rows of plaw.report.scoreboard with what they answer. A rich console and a notebook show it as a table."""

    numbers: tuple[Published, ...]
    rows: tuple[dict, ...]

    @property
    def cells(self) -> list[tuple[str, ...]]:
        """The texts of the table, row by row."""
        return [_cells(number, row) for number, row in zip(self.numbers, self.rows, strict=True)]

    @property
    def note(self) -> str:
        """What the asterisk means, where there is one."""
        return UNDECIDED if any(cells[-1].endswith("*") for cells in self.cells) else ""

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
        rows = [
            HEADS,
            ("---",) * len(HEADS),
            *(cells for cells in self.cells if not cells[-1].startswith("not yet run")),
        ]
        return "\n".join("| " + " | ".join(cells) + " |" for cells in rows) + (
            f"\n\n{self.note.replace('*', chr(92) + '*')}" if self.note else ""
        )

    def __repr__(self) -> str:
        return f"Scoreboard of {len(self.rows)} published numbers"

    def _repr_html_(self) -> str:
        heads = "".join(f"<th>{head}</th>" for head in HEADS)
        rows = "".join(f"<tr>{''.join(f'<td>{_in_symbols(text)}</td>' for text in cells)}</tr>" for cells in self.cells)
        return f'<div style="overflow-x: auto"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div><p>{self.note}</p>'


def show(*ids: str, folder: Path | None = None) -> Scoreboard:
    """The scoreboard of some rows of the paper, like "T8", "T9", or of all."""
    chosen = [
        (number, row)
        for number, row in zip(NUMBERS, scoreboard.rows(folder), strict=True)
        if not ids or number.id in ids
    ]
    return Scoreboard(*map(tuple, zip(*chosen)))


def _cells(number: Published, row: dict) -> tuple[str, ...]:
    value, low, high = ("" if row[name] is None else _number(row[name]) for name in ("value", "low", "high"))
    interval = f"{low or '0'} ... {high or 'infinity'}" if low or high else ""
    verdict = row["verdict"] + ("*" if _undecided(number, row) else "")
    return number.id, number.quantity, number.figure, number.text, value, interval, str(row["samples"]), verdict


def _number(value: float) -> str:
    """Three digits, and no powers of ten for large sizes."""
    return f"{float(f'{value:.3g}'):,.10g}"


def _undecided(number: Published, row: dict) -> bool:
    """Whether the interval holds a claim and its opposite: for a crossing, that one curve overtakes the other anywhere."""
    if row["value"] is None or (number.claim != "direction" and number.measure != "crossing"):
        return False
    if number.measure == "crossing":
        return not row["low"] or row["high"] is None
    return scoreboard.undecided(number, row)


def _in_symbols(text: str) -> str:
    text = escape(text)
    for plain, symbol in SYMBOLS.items():
        text = text.replace(escape(plain), symbol)
    return text.replace("...", "&hellip;").replace("infinity", "&infin;")
