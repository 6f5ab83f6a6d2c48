"""One sample of an experiment: drawn from its seed, trained, judged. Nothing is drawn from anything but the seed key.

Engine, backend and processor only decide how sums are rounded, which the dynamics, being chaotic, amplify: the record
names them.

Every random draw comes from SeedSequence(ENTROPY, spawn_key=(experiment's seed, purpose, n, sample, stream, replica)).
"""

import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache

import numpy as np

from plaw import __version__
from plaw.engine.choice import Choice
from plaw.engine.training import committee_error, errors, outputs, train
from plaw.model.data import Split, balanced_sample, load, normalise, presentation_order, tuning_split
from plaw.model.network import Network, draw_network, draw_wiring, with_identity_layer
from plaw.model.strategies import Strategy
from plaw.study.experiments import Experiment
from plaw.study.records import NetworkRecord

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
    """A data set, normalised, with its split into examples for tuning, for validation and for the reported samples."""

    name: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    split: Split

    def pool(self, purpose: Purpose, n: int) -> np.ndarray:
        """The training examples from which samples of that purpose, of n examples per label, are drawn.

        Reported samples and those of a search share no example, as far as the examples for tuning suffice: where n is
        larger than they have of some label, a search draws its own samples from the many that are for reporting. The
        validation digits, on which it judges, are in no sample at all."""
        tuning = self.split.tuning_train
        enough = n <= np.bincount(self.train_labels[tuning]).min()
        return tuning if enough and purpose is not Purpose.REPORT else self.split.report

    @property
    def validation(self) -> tuple[np.ndarray, np.ndarray]:
        """Images and labels on which hyper-parameters are judged."""
        return self.train_images[self.split.validation], self.train_labels[self.split.validation]


def load_digits(name: str = "mnist") -> Digits:
    """plaw.model.data.load(name), normalised and split."""
    data = load(name)
    train_images, test_images = normalise(data.train_images), normalise(data.test_images)
    return Digits(
        data.name, train_images, data.train_labels, test_images, data.test_labels, tuning_split(data.train_labels)
    )


@dataclass(frozen=True)
class Sample:
    """One sample ready to train: its examples, its network before the first step, and the orders of presentation (R,
    T).
    """

    images: np.ndarray
    labels: np.ndarray
    network: Network
    order: np.ndarray

    def repeated(self, count: int) -> "Sample":
        """The sample with every replica so many times, to be trained by as many strategies."""
        network = self.network
        weights, biases = ([np.repeat(a, count, axis=0) for a in group] for group in (network.weights, network.biases))
        repeated = Network(network.architecture, network.wiring, weights, biases)
        return Sample(self.images, self.labels, repeated, np.repeat(self.order, count, axis=0))


def seed_key(experiment: Experiment, purpose: Purpose, n: int, sample: int) -> tuple[int, ...]:
    """The spawn key of a sample's draws."""
    return (experiment.seed, int(purpose), n, sample)


def draw_sample(experiment: Experiment, digits: Digits, purpose: Purpose, n: int, sample: int) -> Sample:
    """Draw n examples per label, the wiring and, for each replica of the committee, initial weights and orders of
    presentation.
    """
    key = seed_key(experiment, purpose, n, sample)

    def rng(stream: Stream, replica: int = 0) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=(*key, int(stream), replica)))

    pool, replicas = digits.pool(purpose, n), range(experiment.committee)
    chosen = pool[balanced_sample(digits.train_labels[pool], n, rng(Stream.EXAMPLES))]
    labels = digits.train_labels[chosen]
    wiring = draw_wiring(experiment.architecture, rng(Stream.WIRING))
    network = draw_network(experiment.architecture, [rng(Stream.WEIGHTS, replica) for replica in replicas], wiring)
    order = np.stack(
        [presentation_order(labels, experiment.epochs, rng(Stream.ORDER, replica)) for replica in replicas]
    )
    return Sample(digits.train_images[chosen], labels, network, order)


def train_sample(
    drawn: Sample,
    strategies: Strategy | Sequence[Strategy],
    evaluate,
    epochs: tuple[int, ...],
    gram: np.ndarray | None = None,
) -> tuple[dict, Choice]:
    """Train a case for max(epochs) epochs, asking judge(network) after each of them: ({epoch: answer}, how it was
    trained).

    The case itself is left as it was. strategies: one for all replicas, or one each; gram: the sample's Gram
    matrices, if at hand."""
    n, answers = len(drawn.labels), {}

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

    def evaluate(network: Network) -> tuple[float, float]:
        answers = outputs(with_identity_layer(network) if experiment.identity_layer else network, digits.test_images)
        return float(errors(answers, digits.test_labels).mean()), committee_error(answers, digits.test_labels)

    begin = time.perf_counter()
    drawn = draw_sample(experiment, digits, Purpose.REPORT, n, sample)
    answers, choice = train_sample(drawn, strategy, evaluate, (*experiment.record_epochs, experiment.epochs))
    error, error_of_committee = answers[experiment.epochs]
    record: NetworkRecord = {
        "kind": "network", "n": n, "sample": sample, "strategy": describe(strategy), "error": error,
        "errors": {str(epoch): answer[0] for epoch, answer in answers.items()},
        "epochs": experiment.epochs, "committee": experiment.committee,
        "seed": list(seed_key(experiment, Purpose.REPORT, n, sample)),
        "engine": choice.engine, "backend": choice.backend,
        "dataset": digits.name, "version": __version__, "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - begin, 3), "processor": processor(choice.backend),
    }  # fmt: skip
    if experiment.committee > 1:
        record["committee_error"] = error_of_committee
    return record


def describe(strategy: Strategy) -> dict:
    """A strategy as a record holds it."""
    return {"rule": type(strategy).__name__} | asdict(strategy)


@cache
def processor(backend: str = "numba") -> str:
    """The name of this machine's processor, or of its GPU where the backend uses that."""
    if backend == "cupy":
        from plaw.engine.backends import cupy_

        return cupy_.device_name()
    try:
        with open("/proc/cpuinfo") as info:
            return next(line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
