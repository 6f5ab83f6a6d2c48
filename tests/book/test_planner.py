"""The planner's JavaScript beside `plaw estimate`, run by node: it needs neither a browser nor the built book."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from helpers.planner import ASK, DEFAULTS, REFUSED, SCRIPTS, cases, check_agreement, check_refusal, csv
from plaw.errors import PlawError
from plaw.model.sources import data_folder
from plaw.report import forecasts

ROOT = Path(__file__).parents[2]
CASES = list(cases())
REAL_CURVES = 46


def ask(questions):
    """The planner's answers to (text, options)."""
    node = shutil.which("node")
    if not node:
        pytest.skip("node is not installed")
    questions = [[text, DEFAULTS | options] for text, options in questions]
    scripts = [ROOT / "book" / "_static" / "planner" / f"{script}.js" for script in SCRIPTS]
    command = [node, Path(__file__).with_name("planner.mjs"), *scripts]
    asked = json.dumps({"ask": ASK, "questions": questions})
    result = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def answers():
    """The planner's answers to every curve of CASES, then to those of REFUSED."""
    return ask([[text, options] for *_, text, options in (*CASES, *REFUSED)])


@pytest.mark.parametrize("number", range(len(CASES)), ids=[name for name, *_ in CASES])
def test_the_planner_agrees_with_the_command(answers, tmp_path, number):
    _, text, options = CASES[number]
    check_agreement(answers[number], text, options, tmp_path)


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_the_planner_refuses_what_the_command_refuses_in_the_same_sentence(answers, tmp_path, number):
    text, options = REFUSED[number]
    check_refusal(answers[len(CASES) + number], text, options, tmp_path)


@pytest.mark.slow
def test_the_planner_agrees_on_real_curves(tmp_path):
    try:
        real = forecasts.read_curves(data_folder() / "curves")
    except (PlawError, TypeError):
        pytest.skip("the folder curves of PLAW_DATA is not there")
    chosen = real[:: max(1, len(real) // REAL_CURVES)]
    assert len(chosen) >= 40
    questions = [
        (
            csv(c.small.x, c.small.y, c.small.yerr if c.small.known else ()),
            dict(target=c.large.y[-1], at=[c.large.x[-1]], advise=False),
        )
        for c in chosen
    ]
    for page, (text, options) in zip(ask(questions), questions):
        check_agreement(page, text, options, tmp_path)
