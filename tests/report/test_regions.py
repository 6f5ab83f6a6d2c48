"""Floors that laws find, widths that suffice and the frontier of equal cost, on curves that are known."""

import numpy as np
import pytest

from plaw.report import regions
from plaw.study import results

RNG = np.random.default_rng(3)


def curve(function, sizes, networks=50, noise=0.02):
    return {n: function(n) * np.exp(noise * RNG.standard_normal(networks)) for n in sizes}


def test_a_floor_is_found_where_there_is_one():
    sizes = (15, 60, 240, 960, 4000, 16_000)
    found = regions.floors(curve(lambda n: 0.1 + 0.8 * n**-0.5, sizes), "power_offset")
    assert [floor.largest for floor in found] == [4000, 16_000]
    assert found[-1].low < 0.1 < found[-1].high and regions.found_from(found, 0.1) in (4000, 16_000)


def test_where_there_is_none_none_is_found():
    found = regions.floors(curve(lambda n: 0.8 * n**-0.4, (15, 30, 60, 120, 240)), "power_offset")
    assert regions.found_from(found, 0.1) is None


def test_what_is_lost_again_does_not_count():
    near, far = regions.Floor(240, 0.1, 0.08, 0.12), regions.Floor(960, 0.02, 0.0, 0.1)
    assert regions.found_from([near, far], 0.1) is None


def test_wrong_labels_are_counted_as_a_simulation_counts_them():
    labels = RNG.integers(0, 10, 200_000)
    answers = np.where(RNG.random(labels.size) < 0.3, (labels + RNG.integers(1, 10, labels.size)) % 10, labels)
    wrong = np.where(RNG.random(labels.size) < 0.1, (labels + RNG.integers(1, 10, labels.size)) % 10, labels)
    expected = regions.expected_with_wrong_labels(float(np.mean(answers != labels)), 0.1)
    assert np.mean(answers != wrong) == pytest.approx(expected, abs=0.005)
    assert regions.with_wrong_labels({30: np.array([0.0, 0.9])}, 0.1)[30] == pytest.approx([0.1, 0.9])


def test_the_width_that_suffices():
    curves = {w: curve(lambda n, w=w: 0.1 + 2 / w, (30,), noise=0.001) for w in (12, 25, 50, 100, 200, 400)}
    width = regions.sufficient_width(curves, 30)
    assert width.value == pytest.approx(195, rel=0.05), "0.1 + 2/195 is 5% above 0.1 + 2/400"
    assert width.low <= width.value <= width.high
    assert regions.sufficient_width(dict(list(curves.items())[:2]), 30) is None


def test_the_narrowest_suffices_where_width_does_not_matter():
    curves = {w: curve(lambda n: 0.1, (30,), noise=0.001) for w in (12, 25, 50)}
    assert regions.sufficient_width(curves, 30).value == pytest.approx(12)


def test_the_law_of_two_variables_and_its_frontier():
    truth = dict(E=0.01, A=6.0, B=3.0, alpha=0.5, beta=0.4)
    curves = {
        w: curve(
            lambda n, w=w: truth["E"] + truth["A"] * regions.weights(w) ** -0.5 + truth["B"] * (10 * n) ** -0.4,
            (30, 120, 480, 1920),
            noise=0.01,
        )
        for w in (12, 50, 200, 800)
    }
    fit = regions.chinchilla(curves)
    for name in ("alpha", "beta"):
        low, high = fit.interval()[name]
        assert low - 0.05 < truth[name] < high + 0.05
    model, data = regions.frontier(fit, np.array([1e9]))
    assert regions.PASSES * model * data == pytest.approx([1e9])
    least = fit.predict(np.stack([model, data], axis=1))[0]
    for factor in (0.5, 2.0):
        assert fit.predict(np.stack([factor * model, data / factor], axis=1))[0] > least


def test_curves_are_joined_and_the_last_named_counts():
    joined = results.joined("fig3-1", "large-1")
    assert list(joined) == [30, 60, 120, 240, 960, 4400] and len(joined[30]) == 400
