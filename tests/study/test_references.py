"""The reference learners: nearest neighbour and logistic regression, on the samples of the networks."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.tiny import TINY
from plaw.study import references, store
from plaw.study.sampling import Purpose, draw_sample, load_digits


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Both learners on two small sizes of the embedded digits."""
    folder, experiment = tmp_path_factory.mktemp("references"), replace(TINY, sizes=(2, 4, 8))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(references, "base_of", lambda task: experiment)
        patch.setattr(references, "load_digits", lambda name: load_digits("mnist-digits"))
        patch.setattr(references, "CONVOLVED", ())  # PyTorch is not in the extra test
        patch.setattr(references, "SAMPLES", 2)
        patch.setattr(references, "INVERSE_PENALTIES", (1e-3, 1e-2))
        references.record(folder, ("mnist",))
        first = store.read(folder, references.FILE)
        references.record(folder, ("mnist",))
    return folder, experiment, first


def test_what_is_recorded_is_not_measured_again(recorded):
    folder, _, first = recorded
    assert len(first) == 3 * 2 * 2 and store.read(folder, references.FILE) == first


def test_the_nearest_neighbour_learns_from_the_networks_samples(recorded):
    folder, experiment, _ = recorded
    digits = load_digits("mnist-digits")
    drawn = draw_sample(experiment, digits, Purpose.REPORT, 4, 1)
    distance = ((digits.test_images[:, None] - drawn.images[None]) ** 2).sum(axis=2)
    expected = np.mean(drawn.labels[distance.argmin(axis=1)] != digits.test_labels)
    assert references.errors("mnist", references.NEAREST, folder)[4][1] == pytest.approx(expected, abs=0.002)


def test_the_linear_model_learns_and_its_penalty_is_recorded(recorded):
    folder, _, first = recorded
    errors = references.errors("mnist", references.LINEAR, folder)
    assert errors[2].mean() > errors[8].mean() and errors[8].mean() < 0.6
    chosen = {r["inverse_penalty"] for r in first if r["learner"] == references.LINEAR}
    assert chosen <= {1e-3, 1e-2}


def test_the_penalty_is_that_of_the_least_held_out_error(monkeypatch):
    digits = load_digits("mnist-digits")
    monkeypatch.setattr(references, "INVERSE_PENALTIES", (1e-12, 1e-2))
    assert references.choose(TINY, digits, 4, references.LINEAR).inverse_penalty == 1e-2


def test_a_law_needs_three_sizes(recorded):
    folder, *_ = recorded
    assert references.fit("mnist", references.NEAREST, folder).params["rho"] > 0
    assert references.fit("fashion", references.NEAREST, folder) is None


def test_the_samples_are_those_of_one_hidden_layer():
    assert references.base_of("mnist").id == "fig3-1" and references.base_of("parity").id == "fig3-1/parity"


def test_the_convolutional_network_learns_and_is_the_same_again():
    pytest.importorskip("torch")
    digits, learner = load_digits("mnist-digits"), references.ConvolutionalNetwork(2e-3)
    drawn = draw_sample(TINY, digits, Purpose.REPORT, 8, 0)
    one, again = (learner(drawn.images, drawn.labels, digits.test_images) for _ in range(2))
    assert np.array_equal(one, again) and one.shape == digits.test_labels.shape
    assert np.mean(one != digits.test_labels) < 0.6
