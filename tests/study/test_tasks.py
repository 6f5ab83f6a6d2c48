"""Tasks: classes of labels, wrong labels, noise, smaller images; and experiments that are asked them."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.tiny import TINY
from plaw.errors import PlawError
from plaw.model.data import load, normalise
from plaw.study import recording, results, store
from plaw.study.experiments import EXPERIMENTS
from plaw.study.sampling import Purpose, draw_sample, load_digits
from plaw.study.splits import tuning_split
from plaw.study.tasks import MNIST, PARITY, TASKS, Part, Task

ZERO_ONE = Task("zero-one", classes=((0,), (1,)))
IMAGES, LABELS = np.random.default_rng(1).integers(0, 256, (4000, 784), np.uint8), np.arange(4000) % 10


def test_mnist_itself_is_left_as_it_is():
    images, labels, positions = MNIST.apply(IMAGES, LABELS, Part.TRAIN)
    assert np.array_equal(images, IMAGES) and np.array_equal(labels, LABELS) and len(positions) == 4000
    digits, data = load_digits("mnist-digits"), load("mnist-digits")
    assert np.array_equal(digits.train_images, normalise(data.train_images))
    assert np.array_equal(digits.split.report, tuning_split(data.train_labels).report)


def test_labels_become_classes_and_the_others_are_left_out():
    _, classes, positions = Task("", classes=((9, 2), (4,))).apply(IMAGES, LABELS, Part.TRAIN)
    assert {(int(LABELS[p]), int(c)) for p, c in zip(positions, classes)} == {(9, 0), (2, 0), (4, 1)}
    assert len(positions) == 1200


@pytest.mark.parametrize("classes", [PARITY, MNIST.classes])
def test_wrong_labels_are_of_another_class_and_as_many_as_said(classes):
    right = Task("", classes=classes).apply(IMAGES, LABELS, Part.TRAIN)[1]
    wrong = {
        share: Task("", classes=classes, wrong_train=share).apply(IMAGES, LABELS, Part.TRAIN)[1] != right
        for share in (0.05, 0.2)
    }
    assert {share: int(some.sum()) for share, some in wrong.items()} == {0.05: 200, 0.2: 800}
    assert wrong[0.2][wrong[0.05]].all(), "what is wrong in an easier task is wrong in a harder one"
    labels = Task("", classes=classes, wrong_train=0.2).apply(IMAGES, LABELS, Part.TRAIN)[1]
    counts = np.bincount((labels[wrong[0.2]].astype(int) - right[wrong[0.2]]) % len(classes), minlength=len(classes))
    assert counts[0] == 0 and counts[1:].min() > 0.6 * counts[1:].mean(), "all other classes are as likely"


def test_the_share_of_wrong_labels_is_that_of_its_part():
    task = Task("", wrong_train=0.1, wrong_test=0.3)
    shares = [np.mean(task.apply(IMAGES, LABELS, part)[1] != LABELS) for part in Part]
    assert shares == pytest.approx([0.1, 0.3])


def test_noise_is_that_of_every_pixel_and_always_the_same():
    grey = np.full((50, 784), 128, np.uint8)
    noisy = Task("", noise=0.1).apply(grey, np.arange(50) % 10, Part.TRAIN)[0]
    assert noisy.std() == pytest.approx(25.5, rel=0.05) and noisy.mean() == pytest.approx(128, abs=1)
    assert np.array_equal(noisy, Task("", noise=0.1).apply(grey, np.arange(50) % 10, Part.TRAIN)[0])
    strong = Task("", noise=2.0).apply(grey, np.arange(50) % 10, Part.TEST)[0]
    assert strong.min() == 0 and strong.max() == 255


@pytest.mark.parametrize("side", [14, 7])
def test_a_smaller_image_has_the_means_of_its_neighbours(side):
    small = Task("", side=side).apply(IMAGES[:2], LABELS[:2], Part.TRAIN)[0]
    block = 28 // side
    assert small.shape == (2, side * side)
    row, column = side - 1, 1
    expected = IMAGES[1].reshape(28, 28)[row * block :, block : 2 * block].mean()
    assert small[1, row * side + column] == pytest.approx(expected, rel=1e-6)


def test_impossible_tasks_are_refused():
    for wrong in (dict(classes=((0, 1),)), dict(classes=((0,), (0, 1))), dict(wrong_train=1.0), dict(noise=-1)):
        with pytest.raises(PlawError):
            Task("", **wrong)
    with pytest.raises(PlawError, match="28 x 28 pixels cannot be averaged to 9 x 9"):
        Task("", side=9).apply(IMAGES, LABELS, Part.TRAIN)


def test_each_task_has_the_name_that_it_is_found_by():
    assert all(task.name == name for name, task in TASKS.items()) and len(set(TASKS.values())) == len(TASKS)


def test_the_digits_that_tune_are_the_same_for_every_task():
    whole, two = (load_digits("mnist-digits", task=task) for task in (MNIST, ZERO_ONE))
    for part in ("tuning_train", "validation", "report"):
        some = getattr(whole.split, part)
        some = some[np.isin(whole.train_labels[some], (0, 1))]
        assert np.array_equal(whole.train_images[some], two.train_images[getattr(two.split, part)])
        assert np.array_equal(whole.train_labels[some], two.train_labels[getattr(two.split, part)])


def test_the_small_digits_of_scikit_learn():
    digits = load_digits("digits-8x8", task=TASKS["digits-8x8"])
    assert digits.train_images.shape == (1397, 64) and np.bincount(digits.test_labels).tolist() == [40] * 10
    largest = np.bincount(digits.train_labels[digits.split.report]).min()
    assert largest >= 60, "the sizes of the experiments can be drawn"


TASKED = replace(
    TINY,
    id="tiny/small",
    task=Task("small", classes=((3,), (5,), (1, 7)), wrong_train=0.1, side=7),
    architecture=replace(TINY.architecture, inputs=49, outputs=3),
)
FOLLOWING = replace(TASKED, id="tiny/carried", sizes=(4,), samples=2, tuned_by="tiny/small", tuned_at=2)


@pytest.fixture(scope="module")
def digits():
    return replace(load_digits("mnist-digits", task=TASKED.task), name="mnist")


def test_a_sample_has_as_many_examples_of_each_class(digits):
    drawn = draw_sample(TASKED, digits, Purpose.REPORT, 4, 0)
    assert drawn.images.shape == (12, 49) and drawn.network.weights[-1].shape == (1, 3, 6)
    assert drawn.labels[drawn.order[0]].tolist() == [0, 1, 2] * 12


def test_a_task_is_searched_and_recorded_like_the_others(digits, tmp_path, monkeypatch):
    for experiment in (TASKED, FOLLOWING):
        monkeypatch.setitem(EXPERIMENTS, experiment.id, experiment)
    recording.record([recording.Point(e, n) for e in (TASKED, FOLLOWING) for n in e.sizes], None, digits, tmp_path, 1)
    networks = store.read(tmp_path, TASKED.id, "network")
    assert len(networks) == 5 and {record["task"] for record in networks} == {"small"}
    assert all(0 < error < 0.7 for of_size in results.errors(TASKED.id, tmp_path).values() for error in of_size)
    carried = store.read(tmp_path, FOLLOWING.id, "network")
    chosen = [choice for choice in store.read(tmp_path, TASKED.id, "choice") if choice["n"] == 2]
    assert [record["strategy"] for record in carried] == [chosen[0]["strategy"]] * 2
    assert results.strategy(FOLLOWING.id, 4, tmp_path) == results.strategy(TASKED.id, 2, tmp_path)


def test_one_task_comes_after_the_other(tmp_path):
    points = [recording.Point(experiment, 2) for experiment in (TINY, TASKED, replace(TINY, id="tiny/other"))]
    ids = [point.experiment.id for point, _ in recording._missing(points, 2, tmp_path)]
    assert ids == ["tiny", "tiny/other", "tiny", "tiny/other", "tiny/small", "tiny/small"]


def test_the_digits_of_an_experiment_are_its_task_s(digits):
    assert digits.of(TASKED) is digits
    small = load_digits("mnist-digits").of(TASKED)
    assert small.train_images.shape[1] == 49 and small.name == "mnist-digits"
