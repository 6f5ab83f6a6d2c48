"""Fits of curves with noise: known answers, agreement with others, intervals, status, bad input."""

import json
import pickle
from itertools import pairwise

import lmfit
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import plaw
from helpers import nist
from plaw.curves.curve import binomial_error
from plaw.curves.fitting import fit_law
from plaw.curves.intervals import Interval
from plaw.curves.laws import LAWS
from plaw.errors import PlawError

SIZES = np.array([30.0, 60, 120, 240])


def noisy_samples(c0=0.7, rho=0.3, count=100, seed=0):
    rng = np.random.default_rng(seed)
    return [c0 * n**-rho * np.exp(0.1 * rng.standard_normal(count)) for n in SIZES]


def curve_with_offset(noise=0.02, count=9, seed=3):
    x = np.geomspace(10, 5000, count)
    return x, (0.02 + 0.7 * x**-0.5) * np.exp(noise * np.random.default_rng(seed).standard_normal(count))


# --- known answers ----------------------------------------------------------------------------------------------------


def standard_errors(fit):
    return dict(zip(fit.law.parameters, np.sqrt(np.diag(fit.unit_covariance) * fit.chi2 / fit.dof)))


def test_nist_danwood():
    fit = fit_law("power", nist.DANWOOD_X, nist.DANWOOD_Y, loss="lsq")
    assert fit.params["c0"] == pytest.approx(nist.DANWOOD["b1"], rel=1e-6)
    assert -fit.params["rho"] == pytest.approx(nist.DANWOOD["b2"], rel=1e-6)
    assert fit.chi2 == pytest.approx(nist.DANWOOD_SUM, rel=1e-8)
    errors = standard_errors(fit)
    assert errors["c0"] * fit.params["c0"] == pytest.approx(nist.DANWOOD["error b1"], rel=1e-4)
    assert errors["rho"] == pytest.approx(nist.DANWOOD["error b2"], rel=1e-4)


def test_nist_bennett5():
    """With n = 1/x the shifted power law is Bennett's, exponent and all; the narrowest valley of NIST's collection."""
    fit = fit_law("shifted_power", 1 / nist.BENNETT5_X, nist.BENNETT5_MINUS_Y, loss="lsq")
    assert -fit.params["b"] == pytest.approx(nist.BENNETT5["b1"], rel=1e-6)
    assert fit.params["g"] == pytest.approx(nist.BENNETT5["b2"], rel=1e-6)
    assert -1 / fit.params["c"] == pytest.approx(nist.BENNETT5["b3"], rel=1e-6)
    assert fit.chi2 == pytest.approx(nist.BENNETT5_SUM, rel=1e-8)
    errors = standard_errors(fit)
    assert errors["b"] * fit.params["b"] == pytest.approx(nist.BENNETT5["error b1"], rel=1e-3)
    assert errors["c"] / fit.params["c"] ** 2 == pytest.approx(nist.BENNETT5["error b3"], rel=1e-3)


def test_a_power_fit_is_the_weighted_regression_of_log_error_on_log_size():
    samples = noisy_samples()
    mean = np.array([s.mean() for s in samples])
    error = np.array([s.std(ddof=1) / np.sqrt(len(s)) for s in samples])
    (slope, intercept), covariance = np.polyfit(np.log(SIZES), np.log(mean), 1, w=mean / error, cov="unscaled")
    fit = plaw.fit_law("power", SIZES, samples)
    assert fit.params == pytest.approx({"c0": np.exp(intercept), "rho": -slope})
    np.testing.assert_allclose(np.diag(fit.unit_covariance)[::-1], np.diag(covariance), rtol=1e-6)


def test_without_known_errors_the_interval_of_a_power_law_is_students():
    y = np.array([0.24, 0.2, 0.158, 0.131])
    line = stats.linregress(np.log(SIZES), np.log(y))
    half = stats.t.ppf(0.975, 2) * line.stderr
    fit = fit_law("power", SIZES, y)
    assert fit.interval()["rho"] == pytest.approx((-line.slope - half, -line.slope + half), rel=1e-3)
    log_n, spread = np.log(6000), np.log(SIZES) - np.log(SIZES).mean()
    band_error = line.stderr * np.sqrt((spread**2).mean() + (log_n - np.log(SIZES).mean()) ** 2)
    factor = np.exp(stats.t.ppf(0.975, 2) * band_error)
    np.testing.assert_allclose(fit.band(6000)[:, 0], fit.predict(6000)[0] * np.array([1 / factor, factor]), rtol=1e-3)


def test_known_errors_give_the_normal_interval_unless_the_scatter_exceeds_them():
    y = 0.7 * SIZES**-0.3 * np.exp([0.001, -0.001, 0.001, -0.001])
    for error, multiplier in ((0.01, stats.norm.ppf(0.975)), (1e-5, None)):
        fit = fit_law("power", SIZES, y, error * y)
        multiplier = multiplier or stats.t.ppf(0.975, 2) * np.sqrt(fit.chi2 / 2)
        half = multiplier * np.sqrt(fit.unit_covariance[1, 1])
        low, high = fit.interval()["rho"]
        assert (high - low) / 2 == pytest.approx(half, rel=1e-3)


def lmfit_of(law, x, y, start):
    """lmfit's own search, bounded to positive parameters, from 1.3 times the given ones."""

    def residual(parameters):
        return np.log(law(x, **parameters.valuesdict())) - np.log(y)

    parameters = lmfit.Parameters()
    for key, value in start.items():
        parameters.add(key, value=1.3 * value, min=0)
    return lmfit.minimize(residual, parameters, ftol=1e-14, xtol=1e-14)


@pytest.mark.parametrize("name", ["power_offset", "exponential", "shifted_power"])
def test_lmfit_finds_the_same(name):
    x, y = curve_with_offset()
    fit = fit_law(name, x, y)
    theirs = lmfit_of(LAWS[name], x, y, fit.params)
    assert dict(theirs.params.valuesdict()) == pytest.approx(fit.params, rel=1e-4)
    assert theirs.chisqr == pytest.approx(fit.chi2, rel=1e-8)


def test_lmfit_finds_the_same_chinchilla():
    rng = np.random.default_rng(2)
    x = np.stack([10 ** rng.uniform(7, 10, 60), 10 ** rng.uniform(9, 12, 60)], axis=1)
    law, truth = LAWS["chinchilla"], dict(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28)
    y = law(x, **truth) * np.exp(0.003 * rng.standard_normal(60))
    fit = fit_law("chinchilla", x, y)
    theirs = lmfit_of(law, x, y, fit.params)
    assert fit.chi2 <= theirs.chisqr * (1 + 1e-9)
    assert dict(theirs.params.valuesdict()) == pytest.approx(fit.params, rel=2e-3)
    assert fit.params["E"] == pytest.approx(1.69, abs=0.15)


def test_profile_limits_agree_with_lmfits():
    x, y = curve_with_offset()
    fit = fit_law("power_offset", x, y)

    def residual(p):
        return np.log(p["e_inf"] + p["c0"] * x ** -p["rho"]) - np.log(y)

    start = lmfit.Parameters()
    for key, value in fit.params.items():
        start.add(key, value=value, min=0)
    minimizer = lmfit.Minimizer(residual, start)
    # lmfit compares F(1, dof) with the rise of chi2 over chi2/dof: Student's t squared, as here without known errors
    theirs = lmfit.conf_interval(minimizer, minimizer.minimize(), sigmas=[0.95])
    for name, (low, high) in fit.interval().items():
        ends = [value for level, value in theirs[name] if level == pytest.approx(0.95)]
        assert (low, high) == pytest.approx((min(ends), max(ends)), rel=5e-3)


# --- samples, losses, bootstrap ---------------------------------------------------------------------------------------


def test_samples_and_their_means_with_errors_agree():
    samples = noisy_samples()
    means, errors = [s.mean() for s in samples], [s.std(ddof=1) / 10 for s in samples]
    raw, summarised = fit_law("power", SIZES, samples), fit_law("power", SIZES, means, errors)
    assert raw.params == pytest.approx(summarised.params)
    assert raw.interval()["rho"] == pytest.approx(summarised.interval()["rho"])


def test_few_samples_pool_their_spread():
    samples = [s[:3] for s in noisy_samples()]
    fit = fit_law("power", SIZES, samples)
    relative = fit.curve.yerr / fit.curve.y
    np.testing.assert_allclose(relative, relative[0])
    assert relative[0] == pytest.approx(0.1 / np.sqrt(3), rel=0.6)


def test_the_percentile_interval_matches_the_sampling_noise():
    fit = fit_law("power", SIZES, noisy_samples(), bootstrap=4000)
    low, high = fit.interval(method="percentile")["rho"]
    expected = 2 * stats.norm.ppf(0.975) * np.sqrt(fit.unit_covariance[1, 1])
    assert high - low == pytest.approx(expected, rel=0.08)
    assert low < fit.params["rho"] < high


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    first, same, other = (
        fit_law("power", SIZES, noisy_samples(), seed=seed).interval(method="percentile") for seed in (1, 1, 2)
    )
    assert first == same != other


def test_huber_shrugs_at_an_outlier():
    x = np.geomspace(10, 10_000, 30)
    y = 0.7 * x**-0.5 * np.exp(1e-3 * np.sin(np.arange(30)))
    y[12] *= 3
    robust, plain = fit_law("power", x, y, loss="huber"), fit_law("power", x, y)
    assert robust.params["rho"] == pytest.approx(0.5, abs=1e-3)
    assert abs(plain.params["rho"] - 0.5) > 1e-3
    low, high = robust.interval()["rho"]
    assert low < 0.5 < high and high - low < 0.01
    with pytest.raises(PlawError, match="'percentile'"):
        robust.interval(method="profile")
    with pytest.raises(PlawError, match="least squares"):
        _ = robust.aic


def test_akaike_prefers_the_true_law():
    x, y = curve_with_offset(noise=0.005)
    fits = {name: fit_law(name, x, y) for name in ("power", "power_offset", "m4")}
    assert min(fits, key=lambda name: fits[name].aic) == "power_offset"
    assert fit_law("power_offset", x[:4], y[:4]).aic == np.inf


# --- using a fit ------------------------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(st.floats(0.01, 0.2), st.integers(0, 1000))
def test_invert_undoes_predict_and_its_interval_undoes_the_band(target, seed):
    fit = fit_law("power", SIZES, noisy_samples(seed=seed))
    size = fit.invert(target)
    assert fit.predict(size.value)[0] == pytest.approx(target)
    assert fit.band(size.low)[0, 0] == pytest.approx(target, rel=1e-3)
    assert fit.band(size.high)[1, 0] == pytest.approx(target, rel=1e-3)
    assert size.low < size.value < size.high


def test_a_target_below_the_floor_is_never_reached():
    x, y = curve_with_offset()
    fit = fit_law("power_offset", x, y)
    size = fit.invert(fit.params["e_inf"] * 0.999)
    assert size.value == np.inf == size.high
    before, at = fit.band([size.low * 0.99, size.low])[0]
    assert at <= fit.params["e_inf"] * 0.999 < before
    assert fit.invert(1e-6) == Interval(np.inf, np.inf, np.inf, 0.95)


def test_a_target_above_the_whole_curve_needs_nothing():
    x = np.geomspace(1, 50_000, 14)
    fit = fit_law("m4", x, LAWS["m4"](x, e_inf=0.02, span=0.88, a=0.7, b=3.0, c=0.6))
    assert fit.invert(0.95).value == 0


def test_the_interval_grows_with_the_level():
    line = fit_law("power", SIZES, [0.24, 0.2, 0.158, 0.131])
    ends = [line.interval(level)["rho"] for level in (0.5, 0.95, 0.999, 1 - 1e-9, 0.9999999999999999)]
    assert all(outer[0] <= inner[0] and inner[1] <= outer[1] for inner, outer in pairwise(ends))
    fit = fit_law("power_offset", *curve_with_offset())
    (low_1, high_1), (low_2, high_2) = fit.interval(0.68)["rho"], fit.interval(0.95)["rho"]
    assert low_2 < low_1 < fit.params["rho"] < high_1 < high_2


def test_print_table_and_dictionary_say_the_same():
    fit = fit_law("power", SIZES, noisy_samples())
    text, table, kept = str(fit), fit._repr_html_(), fit.to_dict()
    assert "c0 n^-rho" in text and "converged" in text
    for name, value in fit.params.items():
        assert f"{value:.4g}" in text and f"{value:.4g}" in table and kept["params"][name] == value
    assert json.loads(json.dumps(kept)) == kept


def test_a_fit_can_be_pickled():
    fit = fit_law("broken", *curve_with_offset(count=12))
    copy = pickle.loads(pickle.dumps(fit))
    assert copy.law == fit.law and copy.params == fit.params
    np.testing.assert_array_equal(copy.band([20, 6000]), fit.band([20, 6000]))


# --- status -----------------------------------------------------------------------------------------------------------


def test_an_offset_that_the_data_do_not_show_may_be_zero():
    x = np.geomspace(10, 5000, 9)
    fit = fit_law("power_offset", x, 0.7 * x**-0.5 * np.exp(0.01 * np.sin(5 * np.arange(9))))
    low, high = fit.interval()["e_inf"]
    assert low == 0 < high < 0.01


def test_a_curve_that_bends_down_puts_the_offset_at_its_bound():
    x = np.geomspace(10, 5000, 9)
    fit = fit_law("power_offset", x, 0.7 * x**-0.5 * (x / 200) ** -0.05 * np.exp(-0.01 * np.log(x / 200) ** 2))
    assert fit.status.at_bound == ("e_inf",) and fit.params["e_inf"] == 0


def test_a_ridge_is_reported():
    x, y = curve_with_offset()
    fit = fit_law("m4", x, y)
    assert fit.status.unresolved or fit.status.at_bound
    assert "m4" in str(fit)


def test_as_many_parameters_as_points_is_reported():
    fit = fit_law("power", [10, 100], [0.2, 0.1])
    assert "cannot be checked" in str(fit.status)
    assert np.isnan(fit.interval()["rho"]).all()
    assert fit.params["rho"] == pytest.approx(np.log10(2))


# --- input ------------------------------------------------------------------------------------------------------------


def test_the_order_of_the_points_does_not_matter():
    samples = noisy_samples()
    assert fit_law("power", SIZES[::-1], samples[::-1]).params == fit_law("power", SIZES, samples).params


def test_repeated_sizes_are_repeated_measurements():
    x, y = [10, 10, 100, 100], [0.21, 0.19, 0.11, 0.09]
    fit = fit_law("power", x, y)
    assert fit.params["rho"] == pytest.approx(0.5 * np.log10(0.21 * 0.19 / 0.11 / 0.09))


def test_a_constant_curve_has_exponent_zero():
    fit = fit_law("power", SIZES, np.full(4, 0.3))
    assert fit.params == pytest.approx({"c0": 0.3, "rho": 0}, abs=1e-12)


def test_counting_noise():
    np.testing.assert_allclose(binomial_error([0.1, 0.5], 100), [0.03, 0.05])
    with pytest.raises(PlawError, match="between 0 and 1"):
        binomial_error([1.5], 100)


BAD = [
    ((SIZES, [0.3, 0.2, np.nan, 0.1]), "Every y must be a positive number, but one is nan"),
    ((SIZES, [0.3, 0.2, 0.0, 0.1]), "but one is 0"),
    ((SIZES, [0.3, 0.2, -0.1, 0.1]), "but one is -0.1"),
    ((SIZES, [0.3, 0.2, np.inf, 0.1]), "but one is inf"),
    (([0, 60, 120, 240], [0.3, 0.2, 0.15, 0.1]), "Every size must be a positive number, but one is 0"),
    (([30], [0.3]), "needs as many different sizes, but the curve has 1"),
    (([30, 30, 30], [0.3, 0.31, 0.32]), "but the curve has 1"),
    ((SIZES, [0.3, 0.2]), "one y for each x"),
    (([], []), "one y for each x"),
    ((SIZES, ["a", "b", "c", "d"]), "A curve is numbers"),
    ((SIZES, 0.3), "A curve is numbers"),
    ((SIZES, [0.3, 0.2, 0.15, 0.1], [0.01, 0, 0.01, 0.01]), "Every yerr must be a positive number"),
    ((SIZES, [0.3, 0.2, 0.15, 0.1], 1e-160), "A yerr below 1e-12 of its y is less than rounding"),
    ((SIZES, [0.3, 0.2, 0.15, 1e-320]), "Every y must lie between 1e-200 and 1e\\+200"),
    (([30, 60, 120, 10**400], [0.3, 0.2, 0.15, 0.1]), "A curve is numbers"),
    ((SIZES, [[0.3, 0.2], [], [0.1], [0.1]]), "without a single sample"),
    ((SIZES, [[0.3, np.nan], [0.2], [0.1], [0.1]]), "Every"),
    ((SIZES, [[0.3], [0.2], [0.1], [0.1]], 0.1), "not both"),
    ((np.ones((4, 2)), [0.3, 0.2, 0.15, 0.1]), "x needs 1 column"),
]


@pytest.mark.parametrize("arguments, message", BAD)
def test_bad_input_is_refused_with_one_sentence(arguments, message):
    with pytest.raises(PlawError, match=message):
        fit_law("power", *arguments)


def test_bad_choices_are_refused():
    with pytest.raises(PlawError, match="no loss 'l1'"):
        fit_law("power", SIZES, [0.3, 0.2, 0.15, 0.1], loss="l1")
    with pytest.raises(PlawError, match="bootstrap at least 1"):
        fit_law("power", SIZES, [0.3, 0.2, 0.15, 0.1], bootstrap=0)
    for options in (dict(bootstrap=2.5), dict(delta="small"), dict(delta=np.inf), dict(seed=-1), dict(seed=0.5)):
        with pytest.raises(PlawError, match=r"bootstrap at least 1|seed is a whole number"):
            fit_law("power", SIZES, [0.3, 0.2, 0.15, 0.1], **options)
    for law in (["power"], 7, None):
        with pytest.raises(PlawError, match="A law is given by its name"):
            fit_law(law, SIZES, [0.3, 0.2, 0.15, 0.1])
    fit = fit_law("power", SIZES, [0.3, 0.2, 0.15, 0.1])
    with pytest.raises(PlawError, match="between 0 and 1"):
        fit.interval(95)
    for level in (None, "0.95", np.nan, 1, 0):
        with pytest.raises(PlawError, match="between 0 and 1"):
            fit.interval(level)
    for size in (-1, np.inf, np.nan):
        with pytest.raises(PlawError, match="positive sizes"):
            fit.predict(size)
    for size in ("many", 10**400, [[1], [2, 3]]):
        with pytest.raises(PlawError, match="Sizes are numbers"):
            fit.band(size)
    for error in (0, "0.03", np.nan, np.inf, 10**400, None):
        with pytest.raises(PlawError, match="positive y"):
            fit.invert(error)
