"""The calibration benchmark: repeatable, resumable, and what it recorded."""

from pathlib import Path

import numpy as np
import pytest

from plaw.report import calibration
from plaw.report.calibration import Case
from plaw.study import store

RECORDED = store.read(Path(__file__).parents[2] / "book" / "results", "calibration")
SMALL = (
    Case("power", {"c0": 0.7, "rho": 0.4}, np.geomspace(30, 240, 4), "counting", 3490125836),
    Case("power", {"c0": 0.7, "rho": 0.4}, np.geomspace(30, 240, 4), "samples and luck", 2829648775),
)


def without_time(record):
    return {key: value for key, value in record.items() if key != "seconds"}


def test_a_batch_is_the_same_whenever_it_is_run():
    first, again = (calibration.simulate(SMALL[0], 3, 5) for _ in range(2))
    assert without_time(first) == without_time(again)
    assert first["simulations"] == 5 and set(first["hits"]["profile"]) == {"exponent", "prediction", "size"}


def test_a_run_that_was_cut_off_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(calibration, "CASES", SMALL)
    monkeypatch.setattr(calibration, "BATCH", 3)
    calibration.run(tmp_path, 6, report=lambda line: None)
    whole = [without_time(record) for record in store.read(tmp_path, "calibration")]
    file = store.path(tmp_path, "calibration")
    file.write_text(file.read_text()[:-40])
    lines = []
    calibration.run(tmp_path, 6, report=lines.append)
    assert len(lines) == 1
    assert [without_time(record) for record in store.read(tmp_path, "calibration")] == whole
    assert [row["simulations"] for row in calibration.coverage(whole)] == [6, 6]


def test_the_bootstrap_is_fooled_by_luck_and_the_profile_is_not():
    record = calibration.simulate(SMALL[1], 0, 40)
    assert record["hits"]["profile"]["exponent"] >= 34
    assert record["hits"]["percentile"]["exponent"] <= 30


@pytest.mark.parametrize("row", calibration.coverage(RECORDED), ids=lambda row: row["case"])
def test_the_recorded_intervals_hold_what_they_promise(row):
    """Five hundred simulations of each law; where the noise is known, 95% intervals hold the truth in 90 to 99%.

    Give or take two standard errors of the count.
    """
    assert row["simulations"] >= 500
    if "not told" not in row["noise"]:
        assert all(0.90 - 0.027 <= share <= 0.99 + 0.009 for share in row["profile"].values())


def test_every_law_was_calibrated():
    assert {case.name for case in calibration.CASES} == {row["case"] for row in calibration.coverage(RECORDED)}


@pytest.mark.slow
def test_each_case_has_a_seed_of_its_own_that_gives_the_recorded_curves():
    assert len({case.seed for case in calibration.CASES}) == len(calibration.CASES)
    case = next(case for case in calibration.CASES if case.name == "logarithmic, 6 points, counting")
    (recorded,) = (record for record in RECORDED if record["case"] == case.name and record["batch"] == 0)
    simulated = calibration.simulate(case, 0, calibration.BATCH)
    assert without_time(simulated) == without_time(recorded)
