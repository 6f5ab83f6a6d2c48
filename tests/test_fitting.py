"""Fits of curves with noise: parameters, intervals, status."""

import numpy as np
import pytest

import plaw
from plaw.errors import PlawError
from plaw.fitting import fit_law

SIZES = np.array([30.0, 60, 120, 240])


def noisy_samples(c0=0.7, rho=0.3, count=100, seed=0):
    rng = np.random.default_rng(seed)
    return [c0 * n**-rho * np.exp(0.1 * rng.standard_normal(count)) for n in SIZES]


def test_a_power_fit_is_the_weighted_regression_of_log_error_on_log_size():
    samples = noisy_samples()
    mean = np.array([s.mean() for s in samples])
    error = np.array([s.std(ddof=1) / np.sqrt(len(s)) for s in samples])
    (slope, intercept), covariance = np.polyfit(np.log(SIZES), np.log(mean), 1, w=mean / error, cov="unscaled")
    fit = plaw.fit_law("power", SIZES, samples)
    assert fit.params == pytest.approx({"c0": np.exp(intercept), "rho": -slope})
    np.testing.assert_allclose(np.diag(fit.unit_covariance)[::-1], np.diag(covariance), rtol=1e-6)


def test_samples_and_their_means_with_errors_agree():
    samples = noisy_samples()
    means, errors = [s.mean() for s in samples], [s.std(ddof=1) / 10 for s in samples]
    one, other = fit_law("power", SIZES, samples), fit_law("power", SIZES, means, errors)
    assert one.params == pytest.approx(other.params)
    assert one.interval()["rho"] == pytest.approx(other.interval()["rho"])


def test_the_order_of_the_points_does_not_matter():
    samples = noisy_samples()
    assert fit_law("power", SIZES[::-1], samples[::-1]).params == fit_law("power", SIZES, samples).params
