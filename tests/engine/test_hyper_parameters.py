"""Hyper-parameters as arrays over replicas."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest

from helpers import cases
from plaw.engine.hyper_parameters import stack_hyper_parameters
from plaw.errors import PlawError
from plaw.model.network import Architecture
from plaw.model.reading import Reading
from plaw.model.strategies import Accelerated, Momentum

RULES = pytest.mark.parametrize("rule", [Momentum, Accelerated])
MOMENTUM = Momentum(0.9, 1e-5, 0.01, (0.5, 0.3))
ACCELERATED = Accelerated(0.9, 1e-5, 0.1, (0.01, 0.2, 0.01), (100.0, 5.0, 1.0), (0.5, 0.3))


def architecture(layers, **options):
    return Architecture((3,) * layers, inputs=4, **options)


@RULES
@pytest.mark.parametrize("amplitude", ["mean", "gain", "none"])
def test_each_replica_keeps_its_own_values(rule, amplitude):
    strategies = cases.draw_strategies(rule, layers=2, replicas=4)
    stacked = stack_hyper_parameters(strategies, architecture(2, reading=Reading(amplitude=amplitude)), np.float64)
    assert stacked.accelerated is (rule is Accelerated)
    for replica, strategy in enumerate(strategies):
        assert stacked.mu[replica] == strategy.mu
        assert stacked.decay_factor[replica] == 1 - strategy.alpha
        assert stacked.eta[replica] == getattr(strategy, "eta", 0)
        assert stacked.eta_decay[replica] == (math.exp(-strategy.tau) if rule is Accelerated else 0)
        for name in ("A", "beta"):
            np.testing.assert_array_equal(getattr(stacked, name)[replica], getattr(strategy, name, (0, 0, 0)))
        subtract, gain = {"mean": (strategy.amp, 1), "gain": (1, strategy.amp), "none": (0, 1)}[amplitude]
        np.testing.assert_array_equal(stacked.subtract[replica], np.broadcast_to(subtract, 2))
        np.testing.assert_array_equal(stacked.gain[replica], np.broadcast_to(gain, 2))


@RULES
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_all_arrays_are_of_the_networks_type(rule, dtype):
    stacked = stack_hyper_parameters(cases.draw_strategies(rule, layers=3), architecture(3), dtype)
    arrays = [getattr(stacked, field.name) for field in fields(stacked) if field.name != "accelerated"]
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


def test_the_accelerated_rule_has_no_first_step_of_gradient_descent():
    strategies = cases.draw_strategies(Accelerated, layers=1)
    with pytest.raises(PlawError, match="The accelerated rule has no rate before its first step"):
        stack_hyper_parameters(strategies, architecture(1, reading=Reading(velocity="gradient")), np.float64)
