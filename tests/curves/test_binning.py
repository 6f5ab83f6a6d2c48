"""Curves of thousands of sizes brought down to a hundred points."""

import time

import numpy as np
import pytest

import plaw
from plaw.curves.binning import MOST_POINTS, thinned
from plaw.curves.curve import make_curve


def test_a_short_curve_stays_as_it_is():
    curve = make_curve(np.arange(1, 101), np.arange(1, 101) ** -0.5)
    assert thinned(curve) is curve


@pytest.mark.parametrize("known", [False, True])
def test_nothing_is_lost_on_a_straight_line(known):
    rng = np.random.default_rng(2)
    x = rng.uniform(10, 1e5, 3000)
    y = 0.7 * x**-0.4 * np.exp(0.1 * rng.standard_normal(3000))
    curve = make_curve(x, y, 0.1 * y if known else None)
    short = thinned(curve)
    assert len(short.y) == MOST_POINTS
    whole, part = (plaw.fit_law("power", each.x, each.y, each.yerr) for each in (curve, short))
    assert part.params["rho"] == pytest.approx(whole.params["rho"], abs=2e-3)
    (low, high), (low_part, high_part) = whole.interval()["rho"], part.interval()["rho"]
    assert high_part - low_part == pytest.approx(high - low, rel=0.2)


def test_ten_thousand_sizes_take_seconds():
    rng = np.random.default_rng(3)
    x = np.arange(10, 10_010)
    began = time.process_time()
    answer = plaw.estimate(x, (0.02 + x**-0.4) * np.exp(0.05 * rng.standard_normal(len(x))), 0.03)
    assert time.process_time() - began < 10
    assert "10,000 sizes are brought down to 100 points" in answer.warnings[0]
    assert answer.size.low < (1 / 0.01) ** (1 / 0.4) < answer.size.high
