"""Tasks: what is asked of a network, from telling 0 from 1 to ten classes of clothes with wrong labels.

A task takes the examples of a data set and groups their labels into classes, then may make them harder: wrong labels,
noise on the pixels, smaller images. All its random draws come from one fixed seed, so that a task is always the same,
and harder ones contain the easier: an image with a wrong label among 5% has the same one among 10% and 20%.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plaw.errors import PlawError
from plaw.model.data import WHITE

SEED = 1017603  # of all draws of all tasks
TEN = tuple((label,) for label in range(10))


class Part(IntEnum):
    """The two parts of a data set, whose draws are independent."""

    TRAIN = 0
    TEST = 1


class _Draw(IntEnum):
    WRONG = 0
    NOISE = 1


@dataclass(frozen=True)
class Task:
    """A classification task.

    Parameters
    ----------
    name
        As records and the names of experiments have it.
    dataset
        "mnist", "fashion-mnist" or "digits-8x8" (plaw.model.data.load).
    classes
        Of each class the labels that belong to it. Examples with other labels are left out.
    wrong_train, wrong_test
        The share of training examples, and of test examples, whose class is replaced by another, at random. The
        digits that tune are training examples, and are as wrong.
    noise
        Standard deviation of Gaussian noise added to every pixel, in units of white; the sums are clipped to 0 ... 1.
    side
        Pixels along a side of an image, after neighbours are averaged; None: as the data set has them.

    Raises
    ------
    PlawError
        For fewer than two classes, a label in two of them, or shares that are not 0 to 1.

    Examples
    --------
    >>> parity = Task("parity", classes=((0, 2, 4, 6, 8), (1, 3, 5, 7, 9)))
    >>> images, labels, _ = parity.apply(np.eye(3, 784) * 255, np.array([7, 0, 4]), Part.TRAIN)
    >>> images.shape, labels
    ((3, 784), array([1, 0, 0], dtype=uint8))
    """

    name: str = "mnist"
    dataset: str = "mnist"
    classes: tuple[tuple[int, ...], ...] = TEN
    wrong_train: float = 0.0
    wrong_test: float = 0.0
    noise: float = 0.0
    side: int | None = None

    def __post_init__(self) -> None:
        used = [label for group in self.classes for label in group]
        if len(self.classes) < 2 or len(used) != len(set(used)) or not all(self.classes):
            raise PlawError(f"A task needs two classes or more, and each label in one of them at most: {self.classes}.")
        if not (0 <= self.wrong_train < 1 and 0 <= self.wrong_test < 1 and self.noise >= 0):
            raise PlawError(f"A task needs shares of wrong labels from 0 to below 1, and noise of 0 or more: {self}.")

    @property
    def outputs(self) -> int:
        """The number of classes."""
        return len(self.classes)

    @property
    def inputs(self) -> int:
        """Pixels of an image."""
        return (self.side or {"digits-8x8": 8}.get(self.dataset, 28)) ** 2

    def apply(
        self, images: NDArray[Any], labels: NDArray[np.integer], part: Part
    ) -> tuple[NDArray[Any], NDArray[np.uint8], NDArray[np.int64]]:
        """The task's examples of one part of its data set.

        Parameters
        ----------
        images, labels
            (N, pixels), with values 0 ... 255, and (N,).
        part
            Which part of the data set these are: all of it, for the draws go by position.

        Returns
        -------
        tuple
            Images (n, inputs); classes (n,), from 0; and where the n examples stood, ascending.
        """
        class_of = {label: number for number, group in enumerate(self.classes) for label in group}
        positions = np.flatnonzero(np.isin(labels, list(class_of)))
        classes = np.array([class_of[label] for label in labels[positions].tolist()], np.uint8)
        images = self._reduced(self._noisy(images[positions], part))
        share = self.wrong_train if part is Part.TRAIN else self.wrong_test
        return images, self._partly_wrong(classes, share, part), positions

    def _rng(self, draw: _Draw, part: Part) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(int(draw), int(part))))

    def _partly_wrong(self, classes: NDArray[np.uint8], share: float, part: Part) -> NDArray[np.uint8]:
        rng = self._rng(_Draw.WRONG, part)
        order, others = rng.permutation(len(classes)), rng.integers(1, self.outputs, len(classes))
        some, wrong = order[: round(share * len(classes))], classes.copy()
        wrong[some] = (classes[some] + others[some]) % self.outputs
        return wrong

    def _noisy(self, images: NDArray[Any], part: Part) -> NDArray[Any]:
        if not self.noise:
            return images
        noise = self._rng(_Draw.NOISE, part).standard_normal(images.shape, np.float32)
        noise *= self.noise * WHITE
        noise += images
        return noise.clip(0, WHITE, out=noise)

    def _reduced(self, images: NDArray[Any]) -> NDArray[Any]:
        before, side = round(images.shape[1] ** 0.5), round(self.inputs**0.5)
        if before == side:
            return images
        if before % side:
            raise PlawError(f"Images of {before} x {before} pixels cannot be averaged to {side} x {side}.")
        blocks = images.reshape(len(images), side, before // side, side, before // side)
        return blocks.mean(axis=(2, 4), dtype=np.float32).reshape(len(images), side * side)


MNIST = Task()
PARITY = ((0, 2, 4, 6, 8), (1, 3, 5, 7, 9))
TASKS = {
    task.name: task
    for task in (
        MNIST,
        Task("fashion", dataset="fashion-mnist"),
        Task("zero-one", classes=((0,), (1,))),
        Task("four-nine", classes=((4,), (9,))),
        Task("parity", classes=PARITY),
        Task("five-classes", classes=TEN[:5]),
        Task("noisy-5", wrong_train=0.05),
        Task("noisy-10", wrong_train=0.1),
        Task("noisy-20", wrong_train=0.2),
        Task("wrong-10", wrong_train=0.1, wrong_test=0.1),
        Task("wrong-test-10", wrong_test=0.1),
        Task("pixel-noise", noise=0.5),
        Task("small-14", side=14),
        Task("small-7", side=7),
        Task("digits-8x8", dataset="digits-8x8"),
    )
}
