"""Fixtures that several tests of the curves share."""

import pytest


@pytest.fixture
def csv_file(tmp_path):
    """csv_file(text) -> the path of a file that holds it."""

    def write(text):
        path = tmp_path / "curve.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write
