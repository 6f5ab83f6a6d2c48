"""Choosing hyper-parameters: one search a learning curve, over (hyper-parameters, n), for the error on held-out digits.

A round gives every size a few trials. Each is where a function drawn from the surrogate's posterior
(plaw.study.surrogate) has its minimum at that size: Thompson sampling. The trials of a round and size train as replicas
of one network on the same few samples, so that their differences are not those of the samples; the rounds take turns
among several groups of samples. At the end the surrogate's optimum, the best trials, and the optima of the neighbouring
sizes are trained on many fresh samples, and the best of these again on twice as many; the best of those is the choice.

A block of trials, those of one round, size and group of samples, trains together and is recorded when it ends. Every
random number comes from the round's own seed, and what a round proposes depends on the trials of earlier rounds alone,
whoever recorded them and in whatever order. So a search that is killed at any moment goes on as if nothing had
happened, and any number of processes share its blocks (plaw.study.claims).
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Executor
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.stats.qmc import Sobol

from plaw.engine.training import committee_error, outputs
from plaw.errors import PlawError
from plaw.model.network import Network
from plaw.model.strategies import Strategy
from plaw.study import claims, spaces, store
from plaw.study.experiments import Experiment
from plaw.study.records import Candidate, Choice, Trial
from plaw.study.sampling import ENTROPY, Digits, Purpose, describe, draw_sample, seed_key, train_sample
from plaw.study.spaces import Range, near_momentum, strategy_at

if TYPE_CHECKING:
    from plaw.study.surrogate import Surrogate

EDGE = 0.02  # of a range: nearer to its end than that is on its edge
AT_ONCE = 8  # trials of a size in a round, where it has as many as any
FIRST_SHARE = 8  # of the trials, one in so many is on Sobol's sequence, before the first round
PLACES, AROUND, NEAR = 600, (0.15, 0.05), 6  # where draws are minimised: random places, and some around the best
LEAST = 1e-4  # the error that one without a wrong digit counts as: log 0 is of no use
FINE = 3000  # places where the surrogate's optimum is looked for
BEST = 4  # trials that are confirmed
FINALISTS, FINAL_FACTOR = 3, 2  # candidates that are confirmed again, on so many times as many samples
SAMPLES_OF_A_SEARCH = 1000  # numbers that are kept for each of several independent searches


@dataclass(frozen=True)
class Block:
    """Trials of one round, size and group of samples: `numbers` of those of the size."""

    round: int
    n: int
    group: int
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Search:
    """The search of one experiment.

    Parameters
    ----------
    digits
        None where nothing is to be trained.
    pool
        Where the samples of a block train, side by side; None: one after the other, here.
    stop
        Once it is set, the search ends, by CancelledError, before it records anything more.
    """

    experiment: Experiment
    folder: Path
    digits: Digits | None = None
    pool: Executor | None = None
    stop: Event = field(default_factory=Event, compare=False)
    _thetas: dict[int, NDArray[np.float64]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _surrogates: dict[int, "Surrogate"] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Examples per label that it chooses hyper-parameters for."""
        return self.experiment.sizes

    def trials(self) -> list[Trial]:
        """What is recorded of this search so far, in an order that does not depend on who recorded it when."""
        return _trials(self.folder, self.experiment.id)

    def choice(self, n: int) -> Choice | None:
        """What it has chosen at n examples per label, None before it is done."""
        return last_choice(self.folder, self.experiment.id, n)

    def trials_left(self) -> int:
        """How many trials are still to be evaluated."""
        left = {n: self.experiment.search_setting("trials", n) for n in self.sizes if not self.choice(n)}
        return sum(left.values()) - sum(trial["n"] in left for trial in self.trials())

    def run(self, on_progress: Callable[[], None] = lambda: None) -> dict[int, Choice]:
        """Do what is left of the search, together with all who search there, and return what was chosen at each size.

        on_progress() is called when more trials are recorded.
        """
        if self.trials_left():
            for number in range(self._rounds() + 1):
                claims.share(self.folder, self._round(number, on_progress), self.stop)
                on_progress()
        claims.share(self.folder, map(self._choosing, self.sizes), self.stop)
        return {n: choice for n in self.sizes if (choice := self.choice(n))}

    def strategy(self, parameters: Mapping[str, float]) -> Strategy:
        """The strategy at a point of the search space."""
        return strategy_at(self.experiment.rule, self.experiment.architecture, parameters)

    def surrogate(self, share: float = 1.0) -> "Surrogate":
        """The Gaussian process of all trials, or of those of the first rounds, a share of all."""
        last = self._rounds() * share
        return self._fit([trial for trial in self.trials() if trial["round"] <= last])

    @cached_property
    def _last_surrogate(self) -> "Surrogate":
        """That of the whole search, once all trials are recorded."""
        return self.surrogate()

    def optimum(self, surrogate: "Surrogate", n: int) -> dict[str, float]:
        """Where a surrogate's mean is least for n examples per label."""
        return self._optimum(surrogate, self.trials(), n)

    def places(self, parameters: Mapping[str, float]) -> NDArray[np.float64]:
        """Where hyper-parameters lie in their ranges, 0 to 1."""
        return np.array([where.place(parameters[name]) for name, where in self.space.items()])

    def _append(self, records: Sequence[Trial | Choice]) -> None:
        for record in records:
            if self.stop.is_set():
                raise CancelledError
            store.append(self.folder, self.experiment.id, record)

    def _rounds(self) -> int:
        """How many rounds follow the first trials."""
        most = max(self.experiment.search_setting("trials", n) for n in self.sizes)
        return -(-(most - most // FIRST_SHARE) // AT_ONCE)

    def _numbers(self, n: int, number: int) -> range:
        """The numbers of a size's trials in a round; round 0 are those on Sobol's sequence."""
        trials = self.experiment.search_setting("trials", n)
        first = trials // FIRST_SHARE

        def until(rounds: int) -> int:
            return first + (trials - first) * rounds // self._rounds()

        return range(first) if number == 0 else range(until(number - 1), until(number))

    def _round(self, number: int, on_progress: Callable[[], None]) -> list[claims.Work]:
        """The blocks of a round as work to be shared."""

        def work(block: Block) -> claims.Work:
            def perform() -> None:
                self._evaluate(block)
                on_progress()

            name = f"n{block.n}-round{block.round}-group{block.group}"
            return claims.Work(self.experiment.id, name, lambda: not self._missing(block), perform)

        return [work(block) for n in self.sizes for block in self._blocks(n, number)]

    def _blocks(self, n: int, number: int) -> list[Block]:
        """First trials take turns among the groups of samples; later ones share that of their round."""
        groups, numbers = self.experiment.search.groups, self._numbers(n, number)
        if number:
            return [Block(number, n, number % groups, tuple(numbers))] if numbers else []
        return [Block(0, n, group, some) for group in range(groups) if (some := tuple(numbers[group::groups]))]

    def _missing(self, block: Block) -> list[int]:
        """The trials of a block that are not recorded."""
        recorded = {trial["number"] for trial in self.trials() if trial["n"] == block.n}
        return [number for number in block.numbers if number not in recorded]

    def _evaluate(self, block: Block) -> None:
        """Train a block and record it.

        It trains whole, even where a part is recorded, for how many replicas train together decides how they train."""
        before = [trial for trial in self.trials() if trial["round"] < block.round]
        surrogate = self._surrogate_of(before, block.round) if block.round else None
        numbers = self._numbers(block.n, block.round)
        proposals = self._propose(before, surrogate, block.n, block.round, len(numbers))
        parameters = {k: proposals[k - numbers.start] for k in block.numbers}
        errors = self._errors(block.n, list(parameters.values()), block.group)
        missing = self._missing(block)
        self._append(
            [
                {
                    "kind": "trial", "n": block.n, "round": block.round, "number": number, "group": block.group,
                    "parameters": parameters[number], "errors": of_samples,
                }
                for number, of_samples in zip(block.numbers, errors, strict=True)
                if number in missing
            ]
        )  # fmt: skip

    def _choosing(self, n: int) -> claims.Work:
        """The choice of a size as work to be shared."""

        def perform() -> None:
            self._append([self._confirm(n)])

        return claims.Work(self.experiment.id, f"n{n}-choice", lambda: self.choice(n) is not None, perform)

    def _surrogate_of(self, before: Sequence[Trial], number: int) -> "Surrogate":
        """That from which all sizes of a round propose."""
        if number not in self._surrogates:
            self._surrogates.clear()
            self._surrogates[number] = self._fit(before, self._theta(before, number))
        return self._surrogates[number]

    def _fit(self, trials: Sequence[Trial], theta: NDArray[np.float64] | None = None) -> "Surrogate":
        """The surrogate of some trials, and of all those of the search that this one comes after."""
        from plaw.study.surrogate import Surrogate, Trials  # which needs scikit-learn, as nothing else does

        settings = self.experiment.search
        known = [*(_trials(self.folder, settings.after) if settings.after else []), *trials]
        arrays = Trials(
            np.array([self.places(trial["parameters"]) for trial in known]),
            np.array([trial["n"] for trial in known]),
            np.array([trial["n"] * settings.groups + trial["group"] for trial in known]),
            np.array([max(float(np.mean(trial["errors"])), LEAST) for trial in known]),
        )
        return Surrogate(arrays, theta)

    def _theta(self, trials: Sequence[Trial], number: int) -> NDArray[np.float64]:
        """The surrogate's variances and lengths in a round: found again whenever the rounds have doubled."""
        milestone = 2 ** int(np.log2(number))
        if milestone not in self._thetas:
            self._thetas[milestone] = self._fit([trial for trial in trials if trial["round"] < milestone]).theta
        return self._thetas[milestone]

    def _propose(
        self, before: Sequence[Trial], surrogate: "Surrogate | None", n: int, number: int, count: int
    ) -> list[dict[str, float]]:
        """The hyper-parameters of a size's trials in a round: from the trials of the rounds before it alone."""
        rng = self._rng(n, number)
        if surrogate is None:
            places = Sobol(len(self.space), rng=rng).random(2 ** int(np.ceil(np.log2(max(count, 2)))))[:count]
            proposals = [self._parameters(place) for place in places]
            if (tuned := self.experiment.search.momentum) and count:
                proposals[0] = self._near_momentum(tuned, n)
            return proposals
        places = self._places(before, surrogate, rng, PLACES)
        # No place twice: the same samples would only give the same errors again.
        minima: list[int] = []
        for draw in surrogate.draws(places, n, count, rng):
            draw[minima] = np.inf
            minima.append(int(draw.argmin()))
        return [self._parameters(places[k]) for k in minima]

    def _places(
        self, trials: Sequence[Trial], surrogate: "Surrogate", rng: np.random.Generator, count: int
    ) -> NDArray[np.float64]:
        """Random places of the space, and some around the best trials of all sizes: (count, hyper-parameters)."""
        best = [trial for n in self.sizes for trial in self._best(trials, surrogate, n)[:NEAR]]
        centres = np.array([self.places(trial["parameters"]) for trial in best])
        share = count // (1 + len(AROUND))
        around = [
            centres[rng.integers(len(centres), size=share)] + width * rng.standard_normal((share, len(self.space)))
            for width in AROUND
        ]
        return np.clip(np.concatenate([rng.random((share, len(self.space))), *around]), 0, 1)

    def _best(self, trials: Sequence[Trial], surrogate: "Surrogate", n: int) -> list[Trial]:
        """The trials of a size, that of the lowest error first, the luck of their samples taken away."""
        at_n = [trial for trial in trials if trial["n"] == n]
        luck = surrogate.luck(np.array([n * self.experiment.search.groups + trial["group"] for trial in at_n]), n)
        logs = np.log([max(float(np.mean(trial["errors"])), LEAST) for trial in at_n])
        return [at_n[k] for k in np.argsort(logs - luck, kind="stable")]

    def _confirm(self, n: int) -> Choice:
        """Train the candidates on fresh samples; the best of them is the choice."""
        trials, surrogate = self.trials(), self._last_surrogate
        optima = {size: self._optimum(surrogate, trials, size) for size in self.sizes}
        place = self.sizes.index(n)
        neighbours = (*self.sizes[max(place - 1, 0) : place], *self.sizes[place + 1 : place + 2])
        proposals = [("surrogate", optima[n])]
        proposals += [("trial", trial["parameters"]) for trial in self._best(trials, surrogate, n)[:BEST]]
        proposals += [(f"surrogate at {size}", optima[size]) for size in neighbours]
        parameters = [some for _, some in proposals]
        errors = self._errors(n, parameters)
        finalists = np.argsort(np.mean(errors, axis=1), kind="stable")[:FINALISTS]
        for k, again in zip(finalists, self._errors(n, [parameters[k] for k in finalists], final=True)):
            errors[k] += again
        mean, deviation = surrogate.predict(np.array([self.places(some) for some in parameters]), n)
        candidates: list[Candidate] = [
            {
                "source": source, "parameters": some, "errors": of_samples,
                "predicted": float(np.exp(mean[k])), "deviation": float(deviation[k]),
            }
            for k, ((source, some), of_samples) in enumerate(zip(proposals, errors, strict=True))
        ]  # fmt: skip
        winner = min((candidates[k] for k in finalists), key=lambda candidate: float(np.mean(candidate["errors"])))
        return {
            "kind": "choice", "n": n, "parameters": winner["parameters"],
            "strategy": describe(self.strategy(winner["parameters"])), "error": float(np.mean(winner["errors"])),
            "candidates": candidates, "trials": sum(trial["n"] == n for trial in trials),
            "edges": self._edges(winner["parameters"]),
        }  # fmt: skip

    def _optimum(self, surrogate, trials: Sequence[Trial], n: int) -> dict[str, float]:
        """Where the surrogate's mean is least for n examples per label."""
        places = self._places(trials, surrogate, self._rng(n, self._rounds() + 1), FINE)
        return self._parameters(places[surrogate.predict(places, n)[0].argmin()])

    def _errors(
        self, n: int, proposals: Sequence[Mapping[str, float]], group: int | None = None, final: bool = False
    ) -> list[list[float]]:
        """Errors on validation digits of networks trained with each proposal's parameters, one per sample of the group.

        None: on the samples that confirm candidates, or, final, on those after them. The error is that of a committee,
        where the experiment is about committees: of search.replicas networks."""
        settings, epochs = self.experiment.search, self.experiment.epochs
        experiment = replace(self.experiment, committee=settings.replicas)
        if group is None:
            purpose, count = Purpose.CONFIRM, experiment.search_setting("confirm", n)
        else:
            purpose, count = Purpose.SEARCH, experiment.search_setting("samples", n)
            epochs = settings.epochs or epochs
        begin = SAMPLES_OF_A_SEARCH * settings.number + (group or final) * count
        count *= FINAL_FACTOR if final else 1
        strategies = [self.strategy(parameters) for parameters in proposals] * experiment.committee
        samples = range(begin, begin + count)
        task = partial(_train_together, experiment, self._digits, purpose, n, strategies, epochs)
        by_sample = self.pool.map(task, samples) if self.pool else map(task, samples)
        return [list(errors) for errors in zip(*by_sample, strict=True)]

    @property
    def _digits(self) -> Digits:
        assert self.digits is not None, "a search that trains has digits"
        return self.digits

    def _rng(self, n: int, number: int) -> np.random.Generator:
        key = (*seed_key(self.experiment, Purpose.SEARCH, n, 0), self.experiment.search.number, number)
        return np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=key))

    @cached_property
    def space(self) -> dict[str, Range]:
        """Where it looks for each hyper-parameter."""
        return spaces.space(self.experiment.rule, self.experiment.architecture)

    def _parameters(self, places: NDArray[np.float64]) -> dict[str, float]:
        return {
            name: where.value(float(place)) for (name, where), place in zip(self.space.items(), places, strict=True)
        }

    def _near_momentum(self, tuned: str, n: int) -> dict[str, float]:
        """The point of the accelerated rule that is nearest to the optimum of an experiment by momentum, `tuned`."""
        choice = last_choice(self.folder, tuned, n)
        if not choice:
            raise PlawError(f"{tuned} has no hyper-parameters yet at {n} per label: search there first.")
        return near_momentum(self.experiment.architecture, choice["parameters"])

    def _edges(self, parameters: Mapping[str, float]) -> list[str]:
        """Hyper-parameters that lie on the edge of their range."""
        places = zip(self.space, self.places(parameters), strict=True)
        return [name for name, place in places if not EDGE < place < 1 - EDGE]


def _trials(folder: Path, experiment_id: str) -> list[Trial]:
    """The trials of a search, round by round."""

    def place(trial: Trial) -> tuple[int, ...]:
        return trial.get("round", 0), trial["n"], trial.get("group", 0), trial["number"]

    return sorted(store.read(folder, experiment_id, "trial"), key=place)


def _train_together(
    experiment: Experiment,
    digits: Digits,
    purpose: Purpose,
    n: int,
    strategies: Sequence[Strategy],
    epochs: int,
    sample: int,
) -> list[float]:
    """The errors on validation digits of a block of trials on one sample: of the committee of each trial.

    strategies: one for each of the experiment.committee networks of each trial, trial by trial and again."""
    trials = len(strategies) // experiment.committee
    asked = digits.of(experiment)
    test = (asked.test_images, asked.test_labels)
    images, labels = test if experiment.search.on_test_digits else asked.validation

    def evaluate(network: Network) -> list[float]:
        answers = outputs(network, images)
        return [committee_error(answers[k::trials], labels) for k in range(trials)]

    drawn = draw_sample(experiment, digits, purpose, n, sample).repeated(trials)
    return train_sample(drawn, strategies, evaluate, (epochs,))[0][epochs]


def chosen(folder: Path, experiment: Experiment, n: int) -> Strategy | None:
    """The strategy that a recorded search chose for an experiment at n examples per label; None before it is done."""
    choice = last_choice(folder, experiment.tuned_by or experiment.id, experiment.tuned_at or n)
    return strategy_at(experiment.rule, experiment.architecture, choice["parameters"]) if choice else None


def last_choice(folder: Path, experiment_id: str, n: int) -> Choice | None:
    """What the search of an experiment has recorded as chosen at n examples per label."""
    choices = [choice for choice in store.read(folder, experiment_id, "choice") if choice["n"] == n]
    return choices[-1] if choices else None
