"""Pictures of answers: the points, the law with its band, and how many examples the target needs."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plaw.curves.arrays import FloatArray
from plaw.curves.curve import Curve
from plaw.curves.fitting import Fit
from plaw.curves.intervals import plain_number
from plaw.curves.planning import Estimate
from plaw.errors import PlawError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BEYOND = 1e6  # no picture reaches farther beyond the largest size


def draw_estimate(answer: Estimate, path: str | Path | None = None, ax: "Axes | None" = None) -> "Axes":
    """Draw an answer into given axes, or into a new figure, and save it if there is a path.

    Parameters
    ----------
    answer : Estimate
    path : str or Path, optional
        Where to save the figure; its ending chooses the format.
    ax : matplotlib Axes, optional
        Default: those of a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    PlawError
        Where the file cannot be written, or its name has no ending.

    Examples
    --------
    >>> import tempfile
    >>> from plaw.curves.planning import estimate
    >>> answer = estimate([9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084], target=0.02)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     axes = draw_estimate(answer, Path(folder, "answer.svg"))
    ...     Path(folder, "answer.svg").exists()
    True
    """
    return draw_estimates({"": answer}, path, ax)


def draw_estimates(answers: Mapping[str, Estimate], path: str | Path | None = None, ax: "Axes | None" = None) -> "Axes":
    """Draw the answers to one question for several curves into one picture.

    Parameters
    ----------
    answers : mapping of str to Estimate
        By the names of the curves, of one metric and one target.
    path, ax
        As for `draw_estimate`.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    PlawError
        Where the file cannot be written, or its name has no ending.

    Examples
    --------
    >>> from plaw.curves.planning import estimate
    >>> sizes = [9, 15, 30, 60]
    >>> plain = estimate(sizes, [0.3, 0.25, 0.2, 0.17], target=0.02)
    >>> better = estimate(sizes, [0.217, 0.168, 0.119, 0.084], target=0.02)
    >>> axes = draw_estimates({"plain": plain, "better": better})
    >>> len(axes.lines) > 4
    True
    """
    axes = _new_axes() if ax is None else ax
    span = _span([(answer.fit, answer) for answer in answers.values()])
    several = len(answers) > 1
    for number, (name, answer) in enumerate(answers.items()):
        color = f"C{number}"
        labels = _law_labels(answer, name if several else None)
        _draw_law(axes, answer, answer.fit.curve, span, answer.size.level, color, labels)
        _draw_size(axes, answer, span, color if several else "tab:red")
    first = next(iter(answers.values()))
    label = (
        f"target {first.metric.name} {first.asked:g}" if first.metric.higher_is_better else f"target {first.asked:g}"
    )
    axes.axhline(first.target, linestyle="--", color="gray", label=label)
    _finish(axes, first.metric.formula)
    if path is not None:
        _save(axes, path)
    return axes


def draw_fit(fit: Fit, ax: "Axes | None" = None, level: float = 0.95, name: str | None = None) -> "Axes":
    """Draw a fitted law of one variable with its band and the points.

    Parameters
    ----------
    fit : Fit
    ax : matplotlib Axes, optional
        Default: those of a new figure.
    level : float
        The confidence of the band.
    name : str, optional
        Of the curve, for the legend.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    PlawError
        For a law of two variables.

    Examples
    --------
    >>> from plaw.curves.fitting import fit_law
    >>> draw_fit(fit_law("power", [9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084])).get_xscale()
    'log'
    """
    if len(fit.law.variables) > 1:
        raise PlawError(f"Only laws of one variable are drawn, and {fit.law.name} is one of N and D.")
    axes = _new_axes() if ax is None else ax
    color = axes.plot([], [])[0].get_color()
    _draw_law(axes, fit, fit.curve, _span([(fit, None)]), level, color, _law_labels(fit, name))
    _finish(axes, "error")
    return axes


def whole_figure(axes: "Axes") -> "Figure":
    """The figure that some axes belong to, through its parts."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure


def _new_axes() -> "Axes":
    from matplotlib.figure import Figure

    return Figure(figsize=(6, 4.2), layout="constrained").subplots()


def _span(drawn: list[tuple[Fit, Estimate | None]]) -> FloatArray:
    """The sizes at which the laws are drawn: those measured and those answered, with a margin."""
    lows, highs = [], []
    for fit, answer in drawn:
        first, last = fit.curve.x[[0, -1]]
        size = answer.size if answer else None
        ends = [n for n in (size.value, size.low, size.high) if 0 < n < math.inf] if size else []
        lows.append(min([first, *ends]))
        highs.append(min(max([last, *ends]), BEYOND / 1.5 * last))
    return np.geomspace(min(lows) / 1.5, max(highs) * 1.5, 80)


def _draw_law(
    axes: "Axes", drawn: Fit | Estimate, curve: Curve, n: FloatArray, level: float, color: Any, labels: tuple[str, str]
) -> None:
    """The line, its band and the points; labels: of the line, and of the band and the points unless it is empty."""
    law, alone = labels
    band = drawn.band(n, level) if isinstance(drawn, Fit) else drawn.band(n)
    axes.fill_between(n, *band, color=color, alpha=0.25, label=f"{level:.0%} interval of the law" if alone else None)
    axes.plot(n, drawn.predict(n), color=color, label=law)
    axes.errorbar(curve.x, curve.y, curve.yerr, fmt="o", color="black" if alone else color, label=alone or None)


def _law_labels(drawn: Fit | Estimate, name: str | None) -> tuple[str, str]:
    """One curve has its formula in the legend, several have their names."""
    if isinstance(drawn, Estimate) and drawn.forecast is not None:
        return (name, "") if name else ("average over laws", "measured")
    law = drawn.law if isinstance(drawn, Fit) else drawn.fit.law
    return (f"{name} ({law.name})", "") if name else (f"{law.name}: {law.formula}", "measured")


def _draw_size(axes: "Axes", answer: Estimate, n: FloatArray, color: str) -> None:
    size = answer.size
    if 0 < size.value < math.inf:
        reach = [max(size.low, n[0]), min(size.high, n[-1])]
        axes.plot(reach, [answer.target] * 2, linewidth=5, alpha=0.6, color=color)
        axes.plot(size.value, answer.target, "D", color=color, label=f"n = {plain_number(size.value)}")


def _finish(axes: "Axes", quantity: str) -> None:
    axes.set(xscale="log", yscale="log", xlabel="examples n", ylabel=quantity)
    axes.legend(fontsize="small")


def _save(axes: "Axes", path: str | Path) -> None:
    if not Path(path).suffix:
        raise PlawError(f"The figure's name {path} needs an ending that says its format, like {path}.svg.")
    try:
        whole_figure(axes).savefig(path)
    except (OSError, ValueError) as error:
        raise PlawError(f"The figure cannot be saved as {path}: {error}.") from None
