"""What a budget buys: examples, or a narrower answer."""

import numpy as np
import pytest

import plaw
from helpers.curves import with_offset
from plaw.curves.budget import plan_measurements
from plaw.curves.planning import next_measurement
from plaw.errors import PlawError

SIZES = np.array([30.0, 60, 120, 240])
ERRORS = 0.7 * SIZES**-0.4


def fit(noise=0.02):
    return plaw.fit_law("power", SIZES, ERRORS, noise * ERRORS)


def test_the_budget_buys_the_laws_error():
    answer = plaw.estimate(SIZES, ERRORS, 0.05, law="power", cost=0.5, budget=1000)
    assert answer.purchase.n == 2000 and answer.purchase.value.value == pytest.approx(0.7 * 2000**-0.4)
    assert answer.purchase.price.value == pytest.approx(0.5 * (0.7 / 0.05) ** 2.5)
    assert "1,000 buys n = 2,000, expected: 0.0334" in str(answer).replace("\n    ", " ")
    assert answer.to_dict()["budget"]["n"] == 2000


def test_the_budget_speaks_the_users_metric():
    answer = plaw.estimate(SIZES, 1 - ERRORS, 0.95, law="power", metric="accuracy", cost=0.5, budget=1000)
    assert answer.purchase.value.value == pytest.approx(1 - 0.7 * 2000**-0.4)
    assert answer.purchase.value.low <= answer.purchase.value.value <= answer.purchase.value.high


def test_a_single_run_narrows_as_next_measurement_says():
    plan = plan_measurements(fit(), 0.05, cost=1, budget=960, sizes=[960])
    now, (measurement,) = next_measurement(fit(), 0.05, [960])
    assert plan.runs == ((960.0, 1),) and plan.cost == 960
    assert (plan.now, plan.factor) == (pytest.approx(now), pytest.approx(measurement.factor))


def test_the_narrowing_is_the_one_that_happens():
    """Measure what the plan says, as noisy as one run: the interval shrinks to its factor."""
    plan = plan_measurements(fit(), 0.05, cost=1, budget=3000)
    law = fit().law
    x = np.append(SIZES, [n for n, _ in plan.runs])
    y = law(x, c0=0.7, rho=0.4)
    noise = np.append(np.full(4, 0.02), [0.02 / np.sqrt(repeats) for _, repeats in plan.runs])
    after = plaw.fit_law("power", x, y, noise * y).invert(0.05)
    assert plan.factor == pytest.approx(np.sqrt(after.high / after.low), rel=0.03)


def test_no_other_plan_of_two_sizes_is_better():
    """Against all whole numbers of runs at two sizes that the budget allows."""
    budget, sizes = 700.0, [30.0, 240.0]
    plan = plan_measurements(fit(), 0.05, cost=1, budget=budget, sizes=sizes)
    factors = []
    for small in range(int(budget / 30) + 1):
        large = int((budget - 30 * small) / 240)
        x, repeats = np.append(SIZES, sizes), np.array([small, large], float)
        noise = np.append(np.full(4, 0.02), 0.02 / np.sqrt(np.maximum(repeats, 1e-9)))
        y = 0.7 * x**-0.4
        size = plaw.fit_law("power", x, y, noise * y).invert(0.05)
        factors.append(np.sqrt(size.high / size.low))
    assert plan.factor == pytest.approx(min(factors), rel=0.02)
    assert sum(n * repeats for n, repeats in plan.runs) <= budget


def test_money_is_spent_up_to_the_budget_and_more_money_narrows_more():
    plans = [plan_measurements(fit(), 0.05, cost=0.1, budget=budget) for budget in (30, 100, 1000)]
    assert [plan.cost <= budget for plan, budget in zip(plans, (30, 100, 1000))] == [True] * 3
    assert plans[0].now > plans[0].factor > plans[1].factor > plans[2].factor > 1


def test_repeats_do_not_help_against_scatter_from_size_to_size():
    rough = ERRORS * np.exp(0.1 * np.array([1, -1, -1, 1]))
    scattered = plaw.fit_law("power", SIZES, rough, 0.001 * rough)
    once, often = (plan_measurements(scattered, 0.05, 1, budget, sizes=[480]) for budget in (480, 480 * 20))
    assert often.runs == ((480.0, 20),) and often.factor == pytest.approx(once.factor, rel=1e-3)


@pytest.mark.parametrize(
    "cost, budget, message",
    [
        (0, 10, "The price of an example must be a positive number, not 0"),
        (1, float("inf"), "The budget must be a positive number, not inf"),
        (1, "ten", "The budget must be a positive number, not ten"),
        (1, 10, "A run at n = 30 costs 30, more than the budget"),
    ],
)
def test_money_that_buys_nothing_is_refused(cost, budget, message):
    with pytest.raises(PlawError, match=message):
        plan_measurements(fit(), 0.05, cost, budget)


def test_half_a_question_is_refused():
    with pytest.raises(PlawError, match="give both cost and budget"):
        plaw.estimate(SIZES, ERRORS, 0.05, budget=100)


def test_nothing_is_planned_for_what_is_never_reached():
    x, y = with_offset()
    answer = plaw.estimate(x, y, 0.01, cost=1, budget=1e4)
    assert answer.purchase.plan is None and answer.purchase.price.value == np.inf
    assert answer.to_dict()["budget"]["price"]["value"] is None
    with pytest.raises(PlawError, match="never reaches"):
        plan_measurements(plaw.fit_law("power_offset", x, y), 0.01, 1, 1e4)


def test_the_average_plans_by_forecasts_made_again():
    answer = plaw.estimate(SIZES, ERRORS, 0.1, yerr=0.02 * ERRORS, floor=0.01, cost=0.1, budget=100)
    plan = answer.purchase.plan
    assert plan.cost <= 100 and 1 < plan.factor < plan.now == pytest.approx(np.sqrt(answer.size.high / answer.size.low))
    after = answer.forecast.after(*plan.runs).invert(0.1)
    assert plan.factor == pytest.approx(np.sqrt(after.high / after.low))
