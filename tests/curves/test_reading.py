"""Learning curves from tables as people have them."""

import io

import numpy as np
import pandas
import polars
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaw.curves.reading import read_curve, read_curves
from plaw.errors import PlawError


def read(text, **options):
    return read_curves(io.StringIO(text), **options)


def one(text, **options):
    (curve,) = read(text, **options)
    return curve


# --- files of all kinds -----------------------------------------------------------------------------------------------

SIZES, ERRORS = [1000.0, 2000.0, 4000.0], [0.353, 0.285, 0.229]
SAME = {
    "plain": "n,error\n1000,0.353\n2000,0.285\n4000,0.229\n",
    "capitals, spaces": "Train Size, Test Error\n1000, 0.353\n2000, 0.285\n4000, 0.229\n",
    "Excel in German": "\ufeffsep=;\r\nGröße;Notiz;n;Error\r\n1;;1.000;0,353\r\n2;x;2.000;0,285\r\n3;;4.000;0,229\r\n",
    "Excel in English": '"n","error"\r\n"1,000","35.3%"\r\n"2,000","28.5%"\r\n"4,000","22.9%"\r\n',
    "French": "taille\tn\terreur\terror\n1\t1\u202f000\t.\t0,353\n2\t2\u202f000\t\t0,285\n3\t4\u202f000\t.\t0,229\n",
    "tabs and suffixes": "examples\tloss\n1k\t0.353\n2k\t0.285\n4k\t0.229\n",
    "percent with comma": "n;error\n1k;35,3 %\n2k;28,5 %\n4k;22,9 %\n",
    "by hand": "# my curve\n\nn   error\n1000   .353   \n\n2000   .285\n4000   2.29e-1\n",
    "numpy.savetxt": "# n error\n1.000e+03 3.530e-01\n2.000e+03 2.850e-01\n4.000e+03 2.290e-01\n",
    "pandas": ",tokens,eval_loss,epoch\n0,1000,0.353,1\n1,2000,0.285,1\n2,4000,0.229,1\n",
    "unsorted": "n,error\n4000,0.229\n1000,0.353\n2000,0.285\n",
    "one line without end": "n,error\n1000,0.353\n2000,0.285\n4000,0.229",
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_the_same_curve(text):
    curve = one(text)
    assert curve.x.tolist() == SIZES and curve.y == pytest.approx(ERRORS) and curve.yerr is None and curve.notes == ()


def test_what_is_missing_is_left_out_and_said():
    text = "n,error\n1000,0.353\n\n1500,\n1700,NaN\n,0.3\n2000,0.285\n4000,0.229\n5000\nn/a,n/a\n"
    curve = one(text)
    assert curve.x.tolist() == SIZES and curve.y == pytest.approx(ERRORS)
    assert curve.notes == ("5 rows (lines 4, 5, 6, 9, 10) without n or error: left out",)


def test_no_examples_are_no_size():
    curve = one("n,error\n0,0.9\n10,0.3\n")
    assert curve.x.tolist() == [10] and curve.notes == (
        "1 row (line 2) with n = 0, where no power law has a value: left out",
    )


def test_rows_of_one_size_are_runs():
    curve = one("n,error\n10,0.2\n100, 0.1\n10,0.22\n100,0.11\n")
    assert curve.x.tolist() == [10, 100] and [part.tolist() for part in curve.y] == [[0.2, 0.22], [0.1, 0.11]]
    assert curve.yerr is None


def test_runs_may_stand_side_by_side():
    curve = one("n,run 1,run 2\n10,0.2,0.22\n100,0.1,\n", y="run 1,run 2")
    assert [part.tolist() for part in curve.y] == [[0.2, 0.22], [0.1]] and curve.notes == ()


def test_scores():
    curve = one("n,accuracy\n10,64.0\n100,75.5\n")
    assert curve.metric.ceiling == 100 and curve.y.tolist() == [64, 75.5] and curve.errors.tolist() == [36, 24.5]
    runs = one("n,auc\n10,0.5\n10,0.75\n")
    assert [part.tolist() for part in runs.errors] == [[0.5, 0.25]]
    with pytest.raises(PlawError, match="At n = 100, accuracy is at its ceiling 1 and leaves no error"):
        _ = one("n,accuracy\n10,0.5\n100,1\n").errors


# --- the noise --------------------------------------------------------------------------------------------------------


def test_the_standard_error_is_taken_as_it_is():
    curve = one("n,se,error\n10,0.01,0.2\n100,0.02,0.1\n")
    assert curve.yerr.tolist() == [0.01, 0.02] and curve.notes == ()


def test_the_standard_deviation_over_runs_is_divided_by_the_root_of_their_number():
    curve = one("n,error,std,runs\n10,0.2,0.04,4\n100,0.1,0.03,9\n")
    assert curve.yerr == pytest.approx([0.02, 0.01]) and curve.notes == ()


def test_a_standard_deviation_over_how_many_runs_is_asked():
    curve = one("n,Std,error,comment\n10,0.01,0.2,a\n100,0.02,0.1,b\n")
    assert curve.yerr.tolist() == [0.01, 0.02] and "neither a column runs nor --runs says how many" in curve.notes[0]
    told = one("n,Std,error\n10,0.01,0.2\n100,0.02,0.1\n", runs=4)
    assert told.yerr.tolist() == [0.005, 0.01] and told.notes == ()


def test_aggregates_as_pandas_makes_them():
    runs = pandas.DataFrame(dict(n=[10, 10, 20, 20, 40], accuracy=[0.5, 0.54, 0.6, 0.64, 0.7]))
    table = runs.groupby("n").accuracy.agg(["mean", "std", "count"]).reset_index()
    (curve,) = read_curves(table, y="mean", metric="accuracy")
    spread = 0.02 * np.sqrt(2)  # of two runs 0.04 apart
    assert curve.yerr[:2] == pytest.approx([spread / np.sqrt(2)] * 2)
    assert curve.yerr[2] == pytest.approx(0.7 * spread * np.median([1 / 0.52, 1 / 0.62]))
    assert curve.notes == ("the spread over runs of 1 of 3 rows is missing or zero: that of the others is used",)


@pytest.mark.parametrize("columns", ["se", "std", "std,runs"])
def test_noise_that_is_missing_is_not_known(columns):
    curve = one(f"n,error,{columns}\n10,0.2,0,1\n100,0.1,,1\n".replace(",1\n", ",1\n" if "runs" in columns else "\n"))
    assert curve.yerr is None and len(curve.notes) == 1 and "the noise is not known" in curve.notes[0]


@pytest.mark.parametrize(
    "text, message",
    [
        ("n,error,std,runs\n10,0.2,0.04,0\n100,0.1,0.03,9\n", "number of runs must be at least 1 in every row"),
        ("n,error,std,runs\n10,0.2,0.04,\n100,0.1,0.03,9\n", "number of runs must be at least 1 in every row"),
        ("n,error,se\n10,0.2,-0.04\n100,0.1,0.03\n", "a standard error cannot be negative, but one is -0.04"),
        ("n,error,se\n10,0.2,a\n100,0.1,0.1\n", "line 2: se must be a number, but the cell is 'a'"),
    ],
)
def test_noise_that_is_none_is_refused(text, message):
    with pytest.raises(PlawError, match=message):
        read(text)


# --- several curves ---------------------------------------------------------------------------------------------------

TWO = "method,seed,n,error\na,1,10,0.2\nb,1,10,0.3\na,2,10,0.22\nb,2,10,0.34\na,1,20,0.1\nb,1,20,0.2\n"


def test_groups_are_curves():
    first, second = read(TWO, group="METHOD", pair="seed")
    assert (first.name, second.name) == ("a", "b") and first.x.tolist() == second.x.tolist() == [10, 20]
    assert [part.tolist() for part in second.y] == [[0.3, 0.34], [0.2]]
    assert first.shared == second.shared == (("1", "2"), ("1",))


def test_means_of_runs_share_nothing():
    with pytest.raises(PlawError, match="seed is asked for as what runs share, but the rows are means of runs"):
        read("n,error,se,seed\n10,0.2,0.01,1\n100,0.1,0.01,1\n", pair="seed")


def test_several_columns_tell_groups_apart():
    table = "data,learner,n,error\nx,svm,10,0.3\nx,tree,10,0.2\ny,svm,10,0.1\n"
    assert [curve.name for curve in read(table, group="data,learner")] == ["x / svm", "x / tree", "y / svm"]


def test_curves_that_are_pooled_are_said():
    (note,) = one(TWO.replace("b,2,10,0.34", "b,2,10,0.22")).notes
    assert "the column method seems to tell 2 curves apart" in note and "--group method" in note
    (note,) = one("depth,n,error\n1,10,0.2\n2,10,0.3\n1,20,0.1\n2,20,0.2\n").notes
    assert "--group depth" in note
    assert one("n,error,comment\n10,0.2,small\n10,0.21,small\n20,0.1,large\n20,0.11,large\n").notes == ()
    assert one("n,error,Fold\n10,0.2,1\n10,0.21,2\n20,0.1,1\n20,0.11,2\n").notes == ()
    assert one("n,error,time\n10,0.2,3.1\n20,0.11,4.5\n40,0.06,7.2\n").notes == ()


def test_rows_that_are_there_twice_are_said():
    (note,) = one("n,error,seed\n10,0.2,1\n10,0.2,2\n20,0.1,1\n20,0.1,1\n").notes
    assert note.startswith("1 row (line 5) equal to an earlier row in every cell: counted as further runs")
    (note,) = one("n,error\n10,0.2\n20,0.1\n10,0.2\n20,0.1\n").notes
    assert note.startswith("2 rows (lines 4, 5) equal to an earlier row")
    assert one("n,error\n10,0.2\n10,0.2\n10,0.19\n20,0.1\n").notes == ()  # two runs may have the same error


# --- frames -----------------------------------------------------------------------------------------------------------


def test_a_frame_of_pandas_and_its_file_are_the_same_curve():
    frame = pandas.DataFrame(dict(n=[1000, 2000, 4000, 8000], error=[*ERRORS, None], who=list("abcd")))
    (of_frame,), of_file = read_curves(frame), one(frame.to_csv())
    assert of_frame.x.tolist() == of_file.x.tolist() == SIZES and of_frame.y.tolist() == of_file.y.tolist() == ERRORS
    assert of_frame.notes == ("1 row (line 4) without n or error: left out",)


def test_a_frame_of_polars():
    (curve,) = read_curves(polars.DataFrame(dict(n=[10, 20, 40], error=[0.2, None, 0.1])))
    assert curve.x.tolist() == [10, 40] and curve.y.tolist() == [0.2, 0.1]


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, message",
    [
        ("n,error\n10,0.2\n100,abc\n", "The table, line 3: error must be a number, but the cell is 'abc'."),
        ("n,error\n10,0.2\nten,0.1\n", "The table, line 3: n must be a number, but the cell is 'ten'."),
        ("n,error\n-10,0.2\n", "The table, line 2: n must be a positive number, but it is -10."),
        ("n,error\ninf,0.2\n", "The table, line 2: n must be a positive number, but it is inf."),
        ("n,error\n10,inf\n", "The table, line 2: error must be a number that is not infinite, but it is inf."),
        ("n,error\n,0.2\n10,\n", "The table: no row has both n and error."),
        (
            "n,error\n10,0.2\n100,1%\n",
            "The table: error is a percentage, '1%' in line 3, and has no percent sign, '0.2' in line 2",
        ),
        ("n,error\n10,3,2\n", "The table, line 2: the line has 3 cells and the first line names 2 columns, n, error:"),
        ("n;error\n10;0,2\n20;0.1\n", "The table: Some numbers have a decimal point ('0.1' in line 3) and others"),
        ("a,b\n10,0.2\n", "The table: no column of sizes is found among a, b: call it n, or name it by --x."),
    ],
)
def test_a_refusal_names_what_it_saw(text, message):
    with pytest.raises(PlawError) as refused:
        read(text)
    assert str(refused.value).startswith(message)


def test_the_notes_of_a_single_curve_are_warnings():
    with pytest.warns(UserWarning, match="without n or error"):
        x, y, yerr = read_curve(io.StringIO("n,error\n10,0.2\n20,\n40,0.1\n"))
    assert x.tolist() == [10, 40] and y == [0.2, 0.1] and yerr is None


# --- any curve in any dialect -----------------------------------------------------------------------------------------

curves = st.lists(
    st.tuples(st.integers(1, 10**7), st.floats(1e-4, 0.9999).map(lambda error: round(error, 6))),
    min_size=1, max_size=12, unique_by=lambda point: point[0],
)  # fmt: skip


def grouped(n, mark):
    return f"{n:,}".replace(",", mark)


@given(
    points=curves, separator=st.sampled_from([",", ";", "\t", "|"]), comma=st.booleans(), percent=st.booleans(),
    thousands=st.booleans(), end=st.sampled_from(["\n", "\r\n", "\r"]), bom=st.booleans(), blank=st.booleans(),
)  # fmt: skip
def test_a_curve_survives_every_dialect(points, separator, comma, percent, thousands, end, bom, blank):
    rows = ["N" + separator + "Error"]
    for n, error in points:
        value = f"{100 * error:.4f}%" if percent else f"{error:.6f}"  # six digits: no mistaking for thousands
        size = grouped(n, "." if comma else ",") if thousands else str(n)
        cells = [size, value.replace(".", ",") if comma else value]
        rows += [separator.join(f'"{cell}"' for cell in cells), *([""] if blank else [])]
    (curve,) = read_curves(io.BytesIO(("\ufeff" * bom + end.join(rows)).encode()))
    expected = sorted(points)
    assert curve.x.tolist() == [n for n, _ in expected]
    assert curve.y == pytest.approx([error for _, error in expected], abs=1e-9)


@given(
    st.lists(
        st.lists(st.sampled_from(["n", "error", "1", "0,2", "0.1", "1.000", "x", "", "%", "4k"]), max_size=4),
        max_size=5,
    )
)
def test_any_table_is_curves_or_one_sentence(rows):
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    try:
        for curve in read(text):
            assert len(curve.x) == len(curve.y) and (curve.x > 0).all()
    except PlawError as error:
        assert "\n" not in str(error)
