"""How likely the published lines of figure 3 are under a reading of the paper (plaw.study.readings).

The paper prints two numbers for each of three depths, rho and eps(6000). Both follow from its errors at four sizes, by
a least-squares line P through their logarithms. With L_d our log errors of depth d under a reading,

    published (rho, log eps(6000))_d = P (L_d + log f + e_d) + r_d

    e_d   normal, independent at each size: the sampling of the paper's 100 networks and of ours, the luck of our
          search, and that of the paper's, `luck` of each error
    r_d   the rounding of the printed numbers, uniform, by its variance
    f     one factor for all errors: 1, or the best one

The six numbers then are normal, with a known covariance. The luck of the paper's searches is not known. LUCK is the
scatter about their law of our own errors when each size had a search of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from plaw.curves.intervals import Interval
from plaw.report import measures, published
from plaw.study import results
from plaw.study.experiments import variant_id

LUCK = 0.03
DEPTHS = (1, 2, 3)
PAPER_SAMPLES = 100


@dataclass(frozen=True)
class Match:
    """How a reading's errors of figure 3 compare with the published lines.

    Attributes
    ----------
    reading : str
        Its name, "" for the reading of all figures.
    log_likelihood : float
        Of the six published numbers, as they are.
    scaled : float
        The same, where all our errors may be multiplied by the best common factor.
    factor : Interval
        That factor.
    scatter : float
        Root of the mean square of the twelve log deviations that it leaves.
    rho : dict of int to Interval
        The exponent of each depth.
    """

    reading: str
    log_likelihood: float
    scaled: float
    factor: Interval
    scatter: float
    rho: dict[int, Interval]


def match(reading: str, folder: Path | None = None, luck: float = LUCK) -> Match | None:
    """Compare a reading with the published lines; None before its three depths are recorded.

    Parameters
    ----------
    reading : str
        A name of plaw.study.readings.READINGS, or "".
    folder : Path, optional
        Of the records.
    luck : float
        Standard deviation of a log error by the luck of the paper's searches.
    """
    names = [variant_id(f"fig3-{depth}", reading) for depth in DEPTHS]
    fits = [results.fit(name, folder) for name in names]
    if not all(fits):
        return None
    curves = [results.errors(name, folder) for name in names]
    ours = [results.search_luck(name, folder) for name in names]
    residuals, covariance, ones = _residuals(curves, ours, luck)
    precision = np.linalg.inv(covariance)
    information = ones @ precision @ ones
    best = float(ones @ precision @ residuals / information)
    half = float(stats.norm.ppf((1 + measures.LEVEL) / 2) / np.sqrt(information))
    normal = stats.multivariate_normal(np.zeros(len(residuals)), covariance)
    deviations = np.concatenate(
        [
            -np.log(list(published.over_line(f"fig3-{depth}", curve).values()))
            for depth, curve in zip(DEPTHS, curves, strict=True)
        ]
    )
    rho = {depth: measures.of_fit(fit, "rho") for depth, fit in zip(DEPTHS, fits, strict=True) if fit}
    return Match(
        reading,
        float(normal.logpdf(residuals)),
        float(normal.logpdf(residuals - best * ones)),
        Interval(best, best - half, best + half, measures.LEVEL).map(np.exp),
        float(np.std(deviations)),
        rho,
    )


def _residuals(
    curves: Sequence[results.Errors], ours: Sequence[float], luck: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Published minus ours of the six numbers, their covariance, and what a common log factor of 1 adds to them."""
    differences, blocks, ones = [], [], []
    for depth, curve, own in zip(DEPTHS, curves, ours, strict=True):
        sizes = np.array(list(curve))
        line = _line(sizes)
        logs = np.log([errors.mean() for errors in curve.values()])
        spread = np.array([errors.std(ddof=1) / errors.mean() for errors in curve.values()])
        count = np.array([len(errors) for errors in curve.values()])
        variances = spread**2 * (1 / count + 1 / PAPER_SAMPLES) + own**2 + luck**2
        printed, rounding = _printed(depth)
        differences.append(printed - line @ logs)
        blocks.append(line @ np.diag(variances) @ line.T + np.diag(rounding))
        ones.append(line @ np.ones(len(sizes)))
    covariance = np.zeros((2 * len(DEPTHS),) * 2)
    for k, block in enumerate(blocks):
        covariance[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = block
    return np.concatenate(differences), covariance, np.concatenate(ones)


def _line(sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """The matrix (2, sizes) that takes log errors to rho and log eps(6000) of the least-squares line."""
    design = np.stack([np.ones(len(sizes)), -np.log(sizes)], axis=1)
    to_parameters = np.linalg.pinv(design)
    return np.stack([to_parameters[1], to_parameters[0] - np.log(published.LARGE) * to_parameters[1]])


def _printed(depth: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The published rho and log eps(6000) of a depth, and the variances of their rounding."""
    by_measure = {number.measure: number for number in published.NUMBERS if number.experiments == (f"fig3-{depth}",)}
    rho, error = by_measure["rho"].span, np.log(by_measure["eps(6000)"].span)
    return np.array([np.mean(rho), np.mean(error)]), np.diff([rho, error], axis=1)[:, 0] ** 2 / 12
