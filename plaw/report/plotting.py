"""Figures: one function for each kind, drawing into the axes it is given.

use_style()                                 the book's look, once a chapter
learning_curve(axis, errors, fit, line)     means, deviations, fit, band and the published line, both axes logarithmic
crossing_fits(axis, fits)                   several fits in one picture, and where they cross
search_histories(axes, searches)            every trial of some searches, and the best so far
slices(axes, shown)                         what a search's surrogate says around its optimum
hyper_parameters(axes, curves, names)       what the searches chose, against the size
saturation(axis, means)                     error against the number of epochs
published_and_ours(axis, groups)            a published quantity of many curves and our intervals
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from plaw.curves.fitting import Fit
from plaw.curves.intervals import Interval
from plaw.report.optimality import Slice
from plaw.report.published import LARGE
from plaw.study.results import best_so_far

# Okabe & Ito's palette, distinct with any colour vision, with a brown for its yellow, which is faint on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D31", "#000000")
MARKERS = "osD^vP*X"
GREY = "#555555"


def use_style() -> None:
    """Set matplotlib up for the book: its colours, text fit for a phone, and SVG in a notebook.

    Every SVG carries its narrow form and the numbers that it shows (plaw.report.svg).
    """
    _show_svg()
    plt.rcParams.update(
        {
            "figure.dpi": 150,
            "figure.figsize": (6, 4),
            "figure.facecolor": "white",
            "figure.hooks": ["plaw.report.svg:attach"],
            "figure.constrained_layout.use": True,
            "font.size": 11,
            "axes.prop_cycle": cycler(color=COLOURS),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": "medium",
            "legend.frameon": False,
            "legend.fontsize": 10,
            "lines.linewidth": 1.8,
            "lines.markersize": 5,
        }
    )


def _show_svg() -> None:
    """In a notebook, figures are shown as SVG, and as large as they are, not cropped."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        from matplotlib_inline.config import InlineBackend

        backend: Any = InlineBackend.instance(parent=shell)
        backend.print_figure_kwargs = {"bbox_inches": None}
        backend.figure_formats = {"svg"}


def learning_curve(
    axis: Axes,
    errors: Mapping[int, np.ndarray],
    fit: Fit | None = None,
    line: tuple[float, float] | None = None,
    *,
    label: str = "recorded",
    number: int = 0,
    reach: float = LARGE,
) -> None:
    """One learning curve as the paper draws it.

    errors: test errors of all samples of each size (drawn: mean and standard deviation); fit: its power law, drawn
    with its 95% band up to `reach` per label, broken beyond the data; line: (rho, c0) of the published line; number:
    which colour and marker of the palette.
    """
    colour, sizes = COLOURS[number], list(errors)
    if sizes:
        means, deviations = (
            np.array([function(sample) for sample in errors.values()]) for function in (np.mean, np.std)
        )
        axis.errorbar(sizes, means, deviations, fmt=MARKERS[number], color=colour, capsize=3, label=label, zorder=3)
    if line is not None:
        start = min(sizes, default=10)
        ends = np.array([start, reach])
        axis.plot(
            ends,
            line[1] * ends ** -line[0],
            ":",
            color=colour,
            linewidth=2.2,
            label=rf"published, $\rho$ = {line[0]:.3g}",
            zorder=2,
        )
    if fit is not None:
        _draw_fit(axis, fit, number, reach, rf"fit, $\rho$ = {fit.params['rho']:.3f}")
    logarithmic(axis)


def _draw_fit(axis: Axes, fit: Fit, number: int, reach: float, label: str) -> None:
    """The law with its band: solid among the data, broken beyond."""
    first, last = fit.curve.x[[0, -1]]
    n = np.geomspace(first, max(reach, last), 40)
    axis.fill_between(n, *fit.band(n), color=COLOURS[number], alpha=0.18, linewidth=0)
    for ends, style in (((first, last), "-"), ((last, max(reach, last)), "--")):
        axis.plot(
            ends, fit.predict(np.array(ends)), style, color=COLOURS[number], label=label if style == "-" else None
        )


def crossing_fits(axis: Axes, fits: Mapping[str, Fit], crossings: Sequence[float] = (), reach: float = LARGE) -> None:
    """The fits of several curves, by their labels, in one picture; a vertical line marks each of the crossings."""
    for number, (label, fit) in enumerate(fits.items()):
        _draw_fit(axis, fit, number, reach, label)
        axis.plot(fit.curve.x, fit.curve.y, MARKERS[number], color=COLOURS[number])
    for size in crossings:
        if np.isfinite(size) and size < 2 * reach:
            axis.axvline(size, color=GREY, linewidth=1, linestyle=":")
            axis.annotate(
                f"{size:,.0f}",
                (size, 0.98),
                xycoords=("data", "axes fraction"),
                ha="right",
                va="top",
                rotation=90,
                color=GREY,
                fontsize="small",
            )
    logarithmic(axis)


def search_histories(axes: Iterable[Axes], searches: Mapping[str, Sequence[Mapping]]) -> None:
    """One panel for each search, {title: its trials in their order}; the trials are counted in the title."""
    for axis, (title, trials) in zip(axes, searches.items(), strict=True):
        search_history(axis, trials)
        axis.set_title(f"{title}, {len(trials)} trials")
        place = axis.get_subplotspec()
        if place is not None and not place.is_first_col():
            axis.set_ylabel("")


def slices(axes: Iterable[Axes], shown: Mapping[str, Slice]) -> None:
    """One panel for each hyper-parameter: the surrogate's error along it, with its band; axes that are left over go."""
    axes = list(axes)
    for axis in axes[len(shown) :]:
        axis.remove()
    for axis, (name, of_name) in zip(axes, shown.items()):
        axis.fill_between(of_name.values, of_name.low, of_name.high, color=COLOURS[0], alpha=0.18, linewidth=0)
        axis.plot(of_name.values, of_name.error, color=COLOURS[0])
        axis.axvline(of_name.optimum, color=GREY, linestyle="--", linewidth=1)
        if name in ("rate", "alpha") or name.startswith(("A_", "beta", "tau")):
            axis.set_xscale("log")
        axis.set_ylim(0.8 * of_name.error.min(), 2 * of_name.error.min())
        axis.set_xlabel(name)


def search_history(axis: Axes, trials: Sequence[Mapping]) -> None:
    """The error of each trial of a search in order (pruned ones hollow), and the lowest of the complete ones so far.

    Trials with more than twice the error of the best lie off the top: the first random ones would leave no room
    for the others.
    """
    values = np.array([np.mean(trial["errors"]) for trial in trials])
    complete = np.array([trial.get("state") != "pruned" for trial in trials])
    places, colour = np.arange(1, len(trials) + 1), COLOURS[0]
    axis.plot(places[complete], values[complete], ".", color=colour, alpha=0.5)
    axis.plot(places[~complete], values[~complete], "o", color=colour, alpha=0.4, markerfacecolor="none", markersize=3)
    best = best_so_far(trials)
    axis.step(places, best, where="post", color=colour)
    axis.set(xlabel="trial", ylabel="error on held-out digits", yscale="log", ylim=(0.95 * best[-1], 2 * best[-1]))
    _plain_ticks(axis.yaxis)


def hyper_parameters(axes: Sequence[Axes], curves: Mapping[str, Mapping[int, Mapping]], names: Sequence[str]) -> None:
    """What the searches chose against the size: one axis for each hyper-parameter, one line for each curve that has it.

    curves: {label: {size: record of kind "choice"}}.
    """
    sizes = sorted({n for choices in curves.values() for n in choices})
    for axis, name in zip(axes, names, strict=True):
        for number, (label, choices) in enumerate(curves.items()):
            chosen = {n: choice["parameters"][name] for n, choice in choices.items() if name in choice["parameters"]}
            if chosen:
                axis.plot(
                    list(chosen), list(chosen.values()), f"{MARKERS[number]}-", color=COLOURS[number], label=label
                )
        axis.set(xscale="log", title=symbol(name))
        if name in ("alpha", "rate", "tau") or name.startswith(("A_", "beta")):
            axis.set_yscale("log")
            _few_ticks(axis)
        axis.set_xticks(sizes, [f"{n}" for n in sizes])
        axis.xaxis.set_minor_locator(NullLocator())
        _say_if_empty(axis)


def _say_if_empty(axis: Axes) -> None:
    """Where nothing has been recorded, say so."""
    if not axis.lines:
        axis.text(
            0.5,
            0.5,
            "not yet\nrecorded",
            transform=axis.transAxes,
            ha="center",
            va="center",
            color=GREY,
            fontsize="small",
        )
        axis.tick_params(which="both", bottom=False, left=False, labelbottom=False, labelleft=False)


def _few_ticks(axis: Axes) -> None:
    """Of a logarithmic axis: plain numbers where it spans less than two powers of ten, else the powers alone."""
    low, high = axis.get_ylim()
    if high < 100 * low:
        _plain_ticks(axis.yaxis)
    axis.yaxis.set_minor_formatter(NullFormatter())


def symbol(name: str) -> str:
    """How a hyper-parameter is written: "amp_1" as Amp with the index 1."""
    head, _, index = name.partition("_")
    written = {
        "mu": r"\mu",
        "alpha": r"\alpha",
        "rate": r"\eta/(1-\mu)",
        "tau": r"\tau",
        "beta": r"\beta",
        "amp": r"\mathrm{Amp}",
    }.get(head, head)
    return f"${written}_{index}$" if index else f"${written}$"


def saturation(axis: Axes, means: Mapping[int, Mapping[int, float]], style: str = "-") -> None:
    """Mean error against the number of epochs, one line per size; means: {size: {epoch: mean error}}."""
    for number, (n, by_epoch) in enumerate(means.items()):
        epochs, errors = list(by_epoch), list(by_epoch.values())
        axis.plot(epochs, errors, f"{MARKERS[number]}{style}", color=COLOURS[number])
        axis.annotate(
            f"{n}", (epochs[-1], errors[-1]), (7, 0), textcoords="offset points", va="center", color=COLOURS[number]
        )
    axis.set(xlabel="epochs", ylabel="test error", yscale="log")
    _plain_ticks(axis.yaxis)
    _say_if_empty(axis)


def published_and_ours(axis: Axes, groups: Mapping[str, Mapping[str, tuple[float, Interval | None]]]) -> None:
    """One line per curve: the published value, and ours with its 95% interval; grey where there is none yet.

    groups: {heading: {label of a curve: (published value, ours or None)}}, from top to bottom.
    """
    heading_at, labels, faint = 0, {}, "#aaaaaa"
    for number, (heading, curves) in enumerate(groups.items()):
        axis.annotate(
            heading,
            (0, heading_at),
            (4, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            color=COLOURS[number],
        )
        for place, (label, (value, ours)) in enumerate(curves.items(), start=heading_at + 1):
            labels[place] = label, "black" if ours else GREY
            axis.plot(value, place, "D", color="black" if ours else faint, markerfacecolor="none", zorder=3)
            if ours:
                ends = [[ours.value - ours.low], [ours.high - ours.value]]
                axis.errorbar(ours.value, place, xerr=ends, fmt=MARKERS[number], color=COLOURS[number], capsize=3)
        heading_at += len(curves) + 2
    axis.set_yticks(list(labels), [label for label, _ in labels.values()])
    for tick, (_, colour) in zip(axis.get_yticklabels(), labels.values(), strict=True):
        tick.set_color(colour)
    for label, colour in (("published", "black"), ("published, ours not yet run", faint)):
        axis.plot([], [], "D", color=colour, markerfacecolor="none", label=label)
    axis.errorbar([], [], xerr=[], fmt=MARKERS[0], color=COLOURS[0], capsize=3, label="ours, 95% interval")
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
    axis.grid(axis="x", color="#dddddd", linewidth=0.8)
    axis.set_axisbelow(True)
    axis.invert_yaxis()


def logarithmic(axis: Axes) -> None:
    """Both axes logarithmic, with plain numbers: examples per label and test error."""
    axis.set(xscale="log", yscale="log", xlabel="examples per label", ylabel="test error")
    _plain_ticks(axis.yaxis)
    axis.xaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,.0f}"))
    axis.xaxis.set_minor_formatter(NullFormatter())


class _PlainLocator(LogLocator):
    """1, 2, 5 of each decade; on axes too short for them a few numbers, evenly spaced."""

    def tick_values(self, vmin, vmax):
        return (
            MaxNLocator(5, steps=(1, 2, 5, 10)).tick_values(vmin, vmax)
            if vmax < 5 * vmin
            else super().tick_values(vmin, vmax)
        )


def _plain_ticks(axis) -> None:
    """0.05, 0.1, 0.2 on a logarithmic axis instead of powers of ten."""
    axis.set_major_locator(_PlainLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
