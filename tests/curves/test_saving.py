"""Answers as JSON, and pickles."""

import json
import pickle

import joblib
import numpy as np
import pytest

import plaw
from helpers.curves import with_offset
from plaw.curves import Curve, Estimate, Fit, Interval, Law
from plaw.errors import PlawError

X, Y = with_offset()
FITS = {
    "power": lambda: plaw.fit_law("power", X, Y),
    "m4": lambda: plaw.fit_law("m4", X, Y, yerr=0.01 * Y),
    "two breaks": lambda: plaw.fit_law("broken2", *with_offset(count=14)),
    "runs": lambda: plaw.fit_law("power", [10, 100, 1000], [[0.4, 0.42], [0.2, 0.22], [0.1, 0.12]], loss="huber"),
    "pinned": lambda: plaw.fit_law("power_offset", X, Y, fixed={"e_inf": 0.02}, bounds={"rho": (0.1, 1)}),
    "no interval": lambda: plaw.fit_law("power", [10, 100], [0.2, 0.1]),
}


@pytest.mark.parametrize("name", FITS)
@pytest.mark.parametrize("way", ["json", "file", "pickle"])
def test_a_fit_comes_back_as_it_was(name, way, tmp_path):
    fit = FITS[name]()
    if way == "json":
        copy = Fit.from_json(fit.to_json())
    elif way == "file":
        fit.save(tmp_path / "fit.json")
        copy = Fit.load(tmp_path / "fit.json")
    else:
        copy = pickle.loads(pickle.dumps(fit))
    assert copy.law == fit.law and copy.params == fit.params and copy.status == fit.status
    np.testing.assert_array_equal(copy.band([20, 6000]), fit.band([20, 6000]))
    np.testing.assert_array_equal(copy.curve.x, fit.curve.x)
    assert copy.to_json() == fit.to_json()
    assert str(copy) == str(fit)


def test_an_estimate_comes_back_as_it_was(tmp_path):
    answer = plaw.estimate(X, 1 - Y, 0.99, metric="accuracy", at=[1e4], cost=0.1, budget=1000)
    answer.save(tmp_path / "answer.json")
    copy = Estimate.load(tmp_path / "answer.json")
    assert str(copy) == str(answer) and copy.to_dict() == answer.to_dict() and copy.metric == answer.metric
    json.loads((tmp_path / "answer.json").read_text(), parse_constant=pytest.fail)  # no Infinity, no NaN


def test_hashes_of_fits_are_stable():
    first, second = (plaw.fit_law("power", *with_offset()) for _ in range(2))
    assert joblib.hash(first) == joblib.hash(second)


def test_arrays_are_read_only():
    fit = FITS["power"]()
    for array in (fit.theta, fit.bounds, fit.curve.x, fit.curve.y, Fit.from_json(fit.to_json()).curve.x):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    x = np.array([10.0, 100])
    plaw.fit_law("power", x, [0.2, 0.1])
    x[0] = 20  # the user's own arrays stay as they are


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "This is no saved Fit"),
        ("[]", "This is no saved Fit, but list"),
        ("{}", "This is no saved Fit"),
        ('{"kind": "Fit"}', "This is no saved Fit: 'law'"),
        ('{"kind": "Cat"}', "'Cat'"),
        (Interval(1.0, 0.0, 2.0).to_json(), "but Interval"),
        ("[" * 100_000, "This is no saved Fit"),
        ('{"law": "cubic", "fixed": {}, "limits": {}}', "no law 'cubic'"),
    ],
)
def test_what_is_no_saved_fit_is_refused(text, message):
    with pytest.raises(PlawError, match=message):
        Fit.from_json(text)


@pytest.mark.parametrize(
    "part, replaced",
    [
        ('"chi2": ', '"chi2": "small", "c": '),
        ('"loss": "log-lsq"', '"loss": 3'),
        ('{"law": "power"', '{"no": "power"'),
        ('"shape": [9]', '"shape": [8]'),
        ('"seed": 0', '"seed": null'),
        ('"kind": "Curve"', '"kind": "Status"'),
        ('"chi2": ', f'"chi2": {10**400}, "c": '),
        ('"array": [', f'"array": [{10**400}, '),
    ],
)
def test_a_fit_with_a_wrong_part_is_refused(part, replaced):
    text = FITS["power"]().to_json()
    assert part in text
    with pytest.raises(PlawError, match="This is no saved Fit: "):
        Fit.from_json(text.replace(part, replaced))


def test_an_estimate_with_a_number_in_the_place_of_an_interval_is_refused():
    text = plaw.estimate(X, Y, 0.05, law="power", at=[1e4]).to_json()
    place = '"expected": {"dict": [[10000.0, {'
    assert place in text
    with pytest.raises(PlawError, match="expected of Estimate cannot be"):
        Estimate.from_json(text.replace(place, '"expected": {"dict": [[10000.0, 7], [20000.0, {'))


def test_files_that_cannot_be_used_are_named(tmp_path):
    with pytest.raises(PlawError, match=r"none\.json cannot be read"):
        Fit.load(tmp_path / "none.json")
    with pytest.raises(PlawError, match="cannot be written"):
        FITS["power"]().save(tmp_path / "none" / "fit.json")


def test_a_law_of_ones_own_cannot_be_saved_as_json():
    power = plaw.LAWS["power"]
    own = Law(
        "own", "c0 n^-rho", "me", power.parameters, power.logarithmic, power.log_value, power.bounds, power.starts
    )
    fit = plaw.fit_law(own, *with_offset())
    with pytest.raises(PlawError, match="Only laws that plaw knows"):
        fit.to_json()
    assert pickle.loads(pickle.dumps(fit)).params == fit.params


def test_curves_are_saved_too():
    curve = plaw.fit_law("power", *with_offset()).curve
    np.testing.assert_array_equal(Curve.from_json(curve.to_json()).y, curve.y)
