"""The paper's figures, then and now: its published lines and our runs in the same axes, panel by panel."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

from plaw.report import plotting, published, tables
from plaw.study import results

PICTURE = Path(__file__).parents[2] / "book" / "_static" / "gallery.svg"  # of README.md
SIZES, ERRORS = (7, 8000), (0.005, 0.75)  # the axes of every panel


@dataclass(frozen=True)
class Panel:
    """A panel of the paper: where it stands there, what it shows, and the experiments that answer it, by label."""

    figure: str
    title: str
    curves: dict[str, str]


SINGLE, COMMITTEE = "single", "committee of 50"
PANELS = (
    Panel("1b", "crosses, many epochs", {SINGLE: "fig1-momentum"}),
    Panel("1c", "committee of 50", {COMMITTEE: "fig1-committee"}),
    Panel("2a", "crosses, one epoch", {SINGLE: "fig2-momentum", COMMITTEE: "fig2-momentum-committee"}),
    Panel("2b", "accelerated", {SINGLE: "fig2-accelerated", COMMITTEE: "fig2-accelerated-committee"}),
    Panel("3b", "1 layer, one epoch", {SINGLE: "fig3-1"}),
    Panel("3c", "2 layers, one epoch", {SINGLE: "fig3-2"}),
    Panel("3d", "3 layers, one epoch", {SINGLE: "fig3-3"}),
    Panel("4a", "2 layers, committee", {COMMITTEE: "fig4-committee"}),
    Panel("4b", "many epochs", {"1 layer": "fig4-1", "2 layers": "fig4-2", "3 layers": "fig4-3"}),
)


def panels(*figures: str) -> tuple[Panel, ...]:
    """The panels of some figures of the paper.

    Examples
    --------
    >>> [panel.figure for panel in panels("3")]
    ['3b', '3c', '3d']
    """
    return tuple(panel for panel in PANELS if panel.figure[0] in figures)


def draw(axes: Iterable[Axes], shown: Iterable[Panel] = PANELS, folder: Path | None = None) -> None:
    """One axis for each panel: dotted the published line, and what we measured, with the fit and its 95% band.

    Open symbols are sets beyond the fitted sizes, which were measured afterwards.
    """
    for axis, panel in zip(axes, shown, strict=True):
        for number, (label, experiment) in enumerate(panel.curves.items()):
            _curve(axis, experiment, label, number, len(panel.curves) == 1, folder)
        axis.set_title(f"{panel.figure}: {panel.title}", loc="left", fontsize=11)
        _scale(axis)


def overview(folder: Path | None = None) -> Figure:
    """All panels in one figure, with a legend that holds for all."""
    figure, axes = plt.subplots(3, 3, figsize=(7.9, 7.6), sharex=True, sharey=True)
    draw(axes.flat, folder=folder)
    for axis in axes.flat:
        axis.label_outer()
    legend(figure)
    return figure


def of_figure(figure: str, folder: Path | None = None) -> Figure:
    """The panels of one figure of the paper, "1" to "4"; for figure 3 also the three fits and where they cross."""
    shown = panels(figure)
    crossing = figure == "3"
    rows, columns = -(-(len(shown) + crossing) // 2), 2
    picture, axes = plt.subplots(rows, columns, figsize=(7, 3.3 * rows + 0.4), sharex=True, sharey=True)
    draw(axes.flat[: len(shown)], shown, folder)
    if crossing:
        fits = {panel.title.split(",")[0]: fit for panel in shown if (fit := results.fit(panel.curves[SINGLE], folder))}
        sizes = [row.ours.value for row in tables.show("T11", folder=folder).rows if row.ours]
        plotting.crossing_fits(axes.flat[-1], fits, sizes)
        axes.flat[-1].set_title("3: the fits together", loc="left")
        axes.flat[-1].legend(loc="lower left")
        _scale(axes.flat[-1])
    for axis in axes.flat:
        axis.label_outer()
    legend(picture)
    return picture


def legend(figure: Figure) -> None:
    """What the lines and symbols of all panels mean."""
    ink = plotting.COLOURS[0]
    figure.legend(
        [
            Line2D([], [], linestyle=":", linewidth=2.2, color=ink),
            Line2D([], [], marker="o", color=ink),
            Line2D([], [], marker="o", markerfacecolor="white", linestyle="--", color=ink),
        ],
        ["published", "measured here, and the fit", "extrapolated, and measured afterwards"],
        loc="outside lower center",
        ncols=3,
    )


def _curve(axis: Axes, experiment: str, label: str, number: int, alone: bool, folder: Path | None) -> None:
    errors, fit, line = results.errors(experiment, folder), results.fit(experiment, folder), published.line(experiment)
    plotting.learning_curve(axis, errors, fit, line, label=label, number=number)
    larger = results.larger(experiment)
    large = results.errors(larger, folder) if larger else {}
    if large:
        means = [float(np.mean(of_size)) for of_size in large.values()]
        style: dict[str, Any] = {"color": plotting.COLOURS[number], "markerfacecolor": "white", "zorder": 4}
        axis.plot(list(large), means, plotting.MARKERS[number], label=f"{label}, larger sets", **style)
    if line is None or fit is None:
        return
    name = r"$\rho$" if alone else label.split(" of ")[0]
    axis.text(
        0.04,
        0.04 + 0.1 * number,
        rf"{name} {line[0]:.2f} $\to$ {fit.params['rho']:.2f}",
        transform=axis.transAxes,
        color=plotting.COLOURS[number],
        fontsize=9.5,
    ).set_in_layout(False)


def _scale(axis: Axes) -> None:
    """The same axes for all panels."""
    axis.set(xlim=SIZES, ylim=ERRORS)
    axis.xaxis.set_major_locator(FixedLocator([10, 100, 1000]))
    axis.yaxis.set_major_locator(FixedLocator([0.01, 0.1, 0.5]))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.yaxis.set_minor_formatter(NullFormatter())
