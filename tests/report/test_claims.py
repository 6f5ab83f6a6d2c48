"""The claims of the first page: what they rest on is published, and the verdicts follow the records."""

import math
from pathlib import Path

import pytest

from helpers.chapters import PAGES
from plaw.curves.intervals import Interval
from plaw.report import claims, plotting, provenance, scoreboard
from plaw.report.published import NUMBERS
from plaw.study import store

ROOT = Path(__file__).parents[2]
NONE = ROOT / "tests" / "no-such-folder"


def finding(text, monkeypatch, **ours):
    """The finding of a claim when the scoreboard says `ours`: {"T9": (value, low, high)}; all else is not yet run."""

    def row(number):
        interval = Interval(*ours[number.id]) if number.id in ours else None
        verdict = scoreboard.verdict_of(number, interval)
        return scoreboard.Row(number, interval, 20, verdict, scoreboard.direction_of(number, interval))

    monkeypatch.setattr(scoreboard, "rows", lambda folder=None: [row(number) for number in NUMBERS])
    return next(finding for finding in claims.findings(NONE) if text in finding.claim.text)


def test_claims_rest_on_published_numbers_and_lead_to_pages():
    pages = {page.stem for page in PAGES}
    for claim in claims.CLAIMS:
        assert len(claim.numbers) == len(claim.rests_on) and claim.page in pages, claim.text


@pytest.mark.parametrize(
    "ours, verdict",
    [
        ({"T9": (0.07, 0.02, 0.12), "T10": (0.05, 0.01, 0.1)}, "holds"),
        ({"T9": (0.07, 0.02, 0.12)}, "holds so far"),
        ({"T9": (0.07, 0.02, 0.12), "T10": (0.05, -0.1, 0.2)}, "undecided"),
        ({"T9": (0.07, 0.02, 0.12), "T10": (-0.05, -0.1, -0.01)}, "in part"),
        ({"T9": (-0.07, -0.1, -0.04), "T10": (-0.05, -0.1, -0.01)}, "does not hold"),
        ({}, "not yet run"),
    ],
)
def test_the_verdict_on_a_claim_of_direction(ours, verdict, monkeypatch):
    result = finding("deeper networks", monkeypatch, **ours)
    assert result.verdict == verdict
    assert result.published == "ρ +0.04, +0.05"


def test_the_verdict_on_a_ratio_below_one(monkeypatch):
    result = finding("smallest sets", monkeypatch, T8=(0.75, 0.73, 0.77))
    assert (result.ours, result.verdict) == ("error × 0.75 (0.73 to 0.77)", "holds")
    assert finding("smallest sets", monkeypatch, T8=(1.05, 1.02, 1.07)).verdict == "does not hold"


def test_a_number_of_epochs_has_no_interval(monkeypatch):
    result = finding("needs fewer of", monkeypatch, T1=(30, 11, 30), T2=(30, 21, 30))
    assert result.published == ">= 150 epochs, 30 to 50 epochs, error × 1.00"
    assert result.ours.startswith("30 epochs, 30 epochs, ")


def test_many_numbers_are_counted(monkeypatch):
    said = finding("exponent", monkeypatch, T8=(0.3, 0.29, 0.31), T9=(0.33, 0.32, 0.34))
    assert said.ours == "2 agree, of 2; 11 not yet run" and said.verdict == "holds so far"
    said = finding("exponent", monkeypatch, T8=(0.3, 0.29, 0.31), T9=(0.33, 0.2, 0.4), T10=(0.6, 0.5, 0.7))
    assert said.ours == "1 agree, 1 compatible, 1 differ, of 3; 10 not yet run" and said.verdict == "in part"
    said = finding("exponent", monkeypatch, T8=(0.3, 0.2, 0.4))
    assert said.ours == "1 compatible, of 1; 12 not yet run" and said.verdict == "undecided"


def test_an_end_without_bound(monkeypatch):
    assert finding("crosses, lower", monkeypatch, T4=(0.8, 0.7, math.inf)).ours.endswith("(0.70 to ∞)")


def test_without_records_nothing_is_found():
    assert {result.verdict for result in claims.findings(NONE)} == {"not yet run"}
    assert claims.forecasts_hold(NONE) == []


def test_the_large_sets_are_compared_with_what_was_predicted():
    inside = claims.forecasts_hold(ROOT / "book/results")
    assert len(inside) == 8
    result = claims.findings(ROOT / "book/results")[2]
    assert f"{sum(inside)} of 8" in result.ours and result.verdict == (
        "holds" if all(inside) else "in part" if any(inside) else "does not hold"
    )


def test_what_was_measured_counts_where_a_curve_is_said_to_lie_above_another():
    """The committee's gain is clear at every measured size, though the extrapolations do not decide it."""
    result = next(finding for finding in claims.findings(ROOT / "book/results") if "committee" in finding.claim.text)
    assert result.verdict == "holds" and result.ours.startswith("error × 0.")


def test_the_headlines_are_findings():
    lines = claims.headlines(ROOT / "book/results").splitlines()
    assert len(lines) == len(claims.HEADLINES) and all(line.startswith("* **") and ": " in line for line in lines)


def test_the_front_matter_says_what_was_reproduced_when_and_where():
    text = provenance.front_matter(ROOT / "book/results")
    for word in ("17 curves and claims", "networks and committees", "Xeon", "held-out", "Cite as", "0.1.0"):
        assert word in text


def test_the_table_has_a_line_for_each_claim():
    lines = claims.markdown(ROOT / "book/results").splitlines()
    assert len(lines) == 2 + len(claims.CLAIMS) and all(line.count("|") == 5 for line in lines)


def test_a_picture_of_the_curves_marks_those_not_yet_run():
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots()
    ours = Interval(0.29, 0.22, 0.36)
    plotting.published_and_ours(
        axis, {"one epoch": {"1 layer": (0.302, ours), "2 layers": (0.339, None)}, "many": {"1 layer": (0.4, None)}}
    )
    figure.canvas.draw()
    published = [line for line in axis.lines if line.get_marker() == "D" and len(line.get_xdata())]
    assert [float(line.get_xdata()[0]) for line in published] == [0.302, 0.339, 0.4]
    assert [line.get_color() == "black" for line in published] == [True, False, False]
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["1 layer", "2 layers", "1 layer"]
    plt.close(figure)


def test_the_origin_of_records(tmp_path):
    for n, date in ((30, "2026-01-02T03:04:05+00:00"), (60, "2026-01-03T03:04:05+00:00")):
        known = {
            "version": "0.1.0",
            "processor": "a processor",
            "engine": "dual",
            "backend": "numba",
            "seconds": 1800.0,
        }
        store.append(tmp_path, "fig3-1", {"kind": "network", "n": n, "sample": 0, "error": 0.1, "date": date, **known})
    trial = {"kind": "trial", "n": 30, "number": 0, "parameters": {}, "errors": [0.1]}
    store.append(tmp_path, "fig3-1", trial)
    store.append(tmp_path, "bench", {"kind": "bench", "n": 0, "date": "2026-01-01", "versions": {"plaw": "0.2.0"}})
    store.append(
        tmp_path,
        "bench",
        {"kind": "bench", "n": 0, "date": "2026-01-02", "versions": {"plaw": None}, "gpu": {"name": "a card"}},
    )
    (tmp_path / "foreign.jsonl").write_text('{"some": "thing"}\n')
    with pytest.warns(UserWarning, match=r"Left out: .*foreign\.jsonl, line 1, is not a record"):
        figure, bench = provenance.origins(tmp_path)
    (tmp_path / "foreign.jsonl").unlink()
    assert (figure.file, figure.rows, figure.kinds) == ("fig3-1.jsonl", ("T8",), {"network": 2, "trial": 1})
    assert (figure.dates, figure.seconds, figure.engines) == (("2026-01-02", "2026-01-03"), 3600.0, ("dual, numba",))
    assert bench.versions == ("0.2.0",) and bench.rows == () and bench.processors == ("a card",)
    table = provenance.markdown(tmp_path).splitlines()
    assert len(table) == 4 and "2026-01-02 to 2026-01-03" in table[2] and "| 1.00 |" in table[2]
