"""Learners to compare networks with, on the same samples: the nearest neighbour, a linear model, and convolution.

    python -m plaw.study.references book/results

appends to references.jsonl what is missing, for each task of the hierarchy (plaw.study.experiments.HIERARCHY), or for
those of CONVOLVED where a network with convolutional layers learns. Of each learner there are a few candidates: the
linear model, multinomial logistic regression, with penalties of several strengths, the convolutional network with
several learning rates. For each size the candidate is chosen on the held-out digits, by samples that are drawn as those
of a search. The nearest neighbour has nothing to choose.
"""

import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, is_dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plaw import __version__
from plaw.curves.fitting import Fit, fit_law
from plaw.errors import PlawError
from plaw.study import store
from plaw.study.experiments import EXPERIMENTS, HIERARCHY, Experiment, get
from plaw.study.results import ENOUGH_SIZES, Errors
from plaw.study.sampling import Digits, Purpose, draw_sample, load_digits

FILE = "references"
SAMPLES, SAMPLES_OF_A_CHOICE = 10, 2
INVERSE_PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)  # scikit-learn's C
STEPS = 300  # of its solver at most
RATES, PASSES, BATCH = (1e-3, 2e-3, 4e-3), 20, 32  # of the convolutional network, by Adam
NEAREST, LINEAR, CONVOLUTIONAL = "nearest neighbour", "logistic regression", "convolutional network"
CONVOLVED = ("mnist", "fashion", "noisy-10")

Learner = Callable[[NDArray, NDArray, NDArray], NDArray]  # (images, labels, new images) -> labels of these


def nearest_neighbour(images: NDArray, labels: NDArray, new: NDArray) -> NDArray:
    """The label of the nearest example: of normalised images, that of the largest scalar product.

    >>> nearest_neighbour(np.eye(2), np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]))
    array([0, 1])
    """
    return labels[(new @ images.T).argmax(axis=1)]


@dataclass(frozen=True)
class LogisticRegression:
    """Multinomial logistic regression with a quadratic penalty; inverse_penalty: scikit-learn's C."""

    inverse_penalty: float

    def __call__(self, images: NDArray, labels: NDArray, new: NDArray) -> NDArray:
        try:
            from sklearn.linear_model import LogisticRegression
        except ImportError as error:
            raise PlawError("The linear model needs scikit-learn: pip install 'plaw[search]'.") from error
        model = LogisticRegression(C=self.inverse_penalty, max_iter=STEPS, tol=1e-3)
        return model.fit(images, labels).predict(new)


@dataclass(frozen=True)
class ConvolutionalNetwork:
    """Two layers of 3 x 3 filters, 16 and 32 of them, each with ReLU and the maximum of 2 x 2, and a linear layer.

    Trained by Adam on the cross-entropy, for many epochs, so that nothing of an epoch's one look at each example
    limits it. Its random numbers come from the examples: one sample is one network.
    """

    rate: float

    def __call__(self, images: NDArray, labels: NDArray, new: NDArray) -> NDArray:
        try:
            import torch
            from torch import nn
        except ImportError as error:
            raise PlawError("The convolutional network needs PyTorch: pip install 'plaw[bench]'.") from error
        generator = torch.Generator().manual_seed(zlib.crc32(np.ascontiguousarray(images).tobytes()))
        side = round(images.shape[1] ** 0.5)

        def tensor(flat: NDArray) -> torch.Tensor:
            return torch.as_tensor(flat.reshape(-1, 1, side, side), dtype=torch.float32)

        with torch.random.fork_rng():
            torch.manual_seed(generator.initial_seed())
            network = nn.Sequential(
                *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
                *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
                *(nn.Flatten(), nn.Linear(32 * (side // 4) ** 2, int(labels.max()) + 1)),
            )
        adam, loss = torch.optim.Adam(network.parameters(), lr=self.rate), nn.CrossEntropyLoss()
        x, y = tensor(images), torch.as_tensor(labels, dtype=torch.int64)
        for _ in range(PASSES):
            for some in torch.randperm(len(x), generator=generator).split(BATCH):
                adam.zero_grad()
                loss(network(x[some]), y[some]).backward()
                adam.step()
        with torch.no_grad():
            answers = [network(some).argmax(dim=1) for some in tensor(new).split(1000)]
        return torch.cat(answers).numpy()


def candidates(learner: str) -> tuple[Learner, ...]:
    """Those of a learner's name among which held-out digits choose."""
    if learner == LINEAR:
        return tuple(map(LogisticRegression, INVERSE_PENALTIES))
    return tuple(map(ConvolutionalNetwork, RATES)) if learner == CONVOLUTIONAL else (nearest_neighbour,)


def base_of(task: str) -> Experiment:
    """The experiment whose samples a reference learns from: that of one hidden layer."""
    return EXPERIMENTS["fig3-1"] if task == "mnist" else get(f"fig3-1/{task}")


def choose(experiment: Experiment, digits: Digits, n: int, learner: str) -> Learner:
    """The learner's candidate of the least mean error on held-out digits, for n examples per class."""
    first, *others = candidates(learner)
    if not others:
        return first
    images, labels = digits.validation
    drawn = [draw_sample(experiment, digits, Purpose.SEARCH, n, sample) for sample in range(SAMPLES_OF_A_CHOICE)]

    def error(candidate: Learner) -> float:
        return float(np.mean([candidate(sample.images, sample.labels, images) != labels for sample in drawn]))

    return min((first, *others), key=error)


def record(folder: Path, tasks: tuple[str, ...] = ("mnist", *HIERARCHY)) -> None:
    """Append what is missing: SAMPLES errors of each learner, for each task and size."""
    for task in tasks:
        experiment = base_of(task)
        digits = load_digits("mnist").of(experiment)
        for n in experiment.sizes:
            for learner in (NEAREST, LINEAR, *([CONVOLUTIONAL] if task in CONVOLVED else [])):
                done = {r["sample"] for r in _records(folder, task, learner) if r["n"] == n}
                missing = [sample for sample in range(SAMPLES) if sample not in done]
                for new in _measure(experiment, digits, n, learner, missing):
                    store.append(folder, FILE, {"kind": "reference", "task": task, "n": n, **new})


def errors(task: str, learner: str, folder: Path | None = None) -> Errors:
    """The test errors of a learner on a task, by size: {examples per class: (samples,)}."""
    by_size: dict[int, list[float]] = {}
    for one in _records(folder or store.folder(), task, learner):
        by_size.setdefault(one["n"], []).append(one["error"])
    return {n: np.array(by_size[n]) for n in sorted(by_size)}


def fit(task: str, learner: str, folder: Path | None = None) -> Fit | None:
    """The power law of a learner on a task; None while the sizes are fewer than three."""
    curve = errors(task, learner, folder)
    return fit_law("power", list(curve), list(curve.values())) if len(curve) >= ENOUGH_SIZES else None


def _records(folder: Path, task: str, learner: str) -> list[dict]:
    records = store.read(folder, FILE, "reference")
    return [one for one in records if (one["task"], one["learner"]) == (task, learner)]


def _measure(experiment: Experiment, digits: Digits, n: int, learner: str, samples: list[int]) -> Iterator[dict]:
    if not samples:
        return
    answer = choose(experiment, digits, n, learner)
    chosen: dict[str, float] = asdict(answer) if is_dataclass(answer) and not isinstance(answer, type) else {}
    for sample in samples:
        begin, drawn = time.perf_counter(), draw_sample(experiment, digits, Purpose.REPORT, n, sample)
        wrong = answer(drawn.images, drawn.labels, digits.test_images) != digits.test_labels
        yield {
            "learner": learner, "sample": sample, "error": float(wrong.mean()), **chosen,
            "dataset": digits.name, "version": __version__, "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - begin, 3),
        }  # fmt: skip


if __name__ == "__main__":
    record(Path(sys.argv[1]))
