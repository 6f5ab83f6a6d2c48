"""What `plaw.estimate` takes for a curve: arrays, a file, a data frame, or scikit-learn's learning curve."""

from pathlib import Path
from typing import Any

import numpy as np

from plaw.curves.arrays import NOT_NUMBERS, FloatArray
from plaw.curves.curve import without_masked
from plaw.curves.metrics import ERROR, Metric, find_metric
from plaw.curves.reading import Measured, by_size, read_curves
from plaw.errors import PlawError


def as_measured(
    x: Any, y: Any = None, yerr: Any = None, metric: str | Metric | None = None, ceiling: float | None = None
) -> Measured:
    """A curve in whatever form it comes.

    Parameters
    ----------
    x : array_like, str or Path, data frame, tuple, LearningCurveDisplay or Measured
        Sizes; or a CSV file or a frame of pandas or polars; or what scikit-learn's `learning_curve` returns; or its
        LearningCurveDisplay, of which the scores on the test folds are taken.
    y : array_like or str, optional
        Values of the metric, or the values of the runs of each size. Of a file or a frame: the column that has them.
    yerr : array_like, optional
        Standard errors of y; only with arrays.
    metric : str or Metric, optional
        What y is: "error" unless said otherwise, the name of the column for a file or frame.
    ceiling : float, optional
        The score of a perfect model, where more is better.

    Returns
    -------
    Measured
        Arrays with a size more than once and without yerr become the runs of each size.

    Raises
    ------
    PlawError
        For y or yerr where x brings its own, and where y is missing.

    Examples
    --------
    >>> curve = as_measured([10, 10, 20], [0.7, 0.72, 0.8], metric="accuracy")
    >>> curve.x, [part.tolist() for part in curve.y], curve.metric.formula
    (array([10., 20.]), [[0.7, 0.72], [0.8]], '1 - accuracy')
    """
    if isinstance(x, Measured):
        return x
    if yerr is not None and (y is None or isinstance(y, str)):
        raise PlawError("A file or frame brings its own noise, in columns se, or std and runs: leave out yerr.")
    if isinstance(x, str | Path) or hasattr(x, "columns"):
        (curve,) = read_curves(x, y=y, metric=metric, ceiling=ceiling)
        return curve
    if y is None:
        return _learning_curve(x, metric, ceiling)
    if metric is None and ceiling is None:
        return _grouped(x, y, yerr, ERROR)
    if not isinstance(metric, Metric):
        metric = find_metric(metric or "score", [np.asarray(part, float) for part in _iterable(y)], ceiling)
    return _grouped(x, y, yerr, metric)


def _learning_curve(given: Any, metric: str | Metric | None, ceiling: float | None) -> Measured:
    """The scores on the test folds, from `learning_curve`'s tuple or from a LearningCurveDisplay."""
    name = getattr(given, "score_name", None) or "score"
    if hasattr(given, "train_sizes") and hasattr(given, "test_scores"):
        given = (given.train_sizes, None, given.test_scores)
    if not isinstance(given, tuple) or len(given) not in (3, 5):
        raise PlawError(
            "A curve is sizes x and errors y; or a CSV file, a data frame, the tuple of scikit-learn's learning_curve "
            f"or its LearningCurveDisplay; not a single {type(given).__name__}."
        )
    sizes, scores = np.asarray(given[0], float), np.asarray(given[2], float)
    if sizes.ndim != 1 or scores.ndim != 2 or len(scores) != len(sizes):
        raise PlawError(
            "learning_curve returns train_sizes (n,), train_scores (n, folds) and test_scores (n, folds), "
            f"but the shapes are {sizes.shape} and {scores.shape}."
        )
    finite = np.isfinite(scores)
    whole = finite.any(axis=1)
    failed = int((~finite).sum())
    notes = (f"{failed} of {finite.size} folds failed: left out",) if failed else ()
    folds = [row[kept] for row, kept in zip(scores[whole], finite[whole])]
    if not isinstance(metric, Metric):
        metric = Metric(name, find_metric(metric or "score", folds, ceiling).ceiling)
    return Measured(sizes[whole], folds, metric=metric, notes=notes)


def _grouped(x: Any, y: Any, yerr: Any, metric: Metric) -> Measured:
    """Arrays with a size more than once are the runs of each size; all else is left to `make_curve` to check."""
    x, y, yerr = without_masked(x, y, yerr)
    if yerr is None:
        try:
            sizes, values = np.asarray(x, float), np.asarray(y, float)
        except NOT_NUMBERS:
            return Measured(x, y, yerr, metric)
        plain = (
            sizes.ndim == 1 and sizes.shape == values.shape and np.isfinite(sizes).all() and np.isfinite(values).all()
        )
        if plain and len(np.unique(sizes)) < len(sizes):
            return Measured(*by_size(sizes, values), metric=metric)
    return Measured(x, y if not metric.higher_is_better else _arrays(y), yerr, metric)


def _arrays(y: Any) -> FloatArray | list[FloatArray]:
    """y as arrays, so that it can be taken from the ceiling."""
    parts = _iterable(y)
    if all(np.ndim(part) == 0 for part in parts):
        return np.asarray(parts, float)
    return [np.asarray(part, float) for part in parts]


def _iterable(y: Any) -> list[Any]:
    try:
        return list(y)
    except TypeError:
        raise PlawError(f"A curve is numbers: sizes x, and errors y (or one array per size); not {y!r}.") from None
