"""No measured number is typed into the text: it is glued from a cell, published, or declared beside the text.

A declaration is a comment in the chapter, `<!-- numbers: 1.96 (of the normal distribution), 0.02 (an example) -->`.
Exercises are exempt: what their solutions report was measured once, and they say so. Whole numbers are not looked at.
"""

import re

import jupytext
import pytest

from helpers.chapters import CHAPTERS, PAGES, ROOT, notebook_of
from plaw.report import measures, published

NOT_PROSE = (
    r"(?s)<!--.*?-->",
    r"(?ms)^(`{3,}).*?^\1\s*?$",  # fenced blocks
    r"(?m)^    .*$",  # indented ones
    r"``.*?``",
    r"`[^`]*`",  # inline, roles too
    r"(?s)\$\$.*?\$\$",  # equations
    r"\]\([^)]*\)",  # addresses
)
DECLARED = re.compile(r"(?s)<!-- numbers:(.*?)-->")
DECIMAL = re.compile(r"(?<![\w.])\d+\.\d+")
GLUED = re.compile(r"(?<!`` )\{glue:text\}`([^`:]+)")
CONSTANTS = {measures.LOW_ERROR, published.SAME, published.COMPARABLE}
PUBLISHED = {
    text
    for number in published.NUMBERS
    if number.value
    for text in (number.text, f"{number.value}", f"{number.value:.2g}")
}


def prose(text):
    """What is read as text, up to the exercises, without code, equations and declarations."""
    text = re.split(r"(?m)^## Exercises", text)[0]
    for pattern in NOT_PROSE:
        text = re.sub(pattern, " ", text)
    return text


def written(chapter):
    return "\n\n".join(
        cell.source for cell in jupytext.read(chapter, fmt="md:myst").cells if cell.cell_type == "markdown"
    )


def loose_numbers(text):
    """Decimal numbers of the prose that are neither published nor declared."""
    declared = {number for part in DECLARED.findall(text) for number in DECIMAL.findall(part)}
    return [n for n in DECIMAL.findall(prose(text)) if n not in declared | PUBLISHED and float(n) not in CONSTANTS]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_decimal_number_of_the_prose_is_glued_published_or_declared(page):
    loose = loose_numbers(written(page))
    assert not loose, (
        f"glue {', '.join(loose)}, or declare what is not measured, <!-- numbers: ... -->, in {page.relative_to(ROOT)}"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_nothing_is_declared_that_is_not_there(page):
    declared = [number for part in DECLARED.findall(written(page)) for number in DECIMAL.findall(part)]
    assert set(declared) <= set(DECIMAL.findall(prose(written(page))))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_what_is_quoted_is_glued_in_the_same_chapter(chapter):
    outputs = [output for cell in notebook_of(chapter).cells if cell.cell_type == "code" for output in cell.outputs]
    names = [output.metadata.get("scrapbook", {}).get("name") for output in outputs if "metadata" in output]
    glued = [name for name in names if name]
    assert set(GLUED.findall(written(chapter))) <= set(glued) and len(glued) == len(set(glued))


def test_the_book_names_targets_and_files_that_there_are():
    makefile = (ROOT / "Makefile").read_text()
    text = "\n".join(page.read_text() for page in PAGES)
    assert all(f"\n{target}:" in makefile for target in re.findall(r"`make (\w+)", text))
    assert all(
        (ROOT / file).exists()
        for file in re.findall(r"`((?:plaw|book)/[a-z_]+\.(?:py|md))`", text)
        if "yours" not in file
    )


@pytest.mark.parametrize(
    "text, loose",
    [
        ("The error is 0.1234, they say.", ["0.1234"]),
        ("an error of 0.302 or 0.0131, rounded 0.013", []),
        ("Not `0.1234`, nor {glue:text}`rho:.3f`, nor [here](a0.5.md).", []),
        ("$$\n0.1234\n$$\nand $0.4321$", ["0.4321"]),
        ("```{dropdown} What\n0.1234\n```\n    0.1234\n", []),
        ("It is 0.1234. <!-- numbers: 0.1234 (by way\nof example) -->", []),
        ("Seen.\n\n## Exercises\n\nWe found 0.1234.", []),
        ("| a | 0.1234 |\n* 0.4321%", ["0.1234", "0.4321"]),
    ],
)
def test_loose_numbers_are_found(text, loose):
    assert loose_numbers(text) == loose
