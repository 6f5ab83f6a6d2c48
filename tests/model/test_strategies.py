"""Momentum and Accelerated: their search spaces, and their values as arrays over replicas."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import cases
from plaw.engine.training import train
from plaw.errors import PlawError
from plaw.model.network import Architecture
from plaw.model.strategies import Accelerated, Momentum, stack_hyper_parameters

RULES = pytest.mark.parametrize("rule", [Momentum, Accelerated])
MOMENTUM = Momentum(0.9, 1e-5, 0.01, (0.5, 0.3))
ACCELERATED = Accelerated(0.9, 1e-5, 0.1, (0.01, 0.2, 0.01), (100.0, 5.0, 1.0), (0.5, 0.3))


def architecture(layers, **options):
    return Architecture((3,) * layers, inputs=4, **options)


def middle(space):
    return {
        name: math.sqrt(where.low * where.high) if where.log else (where.low + where.high) / 2
        for name, where in space.items()
    }


# --- search spaces ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_as_many_hyper_parameters_as_the_paper_counts(layers):
    assert len(Momentum.space(architecture(layers))) == 3 + layers  # mu, alpha, eta, Amp_l; two layers: 5
    assert (
        len(Accelerated.space(architecture(layers))) == 5 + 3 * layers
    )  # mu, alpha, tau, A, beta, Amp_l; two layers: 11


@RULES
@given(layers=st.integers(1, 3), data=st.data())
def test_every_point_of_the_space_is_a_strategy_with_its_values(rule, layers, data):
    space = rule.space(architecture(layers))
    point = {name: data.draw(st.floats(where.low, where.high), name) for name, where in space.items()}
    strategy = rule.from_parameters(architecture(layers), point)
    back = {name: value for name, value in vars(strategy).items() if not isinstance(value, tuple)}
    for name in ("amp", "A", "beta"):
        back |= {f"{name}_{layer + 1}": value for layer, value in enumerate(getattr(strategy, name, ()))}
    if rule is Momentum:
        assert back.pop("eta") == pytest.approx(point["rate"] * (1 - point["mu"]), rel=1e-12)
        del point["rate"]
    assert back == point


@RULES
def test_every_hyper_parameter_changes_the_strategy(rule):
    space = rule.space(architecture(2))
    point = middle(space)
    strategy = rule.from_parameters(architecture(2), point)
    assert (
        len({rule.from_parameters(architecture(2), point | {name: space[name].high}) for name in space} | {strategy})
        == len(space) + 1
    )


@RULES
def test_ranges_are_in_order_and_positive_where_logarithmic(rule):
    for where in rule.space(architecture(3)).values():
        assert where.low < where.high and (where.low > 0 or not where.log)


def test_near_momentum_one_step_of_the_accelerated_strategy_is_that_of_momentum():
    network, (images, labels) = cases.draw((5, 4), 20), cases.draw_pool(6)
    momentum = {"mu": 0.6, "alpha": 1e-4, "rate": 0.05, "amp_1": 0.5, "amp_2": 0.8}
    near, space = Accelerated.near(network.architecture, momentum), Accelerated.space(network.architecture)
    assert list(near) == list(space) and all(where.low <= near[name] <= where.high for name, where in space.items())
    trained = []
    for rule, point in ((Momentum, momentum), (Accelerated, near)):
        trained.append(network.copy())
        train(trained[-1], rule.from_parameters(network.architecture, point), images, labels, np.zeros((3, 1), int))
    cases.assert_close(*trained, rtol=0, atol=1e-5)  # eta |g| (1 - tanh(1000 |g|)) is at most 0.02 * 0.28 / 1000


# --- values that are refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", [MOMENTUM, ACCELERATED])
@pytest.mark.parametrize(
    "wrong",
    [
        {"mu": 1.0},
        {"mu": -0.1},
        {"mu": math.nan},
        {"alpha": -1e-9},
        {"alpha": 1.0},
        {"alpha": math.nan},
        {"amp": (0.5, math.inf)},
    ],
)
def test_values_without_meaning_are_refused(strategy, wrong):
    with pytest.raises(PlawError, match="0 <= mu < 1, 0 <= alpha < 1"):
        replace(strategy, **wrong)


@pytest.mark.parametrize(
    "strategy, name",
    [(MOMENTUM, "eta"), (ACCELERATED, "tau"), (ACCELERATED, "A"), (ACCELERATED, "beta")],
)
@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf])
def test_rates_without_meaning_are_refused(strategy, name, value):
    wrong = (0.1, value, 0.1) if isinstance(getattr(strategy, name), tuple) else value
    with pytest.raises(PlawError, match="finite and not negative"):
        replace(strategy, **{name: wrong})


# --- arrays over replicas --------------------------------------------------------------------------------------------


@RULES
@pytest.mark.parametrize("amplitude", ["mean", "gain"])
def test_each_replica_keeps_its_own_values(rule, amplitude):
    strategies = cases.draw_strategies(rule, layers=2, replicas=4)
    rates = stack_hyper_parameters(strategies, architecture(2, amplitude=amplitude), np.float64)
    assert rates.accelerated is (rule is Accelerated)
    for replica, strategy in enumerate(strategies):
        assert rates.mu[replica] == strategy.mu
        assert rates.decay_factor[replica] == 1 - strategy.alpha
        assert rates.eta[replica] == getattr(strategy, "eta", 0)
        assert rates.eta_decay[replica] == (math.exp(-strategy.tau) if rule is Accelerated else 0)
        for name in ("A", "beta"):
            np.testing.assert_array_equal(getattr(rates, name)[replica], getattr(strategy, name, (0, 0, 0)))
        one = np.ones(2)
        np.testing.assert_array_equal(rates.subtract[replica], strategy.amp if amplitude == "mean" else one)
        np.testing.assert_array_equal(rates.gain[replica], one if amplitude == "mean" else strategy.amp)


@RULES
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_all_arrays_are_of_the_networks_type(rule, dtype):
    rates = stack_hyper_parameters(cases.draw_strategies(rule, layers=3), architecture(3), dtype)
    arrays = [getattr(rates, field.name) for field in fields(rates) if field.name != "accelerated"]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}
    assert {array.shape for array in arrays} == {(3,), (3, 3), (3, 4)}


def test_one_rule_for_all_replicas():
    with pytest.raises(PlawError, match="all Momentum or all Accelerated"):
        stack_hyper_parameters([MOMENTUM, ACCELERATED], architecture(2), np.float32)


@pytest.mark.parametrize(
    "strategy",
    [
        MOMENTUM,
        ACCELERATED,
        replace(ACCELERATED, A=(0.1, 0.1, 0.1, 0.1), amp=(0.5, 0.5, 0.5)),
        replace(ACCELERATED, beta=(0.1, 0.1, 0.1, 0.1), amp=(0.5, 0.5, 0.5)),
    ],
)
def test_as_many_values_as_layers(strategy):
    with pytest.raises(PlawError, match=r"3 hidden layers need 3 amplitudes \(and 4 of A and beta\)"):
        stack_hyper_parameters([strategy], architecture(3), np.float32)
