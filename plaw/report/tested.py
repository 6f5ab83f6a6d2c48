"""Extrapolations put to the test: errors predicted from small sets beside those measured on large ones.

last_sizes()      the largest size of every curve, predicted from the others
large_sets()      every experiment on large sets, predicted from the curve that its search came after
depths()          the errors of one, two and three hidden layers at all sizes that were measured
carried()         networks on large sets with the hyper-parameters of small ones, beside searched ones
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plaw.curves.fitting import fit_law
from plaw.curves.intervals import Interval
from plaw.curves.planning import estimate
from plaw.report.hierarchy import all_curves
from plaw.study import results
from plaw.study.experiments import CARRIED, EXPERIMENTS, VARIANTS, get
from plaw.study.results import ENOUGH_SIZES, Errors
from plaw.study.sampling import Digits, Purpose

LUCK = 0.02  # of a log error, from search to search


@dataclass(frozen=True)
class Test:
    """A measured error and what was predicted for it.

    Attributes
    ----------
    name : str
        The experiment that measured it.
    sizes : tuple of int
        Those that the prediction was made from.
    n : int
        Examples per label where it was measured.
    line, planner : Interval
        The straight line's prediction, and that of plaw.estimate, with their 95% intervals.
    measured, noise : float
        The mean error, and its standard error.
    """

    __test__ = False  # pytest takes it for one of its own

    name: str
    sizes: tuple[int, ...]
    n: int
    line: Interval
    planner: Interval
    measured: float
    noise: float

    @property
    def distance(self) -> float:
        """How many times as large as the largest fitted size n is."""
        return self.n / self.sizes[-1]

    def hit(self, prediction: Interval) -> bool:
        """Whether the measured error lies in an interval."""
        return prediction.low <= self.measured <= prediction.high

    def miss(self, prediction: Interval) -> float:
        """ln(measured / predicted)."""
        return float(np.log(self.measured / prediction.value))


def predict(name: str, curve: Errors, later: Errors) -> list[Test]:
    """The tests of what a curve predicts for later sizes."""
    (means, noise), sizes = results.mean_and_noise(curve, LUCK), list(curve)
    line = fit_law("power", sizes, means, yerr=noise)
    answer = estimate(sizes, means, float(means[-1] / 2), yerr=noise, at=list(later))
    return [
        Test(
            name,
            tuple(sizes),
            n,
            Interval(float(line.predict(n)[0]), *(float(end) for end in line.band(n)[:, 0])),
            answer.expected[n],
            float(errors.mean()),
            float(errors.std(ddof=1) / len(errors) ** 0.5),
        )
        for n, errors in later.items()
    ]


def last_sizes(folder: Path | None = None) -> list[Test]:
    """The largest size of every complete curve, predicted from the others, three or more."""
    tests = []
    for name in all_curves(folder):
        *sizes, last = (curve := results.errors(name, folder))
        if len(sizes) >= ENOUGH_SIZES:
            tests += predict(name, {n: curve[n] for n in sizes}, {last: curve[last]})
    return tests


def large_sets(folder: Path | None = None) -> list[Test]:
    """Every recorded size of the experiments on large sets, predicted from the curve that their search came after."""
    tests = []
    for name, experiment in (EXPERIMENTS | VARIANTS).items():
        later = results.joined(name, folder=folder)
        if name.startswith("large-") and experiment.search.after and not experiment.tuned_by and later:
            curve = results.joined(experiment.search.after, folder=folder)
            if len(curve) >= ENOUGH_SIZES:
                tests += predict(name, curve, later)
    return tests


def share_of_hits(tests: Sequence[Test]) -> tuple[float, float]:
    """The shares of the straight line's and of the planner's intervals that hold the measured error."""
    return float(np.mean([test.hit(test.line) for test in tests])), float(
        np.mean([test.hit(test.planner) for test in tests])
    )


def depths(folder: Path | None = None) -> dict[int, dict[int, tuple[float, float]]]:
    """The mean error of each depth at every size measured for all three, and its standard error: {n: {depth: both}}."""
    curves = {
        depth: results.joined(f"fig3-{depth}", f"large-{depth}/between", f"large-{depth}", folder=folder)
        for depth in (1, 2, 3)
    }
    sizes = sorted(set.intersection(*(set(curve) for curve in curves.values())))
    return {
        n: {d: (float(c[n].mean()), float(c[n].std(ddof=1) / len(c[n]) ** 0.5)) for d, c in curves.items()}
        for n in sizes
    }


def carried(folder: Path | None = None) -> Iterator[tuple[str, int, int, float, float]]:
    """Depth's name, size, size whose hyper-parameters are used, and the mean error with them and with searched ones."""
    for depth in (1, 2, 3):
        searched = results.errors(f"large-{depth}", folder)
        for origin in CARRIED:
            for n, errors in results.joined(f"large-{depth}/carried-{origin}", folder=folder).items():
                if n in searched:
                    yield f"{depth} hidden", n, origin, float(errors.mean()), float(searched[n].mean())


def search_steps(name: str) -> dict[int, int]:
    """The steps of training that the trials of a search took at each of its sizes."""
    experiment = get(name)
    return {
        n: experiment.search_setting("trials", n)
        * experiment.search_setting("samples", n)
        * n
        * experiment.task.outputs
        * (experiment.search.epochs or experiment.epochs)
        for n in experiment.sizes
    }


def shared(digits: Digits, n: int) -> float:
    """The share of its examples that a reported sample of n per label has in common with another, on average."""
    counts = np.bincount(digits.train_labels[digits.pool(Purpose.REPORT, n)])
    return float(np.mean(n / counts))
