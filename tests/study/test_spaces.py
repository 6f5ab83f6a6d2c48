"""The search spaces of Momentum and Accelerated."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import cases
from plaw.engine.training import train
from plaw.model.network import Architecture
from plaw.model.strategies import Accelerated, Momentum
from plaw.study import spaces

RULES = pytest.mark.parametrize("rule", [Momentum, Accelerated])


def architecture(layers, **options):
    return Architecture((3,) * layers, inputs=4, **options)


def middle(space):
    return {name: where.value(0.5) for name, where in space.items()}


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_as_many_hyper_parameters_as_the_paper_counts(layers):
    assert len(spaces.space(Momentum, architecture(layers))) == 3 + layers  # mu, alpha, eta, Amp_l; two layers: 5
    assert (
        len(spaces.space(Accelerated, architecture(layers))) == 5 + 3 * layers
    )  # with tau, A and beta; two layers: 11


@RULES
@given(layers=st.integers(1, 3), data=st.data())
def test_every_point_of_the_space_is_a_strategy_with_its_values(rule, layers, data):
    space = spaces.space(rule, architecture(layers))
    point = {name: data.draw(st.floats(where.low, where.high), name) for name, where in space.items()}
    strategy = spaces.strategy_at(rule, architecture(layers), point)
    back = {name: value for name, value in vars(strategy).items() if not isinstance(value, tuple)}
    for name in ("amp", "A", "beta"):
        back |= {f"{name}_{layer + 1}": value for layer, value in enumerate(getattr(strategy, name, ()))}
    if rule is Momentum:
        assert back.pop("eta") == pytest.approx(point["rate"] * (1 - point["mu"]), rel=1e-12)
        del point["rate"]
    assert back == point


@RULES
def test_every_hyper_parameter_changes_the_strategy(rule):
    space = spaces.space(rule, architecture(2))
    point = middle(space)
    strategy = spaces.strategy_at(rule, architecture(2), point)
    assert (
        len(
            {spaces.strategy_at(rule, architecture(2), point | {name: space[name].high}) for name in space} | {strategy}
        )
        == len(space) + 1
    )


@RULES
def test_ranges_are_in_order_and_positive_where_logarithmic(rule):
    for where in spaces.space(rule, architecture(3)).values():
        assert where.low < where.high and (where.low > 0 or where.scale != "log")


@pytest.mark.parametrize(
    "where, middle",
    [
        (spaces.Range(0.0, 1.2), 0.6),
        (spaces.Range(1e-3, 1.0, "log"), 10**-1.5),
        (spaces.Range(0.0, 0.99, "memory"), 0.9),
    ],
)
def test_a_place_is_a_share_of_the_range_on_its_scale(where, middle):
    assert where.value(0.5) == pytest.approx(middle, rel=1e-5)
    assert where.place(where.low) == pytest.approx(0) and where.place(where.high) == pytest.approx(1)
    for place in np.linspace(0, 1, 11):
        value = where.value(float(place))
        assert where.place(value) == pytest.approx(place, abs=1e-4) and value == float(f"{value:.6g}")


def test_near_momentum_one_step_of_the_accelerated_strategy_is_that_of_momentum():
    network, (images, labels) = cases.draw((5, 4), 20), cases.draw_pool(6)
    momentum = {"mu": 0.6, "alpha": 1e-4, "rate": 0.05, "amp_1": 0.5, "amp_2": 0.8}
    near, space = spaces.near_momentum(network.architecture, momentum), spaces.space(Accelerated, network.architecture)
    assert list(near) == list(space) and all(where.low <= near[name] <= where.high for name, where in space.items())
    trained = []
    for rule, point in ((Momentum, momentum), (Accelerated, near)):
        trained.append(network.copy())
        train(trained[-1], spaces.strategy_at(rule, network.architecture, point), images, labels, np.zeros((3, 1), int))
    cases.assert_close(*trained, rtol=0, atol=1e-5)  # eta |g| (1 - tanh(1000 |g|)) is at most 0.02 * 0.28 / 1000
