"""The book's own extensions of Sphinx: what is folded away, and how references are named."""

import sys
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document
from pybtex.database import Entry, Person

from helpers.chapters import ROOT

sys.path.insert(0, str(ROOT / "book/_ext"))

import icons
import plumbing
import reference_style


@pytest.mark.parametrize(
    "code, draws, prompt",
    [
        ("import numpy as np\nfrom plaw import fit_law\nplotting.use_style()", False, "the imports"),
        ("figure, axis = plt.subplots()", True, "the code of this figure"),
        ('lines = []\nMarkdown("\\n".join(lines))', False, "the code of this table"),
        ('tables.show("T8")', False, "the code of this table"),
        ("def draw(axis):\n    pass\ndraw(axis)", True, ""),  # what defines stays open
        ("errors = train(network)\naxis.plot(errors)", True, ""),  # and what trains
        ('print(texts.summary("fig3-1"))', False, "the code of these lines"),
        ('for n in sizes:\n    print(results.errors("fig3-1")[n].mean())', False, "the code of these lines"),
        ("errors = train_networks(results.strategy(name, 60))\nprint(errors)", False, ""),
        ("fit = plaw.fit_law('power', x, y)", False, ""),
        ("print(1 + 1)", False, ""),
        ("%matplotlib inline", False, ""),
    ],
)
def test_plumbing_is_folded_and_what_teaches_is_not(code, draws, prompt):
    assert plumbing._prompt(code, draws) == prompt


def test_a_cell_is_folded_with_a_prompt():
    document = new_document("chapter")
    cell = nodes.container("", nb_element="cell_code")
    cell += nodes.literal_block("import os", "import os")
    document += cell
    plumbing._fold(SimpleNamespace(), document)
    assert (cell["hide_mode"], cell["prompt_show"]) == ("input", "Show the imports")


def test_references_are_named_by_author_and_year():
    def entry(year, *names):
        return Entry("article", fields={"year": year}, persons={"author": [Person(name) for name in names]})

    entries = [
        entry("2008", "Zou, G.", "Donner, A."),
        entry("2003", "{NIST}"),
        entry("2012", r"Cire{\c s}an, Dan", "B", "C"),
        *[entry("2020", "Meir, Y.", "B", "C")] * 2,
    ]
    labels = list(reference_style.AuthorYearLabels().format_labels(entries))
    assert labels == [
        "Zou and Donner, 2008",
        "NIST, 2003",
        "Cireşan et al., 2012",
        "Meir et al., 2020",
        "Meir et al., 2020b",
    ]


def test_icons_that_no_page_shows_are_left_out():
    bars, sun = 'bars:[448,512,["navicon"],"f0c9","M0 9z"],', 'sun:[5,5,[61829],"f185","M3"]'
    script = f'var p={{{bars}"circle-up":[1,2,[],"30",["M0","M1"]],{sun}}};load(p)'
    thinned = icons.without_others(script, {"navicon", "sun"})
    assert thinned == f"var p={{{bars}{sun}}};load(p)"
    assert icons.without_others(script, set()) == "var p={};load(p)"
