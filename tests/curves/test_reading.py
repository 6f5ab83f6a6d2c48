"""Learning curves from CSV files; the refusals are in test_planning, by the command."""

import pytest

from plaw.curves.reading import read_curve
from plaw.errors import PlawError


def test_rows_of_one_size_are_samples(csv_file):
    x, y, yerr = read_curve(csv_file("n,error\n10,0.2\n10,0.22\n100, 0.1\n100,0.11\n"))
    assert list(x) == [10, 100] and [list(s) for s in y] == [[0.2, 0.22], [0.1, 0.11]] and yerr is None


def test_std_is_read(csv_file):
    x, y, yerr = read_curve(csv_file("\ufeffn,std,error,comment\n10,0.01,0.2,a\n100,0.02,0.1,b\n"))
    assert list(x) == [10, 100] and y == [0.2, 0.1] and list(yerr) == [0.01, 0.02]


def test_what_is_no_text_is_refused(tmp_path):
    path = tmp_path / "curve.csv"
    path.write_bytes(b"n,error\n10,\xff\n")
    with pytest.raises(PlawError, match="cannot be read as CSV"):
        read_curve(path)
