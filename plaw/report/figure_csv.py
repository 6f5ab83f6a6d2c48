"""The numbers that a figure shows, as CSV: its SVG file carries them (plaw.report.svg), and the book offers them.

The columns: panel (title or number of the axes), series (label), x, y, low and high (error bars, bands), value (of
pictures).
"""

import csv
import io
from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

COLUMNS = ("panel", "series", "x", "y", "low", "high", "value")


def table(figure: Figure) -> str:
    """What the axes of a figure show, as CSV: lines, error bars, bars, scattered points, bands and pictures."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, axis in enumerate(figure.axes, start=1):
        panel = axis.get_title() or f"{number}"
        for series, *cells in _rows(axis):
            writer.writerow([panel, series, *map(_written, cells)])
    return stream.getvalue()


def _rows(axis: Axes) -> Iterator[tuple]:
    """(series, x, y, low, high, value) of all that is drawn in data coordinates."""
    used: set[int] = set()
    for container in axis.containers:
        if isinstance(container, ErrorbarContainer):
            used.update(map(id, (container[0], *container[1])))
            yield from _error_bars(container)
        elif isinstance(container, BarContainer):
            yield from _bars(container)
    for line in axis.lines:
        if id(line) not in used and line.get_transform().contains_branch(axis.transData):
            yield from ((_label(line), x, y, None, None, None) for x, y in zip(*_points(line), strict=True))
    for collection in axis.collections:
        yield from _collection(collection, axis)
    for image in axis.images:
        array = _filled(image.get_array())
        if array.ndim == 2:
            yield from ((_label(image), x, y, None, None, value) for (y, x), value in np.ndenumerate(array))


def _error_bars(container: ErrorbarContainer) -> Iterator[tuple]:
    """Points with the ends of their bars, of those along y where there are both."""
    line, _, bars = container
    if line is None:
        return
    along = 1 if container.has_yerr else 0
    ends = [segment[:, along] for segment in bars[-1].get_segments()]
    points = list(zip(*_points(line), strict=True))
    if len(ends) == len(points):
        yield from (
            (_name(container.get_label()), x, y, end.min(), end.max(), None)
            for (x, y), end in zip(points, ends, strict=True)
        )


def _bars(container: BarContainer) -> Iterator[tuple]:
    for bar in container:
        x, y = bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height()
        if container.orientation == "horizontal":
            x, y = bar.get_x() + bar.get_width(), bar.get_y() + bar.get_height() / 2
        yield _name(container.get_label()), x, y, None, None, None


def _collection(collection, axis: Axes) -> Iterator[tuple]:
    """Scattered points, or the lower and upper edge of a band."""
    if isinstance(collection, PolyCollection):
        for path in collection.get_paths():
            edges: dict[float, list[float]] = {}
            for x, y in np.asarray(path.vertices).tolist():
                edges.setdefault(x, []).append(y)
            yield from ((_label(collection), x, None, min(ys), max(ys), None) for x, ys in sorted(edges.items()))
    elif len(collection.get_offsets()) and collection.get_offset_transform().contains_branch(axis.transData):
        yield from ((_label(collection), x, y, None, None, None) for x, y in collection.get_offsets())


def _points(line: Line2D) -> tuple[np.ndarray, np.ndarray]:
    x, y = line.get_data()
    return _filled(x), _filled(y)


def _filled(values) -> np.ndarray:
    """Numbers that may be masked, with NaN where they are."""
    return np.asarray(np.ma.filled(np.ma.asarray(values, dtype=float), np.nan))


def _label(artist) -> str:
    return _name(artist.get_label())


def _name(label: object) -> str:
    """A label that somebody gave; matplotlib's own begin with an underscore."""
    text = str(label or "")
    return "" if text.startswith("_") else text


def _written(cell: str | float | None) -> str:
    """Six digits, and nothing for what is missing."""
    return "" if cell is None or not np.isfinite(cell) else f"{cell:.6g}"
