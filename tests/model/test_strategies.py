"""Momentum and Accelerated refuse values without meaning."""

import math
from dataclasses import replace

import pytest

from plaw.errors import PlawError
from plaw.model.strategies import Accelerated, Momentum

MOMENTUM = Momentum(0.9, 1e-5, 0.01, (0.5, 0.3))
ACCELERATED = Accelerated(0.9, 1e-5, 0.1, (0.01, 0.2, 0.01), (100.0, 5.0, 1.0), (0.5, 0.3))


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
