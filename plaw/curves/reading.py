"""A learning curve from a CSV file."""

import csv
from pathlib import Path

import numpy as np

from plaw.curves.arrays import FloatArray
from plaw.errors import PlawError

REQUIRED, OPTIONAL = ("n", "error"), ("std",)


def read_curve(path: str | Path) -> tuple[FloatArray, list[float] | list[FloatArray], FloatArray | None]:
    """Read x, y and yerr from a CSV file, as `fit_law` takes them.

    Parameters
    ----------
    path : str or Path
        A file with a header and the columns n and error, and optionally std, the standard error of `error`. Without
        std, a size that occurs in several rows has several samples. Other columns are ignored.

    Returns
    -------
    x : (n,) array
        Sizes; ascending where there is no column std.
    y : list of n floats, or of n arrays
        Errors, or the samples of each size.
    yerr : (n,) array or None
        The column std.

    Raises
    ------
    PlawError
        For a file that cannot be read; the message names the line.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "curve.csv")
    ...     _ = path.write_text("n,error\\n9,0.217\\n15,0.168\\n")
    ...     x, y, yerr = read_curve(path)
    >>> x.tolist(), y, yerr
    ([9.0, 15.0], [0.217, 0.168], None)
    """
    rows = _rows(path)
    if not rows or not set(REQUIRED) <= set(rows[0]):
        raise PlawError(
            f"{path} needs a first line that names the columns n and error (and optionally std), and rows below it."
        )
    names = [name for name in (*REQUIRED, *OPTIONAL) if name in rows[0]]
    table = np.array([_numbers(path, line, row, names) for line, row in enumerate(rows, start=2)])
    if "std" in names:
        return table[:, 0], table[:, 1].tolist(), table[:, 2]
    sizes, size_of_row = np.unique(table[:, 0], return_inverse=True)
    samples = [table[size_of_row == i, 1] for i in range(len(sizes))]
    if max(map(len, samples)) > 1:
        return sizes, samples, None
    return sizes, [float(s[0]) for s in samples], None


def _rows(path: str | Path) -> list[dict[str, str]]:
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file, skipinitialspace=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PlawError(f"{path} cannot be read as CSV: {error}.") from None


def _numbers(path: str | Path, line: int, row: dict[str, str], names: list[str]) -> list[float]:
    try:
        return [float(row[name]) for name in names]
    except (TypeError, ValueError):
        cells = [row[name] for name in names]
        raise PlawError(
            f"{path}, line {line}: {' and '.join(names)} must be numbers, but the line has {cells}."
        ) from None
