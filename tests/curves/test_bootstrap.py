"""Bootstrap replicates: each is the best fit to its own curve, or it is left out and that is said."""

import numpy as np
import pytest

import plaw
from plaw.curves import bootstrap
from plaw.curves.fitting import fit_law
from plaw.curves.solver import solve
from plaw.errors import PlawError


def narrow_valley(count=40):
    """M4's five parameters on nine points: half of the replicates take more than a hundred steps."""
    x = np.geomspace(10, 5000, 9)
    y = (0.02 + 0.7 * x**-0.5) * np.exp(0.02 * np.random.default_rng(0).standard_normal(9))
    return fit_law("m4", x, y, bootstrap=count)


@pytest.mark.slow
def test_every_replicate_has_the_least_chi2_of_its_curve():
    fit = narrow_valley()
    theta, (low, high) = fit.all_replicates.theta, fit.bounds
    residuals, _ = bootstrap._resampled(fit, np.random.default_rng(fit.seed))
    chi2 = (residuals(theta, np.arange(len(theta))) ** 2).sum(axis=1)
    _, least, _ = solve(residuals, theta, low, high, steps=2000, slack=1e-8)
    assert fit.all_replicates.converged.all() and len(fit.replicates) == 40
    assert (chi2 <= (1 + bootstrap.SETTLED) * least).all()


@pytest.mark.slow
def test_replicates_that_do_not_converge_are_left_out_and_counted(monkeypatch):
    monkeypatch.setattr(bootstrap, "STAGES", (1000,))
    fit = narrow_valley()
    left_out = int((~fit.all_replicates.converged).sum())
    assert 0 < left_out <= 20
    with pytest.warns(UserWarning, match=f"^{left_out} of 40 bootstrap replicates did not converge and are left out"):
        assert len(fit.replicates) == 40 - left_out
    assert all(low < high for low, high in fit.interval(method="percentile").values())


def test_a_bootstrap_that_mostly_fails_is_refused(monkeypatch):
    monkeypatch.setattr(bootstrap, "STAGES", (2,))
    with pytest.raises(PlawError, match=r"of 40 bootstrap replicates did not converge: choose a simpler law"):
        narrow_valley().interval(method="percentile")


@pytest.mark.slow
def test_a_comparison_of_laws_leaves_them_out_for_all_laws(monkeypatch):
    monkeypatch.setattr(bootstrap, "STAGES", (1000,))
    x, y = narrow_valley().curve.x, narrow_valley().curve.y
    with pytest.warns(UserWarning, match="of 30 bootstrap replicates did not converge"):
        result = plaw.compare_laws(["power", "m4"], x, y, holdout=2, bootstrap=30)
    assert sum(score.wins for score in result.scores) >= 1
