"""What a search's surrogate says around its optimum: of a search whose errors are a known function."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.tiny import TINY, tiny_digits
from plaw.report import optimality
from plaw.study.experiments import EXPERIMENTS
from plaw.study.search import Search

RATE, MU = 2, 0  # columns of the search space


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A search of a bowl: the rate matters, the momentum a little, and the optimum moves with n."""
    folder = tmp_path_factory.mktemp("searched")
    experiment = replace(TINY, search=replace(TINY.search, trials=64, samples=2, groups=2))

    def bowl(self, n, proposals, group=None, final=False):
        places = np.array([self.places(proposal) for proposal in proposals])
        logs = np.log(0.2) + 2 * (places[:, RATE] - {2: 0.4, 4: 0.6}[n]) ** 2 + 0.1 * (places[:, MU] - 0.5) ** 2
        noise = np.random.default_rng([n, group or 7, len(proposals)]).normal(0, 0.003, (len(proposals), 2))
        return (np.exp(logs)[:, None] * np.exp(noise)).tolist()

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(EXPERIMENTS, "tiny", experiment)
        patch.setattr(Search, "_errors", bowl)
        Search(experiment, folder, tiny_digits()).run()
        yield folder


def test_slices_show_what_matters(searched):
    for n, place in ((2, 0.4), (4, 0.6)):
        shown = optimality.slices("tiny", n, searched)
        assert list(shown) == ["mu", "alpha", "rate", "amp_1"]
        rate = shown["rate"]
        assert np.argmin(rate.error) / (optimality.STEPS - 1) == pytest.approx(place, abs=0.05)
        assert rate.error.min() == pytest.approx(0.2, rel=0.02) and rate.error.max() > 1.2 * rate.error.min()
        assert shown["alpha"].error.max() < 1.05 * shown["alpha"].error.min()
        for of_name in shown.values():
            assert (of_name.low < of_name.error).all() and (of_name.error < of_name.high).all()
            assert of_name.values[0] <= of_name.optimum <= of_name.values[-1]


def test_predictions_are_what_is_measured_and_doubling_gains_little(searched):
    for predicted, measured in optimality.predictions("tiny", searched).values():
        assert predicted == pytest.approx(measured, rel=0.02)
    gains = optimality.gain_of_doubling("tiny", searched)
    assert list(gains) == [2, 4] and all(-0.01 < gain < 0.05 for gain in gains.values())
