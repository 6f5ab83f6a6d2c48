"""The likelihood of the published lines: of readings that are made up, so that the answer is known."""

import numpy as np
import pytest
from scipy import stats

from plaw.report import likelihood, published
from plaw.study import store
from plaw.study.experiments import get, variant_id

SIZES = (30, 60, 120, 240)


def record(folder, reading, factor=1.0, tilt=0.0, spread=0.05, seed=1, samples=50):
    """Networks whose errors lie on the published lines, times a factor, their exponents changed by tilt."""
    rng = np.random.default_rng(seed)
    for depth in (1, 2, 3):
        name = variant_id(f"fig3-{depth}", reading)
        for n in SIZES:
            error = published.line_at(f"fig3-{depth}", n) * factor * (n / 85) ** -tilt
            drawn = error * np.exp(spread * rng.standard_normal(samples))
            lines = [
                {"kind": "network", "n": n, "sample": k, "error": float(e), "errors": {"1": float(e)}}
                for k, e in enumerate(drawn)
            ]
            for line in lines:
                store.append(folder, name, line)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr("os.fsync", lambda stream: None)


def test_the_true_reading_is_the_most_likely_and_its_factor_is_found(tmp_path, quick):
    record(tmp_path, "")
    record(tmp_path, "scale-2", factor=0.75)
    record(tmp_path, "gain", tilt=-0.06)
    exact, scaled, tilted = (likelihood.match(reading, tmp_path) for reading in ("", "scale-2", "gain"))
    assert exact.log_likelihood > max(scaled.log_likelihood, tilted.log_likelihood) + 5
    assert exact.factor.low < 1 < exact.factor.high and exact.scatter < 0.02
    assert scaled.factor.low < 4 / 3 < scaled.factor.high and scaled.factor.low > 1.2
    assert scaled.scaled == pytest.approx(exact.scaled, abs=3) and scaled.scaled > tilted.scaled
    for depth, rho in exact.rho.items():
        assert rho.low < published.line(f"fig3-{depth}")[0] < rho.high
    assert likelihood.match("softmax", tmp_path) is None


def test_more_luck_of_the_papers_search_makes_all_readings_more_alike(tmp_path, quick):
    record(tmp_path, "")
    record(tmp_path, "scale-2", factor=0.85)
    gaps = [
        likelihood.match("", tmp_path, luck).log_likelihood - likelihood.match("scale-2", tmp_path, luck).log_likelihood
        for luck in (0.01, 0.03, 0.1)
    ]
    assert gaps[0] > gaps[1] > gaps[2] > 0


def test_it_is_the_density_that_simulated_papers_have():
    """Papers drawn from the error model, their lines fitted: six numbers with the covariance that is computed."""
    rng = np.random.default_rng(5)
    curves = [{n: 0.3 * (n / 30) ** -0.3 * np.exp(0.1 * rng.standard_normal(40)) for n in SIZES} for _ in range(3)]
    _, covariance, ones = likelihood._residuals(curves, [0.0] * 3, luck=0.04)
    lines = []
    for _ in range(4000):
        numbers = []
        for curve in curves:
            spread = np.array([e.std(ddof=1) / e.mean() for e in curve.values()])
            noise = rng.standard_normal((3, 4)) * [spread / 10, spread / 40**0.5, np.full(4, 0.04)]
            slope, intercept, *_ = stats.linregress(np.log(SIZES), noise.sum(axis=0))
            numbers += [-slope, intercept + np.log(6000) * slope]
        lines.append(numbers)
    drawn = np.cov(np.array(lines).T)
    for k in range(3):
        some = slice(2 * k, 2 * k + 2)
        rounding = np.diag(likelihood._printed(k + 1)[1])
        np.testing.assert_allclose(drawn[some, some], covariance[some, some] - rounding, rtol=0.1)
    np.testing.assert_allclose(ones, [0, 1] * 3, atol=1e-12)


def test_every_reading_has_its_experiments():
    from plaw.study.readings import READINGS

    for reading in READINGS:
        for depth in likelihood.DEPTHS:
            experiment = get(variant_id(f"fig3-{depth}", reading))
            assert experiment.architecture.reading == READINGS[reading] and experiment.sizes == SIZES
