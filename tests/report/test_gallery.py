"""The paper's figures beside ours: every line of the paper is drawn, and what we measured; and the drawn network."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.chapters import ROOT
from plaw.report import gallery, network_drawing, published
from plaw.study import results

RECORDED = ROOT / "book/results"

pytestmark = pytest.mark.usefixtures("style")


def test_every_published_line_has_a_panel():
    shown = {experiment for panel in gallery.PANELS for experiment in panel.curves.values()}
    assert shown == {number.experiments[0] for number in published.NUMBERS if number.measure == "rho"}


def test_a_panel_shows_the_published_line_the_measured_points_and_the_larger_sets():
    _, axis = plt.subplots()
    (panel,) = (panel for panel in gallery.PANELS if panel.figure == "3b")
    gallery.draw([axis], [panel], RECORDED)
    (dotted,) = (line for line in axis.lines if line.get_linestyle() == ":")
    assert dotted.get_ydata() == pytest.approx(published.line_at("fig3-1", dotted.get_xdata()))
    errors = results.errors("fig3-1", RECORDED)
    assert axis.containers[0].lines[0].get_ydata() == pytest.approx([e.mean() for e in errors.values()])
    (larger,) = (line for line in axis.lines if line.get_markerfacecolor() == "white")
    assert larger.get_xdata().tolist() == list(results.errors("large-1", RECORDED))
    rho = results.fit("fig3-1", RECORDED).params["rho"]
    assert [text.get_text() for text in axis.texts] == [rf"$\rho$ 0.30 $\to$ {rho:.2f}"]
    assert axis.get_title(loc="left") == "3b: 1 layer, one epoch"


def test_without_records_the_published_lines_are_drawn(tmp_path):
    figure = gallery.overview(tmp_path)
    lines = [line for axis in figure.axes for line in axis.lines]
    assert len(figure.axes) == 9 and len(lines) == 13 and all(line.get_linestyle() == ":" for line in lines)


@pytest.mark.parametrize("figure, panels", [("1", 2), ("2", 2), ("3", 4), ("4", 2)])
def test_a_figure_of_the_paper(figure, panels):
    assert len(gallery.of_figure(figure, RECORDED).axes) == panels


def test_the_network_has_its_layers_and_its_crosses():
    _, axis = plt.subplots()
    pairs = [((3, 4), (20, 9)), ((5, 6), (7, 8))]
    network_drawing.draw(axis, np.zeros(784), hidden=(100, 100), pairs=pairs)
    words = [text.get_text() for text in axis.texts]
    assert words.count("×") == 2 and {"784 pixels", "crosses", "100", "10"} <= set(words)
    assert {str(digit) for digit in range(10)} <= set(words)
    units = [patch for patch in axis.patches if isinstance(patch, matplotlib.patches.Circle)]
    assert len(units) == 2 * network_drawing.SHOWN + 10 + len(pairs)


def test_a_network_without_crosses_has_none():
    _, axis = plt.subplots()
    network_drawing.draw(axis, np.zeros((28, 28)), hidden=(100, 100, 100))
    words = [text.get_text() for text in axis.texts]
    assert "crosses" not in words and words.count("100") == 3
