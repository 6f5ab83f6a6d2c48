"""Anyone's learning curves: laws, fits with intervals, comparisons, and how many examples an error needs.

This package knows nothing of networks.
"""

from plaw.curves.budget import Plan, Purchase, plan_measurements
from plaw.curves.comparison import Comparison, Difference, Score, compare_curves, compare_laws, crossing
from plaw.curves.constrained import constrain
from plaw.curves.curve import Curve, binomial_error, make_curve
from plaw.curves.drawing import draw_estimate, draw_estimates, draw_fit
from plaw.curves.fitting import Fit, Status, fit_law
from plaw.curves.forecast import Forecast, forecast_curve
from plaw.curves.intervals import Interval, difference, mover, plain_number, ratio
from plaw.curves.laws import LAWS, Law, broken_power, get_law
from plaw.curves.metrics import Metric, find_metric
from plaw.curves.page import report, write_report
from plaw.curves.planning import Estimate, Measurement, estimate, estimate_curves, estimate_file, next_measurement
from plaw.curves.reading import Measured, read_curve, read_curves
from plaw.curves.savings import AnswerComparison, SharedRuns, compare_answers, data_factor, shared_runs
from plaw.curves.shape import Shape, shape_of

__all__ = [
    "LAWS",
    "AnswerComparison",
    "Comparison",
    "Curve",
    "Difference",
    "Estimate",
    "Fit",
    "Forecast",
    "Interval",
    "Law",
    "Measured",
    "Measurement",
    "Metric",
    "Plan",
    "Purchase",
    "Score",
    "Shape",
    "SharedRuns",
    "Status",
    "binomial_error",
    "broken_power",
    "compare_answers",
    "compare_curves",
    "compare_laws",
    "constrain",
    "crossing",
    "data_factor",
    "difference",
    "draw_estimate",
    "draw_estimates",
    "draw_fit",
    "estimate",
    "estimate_curves",
    "estimate_file",
    "find_metric",
    "fit_law",
    "forecast_curve",
    "get_law",
    "make_curve",
    "mover",
    "next_measurement",
    "plain_number",
    "plan_measurements",
    "ratio",
    "read_curve",
    "read_curves",
    "report",
    "shape_of",
    "shared_runs",
    "write_report",
]
