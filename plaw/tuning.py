"""Choosing hyper-parameters: minimise the error on held-out training digits (Optuna's TPE), then confirm the best on fresh samples.

Every trial is recorded as it ends, and its sampler is seeded by its number, so that a search killed at any moment goes on as if
nothing had happened.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import optuna
from joblib import Parallel, delayed

from plaw import backends, store
from plaw.engines import choose_engine
from plaw.experiments import Experiment
from plaw.runs import ENTROPY, Case, Digits, Purpose, describe, draw_case, run_case, seed_key
from plaw.strategies import Accelerated, Range, Strategy
from plaw.training import errors, outputs

EDGE = 0.02  # of a range: nearer to its end than that is on its edge
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


def search(task: Task, start: dict | None, tell: Callable[[], None] = lambda: None) -> dict:
    """Do what is left of a search and return its record of kind "choice". start: parameters of the first trial; tell() after each."""
    done = task.records("choice")
    if done:
        return done[-1]
    cases = _prepare(task, Purpose.SEARCH)
    study = _study(task, task.records("trial"))
    for number in range(len(study.trials), task.experiment.search.trials):
        study.sampler = _sampler(task, number)
        if number == 0 and start:
            study.enqueue_trial(start)
        trial = study.ask(_distributions(task))
        record = _evaluate_trial(task, cases, trial.params) | {"number": number}
        store.append(task.folder, task.experiment.id, record)
        study.tell(trial, np.mean(record["errors"]))
        tell()
    return _confirm(task)


def _evaluate_trial(task: Task, cases, parameters: dict) -> dict:
    """The trial's errors; given up early if, after search.prune_after epochs, it is in the worse half of the trials so far."""
    record = {"kind": "trial", "n": task.n, "parameters": parameters, "state": "complete"}
    early = task.experiment.search.prune_after
    if early:
        record["early_errors"] = _errors(task, cases, parameters, early)
        earlier = [trial["early_errors"] for trial in task.records("trial")]
        if len(earlier) >= 10 and np.mean(record["early_errors"]) > np.median(np.mean(earlier, axis=1)):
            return record | {"errors": record["early_errors"], "state": "pruned"}
    return record | {"errors": _errors(task, cases, parameters, task.experiment.epochs)}


def _confirm(task: Task) -> dict:
    """Re-evaluate the best trials on fresh samples, and record the best of them as the choice."""
    trials = [record for record in task.records("trial") if record["state"] == "complete"]
    best = sorted(trials, key=lambda record: np.mean(record["errors"]))[: task.experiment.search.finalists]
    cases = _prepare(task, Purpose.CONFIRM)
    fresh = [_errors(task, cases, record["parameters"], task.experiment.epochs) for record in best]
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

    def prepare(sample: int):
        case = draw_case(task.experiment, task.digits, purpose, task.n, sample)
        steps = case.order.shape[1] * task.experiment.search.trials
        accelerated = task.experiment.rule is Accelerated
        choice = choose_engine("auto", "auto", case.network, accelerated, len(case.labels), steps, False)
        return case, backends.get().gram_matrices(case.network.wiring, case.images) if choice.engine == "dual" else None

    return [prepare(sample) for sample in range(task.experiment.searched(task.n))]


def _errors(task: Task, cases, parameters: dict, epochs: int) -> list[float]:
    """The error on the validation digits of a network trained on each case."""
    images, labels = task.digits.validation

    def error(case: Case, gram) -> float:
        judge = lambda network: float(errors(outputs(network, images), labels)[0])  # noqa: E731
        return run_case(case, task.strategy(parameters), judge, (epochs,), gram)[0][epochs]

    return Parallel(n_jobs=task.jobs, backend="threading")(delayed(error)(*case) for case in cases)


def _study(task: Task, recorded: list[dict]) -> optuna.Study:
    study, distributions = optuna.create_study(), _distributions(task)
    for record in recorded:
        study.add_trial(optuna.trial.create_trial(params=record["parameters"], distributions=distributions, value=float(np.mean(record["errors"]))))
    return study


def _sampler(task: Task, number: int) -> optuna.samplers.BaseSampler:
    key = seed_key(task.experiment, Purpose.SEARCH, task.n, number)
    seed = int(np.random.SeedSequence(ENTROPY, spawn_key=key).generate_state(1)[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.samplers.TPESampler(multivariate=True, n_startup_trials=2 * len(_space(task)), seed=seed)


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
