"""Extrapolations against measurements: hits and misses of known curves, and what the records hold."""

import numpy as np
import pytest

from plaw.report import tested
from plaw.study.sampling import load_digits

RNG = np.random.default_rng(4)


def curve(function, sizes):
    return {n: function(n) * np.exp(0.05 * RNG.standard_normal(50)) for n in sizes}


def test_a_power_law_is_predicted():
    law = lambda n: 0.6 * n**-0.35  # noqa: E731
    (test,) = tested.predict("x", curve(law, (30, 60, 120, 240)), curve(law, (960,)))
    assert test.hit(test.line) and abs(test.miss(test.line)) < 0.1 and test.distance == 4
    assert test.sizes == (30, 60, 120, 240) and test.noise == pytest.approx(0.05 * law(960) / 50**0.5, rel=0.3)


def test_a_curve_that_levels_off_is_a_miss():
    floored = lambda n: 0.05 + 0.6 * n**-0.5  # noqa: E731
    (test,) = tested.predict("x", curve(floored, (30, 60, 120, 240)), curve(floored, (20_000,)))
    assert not test.hit(test.line) and test.miss(test.line) > 0.3
    assert tested.share_of_hits([test]) == (0.0, float(test.hit(test.planner)))


def test_large_sets_are_predicted_from_the_curves_of_their_networks():
    tests = tested.large_sets()
    assert {("large-1", 960), ("large-3", 4400), ("large-crosses", 960)} <= {(test.name, test.n) for test in tests}
    assert all(test.n > test.sizes[-1] for test in tests)


def test_the_last_size_is_never_among_those_that_predict_it():
    for test in tested.last_sizes():
        assert test.n not in test.sizes and len(test.sizes) >= 3


def test_all_depths_are_there_at_the_same_sizes():
    depths = tested.depths()
    assert {30, 240, 960, 4400} <= set(depths) and all(set(errors) == {1, 2, 3} for errors in depths.values())


def test_the_steps_of_a_search():
    assert tested.search_steps("fig3-1")[60] == 160 * 6 * 600
    assert tested.search_steps("large-1")[4400] == 32 * 4 * 44_000


def test_samples_share_more_the_larger_they_are():
    digits = load_digits("mnist-digits")
    few, many = (tested.shared(digits, n) for n in (10, 100))
    assert many == pytest.approx(10 * few) and 0 < many < 1
