"""The charts that a reader opens: they hold the fits of the book, and travel in a figure's file."""

import json

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pytest

from helpers.chapters import ROOT
from plaw.report import interactive, svg
from plaw.study import results

RECORDED = ROOT / "book/results"


@pytest.fixture(scope="module")
def charts():
    return {
        make.__name__: make(RECORDED)
        for make in (interactive.curves, interactive.crossings, interactive.reconstruction)
    }


def compiled(spec):
    """What Vega-Lite makes of it; its errors are ValueErrors."""
    convert = pytest.importorskip("vl_convert")
    return convert.vegalite_to_vega(json.dumps(spec).replace('"container"', "400"), vl_version="6.4")


def marks(group):
    for mark in group.get("marks", []):
        yield mark
        yield from marks(mark)


@pytest.mark.parametrize("name", ["curves", "crossings", "reconstruction"])
def test_vega_lite_accepts_a_chart(charts, name):
    assert len(list(marks(compiled(charts[name])))) > 3


def test_a_curve_has_its_fit_its_published_line_and_its_local_exponents(charts):
    data, title = charts["curves"]["datasets"], "3b: one epoch, 1 hidden layer"
    assert title in charts["curves"]["params"][0]["bind"]["options"]
    last = [row for row in data["lines"] if row["curve"] == title][-1]
    fit = results.fit("fig3-1", RECORDED)
    assert last["n"] == 6000 and last["fit"] == pytest.approx(fit.predict(6000)[0], rel=1e-3)
    assert last["published"] == pytest.approx(0.053, rel=1e-2)
    slopes = [row["rho"] for row in data["slopes"] if row["curve"] == title]
    assert slopes == pytest.approx([rho for rho, _ in results.local_exponents("fig3-1", RECORDED).values()], rel=1e-3)


def test_a_crossing_moves_with_the_sizes_that_are_fitted(charts):
    data = charts["crossings"]["datasets"]
    first = {row["upto"]: row["n"] for row in data["marks"] if row["text"].startswith("1 and 2")}
    assert set(first) == set(interactive.LARGEST) and len(set(first.values())) == len(first)
    assert {row["upto"] for row in data["lines"]} == set(interactive.LARGEST)


def test_an_exponent_moves_with_the_sizes_that_are_fitted(charts):
    data, title = charts["reconstruction"]["datasets"], "3c: one epoch, 2 hidden layers"
    notes = {(row["law"], row["fitted"]): row["text"] for row in data["notes"] if row["curve"] == title}
    fit = results.fit("fig3-2", RECORDED, smallest=60, largest=120)
    assert len(notes) == len(interactive.LAWS) * len(interactive.FITTED)
    of_all = results.fit("fig3-2", RECORDED)
    assert notes["power law", "all sizes"].startswith(f"ρ = {of_all.params['rho']:.3f} (")
    assert notes["power law", "all sizes"].endswith("published 0.339")
    assert len(set(notes.values())) > 4
    places = {row["n"]: row["place"] for row in data["points"] if row["curve"] == title}
    sizes = sorted(results.errors("fig3-2", RECORDED))
    assert [places[n] for n in sizes] == ["first", *["inner"] * (len(sizes) - 2), "last"]
    assert {place for n, place in places.items() if n > sizes[-1]} == {"beyond"}
    assert fit is None  # two sizes are too few


def test_a_law_is_fitted_only_to_more_sizes_than_it_has_parameters():
    assert [size for size, _ in interactive._fits("fig3-1", "power", RECORDED)] == list(interactive.LARGEST)
    floored = [size for size, _ in interactive._fits("fig3-1", "power_offset", RECORDED)]
    assert floored == [240, 960, 4400]  # three sizes up to 120, three parameters


def test_a_chart_travels_in_its_figures_file(style, tmp_path):
    figure, axis = plt.subplots()
    axis.plot([1, 2], [3, 4])
    interactive.attach(figure, {"description": "a chart </script>"})
    figure.savefig(tmp_path / "figure.svg")
    assert json.loads(svg.read(tmp_path / "figure.svg").interactive) == {"description": "a chart </script>"}
