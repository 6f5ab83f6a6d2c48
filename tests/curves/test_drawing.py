"""The picture of an estimate."""

from helpers.curves import with_offset
from plaw.curves.drawing import draw_estimate
from plaw.curves.planning import estimate


def test_a_target_that_is_never_reached_is_drawn_too(tmp_path):
    draw_estimate(estimate(*with_offset(), 0.01), tmp_path / "out.png")
    assert (tmp_path / "out.png").stat().st_size > 1000
