"""How many examples: the estimate, its warnings, the next measurement, and the command."""

import json
import time

import numpy as np
import pytest
from click.testing import CliRunner

from helpers.curves import BROKEN, PAPER, with_offset
from plaw.cli import main
from plaw.curves.curve import make_curve
from plaw.curves.fitting import fit_law
from plaw.curves.laws import LAWS
from plaw.curves.planning import choose_law, estimate, next_measurement
from plaw.errors import PlawError

# --- the estimate -----------------------------------------------------------------------------------------------------


def test_the_answer_is_the_laws():
    x = np.array([9.0, 15, 30, 60])
    answer = estimate(x, 0.65 * x**-0.5, 0.02, law="power", at=[240, 6000])
    assert answer.size.value == pytest.approx((0.65 / 0.02) ** 2)
    assert [error.value for error in answer.expected.values()] == pytest.approx([0.65 * 240**-0.5, 0.65 * 6000**-0.5])
    assert answer.fit.law.name == "power" and answer.why == "as asked for"


@pytest.mark.slow
def test_auto_takes_the_offset_where_there_is_one_and_leaves_it_where_there_is_none():
    x, y = with_offset()
    fit, why, _ = choose_law(make_curve(x, y))
    assert fit.law.name == "power_offset" and "power_offset" in why.split("power ")[0]
    fit, why, rivals = choose_law(make_curve(x, 0.7 * x**-0.5 * np.exp(0.01 * np.sin(7 * np.arange(9)))))
    assert fit.law.name == "power"
    assert "power" not in [rival.law.name for rival in rivals]


def test_few_sizes_get_a_power_law_and_a_warning():
    x = np.array([9.0, 15, 30, 60])
    answer = estimate(x, [0.217, 0.168, 0.119, 0.084], 0.05)
    assert answer.fit.law.name == "power" and "too few" in answer.why
    assert any("cannot tell" in warning for warning in answer.warnings)


def warnings_of(x, y, target, **options):
    return " | ".join(estimate(x, y, target, **options).warnings)


def test_warnings_of_one_law():
    x, y = with_offset()
    assert "below the fitted irreducible error 0.02" in warnings_of(x, y, 0.01, law="akaike")
    far = np.array([9.0, 15, 30, 60, 120, 240])
    wavy = 0.65 * far**-0.5 * (1 + 0.01 * np.sin(far))
    assert "times the measured range" in warnings_of(far, wavy, 1e-3, law="akaike")
    assert "times the measured range" not in warnings_of(far, wavy, 0.03, law="akaike")
    assert "no upper end" in warnings_of(*with_offset(noise=0.03), 0.0215, law="power_offset")
    assert "no interval" in warnings_of([10, 100], [0.2, 0.1], 0.05, law="akaike")


def test_a_rival_law_that_says_otherwise_is_named():
    x = np.geomspace(10, 5000, 7)
    y = (0.01 + 0.7 * x**-0.5) * np.exp(0.06 * np.array([1, -1, 1, -1, -1, 1, 1]))
    answer = estimate(x, y, 0.006, law="akaike")
    assert any("fits about as well" in warning for warning in answer.warnings)


def test_warnings_of_the_average():
    x, y = with_offset()
    assert "out of reach" in warnings_of(x, y, 0.005)
    assert "the target is already met" in warnings_of(x, y, 0.1)
    assert "seems to be a fraction" in warnings_of(x, 100 * y, 0.02)
    far = np.array([9.0, 15, 30, 60, 120, 240])
    assert "times the measured range" in warnings_of(far, 0.65 * far**-0.5, 5e-3)
    assert "measured range" not in warnings_of(far, 0.65 * far**-0.5, 0.04)


FLAT, RISING = [0.3, 0.301, 0.3, 0.299, 0.3, 0.3], [0.2, 0.22, 0.25, 0.3, 0.35, 0.4]
DIPPING, PEAKED = [0.4, 0.3, 0.2, 0.25, 0.33, 0.4], [0.2, 0.3, 0.4, 0.3, 0.2, 0.15]


@pytest.mark.parametrize("y, name", [(FLAT, "flat"), (RISING, "rising"), (DIPPING, "dipping")])
def test_a_curve_that_does_not_fall_gets_no_number_but_a_forecast(y, name):
    answer = estimate([10, 20, 40, 80, 160, 320], y, 0.05, at=[640])
    kept = answer.to_dict()
    assert kept["n"] is None and kept["low"] is None and kept["high"] is None and kept["assured"] is None
    assert f"the curve is {name}" in kept["warnings"][0]
    assert kept["expected"][0]["new_low"] < y[-1] < kept["expected"][0]["new_high"]


def test_where_no_size_is_sure_the_chances_are_printed():
    answer = estimate([9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084], 0.02)
    assert answer.assured == np.inf and "no n gives 80%; the probability" in str(answer).replace("\n    ", " ")
    chances = answer.forecast.chance([120, 600, 6000], 0.02)
    assert 0 < chances[0] < chances[1] < chances[2] < 0.8
    assert f"{chances[2]:.0%} at n = 6,000" in str(answer).replace("\n    ", " ")


def test_what_would_give_the_interval_an_end_is_said():
    x, y = with_offset()
    answer = estimate(x, y, 0.028)
    assert answer.size.high == np.inf and "the interval would get an upper end" in str(answer).replace("\n    ", " ")


def test_a_peak_is_said_and_answered():
    answer = estimate([10, 20, 40, 80, 160, 320], PEAKED, 0.12)
    assert "peaked" in answer.warnings[0] and answer.size.value > 320


def test_sizes_asked_about_have_both_intervals():
    x, y = with_offset()
    (kept,) = estimate(x, y, 0.03, yerr=0.01 * y, at=[20_000]).to_dict()["expected"]
    assert set(kept) == {"n", "error", "low", "high", "new_low", "new_high"}
    assert kept["new_low"] < kept["low"] < kept["error"] < kept["high"] < kept["new_high"]
    (named,) = estimate(x, y, 0.03, yerr=0.01 * y, at=[20_000], law="power_offset").to_dict()["expected"]
    assert kept["low"] < named["low"] < named["high"] < kept["high"]


def test_a_thousand_sizes_are_answered_in_bounded_work():
    x = np.geomspace(10, 1e6, 1000)
    y = (0.02 + 0.7 * x**-0.5) * np.exp(0.05 * np.random.default_rng(0).standard_normal(1000))
    began = time.process_time()
    answer = estimate(x, y, 0.0205)
    assert time.process_time() - began < 2
    assert answer.size.low < (0.7 / 0.0005) ** 2 < answer.size.high


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    x, truth, hits = np.array([30.0, 60, 120, 240]), (0.7 / 0.05) ** (1 / 0.4), 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        size = estimate(x, 0.7 * x**-0.4 * np.exp(0.03 * rng.standard_normal(4)), 0.05, law="power").size
        hits += size.low <= truth <= size.high
    assert 88 <= hits <= 100


@pytest.mark.parametrize(
    "x, y, target, message",
    [
        ([10, 100, 1000], [0.1, 0.2, 0.3], 0.05, "does not fall"),
        ([10, 100, 1000], [0.1, 0.1, 0.1], 0.05, "does not fall"),
        ([10, 100, 1000], [0.3, 0.2, 0.1], 0, "target must be a positive"),
        ([10, 100, 1000], [0.3, 0.2, 0.1], np.nan, "target must be a positive"),
        ([10, 100, 1000], [0.3, 0.2, 0.1], None, "The target is the wanted error, a number; not None"),
        ([10, 100, 1000], [0.3, 0.2, 0.1], "low", "The target is the wanted error, a number; not 'low'"),
    ],
)
def test_what_cannot_be_planned_is_refused(x, y, target, message):
    with pytest.raises(PlawError, match=message):
        estimate(x, y, target)


@pytest.mark.parametrize("at", [[np.inf], [0], [np.nan], "many", [None]])
def test_sizes_that_are_none_are_refused(at):
    with pytest.raises(PlawError, match=r"positive sizes only|Sizes to predict"):
        estimate([10, 100, 1000], [0.3, 0.2, 0.1], 0.05, at=at)


# --- the next measurement ---------------------------------------------------------------------------------------------


def test_the_predicted_narrowing_is_the_one_that_happens():
    """Measure the next size where the law says, as noisy as the others: the interval shrinks to that factor."""
    x = np.array([30.0, 60, 120, 240])
    y = 0.7 * x**-0.4
    fit = fit_law("power", x, y, 0.02 * y)
    now, measurements = next_measurement(fit, 0.05, [480, 960])
    size = fit.invert(0.05)
    assert now == pytest.approx(np.sqrt(size.high / size.low), rel=0.03)
    for measurement in measurements:
        longer, errors = np.append(x, measurement.n), np.append(y, fit.predict(measurement.n))
        after = fit_law("power", longer, errors, 0.02 * errors).invert(0.05)
        assert measurement.factor == pytest.approx(np.sqrt(after.high / after.low), rel=0.03)
        assert measurement.factor < now


def test_far_is_worth_more_than_near_for_a_far_target():
    x, y = np.array([30.0, 60, 120, 240]), np.array([0.24, 0.2, 0.158, 0.131])
    _, measurements = next_measurement(fit_law("power", x, y), 0.01)
    assert [m.n for m in measurements] == [30, 60, 120, 240, 480, 960]
    assert measurements[-1].factor == min(m.factor for m in measurements)


def test_no_measurement_is_planned_for_what_is_never_reached():
    x, y = with_offset()
    with pytest.raises(PlawError, match="never reaches"):
        next_measurement(fit_law("power_offset", x, y), 0.01)


# --- the command --------------------------------------------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(main, ["estimate", *map(str, arguments)])


def test_the_command_answers_in_words_and_in_json(csv_file):
    path = csv_file(PAPER)
    words = run(path, "--target", 0.02, "--at", "240, 5421")
    assert (
        words.exit_code == 0 and "error 0.02 needs n = " in words.stdout and "expected at n = 5,421: " in words.stdout
    )
    named = run(path, "--target", 0.02, "--at", "240, 5421", "--law", "power")
    assert "needs n = 1,06" in named.stdout and "expected at n = 5,421: 0.00884" in named.stdout
    answer = json.loads(run(path, "--target", 0.06, "--json").stdout)
    assert {"target", "n", "low", "high", "law", "params", "warnings"} <= set(answer)
    assert answer["target"] == 0.06 and answer["low"] < answer["n"] < answer["assured"]
    assert answer["law"] == "power" and answer["params"]["rho"] == pytest.approx(0.5, abs=0.01)


def test_json_has_null_where_there_is_no_number(csv_file):
    x, y = with_offset()
    path = csv_file("n,error\n" + "\n".join(f"{n},{e}" for n, e in zip(x, y)))
    answer = json.loads(run(path, "--target", 0.01, "--json").stdout)
    assert answer["n"] is None and answer["high"] is None and answer["warnings"]


def test_the_test_size_gives_the_counting_noise(csv_file):
    path = csv_file(PAPER)
    small, large = (
        json.loads(run(path, "--target", 0.02, "--json", "--law", "power", "--test-size", n).stdout)
        for n in (1000, 100_000)
    )
    assert small["high"] / small["low"] > large["high"] / large["low"]
    noisy = run(csv_file("n,error,std\n10,0.2,0.01\n100,0.1,0.01\n"), "--target", 0.05, "--test-size", 1000)
    assert noisy.exit_code == 1 and "leave out the test size" in noisy.stderr


def test_the_command_draws(csv_file, tmp_path):
    out = tmp_path / "out.svg"
    assert run(csv_file(PAPER), "--target", 0.02, "--plot", out).exit_code == 0
    assert "<svg" in out.read_text(encoding="utf-8")


def test_losses_and_sizes_of_any_scale(csv_file):
    x = np.geomspace(1e6, 1e12, 12)
    loss = LAWS["power_offset"](x, e_inf=1.7, c0=300.0, rho=0.28) * np.exp(0.002 * np.sin(5 * np.arange(12)))
    path = csv_file("n,error\n" + "\n".join(f"{n},{e}" for n, e in zip(x, loss)))
    answer = json.loads(run(path, "--target", 1.75, "--json").stdout)
    assert answer["law"] == "power_offset"
    assert answer["low"] < (300 / 0.05) ** (1 / 0.28) < (answer["high"] or np.inf)


@pytest.mark.parametrize("text, message", BROKEN)
def test_a_broken_file_is_one_sentence(csv_file, text, message):
    result = run(csv_file(text), "--target", 0.02)
    assert result.exit_code == 1 and result.stdout == ""
    assert result.stderr.startswith("plaw: ") and message in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "options, message",
    [
        (["--law", "cubic"], "no law 'cubic'"),
        (["--law", "chinchilla"], "chinchilla is a law of N and D"),
        (["--law", "model_size"], "laws of n alone"),
        (["--law", "m4"], "m4 has 5 parameters"),
        (["--level", "95"], "between 0 and 1"),
        (["--at", "240;300"], "--at takes sizes"),
        (["--at", "-3"], "positive sizes"),
        (["--plot", "figure.nonsense"], "cannot be saved"),
    ],
)
def test_wrong_options_are_one_sentence(csv_file, options, message):
    result = run(csv_file(PAPER), "--target", 0.02, *options)
    assert result.exit_code == 1 and message in result.stderr and result.stderr.count("\n") == 1


def test_a_missing_file_is_named(tmp_path):
    result = run(tmp_path / "none.csv", "--target", 0.02)
    assert result.exit_code == 1 and "none.csv" in result.stderr
