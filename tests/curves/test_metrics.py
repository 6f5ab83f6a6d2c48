"""Errors, scores that rise to a ceiling, and percentages taken for fractions."""

import numpy as np
import pytest

from plaw.curves.intervals import Interval
from plaw.curves.metrics import ERROR, Metric, find_metric, plain_name, wrong_unit
from plaw.errors import PlawError


@pytest.mark.parametrize(
    "name, values, ceiling",
    [
        ("error", [0.2, 0.1], None),
        ("loss", [3.2, 2.1], None),
        ("whatever", [0.2, 0.9], None),
        ("Test accuracy", [0.6, 0.9], 1),
        ("accuracy", [60, 90], 100),
        ("roc_auc", [0.6, 1.0], 1),
        ("neg_mean_squared_error", [-3.0, -1.0], 0),
        ("test_score", [-3.0, -1.0], 0),
        ("r2", [-0.2, 0.6], 1),
    ],
)
def test_metrics_by_name(name, values, ceiling):
    assert find_metric(name, [np.array(values, float)]) == Metric(name, ceiling)


def test_a_ceiling_makes_a_score_of_any_name():
    assert find_metric("reward", [np.array([120.0, 180.0])], 200) == Metric("reward", 200.0)


@pytest.mark.parametrize(
    "name, values, ceiling, message",
    [
        ("accuracy", [60, 120], None, "accuracy reaches 120, above the ceiling 100"),
        ("reward", [60, 120], 100, "reward reaches 120, above the ceiling 100"),
        ("accuracy", [0.9, 1.2], None, "accuracy reaches 1.2, above the ceiling 1"),
        ("accuracy", [0.9, 95], None, "accuracy reaches from 0.9 to 95: fractions and percentages are mixed"),
        ("accuracy", [0.9], float("inf"), "a number; not inf"),
        ("accuracy", [0.9], "1", "its ceiling, a number"),
        (3, [0.9], None, "given by its name"),
    ],
)
def test_what_is_no_score_is_refused(name, values, ceiling, message):
    with pytest.raises(PlawError, match=message):
        find_metric(name, [np.array(values, float)], ceiling)


def test_scores_turn_into_errors_and_back():
    accuracy = Metric("accuracy", 1.0)
    assert accuracy.flip(accuracy.flip(0.3)) == pytest.approx(0.3)
    assert accuracy.flip_interval(Interval(0.25, 0.125, 0.5)) == Interval(0.75, 0.5, 0.875)
    assert ERROR.flip_interval(Interval(0.25, 0.125, 0.5)) == Interval(0.25, 0.125, 0.5)


def test_plain_names():
    assert plain_name("Mean Test-Accuracy") == "accuracy" and plain_name("val.loss") == "loss"
    assert plain_name("latest_error") == "latest_error", "a word that contains another is that word"


@pytest.mark.parametrize(
    "metric, target, errors, said",
    [
        (ERROR, 0.02, [40, 20], "ask for 2"),
        (ERROR, 2, [0.4, 0.2], "ask for 0.02"),
        (Metric("accuracy", 100.0), 0.9, [40, 20], "ask for 90"),
        (Metric("accuracy", 1.0), 90, [0.4, 0.2], "ask for 0.9"),
        (ERROR, 2, [40, 20], ""),
        (ERROR, 0.02, [0.4, 0.2], ""),
        (Metric("test loss"), 0.05, [3.0, 2.0], ""),
        (Metric("val_loss"), 2, [0.4, 0.2], ""),
        (Metric("Word error rate"), 0.02, [40, 20], "ask for 2"),
        (Metric("accuracy", 1.0), 0.99, [0.4, 0.2], ""),
    ],
)
def test_fractions_and_percentages(metric, target, errors, said):
    sentence = wrong_unit(metric, target, np.array(errors, float))
    assert said in sentence and bool(said) == bool(sentence)
