"""The hierarchy of tasks: the exponents and constants of their learning curves, and what these belong to.

curves(depth)                        the power law of every recorded task, by its name
examples(size)                       a number of examples, as far as it is known
share_of_exponent(fits, n)           how much of the tasks' difference in log error comes from rho, and not from c0
two_way(values)                      the variance of a table explained by its rows and by its columns
unique_shares(factors, values)       the variance that each factor of many curves explains alone
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from plaw.curves.fitting import Fit
from plaw.curves.intervals import Interval
from plaw.model.strategies import Accelerated
from plaw.study import results
from plaw.study.experiments import EXPERIMENTS, HIERARCHY, OF_CROSSES, OF_ONE_LAYER, Experiment, get, variant_id

DEPTHS = (1, 2, 3)
MOST = 1e7  # examples; more than these are not worth a number
TASKS = ("mnist", *HIERARCHY, *OF_ONE_LAYER)
TARGET = 0.05  # the error whose size is compared

TITLES = {
    "mnist": "MNIST, ten digits",
    "fashion": "Fashion-MNIST",
    "parity": "odd against even",
    "four-nine": "4 against 9",
    "zero-one": "0 against 1",
    "five-classes": "0 to 4",
    "noisy-5": "5% wrong labels",
    "noisy-10": "10% wrong labels",
    "noisy-20": "20% wrong labels",
    "pixel-noise": "noise on the pixels",
    "small-14": "14 × 14 pixels",
    "small-7": "7 × 7 pixels",
    "digits-8x8": "scikit-learn's 8 × 8",
}


@dataclass(frozen=True)
class Share:
    """A share of a variance, and the p-value of the F test that it is nothing."""

    share: float
    p_value: float


def experiment_of(task: str, depth: int) -> str:
    """The experiment of figure 3's network of a depth on a task.

    >>> experiment_of("fashion", 2), experiment_of("mnist", 1)
    ('fig3-2/fashion', 'fig3-1')
    """
    return variant_id(f"fig3-{depth}", "" if task == "mnist" else task)


def curves(depth: int, folder: Path | None = None) -> dict[str, Fit]:
    """The power law of every task that is recorded in full for figure 3's network of a depth, by its name."""
    names = {task: experiment_of(task, depth) for task in TASKS if depth == 1 or task not in OF_ONE_LAYER}
    fits = {task: results.fit(name, folder) for task, name in names.items() if results.is_complete(name, folder)}
    return {task: fit for task, fit in fits.items() if fit is not None}


def examples(size: Interval) -> str:
    """A number of examples with its interval, to two digits; the ends of the scale in words.

    >>> examples(Interval(1234.5, 987.6, 5e7, 0.95))
    '1,200 (990 to over 10 million)'
    >>> examples(Interval(0.2, 0.1, 0.6, 0.95))
    'below 1'
    """
    if size.high < 1:
        return "below 1"
    value, low, high = (
        f"over {MOST / 1e6:.0f} million" if end > MOST else f"{float(f'{end:.2g}'):,.0f}"
        for end in (size.value, size.low, size.high)
    )
    return f"{value} ({low} to {high})"


def log_errors(fits: Mapping[str, Fit], n: float) -> NDArray[np.float64]:
    """The logarithm of the error at n examples per class, on each task's law: (tasks,)."""
    return np.array([math.log(fit.predict(n)[0]) for fit in fits.values()])


def share_of_exponent(fits: Mapping[str, Fit], n: float) -> float:
    """The share of the variance of log error among tasks, at n examples per class, that their exponents carry.

    With log eps = log c0 - rho log n, the variance is the sum of the covariances of log eps with its two terms. The
    share is that of the second; it is below 0 where easy tasks have small exponents, and above 1 where the constants
    work against the order of the tasks.
    """
    exponents = -math.log(n) * np.array([fit.params["rho"] for fit in fits.values()])
    logs = log_errors(fits, n)
    return float(np.cov(exponents, logs)[0, 1] / logs.var(ddof=1))


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> Share:
    """Spearman's rank correlation (as a share), and its p-value."""
    answer = stats.spearmanr(first, second)
    return Share(float(answer.statistic), float(answer.pvalue))


def table(folder: Path | None = None) -> tuple[list[str], NDArray[np.float64]]:
    """The tasks that are recorded at all depths, and their exponents: (tasks, depths)."""
    by_depth = [curves(depth, folder) for depth in DEPTHS]
    tasks = [task for task in by_depth[0] if all(task in fits for fits in by_depth)]
    return tasks, np.array([[fits[task].params["rho"] for fits in by_depth] for task in tasks])


def two_way(values: NDArray[np.float64]) -> tuple[Share, Share, float]:
    """Analysis of variance of a table (rows, columns): the shares of rows and of columns, and of what is left.

    What is left, interaction and noise, is what the F tests compare with.

    >>> rows, columns, left = two_way(np.array([[1.0, 1.1], [2.0, 2.1], [3.0, 3.1]]))
    >>> round(rows.share, 3), round(left, 3)
    (0.996, 0.0)
    """
    count, width = values.shape
    mean, by_row, by_column = values.mean(), values.mean(axis=1), values.mean(axis=0)
    total = ((values - mean) ** 2).sum()
    rows, columns = width * ((by_row - mean) ** 2).sum(), count * ((by_column - mean) ** 2).sum()
    left = max(total - rows - columns, 0.0)
    freedom = (count - 1) * (width - 1)

    def share(part: float, dof: int) -> Share:
        f = part / dof / (left / freedom) if left > 0 else math.inf
        return Share(float(part / total), float(stats.f.sf(f, dof, freedom)))

    return share(rows, count - 1), share(columns, width - 1), float(left / total)


def factors_of(experiment: Experiment) -> dict[str, str]:
    """What an exponent could belong to: the task, and what the network is and how it learns."""
    return {
        "task": experiment.task.name,
        "depth": str(len(experiment.architecture.hidden)),
        "crosses": str(bool(experiment.architecture.crosses)),
        "epochs": "one" if experiment.epochs == 1 else "many",
        "rule": "accelerated" if experiment.rule is Accelerated else "momentum",
        "committee": str(experiment.committee > 1),
    }


def all_curves(folder: Path | None = None) -> dict[str, Fit]:
    """The power law of every complete curve: those of the paper's figures, and figure 3's networks on other tasks."""
    names = [name for name in results.complete(folder) if name in EXPERIMENTS]
    names += [experiment_of(task, depth) for depth in DEPTHS for task in curves(depth, folder) if task != "mnist"]
    names += [name for base in OF_CROSSES if results.is_complete(name := f"{base}/fashion", folder)]
    return {name: fit for name in names if (fit := results.fit(name, folder)) is not None}


def unique_shares(factors: Sequence[Mapping[str, str]], values: NDArray[np.float64]) -> dict[str, Share]:
    """The variance of values that each factor explains and the others cannot: by how much R^2 falls without it.

    Ordinary least squares with one effect for every level of every factor.

    >>> factors = [{"a": a, "b": b} for a in "xyz" for b in "pq"]
    >>> values = np.array([0.0, 0.1, 1.0, 1.2, 2.0, 2.1])
    >>> {name: round(share.share, 2) for name, share in unique_shares(factors, values).items()}
    {'a': 0.99, 'b': 0.01}
    """
    names = list(factors[0])
    total = ((values - values.mean()) ** 2).sum()

    def residue(some: Sequence[str]) -> tuple[float, int]:
        columns = [np.ones(len(values))]
        for name in some:
            levels = sorted({of_curve[name] for of_curve in factors})[1:]
            columns += [np.array([of_curve[name] == level for of_curve in factors], float) for level in levels]
        design = np.stack(columns, axis=1)
        rank = int(np.linalg.matrix_rank(design))
        fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
        return float(((values - fitted) ** 2).sum()), rank

    left, rank = residue(names)
    freedom, shares = len(values) - rank, {}
    for name in names:
        without, smaller = residue([other for other in names if other != name])
        dof = rank - smaller
        f = (without - left) / dof / (left / freedom) if dof and freedom and left > 0 else math.nan
        p_value = float(stats.f.sf(f, dof, freedom)) if dof and freedom else math.nan
        shares[name] = Share(float((without - left) / total), p_value)
    return shares


def analysis(folder: Path | None = None) -> dict[str, Share]:
    """The unique shares of the variance of rho among all curves."""
    fits = all_curves(folder)
    values = np.array([fit.params["rho"] for fit in fits.values()])
    return unique_shares([factors_of(get(name)) for name in fits], values)
