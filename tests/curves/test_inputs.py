"""What `plaw.estimate` takes for a curve."""

import numpy as np
import pandas
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LearningCurveDisplay, learning_curve

import plaw
from plaw.curves.inputs import as_measured
from plaw.curves.metrics import Metric
from plaw.errors import PlawError

SIZES, ERRORS = [9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084]


def same(first, second):
    assert first.size == second.size and first.fit.params == second.fit.params
    assert first.fit.curve.known == second.fit.curve.known


def test_rows_and_arrays_of_the_same_numbers_give_the_same_answer(csv_file):
    x = np.repeat([10, 40, 160, 640], 3)
    y = 0.7 * x**-0.4 * np.exp(0.05 * np.random.default_rng(1).standard_normal(12))
    rows = plaw.estimate(csv_file("n,error\n" + "\n".join(f"{n},{error}" for n, error in zip(x, y))), target=0.03)
    same(rows, plaw.estimate(x, y, 0.03))
    same(rows, plaw.estimate(x[::-1], y[::-1], 0.03))
    same(rows, plaw.estimate([10, 40, 160, 640], y.reshape(4, 3), 0.03))
    same(rows, plaw.estimate(pandas.DataFrame(dict(n=x, error=y)), target=0.03))
    same(rows, plaw.estimate(pandas.Series(x), pandas.Series(y), 0.03))
    assert rows.fit.curve.known


def test_columns_of_a_frame_by_name():
    frame = pandas.DataFrame(dict(n=SIZES, a=ERRORS, accuracy=[1 - error for error in ERRORS]))
    same(plaw.estimate(frame, "a", 0.02), plaw.estimate(SIZES, ERRORS, 0.02))
    assert plaw.estimate(frame, target=0.98).size.value == pytest.approx(plaw.estimate(SIZES, ERRORS, 0.02).size.value)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((600, 30))
    return x, (x @ rng.standard_normal(30) + 2 * rng.standard_normal(600) > 0).astype(int)


def test_scikit_learns_learning_curve(data):
    result = learning_curve(LogisticRegression(), *data, train_sizes=[40, 80, 160, 320], cv=5)
    answer = plaw.estimate(result, target=0.9)
    assert answer.metric == Metric("score", 1.0) and answer.asked == 0.9
    np.testing.assert_allclose(answer.fit.curve.y, 1 - result[2].mean(axis=1))
    assert answer.fit.curve.known and answer.fit.curve.x.tolist() == [40, 80, 160, 320]
    same(answer, plaw.estimate(result[0], result[2], 0.9, metric="accuracy"))


def test_scikit_learns_display(data):
    display = LearningCurveDisplay.from_estimator(
        LogisticRegression(), *data, train_sizes=[40, 80, 160, 320], cv=5, scoring="neg_log_loss"
    )
    answer = plaw.estimate(display, target=-0.45)
    assert answer.metric.ceiling == 0 and answer.target == 0.45
    np.testing.assert_allclose(answer.fit.curve.y, -np.mean(display.test_scores, axis=1))


def test_folds_that_failed_are_left_out():
    scores = np.array([[0.6, np.nan], [0.7, 0.71], [0.8, 0.79], [np.nan, np.nan]])
    curve = as_measured((np.array([10, 20, 40, 80]), scores, scores))
    assert curve.x.tolist() == [10, 20, 40] and [len(part) for part in curve.y] == [1, 2, 2]
    assert curve.notes == ("3 of 8 folds failed: left out",)


def test_masked_points_are_left_out():
    x, y = np.array(SIZES, float), np.ma.masked_greater(ERRORS, 0.2)
    for answer in (plaw.estimate(x, y, 0.02), plaw.estimate(x, 1 - y, 0.98, metric="accuracy")):
        assert answer.fit.curve.x.tolist() == SIZES[1:]
    assert plaw.fit_law("power", np.ma.masked_less(x, 10), ERRORS).curve.x.tolist() == SIZES[1:]
    runs = np.ma.masked_greater([[0.2, 0.9], [0.1, 0.12]], 0.5)
    assert [part.tolist() for part in plaw.fit_law("power", [10, 100], runs).curve.samples] == [[0.2], [0.1, 0.12]]


class Tensor:
    """As PyTorch's when it carries a gradient."""

    def __array__(self, *_, **__):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")

    def __iter__(self):
        return iter(ERRORS)


@pytest.mark.parametrize(
    "arguments, options, message",
    [
        ((SIZES,), {}, "A curve is sizes x and errors y; or a CSV file, a data frame"),
        ((None,), {}, "not a single NoneType"),
        ((SIZES, 5), {}, "A curve is numbers"),
        ((SIZES, 5), dict(metric="accuracy"), "A curve is numbers"),
        ((SIZES, Tensor()), {}, "A curve is numbers.*requires grad"),
        ((SIZES, [1j] * 4), {}, "A curve is numbers"),
        (((SIZES, ERRORS, ERRORS),), {}, "learning_curve returns train_sizes"),
        (("none.csv",), {}, "none.csv cannot be read"),
        (("none.csv",), dict(yerr=[1]), "brings its own noise"),
        ((SIZES, ERRORS), dict(metric=3), "A metric is given by its name"),
        ((SIZES, ERRORS), dict(metric="accuracy", ceiling="high"), "its ceiling, a number"),
    ],
)
def test_what_is_no_curve_is_refused(arguments, options, message):
    with pytest.raises(PlawError, match=message):
        plaw.estimate(*arguments, target=0.02, **options)
