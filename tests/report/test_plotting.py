"""Figures: what is drawn is what was given."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest

from plaw import fit_law
from plaw.report import plotting
from plaw.report.optimality import Slice


@pytest.fixture
def axis(style):
    figure, axis = plt.subplots()
    yield axis
    figure.canvas.draw()  # what cannot be drawn fails here


def curve(rho=0.3, c0=0.7, sizes=(30, 60, 120, 240)):
    rng = np.random.default_rng(1)
    return {n: c0 * n**-rho * (1 + 0.05 * rng.standard_normal(20)) for n in sizes}


def fitted(errors):
    return fit_law("power", list(errors), list(errors.values()))


def lines(axis, style):
    return [line for line in axis.lines if line.get_linestyle() == style]


def test_a_learning_curve_shows_means_deviations_fit_and_published_line(axis):
    errors = curve()
    fit = fitted(errors)
    plotting.learning_curve(axis, errors, fit, (0.302, 0.733), number=1)
    (container,) = axis.containers
    means = [sample.mean() for sample in errors.values()]
    assert container.lines[0].get_xydata() == pytest.approx(np.column_stack([list(errors), means]))
    bars = container.lines[2][0].get_segments()
    assert [bar[1][1] - bar[0][1] for bar in bars] == pytest.approx([2 * sample.std() for sample in errors.values()])
    (published,), (solid,), (broken,) = (lines(axis, style) for style in (":", "-", "--"))
    assert published.get_xydata() == pytest.approx(np.array([[30, 0.733 * 30**-0.302], [6000, 0.733 * 6000**-0.302]]))
    assert solid.get_xydata()[:, 1] == pytest.approx(fit.predict([30, 240]))
    assert broken.get_xydata() == pytest.approx(np.array([[240, fit.predict(240)[0]], [6000, fit.predict(6000)[0]]]))
    band = axis.collections[-1].get_paths()[0].vertices
    assert band[:, 1].min() == pytest.approx(fit.band(6000)[0, 0]) and axis.get_xscale() == axis.get_yscale() == "log"
    assert {text.get_text() for text in axis.legend().get_texts()} == {
        "recorded",
        r"published, $\rho$ = 0.302",
        rf"fit, $\rho$ = {fit.params['rho']:.3f}",
    }


def test_a_curve_without_fit_or_without_points_can_still_be_drawn(axis):
    plotting.learning_curve(axis, curve(sizes=(30,)), None, (0.302, 0.733))
    plotting.learning_curve(axis, {}, None, (0.302, 0.733))
    assert len(lines(axis, ":")) == 2


def test_crossing_fits_marks_the_crossings_that_are_there(axis):
    fits = {"1 layer": fitted(curve()), "2 layers": fitted(curve(0.35, 0.9))}
    plotting.crossing_fits(axis, fits, [480.0, float("nan"), 1e9])
    assert [line.get_xdata()[0] for line in lines(axis, ":")] == [480.0]
    assert [text.get_text() for text in axis.texts] == ["480"]


def test_the_search_history_keeps_the_best_complete_trial(axis):
    values, states = [0.5, 0.2, 0.3, 0.1, 0.4], ["complete", "pruned", "complete", "complete", "complete"]
    plotting.search_history(axis, [{"errors": [value] * 4, "state": state} for value, state in zip(values, states)])
    assert axis.lines[-1].get_ydata().tolist() == pytest.approx([0.5, 0.5, 0.3, 0.1, 0.1])
    assert len(axis.lines[0].get_xdata()) == 4 and axis.lines[1].get_xdata().tolist() == [2]
    assert axis.get_ylim() == pytest.approx((0.095, 0.2))


def test_search_histories_has_a_panel_for_each_search_that_counts_its_trials():
    trials = [{"errors": [value], "state": "complete"} for value in (0.3, 0.2)]
    figure, axes = plt.subplots(1, 2)
    plotting.search_histories(axes, {"one": trials, "other": trials[:1]})
    assert [axis.get_title() for axis in axes] == ["one, 2 trials", "other, 1 trials"]
    assert [axis.get_ylabel() for axis in axes] == ["error on held-out digits", ""]
    plt.close(figure)


def test_slices_have_a_panel_each_and_spare_panels_go():
    values = np.geomspace(1e-3, 1, 5)
    shown = {
        name: Slice(values, np.full(5, 0.2), np.full(5, 0.19), np.full(5, 0.21), optimum)
        for name, optimum in (("rate", 0.03), ("mu", 0.5))
    }
    figure, axes = plt.subplots(1, 3)
    plotting.slices(axes, shown)
    figure.canvas.draw()
    assert [axis.get_xlabel() for axis in figure.axes] == ["rate", "mu"]
    assert [axis.get_xscale() for axis in figure.axes] == ["log", "linear"]
    for axis, optimum in zip(figure.axes, (0.03, 0.5), strict=True):
        (curve,), (best,) = lines(axis, "-"), lines(axis, "--")
        assert curve.get_ydata().tolist() == [0.2] * 5 and best.get_xdata()[0] == optimum
        assert axis.get_ylim() == pytest.approx((0.16, 0.4))
    plt.close(figure)


def test_hyper_parameters_has_an_axis_for_each(axis):
    choices = {n: {"parameters": {"mu": 0.9, "rate": 1e-2 * n, "amp_1": 0.5}} for n in (30, 60)}
    figure, axes = plt.subplots(1, 3)
    plotting.hyper_parameters(axes, {"one": choices, "none yet": {}}, ["mu", "rate", "amp_2"])
    figure.canvas.draw()
    assert (
        axes[1].lines[0].get_ydata() == pytest.approx([0.3, 0.6])
        and axes[1].get_yscale() == "log"
        and axes[0].get_yscale() == "linear"
    )
    assert (
        not axes[2].lines
        and [text.get_text() for text in axes[2].texts] == ["not yet\nrecorded"]
        and axes[2].get_title() == r"$\mathrm{Amp}_2$"
    )
    plt.close(figure)


def test_saturation_marks_each_line_with_its_size(axis):
    plotting.saturation(axis, {9: {10: 0.3, 30: 0.2}, 15: {10: 0.2, 30: 0.1}})
    assert [text.get_text() for text in axis.texts] == ["9", "15"]
    assert axis.lines[1].get_xydata().tolist() == [[10, 0.2], [30, 0.1]]


def test_saturation_of_nothing_says_so(axis):
    plotting.saturation(axis, {})
    assert [text.get_text() for text in axis.texts] == ["not yet\nrecorded"]


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in matplotlib.colors.to_rgb(colour)]
    return np.dot(linear, [0.2126, 0.7152, 0.0722])


def test_the_ground_is_opaque_and_every_colour_stands_out_from_it(axis):
    assert axis.figure.get_facecolor() == (1, 1, 1, 1)
    assert all(1.05 / (luminance(colour) + 0.05) > 2 for colour in plotting.COLOURS)


@pytest.mark.parametrize(
    ("name", "text"), [("mu", r"$\mu$"), ("A_1", "$A_1$"), ("beta_3", r"$\beta_3$"), ("rate", r"$\eta/(1-\mu)$")]
)
def test_symbols(name, text):
    assert plotting.symbol(name) == text
