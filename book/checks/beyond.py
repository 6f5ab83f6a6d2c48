"""Beyond a straight line."""

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np

from plaw.study import results
from plaw.study.experiments import EXPERIMENTS


def measure(misses: Sequence[Sequence[float]]) -> SimpleNamespace:
    """How far forecasts missed, misses[curve, law]: of a power law, of one with a floor, and of both foils."""
    misses = np.array(misses)
    straight, floored = misses[:, 0], misses[:, 1]
    alike = np.abs(floored - straight) < 1e-3
    return SimpleNamespace(
        means=misses.mean(axis=0),
        alike=alike,
        better=(floored < straight) & ~alike,
        worse=(floored > straight) & ~alike,
        closer=floored < straight,
        crosses=np.array(["crosses" in EXPERIMENTS[name].title for name in results.complete()]),
    )


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    straight, floored, *foils = measured.means
    assert floored < straight < min(foils), "a floor predicts best, and no floor better than both foils"
    assert all(measured.closer[measured.crosses]) and sum(measured.crosses) > 5, "with crosses the floor comes closer"
    assert sum(measured.worse) == 1 and sum(measured.alike) >= 2, "on one curve it misses more, on some both are one"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    return {
        "better": f"{sum(measured.better)}",
        "of all": f"{len(measured.better)}",
        "alike": f"{sum(measured.alike)}",
        "straight miss": f"{measured.means[0]:.1%}",
        "floored miss": f"{measured.means[1]:.1%}",
    }
