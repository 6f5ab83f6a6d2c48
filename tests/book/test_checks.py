"""The checks beside the chapters: they hold for the records, fail on wrong ones, and give the numbers quoted."""

import ast
import copy
import importlib
import re
import sys
from dataclasses import replace
from types import SimpleNamespace

import jupytext
import numpy as np
import pytest

from helpers.chapters import CHAPTERS, ROOT
from plaw.report.regions import Floor
from plaw.study import results, store
from plaw.study.experiments import EXPERIMENTS

sys.path.insert(0, str(ROOT / "book"))  # where notebooks run

import checks

MODULES = sorted(path.stem for path in ROOT.glob("book/checks/*.py") if path.stem != "__init__")
QUOTED = re.compile(r"(?<!`` )\{glue:text\}`([^`:]+)")


def inputs(module):
    """What a chapter's live cells or the benchmark's records hand to `measure`, where it needs any."""
    if module == "beyond":
        crosses = np.array(["crosses" in EXPERIMENTS[name].title for name in results.complete()])
        floored = np.where(crosses, 0.05, 0.1)
        floored[~crosses] += [0.05, 0, *[-0.05] * (sum(~crosses) - 3), 0]
        return (np.stack([np.full(len(crosses), 0.1), floored, *np.full((2, len(crosses)), 0.3)], axis=1),)
    if module == "network":
        lengths = {"all pairs": 14.0, "pairs of equal contrast": 8.0, "strongest 1%": 7.0}
        return lengths, (0.3, 0.25, 0.2, 0.2, 0.2), (0.5, 0.5, 0.4, 0.3, 0.2)
    if module in ("engines", "kernels"):
        records = [r for r in store.read(store.folder(), "bench") if ("gpu" in r) == (module == "kernels")]
        return (records[-1],)
    return ()


@pytest.fixture(scope="module")
def measured_of():
    """What a module measures, measured once; each call gives a copy that a test may spoil."""
    known = {}

    def measured(name):
        if name not in known:
            known[name] = importlib.import_module(f"checks.{name}").measure(*inputs(name))
        return copy.copy(known[name])

    return measured


def spoil(field, *keys, value):
    """Return a function that replaces one entry of what was measured."""

    def spoiled(measured):
        entry = getattr(measured, field)
        setattr(measured, field, _replaced(entry, keys, value))

    return spoiled


def _replaced(entry, keys, value):
    if not keys:
        return value
    changed = copy.copy(entry)
    changed[keys[0]] = _replaced(entry[keys[0]], keys[1:], value)
    return changed


def spoil_row(key, **changes):
    """Return a function that changes fields of one row of the scoreboard."""

    def spoiled(measured):
        measured.rows = {**measured.rows, key: replace(measured.rows[key], **changes)}

    return spoiled


WRONG = [
    ("beyond", spoil("means", value=np.array([0.1, 0.2, 0.3, 0.3])), "a floor predicts best"),
    ("beyond", spoil("alike", value=np.zeros(1)), "both are one"),
    ("engines", spoil("direct", 0, value=0.9), "faster than JAX"),
    ("engines", spoil("numpy", 0, value=2.0), "NumPy is slower"),
    ("fig1", spoil_row(("T1", "rho"), verdict="differs"), "T1's rho differs"),
    ("fig1", spoil_row(("T17", "error, 1 layer with crosses / 2"), verdict="compatible"), "one layer is enough"),
    ("fig1", spoil("line_ratios", 30, value=1.1), "on the published line"),
    ("fig1", spoil("by_epoch", 60, 10, value=0.2), "ten epochs are enough"),
    ("fig1", spoil("late_gain", value=0.1), "a longer search"),
    ("fig2", spoil_row(("T4", "rho"), verdict="agrees"), "below the published one"),
    ("fig2", spoil_row(("T14", "gain of eps(6000) by crosses"), direction="undecided"), "crosses lower the error"),
    ("fig2", spoil("errors", "fig2-momentum", 240, value=0.1), "lower errors than the published line"),
    ("fig2", spoil("errors", "large-crosses", 4400, value=0.02), "between both laws"),
    ("fig2", spoil("slopes", "fig2-momentum", 0, value=0.1), "the slope falls"),
    ("fig3", spoil_row(("T8", "rho"), verdict="agrees"), "T8's rho agrees"),
    ("fig3", spoil_row(("T10", "rho - T9's"), direction="undecided"), "the exponent grows with each layer"),
    ("fig3", spoil("luck", 0, value=0.02), "searches agree"),
    ("fig3", spoil("largest", 1, value=0.06), "one layer is ahead"),
    ("fig4", spoil("rates", 0, 0, value=0.01), "larger rates"),
    ("fig4", spoil("errors", 1, 60, value=0.2), "near the published line"),
    ("fig4", spoil("slopes", value=[0.3, 0.4]), "falls from size to size"),
    ("fits", spoil("known", 0, value=0.8), "when the noise is known"),
    ("fits", spoil("luck", 0, value=0.95), "the bootstrap fails"),
    ("forecasts", spoil("rows", ("average over laws", "LCDB"), "new", value=0.85), "coverage is reached"),
    ("forecasts", spoil("rows", ("M4", "image classification"), "rmsle", value=0.01), "no law and not the line"),
    ("conclusion", spoil("forecasts", value=[]), "bend upwards"),
    ("gallery", spoil("ratios", "fig4-1", 30, value=1.2), "one layer on the published line"),
    ("intro", spoil_row(("T12", "eps(6000) / T9's"), direction="undecided"), "T12"),
    ("kernels", spoil("pace", value=1.0), "a further cross"),
    ("kernels", spoil("break_even", 0, value=3.0), "estimates"),
    ("network", spoil("largest", 2, value=0.4), "as good as all"),
    ("one_epoch", spoil_row(("T1", "eps(6000) / T4's"), direction="undecided"), "many epochs beat one"),
    ("one_epoch", spoil("momentum", 60, value=2.0), "the same factor"),
    ("planning", spoil("forecasts", value=[]), "only two layers and networks with crosses"),
    ("questions", spoil("crosses", 0, value={60: np.array([0.05]), 240: np.array([0.03])}), "more crosses"),
    ("regions", spoil("slopes", 3, (30, 60), value=(0.6, 0.01)), "three layers start flat"),
    ("regions", spoil("floors", "power_offset", -1, value=Floor(4400, 0.02, 0.01, 0.03)), "finds the floor"),
    ("scoreboard", spoil("largest", "1", value=0.06), "one layer is ahead"),
    ("searches", spoil("choices", "fig1-momentum", 30, "edges", value=[]), "choices on an edge"),
    ("searches", spoil("luck", 0, value=0.02), "searches agree"),
    ("tasks", spoil("share", value=0.7), "the constant carries most"),
    ("tasks", spoil("ours", "mnist", 240, value=0.05), "the nearest neighbour is better"),
    ("tested", spoil("depths", 4400, 2, value=(0.04, 0.001)), "one layer leads"),
    ("tested", spoil("last", value=[]), "many curves"),
    ("trust", spoil("kills", "folders_that_differ", value=1), "a kill changes nothing"),
    ("trust", spoil("repeatability", 0, "identical", value=1), "the same processor gives the same"),
    ("trust", spoil("repeatability", 1, "p_mean", value=1e-4), "the mean error is the same"),
    ("unsaid", spoil("at", 3.0, 3, value=0.9), "deep networks are better"),
    (
        "unsaid",
        spoil("matches", "gain", value=SimpleNamespace(scaled=20.0, log_likelihood=0.0)),
        "no other single change",
    ),
]


@pytest.mark.parametrize("module", MODULES)
def test_the_chapters_sentences_hold(module, measured_of):
    importlib.import_module(f"checks.{module}").check(measured_of(module))


@pytest.mark.parametrize(
    ("module", "spoiled", "message"), WRONG, ids=lambda case: case if isinstance(case, str) else ""
)
def test_a_sentence_that_is_wrong_fails_with_its_message(module, spoiled, message, measured_of):
    measured = measured_of(module)
    spoiled(measured)
    with pytest.raises(AssertionError, match=message):
        importlib.import_module(f"checks.{module}").check(measured)


def test_every_module_is_shown_to_fail():
    assert {module for module, _, _ in WRONG} == set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_every_assertion_has_a_message(module):
    tree = ast.parse((ROOT / f"book/checks/{module}.py").read_text())
    assertions = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    assert assertions and all(assertion.msg for assertion in assertions)


@pytest.mark.parametrize("module", MODULES)
def test_the_numbers_are_those_that_the_chapter_quotes(module, measured_of):
    texts = importlib.import_module(f"checks.{module}").numbers(measured_of(module))
    assert all(isinstance(text, str) for text in texts.values())
    assert set(texts) == set(QUOTED.findall((ROOT / f"book/{module}.md").read_text()))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_a_chapter_asserts_and_glues_by_a_small_call(chapter):
    cells = [cell for cell in jupytext.read(chapter).cells if cell.cell_type == "code" and "glue" in cell.source]
    assert all(len(cell.source.splitlines()) <= 5 for cell in cells)


def test_glue_all_glues_every_text(monkeypatch):
    glued = {}
    monkeypatch.setattr(checks, "glue", lambda name, text, display: glued.update({name: text}))
    checks.glue_all({"rho": "0.50", "c0": "0.65"})
    assert glued == {"rho": "0.50", "c0": "0.65"}
