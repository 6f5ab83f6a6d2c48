"""The three regions of a learning curve on our own data, and curves of two variables: width and examples.

floors(curve, law, first)       the floor that a law finds, from more and more sizes
found_from(floors, truth)       from how many examples on it has found it
by_width()                      the errors of one hidden layer by its width
sufficient_width(curves, n)     the width from which on more units no longer pay
chinchilla(curves)              L(N, D) = E + A/N^alpha + B/D^beta, fitted to them
frontier(fit, cost)             the weights and examples of the least error that a cost buys
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plaw.curves.fitting import Fit, fit_law
from plaw.curves.intervals import Interval
from plaw.model.network import Architecture
from plaw.study import results
from plaw.study.experiments import WIDTHS
from plaw.study.results import Errors

FEWEST = 5  # sizes that a law is fitted to
MARGIN = 0.05  # a width suffices where its error is within so much of the lowest
REPLICATES = 400
LABELS = 10
PASSES = 6  # operations for a weight and an example: two forward, four backward
FULL = 100  # hidden units of the paper's networks


def fitted(law: str, curve: Errors, luck: float = 0.0) -> Fit:
    """A law fitted to a curve; luck: standard deviation of a log error from search to search."""
    mean, noise = results.mean_and_noise(curve, luck)
    return fit_law(law, list(curve), mean, yerr=noise)


@dataclass(frozen=True)
class Floor:
    """The floor e_inf that a law finds in the sizes up to `largest`, with its 95% interval; 0: none."""

    largest: int
    value: float
    low: float
    high: float


def floors(curve: Errors, law: str, first: int = 1, luck: float = 0.0) -> list[Floor]:
    """The floor in the sizes from `first` on, for every largest size that leaves enough of them."""
    sizes, found = [n for n in curve if n >= first], []
    for count in range(FEWEST, len(sizes) + 1):
        fit = fitted(law, {n: curve[n] for n in sizes[:count]}, luck)
        with np.errstate(over="ignore"):  # an end of M4's span that the data leave open
            low, high = fit.interval()["e_inf"]
        found.append(Floor(sizes[count - 1], fit.params["e_inf"], low, high))
    return found


def found_from(found: list[Floor], truth: float, precision: float = 0.25) -> int | None:
    """The least largest size from which on a law has the floor: within `precision` of the truth, and 0 excluded.

    None where it has not found it with all the sizes.

    >>> found_from([Floor(60, 0.01, 0.0, 0.1), Floor(120, 0.09, 0.05, 0.11), Floor(240, 0.1, 0.09, 0.11)], 0.1)
    120
    """
    answer = None
    for floor in reversed(found):
        if not (abs(floor.value / truth - 1) <= precision and floor.low > 0):
            break
        answer = floor.largest
    return answer


def with_wrong_labels(curve: Errors, share: float) -> Errors:
    """A curve as wrong test labels would have it, by `expected_with_wrong_labels` for every network."""
    return {n: share + errors * (expected_with_wrong_labels(1.0, share) - share) for n, errors in curve.items()}


def expected_with_wrong_labels(error: float, share: float, labels: int = LABELS) -> float:
    """The error counted on test labels of which a share is wrong, where the true error is `error`.

    A right answer counts as wrong where the label is; a wrong answer counts as right where the wrong label happens to
    be the same, one of labels - 1.

    >>> round(expected_with_wrong_labels(0.0, 0.1), 3), round(expected_with_wrong_labels(0.9, 0.1), 3)
    (0.1, 0.9)
    """
    return share + error * (1 - share * labels / (labels - 1))


# --- width ------------------------------------------------------------------------------------------------------------


def by_width(folder: Path | None = None) -> dict[int, Errors]:
    """The errors of one hidden layer, by its number of units, small and large sets together."""
    names = {width: (f"fig3-1/width-{width}", f"large-1/width-{width}") for width in WIDTHS} | {
        FULL: ("fig3-1", "large-1")
    }
    curves = {width: results.joined(*names[width], folder=folder) for width in sorted(names)}
    return {width: curve for width, curve in curves.items() if curve}


def weights(width: int) -> int:
    """Weights of a network with one hidden layer of so many units.

    >>> weights(100)
    79400
    """
    return Architecture((width,)).weights


def sufficient_width(curves: Mapping[int, Errors], n: int, margin: float = MARGIN) -> Interval | None:
    """The least width whose error at n examples per label is within `margin` of the lowest.

    Between the recorded widths the log error is interpolated. The interval is that of a bootstrap over the networks.
    None where fewer than three widths are recorded at n.
    """
    at_n = {width: curve[n] for width, curve in curves.items() if n in curve}
    if len(at_n) < 3:
        return None
    widths, rng = np.log(list(at_n)), np.random.default_rng(n)

    def suffices(means: NDArray[np.float64]) -> float:
        logs = np.log(means)
        limit = logs.min() + np.log1p(margin)
        first = int(np.argmax(logs <= limit))
        if first == 0:
            return float(np.exp(widths[0]))
        share = (logs[first - 1] - limit) / (logs[first - 1] - logs[first])
        return float(np.exp(widths[first - 1] + share * (widths[first] - widths[first - 1])))

    drawn = [
        suffices(np.array([rng.choice(errors, len(errors)).mean() for errors in at_n.values()]))
        for _ in range(REPLICATES)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(suffices(np.array([errors.mean() for errors in at_n.values()])), float(low), float(high))


def chinchilla(curves: Mapping[int, Errors], luck: float = 0.0) -> Fit:
    """The law of two variables, N weights and D examples, fitted to the mean errors of all widths and sizes."""
    x = np.array([[weights(width), LABELS * n] for width, curve in curves.items() for n in curve], float)
    mean, noise = (
        np.concatenate(parts) for parts in zip(*(results.mean_and_noise(c, luck) for c in curves.values()), strict=True)
    )
    return fit_law("chinchilla", x, mean, yerr=noise)


def frontier(fit: Fit, cost: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """N weights and D examples of the least error that a cost of PASSES N D operations buys, under a chinchilla law.

    alpha A N^-alpha = beta B D^-beta, with D = cost / (PASSES N).
    """
    p = fit.params
    ratio = (p["alpha"] * p["A"] / (p["beta"] * p["B"])) ** (1 / (p["alpha"] + p["beta"]))
    n = ratio * (cost / PASSES) ** (p["beta"] / (p["alpha"] + p["beta"]))
    return n, cost / PASSES / n
