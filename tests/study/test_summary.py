"""The summary that travels with the package says what the records say."""

from pathlib import Path

import pytest

from plaw.report import scoreboard
from plaw.study import recording, results, store, summary
from plaw.study.experiments import EXPERIMENTS
from plaw.study.summarise import summarise

RECORDS = Path(store.__file__).parents[2] / "book/results"


def test_it_is_that_of_the_records():
    current = "run python -m plaw.study.summarise book/results"
    assert summary.FILE.read_text(encoding="ascii") == summarise(RECORDS), current
    assert summary.FILE.stat().st_size < 800_000


def test_the_scoreboard_and_the_status_are_the_same():
    assert scoreboard.rows(summary.FILE) == scoreboard.rows(RECORDS)
    assert recording.status(summary.FILE) == recording.status(RECORDS)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_errors_and_choices_are_the_same(name):
    for committee in (True, False):
        from_records, from_summary = (
            results.errors(name, place, committee=committee) for place in (RECORDS, summary.FILE)
        )
        assert {n: list(e) for n, e in from_summary.items()} == {n: list(e) for n, e in from_records.items()}
    assert results.by_epoch(name, summary.FILE) == results.by_epoch(name, RECORDS)
    for n in EXPERIMENTS[name].sizes:
        assert results.strategy(name, n, summary.FILE) == results.strategy(name, n, RECORDS)
