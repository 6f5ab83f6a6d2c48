"""The average over laws: coverage where the truth is known, consistency of its answers, invariance, and its limits."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.curves import with_offset
from plaw.curves.curve import make_curve
from plaw.curves.forecast import MOST_POINTS, Forecast, forecast_curve
from plaw.curves.laws import LAWS
from plaw.curves.priors import PRIORS
from plaw.errors import PlawError


def noisy(law, params, x, noise, seed):
    y = LAWS[law](x, **params)
    return make_curve(x, y * np.exp(noise * np.random.default_rng(seed).standard_normal(len(x))), noise * y)


def test_a_floor_with_six_sizes_is_held():
    """The case in which one law, chosen from the data, held the truth in 63 of 100 intervals."""
    x, params, hits = np.geomspace(10, 10_000, 6), {"e_inf": 0.02, "c0": 0.7, "rho": 0.5}, 0
    for seed in range(30):
        low, high = forecast_curve(noisy("power_offset", params, x, 0.02, seed)).band([100_000])[:, 0]
        hits += low <= LAWS["power_offset"]([100_000], **params)[0] <= high
    assert hits >= 28


def test_the_bare_mixture_is_narrower_and_the_calibration_widens_the_law_alone():
    curve = noisy("power", {"c0": 0.7, "rho": 0.4}, np.geomspace(10, 10_000, 9), 0.02, 0)
    (bare_low, bare_high), (low, high) = (forecast_curve(curve, w).band([50_000])[:, 0] for w in (1, 2))
    assert np.log(high / low) == pytest.approx(2 * np.log(bare_high / bare_low), rel=0.02)


def test_the_size_is_where_the_band_passes_the_target():
    x, y = with_offset()
    forecast = forecast_curve(make_curve(x, y, 0.01 * y))
    size = forecast.invert(0.026)
    assert forecast.predict([size.value])[0] == pytest.approx(0.026, rel=1e-3)
    assert forecast.band([size.low])[0, 0] == pytest.approx(0.026, rel=1e-3)
    assert size.high == np.inf or forecast.band([size.high])[1, 0] == pytest.approx(0.026, rel=1e-3)


def test_assurance_is_the_size_at_which_a_new_measurement_holds_the_target_so_often():
    x, y = with_offset()
    forecast = forecast_curve(make_curve(x, y, 0.01 * y))
    n = forecast.assured(0.03, 0.8)
    assert forecast.new_band([n], level=0.6)[1, 0] == pytest.approx(0.03, rel=1e-3)
    assert forecast.assured(0.03, 0.5) < n < forecast.assured(0.03, 0.9)


def test_a_mean_of_many_runs_is_surer_than_one():
    rng = np.random.default_rng(0)
    samples = [0.7 * n**-0.4 * np.exp(0.1 * rng.standard_normal(16)) for n in (30, 60, 120, 240)]
    forecast = forecast_curve(make_curve([30, 60, 120, 240], samples))
    widths = [np.diff(np.log(forecast.new_band([300], runs=runs)), axis=0)[0, 0] for runs in (1, 16, 1000)]
    assert widths[0] > widths[1] > widths[2] > np.diff(np.log(forecast.band([300])), axis=0)[0, 0]
    assert widths[1] == np.diff(np.log(forecast.new_band([300])), axis=0)[0, 0]


@settings(max_examples=8, deadline=None)
@given(st.floats(1e-3, 1e3), st.floats(1e-2, 1e9))
def test_units_do_not_matter(unit_y, unit_x):
    x, y = with_offset()
    here, there = forecast_curve(make_curve(x, y)), forecast_curve(make_curve(unit_x * x, unit_y * y))
    assert there.band(unit_x * np.array([300, 2e4])) == pytest.approx(unit_y * here.band([300, 2e4]), rel=1e-3)


def test_the_density_integrates_to_one():
    x, y = with_offset()
    forecast, grid = forecast_curve(make_curve(x, y)), np.geomspace(1e-4, 2, 20_001)
    density = np.exp(forecast.log_density(np.full(len(grid), 2e4), grid))
    assert np.trapezoid(density, grid) == pytest.approx(1, abs=1e-3)


def test_many_close_points_do_not_shrink_the_interval_to_nothing():
    """A curve that wiggles about every law: twenty times the points, hardly a narrower forecast."""
    widths = []
    for count in (20, 400):
        x = np.geomspace(10, 10_000, count)
        y = 0.7 * x**-0.4 * np.exp(0.03 * np.sin(2 * np.log(x)))
        low, high = forecast_curve(make_curve(x, y)).band([40_000])[:, 0]
        widths.append(np.log(high / low))
    assert widths[1] > 0.5 * widths[0]


def test_a_forecast_of_many_points_stays_fast():
    x = np.geomspace(1, 1e6, 5000)
    began = time.process_time()
    forecast = forecast_curve(make_curve(x, x**-0.3))
    assert len(forecast._thinned.log_x) == MOST_POINTS and time.process_time() - began < 1


@pytest.mark.parametrize("prior", PRIORS.values(), ids=list(PRIORS))
def test_the_coordinates_say_where_the_curve_ends(prior):
    u = np.array([prior.mean, prior.mean], float)
    u[1, 0] += 0.3
    ends = prior.log_value(u, np.array([np.log(500.0)]), np.log(500.0), np.log(0.2))[:, 0]
    assert ends == pytest.approx([np.log(0.2), np.log(0.2) + 0.3], abs=1e-6)


def test_no_size_below_the_measured_ones_is_named_for_a_target_that_they_miss():
    x = np.geomspace(10, 1e6, 300)
    curve = make_curve(x, (0.02 + 0.7 * x**-0.5) * np.exp(0.05 * np.random.default_rng(0).standard_normal(300)))
    size = forecast_curve(curve).invert(0.021)
    assert 1e4 < size.low < 490_000 < size.high


def test_a_known_floor_is_never_undercut():
    x, y = with_offset()
    free, floored = forecast_curve(make_curve(x, y)), forecast_curve(make_curve(x, y), floor=0.02)
    assert floored.band([1e9])[0, 0] > 0.02 > free.band([1e9])[0, 0]
    assert floored.invert(0.0199).low == np.inf and floored.invert(0.022).high < free.invert(0.022).high
    assert np.isneginf(floored.log_density([1e4], [0.01])).all()
    with pytest.raises(PlawError, match="lies below every error"):
        forecast_curve(make_curve(x, y), floor=0.1)


def test_runs_that_were_made_narrow_the_forecast():
    x, y = with_offset()
    forecast = forecast_curve(make_curve(x, y, 0.02 * y))
    widths = [
        np.diff(np.log(f.band([4e4])), axis=0)[0, 0]
        for f in (forecast, forecast.after((2e4, 1)), forecast.after((2e4, 9)))
    ]
    assert widths[0] > widths[1] > widths[2]


def test_a_forecast_is_saved_with_its_curve():
    forecast = forecast_curve(make_curve(*with_offset()), widening=2, floor=0.01)
    copy = Forecast.from_json(forecast.to_json())
    np.testing.assert_array_equal(copy.band([4e4]), forecast.band([4e4]))


def test_extreme_numbers_stay_numbers():
    curve = make_curve([1, 10, 100, 1000], [1e100, 1, 1e-100, 1e-190])
    assert forecast_curve(curve).band([1e-300])[0, 0] >= 0 and forecast_curve(curve).invert(1e-195).low > 0


def test_what_cannot_be_forecast_is_refused():
    with pytest.raises(PlawError, match="two different sizes"):
        forecast_curve(make_curve([10, 10], [0.2, 0.3]))
    with pytest.raises(PlawError, match="positive"):
        forecast_curve(make_curve([10, 100], [0.2, 0.1])).invert(-1)
