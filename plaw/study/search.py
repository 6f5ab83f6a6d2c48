"""Choosing hyper-parameters: minimise the error on held-out training digits (Optuna's TPE), then confirm the best on fresh samples.

Every trial is recorded as it ends, and its sampler is seeded by its number, so that a search killed at any moment goes on as if
nothing had happened. On a CPU each trial learns from all before it. A GPU, which one network leaves idle, trains batches of trials:
those of a batch are replicas of one network, which share each sample, its wiring and its Gram matrices.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import optuna
from joblib import Parallel, delayed

from plaw.engine import backends
from plaw.engine.choice import choose_engine
from plaw.engine.training import errors, outputs
from plaw.model.strategies import Accelerated, Range, Strategy
from plaw.study import store
from plaw.study.experiments import EXPERIMENTS, Experiment
from plaw.study.sampling import ENTROPY, Digits, Purpose, Sample, describe, draw_sample, seed_key, train_sample

EDGE = 0.02  # of a range: nearer to its end than that is on its edge
BATCH = 10  # trials at once on a GPU; with the samples side by side they fill a card, and eighty trials still learn seven times
optuna.logging.set_verbosity(optuna.logging.WARNING)


@dataclass(frozen=True)
class Search:
    """The search of one experiment at n examples per label, with `jobs` samples side by side."""

    experiment: Experiment
    n: int
    digits: Digits
    folder: Path
    jobs: int = 1

    def records(self, kind: str) -> list[dict]:
        return [record for record in store.read(self.folder, self.experiment.id, kind) if record["n"] == self.n]

    def strategy(self, parameters: dict) -> Strategy:
        return self.experiment.rule.from_parameters(self.experiment.architecture, parameters)


def chosen(folder: Path, experiment: Experiment, n: int) -> Strategy | None:
    """The strategy that a recorded search chose for an experiment at n examples per label, or None before it is done."""
    records = [
        record for record in store.read(folder, experiment.tuned_by or experiment.id, "choice") if record["n"] == n
    ]
    return experiment.rule.from_parameters(experiment.architecture, records[-1]["parameters"]) if records else None


def search(search_: Search, on_progress: Callable[[], None] = lambda: None) -> dict:
    """Do what is left of a search and return its record of kind "choice". tell() is called after each trial.

    It starts from what is recorded of the next smaller size and of the momentum strategy, where plaw.study.experiments.SearchSettings says so.
    """
    done = search_.records("choice")
    if done:
        return done[-1]
    drawn_samples, starts = _prepare(search_, Purpose.SEARCH), _starts(search_)
    while len(done := search_.records("trial")) < search_.experiment.search.trials:
        records = _evaluate(search_, drawn_samples, done, _propose(search_, done, starts))
        for number, record in enumerate(records, start=len(done)):
            store.append(search_.folder, search_.experiment.id, record | {"number": number})
            on_progress()
    return _confirm(search_)


def _starts(search_: Search) -> list[dict]:
    """The parameters of the first trials (plaw.study.experiments.SearchSettings)."""
    experiment, starts = search_.experiment, []
    smaller = max((n for n in experiment.sizes if n < search_.n), default=None)
    if smaller:
        below = replace(search_, n=smaller)
        optimum = below.records("choice")[-1]["parameters"]
        others = [parameters for record in _best(below) if (parameters := record["parameters"]) != optimum]
        starts += [optimum, *others][: experiment.search.starts]
    if experiment.search.momentum:
        tuned = replace(search_, experiment=EXPERIMENTS[experiment.search.momentum])
        starts.append(Accelerated.near(experiment.architecture, tuned.records("choice")[-1]["parameters"]))
    return starts


def _best(search_: Search) -> list[dict]:
    """The trials that were not given up, the best first."""
    trials = [record for record in search_.records("trial") if record["state"] == "complete"]
    return sorted(trials, key=lambda record: np.mean(record["errors"]))


def _at_once() -> int:
    """Trials that train side by side."""
    return BATCH if backends.get().NAME == "cupy" else 1


def _propose(search_: Search, done: list[dict], starts: Sequence[dict]) -> list[dict]:
    """The parameters of the next trial or, on a GPU, of all that the batch under way has left.

    Trials of that batch count as running, and Optuna's constant liar keeps away from them: what is proposed depends on the records alone.
    """
    begin = len(done) // _at_once() * _at_once()
    study, proposals = _study(search_, done, begin), []
    for number in range(len(done), min(begin + _at_once(), search_.experiment.search.trials)):
        study.sampler = _sampler(search_, number)
        if number < len(starts):
            study.enqueue_trial(starts[number])
        proposals.append(study.ask(_distributions(search_)).params)
    return proposals


def _evaluate(search_: Search, drawn_samples, done: list[dict], proposals: list[dict]) -> list[dict]:
    """The records of new trials, each given up if, after search.prune_after epochs, it is in the worse half of the trials so far."""
    records = [
        {"kind": "trial", "n": search_.n, "batch": _at_once(), "parameters": parameters, "state": "complete"}
        for parameters in proposals
    ]
    early = search_.experiment.search.prune_after
    if early:
        earlier = [trial["early_errors"] for trial in done]
        for record, found in zip(records, _errors(search_, drawn_samples, proposals, early), strict=True):
            record["early_errors"] = found
            if len(earlier) >= 10 and np.mean(found) > np.median(np.mean(earlier, axis=1)):
                record |= {"errors": found, "state": "pruned"}
            earlier.append(found)
    going_on = [record for record in records if record["state"] == "complete"]
    found = _errors(search_, drawn_samples, [record["parameters"] for record in going_on], search_.experiment.epochs)
    for record, its_errors in zip(going_on, found, strict=True):
        record["errors"] = its_errors
    return records


def _confirm(search_: Search) -> dict:
    """Re-evaluate the best trials on fresh samples, and record the best of them as the choice."""
    best = _best(search_)[: search_.experiment.search.finalists]
    fresh = _errors(
        search_,
        _prepare(search_, Purpose.CONFIRM),
        [record["parameters"] for record in best],
        search_.experiment.epochs,
    )
    candidates = [
        {"number": record["number"], "search_error": float(np.mean(record["errors"])), "errors": again}
        for record, again in zip(best, fresh, strict=True)
    ]
    winner = int(np.argmin(np.mean(fresh, axis=1)))
    parameters = best[winner]["parameters"]
    record = {
        "kind": "choice", "n": search_.n, "parameters": parameters, "strategy": describe(search_.strategy(parameters)),
        "error": float(np.mean(fresh[winner])), "candidates": candidates, "trials": len(search_.records("trial")), "edges": _edges(search_, parameters),
    }  # fmt: skip
    store.append(search_.folder, search_.experiment.id, record)
    return record


def _prepare(search_: Search, purpose: Purpose) -> list[tuple[Sample, np.ndarray | None]]:
    """The samples that every trial trains on, with their Gram matrices where the many trials make them worth their time."""
    backend = backends.get()

    def prepare(sample: int):
        drawn = draw_sample(search_.experiment, search_.digits, purpose, search_.n, sample)
        steps = drawn.order.shape[1] * search_.experiment.search.trials
        accelerated = search_.experiment.rule is Accelerated
        choice = choose_engine("auto", backend.NAME, drawn.network, accelerated, len(drawn.labels), steps, False)
        return drawn, backend.gram_matrices(drawn.network.wiring, drawn.images) if choice.engine == "dual" else None

    return [prepare(sample) for sample in range(search_.experiment.n_search_samples(search_.n))]


def _errors(search_: Search, drawn_samples, proposals: Sequence[dict], epochs: int) -> list[list[float]]:
    """The errors on the validation digits, for each proposal one a sample, of networks trained with its parameters."""
    images, labels = search_.digits.validation
    evaluate = lambda network: errors(outputs(network, images), labels).tolist()  # noqa: E731

    def train_together(drawn: Sample, gram, some: list[dict]) -> list[float]:
        return train_sample(
            drawn.repeated(len(some)), [search_.strategy(parameters) for parameters in some], evaluate, (epochs,), gram
        )[0][epochs]

    found = []
    for begin in range(0, len(proposals), _at_once()):
        some = proposals[begin : begin + _at_once()]
        by_sample = Parallel(n_jobs=search_.jobs, backend="threading")(
            delayed(train_together)(*drawn, some) for drawn in drawn_samples
        )
        found += map(list, zip(*by_sample, strict=True))
    return found


def _study(search_: Search, done: list[dict], begin: int) -> optuna.Study:
    """The recorded trials as Optuna sees them, those from number `begin` on as if still running."""
    study, distributions, states = optuna.create_study(), _distributions(search_), optuna.trial.TrialState
    for number, record in enumerate(done):
        ended = {"value": float(np.mean(record["errors"]))} if number < begin else {"state": states.RUNNING}
        study.add_trial(optuna.trial.create_trial(params=record["parameters"], distributions=distributions, **ended))
    return study


def _sampler(search_: Search, number: int) -> optuna.samplers.BaseSampler:
    key = seed_key(search_.experiment, Purpose.SEARCH, search_.n, number)
    seed = int(np.random.SeedSequence(ENTROPY, spawn_key=key).generate_state(1)[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.samplers.TPESampler(
            multivariate=True, constant_liar=True, n_startup_trials=2 * len(_space(search_)), seed=seed
        )


def _space(search_: Search) -> dict[str, Range]:
    return search_.experiment.rule.space(search_.experiment.architecture)


def _distributions(search_: Search) -> dict[str, optuna.distributions.BaseDistribution]:
    return {
        name: optuna.distributions.FloatDistribution(where.low, where.high, log=where.log)
        for name, where in _space(search_).items()
    }


def _edges(search_: Search, parameters: dict) -> list[str]:
    """Hyper-parameters that lie on the edge of their range."""

    def place(name: str, where: Range) -> float:
        value, low, high = ((np.log(v) if where.log else v) for v in (parameters[name], where.low, where.high))
        return (value - low) / (high - low)

    return [name for name, where in _space(search_).items() if not EDGE < place(name, where) < 1 - EDGE]
