"""Curves against curves and laws against laws, on curves whose truth is known."""

import numpy as np
import pytest
from scipy import stats

import plaw
from plaw.curves import laws
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
    shallow, steep = power(0.5, 0.3, 1), power(1.5, 0.5, 2)
    expected = (steep.params["c0"] / shallow.params["c0"]) ** (1 / (steep.params["rho"] - shallow.params["rho"]))
    for method in ("profile", "percentile"):
        size = plaw.crossing(shallow, steep, method=method)
        assert size.value == pytest.approx(expected)
        assert size.low < expected < size.high


def test_the_crossing_does_not_depend_on_the_order():
    shallow, steep = power(0.5, 0.3, 1), power(1.5, 0.5, 2)
    first, second = plaw.crossing(shallow, steep), plaw.crossing(steep, shallow)
    assert (first.value, first.low, first.high) == pytest.approx((second.value, second.low, second.high), rel=1e-6)


def test_both_methods_agree_where_there_is_no_scatter_beyond_the_noise():
    """Means that lie on their line, errors known: the profile's criterion is the normal one, as the bootstrap's is."""
    shallow = fit_law("power", SIZES, 0.5 * SIZES**-0.3, 0.005 * SIZES**-0.3, bootstrap=4000, seed=1)
    steep = fit_law("power", SIZES, 1.5 * SIZES**-0.5, 0.015 * SIZES**-0.5, bootstrap=4000, seed=2)
    profile, percentile = plaw.crossing(shallow, steep), plaw.crossing(shallow, steep, method="percentile")
    assert (profile.low, profile.high) == pytest.approx((percentile.low, percentile.high), rel=0.02)


def test_parallel_lines_may_cross_anywhere():
    size = plaw.crossing(power(0.5, 0.3, 1), power(0.52, 0.301, 2))
    assert size.high == np.inf or size.low == 0


def test_curves_that_never_meet_have_no_crossing():
    y = 0.5 * SIZES**-0.3
    assert np.isnan(plaw.crossing(fit_law("power", SIZES, y), fit_law("power", SIZES, 2 * y)).value)


def test_a_crossing_of_different_laws():
    x = np.geomspace(10, 5000, 8)
    shallow = fit_law("power_offset", x, 0.05 + 0.5 * x**-0.5, 0.001)
    steep = fit_law("power", x, 0.7 * x**-0.35, 0.001)
    size = plaw.crossing(shallow, steep)
    assert shallow.predict(size.value)[0] == pytest.approx(steep.predict(size.value)[0])


def test_equal_exponents_are_not_distinguished_and_different_ones_are():
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
    rho = compare_curves(fit_law("power", SIZES, first), fit_law("power", SIZES, second))[1]
    assert rho.p_value == pytest.approx(2 * stats.t.sf(abs(t), freedom), rel=1e-4)
    assert rho.high - rho.low == pytest.approx(2 * stats.t.ppf(0.975, freedom) * np.sqrt(variances.sum()), rel=1e-4)


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


def test_the_true_law_predicts_best():
    sizes = np.geomspace(10, 5000, 9)
    samples = curve(0.7, 0.5, 3, sizes, offset=0.03)
    result = plaw.compare_laws(["power", "power_offset", "logarithmic"], sizes, samples, holdout=3, bootstrap=100)
    assert [score.law for score in result.scores][:2] == ["power_offset", "power"]
    best = result.scores[0]
    assert best.rank == 1 and best.wins > 0.9 and best.coverage == 1 and best.low < best.log_rmse < best.high * 1.5
    assert result.fitted == 6 and result.held_out == 3
    assert "power_offset" in str(result) and "power_offset" in result._repr_html_()


def test_a_score_is_the_root_mean_square_of_the_log_ratio():
    sizes = np.geomspace(10, 5000, 6)
    y = 0.7 * sizes**-0.5 * np.array([1, 1, 1, 1, 1.1, 0.8])
    score = plaw.compare_laws(["power"], sizes, y, holdout=2).scores[0]
    assert score.log_rmse == pytest.approx(np.sqrt((np.log(1.1) ** 2 + np.log(0.8) ** 2) / 2))


def test_by_default_every_law_that_the_sizes_determine_takes_part():
    sizes = np.geomspace(10, 5000, 7)
    y = LAWS["power_offset"](sizes, e_inf=0.02, c0=0.7, rho=0.5) * np.exp(0.01 * np.sin(np.arange(7)))
    result = plaw.compare_laws(None, sizes, y, bootstrap=20)
    assert result.held_out == 2
    assert {score.law for score in result.scores} == {
        "power",
        "power_offset",
        "shifted_power",
        "exponential",
        "logarithmic",
    }


def test_a_law_that_has_come_down_to_zero_is_infinitely_wrong():
    sizes = np.geomspace(10, 1e5, 8)
    result = plaw.compare_laws(["logarithmic", "power"], sizes, 0.9 * sizes**-0.7, holdout=4, bootstrap=20)
    assert result.scores[-1].law == "logarithmic" and result.scores[-1].log_rmse == np.inf


def test_zero_is_what_the_laws_say_it_is(monkeypatch):
    """The comparison follows the laws' own constant: nothing else is written down a second time."""
    sizes = np.geomspace(10, 1e5, 8)
    for least in (1e-300, 1e-100):
        monkeypatch.setattr(laws, "LEAST_Y", least)
        result = plaw.compare_laws(["logarithmic"], sizes, 0.9 * sizes**-0.7, holdout=4, bootstrap=5)
        assert result.scores[0].log_rmse == np.inf


def test_laws_are_compared_on_curves_of_one_variable():
    with pytest.raises(PlawError, match="curves of one variable"):
        plaw.compare_laws(["chinchilla"], np.ones((8, 2)), np.ones(8))


def test_laws_of_two_variables_do_not_cross():
    x = np.stack([np.geomspace(1, 100, 9), np.geomspace(1, 100, 9)[::-1]], axis=1)
    fit = fit_law("chinchilla", x, 1 + x[:, 0] ** -0.5 + x[:, 1] ** -0.3)
    with pytest.raises(PlawError, match="fit laws of n alone"):
        plaw.crossing(fit, fit)


def test_fits_that_do_not_cross_may_cross_where_their_bands_meet():
    """Two flat lines a little apart: no crossing, but far from the data nothing excludes one."""
    flat = np.array([0.300, 0.302, 0.299, 0.301])
    size = plaw.crossing(fit_law("power", SIZES, flat), fit_law("power", SIZES, 1.004 * flat))
    assert np.isnan(size.value) and size.low == 0 and size.high == np.inf


def test_rolling_origins_pool_the_forecasts_of_ever_shorter_curves():
    sizes = np.geomspace(10, 5000, 8)
    y = 0.7 * sizes**-0.5 * np.exp(0.05 * np.random.default_rng(2).standard_normal(8))
    rolled = plaw.compare_laws(["power", "power_offset"], sizes, y, holdout=2, bootstrap=20, origins=3)
    parts = [
        plaw.compare_laws(["power", "power_offset"], sizes[:end], y[:end], holdout=2, bootstrap=20) for end in (8, 7, 6)
    ]
    for law in ("power", "power_offset"):
        (pooled,) = (score.log_rmse for score in rolled.scores if score.law == law)
        each = [score.log_rmse for part in parts for score in part.scores if score.law == law]
        assert pooled == pytest.approx(np.sqrt(np.mean(np.square(each))))
    assert rolled.origins == 3 and rolled.fitted == 6
    with pytest.raises(PlawError, match="one origin or more"):
        plaw.compare_laws(["power"], sizes, y, origins=0)


@pytest.mark.parametrize("holdout", [0, 3, 9])
def test_too_much_or_nothing_held_out_is_refused(holdout):
    with pytest.raises(PlawError, match="hold"):
        plaw.compare_laws(["power"], SIZES, [0.3, 0.2, 0.15, 0.1], holdout=holdout)
