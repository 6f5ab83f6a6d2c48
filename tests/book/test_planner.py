"""The planner's JavaScript beside `plaw estimate`, run by node: it needs neither a browser nor the built book."""

import io
import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from helpers.planner import (
    ASK,
    DEFAULTS,
    READ,
    REFUSED,
    SCRIPTS,
    cases,
    check_agreement,
    check_answer,
    check_reading,
    check_refusal,
    command_estimate,
    csv,
)
from helpers.tables import TABLES, random_tables
from plaw.curves.reading import read_curves
from plaw.errors import PlawError
from plaw.model.sources import data_folder
from plaw.report import forecasts

ROOT = Path(__file__).parents[2]
CASES = list(cases())
REAL_CURVES = 46


def run(function, questions):
    """A JavaScript function of each of the questions."""
    node = shutil.which("node")
    if not node:
        pytest.skip("node is not installed")
    scripts = [ROOT / "book" / "_static" / "planner" / f"{script}.js" for script in SCRIPTS]
    command = [node, Path(__file__).with_name("planner.mjs"), *scripts]
    asked = json.dumps({"ask": function, "questions": questions})
    result = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def ask(questions):
    """The planner's answers to (text, options)."""
    return run(ASK, [[text, DEFAULTS | options] for text, options in questions])


@pytest.fixture(scope="module")
def read():
    """What the page's reader reads of every table of TABLES."""
    return dict(zip(TABLES, run(READ, list(TABLES.values()))))


@pytest.mark.parametrize("name", TABLES)
def test_the_page_reads_what_the_command_reads(read, name):
    check_reading(read[name], *TABLES[name])


def test_the_page_reads_any_table_as_the_command_does():
    tables = list(random_tables(2000))
    for text, page in zip(tables, run(READ, [[text, {}] for text in tables]), strict=True):
        check_reading(page, text, {})


BYTES = {
    "utf-8": "Größe;n;error\n1;10;0,2\n".encode(),
    "utf-8 with its mark": "Größe;n;error\n1;10;0,2\n".encode("utf-8-sig"),
    "utf-16": "Größe;n;error\n1;10;0,2\n".encode("utf-16"),
    "Windows-1252": "Größe;n;error\n1;10;0,2\n".encode("cp1252"),
    "a spreadsheet": b"PK\3\4 and more",
    "not text": b"n,error\n1\0,2\n",
    "half a character": b"\xff\xfen",
    "neither": b"n,error\n10,\x81\n",
}


@pytest.mark.parametrize("content", BYTES.values(), ids=BYTES)
def test_the_page_decodes_a_file_as_the_command_does(content):
    decode = """(bytes) => {
        try {
            return {curves: plaw.reading.readCurves(plaw.table.decoded(Uint8Array.from(bytes)))};
        } catch (error) {
            return {refusal: error.message};
        }
    }"""
    (page,) = run(decode, [list(content)])
    try:
        (curve,) = read_curves(io.BytesIO(content))
    except PlawError as refused:
        assert page["refusal"] == str(refused).replace("The table", "The curve", 1)
    else:
        assert page["curves"][0]["y"] == curve.y.tolist() == [0.2]


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
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(ask, questions)  # the page computes while the command does
        commands = [command_estimate(text, options, tmp_path) for text, options in questions]
        for page, command, (_, options) in zip(asked.result(), commands, questions, strict=True):
            check_answer(page, command, options)
