"""The numbers of a figure: all that it shows, and nothing else."""

import csv
import io

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest

from plaw.report import figure_csv


@pytest.fixture
def axes(style):
    return plt.subplots(1, 2)[1]


def rows(figure):
    """The table as tuples (series, x, y, low, high, value) without what is missing, by panel."""
    by_panel = {}
    for row in csv.DictReader(io.StringIO(figure_csv.table(figure))):
        by_panel.setdefault(row["panel"], []).append(
            (row["series"], *(float(row[name]) for name in figure_csv.COLUMNS[2:] if row[name]))
        )
    return by_panel


def test_all_that_is_drawn_in_data_coordinates_is_in_the_table(axes):
    left, right = axes
    left.errorbar([1, 2], [3, 4], [0.1, 0.2], fmt="o", capsize=3, label="measured")
    left.errorbar([1], [5], xerr=[[0.5], [0.25]], fmt="s")
    left.plot([1, 2], [0.5, np.nan], label="law")
    left.fill_between([1, 2], [0, 1], [2, 5], label="band")
    left.axhline(3)  # spans the axes, is no data
    right.set_title("pictures")
    right.imshow([[1, 2]])
    right.bar([0, 1], [2, 3], label="bars")
    right.barh([7], [9])
    right.scatter([1], [3], label="points")
    assert rows(left.figure) == {
        "1": [
            ("measured", 1, 3, 2.9, 3.1), ("measured", 2, 4, 3.8, 4.2), ("", 1, 5, 0.5, 1.25),
            ("law", 1, 0.5), ("law", 2), ("band", 1, 0, 2), ("band", 2, 1, 5),
        ],
        "pictures": [("bars", 0, 2), ("bars", 1, 3), ("", 9, 7), ("points", 1, 3), ("", 0, 0, 1), ("", 1, 0, 2)],
    }  # fmt: skip
