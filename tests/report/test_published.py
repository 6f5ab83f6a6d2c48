"""The published numbers: all of them, as printed, each with an experiment that can answer it."""

import math

import pytest

from plaw.report.measures import MEASURES
from plaw.report.published import NUMBERS, line, line_at, over_line
from plaw.study.experiments import EXPERIMENTS

# rho, eps(6000) and c0 again, typed from the paper (c0 of T1) or worked out by hand (the others).
LINES = {
    "fig1-momentum": (0.50, 0.008, 0.65),
    "fig2-momentum": (0.49, 0.0207, 1.47),
    "fig2-accelerated": (0.49, 0.0174, 1.24),
    "fig3-1": (0.302, 0.053, 0.73),
    "fig3-2": (0.339, 0.049, 0.94),
    "fig3-3": (0.385, 0.048, 1.37),
}


def number(row, quantity):
    return next(number for number in NUMBERS if (number.id, number.quantity) == (row, quantity))


def test_every_row_is_there_and_no_quantity_twice():
    assert {number.id for number in NUMBERS} == {f"T{i}" for i in range(1, 18)}
    assert len({(number.id, number.quantity) for number in NUMBERS}) == len(NUMBERS)


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: f"{number.id} {number.quantity}")
def test_a_number_lies_in_its_span_and_can_be_answered(number):
    assert number.figure and number.text
    if number.value is not None:
        assert number.span[0] <= number.value <= number.span[1]
        assert number.derived or number.claim == "equality" or float(number.text.split()[-1]) == number.value
    assert number.measure in MEASURES and number.experiments and set(number.experiments) <= set(EXPERIMENTS)


def test_every_experiment_answers_the_rows_it_names():
    for experiment in EXPERIMENTS.values():
        for row in experiment.rows:
            assert any(number.id == row and experiment.id in number.experiments for number in NUMBERS), experiment.id


@pytest.mark.parametrize("experiment", LINES)
def test_the_published_lines(experiment):
    rho, error, c0 = LINES[experiment]
    assert line(experiment) == (pytest.approx(rho, abs=1e-9), pytest.approx(c0, abs=0.006))
    assert (
        line_at(experiment, 6000)
        == line(experiment)[1] * 6000**-rho
        == pytest.approx(error, rel=0.06 if experiment == "fig1-momentum" else 1e-9)
    )


def test_errors_over_the_published_line_are_means_over_it():
    ratios = over_line("fig3-1", {30: [0.2, 0.3], 6000: 0.053})
    assert ratios == {30: pytest.approx(0.25 / line_at("fig3-1", 30)), 6000: pytest.approx(1)}


def test_a_curve_that_the_paper_does_not_draw_has_no_line():
    assert line("fig1-accelerated") is None


def test_spans_follow_from_the_digits_printed():
    assert number("T8", "rho").span == pytest.approx((0.3015, 0.3025))
    assert number("T4", "eps(6000)").span == pytest.approx((0.02065, 0.02075))
    low, high = number("T8", "c0").span
    assert (low, high) == pytest.approx((0.0525 * 6000**0.3015, 0.0535 * 6000**0.3025))


def test_claims_follow_from_the_numbers_they_compare():
    assert number("T9", "rho - T8's").value == pytest.approx(0.037)
    assert number("T6", "eps(6000) / T4's").value == pytest.approx(0.0174 / 0.0207)
    small = number("T8", "eps(30) / T9's")
    assert small.value == pytest.approx(0.733 * 30**-0.302 / (0.935 * 30**-0.339), abs=0.001)
    assert small.span[1] - small.value == pytest.approx(
        small.value * (0.0005 / 0.053 + 0.0005 / 0.049 + 0.001 * math.log(200)), rel=1e-6
    )


def test_crossings_follow_from_the_published_lines():
    for text, first, second in (("1 and 2", "fig3-1", "fig3-2"), ("2 and 3", "fig3-2", "fig3-3")):
        (rho_1, c_1), (rho_2, c_2) = line(first), line(second)
        crossing = (c_2 / c_1) ** (1 / (rho_2 - rho_1))
        assert number("T11", f"crossing of {text} layers").value == pytest.approx(crossing, rel=0.6)


def test_digits_that_the_paper_does_not_print_are_noted():
    noted = {number.text: number.note for number in NUMBERS if number.note}
    assert len(noted) == 9 and "prints 0.021;" in noted["0.0207"] and number("T1", "rho").note == ""
    assert all(
        abs(float(text) - float(note.split("prints ")[1].split(";")[0])) <= 0.005 for text, note in noted.items()
    )
