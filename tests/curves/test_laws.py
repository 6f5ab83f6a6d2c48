"""Every law: its formula written a second time, exact recovery from noiseless curves, curves of any scale."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from plaw.curves.fitting import fit_law
from plaw.curves.laws import LAWS, LEAST_Y, broken_power, get_law, is_zero
from plaw.errors import PlawError

N, D = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e7, 1e10, 6), np.geomspace(1e9, 1e12, 6)))

TRUTHS = {
    "power": (dict(c0=0.7, rho=0.5), np.geomspace(9, 240, 4)),
    "power_offset": (dict(e_inf=0.02, c0=0.7, rho=0.5), np.geomspace(9, 5000, 6)),
    "shifted_power": (dict(b=0.9, g=1e-3, c=0.45), np.geomspace(9, 5000, 6)),
    "m4": (dict(e_inf=0.02, span=0.88, a=0.7, b=3.0, c=0.6), np.geomspace(1, 50_000, 14)),
    "broken": (dict(e_inf=0.01, b=0.7, c0=0.1, c1=0.5, d1=100.0, f1=0.4), np.geomspace(1, 100_000, 16)),
    "exponential": (dict(e_inf=0.1, c0=0.8, n0=100.0), np.geomspace(5, 1000, 8)),
    "logarithmic": (dict(a=0.9, b=0.1), np.geomspace(5, 1000, 8)),
    "chinchilla": (dict(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28), np.stack([N, D], axis=1)),
    "model_size": (dict(k=3.0, beta=0.7), np.geomspace(1e6, 1e12, 8)),
}


def formula(name, x, p):
    if name == "power":
        return p["c0"] * x ** -p["rho"]
    if name == "power_offset":
        return p["e_inf"] + p["c0"] * x ** -p["rho"]
    if name == "shifted_power":
        return p["b"] * (1 / x + p["g"]) ** p["c"]
    if name == "m4":
        top = p["e_inf"] + p["span"]
        equation = lambda e, n: (e - p["e_inf"]) / (top - e) ** p["a"] - p["b"] * n ** -p["c"]  # noqa: E731
        return np.array([brentq(equation, p["e_inf"], top - 1e-15, args=(n,), xtol=1e-15) for n in x])
    if name == "broken":
        return p["e_inf"] + p["b"] * x ** -p["c0"] * (1 + (x / p["d1"]) ** (1 / p["f1"])) ** (-p["c1"] * p["f1"])
    if name == "exponential":
        return p["e_inf"] + p["c0"] * np.exp(-x / p["n0"])
    if name == "logarithmic":
        return p["a"] - p["b"] * np.log(x)
    if name == "chinchilla":
        return p["E"] + p["A"] * x[:, 0] ** -p["alpha"] + p["B"] * x[:, 1] ** -p["beta"]
    return p["k"] * x ** p["beta"]


@pytest.mark.parametrize("name", LAWS)
def test_a_law_computes_its_formula(name):
    params, x = TRUTHS[name]
    np.testing.assert_allclose(LAWS[name](x, **params), formula(name, x, params), rtol=1e-9)


@pytest.mark.parametrize("name", LAWS)
def test_noiseless_curves_are_recovered(name):
    params, x = TRUTHS[name]
    fit = fit_law(name, x, formula(name, x, params))
    assert fit.status.converged and not fit.status.at_bound
    assert fit.params == pytest.approx(params, rel=1e-6)


def test_two_breaks_are_recovered():
    law, x = broken_power(2), np.geomspace(1, 1e6, 24)
    params = dict(e_inf=0.005, b=0.8, c0=0.02, c1=0.6, d1=30.0, f1=0.3, c2=-0.3, d2=3e4, f2=0.3)
    fit = fit_law(law, x, law(x, **params))
    assert law.name == "broken2"
    assert fit.params == pytest.approx(params, rel=1e-6)


@pytest.mark.parametrize("name", ["power", "power_offset", "shifted_power", "m4", "broken", "exponential"])
def test_sizes_of_a_trillion_and_losses_above_one_fit_as_well(name):
    """A law rescaled in x and y is the same law: what the fit predicts must not depend on the units."""
    params, x = TRUTHS[name]
    y = formula(name, x, params) * np.exp(0.01 * np.sin(7 * np.arange(len(x))))
    near, far = fit_law(name, x, y), fit_law(name, x * 1e8, y * 50)
    np.testing.assert_allclose(far.predict(1e10 * x[-1]), 50 * near.predict(100 * x[-1]), rtol=1e-3)
    assert far.chi2 == pytest.approx(near.chi2, rel=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.05, 3), st.floats(0.05, 1.5), st.floats(1e-3, 0.2), st.integers(5, 40))
def test_any_power_law_with_offset_is_recovered(c0, rho, offset, count):
    x = np.geomspace(10, 1e6, count)
    y = offset + c0 * x**-rho
    fit = fit_law("power_offset", x, y)
    np.testing.assert_allclose(fit.predict(x), y, rtol=1e-7)


def test_three_hundred_points_fit():
    x = np.geomspace(1, 1e12, 300)
    y = formula("broken", x, TRUTHS["broken"][0]) * np.exp(0.01 * np.random.default_rng(1).standard_normal(300))
    assert fit_law("broken", x, y).params["c1"] == pytest.approx(0.5, abs=0.05)


def test_an_unknown_law_is_named():
    with pytest.raises(PlawError, match="no law 'cubic': choose one of power, power_offset"):
        get_law("cubic")


@pytest.mark.parametrize("law", [*LAWS.values(), broken_power(2)], ids=[*LAWS, "broken2"])
def test_a_law_can_be_pickled(law):
    copy = pickle.loads(pickle.dumps(law))
    log_x, y = np.log(np.geomspace(10, 1000, 9)), np.geomspace(0.3, 0.1, 9)
    if len(law.variables) == 2:
        log_x = np.stack([log_x, log_x], axis=1)
    assert copy == law
    np.testing.assert_array_equal(copy.bounds(log_x, y), law.bounds(log_x, y))
    np.testing.assert_array_equal(copy.starts(log_x, y), law.starts(log_x, y))


def test_a_law_that_has_come_down_to_zero_is_told_from_one_that_is_small():
    law = LAWS["logarithmic"]
    theta, log_x = law.theta(dict(a=0.9, b=0.1))[None], np.log([[100.0, np.exp(8.9999), np.exp(9.5)]])
    assert is_zero(law.log_value(theta, log_x)).tolist() == [[False, False, True]]
    assert not is_zero(LAWS["power"].log_value(np.array([[np.log(1e6 * LEAST_Y), 0.0]]), log_x)).any()
