"""Shapes of curves, with noise and without."""

import numpy as np
import pytest

from plaw.curves.curve import make_curve
from plaw.curves.shape import Shape, shape_of

X = np.geomspace(10, 10_000, 20)
BUMP = np.exp(-((np.log(X) - np.log(X).mean()) ** 2))
SHAPES = {
    Shape.FALLING: 0.7 * X**-0.3,
    Shape.FLAT: 0.3 + 0 * X,
    Shape.RISING: 0.1 * X**0.2,
    Shape.PEAKED: 0.2 + 0.4 * BUMP,
    Shape.DIPPING: 0.6 - 0.4 * BUMP,
    Shape.DOUBLE_DESCENT: 2 * X**-0.4 + 0.3 * BUMP,
}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("noise", [0, 0.02])
def test_a_shape_is_recognised(shape, noise):
    wave = np.random.default_rng(1).standard_normal(20)
    assert shape_of(make_curve(X, SHAPES[shape] * np.exp(noise * wave))) is shape


def test_noise_about_a_falling_curve_is_no_peak():
    for seed in range(50):
        y = 0.7 * X**-0.3 * np.exp(0.1 * np.random.default_rng(seed).standard_normal(20))
        assert shape_of(make_curve(X, y, 0.1 * y)) is Shape.FALLING


def test_few_points_have_shapes_too():
    assert shape_of(make_curve([10, 100], [0.2, 0.3])) is Shape.RISING
    assert shape_of(make_curve([10, 100, 1000], [0.3, 0.2, 0.1])) is Shape.FALLING
