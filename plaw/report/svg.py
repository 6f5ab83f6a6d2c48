"""Figures as SVG files that hold three things: a wide picture, a narrow one for phones, and the numbers they show.

    use_style() of plaw.report.plotting names `attach` among matplotlib's figure hooks, so that every picture of a
    notebook is saved like that. The book's build reads the parts, puts both pictures into the page, where its style
    sheet chooses one and gives it the colours of a light or dark page, and offers the numbers as CSV.

What a reader of the bare file sees is the wide picture; the other parts lie compressed in its metadata.
"""

import base64
import io
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.legend import Legend
from matplotlib.text import Text

from plaw.report import figure_csv

NARROW = 4.72  # inches: 340 points, which are as many pixels of a phone 390 wide, without its margins
SMALLEST_TEXT = 11.0  # points in the narrow picture, pixels on the phone
PANEL = 2.7  # inches: panels at least as wide are stacked one below the other, smaller ones two in a row
TALLEST = 3.5  # inches of a stacked panel
MANY = 1000  # points of one series; more are drawn as an image
WITHOUT = {"Creator": None, "Date": None, "Format": None, "Type": None}  # the same bytes on every day
TAG, DIGITS = re.compile(r"<[^>]+>"), re.compile(r"(\.\d\d)\d+")
PART = re.compile(r'<metadata id="plaw-(narrow|numbers|interactive)">([\w+/=]*)</metadata>\n?')


@dataclass(frozen=True)
class Picture:
    """The parts of a file: two pictures as SVG, a table as CSV, a chart as JSON; each but the first may be empty."""

    wide: str
    narrow: str
    numbers: str
    interactive: str = ""


def attach(figure: Figure) -> None:
    """Let a figure save its numbers and its narrow form with every SVG."""
    canvas: Any = figure.canvas
    canvas.print_svg = partial(_print_svg, figure)


def read(file: Path) -> Picture | None:
    """The parts of an SVG file; None where it holds only a picture."""
    text = file.read_text(encoding="utf-8")
    parts = {name: zlib.decompress(base64.b64decode(code)).decode() for name, code in PART.findall(text)}
    return Picture(PART.sub("", text), **{"narrow": "", **parts}) if parts else None


def _print_svg(figure: Figure, target, *, metadata=None, bbox_inches_restore=None, **_) -> None:
    """What matplotlib calls to save a figure as SVG. A cropped picture (bbox_inches) has no narrow form."""
    wide = _drawn(figure, metadata, bbox_inches_restore)
    parts = {"numbers": figure_csv.table(figure)}
    if spec := getattr(figure, "interactive_spec", None):  # plaw.report.interactive
        parts["interactive"] = json.dumps(spec)
    if bbox_inches_restore is None:
        with _narrowed(figure):
            parts["narrow"] = _drawn(figure)
    hidden = "".join(f'<metadata id="plaw-{name}">{_packed(text)}</metadata>\n' for name, text in parts.items())
    text = wide.replace("</svg>", hidden + "</svg>")
    if isinstance(target, (str, Path)):
        Path(target).write_text(text, encoding="utf-8")
    elif isinstance(target, io.TextIOBase):
        target.write(text)
    else:
        target.write(text.encode())


def _packed(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _drawn(figure: Figure, metadata: dict | None = None, restore=None) -> str:
    """A figure as SVG, its texts as texts; on the same machine always the same bytes."""
    stream, canvas, dpi = io.StringIO(), figure.canvas, figure.dpi
    try:
        with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": "plaw"}), _many_points_as_images(figure):
            FigureCanvasSVG(figure).print_svg(stream, metadata=WITHOUT | (metadata or {}), bbox_inches_restore=restore)
    finally:
        figure.set_canvas(canvas)
        figure.dpi = dpi
    # Nobody sees a hundredth of a point; texts, between the tags, stay as they are.
    return TAG.sub(lambda tag: DIGITS.sub(r"\1", tag[0]), stream.getvalue())


@contextmanager
def _many_points_as_images(figure: Figure) -> Iterator[None]:
    """Thousands of markers make a large file of what is a cloud to the eye."""
    clouds = [
        artist
        for axis in figure.axes
        for artist in (
            *(line for line in axis.lines if line.get_marker() not in ("None", "", " ", None)
              and np.size(line.get_xdata()) > MANY),
            *(c for c in axis.collections if isinstance(c, PathCollection) and np.shape(c.get_offsets())[0] > MANY),
        )
    ]  # fmt: skip
    before = [cloud.get_rasterized() for cloud in clouds]
    for cloud in clouds:
        cloud.set_rasterized(True)
    try:
        yield
    finally:
        for cloud, rasterized in zip(clouds, before, strict=True):
            cloud.set_rasterized(rasterized)


@contextmanager
def _narrowed(figure: Figure) -> Iterator[None]:
    """The figure as a phone shows it: as wide as its page, panels stacked, no text too small. Then as it was."""
    with ExitStack() as later:
        width, height = figure.get_size_inches()
        later.callback(figure.set_size_inches, width, height)
        later.callback(figure.set_layout_engine, figure.get_layout_engine())  # switched off while a figure is saved
        figure.set_layout_engine("constrained")
        figure.set_size_inches(NARROW, _restack(figure, later))
        for text in figure.findobj(Text):
            if float(text.get_fontsize()) < SMALLEST_TEXT:
                later.callback(text.set_fontsize, text.get_fontsize())
                text.set_fontsize(SMALLEST_TEXT)
        for legend in figure.findobj(Legend):
            _fit(legend, figure, later)
        yield


def _restack(figure: Figure, later: ExitStack) -> float:
    """Put the panels of a grid one below the other, or two in a row; the height of the figure that they need."""
    width, height = map(float, figure.get_size_inches())
    panels = [(axis, place) for axis in figure.axes if (place := axis.get_subplotspec()) is not None]
    grids = {place.get_gridspec() for _, place in panels}
    if len(grids) != 1 or len(panels) != len(figure.axes) or any(place.num1 != place.num2 for _, place in panels):
        return height
    (grid,) = grids
    rows, columns = grid.nrows, grid.ncols
    if columns == 1 or any(_is_picture(axis) for axis, _ in panels):
        return height * (NARROW / width if any(_is_picture(axis) for axis, _ in panels) else 1)
    fewer = 1 if width / columns >= PANEL else 2
    more = -(-len(panels) // fewer)
    stacked = GridSpec(more, fewer, figure=figure)
    panels.sort(key=lambda panel: panel[1].num1)
    for number, (axis, place) in enumerate(panels):
        later.callback(axis.set_subplotspec, place)
        axis.set_subplotspec(stacked[number])
    by_number = {place.num1: axis for axis, place in panels}
    axes = [axis for axis, _ in panels]
    for number, (axis, place) in enumerate(panels):
        row, column = divmod(place.num1, columns)
        last = max(other for other in by_number if other % columns == column)
        left = axes[number - 1] if number % fewer else None
        below = axes[number + fewer] if number + fewer < len(axes) else None
        _label_as(axis, by_number.get(row * columns, axis), "y", left, later)
        _label_as(axis, by_number[last], "x", below, later)
    return more * min(height / rows, TALLEST)


def _is_picture(axis: Axes) -> bool:
    """Whether an axis shows an image without numbers along its sides."""
    bare = not (len(axis.get_xticks()) or len(axis.get_yticks()))
    return (bool(axis.images) and bare) or not axis.axison


def _label_as(axis: Axes, source: Axes, side: Literal["x", "y"], neighbour: Axes | None, later: ExitStack) -> None:
    """Give an axis the label, and the numbers, that another showed for it; none where its new neighbour shows them."""
    get, put = getattr(axis, f"get_{side}label"), getattr(axis, f"set_{side}label")
    sharing = getattr(axis, f"get_shared_{side}_axes")()
    spared = neighbour is not None and sharing.joined(axis, neighbour)
    later.callback(put, get())
    put("" if spared else get() or getattr(source, f"get_{side}label")())
    if len(sharing.get_siblings(axis)) > 1:
        key, numbers = ("labelleft", axis.yaxis) if side == "y" else ("labelbottom", axis.xaxis)
        later.callback(axis.tick_params, axis=side, **{key: numbers.get_tick_params().get(key, True)})
        axis.tick_params(axis=side, **{key: not spared})


def _fit(legend: Legend, figure: Figure, later: ExitStack) -> None:
    """Fewer columns for a legend that is wider than the page."""
    box = legend._legend_handle_box  # type: ignore[attr-defined]  # a row of columns of entries
    columns = box.get_children()
    before = [(column, list(column.get_children())) for column in columns]
    entries = [entry for _, held in before for entry in held]

    def restore() -> None:
        box._children = [column for column, _ in before]
        for column, held in before:
            column._children = held

    later.callback(restore)
    count = len(before)
    while count > 1 and legend.get_window_extent().width > figure.bbox.width:
        count -= 1
        box._children = [column for column, _ in before[:count]]
        for column, held in zip(box._children, np.array_split(np.array(entries, dtype=object), count), strict=True):
            column._children = list(held)
