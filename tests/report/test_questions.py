"""The small questions: what is read of the records, and how it is compared."""

import numpy as np
import pytest

from plaw.report import questions
from plaw.study import store


@pytest.fixture
def folder(tmp_path):
    def record(experiment, n, sample, error, **more):
        network = {"kind": "network", "n": n, "sample": sample, "error": error, "errors": {"1": error}}
        store.append(tmp_path, experiment, network | more)

    rng = np.random.default_rng(3)
    for sample in range(12):
        luck = rng.normal(scale=0.02)  # of a sample: the same for all experiments
        for kind, gain in (("held-out", 0.0), ("test", 0.002)):
            own = rng.normal(scale=0.001)
            errors = {"error": 0.2 + luck + own - gain, "held_out_error": 0.21 + luck + own}
            record(f"fig3-1/{kind}-tuned", 30, sample, **errors)
        by_count = {str(k): 0.1 + 0.08 / k + luck / 10 for k in questions.SMALLER_COMMITTEES}
        committee = {"committee_error": by_count["200"], "committee_errors": by_count}
        record("fig4-committee/up-to-200", 60, sample, by_count["1"], **committee)
        for name, factor in (("fig4-committee", 1.0), ("fig4-committee/one-order", 1.5)):
            record(name, 60, sample, 0.3, committee_error=factor * (0.15 + luck))
        record("fig2-momentum/crosses-0", 60, sample, 0.21 + luck)
        record("fig2-momentum", 60, sample, 0.13 + luck)
        record("fig2-momentum", 120, sample, 0.1 + luck)
    return tmp_path


def test_the_gain_of_knowing_the_test_digits_is_a_double_difference(folder):
    [(n, gain)] = questions.optimism(1, folder).items()
    assert n == 30 and gain.value == pytest.approx(0.01, rel=0.05) and gain.high - gain.low < 1e-3
    assert questions.optimism(3, folder) == {}


def test_one_order_is_compared_on_the_same_samples(folder):
    ratio = questions.one_order("fig4-committee", folder)[60]
    assert ratio.value == pytest.approx(1.5) and ratio.high - ratio.low < 1e-6
    assert questions.one_order("fig2-momentum-committee", folder) == {}


def test_the_gain_of_a_committee(folder):
    curve = questions.committees("fig4-committee", folder)[60]
    assert list(curve) == list(questions.SMALLER_COMMITTEES)
    assert len(curve[200]) == 12 and curve[1].mean() > curve[2].mean() > curve[200].mean()
    law = questions.gain_law(curve)
    assert law.params["rho"] == pytest.approx(1.0, abs=0.1) and law.params["e_inf"] == pytest.approx(0.1, abs=0.005)


def test_crosses_are_compared_at_the_sizes_that_all_have(folder):
    curves = questions.by_crosses(folder)
    assert list(curves) == [0, 10_000] and all(list(curve) == [60] for curve in curves.values())
