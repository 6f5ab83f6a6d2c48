"""Which training digits tune hyper-parameters, and which are left for the reported samples."""

from dataclasses import dataclass

import numpy as np

from plaw.errors import PlawError
from plaw.model.data import positions_by_label

# Shares of MNIST's scarcest label (5,421 training examples) kept for tuning, and the seed that draws them.
SCARCEST, VALIDATION, TUNING_TRAIN, SPLIT_SEED = 5421, 300, 700, 41598


@dataclass(frozen=True)
class Split:
    """Disjoint int64 positions among the training examples: two sets for tuning, and the rest for reported samples."""

    tuning_train: np.ndarray
    validation: np.ndarray
    report: np.ndarray

    def among(self, positions: np.ndarray) -> "Split":
        """The split of some of the examples, which stood at these positions, ascending.

        >>> whole = Split(np.array([0, 1]), np.array([2, 3]), np.array([4, 5]))
        >>> whole.among(np.array([1, 2, 5])).report
        array([2])
        """

        def some(part: np.ndarray) -> np.ndarray:
            return np.searchsorted(positions, np.intersect1d(part, positions))

        return Split(some(self.tuning_train), some(self.validation), some(self.report))


def tuning_split(labels: np.ndarray) -> Split:
    """Split training examples, by a fixed seed, into those for tuning and those for the reported samples.

    Per label 300 examples validate hyper-parameters and 700 are drawn from to train while tuning; a smaller data set
    gives the same shares of its scarcest label, but at least 20 and 40. PlawError where too few are left.
    """
    positions = positions_by_label(labels)
    scarcest = min(map(len, positions))
    validation = max(20, round(VALIDATION * min(1, scarcest / SCARCEST)))
    tuning_train = max(40, round(TUNING_TRAIN * min(1, scarcest / SCARCEST)))
    if scarcest <= validation + tuning_train:
        raise PlawError(f"a label has only {scarcest} examples; tuning needs more than {validation + tuning_train}")
    rng = np.random.default_rng(SPLIT_SEED)
    parts = [np.split(rng.permutation(where), [validation, validation + tuning_train]) for where in positions]
    validate, tune, report = (np.sort(np.concatenate(part)) for part in zip(*parts))
    return Split(tuning_train=tune, validation=validate, report=report)
