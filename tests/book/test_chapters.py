"""Chapters and their committed notebooks: in step, executed, captioned. What the cells print is checked by nbval."""

from pathlib import Path

import jupytext
import pytest

from helpers.chapters import CHAPTERS, PAGES, ROOT, notebook_of


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_page_is_in_the_table_of_contents_and_every_notebook_is_a_page():
    assert sorted(PAGES) == sorted(ROOT.glob("book/*.md"))
    assert sorted(chapter.with_suffix(".ipynb") for chapter in CHAPTERS) == sorted(ROOT.glob("book/*.ipynb"))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_the_notebook_is_in_step_with_its_source(chapter):
    written = [(cell.cell_type, cell.source, cell.metadata) for cell in jupytext.read(chapter).cells]
    stored = [(cell.cell_type, cell.source, cell.metadata) for cell in notebook_of(chapter).cells]
    assert stored == written, f"run `make notebooks CHAPTERS={chapter.relative_to(ROOT)}`"


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_the_notebook_was_executed_from_top_to_bottom_without_errors_or_warnings(chapter):
    cells = code_cells(notebook_of(chapter))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert outputs and all(output.output_type != "error" and output.get("name") != "stderr" for output in outputs)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_the_notebook_tells_nothing_of_the_machine_that_ran_it_and_is_small(chapter):
    text = chapter.with_suffix(".ipynb").read_text()
    assert str(ROOT) not in text and str(Path.home()) not in text and "/tmp/" not in text
    assert len(text) < 3_000_000


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_every_picture_has_a_caption_and_an_alternative_text(chapter):
    for cell in code_cells(notebook_of(chapter)):
        if any("image/png" in output.get("data", {}) for output in cell.outputs):
            settings = cell.metadata.get("mystnb", {})
            assert settings.get("figure", {}).get("caption") and settings.get("image", {}).get("alt"), cell.source
