"""A value with its interval, as text and in arithmetic."""

import math

import numpy as np
import pytest

from plaw.curves.intervals import Interval, difference, mover, ratio


@pytest.mark.parametrize(
    "size, text",
    [(1234567.0, "1,235,000"), (3.2e12, "3,200,000,000,000"), (12.3456, "12.35"), (np.inf, "inf"), (1.5e20, "1.5e+20")],
)
def test_sizes_are_printed_without_powers_of_ten_while_they_can_be_read(size, text):
    assert str(Interval(size, size, size, 0.9)) == f"{text} (90% interval {text} ... {text})"


def test_a_difference_is_as_wide_as_the_root_of_the_sum_of_squares():
    assert difference(Interval(7.0, 4.0, 8.0, 0.9), Interval(2.0, 1.5, 6.0, 0.9)) == Interval(
        5.0, 0.0, 5 + math.hypot(1.0, 0.5), 0.9
    )


def test_a_ratio_is_the_difference_of_the_logarithms():
    first, second = Interval(6.0, 3.0, 12.0), Interval(2.0, 1.0, 5.0)
    quotient, logarithms = ratio(first, second), difference(first.map(math.log), second.map(math.log))
    assert (math.log(quotient.low), math.log(quotient.high)) == pytest.approx((logarithms.low, logarithms.high))
    assert quotient.value == pytest.approx(3)


def test_mover_takes_arrays():
    low, high = mover(np.array([0.0, 5.0]), (np.array([3.0, 0.0]), np.array([4.0, 1.0])), (0.0, np.array([1.0, 2.0])))
    assert low.tolist() == [-5, 4] and high.tolist() == [1, 7]
