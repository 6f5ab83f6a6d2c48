"""Readings: what may be chosen, and what a choice does to a network before its first step."""

from dataclasses import replace

import numpy as np
import pytest

from plaw.errors import PlawError
from plaw.model.data import normalise, presentation_order
from plaw.model.network import Architecture, draw_network
from plaw.model.reading import CHOICES, PAPER, Reading


@pytest.mark.parametrize("name", CHOICES)
def test_an_unknown_choice_is_refused_with_the_known_ones(name):
    with pytest.raises(PlawError, match=f"{name} is .*{CHOICES[name][0]}.*, not 'other'"):
        Reading(**{name: "other"})


@pytest.mark.parametrize("values", [{"scale": 0.0}, {"scale": -1.0}, {"scale": float("nan")}, {"batch": 0}])
def test_a_scale_and_a_batch_are_above_0(values):
    with pytest.raises(PlawError, match="a scale above 0 and a batch of 1 or more"):
        Reading(**values)


@pytest.mark.parametrize(
    "reading, deviations",
    [
        (PAPER, (400**-0.5, 50**-0.5)),
        (Reading(scale=3.0), (3 * 400**-0.5, 3 * 50**-0.5)),
        (Reading(weights="glorot"), ((2 / 450) ** 0.5, (2 / 60) ** 0.5)),
        (Reading(weights="one", scale=0.5), (0.5, 0.5)),
    ],
)
def test_initial_weights_have_the_deviation_of_the_reading(reading, deviations):
    architecture = Architecture((50,), reading=replace(reading, bias=-0.25), inputs=400)
    network = draw_network(architecture, [np.random.default_rng(seed) for seed in range(40)])
    for layer, deviation in zip(network.weights, deviations, strict=True):
        assert layer.std() == pytest.approx(deviation, rel=0.02)
        assert abs(layer.mean()) < 0.02 * deviation
    assert all((biases == np.float32(-0.25)).all() for biases in network.biases)


def test_all_readings_scale_the_same_draws():
    """So that readings are compared on the same initial weights, up to their size."""
    networks = [
        draw_network(Architecture((5,), reading=reading, inputs=16), [np.random.default_rng(1)])
        for reading in (PAPER, Reading(scale=2.0), Reading(weights="one"))
    ]
    np.testing.assert_allclose(networks[1].weights[0], 2 * networks[0].weights[0], rtol=1e-6)
    np.testing.assert_allclose(networks[2].weights[0], 4 * networks[0].weights[0], rtol=1e-6)


def test_pixels_keep_their_range_or_get_unit_deviation():
    images = np.random.default_rng(2).integers(0, 256, (5, 784)).astype(np.uint8)
    by_range = normalise(images, "range")
    np.testing.assert_allclose(by_range, (images - images.mean(axis=1, keepdims=True)) / 255, atol=1e-6)
    assert normalise(images).std(axis=1) == pytest.approx(1)


def test_labels_cycle_or_come_at_random():
    labels = np.tile(np.arange(10), 30)
    cycled, mixed = (presentation_order(labels, 2, np.random.default_rng(3), order) for order in CHOICES["labels"])
    assert (labels[cycled].reshape(-1, 10) == np.arange(10)).all()
    for order in (cycled, mixed):
        assert [sorted(epoch) for epoch in order.reshape(2, -1).tolist()] == [list(range(300))] * 2
    assert not (labels[mixed].reshape(-1, 10) == np.arange(10)).all(axis=1).any()
    assert mixed.dtype == np.int32 and (mixed[:300] != mixed[300:]).any()
