"""A measured learning curve: sizes, errors, what is known of their noise, and its bootstrap replicates."""

from dataclasses import dataclass

import numpy as np

from plaw.errors import PlawError

FEW = 10  # samples a size; below that their spread is pooled over the sizes


@dataclass(frozen=True, eq=False)
class Curve:
    """x: sizes, (n,) or (n, 2) for N, D, ascending; y: errors or losses (n,), the mean where there are samples;
    yerr: standard errors of y (n,) or None where not known; samples: the raw errors of each size, or None."""

    x: np.ndarray
    y: np.ndarray
    yerr: np.ndarray | None
    samples: tuple[np.ndarray, ...] | None

    @property
    def known(self) -> bool:
        """Whether the errors of y are known."""
        return self.yerr is not None

    @property
    def log_x(self) -> np.ndarray:
        """Logarithms of the sizes, shaped like x."""
        return np.log(self.x)

    @property
    def log_error(self) -> np.ndarray:
        """Standard errors of log y (n,); 1 where not known."""
        return self.yerr / self.y if self.known else np.ones_like(self.y)

    def part(self, chosen) -> "Curve":
        """The points chosen by a mask or index."""
        chosen = np.arange(len(self.y))[chosen]
        yerr = self.yerr[chosen] if self.known else None
        return Curve(self.x[chosen], self.y[chosen], yerr, self.samples and tuple(self.samples[i] for i in chosen))

    def replicates(self, count: int, log_fit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Bootstrap replicates of log y, (count, n).

        Over samples where every size has at least two; else normal noise of yerr about the fit (parametric); else the
        fit's residuals, centred, drawn anew.
        """
        if self.samples is not None and min(map(len, self.samples)) > 1:
            draws = [s[rng.integers(len(s), size=(count, len(s)))].mean(axis=1) for s in self.samples]
            return np.log(np.maximum(np.stack(draws, axis=1), 1e-3 * self.y))
        if self.known:
            return log_fit + self.log_error * rng.standard_normal((count, len(self.y)))
        residuals = np.log(self.y) - log_fit
        return log_fit + rng.choice(residuals - residuals.mean(), size=(count, len(self.y)))


def make_curve(x, y, yerr=None) -> Curve:
    """Check and sort a curve. y: (n,) values, or n arrays of raw errors, one a size.

    With samples yerr is the standard error of their mean; with fewer than ten a size the relative spread is pooled over the
    sizes. Raises PlawError for what cannot be a curve.
    """
    try:
        x = np.asarray(x, float)
        samples = _samples(y)
        y = np.asarray(y, float) if samples is None else np.array([s.mean() for s in samples])
        yerr = None if yerr is None else np.broadcast_to(np.asarray(yerr, float), y.shape)
    except (TypeError, ValueError) as error:
        raise PlawError(
            f"A curve is numbers: sizes x, and errors y (or one array of errors a size); {error}."
        ) from None
    if x.ndim not in (1, 2) or (x.ndim == 2 and x.shape[1] != 2) or y.shape != x.shape[:1] or not len(y):
        raise PlawError(f"A curve needs one y for each x, (n,) or (n, 2): got shapes {x.shape} and {y.shape}.")
    if samples is not None and yerr is not None:
        raise PlawError("Give raw samples or yerr, not both: samples tell their own spread.")
    for name, values in (("size", x), ("y", y), ("yerr", np.ones(1) if yerr is None else yerr)):
        wrong = values[~(np.isfinite(values) & (values > 0))]
        if wrong.size:
            raise PlawError(
                f"Every {name} must be a positive number, but one is {wrong[0]:g}: a law on logarithms cannot use it, leave it out."
            )
    if samples is not None and any(not np.isfinite(s).all() or (s < 0).any() for s in samples):
        raise PlawError("Every sample must be a number and not negative: leave out the runs that failed.")
    order = np.lexsort(x.T[::-1]) if x.ndim == 2 else np.argsort(x, kind="stable")
    if samples is not None:
        yerr = _standard_errors(samples)
    sorted_samples = None if samples is None else tuple(samples[i] for i in order)
    return Curve(x[order], y[order], None if yerr is None else yerr[order], sorted_samples)


def binomial_error(y, test_size: int) -> np.ndarray:
    """Standard errors of error rates y (n,) counted on `test_size` test examples: sqrt(y (1 - y) / test_size).

    Raises PlawError where y is not between 0 and 1.
    """
    y = np.asarray(y, float)
    if not ((y > 0) & (y < 1)).all() or not test_size > 0:
        raise PlawError("Counting noise needs error rates between 0 and 1 and a positive number of test examples.")
    return np.sqrt(y * (1 - y) / test_size)


def _samples(y) -> list[np.ndarray] | None:
    if all(np.ndim(value) == 0 for value in y):
        return None
    samples = [np.asarray(value, float).reshape(-1) for value in y]
    if not all(len(s) for s in samples):
        raise PlawError("A size without a single sample has no error: leave it out.")
    return samples


def _standard_errors(samples: list[np.ndarray]) -> np.ndarray | None:
    means, counts = np.array([s.mean() for s in samples]), np.array([len(s) for s in samples])
    squares = np.array([((s / m - 1) ** 2).sum() for s, m in zip(samples, means)])
    if counts.min() >= FEW and squares.min() > 0:
        relative = squares / (counts - 1)
    elif counts.max() > 1 and squares.sum() > 0:
        relative = np.full(len(samples), squares.sum() / (counts - 1).sum())
    else:
        return None
    return means * np.sqrt(relative / counts)
