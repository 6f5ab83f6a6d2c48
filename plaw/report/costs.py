"""What the paper costs: hours of one core, of many, and of GPUs, from what is recorded.

Networks state how long they took on one core: that is measured. A search does not: its hours are computed, from its
steps and the measured seconds of a step of the networks of the same curve and size. Other machines are computed from
the measured speeds of `plaw bench`. Energy is no measurement either: hours times an assumed power, the thermal design
power that the maker publishes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plaw.model.strategies import Accelerated
from plaw.study import results, search, store
from plaw.study.experiments import EXPERIMENTS, FAMILIES, Experiment

HOUR = 3600.0
# Thermal design power as the makers publish it: AMD's EPYC 7763, 280 W for 64 cores, and NVIDIA's H100 SXM, 700 W.
CORE_WATTS = 280 / 64
GPU_WATTS = 700.0


@dataclass(frozen=True)
class Cost:
    """Core hours of an experiment: of its networks, measured; of its search, computed; and its case in `plaw bench`."""

    experiment_id: str
    networks: float
    search: float
    case: str

    @property
    def total(self) -> float:
        """Networks and search."""
        return self.networks + self.search


def costs(folder: Path | None = None) -> list[Cost]:
    """The costs of all experiments of the paper that are recorded.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp())
    >>> store.append(place, "fig3-1", {"kind": "network", "n": 30, "sample": 0, "error": 0.2, "seconds": 0.36})
    >>> [cost] = costs(place)  # 400 networks of the same cost, and a search
    >>> cost.networks, cost.case
    (0.04, '1 layer')
    """
    folder = folder or store.folder()
    every = (_cost(experiment, folder) for experiment in EXPERIMENTS.values() if experiment.rows)
    return [cost for cost in every if cost.total]


def of_variants(folder: Path | None = None) -> dict[str, float]:
    """Core hours of the variants that are recorded in full, networks and searches, by what varies.

    Examples
    --------
    >>> list(of_variants())[:3]
    ['readings', 'independent searches', 'tasks']
    """
    folder = folder or store.folder()
    hours = dict[str, float]()
    for family, variants in FAMILIES.items():
        complete = [variant for variant in variants if results.is_complete(variant.id, folder)]
        hours[family] = sum(_cost(variant, folder).total for variant in complete)
    return hours


def gpu_hours(cost: Cost, cpu: Mapping, gpu: Mapping) -> float:
    """Hours of a GPU, computed: core hours times the ratio of the speeds in two records of `plaw bench`.

    Of the engines the faster one counts; the CPU's record is of all its cores together."""
    return cost.total * (_speed(cpu, cost.case, "numba") / cpu["cores"]) / _speed(gpu, cost.case, "cupy")


def growth(bench: Mapping, along: str, engine: str) -> tuple[float, float, float]:
    """The least and the largest number of examples, crosses or replicas in a record of `plaw bench`, and by what factor
    the seconds per step grow from the one to the other.

    Examples
    --------
    >>> rows = [{"along": "crosses", "value": n, "engine": "direct", "seconds": float(n)} for n in (300, 1000, 3000)]
    >>> growth({"growth": rows}, "crosses", "direct")
    (300, 3000, 10.0)
    """
    rows = [row for row in bench["growth"] if (row["along"], row["engine"]) == (along, engine)]
    first, *_, last = sorted(rows, key=lambda row: row["value"])
    return first["value"], last["value"], last["seconds"] / first["seconds"]


def _speed(bench: Mapping, case: str, backend: str) -> float:
    rows = [row for row in bench["speeds"] if (row["case"], row["backend"]) == (case, backend)]
    return max(row["steps_per_second"] for row in rows)


def _cost(experiment: Experiment, folder: Path) -> Cost:
    seconds: dict[int, list[float]] = {}
    for record in store.read(folder, experiment.id, "network"):
        if "seconds" in record:
            seconds.setdefault(record["n"], []).append(record["seconds"])
    known = {n: float(np.mean(of_size)) for n, of_size in seconds.items() if n in experiment.sizes}
    networks = sum(mean * experiment.n_samples(n) for n, mean in known.items())
    searched = 0.0
    if not experiment.tuned_by:
        for n, mean in known.items():
            searched += _search_epochs(experiment, n) * mean / (experiment.epochs * experiment.committee)
    return Cost(experiment.id, networks / HOUR, searched / HOUR, _case(experiment))


def _search_epochs(experiment: Experiment, n: int) -> int:
    """Passes over a sample of n examples per label that a search makes at this size, of all networks together."""
    settings = experiment.search
    trials, samples, confirm = (experiment.search_setting(name, n) for name in ("trials", "samples", "confirm"))
    place = experiment.sizes.index(n)
    neighbours = (place > 0) + (place < len(experiment.sizes) - 1)
    candidates = 1 + search.BEST + neighbours + search.FINALISTS * search.FINAL_FACTOR
    epochs = trials * samples * (settings.epochs or experiment.epochs) + candidates * confirm * experiment.epochs
    return epochs * settings.replicas


def _case(experiment: Experiment) -> str:
    """The case of `plaw bench` that trains such networks."""
    if not experiment.architecture.crosses:
        layers = len(experiment.architecture.hidden)
        return f"{layers} layer{'s' * (layers > 1)}"
    if experiment.rule is Accelerated:
        return "crosses, accelerated"
    return "crosses" if experiment.epochs > 1 else "crosses, one epoch"
