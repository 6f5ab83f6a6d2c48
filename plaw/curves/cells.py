"""Numbers as people write them: decimal commas, thousands marks, `4k`, `35.3%`, and what stands for nothing."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from plaw.curves.arrays import FloatArray
from plaw.errors import PlawError

MISSING = frozenset("na n/a #n/a <na> nan null nil none - -- \N{EN DASH} ? .".split()) | {""}
SUFFIXES = {"k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9, "t": 1e12}
GAPS = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}'\N{RIGHT SINGLE QUOTATION MARK}_"  # 10 000

_GAP = re.compile(rf"(?<=\d)[{GAPS}](?=\d{{3}}(?!\d))")
_SUFFIX = re.compile(r"(?<=[\d.,])\s*([kmbgt])$", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_THREE = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")  # 1,000 or 1.000: a thousand, or one


class Cell(NamedTuple):
    """The text of a cell, and the line it stands on."""

    line: int
    text: str


def number(text: str, sizes: bool = False) -> float:
    """One number as an option of the command line gives it, its decimal mark a point.

    Parameters
    ----------
    text : str
    sizes : bool
        Whether k, M, B and T stand for thousands, millions and so on.

    Returns
    -------
    float

    Raises
    ------
    PlawError
        For what is no number.

    Examples
    --------
    >>> number("4k", sizes=True), number("35.3%"), number("1e6")
    (4000.0, 0.353, 1000000.0)
    """
    value = parse(text, ".", sizes)
    if value is None or is_missing(text):
        raise PlawError(f"{text!r} is not a number{', like 4000 or 4k' if sizes else ', like 0.02 or 2%'}.")
    return value


def is_missing(text: str) -> bool:
    """Whether a cell says that there is nothing.

    Examples
    --------
    >>> [is_missing(text) for text in ("", " n/a", "NaN", "0")]
    [True, True, True, False]
    """
    return text.strip().lower() in MISSING


def parse(text: str, decimal_mark: str, sizes: bool = False) -> float | None:
    """The number of a cell, NaN where it is missing, None where it is neither.

    Parameters
    ----------
    text : str
    decimal_mark : str
        "." or ","; the other is a thousands mark, and stands before every three digits.
    sizes : bool
        Whether k, M, B and T stand for thousands, millions and so on.

    Returns
    -------
    float or None

    Examples
    --------
    >>> parse("1.234,5", ","), parse("1,234.5", "."), parse("12,5 %", ","), parse("1,5", "."), parse("abc", ".")
    (1234.5, 1234.5, 0.125, None, None)
    """
    if is_missing(text):
        return float("nan")
    bare, factor = _bare(text)
    if found := _SUFFIX.search(bare) if sizes else None:
        bare, factor = bare[: found.start()], factor * SUFFIXES[found[1].lower()]
    thousands = "," if decimal_mark == "." else "."
    if thousands in bare:
        if not re.fullmatch(rf"[+-]?\d{{1,3}}(\{thousands}\d{{3}})+(\{decimal_mark}\d*)?", bare):
            return None
        bare = bare.replace(thousands, "")
    bare = bare.replace(decimal_mark, ".")
    if _INFINITE.fullmatch(bare):
        return float(bare)
    return float(bare) * factor if _NUMBER.fullmatch(bare) else None


def decimal_mark(sizes: Sequence[Cell], values: Sequence[Cell], by_comma: bool) -> str:
    """Whether the numbers of a table have a decimal point or a decimal comma.

    Parameters
    ----------
    sizes, values : sequence of Cell
        The sizes, and all other numbers of the table.
    by_comma : bool
        Whether commas separate the columns, so that a comma in a number is more likely a thousands mark.

    Returns
    -------
    str
        "." or ",".

    Raises
    ------
    PlawError
        Where some numbers have points and others commas, or where 1,000 could be a thousand or one.

    Examples
    --------
    >>> decimal_mark([Cell(2, "1.000"), Cell(3, "2.000")], [Cell(2, "0,21"), Cell(3, "0,16")], by_comma=False)
    ','
    """
    shown: dict[str, Cell] = {}
    for cell in (*sizes, *values):
        if mark := _shown_mark(cell.text):
            shown.setdefault(mark, cell)
    if len(shown) == 2:
        point, comma = shown["."], shown[","]
        raise PlawError(
            f"Some numbers have a decimal point ({point.text.strip()!r} in line {point.line}) and others a decimal "
            f"comma ({comma.text.strip()!r} in line {comma.line}): write all of them alike."
        )
    if shown:
        mark = next(iter(shown))
        _refuse_two_readings(sizes, mark)
        return mark
    ambiguous_comma = any("," in cell.text and _THREE.fullmatch(_digits(cell.text)) for cell in values)
    return "," if ambiguous_comma and not by_comma else "."


def numbers(cells: Sequence[Cell], decimal_mark: str, name: str, sizes: bool = False) -> FloatArray:
    """The numbers of a column.

    Parameters
    ----------
    cells : sequence of Cell
        All cells of the column, the empty ones included.
    decimal_mark : str
        See `decimal_mark`.
    name : str
        Of the column, for messages.
    sizes : bool
        Whether k, M, B and T stand for thousands, millions and so on.

    Returns
    -------
    (n,) array
        NaN where a cell is missing.

    Raises
    ------
    PlawError
        For a cell that is no number, and where some cells have a percent sign and others have none.

    Examples
    --------
    >>> numbers([Cell(2, "4k"), Cell(3, "")], ".", "n", sizes=True).tolist()
    [4000.0, nan]
    """
    known: dict[str, float] = {}
    for cell in cells:
        if cell.text not in known:
            value = parse(cell.text, decimal_mark, sizes)
            if value is None:
                raise PlawError(f"line {cell.line}: {name} must be a number, but the cell is {cell.text.strip()!r}.")
            known[cell.text] = value
    _refuse_mixed_percent(cells, name)
    return np.array([known[cell.text] for cell in cells])


def _bare(text: str) -> tuple[str, float]:
    """A number without spaces, gaps between thousands and percent sign; and what the sign multiplies it with."""
    bare = _GAP.sub("", text.strip().replace("\N{MINUS SIGN}", "-"))
    if bare.endswith("%"):
        return bare[:-1].strip(), 0.01
    return bare, 1.0


def _digits(text: str) -> str:
    return _SUFFIX.sub("", _bare(text)[0])


def _shown_mark(text: str) -> str | None:
    """The decimal mark that a number shows beyond doubt."""
    digits = _digits(text)
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return max(".,", key=digits.rfind)
    if points + commas == 0 or _THREE.fullmatch(digits):
        return None
    if points > 1 or commas > 1:
        return "," if points else "."
    return "." if points else ","


def _refuse_two_readings(sizes: Iterable[Cell], mark: str) -> None:
    """Refuse 1,000 beside 0,21, and 1.000 and 500 beside 0.21: one or a thousand?"""
    written = [(cell, _digits(cell.text)) for cell in sizes]
    marked = [(cell, digits) for cell, digits in written if mark in digits]
    plain = mark == "," or any(digits.isdigit() for _, digits in written)
    if marked and plain and all(_THREE.fullmatch(digits) for _, digits in marked):
        cell, digits = marked[0]
        readings = f"{float(digits.replace(mark, '.')):g} or {digits.replace(mark, '')}"
        raise PlawError(
            f"line {cell.line}: the size {digits} could be {readings}, beside numbers with a decimal "
            f"{'comma' if mark == ',' else 'point'}: write sizes without thousands marks."
        )


def _refuse_mixed_percent(cells: Sequence[Cell], name: str) -> None:
    given = [cell for cell in cells if not is_missing(cell.text)]
    signed = [cell for cell in given if "%" in cell.text]
    if signed and len(signed) < len(given):
        bare = next(cell for cell in given if "%" not in cell.text)
        raise PlawError(
            f"{name} is a percentage in line {signed[0].line} ({signed[0].text.strip()!r}) and has no percent sign in "
            f"line {bare.line} ({bare.text.strip()!r}): write all of them alike."
        )
