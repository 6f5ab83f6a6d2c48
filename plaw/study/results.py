"""What the records say of an experiment: the errors of each size, the fitted law, the choices and the trials of its search."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from plaw.curves.fitting import Fit, fit_law
from plaw.model.strategies import Strategy
from plaw.study import store
from plaw.study.experiments import EXPERIMENTS, Experiment
from plaw.study.spaces import strategy_at

ENOUGH_SAMPLES, ENOUGH_SIZES = 5, 3  # a size counts from so many samples on, a curve is fitted from so many sizes on


def errors(
    id: str, folder: Path | None = None, epoch: int | None = None, committee: bool = True
) -> dict[int, np.ndarray]:
    """The test errors of all samples of an experiment, by size, in the order of their samples; sizes without any are left out.

    epoch: after that epoch instead of the last. committee: for committees the error of the committee after the last epoch, otherwise
    the mean error of its networks alone.
    """
    by_size = {n: {} for n in EXPERIMENTS[id].sizes}
    for record in _read(id, folder, "network"):
        if record["n"] in by_size:
            by_size[record["n"]][record["sample"]] = _error(record, epoch, committee)
    return {n: np.array([of[sample] for sample in sorted(of)]) for n, of in by_size.items() if of}


def complete(folder: Path | None = None) -> dict[str, dict[int, np.ndarray]]:
    """The errors of every curve, of three sizes or more, that has all its samples at all its sizes.

    Curves of deepened networks are left out: they repeat those of the networks that they are built on.
    """
    curves = [
        id
        for id, experiment in EXPERIMENTS.items()
        if len(experiment.sizes) >= ENOUGH_SIZES and not experiment.identity_layer
    ]
    found = {id: errors(id, folder) for id in curves}
    return {
        id: of
        for id, of in found.items()
        if all(len(of.get(n, ())) >= EXPERIMENTS[id].n_samples(n) for n in EXPERIMENTS[id].sizes)
    }


def fit(id: str, folder: Path | None = None, law: str = "power", largest: float = math.inf) -> Fit | None:
    """The law fitted to the errors of all sizes up to `largest` with at least five samples; None while these are fewer than three."""
    counted = {n: found for n, found in errors(id, folder).items() if len(found) >= ENOUGH_SAMPLES and n <= largest}
    return _fit(law, tuple(counted), tuple(map(tuple, counted.values())))


@lru_cache(maxsize=64)
def _fit(law: str, sizes: tuple[int, ...], samples: tuple[tuple[float, ...], ...]) -> Fit | None:
    return fit_law(law, sizes, samples) if len(sizes) >= ENOUGH_SIZES else None


def local_exponents(id: str, folder: Path | None = None) -> dict[tuple[int, int], tuple[float, float]]:
    """rho between neighbouring sizes, -log(eps_2 / eps_1) / log(n_2 / n_1) of the mean errors, and its standard error from sampling.

    Of sizes with at least five samples. Under a power law all are the same.
    """
    counted = [(n, found) for n, found in errors(id, folder).items() if len(found) >= ENOUGH_SAMPLES]
    found = {}
    for (n, one), (m, other) in pairwise(counted):
        noise = np.hypot(*(e.std(ddof=1) / e.mean() / len(e) ** 0.5 for e in (one, other)))
        found[n, m] = float(np.log(one.mean() / other.mean()) / np.log(m / n)), float(noise / np.log(m / n))
    return found


def slopes(*ids: str, folder: Path | None = None) -> str:
    """The local exponents of some experiments, to read; those without any are left out."""
    lines = []
    for id in ids:
        found = local_exponents(id, folder)
        lines += [id] * bool(found)
        lines += [
            f"  {n:>3} to {m:>3} per label: rho = {rho:.3f} ± {noise:.3f}" for (n, m), (rho, noise) in found.items()
        ]
    return "\n".join(lines)


def by_epoch(id: str, folder: Path | None = None) -> dict[int, dict[int, float]]:
    """The mean error of each size after each epoch at which it is recorded: {size: {epoch: mean error}}."""
    found = {epoch: errors(id, folder, epoch) for epoch in epochs(id)}
    return {n: {epoch: float(of[n].mean()) for epoch, of in found.items()} for n in errors(id, folder)}


def epochs(id: str) -> tuple[int, ...]:
    """After which epochs the error of an experiment is recorded."""
    experiment = EXPERIMENTS[id]
    return tuple(sorted({*experiment.record_epochs, experiment.epochs}))


def choices(id: str, folder: Path | None = None) -> dict[int, dict]:
    """The last record of kind "choice" of each size, small to large; of the experiment that tunes this one, where another does."""
    found = {record["n"]: record for record in _read(_tuner(id).id, folder, "choice")}
    return {n: found[n] for n in sorted(found)}


def strategy(id: str, n: int, folder: Path | None = None) -> Strategy | None:
    """The strategy chosen for n examples per label; None before its search is done."""
    choice, experiment = choices(id, folder).get(n), _tuner(id)
    return strategy_at(experiment.rule, experiment.architecture, choice["parameters"]) if choice else None


def trials(id: str, n: int, folder: Path | None = None) -> list[dict]:
    """The trials of the search at n examples per label, in their order."""
    found = [record for record in _read(_tuner(id).id, folder, "trial") if record["n"] == n]
    return sorted(found, key=lambda record: record["number"])


def best_so_far(trials: Sequence[Mapping]) -> np.ndarray:
    """The lowest error of the complete trials up to each one, infinite before the first: (trials,)."""
    return np.minimum.accumulate(
        [np.mean(trial["errors"]) if trial["state"] == "complete" else np.inf for trial in trials]
    )


def late_gain(id: str, n: int, folder: Path | None = None) -> float:
    """By which share the second half of the search at n examples per label lowered its best error."""
    best = best_so_far(trials(id, n, folder))
    return float(1 - best[-1] / best[len(best) // 2 - 1])


def summary(*ids: str, folder: Path | None = None) -> str:
    """What is recorded of some experiments, to read: mean and standard deviation of the error at each size, and of how many samples."""
    lines = []
    for id in ids:
        experiment, found = EXPERIMENTS[id], errors(id, folder)
        lines.append(experiment.title + ("" if found else ": not yet recorded"))
        for n in experiment.sizes if found else ():
            have, want = len(found.get(n, ())), experiment.n_samples(n)
            kind = ("committee" if experiment.committee > 1 else "network") + "s" * (have != 1)
            count = f"{have} {kind}" + (f" of {want} so far" if have < want else "")
            spread = f", deviation {found[n].std(ddof=1):.4f}" if have > 1 else ""
            lines.append(
                f"  {n:>3} per label: " + (f"{found[n].mean():.4f}{spread} ({count})" if have else "not yet recorded")
            )
    return "\n".join(lines)


def _tuner(id: str) -> Experiment:
    return EXPERIMENTS[EXPERIMENTS[id].tuned_by or id]


def _read(experiment_id: str, folder: Path | None, kind: str) -> list[dict]:
    return store.read(folder or store.folder(), experiment_id, kind)


def _error(record: dict, epoch: int | None, committee: bool) -> float:
    if epoch is not None:
        return record["errors"][str(epoch)]
    return record.get("committee_error", record["error"]) if committee else record["error"]
