"""One sample of an experiment: drawn from its seed, trained, evaluated.

Nothing is drawn from anything but the seed key.

Engine, backend and processor only decide how sums are rounded, which the dynamics, being chaotic, amplify: the record
names them.

Every random draw comes from SeedSequence(ENTROPY, spawn_key=(experiment's seed, purpose, n, sample, stream, replica)).
"""

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import cached_property, lru_cache
from typing import Any, cast

import numpy as np

from plaw import __version__
from plaw.engine import backends
from plaw.engine.choice import Choice
from plaw.engine.training import committee_error, errors, outputs, train
from plaw.errors import PlawError
from plaw.model.data import balanced_sample, load, normalise, presentation_order
from plaw.model.network import Network, draw_network, draw_wiring, with_identity_layer
from plaw.model.strategies import Strategy
from plaw.study.experiments import Experiment
from plaw.study.records import NetworkRecord
from plaw.study.splits import Split, tuning_split
from plaw.study.tasks import MNIST, Part, Task

ENTROPY = 20201976


class Purpose(IntEnum):
    """What a sample is for: the samples of different purposes never share a draw."""

    SEARCH = 0
    CONFIRM = 1
    REPORT = 2


class Stream(IntEnum):
    """The independent draws of one sample."""

    EXAMPLES = 0
    WIRING = 1
    WEIGHTS = 2
    ORDER = 3


@dataclass(frozen=True)
class Digits:
    """A task's examples, normalised, with their split into those for tuning, for validation and for reported samples.

    name: of the data set; labels: the classes of the task. They are pickled by name: a process of a cluster reads its
    own copy.
    """

    name: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    split: Split
    pixels: str = "deviation"
    task: Task = MNIST

    def __reduce__(self) -> tuple:
        return _load_same, (self.name, self.pixels, self.task)

    def of(self, experiment: Experiment) -> "Digits":
        """The examples of an experiment's task, their pixels scaled as its reading says."""
        pixels, task = experiment.architecture.reading.pixels, experiment.task
        if (pixels, task) == (self.pixels, self.task):
            return self
        return load_digits(self.name if task.dataset == self.task.dataset else task.dataset, pixels, task)

    def pool(self, purpose: Purpose, n: int) -> np.ndarray:
        """The training examples from which samples of that purpose, of n examples per label, are drawn.

        Reported samples and those of a search share no example, as far as the examples for tuning suffice: where n is
        larger than they have of some label, a search draws its own samples from the many that are for reporting. The
        validation digits, on which it evaluates, are in no sample at all."""
        tuning = self.split.tuning_train
        enough = n <= np.bincount(self.train_labels[tuning]).min()
        return tuning if enough and purpose is not Purpose.REPORT else self.split.report

    @cached_property
    def validation(self) -> tuple[np.ndarray, np.ndarray]:
        """Images and labels on which hyper-parameters are evaluated."""
        return self.train_images[self.split.validation], self.train_labels[self.split.validation]


@lru_cache(maxsize=2)
def load_digits(name: str = "mnist", pixels: str = "deviation", task: Task = MNIST) -> Digits:
    """plaw.model.data.load(name) as a task takes it, normalised and split.

    The split is that of the whole data set: an example that tunes one task tunes all that have it.
    """
    data = load(name)
    images, labels, positions = task.apply(data.train_images, data.train_labels, Part.TRAIN)
    test_images, test_labels, _ = task.apply(data.test_images, data.test_labels, Part.TEST)
    images, test_images = normalise(images, pixels), normalise(test_images, pixels)
    split = tuning_split(data.train_labels).among(positions)
    return Digits(data.name, images, labels, test_images, test_labels, split, pixels, task)


def _load_same(name: str, pixels: str, task: Task) -> Digits:
    """The digits of that name, and no others in their place."""
    digits = load_digits(name, pixels, task)
    if digits.name != name:
        raise PlawError(f"{name} is not on {platform.node()}: run `plaw fetch {name}` there, or set PLAW_DATA.")
    return digits


@dataclass(frozen=True)
class Sample:
    """One sample ready to train.

    Its examples, its network before the first step, and the orders of presentation: (R, T), of R replicas and T steps.
    """

    images: np.ndarray
    labels: np.ndarray
    network: Network
    order: np.ndarray

    def repeated(self, count: int) -> "Sample":
        """The sample with every replica `count` times, to be trained by as many strategies."""
        network = self.network

        def repeat(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
            return [np.repeat(array, count, axis=0) for array in arrays]

        repeated = Network(network.architecture, network.wiring, repeat(network.weights), repeat(network.biases))
        return Sample(self.images, self.labels, repeated, np.repeat(self.order, count, axis=0))


def seed_key(experiment: Experiment, purpose: Purpose, n: int, sample: int) -> tuple[int, ...]:
    """The spawn key of a sample's draws."""
    return (experiment.seed, int(purpose), n, sample)


def draw_sample(experiment: Experiment, digits: Digits, purpose: Purpose, n: int, sample: int) -> Sample:
    """Draw a sample: n examples per label, the wiring, and each replica's initial weights and order of presentation."""
    reading, classes = experiment.architecture.reading, experiment.task.outputs
    digits = digits.of(experiment)
    key = seed_key(experiment, purpose, n, sample)

    def rng(stream: Stream, replica: int = 0) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=(*key, int(stream), replica)))

    pool, replicas = digits.pool(purpose, n), range(experiment.committee)
    chosen = pool[balanced_sample(digits.train_labels[pool], n, rng(Stream.EXAMPLES), classes)]
    labels = digits.train_labels[chosen]
    wiring = draw_wiring(experiment.architecture, rng(Stream.WIRING))
    network = draw_network(experiment.architecture, [rng(Stream.WEIGHTS, replica) for replica in replicas], wiring)
    order = np.stack(
        [
            presentation_order(labels, experiment.epochs, rng(Stream.ORDER, replica), reading.labels, classes)
            for replica in ([0] * len(replicas) if experiment.shared_order else replicas)
        ]
    )
    return Sample(digits.train_images[chosen], labels, network, order)


def train_sample(
    drawn: Sample,
    strategies: Strategy | Sequence[Strategy],
    evaluate: Callable[[Network], Any],
    epochs: tuple[int, ...],
    gram: np.ndarray | None = None,
) -> tuple[dict[int, Any], Choice]:
    """Train a copy of a sample's network for max(epochs) epochs.

    Parameters
    ----------
    drawn
        The sample, which is left as it was.
    strategies
        One for all replicas, or one each.
    evaluate
        What to ask of the network after each of `epochs`.
    epochs
        Passes over the sample.
    gram
        The sample's Gram matrices, where they are available.

    Returns
    -------
    tuple
        {epoch: answer}, and the engine and backend that trained.
    """
    n, answers = len(drawn.labels), dict[int, Any]()

    def report(step: int, network: Network) -> None:
        answers[step // n] = evaluate(network)

    order = drawn.order[:, : max(epochs) * n]
    steps = [epoch * n for epoch in epochs]
    choice = train(
        drawn.network.copy(), strategies, drawn.images, drawn.labels, order, gram=gram, report_at=steps, report=report
    )
    return answers, choice


def run_recorded(experiment: Experiment, digits: Digits, n: int, sample: int, strategy: Strategy) -> NetworkRecord:
    """Train one reported sample and evaluate it on the test digits: its record for plaw.study.store."""

    def evaluate(network: Network) -> tuple[float, dict[str, Any]]:
        answers = outputs(with_identity_layer(network) if experiment.identity_layer else network, digits.test_images)
        more = dict[str, Any]()
        if experiment.committee > 1:
            more["committee_error"] = committee_error(answers, digits.test_labels)
        if experiment.record_committees:
            few = {str(k): committee_error(answers[:k], digits.test_labels) for k in experiment.record_committees}
            more["committee_errors"] = few
        if experiment.record_held_out:
            images, labels = digits.validation
            more["held_out_error"] = float(errors(outputs(network, images), labels).mean())
        return float(errors(answers, digits.test_labels).mean()), more

    begin, digits = time.perf_counter(), digits.of(experiment)
    drawn = draw_sample(experiment, digits, Purpose.REPORT, n, sample)
    answers, choice = train_sample(drawn, strategy, evaluate, (*experiment.record_epochs, experiment.epochs))
    error, more = answers[experiment.epochs]
    of_task = {} if experiment.task == MNIST else {"task": experiment.task.name}
    record = {
        "kind": "network", "n": n, "sample": sample, "strategy": describe(strategy), "error": error, **more,
        "errors": {str(epoch): answer[0] for epoch, answer in answers.items()},
        "epochs": experiment.epochs, "committee": experiment.committee,
        "seed": list(seed_key(experiment, Purpose.REPORT, n, sample)),
        "engine": choice.engine, "backend": choice.backend,
        "dataset": digits.name, **of_task,
        "version": __version__, "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - begin, 3), "processor": backends.load(choice.backend).device_name(),
    }  # fmt: skip
    return cast(NetworkRecord, record)


def describe(strategy: Strategy) -> dict[str, Any]:
    """A strategy as a record holds it."""
    return {"rule": type(strategy).__name__} | asdict(strategy)
