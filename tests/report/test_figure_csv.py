"""Pictures carry their numbers, from the figure into the file, and from there into the book."""

import csv
import io
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
from PIL import Image, PngImagePlugin

from helpers.chapters import CHAPTERS
from plaw.report import figure_csv, plotting

ROOT = Path(__file__).parents[2]


@pytest.fixture
def axes():
    with plt.rc_context():
        plotting.use_style()
        figure, axes = plt.subplots(1, 2)
        yield axes
        plt.close(figure)


def rows(figure):
    """The table as tuples (series, x, y, low, high, value) without what is missing, by panel."""
    by_panel = {}
    for row in csv.DictReader(io.StringIO(figure_csv.table(figure))):
        by_panel.setdefault(row["panel"], []).append(
            (row["series"], *(float(row[name]) for name in figure_csv.COLUMNS[2:] if row[name]))
        )
    return by_panel


def test_all_that_is_drawn_in_data_coordinates_is_in_the_table(axes):
    left, right = axes
    left.errorbar([1, 2], [3, 4], [0.1, 0.2], fmt="o", capsize=3, label="measured")
    left.errorbar([1], [5], xerr=[[0.5], [0.25]], fmt="s")
    left.plot([1, 2], [0.5, np.nan], label="law")
    left.fill_between([1, 2], [0, 1], [2, 5], label="band")
    left.axhline(3)  # spans the axes, is no data
    right.set_title("pictures")
    right.imshow([[1, 2]])
    right.bar([0, 1], [2, 3], label="bars")
    right.barh([7], [9])
    right.scatter([1], [3], label="points")
    assert rows(left.figure) == {
        "1": [
            ("measured", 1, 3, 2.9, 3.1), ("measured", 2, 4, 3.8, 4.2), ("", 1, 5, 0.5, 1.25),
            ("law", 1, 0.5), ("law", 2), ("band", 1, 0, 2), ("band", 2, 1, 5),
        ],
        "pictures": [("bars", 0, 2), ("bars", 1, 3), ("", 9, 7), ("points", 1, 3), ("", 0, 0, 1), ("", 1, 0, 2)],
    }  # fmt: skip


def test_a_saved_picture_carries_its_table_and_the_metadata_it_is_given(axes, tmp_path):
    axes[0].plot([1, 2], [3, 4], label="ρ, a line")
    file = tmp_path / "picture.png"
    axes[0].figure.savefig(file, metadata={"Title": "a title"}, bbox_inches="tight")
    assert figure_csv.read(file) == figure_csv.table(axes[0].figure)
    assert "ρ, a line" in figure_csv.read(file)
    assert plt.imread(file).ndim == 3
    assert Image.open(file).text["Title"] == "a title"


@pytest.mark.slow
def test_a_large_table_survives(axes, tmp_path):
    axes[0].plot(np.arange(100_000), np.random.default_rng(1).random(100_000))
    axes[0].figure.savefig(tmp_path / "large.png")
    assert figure_csv.read(tmp_path / "large.png").count("\n") == 100_001


def test_a_figure_looks_the_same_with_its_data(axes, tmp_path):
    for name, hooks in (("with", plt.rcParams["figure.hooks"]), ("without", [])):
        with plt.rc_context({"figure.hooks": hooks}):
            figure, axis = plt.subplots()
            axis.plot([1, 2], [3, 4])
            figure.savefig(tmp_path / f"{name}.png")
            plt.close(figure)
    assert figure_csv.read(tmp_path / "with.png") and not figure_csv.read(tmp_path / "without.png")
    assert np.array_equal(plt.imread(tmp_path / "with.png"), plt.imread(tmp_path / "without.png"))


def test_a_picture_without_a_table_has_none(tmp_path):
    plt.imsave(tmp_path / "plain.png", np.eye(3))
    assert figure_csv.read(tmp_path / "plain.png") is None


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_a_chapter_with_figures_lets_them_carry_their_numbers(chapter):
    text = chapter.read_text()
    assert "\n  figure:\n" not in text or "plotting.use_style()" in text


def test_the_book_offers_the_table_below_the_caption(axes, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book/_ext")
    sys.modules.pop("figure_csv", None)
    import figure_csv as extension

    axes[0].plot([1, 2], [3, 4])
    axes[0].figure.savefig(tmp_path / "one.png")
    plt.imsave(tmp_path / "two.png", np.eye(3))
    document = new_document("chapter")
    for name in ("one", "two"):
        document += nodes.figure("", nodes.image(uri=f"{name}.png"), nodes.caption("", "what"), names=[f"fig-{name}"])
    env = SimpleNamespace(docname="book/chapter", relfn2path=lambda name: (name, str(tmp_path / name)))
    app = SimpleNamespace(doctreedir=tmp_path / "build/.doctrees", srcdir=tmp_path, env=env)
    extension._offer(app, document)
    (link,) = document.findall(extension.download_reference)
    assert link.parent.parent.parent["names"] == ["fig-one"]
    assert (tmp_path / link["reftarget"].lstrip("/")).read_text() == figure_csv.table(axes[0].figure)


def test_reading_leaves_pillows_limits_as_they_were(tmp_path):
    before = PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY
    with pytest.raises(FileNotFoundError):
        figure_csv.read(tmp_path / "none.png")
    assert (PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY) == before != (figure_csv.LARGEST,) * 2
