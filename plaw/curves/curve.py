"""A measured learning curve: sizes, errors, what is known of their noise, and its bootstrap replicates."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from plaw.curves.arrays import NOT_NUMBERS, BoolArray, FloatArray, read_only
from plaw.curves.saving import Saved
from plaw.errors import PlawError

LEAST = 1e-200  # of all numbers, so that their squares and ratios are numbers too
LEAST_NOISE = 1e-12  # of y: the rounding of a computer is about 1e-16
FEW = 10  # samples per size; with fewer, their relative spread is pooled over the sizes


@dataclass(frozen=True, eq=False)
class Curve(Saved):
    """A checked and sorted curve, made by `make_curve`.

    Attributes
    ----------
    x : (n,) or (n, 2) array
        Sizes, ascending; two columns for the two variables N and D.
    y : (n,) array
        Errors or losses, positive; the means where there are samples.
    yerr : (n,) array or None
        Standard errors of y, None where they are not known.
    samples : tuple of arrays or None
        The raw errors of each size, if they were given.
    """

    x: FloatArray
    y: FloatArray
    yerr: FloatArray | None
    samples: tuple[FloatArray, ...] | None

    @property
    def known(self) -> bool:
        """Whether the standard errors of y are known."""
        return self.yerr is not None

    @property
    def log_x(self) -> FloatArray:
        """Logarithms of the sizes, shaped like x."""
        logarithms: FloatArray = np.log(self.x)
        return logarithms

    @property
    def log_error(self) -> FloatArray:
        """Standard errors of log y, (n,); 1 where they are not known."""
        return np.ones_like(self.y) if self.yerr is None else self.yerr / self.y

    @property
    def run_noise(self) -> float:
        """The standard error of log y of one more run: as noisy as those behind the median of the points."""
        if self.samples is None:
            return float(np.median(self.log_error))
        return float(np.median(self.log_error * np.sqrt([len(runs) for runs in self.samples])))

    def part(self, chosen: "slice | BoolArray") -> "Curve":
        """The points chosen by a slice or a mask."""
        index = np.arange(len(self.y))[chosen]
        samples = None if self.samples is None else tuple(self.samples[i] for i in index)
        return Curve(self.x[index], self.y[index], None if self.yerr is None else self.yerr[index], samples)

    def replicates(self, count: int, log_fit: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Bootstrap replicates of log y, (count, n).

        Drawn from the samples where every size has at least two; else normal noise of yerr about the fit
        (parametric); else the residuals of the fit, centred, drawn with replacement.
        """
        if self.samples is not None and min(map(len, self.samples)) > 1:
            means = [s[rng.integers(len(s), size=(count, len(s)))].mean(axis=1) for s in self.samples]
            log_y: FloatArray = np.log(np.maximum(np.stack(means, axis=1), 1e-3 * self.y))
            return log_y
        if self.known:
            return log_fit + self.log_error * rng.standard_normal((count, len(self.y)))
        residuals = np.log(self.y) - log_fit
        return log_fit + rng.choice(residuals - residuals.mean(), size=(count, len(self.y)))


def make_curve(x: ArrayLike, y: ArrayLike, yerr: ArrayLike | None = None) -> Curve:
    """Check and sort a curve.

    Parameters
    ----------
    x : (n,) or (n, 2) array_like
        Sizes; two columns for the two variables N and D.
    y : (n,) array_like, or a sequence of n arrays
        Errors or losses; or the raw errors of each size, of which the mean becomes y. With samples, yerr is the
        standard error of their mean; with fewer than ten per size, the relative spread is pooled over the sizes.
    yerr : array_like, optional
        Standard errors of y, (n,) or one for all.

    Returns
    -------
    Curve

    Raises
    ------
    PlawError
        For what cannot be a curve: no points, shapes that do not match, values that are not positive numbers.

    Examples
    --------
    >>> curve = make_curve([100, 10], [[0.1, 0.12], [0.2, 0.24]])
    >>> curve.x.tolist(), curve.y.tolist()
    ([10.0, 100.0], [0.22, 0.11])
    >>> curve.yerr.round(3).tolist()
    [0.02, 0.01]
    """
    sizes, errors, standard_errors, samples = _as_arrays(x, y, yerr)
    for name, values in (("size", sizes), ("y", errors), ("yerr", standard_errors)):
        _refuse_unless_positive(name, values)
    if standard_errors is not None and (standard_errors < LEAST_NOISE * errors).any():
        raise PlawError(
            f"A yerr below {LEAST_NOISE:g} of its y is less than rounding: leave it out, or give the noise."
        )
    if samples is not None:
        if any(not np.isfinite(s).all() or (s < 0).any() for s in samples):
            raise PlawError("Every sample must be a number and not negative: leave out the runs that failed.")
        standard_errors = _standard_errors(samples)
    order = np.lexsort(sizes.T[::-1]) if sizes.ndim == 2 else np.argsort(sizes, kind="stable")
    return Curve(
        read_only(sizes[order]),
        read_only(errors[order]),
        None if standard_errors is None else read_only(standard_errors[order]),
        None if samples is None else tuple(read_only(samples[i].copy()) for i in order),
    )


def binomial_error(y: ArrayLike, test_size: int) -> FloatArray:
    """Standard errors of error rates that were counted on a test set: sqrt(y (1 - y) / test_size).

    Parameters
    ----------
    y : (n,) array_like
        Error rates between 0 and 1.
    test_size : int
        Number of test examples.

    Returns
    -------
    (n,) array

    Raises
    ------
    PlawError
        Where y is not between 0 and 1 or there are no test examples.

    Examples
    --------
    >>> binomial_error([0.1, 0.5], 100).round(3).tolist()
    [0.03, 0.05]
    """
    rates = np.asarray(y, float)
    if not ((rates > 0) & (rates < 1)).all() or not test_size > 0:
        raise PlawError("Counting noise needs error rates between 0 and 1 and a positive number of test examples.")
    errors: FloatArray = np.sqrt(rates * (1 - rates) / test_size)
    return errors


def _as_arrays(
    x: ArrayLike, y: Any, yerr: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray | None, list[FloatArray] | None]:
    """Sizes, errors, standard errors and samples as arrays of matching shapes."""
    x, y, yerr = without_masked(x, y, yerr)
    try:
        sizes = np.asarray(x, float)
        samples = _samples(y)
        errors = np.asarray(y, float) if samples is None else np.array([s.mean() for s in samples])
        standard_errors = None if yerr is None else np.broadcast_to(np.asarray(yerr, float), errors.shape)
    except PlawError:
        raise
    except NOT_NUMBERS as error:
        raise PlawError(
            f"A curve is numbers: sizes x, and errors y (or one array of errors per size); {error}."
        ) from None
    columns_fit = sizes.ndim == 1 or (sizes.ndim == 2 and sizes.shape[1] == 2)
    if not columns_fit or errors.shape != sizes.shape[:1] or not len(errors):
        raise PlawError(f"A curve needs one y for each x, (n,) or (n, 2): got shapes {sizes.shape} and {errors.shape}.")
    if samples is not None and yerr is not None:
        raise PlawError("Give raw samples or yerr, not both: samples show their own spread.")
    return sizes, errors, standard_errors, samples


def without_masked(x: Any, y: Any, yerr: Any) -> tuple[Any, Any, Any]:
    """The points of which nothing is masked; of samples in a masked array (n, runs), those that are not."""
    if isinstance(y, np.ma.MaskedArray) and y.ndim == 2:
        y = [row.compressed() for row in y]
    masked = [part for part in (x, y, yerr) if isinstance(part, np.ma.MaskedArray)]
    if not masked or any(part.ndim != 1 or len(part) != len(masked[0]) for part in masked):
        return x, y, yerr
    kept = ~np.logical_or.reduce([np.ma.getmaskarray(part) for part in masked])
    if np.shape(x)[:1] != kept.shape or len(y) != len(kept):
        return x, y, yerr
    y = np.asarray(y)[kept] if np.ndim(y) == 1 else [part for part, keep in zip(y, kept) if keep]
    return np.asarray(x)[kept], y, np.asarray(yerr)[kept] if np.ndim(yerr) == 1 else yerr


def _refuse_unless_positive(name: str, values: FloatArray | None) -> None:
    if values is None:
        return
    wrong = values[~(np.isfinite(values) & (values > 0))]
    if wrong.size:
        raise PlawError(
            f"Every {name} must be a positive number, but one is {wrong[0]:g}: "
            "a law on logarithms cannot use it, leave it out."
        )
    extreme = values[(values < LEAST) | (values > 1 / LEAST)]
    if extreme.size:
        raise PlawError(f"Every {name} must lie between {LEAST:g} and {1 / LEAST:g}, but one is {extreme[0]:g}.")


def _samples(y: Any) -> list[FloatArray] | None:
    """The raw errors of each size, or None where y is one number per size."""
    if all(np.ndim(value) == 0 for value in y):
        return None
    samples = [np.asarray(value, float).reshape(-1) for value in y]
    if not all(len(s) for s in samples):
        raise PlawError("A size without a single sample has no error: leave it out.")
    return samples


def _standard_errors(samples: list[FloatArray]) -> FloatArray | None:
    """Standard errors of the means, None where no size shows a spread."""
    means, counts = np.array([s.mean() for s in samples]), np.array([len(s) for s in samples])
    squares = np.array([((s / m - 1) ** 2).sum() for s, m in zip(samples, means)])
    if counts.min() >= FEW and squares.min() > 0:
        relative = squares / (counts - 1)
    elif counts.max() > 1 and squares.sum() > 0:
        relative = np.full(len(samples), squares.sum() / (counts - 1).sum())
    else:
        return None
    errors: FloatArray = means * np.sqrt(relative / counts)
    return errors
