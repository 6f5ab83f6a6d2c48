"""Laws of which some parameters are known or kept within bounds."""

import pickle

import numpy as np
import pytest

import plaw
from helpers.curves import with_offset
from plaw.curves.constrained import constrain
from plaw.curves.laws import LAWS, get_law
from plaw.errors import PlawError


def test_a_pinned_parameter_is_not_fitted():
    x, y = with_offset()
    fit = plaw.fit_law("power_offset", x, y, fixed={"e_inf": 0.02})
    assert set(fit.params) == {"c0", "rho"} and fit.dof == 7
    straight = plaw.fit_law("power", x, y - 0.02, yerr=y)  # the same residuals, to first order
    assert fit.params == pytest.approx(straight.params, rel=0.02)
    free = plaw.fit_law("power_offset", x, y)
    assert free.chi2 <= fit.chi2
    (low, high), (free_low, free_high) = fit.interval()["rho"], free.interval()["rho"]
    assert high - low < free_high - free_low


@pytest.mark.parametrize("name", ["power_offset", "m4", "broken", "exponential"])
def test_pinning_the_best_value_changes_nothing(name):
    x, y = with_offset(count=12)
    free = plaw.fit_law(name, x, y)
    fixed = plaw.fit_law(name, x, y, fixed={"e_inf": max(free.params["e_inf"], 1e-9)})
    assert fixed.chi2 == pytest.approx(free.chi2, rel=1e-3)
    np.testing.assert_allclose(fixed.predict(x), free.predict(x), rtol=1e-3)


def test_bounds_hold():
    x, y = with_offset()
    fit = plaw.fit_law("power_offset", x, y, bounds={"rho": (0.1, 0.4), "e_inf": (0.001, 1)})
    assert fit.params["rho"] == pytest.approx(0.4) and fit.status.at_bound[-1] == "rho"
    floored = plaw.fit_law("power_offset", x, 0.7 * x**-0.5, bounds={"e_inf": (0.005, 1)})
    assert floored.params["e_inf"] == pytest.approx(0.005)
    low, high = fit.interval()["rho"]
    assert 0.1 <= low <= high <= 0.4 + 1e-9


def test_constrained_laws_are_laws():
    law = constrain(LAWS["m4"], {"e_inf": 0.02, "a": 1.0}, {"c": (0.1, 1)})
    assert law.parameters == ("span", "b", "c") and law.name == "m4" and "(e - 0.02)" in law.formula
    assert law == constrain(LAWS["m4"], {"e_inf": 0.02, "a": 1.0}, {"c": (0.1, 1)}) != LAWS["m4"]
    assert pickle.loads(pickle.dumps(law)) == law
    again = constrain(constrain(LAWS["m4"], {"e_inf": 0.02}), {"a": 1.0})
    x = np.geomspace(1, 1e4, 5)
    values = dict(span=0.9, b=3.0, c=0.5)
    np.testing.assert_allclose(again(x, **values), LAWS["m4"](x, e_inf=0.02, a=1.0, **values))
    assert constrain(LAWS["power"]) is LAWS["power"]
    assert constrain(LAWS["power"], {"rho": 0.5}).exponent == ""


@pytest.mark.parametrize("name", LAWS)
def test_laws_are_pickled_by_name(name):
    assert pickle.loads(pickle.dumps(LAWS[name])) is LAWS[name]
    assert len(pickle.dumps(LAWS[name])) < 100


def test_broken_laws_by_name():
    assert get_law("broken3").parameters[-1] == "f3"
    assert pickle.loads(pickle.dumps(get_law("broken2"))) == get_law("broken2")


@pytest.mark.parametrize(
    "options, message",
    [
        (dict(fixed={"floor": 0.02}), "power_offset has no parameter 'floor': it has e_inf, c0, rho"),
        (dict(fixed={"e_inf": 0}), "must be positive numbers"),
        (dict(fixed={"e_inf": "low"}), "must be positive numbers"),
        (dict(fixed={"e_inf": 0.1, "c0": 1, "rho": 0.5}), "All parameters of power_offset are fixed"),
        (dict(fixed=0.02), "fixed is a dict"),
        (dict(bounds={"rho": 0.5}), "The bounds of rho are two numbers"),
        (dict(bounds={"rho": (0.5, 0.1)}), "The bounds of rho are two numbers"),
        (dict(bounds={"rho": ("a", 1)}), "The bounds of rho are two numbers"),
        (dict(bounds={"floor": (0, 1)}), "no parameter 'floor'"),
        (dict(bounds=[0, 1]), "bounds is a dict"),
    ],
)
def test_wrong_constraints_are_refused(options, message):
    with pytest.raises(PlawError, match=message):
        plaw.fit_law("power_offset", *with_offset(), **options)
