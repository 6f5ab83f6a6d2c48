"""Numbers as people write them: decimal commas, thousands marks, `4k`, `35.3%`, and what stands for nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, eq=False)
class Column:
    """The cells of a column, the empty ones included.

    Attributes
    ----------
    name : str
    texts : sequence of str
    lines : sequence of int
        On which line of a file each cell stands.
    """

    name: str
    texts: Sequence[str]
    lines: Sequence[int]

    def seen(self, place: int) -> str:
        """A cell, for messages."""
        return f"{self.texts[place].strip()!r} in line {self.lines[place]}"


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
    if decimal_mark == "." and _NUMBER.fullmatch(text):
        return float(text)
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


def decimal_mark(sizes: Column, others: Sequence[Column], by_comma: bool) -> str:
    """Whether the numbers of a table have a decimal point or a decimal comma.

    Parameters
    ----------
    sizes : Column
    others : sequence of Column
        All other numbers of the table.
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
    >>> sizes, errors = Column("n", ["1.000", "2.000"], [2, 3]), Column("error", ["0,21", "0,16"], [2, 3])
    >>> decimal_mark(sizes, [errors], by_comma=False)
    ','
    """
    shown: dict[str, str] = {}
    for column in (sizes, *others):
        for place, text in enumerate(column.texts):
            if "," not in text and ("." in shown or "." not in text):
                continue  # nearly all cells of a large table
            if mark := _shown_mark(text):
                shown.setdefault(mark, column.seen(place))
    if len(shown) == 2:
        raise PlawError(
            f"Some numbers have a decimal point ({shown['.']}) and others a decimal comma ({shown[',']}): "
            "write all of them alike."
        )
    if shown:
        mark = next(iter(shown))
        _refuse_two_readings(sizes, mark)
        return mark
    ambiguous = any("," in text and _THREE.fullmatch(_digits(text)) for column in others for text in column.texts)
    return "," if ambiguous and not by_comma else "."


def numbers(column: Column, decimal_mark: str, sizes: bool = False) -> FloatArray:
    """The numbers of a column.

    Parameters
    ----------
    column : Column
    decimal_mark : str
        See `decimal_mark`.
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
    >>> numbers(Column("n", ["4k", ""], [2, 3]), ".", sizes=True).tolist()
    [4000.0, nan]
    """
    known: dict[str, float] = {}
    for place, text in enumerate(column.texts):
        if text not in known:
            value = parse(text, decimal_mark, sizes)
            if value is None:
                line = column.lines[place]
                raise PlawError(f"line {line}: {column.name} must be a number, but the cell is {text.strip()!r}.")
            known[text] = value
    _refuse_mixed_percent(column, known)
    return np.array([known[text] for text in column.texts])


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


def _refuse_two_readings(sizes: Column, mark: str) -> None:
    """Refuse 1,000 beside 0,21, and 1.000 and 500 beside 0.21: one or a thousand?"""
    marked = [place for place, text in enumerate(sizes.texts) if mark in text]
    if not marked or not all(_THREE.fullmatch(_digits(sizes.texts[place])) for place in marked):
        return
    if mark == "," or any(_digits(text).isdigit() for text in sizes.texts if mark not in text):
        digits = _digits(sizes.texts[marked[0]])
        readings = f"{float(digits.replace(mark, '.')):g} or {digits.replace(mark, '')}"
        raise PlawError(
            f"line {sizes.lines[marked[0]]}: the size {digits} could be {readings}, beside numbers with a decimal "
            f"{'comma' if mark == ',' else 'point'}: write sizes without thousands marks."
        )


def _refuse_mixed_percent(column: Column, known: dict[str, float]) -> None:
    """Refuse 2% beside 0.1; known: the number of each text."""
    given = {text for text, value in known.items() if value == value}
    signed = {text for text in given if "%" in text}
    if signed and signed != given:
        first, bare = (
            next(place for place, text in enumerate(column.texts) if text in texts)
            for texts in (signed, given - signed)
        )
        raise PlawError(
            f"{column.name} is a percentage, {column.seen(first)}, and has no percent sign, {column.seen(bare)}: "
            "write all of them alike."
        )
