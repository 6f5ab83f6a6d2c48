"""A picture of an estimate: the points, the law with its band, and how many examples the target needs."""

import math
from pathlib import Path

import numpy as np

from plaw.curves.planning import Estimate
from plaw.errors import PlawError


def draw_estimate(estimate: Estimate, path: str | Path) -> None:
    """Save a picture of an estimate.

    Parameters
    ----------
    estimate : Estimate
    path : str or Path
        Its ending chooses the format.

    Raises
    ------
    PlawError
        Where the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from plaw.curves.planning import estimate
    >>> answer = estimate([9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084], target=0.02)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     draw_estimate(answer, Path(folder, "answer.svg"))
    ...     Path(folder, "answer.svg").exists()
    True
    """
    from matplotlib.figure import Figure

    fit, size = estimate.fit, estimate.size
    first, last = fit.curve.x[[0, -1]]
    ends = [n for n in (size.value, size.low, size.high) if 0 < n < math.inf]
    n = np.geomspace(min([first, *ends]) / 1.5, min(max([last, *ends]) * 1.5, 1e6 * last), 80)
    figure = Figure(figsize=(6, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.fill_between(n, *estimate.band(n), alpha=0.25, label=f"{size.level:.0%} interval of the law")
    label = f"{fit.law.name}: {fit.law.formula}" if estimate.forecast is None else "average over laws"
    axes.plot(n, estimate.predict(n), label=label)
    axes.errorbar(fit.curve.x, fit.curve.y, fit.curve.yerr, fmt="o", color="black", label="measured")
    axes.axhline(estimate.target, linestyle="--", color="gray", label=f"target {estimate.target:g}")
    if math.isfinite(size.value):
        reach = [max(size.low, n[0]), min(size.high, n[-1])]
        axes.plot(reach, [estimate.target] * 2, linewidth=5, alpha=0.6, color="tab:red")
        axes.plot(size.value, estimate.target, "D", color="tab:red", label=f"n = {size.value:,.4g}")
    axes.set(xscale="log", yscale="log", xlabel="examples n", ylabel="error")
    axes.legend(fontsize="small")
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise PlawError(f"The figure cannot be saved as {path}: {error}.") from None
