"""Anyone's learning curves: laws, fits with intervals, comparisons, and how many examples an error needs.

This package knows nothing of networks.
"""

from plaw.curves.comparison import Comparison, Difference, Score, compare_curves, compare_laws, crossing
from plaw.curves.curve import Curve, binomial_error, make_curve
from plaw.curves.drawing import draw_estimate
from plaw.curves.fitting import Fit, Status, fit_law
from plaw.curves.forecast import Forecast, forecast_curve
from plaw.curves.intervals import Interval, difference, mover, plain_number, ratio
from plaw.curves.laws import LAWS, Law, broken_power, get_law
from plaw.curves.planning import Estimate, Measurement, estimate, estimate_file, next_measurement
from plaw.curves.reading import read_curve
from plaw.curves.shape import Shape, shape_of

__all__ = [
    "LAWS",
    "Comparison",
    "Curve",
    "Difference",
    "Estimate",
    "Fit",
    "Forecast",
    "Interval",
    "Law",
    "Measurement",
    "Score",
    "Shape",
    "Status",
    "binomial_error",
    "broken_power",
    "compare_curves",
    "compare_laws",
    "crossing",
    "difference",
    "draw_estimate",
    "estimate",
    "estimate_file",
    "fit_law",
    "forecast_curve",
    "get_law",
    "make_curve",
    "mover",
    "next_measurement",
    "plain_number",
    "ratio",
    "read_curve",
    "shape_of",
]
