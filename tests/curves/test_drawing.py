"""The pictures of answers."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import plaw
from helpers.curves import with_offset
from plaw.curves.drawing import draw_estimate, draw_estimates, draw_fit
from plaw.curves.planning import estimate
from plaw.errors import PlawError


def test_a_target_that_is_never_reached_is_drawn_too(tmp_path):
    draw_estimate(estimate(*with_offset(), 0.01), tmp_path / "out.png")
    assert (tmp_path / "out.png").stat().st_size > 1000


def test_given_axes_are_drawn_into():
    left, right = Figure().subplots(1, 2)
    answer = estimate(*with_offset(), 0.05)
    assert answer.draw(ax=left) is left and answer.fit.draw(ax=right) is right
    for axes in (left, right):
        assert axes.get_xscale() == axes.get_yscale() == "log" and axes.get_xlabel() == "examples n"
        assert axes.containers[0].lines[0].get_xdata().tolist() == answer.fit.curve.x.tolist()


def test_scores_are_drawn_as_what_is_fitted():
    x, y = with_offset()
    axes = estimate(x, 1 - y, 0.95, metric="accuracy").draw()
    assert axes.get_ylabel() == "1 - accuracy"
    assert "target accuracy 0.95" in [text.get_text() for text in axes.get_legend().get_texts()]


def test_several_curves_share_a_picture(tmp_path):
    x, y = with_offset()
    answers = {"plain": estimate(x, y, 0.05), "better": estimate(x, 0.7 * y, 0.05)}
    axes = draw_estimates(answers, tmp_path / "out.svg")
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert {"plain", "better", "target 0.05"} <= set(labels)
    assert (tmp_path / "out.svg").read_text().count("<svg") == 1
    colors = {container.lines[0].get_color() for container in axes.containers}
    assert len(colors) == 2


def test_two_fits_in_one_picture_have_two_colours():
    axes = Figure().subplots()
    for factor in (1, 0.5):
        draw_fit(
            plaw.fit_law("power", [10, 100, 1000], factor * np.array([0.4, 0.2, 0.1])), axes, name=f"times {factor}"
        )
    assert len({container.lines[0].get_color() for container in axes.containers}) == 2


def test_names_that_cannot_be_used_are_refused(tmp_path):
    answer = estimate(*with_offset(), 0.05)
    with pytest.raises(PlawError, match=r"needs an ending that says its format, like .*figure\.svg"):
        draw_estimate(answer, tmp_path / "figure")
    with pytest.raises(PlawError, match="cannot be saved"):
        draw_estimate(answer, tmp_path / "figure.nonsense")
    assert list(tmp_path.iterdir()) == []


def test_laws_of_two_variables_are_not_drawn():
    rng = np.random.default_rng(2)
    x = np.stack([10 ** rng.uniform(7, 10, 30), 10 ** rng.uniform(9, 12, 30)], axis=1)
    y = plaw.LAWS["chinchilla"](x, E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28)
    with pytest.raises(PlawError, match="Only laws of one variable"):
        draw_fit(plaw.fit_law("chinchilla", x, y))
