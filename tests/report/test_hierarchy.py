"""The hierarchy of tasks: shares of variance whose answers are known."""

import numpy as np
import pytest

from plaw.curves.fitting import fit_law
from plaw.report import hierarchy, measures
from plaw.study import store
from plaw.study.experiments import get

SIZES = np.array([30, 60, 120, 240])


def law(c0, rho):
    return fit_law("power", SIZES, c0 * SIZES**-rho, yerr=0.01 * c0 * SIZES**-rho)


def test_where_only_constants_differ_they_carry_everything():
    fits = {str(c0): law(c0, 0.3) for c0 in (0.2, 0.5, 1.0)}
    assert hierarchy.share_of_exponent(fits, 60) == pytest.approx(0, abs=1e-6)


def test_where_only_exponents_differ_they_carry_everything():
    fits = {str(rho): law(0.5, rho) for rho in (0.2, 0.3, 0.45)}
    assert hierarchy.share_of_exponent(fits, 60) == pytest.approx(1, abs=1e-6)


def test_both_shares_together_are_one_and_that_of_the_exponent_grows_with_n():
    fits = {f"{c0}": law(c0, rho) for c0, rho in ((0.2, 0.4), (0.5, 0.35), (1.0, 0.2))}
    few, many = (hierarchy.share_of_exponent(fits, n) for n in (30, 6000))
    assert 0 < few < many < 1
    logs, constants = hierarchy.log_errors(fits, 30), np.log([fit.params["c0"] for fit in fits.values()])
    assert few + np.cov(constants, logs)[0, 1] / logs.var(ddof=1) == pytest.approx(1)


def test_two_way_divides_a_table():
    rng = np.random.default_rng(1)
    rows, columns = np.array([0.1, 0.3, 0.35, 0.5])[:, None], np.array([0.0, 0.02, 0.04])
    by_row, by_column, left = hierarchy.two_way(rows + columns + 0.002 * rng.standard_normal((4, 3)))
    assert by_row.share + by_column.share + left == pytest.approx(1) and by_row.share > 0.9
    assert max(by_row.p_value, by_column.p_value) < 0.01
    noise = hierarchy.two_way(rng.standard_normal((6, 3)))
    assert min(noise[0].p_value, noise[1].p_value) > 0.01


def test_a_factor_without_effect_has_no_share():
    rng = np.random.default_rng(2)
    factors = [{"task": t, "depth": d, "rule": r} for t in "abcd" for d in "123" for r in "xy"]
    effects = dict(zip("abcd", (0.1, 0.2, 0.3, 0.4))) | dict(zip("123", (0.0, 0.05, 0.1)))
    values = np.array([effects[f["task"]] + effects[f["depth"]] for f in factors])
    shares = hierarchy.unique_shares(factors, values + 0.005 * rng.standard_normal(len(values)))
    assert shares["task"].share > shares["depth"].share > 0.05 and shares["depth"].p_value < 1e-6
    assert shares["rule"].share < 0.01 and shares["rule"].p_value > 0.01


def test_a_factor_that_does_not_vary_is_not_tested():
    factors = [{"task": "a", "depth": d} for d in "1122"]
    shares = hierarchy.unique_shares(factors, np.array([0.1, 0.12, 0.3, 0.31]))
    assert shares["task"].share == pytest.approx(0) and np.isnan(shares["task"].p_value)


def test_only_complete_curves_are_ranked(tmp_path):
    experiment = get("fig3-1/fashion")
    for sample in range(50):
        for n in experiment.sizes:
            if (n, sample) != (240, 49):
                error = 0.5 * n**-0.2 * (1 + 0.01 * (-1) ** sample)
                store.append(tmp_path, experiment.id, {"kind": "network", "n": n, "sample": sample, "error": error})
    assert hierarchy.curves(1, tmp_path) == {}
    store.append(tmp_path, experiment.id, {"kind": "network", "n": 240, "sample": 49, "error": 0.5 * 240**-0.2})
    assert measures.of_fit(hierarchy.curves(1, tmp_path)["fashion"], "rho").value == pytest.approx(0.2, abs=0.005)


def test_each_task_has_a_title():
    assert set(hierarchy.TITLES) == set(hierarchy.TASKS)


def test_what_a_curve_could_depend_on():
    factors = hierarchy.factors_of(get("fig3-2/fashion"))
    assert factors["task"] == "fashion" and factors["depth"] == "2" and factors["epochs"] == "one"
    assert hierarchy.factors_of(get("fig1-accelerated"))["rule"] == "accelerated"
