"""A table of text cells: from a file in any of the usual dialects of CSV, or from a data frame."""

import csv
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plaw.curves.cells import Column, is_missing, parse
from plaw.errors import PlawError

MOST_BYTES = 32 * 1024**2
SEPARATORS = "\t;,|"
CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")  # a terminal would obey what messages quote
RULE = " \t-:=+"  # of what a line below the names, or between rows, is drawn


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of cells under named columns.

    Attributes
    ----------
    where : str
        What the table was read from, for messages.
    names : tuple of str
        Of the columns, as they are written; empty where a column has none.
    rows : list of sequences of str
        As many cells in each as there are names. Rows without a single cell are left out.
    lines : list of int
        On which line of the file each row ends, the first being 1.
    by_comma : bool
        Whether commas separate the columns.
    """

    where: str
    names: tuple[str, ...]
    rows: list[Sequence[str]]
    lines: list[int]
    by_comma: bool

    def column(self, index: int) -> Column:
        """The cells under a name."""
        return Column(self.name(index), [row[index] for row in self.rows], self.lines)

    def name(self, index: int) -> str:
        """The name of a column, or its number where it has none."""
        return self.names[index] or f"column {index + 1}"


def read_table(source: Any) -> Table:
    """The table of a CSV file, of text, or of a data frame.

    Parameters
    ----------
    source : str, Path, file or data frame
        A path; "-" for standard input; an open file; or a frame with `columns`, as pandas and polars have them.

    Returns
    -------
    Table

    Raises
    ------
    PlawError
        For what cannot be read, for a first line without names, and for a row with more cells than there are names.

    Examples
    --------
    >>> import io
    >>> table = read_table(io.StringIO("n;error\\n\\n10;0,2\\n"))
    >>> table.names, table.rows, table.lines
    (('n', 'error'), [['10', '0,2']], [3])
    """
    if hasattr(source, "columns") and hasattr(source, "__getitem__"):
        return _of_frame(source)
    if hasattr(source, "read"):
        return _of_text("The table", source.read(MOST_BYTES + 1))
    if str(source) == "-":
        return _of_text("Standard input", sys.stdin.buffer.read(MOST_BYTES + 1))
    try:
        with open(Path(source), "rb") as file:
            return _of_text(str(source), file.read(MOST_BYTES + 1))
    except (OSError, ValueError) as error:
        if isinstance(error, PlawError):
            raise
        raise PlawError(f"{source} cannot be read as CSV: {error}.") from None


def _of_frame(frame: Any) -> Table:
    names = [str(name) for name in frame.columns]
    columns = [[str(value) for value in frame[name]] for name in frame.columns]
    rows: list[Sequence[str]] = list(zip(*columns))
    return Table("The frame", tuple(names), rows, list(range(1, len(rows) + 1)), by_comma=False)


def _of_text(where: str, content: bytes | str) -> Table:
    if len(content) > MOST_BYTES:
        raise PlawError(f"{where} is larger than {MOST_BYTES // 1024**2} MiB, too large for a learning curve.")
    text = content if isinstance(content, str) else _decoded(where, content)
    text = CONTROL.sub(" ", text)
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first, names, separator = _header(where, lines)
    try:
        numbered = _records(lines, first + 1, separator)
    except csv.Error as error:
        raise PlawError(f"{where} cannot be read as CSV: {error}.") from None
    rows: list[Sequence[str]] = []
    for line, row in numbered:
        if len(row) != len(names):
            row = _fitted(where, line, row, names, separator)
        rows.append(row)
    if not rows:
        raise PlawError(f"{where} needs a first line that names the columns, and rows below it: there are none.")
    return Table(where, names, rows, [line for line, _ in numbered], separator == ",")


def _decoded(where: str, content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in content or content.startswith(b"PK\3\4"):
        raise PlawError(f"{where} cannot be read as CSV: it is not text; from a spreadsheet, save the table as CSV.")
    else:
        encodings = ["utf-8", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise PlawError(f"{where} cannot be read as CSV: it is text neither in UTF-8 nor in Windows-1252.")


def _header(where: str, lines: list[str]) -> tuple[int, tuple[str, ...], str]:
    """The line with the names, the names, and what separates the columns; " " stands for any white space."""
    separator, comment = "", -1
    for i, line in enumerate(lines):
        if line.lower().startswith("sep=") and len(line.strip()) == 5:  # Excel's own first line
            separator = line.strip()[4]
        elif line.lstrip().startswith("#"):
            comment = i
        elif line.strip(SEPARATORS + ' "'):
            names, found = _names(line, separator)
            if all(_is_number(name) for name in names) and comment >= 0:
                i = comment
                names, found = _names(lines[i].lstrip("# \t"), separator)
            if all(_is_number(name) for name in names):
                break
            return i, names, found
    raise PlawError(
        f"{where} needs a first line that names the columns, like n,error, and rows of numbers below it"
        + (
            f"; it begins with {shown!r}."
            if (shown := next((line for line in lines if line.strip()), "")[:60])
            else "."
        )
    )


def _names(line: str, separator: str) -> tuple[tuple[str, ...], str]:
    candidates = [separator] if separator else list(SEPARATORS)
    split = {each: next(csv.reader([line], delimiter=each, skipinitialspace=True)) for each in candidates}
    best = max(split, key=lambda each: len(split[each]))
    cells = split[best]
    if len(cells) == 1 and not separator:
        best, cells = " ", line.split()
    return tuple(cell.strip() for cell in cells), best


def _is_number(name: str) -> bool:
    return is_missing(name) or parse(name, ".", sizes=True) is not None or parse(name, ",", sizes=True) is not None


def _records(lines: list[str], first: int, separator: str) -> list[tuple[int, Sequence[str]]]:
    """The rows from a line on, with their line numbers; blank rows, rules and comments are left out."""
    wanted = lines[first:]
    split: Iterable[tuple[int, list[str]]]
    if separator == " ":
        split = ((first + i, line.split()) for i, line in enumerate(wanted, start=1))
    else:
        reader = csv.reader((f"{line}\n" for line in wanted), delimiter=separator, skipinitialspace=True)
        split = ((first + reader.line_num, row) for row in reader)
    return [(line, row) for line, row in split if "".join(row).strip(RULE) and not row[0].startswith("#")]


def _fitted(where: str, line: int, row: Sequence[str], names: tuple[str, ...], separator: str) -> Sequence[str]:
    """A row of another length than the names: cells that are missing at its end are empty, more cells are refused."""
    if any(map(str.strip, row[len(names) :])):
        remedy = "decimal commas need semicolons between the columns, or quotes" if separator == "," else "quote them"
        raise PlawError(
            f"{where}, line {line}: the line has {len(row)} cells and the first line names {len(names)} columns, "
            f"{', '.join(names)}: {remedy}."
        )
    return [*row[: len(names)], *[""] * (len(names) - len(row))]
