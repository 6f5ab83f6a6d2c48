"""Pictures that carry their numbers: what a figure shows, as CSV, kept in the text of its PNG file.

    use_style() of plaw.report.plotting names `attach` among matplotlib's figure hooks, so that every picture of a
    notebook is saved with
    its data. The book's build reads them from there and offers them for download, and no chapter has anything to do.

The columns: panel (title or number of the axes), series (label), x, y, low and high (error bars, bands), value (of
pictures).
"""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image, PngImagePlugin

COLUMNS = ("panel", "series", "x", "y", "low", "high", "value")
KEY = "Data"  # of the PNG's text that holds the CSV
LARGEST = 50_000_000  # bytes of CSV


def attach(figure: Figure) -> None:
    """Let a figure save its numbers with every PNG."""
    canvas: Any = figure.canvas  # one that writes PNG, which the base class does not promise
    save = canvas.print_png

    @wraps(save)
    def print_png(target, *, metadata=None, pil_kwargs=None, **settings):
        info = PngImagePlugin.PngInfo()
        for key, text in (metadata or {}).items():
            info.add_text(key, text)
        info.add_text(KEY, table(figure), zip=True)
        save(target, pil_kwargs={"pnginfo": info, **(pil_kwargs or {})}, **settings)

    canvas.print_png = print_png


def read(file: Path) -> str | None:
    """The CSV that a picture carries; None for one without, or that is no PNG."""
    with _text_up_to(LARGEST), Image.open(file) as picture:
        return getattr(picture, "text", {}).get(KEY)


@contextmanager
def _text_up_to(size: int) -> Iterator[None]:
    """Pillow's limits on the text of a PNG file raised to so many bytes, and then as they were."""
    before = PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY
    PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY = size
    try:
        yield
    finally:
        PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY = before


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
