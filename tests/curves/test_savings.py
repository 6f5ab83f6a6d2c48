"""How much data one method saves over another."""

import math

import numpy as np
import pytest

import plaw
from plaw.curves.intervals import Interval
from plaw.curves.planning import estimate_curves
from plaw.curves.reading import Measured
from plaw.curves.savings import AnswerComparison, compare_answers, data_factor, shared_runs, size_correlation
from plaw.errors import PlawError

SIZES = np.array([30.0, 60, 120, 240])


def two_methods(seed, seeds=8, common=0.08, own=0.03):
    """Two methods of which the second needs 2 ** (1 / 0.4) times the data; a seed moves both errors alike."""
    rng = np.random.default_rng(seed)
    both = common * rng.standard_normal((4, seeds))
    labels = tuple(tuple(map(str, range(seeds))) for _ in SIZES)
    for name, c0 in (("a", 0.7), ("b", 1.4)):
        y = c0 * SIZES[:, None] ** -0.4 * np.exp(both + own * rng.standard_normal((4, seeds)))
        yield Measured(SIZES, list(y), name=name, shared=labels)


def test_the_factor_of_data():
    factor = data_factor(Interval(100.0, 50.0, 200.0), Interval(600.0, 600.0, 600.0))
    assert (factor.value, factor.low, factor.high) == pytest.approx((6, 3, 12))
    same = data_factor(Interval(100.0, 50.0, 200.0), Interval(600.0, 300.0, 1200.0), correlation=1)
    assert (same.value, same.low, same.high) == pytest.approx((6, 6, 6))


INF = math.inf


@pytest.mark.parametrize(
    "first, second, value, low, high",
    [
        ((100, 50, 200), (INF, 400, INF), INF, math.nan, math.nan),
        ((INF, 400, INF), (100, 50, 200), 0, math.nan, math.nan),
        ((INF, 400, INF), (INF, 400, INF), math.nan, math.nan, math.nan),
        ((100, 100, INF), (600, 600, 600), 6, 0, 6),
        ((100, 0, 100), (600, 600, INF), 6, 6, INF),
        ((100, math.nan, math.nan), (600, 500, 700), 6, math.nan, math.nan),
    ],
)
@pytest.mark.parametrize("correlation", [0, 0.9])
def test_factors_without_an_end(first, second, value, low, high, correlation):
    factor = data_factor(Interval(*map(float, first)), Interval(*map(float, second)), correlation)
    assert (factor.value, factor.low, factor.high) == pytest.approx((value, low, high), nan_ok=True)


def test_a_correlation_is_one():
    with pytest.raises(PlawError, match="between -1 and 1"):
        data_factor(Interval(1.0, 1.0, 1.0), Interval(1.0, 1.0, 1.0), 2)


def test_what_is_shared_cancels():
    first, second = two_methods(0)
    compared = shared_runs(first, second)
    assert compared.runs == 32 and 0.5 < compared.correlation < 0.95
    for ratio in compared.ratios.values():
        assert ratio.low < 2 < ratio.high < 1.15 * ratio.low


def test_seeds_that_share_nothing_have_no_correlation():
    correlations = [shared_runs(*two_methods(seed, common=0, own=0.05)).correlation for seed in range(20)]
    assert max(correlations) < 0.5 and np.mean(correlations) < 0.1


@pytest.mark.slow
def test_paired_factors_hold_the_truth_and_are_narrower():
    truth, hits, widths = 2 ** (1 / 0.4), 0, []
    for seed in range(60):
        curves = list(two_methods(seed))
        (paired,) = compare_answers(curves, answers := estimate_curves(curves, target=0.02, law="power"))
        alone = data_factor(answers["a"].size, answers["b"].size)
        hits += paired.factor.low <= truth <= paired.factor.high
        widths.append(math.log(paired.factor.high / paired.factor.low) / math.log(alone.high / alone.low))
    assert hits >= 55 and np.median(widths) < 0.8


def test_scatter_beyond_the_runs_lowers_the_correlation():
    shared = shared_runs(*two_methods(1))
    smooth, rough = (
        plaw.fit_law("power", SIZES, y, 0.01 * y)
        for y in (0.7 * SIZES**-0.4, 0.7 * SIZES**-0.4 * np.exp([0.1, -0.1, -0.1, 0.1]))
    )
    assert size_correlation(shared, smooth, smooth) == shared.correlation
    assert size_correlation(shared, rough, rough) < 0.1 * shared.correlation


def test_comparisons_in_words():
    said = AnswerComparison("a", "b", Interval(3.0, 2.0, 4.0), None).sentences
    assert said == ["b needs 3 (95% interval 2 ... 4) times the examples of a"]
    assert AnswerComparison("a", "b", Interval(INF, math.nan, math.nan), None).sentences == [
        "b does not reach the target, a does"
    ]
    assert AnswerComparison("a", "b", Interval(*[math.nan] * 3), None).sentences == ["b does not reach the target"]


def test_what_cannot_be_paired_is_refused():
    first, second = two_methods(2)
    other = Measured(SIZES, second.y, shared=tuple(("x", "y") for _ in SIZES))
    with pytest.raises(PlawError, match="No size has two runs or more that a share"):
        shared_runs(first, other)
    twice = Measured(SIZES, second.y, shared=tuple(("1",) * 8 for _ in SIZES))
    with pytest.raises(PlawError, match="At n = 30, several runs of one curve have the label '1'"):
        shared_runs(first, twice)
    with pytest.raises(PlawError, match="No size has two runs"):
        shared_runs(first, Measured(SIZES, second.y))
