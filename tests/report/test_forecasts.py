"""The benchmark of the forecasts: how it reads curves, what it learns, and what is recorded."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from plaw.cli import main
from plaw.curves import forecast
from plaw.errors import PlawError
from plaw.report import forecasts
from plaw.report.forecasts import Score

RECORDED = Path(__file__).parents[2] / "book" / "results"


def write_curves(folder):
    (folder / "curves").mkdir()
    x = np.geomspace(1e3, 1e6, 12)
    rows = [f"IC,c_5,Net,{n},{0.1 + 3 * n**-0.3},{int(i < 8)}" for i, n in enumerate(x)]
    header = "Domain,Task,Model,Seen Examples,Loss,Training\n"
    (folder / "curves" / "scaling-benchmark.csv").write_text(header + "\n".join(rows))
    rows = [f"1,letter,KNN,{n},{0.7 * n**-0.3},{0.01 * (i % 2)}" for i, n in enumerate(x)]
    (folder / "curves" / "lcdb.csv").write_text("dataset_id,dataset,learner,n,error,stderr\n" + "\n".join(rows))


def test_curves_are_read_and_cut(tmp_path):
    write_curves(tmp_path)
    image, table = forecasts.read_curves(tmp_path / "curves")
    assert (image.domain, image.data_set, len(image.small.y), len(image.large.y)) == ("image classification", "c", 8, 4)
    assert (table.domain, len(table.small.y), len(table.large.y)) == ("LCDB", 6, 6)
    assert (table.small.yerr > 0).all()


def test_the_command_prints_a_table_and_stores_it(tmp_path, monkeypatch):
    write_curves(tmp_path)
    monkeypatch.setenv("PLAW_DATA", str(tmp_path))
    result = CliRunner().invoke(main, ["calibrate", "--record", "--simulations", "1", "--results", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "| image classification | 1 | average over laws | 0.0" in result.stdout
    kept = forecasts.load(tmp_path)
    methods = {row["method"] for row in kept["rows"] if row["domain"] == "image classification"}
    assert {"M1: power", "M4", "BNSL, one break", "SciPy curve_fit of M2", "average over laws"} <= methods
    assert all(0 <= row["prediction"] <= 1 for row in kept["simulated"]) and len(kept["simulated"]) >= 10


def test_curves_that_are_not_there_are_downloaded_once_and_cut_to_the_tasks_of_the_table(tmp_path, monkeypatch):
    write_curves(tmp_path)
    text = (tmp_path / "curves" / "scaling-benchmark.csv").read_text()
    origin = tmp_path / "origin" / forecasts.COMMIT / "revisiting_neural_scaling_laws" / "data"
    origin.mkdir(parents=True)
    (origin / "benchmark.vision.csv").write_text(text + "\n" + text.split("\n", 1)[1].replace("c_5", "birds_5"))
    (origin / "benchmark.lang.csv").write_text(text.split("\n")[0])
    published = {part: sha256((origin / f"benchmark.{part}.csv").read_bytes()) for part in ("vision", "lang")}
    monkeypatch.setattr(forecasts, "SHA256", {part: known.hexdigest() for part, known in published.items()})
    monkeypatch.delenv("PLAW_DATA", raising=False)
    monkeypatch.setattr(forecasts, "ORIGIN", (tmp_path / "origin").as_uri())
    monkeypatch.setattr(forecasts.platformdirs, "user_cache_dir", lambda name: str(tmp_path / "cache"))
    (curve,) = forecasts.read_curves(forecasts.curves_folder())
    assert curve.data_set == "c" and len(curve.small.y) == 8
    (origin / "benchmark.vision.csv").write_text(text)
    assert len(forecasts.read_curves(forecasts.curves_folder())) == 1
    (kept,) = (tmp_path / "cache").rglob("scaling-benchmark.vision.csv")
    kept.write_text("spoilt")
    with pytest.raises(PlawError, match="another sha256"):
        forecasts.curves_folder()


def test_without_curves_the_command_says_what_it_needs(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAW_DATA", str(tmp_path))
    monkeypatch.setattr(forecasts, "ORIGIN", (tmp_path / "nowhere").as_uri())
    monkeypatch.setattr(forecasts.platformdirs, "user_cache_dir", lambda name: str(tmp_path / "cache"))
    result = CliRunner().invoke(main, ["calibrate"])
    assert result.exit_code == 1 and "set PLAW_DATA" in result.stderr and result.stderr.count("\n") == 1


def test_the_widening_weighs_domains_alike_and_leaves_a_data_set_out():
    def scores(shares):
        return [Score(d, s, "", 0.0, new=share) for (d, s), share in shares.items()]

    few = scores({("a", "1"): 0.8, ("b", "2"): 0.9, ("b", "3"): 0.9})
    many = scores({("a", "1"): 1.0, ("b", "2"): 1.0, ("b", "3"): 1.0})
    assert forecasts.learnt_widening({1.0: few, 2.0: many}) == pytest.approx(1 + (0.95 - 0.85) / 0.15)
    assert forecasts.learnt_widening({1.0: few, 2.0: many}, without="1") == pytest.approx(1.5)


def test_the_recorded_intervals_hold_what_the_chapter_says():
    """90 to 99% are wanted in every domain."""
    recorded = forecasts.load(RECORDED)
    assert recorded["widening"] == pytest.approx(forecast.WIDENING, abs=0.005)
    averaged = [row for row in recorded["rows"] if row["method"] == "average over laws"]
    assert {row["domain"] for row in averaged} == {"image classification", "BIG-Bench", "LCDB"}
    assert all(0.90 <= row["new"] <= 0.99 for row in averaged)
