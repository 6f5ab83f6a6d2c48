"""The split of the training digits: for tuning, for validation, for the reported samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaw.errors import PlawError
from plaw.study import splits


def shuffled_labels(counts, seed):
    """Labels of which label l occurs counts[l] times, in random order."""
    return np.random.default_rng(seed).permutation(np.repeat(np.arange(10, dtype=np.uint8), counts))


@given(st.lists(st.integers(61, 500), min_size=10, max_size=10), st.integers(0, 2**32 - 1))
def test_a_split_is_disjoint_complete_and_balanced_where_it_tunes(counts, seed):
    labels = shuffled_labels(counts, seed)
    split = splits.tuning_split(labels)
    parts = (split.tuning_train, split.validation, split.report)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(len(labels)))
    for part in parts[:2]:
        assert len(set(np.bincount(labels[part], minlength=10))) == 1
    again = splits.tuning_split(labels)
    assert all((a == b).all() for a, b in zip(parts, (again.tuning_train, again.validation, again.report)))


@pytest.mark.parametrize(
    ("scarcest", "validation", "tuning_train"), [(5421, 300, 700), (6000, 300, 700), (300, 20, 40), (2710, 150, 350)]
)
def test_sizes_of_the_split(scarcest, validation, tuning_train):
    split = splits.tuning_split(shuffled_labels([scarcest] + [scarcest + 30] * 9, 0))
    assert len(split.validation) == 10 * validation and len(split.tuning_train) == 10 * tuning_train


def test_too_few_examples_cannot_be_split():
    with pytest.raises(PlawError, match=r"only 60 examples.*more than 60"):
        splits.tuning_split(shuffled_labels([60] * 10, 0))
