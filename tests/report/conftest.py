"""A fixture of the tests that draw."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pytest

from plaw.report import plotting


@pytest.fixture
def style():
    """The style of the book's figures, for the length of a test."""
    with plt.rc_context():
        plotting.use_style()
        yield
        plt.close("all")
