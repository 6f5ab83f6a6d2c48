"""A figure's file: a wide picture, a narrow one with readable text, and the numbers; and how the book shows them."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest
from docutils import nodes
from docutils.utils import new_document

from helpers.chapters import CHAPTERS
from plaw.report import figure_csv, svg

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.usefixtures("style")


@pytest.fixture
def extension(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book/_ext")
    sys.modules.pop("figures", None)
    import figures

    return figures


def saved(figure, tmp_path, **settings):
    figure.savefig(tmp_path / "picture.svg", **settings)
    return svg.read(tmp_path / "picture.svg")


def size(picture):
    return [float(x) for x in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture).groups()]


def panels(rows, columns, figsize, **settings):
    figure, axes = plt.subplots(rows, columns, figsize=figsize, **settings)
    for number, axis in enumerate(np.ravel(axes)):
        axis.plot([1, 2], [3, 4 + number], label="a line")
    return figure, axes


def test_a_file_holds_two_pictures_and_the_table(tmp_path):
    figure, axis = panels(1, 1, (6, 4))
    axis.set_title("ρ, a title")
    picture = saved(figure, tmp_path, metadata={"Title": "what it is"})
    assert size(picture.wide) == [432, 288] and size(picture.narrow)[0] == pytest.approx(72 * svg.NARROW, abs=0.01)
    assert picture.numbers == figure_csv.table(figure) and "what it is" in picture.wide
    assert "ρ, a title" in picture.wide and "ρ, a title" in picture.narrow  # texts are texts


def test_the_same_figure_gives_the_same_bytes_and_stays_as_it_was(tmp_path):
    figure, axes = panels(2, 2, (7, 6), sharey=True)
    places = [axis.get_subplotspec() for axis in axes.flat]
    figure.supxlabel("small", fontsize=8)
    axes[0, 0].plot([1, 2], [1, 2], label="a label as wide as a telephone, or nearly so")
    legend = figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    for name in ("one", "two"):
        figure.savefig(tmp_path / f"{name}.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert [axis.get_subplotspec() for axis in axes.flat] == places and figure.get_size_inches().tolist() == [7, 6]
    assert not axes[0, 1].yaxis.get_tick_params()["labelleft"] and figure.get_supxlabel() == "small"
    assert len(legend._legend_handle_box.get_children()) == 2 and figure.dpi == plt.rcParams["figure.dpi"]


@pytest.mark.parametrize(
    "rows, columns, width, tall",
    [(1, 2, 6.6, 2), (2, 2, 7, 4), (1, 3, 7.2, 2), (2, 3, 7.5, 3), (2, 1, 6, 2)],
)
def test_panels_are_stacked_in_the_narrow_picture(tmp_path, rows, columns, width, tall):
    figure, _ = panels(rows, columns, (width, 3.0 * rows))
    assert size(saved(figure, tmp_path).narrow)[1] == pytest.approx(tall * 3.0 * 72, abs=0.01)


def test_stacked_panels_get_the_labels_that_they_shared(tmp_path):
    figure, axes = panels(1, 2, (6.6, 4), sharey=True)
    axes[0].set_ylabel("test error")
    picture = saved(figure, tmp_path)
    assert picture.wide.count(">test error<") == 1 and picture.narrow.count(">test error<") == 2
    assert axes[1].get_ylabel() == ""


def test_no_text_of_the_narrow_picture_is_too_small(tmp_path):
    figure, axis = panels(1, 1, (6, 4))
    axis.annotate("tiny", (1, 3), fontsize=5)
    axis.legend()
    sizes = [float(text) for text in re.findall(r"font(?:-size)?: ([\d.]+)px", saved(figure, tmp_path).narrow)]
    assert sizes and min(sizes) >= svg.SMALLEST_TEXT


def test_a_grid_of_images_stays_a_grid(tmp_path):
    figure, axes = plt.subplots(2, 5, figsize=(8, 3.4))
    for axis in axes.flat:
        axis.imshow(np.eye(3))
        axis.set_axis_off()
    assert size(saved(figure, tmp_path).narrow)[1] == pytest.approx(3.4 * svg.NARROW / 8 * 72, abs=0.01)


def test_a_wide_legend_gets_fewer_columns(tmp_path):
    figure, axis = panels(1, 1, (9, 4))
    for number in range(4):
        axis.plot([1, 2], [1, 2], label=f"a rather long label, {number}")
    figure.legend(loc="outside lower center", ncols=5)
    narrow = saved(figure, tmp_path).narrow
    places = re.findall(r'<text [^>]*?x="([\d.]+)" y="([\d.]+)"[^>]*>a rather', narrow)
    assert len(places) == 4 and len({y for _, y in places}) > 1 and len({x for x, _ in places}) == 2


def test_thousands_of_points_become_an_image(tmp_path):
    figure, axis = plt.subplots()
    axis.plot(np.arange(5000), np.random.default_rng(1).random(5000), ".")
    picture = saved(figure, tmp_path)
    assert "data:image/png" in picture.wide and len(picture.wide) < 200_000
    assert picture.numbers.count("\n") == 5001 and not axis.lines[0].get_rasterized()


def test_coordinates_are_short_and_texts_are_whole(tmp_path):
    figure, axis = panels(1, 1, (6, 4))
    axis.set_title("0.123456")
    picture = saved(figure, tmp_path)
    assert ">0.123456<" in picture.wide and not re.search(r'd="[^"]*\.\d{3}', picture.wide)


def test_a_cropped_picture_has_no_narrow_form(tmp_path):
    picture = saved(panels(1, 1, (6, 4))[0], tmp_path, bbox_inches="tight")
    assert picture.narrow == "" and picture.numbers


def test_a_file_without_parts_is_none(tmp_path):
    with plt.rc_context({"figure.hooks": []}):
        assert saved(plt.figure(), tmp_path) is None


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_a_chapter_with_figures_uses_the_style(chapter):
    text = chapter.read_text()
    assert "\n  figure:\n" not in text or "plotting.use_style()" in text


def test_the_book_shows_both_pictures_and_offers_the_table_below_the_caption(extension, tmp_path):
    figure, axis = panels(1, 1, (6, 4))
    axis.plot([1, 2], [1, 1], color="#123456")
    axis.axvline(1.5, clip_on=False, color="0.5")
    figure.savefig(tmp_path / "one.svg")
    plt.imsave(tmp_path / "two.png", np.eye(3))
    document = new_document("chapter")
    for name in ("one.svg", "two.png"):
        image = nodes.image(uri=name, alt='a "line"')
        document += nodes.figure("", nodes.container("", image), nodes.caption("", "what"), names=[f"fig-{name[:3]}"])
    env = SimpleNamespace(docname="book/chapter", relfn2path=lambda name: (name, str(tmp_path / name)))
    app = SimpleNamespace(doctreedir=tmp_path / "build/.doctrees", srcdir=tmp_path, env=env)
    extension._show(app, document)
    (link,) = document.findall(extension.download_reference)
    assert link.parent.parent.parent["names"] == ["fig-one"]
    assert (tmp_path / link["reftarget"].lstrip("/")).read_text() == figure_csv.table(figure)
    (shown,) = document.findall(nodes.raw)
    html = shown.astext()
    assert 'aria-label="a &quot;line&quot;"' in html and html.count("<svg") == html.count("</svg>") == 2
    names = re.findall(r' id="([^"]+)"', html)
    assert len(names) == len(set(names)) and set(re.findall(r'#(f1[^")]+)', html)) == set(names)
    assert set(re.findall(r"#[0-9a-f]{6}\b", html)) == {"#123456"}  # all others are the page's
    assert "var(--figure-1)" in html and "color-mix(in srgb, var(--figure-ink) 50%" in html


def test_the_style_sheet_defines_every_colour_in_the_light_in_the_dark_and_on_paper(extension):
    sheet = (ROOT / "book/_static/plaw.css").read_text()
    for name in {*re.findall(r"--figure-\w+", " ".join(extension.COLOURS.values())), "--figure-ink"}:
        assert sheet.count(f"{name}: ") == 3, name
