"""Choosing hyper-parameters: minimise the error on held-out training digits (Optuna's TPE), then confirm the best on
fresh samples.

Every trial is recorded as it ends, and its sampler is seeded by its number, so that a search killed at any moment
goes on as if nothing had happened. On a CPU each trial learns from all before it. A GPU, which one network leaves
idle, trains batches of trials: those of a batch are replicas of one network, which share each sample, its wiring and
its Gram matrices."""

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any, cast

import numpy as np
import optuna
from joblib import Parallel, delayed

from plaw.engine import backends
from plaw.engine.choice import choose_engine
from plaw.engine.training import errors, outputs
from plaw.errors import PlawError
from plaw.model.network import Network
from plaw.model.strategies import Accelerated, Strategy
from plaw.study import store
from plaw.study.experiments import EXPERIMENTS, Experiment
from plaw.study.records import Candidate, Choice, Trial
from plaw.study.sampling import ENTROPY, Digits, Purpose, Sample, describe, draw_sample, seed_key, train_sample
from plaw.study.spaces import Range, near_momentum, space, strategy_at

EDGE = 0.02  # of a range: nearer to its end than that is on its edge


@dataclass(frozen=True)
class Search:
    """The search of one experiment at n examples per label, with `jobs` samples side by side.

    stop: once it is set, the search ends, by CancelledError, before it records anything more.
    """

    experiment: Experiment
    n: int
    digits: Digits
    folder: Path
    jobs: int = 1
    stop: Event = field(default_factory=Event, compare=False)

    def trials(self) -> list[Trial]:
        """What is recorded of this search so far."""
        return [trial for trial in store.read(self.folder, self.experiment.id, "trial") if trial["n"] == self.n]

    def choice(self) -> Choice | None:
        """What it has chosen, None before it is done."""
        return _last_choice(self.folder, self.experiment.id, self.n)

    def trials_left(self) -> int:
        """How many trials are still to be evaluated."""
        return 0 if self.choice() else self.experiment.search.trials - len(self.trials())

    def strategy(self, parameters: dict[str, float]) -> Strategy:
        """The strategy at a point of the search space."""
        return strategy_at(self.experiment.rule, self.experiment.architecture, parameters)

    def run(self, on_progress: Callable[[], None] = lambda: None) -> Choice:
        """Do what is left of the search and return what it chose; on_progress() is called after each trial.

        It starts from what is recorded of the next smaller size and of the momentum strategy, where SearchSettings
        says so."""
        if choice := self.choice():
            return choice
        prepared, starts = self._prepare(Purpose.SEARCH), self._starts()
        while len(done := self.trials()) < self.experiment.search.trials:
            for trial in self._evaluate(prepared, done, self._propose(done, starts)):
                self._append(trial)
                on_progress()
        return self._confirm()

    def _append(self, record: Trial | Choice) -> None:
        if self.stop.is_set():
            raise CancelledError
        store.append(self.folder, self.experiment.id, record)

    def _starts(self) -> list[dict[str, float]]:
        """The parameters of the first trials (plaw.study.experiments.SearchSettings)."""
        experiment, starts = self.experiment, list[dict[str, float]]()
        smaller = max((n for n in experiment.sizes if n < self.n), default=None)
        if smaller:
            below = replace(self, n=smaller)
            optimum = below._chosen()["parameters"]
            others = [trial["parameters"] for trial in below._best() if trial["parameters"] != optimum]
            starts += [optimum, *others][: experiment.search.starts]
        if experiment.search.momentum:
            tuned = replace(self, experiment=EXPERIMENTS[experiment.search.momentum])
            starts.append(near_momentum(experiment.architecture, tuned._chosen()["parameters"]))
        return starts

    def _chosen(self) -> Choice:
        """What it has chosen, where it must be done."""
        if choice := self.choice():
            return choice
        raise PlawError(f"{self.experiment.id} has no hyper-parameters yet at {self.n} per label: search there first.")

    def _best(self) -> list[Trial]:
        """The trials that were not pruned, the best first."""
        return sorted((trial for trial in self.trials() if trial["state"] == "complete"), key=_mean_error)

    def _propose(self, done: list[Trial], starts: Sequence[dict]) -> list[dict]:
        """The parameters of the next trial or, on a GPU, of all that the batch under way has left.

        Trials of that batch count as running, and Optuna's constant liar keeps away from them: what is proposed
        depends on the records alone."""
        begin = len(done) // _at_once() * _at_once()
        study, proposals = self._study(done, begin), []
        for number in range(len(done), min(begin + _at_once(), self.experiment.search.trials)):
            study.sampler = self._sampler(number)
            if number < len(starts):
                study.enqueue_trial(starts[number])
            proposals.append(study.ask(self._distributions()).params)
        return proposals

    def _evaluate(self, prepared, done: list[Trial], proposals: list[dict]) -> list[Trial]:
        """New trials, each pruned if after search.prune_after epochs it is in the worse half of the trials so far."""
        trials: list[dict[str, Any]] = [
            {"kind": "trial", "n": self.n, "batch": _at_once(), "parameters": parameters, "state": "complete"}
            for parameters in proposals
        ]
        early_epoch = self.experiment.search.prune_after
        if early_epoch:
            earlier = [trial["early_errors"] for trial in done]
            for trial, early in zip(trials, self._errors(prepared, proposals, early_epoch), strict=True):
                trial["early_errors"] = early
                if len(earlier) >= 10 and np.mean(early) > np.median(np.mean(earlier, axis=1)):
                    trial |= {"errors": early, "state": "pruned"}
                earlier.append(early)
        going_on = [trial for trial in trials if trial["state"] == "complete"]
        last = self._errors(prepared, [trial["parameters"] for trial in going_on], self.experiment.epochs)
        for trial, trial_errors in zip(going_on, last, strict=True):
            trial["errors"] = trial_errors
        for number, trial in enumerate(trials, start=len(done)):
            trial["number"] = number
        return cast(list[Trial], trials)

    def _confirm(self) -> Choice:
        """Evaluate the best trials again on fresh samples, and record the best of them as the choice."""
        best = self._best()[: self.experiment.search.finalists]
        parameters_of_best = [trial["parameters"] for trial in best]
        fresh = self._errors(self._prepare(Purpose.CONFIRM), parameters_of_best, self.experiment.epochs)
        candidates: list[Candidate] = [
            {"number": trial["number"], "search_error": float(np.mean(trial["errors"])), "errors": again}
            for trial, again in zip(best, fresh, strict=True)
        ]
        winner = int(np.argmin(np.mean(fresh, axis=1)))
        parameters = best[winner]["parameters"]
        choice: Choice = {
            "kind": "choice", "n": self.n, "parameters": parameters, "strategy": describe(self.strategy(parameters)),
            "error": float(np.mean(fresh[winner])), "candidates": candidates, "trials": len(self.trials()),
            "edges": self._edges(parameters),
        }  # fmt: skip
        self._append(choice)
        return choice

    def _prepare(self, purpose: Purpose) -> list[tuple[Sample, np.ndarray | None]]:
        """The samples that every trial trains on, with their Gram matrices where the many trials make them worth
        their time.
        """
        backend = backends.get()

        def prepare(sample: int):
            drawn = draw_sample(self.experiment, self.digits, purpose, self.n, sample)
            steps = drawn.order.shape[1] * self.experiment.search.trials
            accelerated = self.experiment.rule is Accelerated
            choice = choose_engine("auto", backend.NAME, drawn.network, accelerated, len(drawn.labels), steps, False)
            return drawn, backend.gram_matrices(drawn.network.wiring, drawn.images) if choice.engine == "dual" else None

        return [prepare(sample) for sample in range(self.experiment.n_search_samples(self.n))]

    def _errors(self, prepared, proposals: Sequence[dict], epochs: int) -> list[list[float]]:
        """Errors on the validation digits of networks trained with each proposal's parameters, one per sample."""
        images, labels = self.digits.validation

        def evaluate(network: Network) -> list[float]:
            return errors(outputs(network, images), labels).tolist()

        def train_together(drawn: Sample, gram, some: list[dict]) -> list[float]:
            return train_sample(
                drawn.repeated(len(some)), [self.strategy(parameters) for parameters in some], evaluate, (epochs,), gram
            )[0][epochs]

        by_proposal: list[list[float]] = []
        for begin in range(0, len(proposals), _at_once()):
            some = proposals[begin : begin + _at_once()]
            by_sample = Parallel(n_jobs=self.jobs, backend="threading")(
                delayed(train_together)(*drawn, some) for drawn in prepared
            )
            by_proposal += map(list, zip(*by_sample, strict=True))
        return by_proposal

    def _study(self, done: list[Trial], begin: int) -> optuna.Study:
        """The recorded trials as Optuna sees them, those from number `begin` on as if still running."""
        study, distributions, states = optuna.create_study(), self._distributions(), optuna.trial.TrialState
        for number, record in enumerate(done):
            ended = {"value": _mean_error(record)} if number < begin else {"state": states.RUNNING}
            study.add_trial(
                optuna.trial.create_trial(params=record["parameters"], distributions=distributions, **ended)
            )
        return study

    def _sampler(self, number: int) -> optuna.samplers.BaseSampler:
        key = seed_key(self.experiment, Purpose.SEARCH, self.n, number)
        seed = int(np.random.SeedSequence(ENTROPY, spawn_key=key).generate_state(1)[0])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            return optuna.samplers.TPESampler(
                multivariate=True, constant_liar=True, n_startup_trials=2 * len(self._space()), seed=seed
            )

    def _space(self) -> dict[str, Range]:
        return space(self.experiment.rule, self.experiment.architecture)

    def _distributions(self) -> dict[str, optuna.distributions.BaseDistribution]:
        return {
            name: optuna.distributions.FloatDistribution(where.low, where.high, log=where.log)
            for name, where in self._space().items()
        }

    def _edges(self, parameters: dict) -> list[str]:
        """Hyper-parameters that lie on the edge of their range."""

        def place(name: str, where: Range) -> float:
            value, low, high = ((np.log(v) if where.log else v) for v in (parameters[name], where.low, where.high))
            return (value - low) / (high - low)

        return [name for name, where in self._space().items() if not EDGE < place(name, where) < 1 - EDGE]


def chosen(folder: Path, experiment: Experiment, n: int) -> Strategy | None:
    """The strategy that a recorded search chose for an experiment at n examples per label; None before it is done."""
    choice = _last_choice(folder, experiment.tuned_by or experiment.id, n)
    return strategy_at(experiment.rule, experiment.architecture, choice["parameters"]) if choice else None


def _last_choice(folder: Path, experiment_id: str, n: int) -> Choice | None:
    choices = [choice for choice in store.read(folder, experiment_id, "choice") if choice["n"] == n]
    return choices[-1] if choices else None


def _mean_error(trial: Trial) -> float:
    return float(np.mean(trial["errors"]))


def _at_once() -> int:
    """Trials that train side by side."""
    return backends.get().TRIALS_AT_ONCE
