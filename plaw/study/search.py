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
from plaw.study import store
from plaw.engine.choice import choose_engine
from plaw.study.experiments import EXPERIMENTS, Experiment
from plaw.study.sampling import ENTROPY, Case, Digits, Purpose, describe, draw_case, run_case, seed_key
from plaw.model.strategies import Accelerated, Range, Strategy
from plaw.engine.training import errors, outputs

EDGE = 0.02  # of a range: nearer to its end than that is on its edge
BATCH = 10  # trials at once on a GPU; with the samples side by side they fill a card, and eighty trials still learn seven times
optuna.logging.set_verbosity(optuna.logging.WARNING)


@dataclass(frozen=True)
class Task:
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
    records = [record for record in store.read(folder, experiment.tuned_by or experiment.id, "choice") if record["n"] == n]
    return experiment.rule.from_parameters(experiment.architecture, records[-1]["parameters"]) if records else None


def search(task: Task, tell: Callable[[], None] = lambda: None) -> dict:
    """Do what is left of a search and return its record of kind "choice". tell() is called after each trial.

    It starts from what is recorded of the next smaller size and of the momentum strategy, where plaw.study.experiments.Search says so.
    """
    done = task.records("choice")
    if done:
        return done[-1]
    cases, starts = _prepare(task, Purpose.SEARCH), _starts(task)
    while len(done := task.records("trial")) < task.experiment.search.trials:
        records = _evaluate(task, cases, done, _propose(task, done, starts))
        for number, record in enumerate(records, start=len(done)):
            store.append(task.folder, task.experiment.id, record | {"number": number})
            tell()
    return _confirm(task)


def _starts(task: Task) -> list[dict]:
    """The parameters of the first trials (plaw.study.experiments.Search)."""
    experiment, starts = task.experiment, []
    smaller = max((n for n in experiment.sizes if n < task.n), default=None)
    if smaller:
        below = replace(task, n=smaller)
        optimum = below.records("choice")[-1]["parameters"]
        others = [parameters for record in _best(below) if (parameters := record["parameters"]) != optimum]
        starts += [optimum, *others][: experiment.search.starts]
    if experiment.search.momentum:
        tuned = replace(task, experiment=EXPERIMENTS[experiment.search.momentum])
        starts.append(Accelerated.near(experiment.architecture, tuned.records("choice")[-1]["parameters"]))
    return starts


def _best(task: Task) -> list[dict]:
    """The trials that were not given up, the best first."""
    trials = [record for record in task.records("trial") if record["state"] == "complete"]
    return sorted(trials, key=lambda record: np.mean(record["errors"]))


def _at_once() -> int:
    """Trials that train side by side."""
    return BATCH if backends.get().NAME == "cupy" else 1


def _propose(task: Task, done: list[dict], starts: Sequence[dict]) -> list[dict]:
    """The parameters of the next trial or, on a GPU, of all that the batch under way has left.

    Trials of that batch count as running, and Optuna's constant liar keeps away from them: what is proposed depends on the records alone.
    """
    begin = len(done) // _at_once() * _at_once()
    study, proposals = _study(task, done, begin), []
    for number in range(len(done), min(begin + _at_once(), task.experiment.search.trials)):
        study.sampler = _sampler(task, number)
        if number < len(starts):
            study.enqueue_trial(starts[number])
        proposals.append(study.ask(_distributions(task)).params)
    return proposals


def _evaluate(task: Task, cases, done: list[dict], proposals: list[dict]) -> list[dict]:
    """The records of new trials, each given up if, after search.prune_after epochs, it is in the worse half of the trials so far."""
    records = [{"kind": "trial", "n": task.n, "batch": _at_once(), "parameters": parameters, "state": "complete"} for parameters in proposals]
    early = task.experiment.search.prune_after
    if early:
        earlier = [trial["early_errors"] for trial in done]
        for record, found in zip(records, _errors(task, cases, proposals, early), strict=True):
            record["early_errors"] = found
            if len(earlier) >= 10 and np.mean(found) > np.median(np.mean(earlier, axis=1)):
                record |= {"errors": found, "state": "pruned"}
            earlier.append(found)
    going_on = [record for record in records if record["state"] == "complete"]
    found = _errors(task, cases, [record["parameters"] for record in going_on], task.experiment.epochs)
    for record, its_errors in zip(going_on, found, strict=True):
        record["errors"] = its_errors
    return records


def _confirm(task: Task) -> dict:
    """Re-evaluate the best trials on fresh samples, and record the best of them as the choice."""
    best = _best(task)[: task.experiment.search.finalists]
    fresh = _errors(task, _prepare(task, Purpose.CONFIRM), [record["parameters"] for record in best], task.experiment.epochs)
    candidates = [
        {"number": record["number"], "search_error": float(np.mean(record["errors"])), "errors": again}
        for record, again in zip(best, fresh, strict=True)
    ]
    winner = int(np.argmin(np.mean(fresh, axis=1)))
    parameters = best[winner]["parameters"]
    record = {
        "kind": "choice", "n": task.n, "parameters": parameters, "strategy": describe(task.strategy(parameters)),
        "error": float(np.mean(fresh[winner])), "candidates": candidates, "trials": len(task.records("trial")), "edges": _edges(task, parameters),
    }  # fmt: skip
    store.append(task.folder, task.experiment.id, record)
    return record


def _prepare(task: Task, purpose: Purpose) -> list[tuple[Case, np.ndarray | None]]:
    """The samples that every trial trains on, with their Gram matrices where the many trials make them worth their time."""
    backend = backends.get()

    def prepare(sample: int):
        case = draw_case(task.experiment, task.digits, purpose, task.n, sample)
        steps = case.order.shape[1] * task.experiment.search.trials
        accelerated = task.experiment.rule is Accelerated
        choice = choose_engine("auto", backend.NAME, case.network, accelerated, len(case.labels), steps, False)
        return case, backend.gram_matrices(case.network.wiring, case.images) if choice.engine == "dual" else None

    return [prepare(sample) for sample in range(task.experiment.searched(task.n))]


def _errors(task: Task, cases, proposals: Sequence[dict], epochs: int) -> list[list[float]]:
    """The errors on the validation digits, for each proposal one a sample, of networks trained with its parameters."""
    images, labels = task.digits.validation
    judge = lambda network: errors(outputs(network, images), labels).tolist()  # noqa: E731

    def train_together(case: Case, gram, some: list[dict]) -> list[float]:
        return run_case(case.repeated(len(some)), [task.strategy(parameters) for parameters in some], judge, (epochs,), gram)[0][epochs]

    found = []
    for begin in range(0, len(proposals), _at_once()):
        some = proposals[begin : begin + _at_once()]
        by_sample = Parallel(n_jobs=task.jobs, backend="threading")(delayed(train_together)(*case, some) for case in cases)
        found += map(list, zip(*by_sample, strict=True))
    return found


def _study(task: Task, done: list[dict], begin: int) -> optuna.Study:
    """The recorded trials as Optuna sees them, those from number `begin` on as if still running."""
    study, distributions, states = optuna.create_study(), _distributions(task), optuna.trial.TrialState
    for number, record in enumerate(done):
        ended = {"value": float(np.mean(record["errors"]))} if number < begin else {"state": states.RUNNING}
        study.add_trial(optuna.trial.create_trial(params=record["parameters"], distributions=distributions, **ended))
    return study


def _sampler(task: Task, number: int) -> optuna.samplers.BaseSampler:
    key = seed_key(task.experiment, Purpose.SEARCH, task.n, number)
    seed = int(np.random.SeedSequence(ENTROPY, spawn_key=key).generate_state(1)[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.samplers.TPESampler(multivariate=True, constant_liar=True, n_startup_trials=2 * len(_space(task)), seed=seed)


def _space(task: Task) -> dict[str, Range]:
    return task.experiment.rule.space(task.experiment.architecture)


def _distributions(task: Task) -> dict[str, optuna.distributions.BaseDistribution]:
    return {name: optuna.distributions.FloatDistribution(where.low, where.high, log=where.log) for name, where in _space(task).items()}


def _edges(task: Task, parameters: dict) -> list[str]:
    """Hyper-parameters that lie on the edge of their range."""

    def place(name: str, where: Range) -> float:
        value, low, high = ((np.log(v) if where.log else v) for v in (parameters[name], where.low, where.high))
        return (value - low) / (high - low)

    return [name for name, where in _space(task).items() if not EDGE < place(name, where) < 1 - EDGE]
