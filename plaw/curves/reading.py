"""Learning curves from CSV files and data frames as they are.

read_curve("curve.csv")                       x, y and yerr of one curve, as `fit_law` takes them
read_curves("curves.csv", group="method")     all curves of a file, in their own metric
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from plaw.curves.arrays import BoolArray, FloatArray, IntArray
from plaw.curves.cells import decimal_mark, is_missing, numbers
from plaw.curves.columns import SHARED, Roles, find_roles
from plaw.curves.metrics import ERROR, Metric, find_metric
from plaw.curves.table import Table, read_table
from plaw.errors import PlawError

Values = FloatArray | list[FloatArray]


@dataclass(frozen=True, eq=False)
class Measured:
    """A curve as it was measured, in its own metric.

    Attributes
    ----------
    x : (n,) array
        Sizes.
    y : (n,) array, or list of n arrays
        Values of the metric, or the values of all runs of each size.
    yerr : (n,) array or None
        Standard errors of y, where they are known.
    metric : Metric
    name : str
        Of the curve, where there are several.
    notes : tuple of str
        What was noticed on reading.
    shared : tuple of tuples of str, or None
        For each run what it shares with runs of other curves, such as a seed; shaped like y.
    """

    x: FloatArray
    y: Values
    yerr: FloatArray | None = None
    metric: Metric = ERROR
    name: str = ""
    notes: tuple[str, ...] = ()
    shared: tuple[tuple[str, ...], ...] | None = None

    @property
    def errors(self) -> Values:
        """y as errors, of which less is better; shaped like y."""
        if not self.metric.higher_is_better:
            return self.y
        ceiling = float(self.metric.ceiling or 0)
        errors: Values = ceiling - self.y if isinstance(self.y, np.ndarray) else [ceiling - part for part in self.y]
        for n, part in zip(self.x, errors):
            if np.mean(part) <= 0:
                raise PlawError(
                    f"At n = {n:g}, {self.metric.name} is at its ceiling {ceiling:g} and leaves no error: "
                    "a law on logarithms cannot use it, leave it out."
                )
        return errors


def read_curve(
    source: Any, x: str | None = None, y: str | None = None
) -> tuple[FloatArray, list[float] | list[FloatArray], FloatArray | None]:
    """Read one curve, as `fit_law` takes it.

    Parameters
    ----------
    source, x, y
        As for `read_curves`.

    Returns
    -------
    x : (n,) array
        Sizes; ascending where the noise is not given.
    y : list of n floats, or of n arrays
        Errors, or the errors of all runs of each size; a score is turned into ceiling - score.
    yerr : (n,) array or None
        Standard errors of y, where they are given.

    Warns
    -----
    UserWarning
        What `read_curves` notes.

    Raises
    ------
    PlawError
        What `read_curves` raises.

    Examples
    --------
    >>> import io
    >>> x, y, yerr = read_curve(io.StringIO("n,accuracy\\n9,78.3%\\n15,83.2%\\n"))
    >>> x.tolist(), [round(error, 3) for error in y], yerr
    ([9.0, 15.0], [0.217, 0.168], None)
    """
    (curve,) = read_curves(source, x, y)
    for note in curve.notes:
        warnings.warn(note, UserWarning, stacklevel=2)
    errors = curve.errors
    return curve.x, errors.tolist() if isinstance(errors, np.ndarray) else errors, curve.yerr


def read_curves(
    source: Any, x: str | None = None, y: str | None = None, group: str | None = None, pair: str | None = None,
    metric: str | Metric | None = None, ceiling: float | None = None, runs: int | None = None,
) -> list[Measured]:  # fmt: skip
    """Read the learning curves of a table.

    Parameters
    ----------
    source : str, Path, file or data frame
        A CSV file, "-" for standard input, or a frame of pandas or polars. Cells are separated by commas, semicolons,
        tabs, bars or spaces; numbers may have decimal commas, thousands marks, a percent sign and, for sizes, a k or M.
        Rows without a size or a value are left out.
    x, y : str, optional
        The columns of sizes and of errors or scores, where they are not found by their names; see
        `plaw.curves.columns`. In y, commas between several columns that hold the runs of each size.
    group : str, optional
        The column, or the columns with commas between them, that tell curves apart.
    pair : str, optional
        The column that says what runs of two curves share, such as a seed.
    metric : str or Metric, optional
        Default: the name of the column y.
    ceiling : float, optional
        The score of a perfect model, see `find_metric`.
    runs : int, optional
        Over how many runs a column std was taken, where no column says it.

    Returns
    -------
    list of Measured
        In the order of the file. The noise is known from a column se (the standard error of each value), from columns
        std and runs (the standard deviation over runs and their number), or from several rows of one size.

    Raises
    ------
    PlawError
        For a table that cannot be read: the message names the line, what it has, and what it needs.

    Examples
    --------
    >>> import io
    >>> table = "method,n,error\\na,10,0.2\\nb,10,0.3\\na,20,0.15\\nb,20,0.2\\n"
    >>> for curve in read_curves(io.StringIO(table), group="method"):
    ...     print(curve.name, curve.x, curve.y)
    a [10. 20.] [0.2  0.15]
    b [10. 20.] [0.3 0.2]
    """
    table = read_table(source)
    try:
        return list(_curves(table, find_roles(table.names, x, y, group, pair), metric, ceiling, runs))
    except PlawError as error:
        comma = ", " if str(error).startswith("line ") else ": "
        raise PlawError(f"{table.where}{comma}{error}") from None


@dataclass(frozen=True, eq=False)
class _Columns:
    """The numbers of a table. values: (rows, columns); others are None where there is no such column."""

    size: FloatArray
    values: FloatArray
    standard_error: FloatArray | None
    deviation: FloatArray | None
    runs: FloatArray | None


def _curves(
    table: Table, roles: Roles, metric: str | Metric | None, ceiling: float | None, runs: int | None
) -> Iterator[Measured]:
    columns = _columns(table, roles)
    if columns.runs is None and runs is not None:
        columns = replace(columns, runs=np.full(len(table.rows), float(runs)))
    used, notes = _usable(table, roles, columns)
    if not used.any():
        raise PlawError(f"no row has both {table.name(roles.size)} and {table.name(roles.values[0])}.")
    if not isinstance(metric, Metric):
        values = columns.values[used]
        metric = find_metric(metric or table.name(roles.values[0]), [values[np.isfinite(values)]], ceiling)
    notes += [*_repeated_rows(table, roles), *_pooled_curves(table, roles)]
    labels = [" / ".join(row[i].strip() for i in roles.groups) for row in table.rows]
    shared = np.array(["" if roles.pair is None else row[roles.pair].strip() for row in table.rows], object)
    groups: dict[str, list[int]] = {}
    for i in np.flatnonzero(used).tolist():
        groups.setdefault(labels[i], []).append(i)
    for label, rows in groups.items():
        x, y, yerr, order, more = _points(columns, np.array(rows))
        if roles.pair is not None and not order:
            raise PlawError(
                f"{table.name(roles.pair)} is asked for as what runs share, but the rows are means of runs."
            )
        keys = None if roles.pair is None else tuple(tuple(shared[at]) for at in order)
        yield Measured(x, y, yerr, metric, label, (*notes, *more), keys)


def _columns(table: Table, roles: Roles) -> _Columns:
    """All numbers, read with one decimal mark."""
    size = table.column(roles.size)
    others = {i: table.column(i) for i in (*roles.values, roles.standard_error, roles.deviation) if i is not None}
    mark = decimal_mark(size, list(others.values()), table.by_comma)

    def read(place: int | None) -> FloatArray | None:
        return None if place is None else numbers(others[place], mark)

    runs = None if roles.runs is None else numbers(table.column(roles.runs), mark, sizes=True)
    values = np.stack([numbers(others[i], mark) for i in roles.values], axis=1)
    return _Columns(numbers(size, mark, sizes=True), values, read(roles.standard_error), read(roles.deviation), runs)


def _usable(table: Table, roles: Roles, columns: _Columns) -> tuple[BoolArray, list[str]]:
    """The rows with a size and a value, and what to say of the others."""
    size, value = table.name(roles.size), table.name(roles.values[0])
    lines, notes = np.array(table.lines), []
    for name, numbers_, least in ((size, columns.size, 0.0), (value, columns.values, -np.inf)):
        wrong = np.isinf(numbers_) | (numbers_ < least)
        if wrong.any():
            line, seen = lines[np.argwhere(wrong)[0][0]], numbers_[wrong][0]
            need = "a positive number" if name == size else "a number that is not infinite"
            raise PlawError(f"line {line}: {name} must be {need}, but it is {seen:g}.")
    missing = np.isnan(columns.size) | np.isnan(columns.values).all(axis=1)
    if missing.any():
        notes.append(f"{_rows(lines[missing])} without {size} or {value}: left out")
    zero = columns.size == 0
    if zero.any():
        notes.append(f"{_rows(lines[zero])} with {size} = 0, where no power law has a value: left out")
    return ~missing & ~zero, notes


def _rows(lines: IntArray) -> str:
    shown = ", ".join(map(str, lines[:5].tolist())) + (", ..." if len(lines) > 5 else "")
    return f"{len(lines):,} row{'s' * (len(lines) > 1)} (line{'s' * (len(lines) > 1)} {shown})"


def _repeated_rows(table: Table, roles: Roles) -> Iterator[str]:
    """A sentence where rows are there twice.

    Two runs may well have the same error. Rows of a size and an error alone are suspicious only where each is repeated.
    """
    first: dict[tuple[str, ...], int] = {}
    repeated = [line for line, row in zip(table.lines, table.rows) if first.setdefault(tuple(row), line) != line]
    alone = len(table.names) == 1 + len(roles.values)
    if repeated and (not alone or len(repeated) >= len(first)):
        yield (
            f"{_rows(np.array(repeated))} equal to an earlier row in every cell: counted as further runs; "
            "if they are the same runs, delete them"
        )


def _pooled_curves(table: Table, roles: Roles) -> Iterator[str]:
    """A sentence where a column seems to tell curves apart and is not asked for."""
    if roles.groups:
        return
    used = {roles.size, *roles.values, roles.standard_error, roles.deviation, roles.runs, roles.pair}
    for i, name in enumerate(table.names):
        if i in used or not name or name.strip().lower() in SHARED:
            continue
        sizes: dict[str, set[str]] = {}
        for row in table.rows:
            sizes.setdefault(row[i].strip(), set()).add(row[roles.size])
        curves = sum(len(measured) > 1 for cell, measured in sizes.items() if not is_missing(cell))
        if curves > 1 and len(sizes) <= len(table.rows) / 2:
            yield (
                f"the column {name.strip()} seems to tell {curves} curves apart, and its rows are taken for one: "
                f"if they are several, ask for --group {name.strip()}"
            )
            return


def _points(
    columns: _Columns, rows: IntArray
) -> tuple[FloatArray, Values, FloatArray | None, list[IntArray], list[str]]:
    """Sizes, values, standard errors, the rows behind each size (where runs are given), and notes."""
    size, values = columns.size[rows], columns.values[rows]
    mean = np.nanmean(values, axis=1)
    if columns.standard_error is not None:
        standard_errors, notes = _filled(columns.standard_error[rows], mean, "standard error")
        return size, mean, standard_errors, [], notes
    if columns.deviation is not None:
        runs = np.ones(len(rows)) if columns.runs is None else columns.runs[rows]
        if not (runs >= 1).all():
            raise PlawError(
                f"the number of runs must be at least 1 in every row, but one is {runs[~(runs >= 1)][0]:g}."
            )
        deviation, notes = _filled(columns.deviation[rows], mean, "spread over runs")
        if columns.runs is None and deviation is not None:
            notes.append(
                "std is the spread over runs, but neither a column runs nor --runs says how many: each point is taken "
                "for one run; if it is the standard error of each point, call the column se"
            )
        return size, mean, None if deviation is None else deviation / np.sqrt(runs), [], notes
    finite = np.isfinite(values)
    run_size, run_row = (np.repeat(column, values.shape[1])[finite.ravel()] for column in (size, rows.astype(float)))
    behind = [np.atleast_1d(part).astype(int) for part in by_size(run_size, run_row)[1]]
    return (*by_size(run_size, values[finite]), None, behind, [])


def by_size(sizes: FloatArray, values: FloatArray) -> tuple[FloatArray, Values]:
    """The different sizes (n,), ascending, and the values of each: an array where each has one, else n arrays.

    Examples
    --------
    >>> by_size(np.array([20.0, 10.0, 20.0]), np.array([0.2, 0.3, 0.22]))
    (array([10., 20.]), [array([0.3]), array([0.2 , 0.22])])
    """
    order = np.argsort(sizes, kind="stable")
    different, starts = np.unique(sizes[order], return_index=True)
    if len(different) == len(sizes):
        return different, values[order]
    return different, np.split(values[order], starts[1:])


def _filled(spread: FloatArray, mean: FloatArray, name: str) -> tuple[FloatArray | None, list[str]]:
    """A column of spreads; where it is missing or zero, that of the others, in relation to the value."""
    given = np.isfinite(spread) & (spread > 0)
    if (spread < 0).any():
        raise PlawError(f"a {name} cannot be negative, but one is {spread[spread < 0][0]:g}.")
    if given.all():
        return spread, []
    if not given.any():
        return None, [f"every {name} is missing or zero: the noise is not known"]
    compared = given & (mean != 0)
    relative = float(np.median(spread[compared] / np.abs(mean[compared]))) if compared.any() else 1.0
    note = f"the {name} of {int((~given).sum())} of {len(spread)} rows is missing or zero: that of the others is used"
    return np.where(given, spread, relative * np.abs(mean)), [note]
