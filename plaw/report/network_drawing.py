"""The paper's network as a drawing: a digit, crosses between its pixels, hidden layers and outputs."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from plaw.report.plotting import COLOURS, GREY

SIDE = 28  # pixels
SHOWN = 5  # units of a hidden layer that are drawn, of 100
HEIGHT, GAP = 28.0, 15.0  # in pixels of the digit, which has the left of the drawing
UNIT = 1.15  # radius of a unit
THIN: dict[str, Any] = {"color": GREY, "linewidth": 0.5, "alpha": 0.45, "zorder": 1}


def draw(
    axis: Axes,
    image: np.ndarray,
    hidden: Sequence[int] = (100, 100),
    pairs: Sequence[tuple[tuple[int, int], tuple[int, int]]] = (),
) -> None:
    """Draw a network into an empty axis.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
        Its frame goes.
    image : ndarray
        A digit, (28, 28) or (784,); 0 is paper, larger is ink.
    hidden : sequence of int
        The units of each hidden layer.
    pairs : sequence of ((row, column), (row, column))
        Crosses to draw: products of two pixels, each an input of the first hidden layer. None for a network without.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> figure, axis = plt.subplots()
    >>> draw(axis, np.zeros((28, 28)), pairs=[((3, 4), (20, 9))])
    >>> plt.close(figure)
    """
    grey = np.asarray(image, dtype=float).reshape(SIDE, SIDE)
    axis.imshow(grey, cmap="Greys", extent=(0, SIDE, 0, SIDE), origin="upper", zorder=2)
    axis.add_patch(Rectangle((0, 0), SIDE, SIDE, fill=False, edgecolor=GREY, linewidth=0.8, zorder=3))
    places = [SIDE + GAP + (GAP if pairs else 0) + GAP * layer for layer in range(len(hidden) + 1)]
    layers = [(x, _heights(SHOWN)) for x in places[:-1]] + [(places[-1], _heights(10))]
    _connect_pixels(axis, layers[0])
    for left, right in pairwise(layers):
        _connect(axis, left, right)
    for number, (pair, height) in enumerate(zip(pairs, np.linspace(0.72, 0.28, len(pairs)) * HEIGHT)):
        _cross(axis, pair, (SIDE + 0.75 * GAP, height), layers[0], COLOURS[number])
    for x, heights in layers:
        for height in heights:
            axis.add_patch(Circle((x, height), UNIT, facecolor="white", edgecolor=COLOURS[0], linewidth=1.2, zorder=4))
    for digit, height in enumerate(reversed(layers[-1][1])):
        axis.text(places[-1] + 1.8, height, str(digit), va="center", fontsize=11)
    _name(axis, SIDE / 2, "784 pixels")
    if pairs:
        _name(axis, SIDE + 0.75 * GAP, "crosses")
    for x, units in zip(places, hidden):
        _name(axis, x, str(units))
    _name(axis, places[-1], "10")
    axis.set(xlim=(-1, places[-1] + 5), ylim=(-5, HEIGHT + 1), aspect="equal")
    axis.set_axis_off()


def _heights(count: int) -> np.ndarray:
    margin = UNIT + 0.2
    return np.linspace(margin, HEIGHT - margin, count)


def _connect_pixels(axis: Axes, layer: tuple[float, np.ndarray]) -> None:
    """Every pixel leads to every unit: a fan to each."""
    x, heights = layer
    for height in heights:
        for start in np.linspace(0, HEIGHT, 8):
            axis.plot([SIDE, x], [start, height], **THIN)


def _connect(axis: Axes, left: tuple[float, np.ndarray], right: tuple[float, np.ndarray]) -> None:
    for start in left[1]:
        for end in right[1]:
            axis.plot([left[0], right[0]], [start, end], **THIN)


def _cross(axis: Axes, pair, product: tuple[float, float], layer: tuple[float, np.ndarray], colour: str) -> None:
    """Two pixels, their product, and the one unit of the first layer that this product leads to."""
    for row, column in pair:
        corner = column, SIDE - 1 - row
        axis.add_patch(Rectangle(corner, 1, 1, facecolor=colour, edgecolor=colour, linewidth=1, zorder=5))
        axis.plot([column + 0.5, product[0]], [SIDE - 0.5 - row, product[1]], color=colour, linewidth=1.3, zorder=3)
    nearest = layer[1][np.argmin(abs(layer[1] - product[1]))]
    axis.plot([product[0], layer[0]], [product[1], nearest], color=colour, linewidth=1.3, zorder=3)
    axis.add_patch(Circle(product, 1.7, facecolor="white", edgecolor=colour, linewidth=1.3, zorder=5))
    axis.text(*product, "×", ha="center", va="center_baseline", color=colour, fontsize=13, zorder=6)


def _name(axis: Axes, x: float, text: str) -> None:
    axis.text(x, -1.5, text, ha="center", va="top", fontsize=11)
