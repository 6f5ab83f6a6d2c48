"""`plaw estimate` on files as people have them: what it reads, asks, answers and refuses."""

import json
import time

import numpy as np
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

import plaw
from helpers.curves import PAPER
from plaw.cli import main

ACCURACY = "Train size;Test accuracy;std;runs\n1k;64,7 %;1,2 %;5\n2k;71,5 %;1,0%;5\n4k;77,1%;0,8%;5\n8k;82,0%;0,6%;5\n"


def run(*arguments, stdin=None):
    return CliRunner().invoke(main, ["estimate", *map(str, arguments)], input=stdin)


def answer_of(*arguments, stdin=None):
    result = run(*arguments, "--json", stdin=stdin)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout, parse_constant=pytest.fail)


def said(*arguments):
    """The printed answer, without line breaks."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def two_methods(factor=2.0, seeds=4):
    rng = np.random.default_rng(5)
    yield "method,seed,n,error"
    for n in (30, 60, 120, 240):
        for seed in range(seeds):
            both = np.exp(0.05 * rng.standard_normal())
            for method, c0 in (("old", 0.7 * factor), ("new", 0.7)):
                yield f"{method},{seed},{n},{c0 * n**-0.4 * both * np.exp(0.02 * rng.standard_normal()):.5f}"


@pytest.fixture
def methods(csv_file):
    return csv_file("\n".join(two_methods()))


def test_a_german_table_of_accuracies(csv_file):
    path = csv_file(ACCURACY)
    answer = answer_of(path, "--target", "90%", "--at", "16k")
    errors, deviation = [0.353, 0.285, 0.229, 0.18], np.array([0.012, 0.010, 0.008, 0.006])
    same = plaw.estimate([1000, 2000, 4000, 8000], errors, 0.1, yerr=deviation / np.sqrt(5), at=[16_000])
    assert answer["n"] == pytest.approx(same.size.value) and answer["low"] == pytest.approx(same.size.low)
    assert answer["target"] == 0.9 and answer["metric"] == "Test accuracy"
    (expected,) = answer["expected"]
    assert expected["n"] == 16_000 and expected["value"] == pytest.approx(1 - expected["error"])
    assert expected["value_low"] == pytest.approx(1 - expected["high"])
    assert expected["value_new_low"] == pytest.approx(1 - expected["new_high"])
    assert expected["value_new_low"] < expected["value_low"]
    words = said(path, "--target", "0.9", "--at", "16000")
    assert "Test accuracy 0.9 needs n = " in words and "expected at n = 16,000: 0.85" in words


def test_the_number_of_runs_may_be_told(csv_file):
    told = answer_of(csv_file(ACCURACY.replace(";runs", "").replace(";5\n", "\n")), "--target", "90%", "--runs", 5)
    assert told == answer_of(csv_file(ACCURACY), "--target", "90%")


def test_standard_input():
    assert answer_of("-", "--target", 0.02, "--law", "power", stdin=PAPER)["n"] == pytest.approx(1060, rel=0.01)
    refused = run("-", "--target", 0.02, stdin="a,b\n1,2\n")
    assert refused.exit_code == 1 and refused.stderr.startswith("plaw: Standard input: no column of sizes")


def test_columns_by_name(csv_file):
    path = csv_file("cost,dollars,error,wer\n1,10,0.5,0.4\n2,100,0.5,0.2\n3,1000,0.5,0.1\n")
    named = ["--x", "Dollars", "--y", "WER", "--law", "power"]
    assert answer_of(path, *named, "--target", 0.05)["n"] == pytest.approx(1e4, rel=1e-3)


def test_a_score_of_any_name_has_a_ceiling(csv_file):
    path = csv_file("n,quality\n10,6\n100,8\n1000,9\n")
    answer = answer_of(path, "--y", "quality", "--ceiling", 10, "--target", 9.5, "--law", "power")
    assert answer["n"] == pytest.approx(1e4, rel=0.1) and answer["target"] == 9.5
    refused = run(path, "--y", "quality", "--target", 0.05)
    assert "does not fall" in refused.stderr and "name the metric" in refused.stderr
    named = answer_of(path, "--y", "quality", "--metric", "accuracy", "--target", 96)
    assert named["metric"] == "accuracy"


def test_a_percent_sign_means_a_part_of_the_whole(csv_file):
    percentages = csv_file("n,accuracy\n10,40\n100,70\n1000,84\n5000,90\n")
    whole = answer_of(percentages, "--target", "95%", "--floor", "1%")
    assert whole["target"] == 95 and whole == answer_of(percentages, "--target", 95, "--floor", 1)


def test_a_known_floor(csv_file):
    x = np.geomspace(10, 5000, 7)
    path = csv_file("n,error\n" + "\n".join(f"{n},{0.02 + 0.7 * n**-0.5}" for n in x))
    answer = answer_of(path, "--target", 0.03, "--floor", "2%")
    assert set(answer["params"]) == {"c0", "rho"} and answer["n"] == pytest.approx(4900, rel=0.1)
    assert answer["laws"].keys() == {"power_offset", "m4", "broken"}
    named = answer_of(path, "--target", 0.03, "--floor", "2%", "--law", "akaike")
    assert named["n"] == pytest.approx(4900, rel=1e-3)
    assert answer_of(path, "--target", 0.015, "--floor", 0.02)["n"] is None
    refused = run(path, "--target", 0.03, "--floor", 0.02, "--law", "power")
    assert refused.exit_code == 1 and "power has no floor" in refused.stderr


def test_groups(methods, tmp_path):
    options = ["--group", "method", "--target", 0.05, "--law", "power"]
    answer = answer_of(methods, *options, "--pair", "seed")
    assert [curve["name"] for curve in answer["curves"]] == ["old", "new"]
    (comparison,) = answer["comparisons"]
    assert (comparison["best"], comparison["name"]) == ("new", "old")
    factor = comparison["factor"]
    assert factor["low"] < 2**2.5 < factor["high"]
    alone = answer_of(methods, *options)["comparisons"][0]["factor"]
    assert factor["high"] / factor["low"] < alone["high"] / alone["low"]
    words = said(methods, *options, "--pair", "seed")
    assert "old needs 5." in words and "on the runs they share, at n = 240, the error of old is 2." in words


def test_one_group_is_an_answer_with_a_name(csv_file):
    path = csv_file("who,n,error\na,10,0.2\na,100,0.1\na,1000,0.05\n")
    assert run(path, "--group", "who", "--target", 0.02).stdout.startswith("a\nerror 0.02 needs n = ")


def test_several_curves_in_one_picture_and_on_one_page(methods, tmp_path):
    picture, page = tmp_path / "out.svg", tmp_path / "out.html"
    run(methods, "--group", "method", "--target", 0.05, "--plot", picture, "--report", page)
    assert "<svg" in picture.read_text()
    parsed = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    assert [heading.text for heading in parsed.find_all("h2")] == ["old", "new"]
    assert "times the examples of new" in parsed.p.text


def test_a_price_and_a_budget(csv_file):
    path = csv_file(PAPER)
    options = ["--target", 0.02, "--law", "power"]
    budget = answer_of(path, *options, "--test-size", 10_000, "--cost", "0.10", "--budget", "50")["budget"]
    assert budget["n"] == 500 and budget["price"]["value"] == pytest.approx(106, rel=0.01)
    assert budget["plan"]["cost"] <= 50 and budget["plan"]["factor"] < budget["plan"]["now"]
    words = said(path, *options, "--cost", 0.1, "--budget", 50)
    assert "price: the target costs 106" in words and "budget: 50 buys n = 500, expected: 0.0291" in words


def test_lines_are_counted_with_the_blank_ones(csv_file):
    result = run(csv_file("\n\nn,error\n\n10,0.2\n\n100,abc\n"), "--target", 0.02)
    assert "line 7: error must be a number, but the cell is 'abc'" in result.stderr


def test_what_is_noticed_on_reading_is_said(csv_file):
    path = csv_file("method,n,error\na,10,0.2\na,100,0.1\nb,10,0.21\nb,100,\nb,1000,0.05\nb,100,0.11\n")
    words = said(path, "--target", 0.02)
    assert "1 row (line 5) without n or error: left out" in words and "--group method" in words
    assert any("--group method" in warning for warning in answer_of(path, "--target", 0.02)["warnings"])


@pytest.mark.parametrize(
    "text, target, sentence",
    [
        ("n,error\n10,80\n100,40\n1000,20\n", 0.02, "the target 0.02 seems to be a fraction"),
        (PAPER, 0.1, "the target is already met: at n = 60 the error is 0.084"),
        (PAPER, 2, "the target 2 seems to be a percentage"),
        ("n,accuracy\n10,20\n100,60\n1000,80\n", 75, "the target is already met: at n = 1,000 the accuracy is 80"),
    ],
)
def test_a_strange_target_is_said_first(csv_file, text, target, sentence):
    assert answer_of(csv_file(text), "--target", target)["warnings"][0].startswith(sentence)


@pytest.mark.parametrize(
    "text, options, sentence",
    [
        ("n,accuracy\n10,20\n100,60\n1000,80\n", ["--target", "0.9"], "if so, ask for 90."),
        ("n,accuracy\n10,0.2\n100,0.6\n", ["--target", "90"], "if so, ask for 0.9."),
        ("n,accuracy\n10,0.2\n100,0.6\n", ["--target", "1"], "must lie below the ceiling of accuracy, 1; not 1"),
        (PAPER, ["--target", "low"], "'low' is not a number"),
        (
            PAPER,
            ["--target", "0.02", "--at", "inf"],
            "plaw: Errors are predicted at positive sizes only, and at finite",
        ),
        (PAPER, ["--target", "0.02", "--at", "1e400"], "at finite ones"),
        (PAPER, ["--target", "inf"], "positive error, not inf"),
        (PAPER, ["--target", "0.02", "--pair", "seed"], "tell the curves apart by --group"),
        (PAPER, ["--target", "0.02", "--group", "seed"], "there is no column 'seed': the columns are n, error"),
        (PAPER, ["--target", "0.02", "--cost", "1"], "give both cost and budget"),
        (PAPER, ["--target", "0.02", "--plot", "figure"], "needs an ending that says its format, like figure.svg"),
        (PAPER, ["--target", "0.02", "--report", "/none/out.html"], "The report cannot be written"),
        (PAPER, ["--target", "0.02", "--level", "nan"], "between 0 and 1"),
        ("n,error,error\n10,0.2,0.3\n", ["--target", "0.02"], "the column 'error' is there 2 times"),
        ("n,error\n10,3,2\n100,2,1\n", ["--target", "0.02"], "line 2: the line has 3 cells"),
    ],
)
def test_a_refusal_is_one_sentence(csv_file, text, options, sentence):
    result = run(csv_file(text), *options)
    assert result.exit_code == 1 and result.stdout == ""
    assert result.stderr.startswith("plaw: ") and sentence in result.stderr and result.stderr.count("\n") == 1


def test_a_refusal_names_curves_that_are_pooled(csv_file):
    refused = run(csv_file("m,n,error\na,10,0.2\na,100,0.3\nb,10,0.1\nb,100,0.2\n"), "--target", 0.02)
    assert "does not fall" in refused.stderr and "ask for --group m." in refused.stderr


@pytest.mark.filterwarnings("default")  # as for users
def test_a_curve_that_cannot_be_answered_for_leaves_the_others(csv_file):
    result = run(csv_file("m,n,error\na,10,0.2\na,100,0.1\nb,10,0.1\nb,100,0.2\n"), "--target", 0.02, "--group", "m")
    assert result.exit_code == 0 and result.stdout.startswith("a\nerror 0.02 needs")
    assert result.stderr.startswith("plaw: the curve b is left out: The measured curve does not fall")
    result = run(csv_file("m,n,error\na,10,0.2\na,100,0.3\nb,10,0.1\nb,100,0.2\n"), "--target", 0.02, "--group", "m")
    assert result.exit_code == 1 and result.stderr.endswith("plaw: None of the 2 curves can be answered for.\n")


def test_a_level_next_to_one_gives_a_wider_interval(csv_file):
    path = csv_file(PAPER)
    usual, extreme = (answer_of(path, "--target", 0.05, "--level", level) for level in (0.95, 0.9999999999999999))
    assert (extreme["low"] or 0) < usual["low"] and (extreme["high"] or np.inf) >= (usual["high"] or np.inf)


def test_a_hundred_thousand_rows_take_seconds(csv_file):
    rng = np.random.default_rng(0)
    n = rng.integers(10, 10**6, 100_000)
    errors = (0.02 + n**-0.4) * np.exp(0.1 * rng.standard_normal(100_000))
    path = csv_file("n;error\n" + "\n".join(f"{size};{error:.6f}".replace(".", ",") for size, error in zip(n, errors)))
    began = time.process_time()
    answer = answer_of(path, "--target", 0.03)
    assert time.process_time() - began < 10  # 3 on one core of 2024
    assert answer["low"] < 1e5 < (answer["high"] or np.inf)
