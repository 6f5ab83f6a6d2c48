"""The batched solver against SciPy's, one problem at a time."""

import numpy as np
import pytest
from scipy.optimize import least_squares

from plaw.curves.solver import solve

X = np.linspace(0.1, 3, 12)


def model(theta):
    return theta[..., :1] * np.exp(-theta[..., 1:2] * X) + theta[..., 2:3]


def misses(theta, data):
    return model(theta) - data


@pytest.fixture
def problems():
    rng = np.random.default_rng(5)
    truth = rng.uniform([1, 0.5, 0], [3, 2, 0.5], (20, 3))
    return model(truth) + 0.05 * rng.standard_normal((20, 12))


@pytest.mark.parametrize("delta", [None, 0.03])
def test_it_finds_the_minima_that_scipy_finds(problems, delta):
    theta, cost, converged = solve(
        lambda theta, rows: model(theta) - problems[rows],
        np.ones((20, 3)),
        np.full(3, -np.inf),
        np.full(3, np.inf),
        delta,
    )
    loss = {} if delta is None else {"loss": "huber", "f_scale": delta}
    for estimate, value, data in zip(theta, cost, problems):
        best = least_squares(misses, np.ones(3), xtol=1e-14, ftol=1e-14, gtol=1e-14, args=(data,), **loss)
        assert value == pytest.approx(2 * best.cost, rel=1e-6)
        np.testing.assert_allclose(estimate, best.x, rtol=1e-3 if delta else 1e-5)
    assert converged.all()


def test_bounds_hold_and_the_rest_is_the_minimum_there(problems):
    low, high = np.array([0, 0, 0.0]), np.array([10, 0.8, 0.1])
    theta, cost, _ = solve(lambda theta, rows: model(theta) - problems[rows], np.full((20, 3), 0.05), low, high)
    assert (theta >= low).all() and (theta <= high).all()
    for value, data in zip(cost, problems):
        best = least_squares(misses, np.full(3, 0.05), bounds=(low - 1e-12, high + 1e-12), args=(data,))
        assert value <= 2 * best.cost * (1 + 1e-6)


def test_a_start_without_a_value_does_not_converge():
    with np.errstate(invalid="ignore"):
        theta, _, converged = solve(
            lambda theta, rows: np.log(theta) - 1, np.array([[-1.0], [1.0]]), np.array([-2]), np.array([9])
        )
    assert list(converged) == [False, True]
    assert theta[1, 0] == pytest.approx(np.e)
