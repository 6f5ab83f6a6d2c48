"""Curves against curves and laws against laws, on curves whose truth is known."""

import numpy as np
import pytest
from scipy import stats

import plaw
from plaw.curves.comparison import compare_curves
from plaw.curves.fitting import fit_law
from plaw.curves.laws import LAWS
from plaw.errors import PlawError

SIZES = np.array([30.0, 60, 120, 240])


def curve(c0, rho, seed, sizes=SIZES, offset=0.0, count=60):
    rng = np.random.default_rng(seed)
    return [(offset + c0 * n**-rho) * np.exp(0.1 * rng.standard_normal(count)) for n in sizes]


def power(c0, rho, seed=0, **options):
    return fit_law("power", SIZES, curve(c0, rho, seed), **options)


# --- two curves -------------------------------------------------------------------------------------------------------


def test_the_crossing_of_two_power_laws_is_the_formulas():
    one, other = power(0.5, 0.3, 1), power(1.5, 0.5, 2)
    expected = (other.params["c0"] / one.params["c0"]) ** (1 / (other.params["rho"] - one.params["rho"]))
    for method in ("profile", "percentile"):
        size = plaw.crossing(one, other, method=method)
        assert size.value == pytest.approx(expected)
        assert size.low < expected < size.high


def test_the_crossing_does_not_depend_on_the_order():
    one, other = power(0.5, 0.3, 1), power(1.5, 0.5, 2)
    first, second = plaw.crossing(one, other), plaw.crossing(other, one)
    assert (first.value, first.low, first.high) == pytest.approx((second.value, second.low, second.high), rel=1e-6)


def test_both_methods_agree_where_there_is_no_scatter_beyond_the_noise():
    """Means that lie on their line, errors known: the profile's criterion is the normal one, as the bootstrap's is."""
    one = fit_law("power", SIZES, 0.5 * SIZES**-0.3, 0.005 * SIZES**-0.3, bootstrap=4000, seed=1)
    other = fit_law("power", SIZES, 1.5 * SIZES**-0.5, 0.015 * SIZES**-0.5, bootstrap=4000, seed=2)
    profile, percentile = plaw.crossing(one, other), plaw.crossing(one, other, method="percentile")
    assert (profile.low, profile.high) == pytest.approx((percentile.low, percentile.high), rel=0.02)


def test_parallel_lines_may_cross_anywhere():
    size = plaw.crossing(power(0.5, 0.3, 1), power(0.52, 0.301, 2))
    assert size.high == np.inf or size.low == 0


def test_curves_that_never_meet_have_no_crossing():
    y = 0.5 * SIZES**-0.3
    assert np.isnan(plaw.crossing(fit_law("power", SIZES, y), fit_law("power", SIZES, 2 * y)).value)


def test_a_crossing_of_different_laws():
    x = np.geomspace(10, 5000, 8)
    one = fit_law("power_offset", x, 0.05 + 0.5 * x**-0.5, 0.001)
    other = fit_law("power", x, 0.7 * x**-0.35, 0.001)
    size = plaw.crossing(one, other)
    assert one.predict(size.value)[0] == pytest.approx(other.predict(size.value)[0])


def test_equal_exponents_are_not_told_apart_and_different_ones_are():
    same = {d.parameter: d for d in compare_curves(power(0.5, 0.3, 1), power(1.0, 0.3, 2))}
    assert same["rho"].p_value > 0.05 and same["rho"].low < 0 < same["rho"].high
    assert same["c0"].p_value < 0.01 and same["c0"].low < 2 < same["c0"].high and same["c0"].is_ratio
    different = {d.parameter: d for d in compare_curves(power(0.5, 0.3, 1), power(1.0, 0.5, 2))}
    assert different["rho"].p_value < 0.01
    assert "difference" in str(different["rho"]) and "ratio" in str(different["c0"])


def test_without_known_errors_the_test_is_welchs():
    rng = np.random.default_rng(4)
    first, second = (0.5 * SIZES**-0.3 * np.exp(s * rng.standard_normal(4)) for s in (0.02, 0.05))
    lines = [stats.linregress(np.log(SIZES), np.log(y)) for y in (first, second)]
    variances = np.array([line.stderr**2 for line in lines])
    freedom = variances.sum() ** 2 / (variances**2 / 2).sum()
    t = (lines[0].slope - lines[1].slope) / np.sqrt(variances.sum())
    found = compare_curves(fit_law("power", SIZES, first), fit_law("power", SIZES, second))[1]
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(t), freedom), rel=1e-4)
    assert found.high - found.low == pytest.approx(2 * stats.t.ppf(0.975, freedom) * np.sqrt(variances.sum()), rel=1e-4)


def test_the_test_rejects_a_true_hypothesis_no_more_often_than_it_says():
    rejected = [
        compare_curves(power(0.5, 0.3, 2 * seed), power(0.7, 0.3, 2 * seed + 1))[1].p_value < 0.05
        for seed in range(200)
    ]
    assert np.mean(rejected) < 0.08


def test_only_like_laws_are_compared():
    x = np.geomspace(10, 5000, 8)
    with pytest.raises(PlawError, match="under one law"):
        compare_curves(fit_law("power", x, x**-0.3), fit_law("power_offset", x, x**-0.3))


# --- laws -------------------------------------------------------------------------------------------------------------


def test_the_true_law_foretells_best():
    sizes = np.geomspace(10, 5000, 9)
    samples = curve(0.7, 0.5, 3, sizes, offset=0.03)
    found = plaw.compare_laws(["power", "power_offset", "logarithmic"], sizes, samples, holdout=3, bootstrap=100)
    assert [score.law for score in found.scores][:2] == ["power_offset", "power"]
    best = found.scores[0]
    assert best.rank == 1 and best.wins > 0.9 and best.coverage == 1 and best.low < best.log_rmse < best.high * 1.5
    assert found.fitted == 6 and found.held_out == 3
    assert "power_offset" in str(found) and "power_offset" in found._repr_html_()


def test_a_score_is_the_root_mean_square_of_the_log_ratio():
    sizes = np.geomspace(10, 5000, 6)
    y = 0.7 * sizes**-0.5 * np.array([1, 1, 1, 1, 1.1, 0.8])
    score = plaw.compare_laws(["power"], sizes, y, holdout=2).scores[0]
    assert score.log_rmse == pytest.approx(np.sqrt((np.log(1.1) ** 2 + np.log(0.8) ** 2) / 2))


def test_by_default_every_law_that_the_sizes_determine_takes_part():
    sizes = np.geomspace(10, 5000, 7)
    y = LAWS["power_offset"](sizes, e_inf=0.02, c0=0.7, rho=0.5) * np.exp(0.01 * np.sin(np.arange(7)))
    found = plaw.compare_laws(None, sizes, y, bootstrap=20)
    assert found.held_out == 2
    assert {score.law for score in found.scores} == {
        "power",
        "power_offset",
        "shifted_power",
        "exponential",
        "logarithmic",
    }


def test_a_law_that_has_come_down_to_zero_is_infinitely_wrong():
    sizes = np.geomspace(10, 1e5, 8)
    found = plaw.compare_laws(["logarithmic", "power"], sizes, 0.9 * sizes**-0.7, holdout=4, bootstrap=20)
    assert found.scores[-1].law == "logarithmic" and found.scores[-1].log_rmse == np.inf


@pytest.mark.parametrize("holdout", [0, 3, 9])
def test_too_much_or_nothing_held_out_is_refused(holdout):
    with pytest.raises(PlawError, match="hold"):
        plaw.compare_laws(["power"], SIZES, [0.3, 0.2, 0.15, 0.1], holdout=holdout)
