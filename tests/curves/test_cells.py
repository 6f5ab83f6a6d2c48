"""Numbers as people write them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaw.curves.cells import Column, decimal_mark, number, numbers, parse
from plaw.errors import PlawError


@pytest.mark.parametrize(
    "text, mark, value",
    [
        ("0.21", ".", 0.21),
        (" .5 ", ".", 0.5),
        ("5.", ".", 5),
        ("1e-3", ".", 1e-3),
        ("+2E3", ".", 2000),
        ("1,234,567.5", ".", 1234567.5),
        ("1.234.567,5", ",", 1234567.5),
        ("0,21", ",", 0.21),
        ("1,2e3", ",", 1200),
        ("10 000", ".", 10_000),
        ("10\u00a0000", ".", 10_000),
        ("10\u202f000,5", ",", 10_000.5),
        ("1'000'000", ".", 1e6),
        ("10_000", ".", 10_000),
        ("35.3%", ".", 0.353),
        ("35,3 %", ",", 0.353),
        ("\u22120.5", ".", -0.5),
    ],
)
def test_a_number_is_read(text, mark, value):
    assert parse(text, mark) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "text, value", [("4k", 4e3), ("1.5M", 1.5e6), ("2 B", 2e9), ("1G", 1e9), ("3T", 3e12), ("1,000k", 1e6)]
)
def test_suffixes_are_for_sizes(text, value):
    assert parse(text, ".", sizes=True) == value
    assert parse(text, ".") is None


@pytest.mark.parametrize(
    "text", ["", "  ", "NaN", "n/a", "NA", "null", "None", "-", "--", "?", "#N/A", "<NA>", "\u2013"]
)
def test_what_stands_for_nothing(text):
    assert math.isnan(parse(text, "."))


@pytest.mark.parametrize("text", ["abc", "1,2", "1,23,4", "12 34", "1e", "0x10", "1..2", "1-2", "k", "%", "1e5e5"])
def test_what_is_no_number(text):
    assert parse(text, ".", sizes=True) is None


def test_options_of_the_command():
    assert number("2%") == 0.02 and number("4k", sizes=True) == 4000
    for text in ("4k", "", "nan", "abc"):
        with pytest.raises(PlawError, match=r"is not a number, like 0\.02 or 2%"):
            number(text)


def column(*texts, name="error"):
    return Column(name, texts, range(2, 2 + len(texts)))


@pytest.mark.parametrize(
    "sizes, values, by_comma, mark",
    [
        (("10", "100"), ("0.2", "0.1"), True, "."),
        (("10", "100"), ("0,2", "0,1"), False, ","),
        (("1,000", "2,000"), ("0.2", "0.1"), True, "."),
        (("1.000", "2.000"), ("0,2", "0,1"), False, ","),
        (("1,000", "2,000"), ("20", "10"), False, "."),  # only sizes: thousands
        (("1000", "2000"), ("2,345", "2,123"), False, ","),  # losses: decimals
        (("1000", "2000"), ("2,345", "2,123"), True, "."),  # in quotes, where commas separate: thousands
        (("1.000", "2.500"), ("20", "10"), False, "."),
        (("1.234.567", "2"), ("20", "10"), False, ","),
        (("1,234,567", "2"), ("20", "10"), False, "."),
        (("1.234,5", "2"), ("20", "10"), False, ","),
        (("4k", "8k"), ("0,353", "0,2"), False, ","),
        (("1.5k", "8k"), ("35%", "20%"), False, "."),
        (("1000.0", "2000.0"), ("0.2", "0.1"), False, "."),
        (("1.000", "2.000"), ("0.2", "0.1"), False, "."),  # as numpy.savetxt writes with %.3f
    ],
)
def test_the_decimal_mark_is_found(sizes, values, by_comma, mark):
    assert decimal_mark(column(*sizes), [column(*values)], by_comma) == mark


@pytest.mark.parametrize(
    "sizes, values, message",
    [
        (
            ("10", "100"),
            ("0,2", "0.1"),
            r"decimal point \('0.1' in line 3\) and others a decimal comma \('0,2' in line 2",
        ),
        (("1,000", "2,000"), ("0,2", "0,1"), "line 2: the size 1,000 could be 1 or 1000"),
        (("500", "1.000"), ("0.2", "0.1"), "line 3: the size 1.000 could be 1 or 1000"),
    ],
)
def test_numbers_that_can_be_read_in_two_ways_are_refused(sizes, values, message):
    with pytest.raises(PlawError, match=message):
        decimal_mark(column(*sizes), [column(*values)], by_comma=False)


def test_a_column_names_its_wrong_cell():
    with pytest.raises(PlawError, match="line 3: error must be a number, but the cell is 'abc'"):
        numbers(column("0.2", " abc "), ".")
    with pytest.raises(PlawError, match=r"a percentage, '20%' in line 2, and has no percent sign, '0.1' in line 4"):
        numbers(column("20%", "", "0.1"), ".")


@given(st.floats(1e-6, 1e9), st.sampled_from([".", ","]), st.booleans())
def test_what_is_written_is_read(value, mark, grouped):
    text = f"{value:,.6f}" if grouped else f"{value:.6f}"
    if mark == ",":
        text = text.translate(str.maketrans(".,", ",."))
    assert parse(text, mark) == pytest.approx(value, abs=1e-6)


@given(st.text(max_size=12))
def test_any_text_is_a_number_or_nothing_or_neither(text):
    value = parse(text, ".", sizes=True)
    assert value is None or isinstance(value, float)
