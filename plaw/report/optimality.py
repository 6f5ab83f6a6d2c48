"""Whether a search found the optimum: what its surrogate says around it, and what a longer search would gain.

Every function takes the experiment's name and the folder of the records, by default plaw.study.store.folder().
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from plaw.study import results, store
from plaw.study.experiments import get
from plaw.study.search import Search

STEPS = 61
LEVEL = 0.95


@dataclass(frozen=True)
class Slice:
    """The surrogate's error along one hyper-parameter, the others at the surrogate's optimum.

    values, error, low, high: (steps,), the error at the median of the posterior and the ends of its 95% band; optimum:
    where the surrogate has its least error.
    """

    values: NDArray[np.float64]
    error: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    optimum: float


def slices(experiment_id: str, n: int, folder: Path | None = None) -> dict[str, Slice]:
    """Slices through the optimum at n examples per label, by the names of the hyper-parameters."""
    searching = Search(get(experiment_id), folder or store.folder())
    surrogate = searching.surrogate()
    optimum, shown = searching.optimum(surrogate, n), {}
    for column, (name, where) in enumerate(searching.space.items()):
        places = np.tile(searching.places(optimum), (STEPS, 1))
        places[:, column] = np.linspace(0, 1, STEPS)
        mean, deviation = surrogate.predict(places, n)
        half = stats.norm.ppf((1 + LEVEL) / 2) * deviation
        values = np.array([where.value(float(place)) for place in places[:, column]])
        shown[name] = Slice(values, np.exp(mean), np.exp(mean - half), np.exp(mean + half), optimum[name])
    return shown


def gain_of_doubling(experiment_id: str, folder: Path | None = None) -> dict[int, float]:
    """By which share the second half of a search lowered the error at its optimum, by size.

    Both optima, of the first half of the rounds and of all, are those of the surrogate, and their errors what the
    surrogate of all trials predicts; neither has been confirmed on fresh samples.
    """
    searching = Search(get(experiment_id), folder or store.folder())
    half, full = searching.surrogate(0.5), searching.surrogate()
    gains = {}
    for n in searching.sizes:
        optima = [searching.places(searching.optimum(surrogate, n)) for surrogate in (half, full)]
        first, last = np.exp(full.predict(np.array(optima), n)[0])
        gains[n] = float(1 - last / first)
    return gains


def predictions(experiment_id: str, folder: Path | None = None) -> dict[int, tuple[float, float]]:
    """What the surrogate predicts for the chosen hyper-parameters, and what fresh samples measure: {n: (both)}."""
    pairs = {}
    for n, choice in results.choices(experiment_id, folder).items():
        chosen = next(c for c in choice["candidates"] if c["parameters"] == choice["parameters"])
        pairs[n] = chosen["predicted"], choice["error"]
    return pairs
