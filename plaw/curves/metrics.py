"""What a curve measures: an error or a loss, or a score of which more is better, turned into an error and back.

A law describes how an error falls. A score that rises towards a ceiling, accuracy towards 1, is fitted as the error
ceiling - score; targets are given, and answers are printed, in the score itself.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real

import numpy as np

from plaw.curves.arrays import FloatArray
from plaw.curves.intervals import Interval
from plaw.curves.saving import Saved
from plaw.errors import PlawError

# their names with spaces, dots and hyphens as underscores; before them may stand test_, val_ and the like
ERRORS = (
    "error", "errors", "err", "error_rate", "misclassification", "loss", "losses", "nll", "cross_entropy", "perplexity",
    "mse", "rmse", "mae", "mape", "wer", "cer", "brier",
)  # fmt: skip
RATES = ("error", "errors", "err", "rate", "misclassification", "wer", "cer")  # by their last words: parts of a whole
SCORES = (
    "accuracy", "acc", "balanced_accuracy", "score", "scores", "auc", "auroc", "roc_auc", "pr_auc", "average_precision",
    "f1", "f1_score", "f1_macro", "f1_micro", "f1_weighted", "precision", "recall", "map", "iou", "miou", "dice", "r2",
    "bleu", "kappa", "mcc", "top1", "top5",
)  # fmt: skip
NOT_TESTED = frozenset("train training fit std sd se sem stderr min max".split())
_PREFIX = re.compile(r"(?<![^_])(test|val|valid|validation|eval|dev|holdout|heldout|mean|avg|average|cv|oof)_")
_SUFFIX = re.compile(r"_(mean|avg|average|test|val)$")


@dataclass(frozen=True)
class Metric(Saved):
    """What is measured.

    Attributes
    ----------
    name : str
    ceiling : float or None
        The score of a perfect model, where more is better; None where less is better.

    Examples
    --------
    >>> accuracy = Metric("accuracy", ceiling=1.0)
    >>> accuracy.flip(0.75), accuracy.flip(0.25), Metric("loss").flip(0.75)
    (0.25, 0.75, 0.75)
    >>> accuracy.formula, Metric("loss").formula
    ('1 - accuracy', 'loss')
    """

    name: str = "error"
    ceiling: float | None = None

    @property
    def higher_is_better(self) -> bool:
        """Whether a better model has a higher value."""
        return self.ceiling is not None

    @property
    def formula(self) -> str:
        """What is fitted."""
        return self.name if self.ceiling is None else f"{self.ceiling:g} - {self.name}"

    def flip(self, value: float) -> float:
        """The error of a score, or the score of an error; an error stays what it is."""
        return value if self.ceiling is None else self.ceiling - value

    def flip_interval(self, interval: Interval) -> Interval:
        """`flip` of a value and its ends, which change places."""
        if self.ceiling is None:
            return interval
        return Interval(self.flip(interval.value), self.flip(interval.high), self.flip(interval.low), interval.level)


ERROR = Metric()


def plain_name(name: str) -> str:
    """A column's or metric's name in lower case, with underscores, without test_ and the like.

    Examples
    --------
    >>> plain_name("Test accuracy"), plain_name("mean_test_score"), plain_name("Error (%)")
    ('accuracy', 'score', 'error')
    """
    plain = re.sub(r"\W+", "_", name.strip().lower()).strip("_")
    while (shorter := _SUFFIX.sub("", _PREFIX.sub("", plain, count=1))) != plain:
        plain = shorter
    return plain


def kind_of(name: str, by_last_word: bool = False) -> str:
    """Whether a name is that of an "error" or of a "score", or of neither.

    Parameters
    ----------
    name : str
    by_last_word : bool
        Whether the last word may decide, as in "macro F1", unless another word says that it is of the training set.

    Returns
    -------
    str
        "error", "score" or "".

    Examples
    --------
    >>> kind_of("Test accuracy"), kind_of("val_loss"), kind_of("macro F1"), kind_of("macro F1", by_last_word=True)
    ('score', 'error', '', 'score')
    """
    plain = plain_name(name)
    words = plain.split("_")
    if by_last_word and not NOT_TESTED & set(words):
        plain = words[-1]
    if plain in ERRORS:
        return "error"
    return "score" if plain in SCORES or plain.startswith("neg_") else ""


def find_metric(name: str, values: Iterable[FloatArray], ceiling: float | None = None) -> Metric:
    """The metric of this name, with the ceiling that its values suggest.

    Parameters
    ----------
    name : str
        A name of `ERRORS` or `SCORES`, any case, with test_ or val_ before it or not. Other names are taken for errors,
        unless there is a ceiling.
    values : iterable of arrays
        All measured values.
    ceiling : float, optional
        The score of a perfect model. Default: 1, or 100 for percentages; 0 where all scores are negative, as those of
        scikit-learn that begin with neg_.

    Returns
    -------
    Metric

    Raises
    ------
    PlawError
        For values above the ceiling.

    Examples
    --------
    >>> find_metric("Accuracy", [np.array([64.0, 71.5])])
    Metric(name='Accuracy', ceiling=100.0)
    >>> find_metric("loss", [np.array([2.3, 1.9])])
    Metric(name='loss', ceiling=None)
    """
    if not isinstance(name, str) or not isinstance(ceiling, Real | None):
        raise PlawError(f"A metric is given by its name and its ceiling, a number; not by {name!r} and {ceiling!r}.")
    if ceiling is None and (kind_of(name) or kind_of(name, by_last_word=True)) != "score":
        return Metric(name)
    measured = np.concatenate([np.ravel(part) for part in values])
    least, most = float(measured.min()), float(measured.max())
    if ceiling is None:
        ceiling = 0.0 if most < 0 or plain_name(name).startswith("neg_") else 1.0 if most <= 2 else 100.0
    elif not np.isfinite(ceiling):
        raise PlawError(f"The ceiling is the score of a perfect model, a number; not {ceiling}.")
    if most > ceiling:
        raise PlawError(
            f"{name} reaches {most:g}, above the ceiling {ceiling:g}: give the score of a perfect model as the ceiling."
        )
    if ceiling == 100 and 0 < least <= 1 < most and least * 20 < most:
        raise PlawError(
            f"{name} reaches from {least:g} to {most:g}: fractions and percentages are mixed, write all of them alike."
        )
    return Metric(name, float(ceiling))


def wrong_unit(metric: Metric, target: float, errors: FloatArray) -> str:
    """A sentence where a target and the measured errors seem to be a fraction and percentages; else nothing.

    Parameters
    ----------
    metric : Metric
    target : float
        In the unit of the metric.
    errors : (n,) array
        The measured errors.

    Returns
    -------
    str

    Examples
    --------
    >>> wrong_unit(ERROR, 0.02, np.array([40.0, 20.0]))
    'the target 0.02 seems to be a fraction and the errors, 20 ... 40, percentages: if so, ask for 2'
    >>> wrong_unit(ERROR, 2, np.array([40.0, 20.0]))
    ''
    """
    values = np.sort([metric.flip(error) for error in errors.tolist()])
    low, high = values[0], values[-1]
    name = "errors" if metric == ERROR else f"values of {metric.name}"
    seen = f"the {name}, {low:.4g} ... {high:.4g},"
    if not metric.higher_is_better and plain_name(metric.name).split("_")[-1] not in RATES:
        return ""  # a loss has no unit
    in_percent = high <= 100 and low >= 1 and high > 2 and (metric.ceiling is None or metric.ceiling == 100)
    if in_percent and 0 < target < 1 and (metric.higher_is_better or target < low / 20):
        return f"the target {target:g} seems to be a fraction and {seen} percentages: if so, ask for {100 * target:g}"
    in_fractions = high <= 1 and low > 0 and (metric.ceiling is None or metric.ceiling == 1)
    if in_fractions and 1 < target <= 100:
        return f"the target {target:g} seems to be a percentage and {seen} fractions: if so, ask for {target / 100:g}"
    return ""
