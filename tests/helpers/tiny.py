"""An experiment small enough to search and record in a second, on real digits."""

from dataclasses import replace

from plaw.model.network import Architecture
from plaw.model.strategies import Momentum
from plaw.study.experiments import Experiment, SearchSettings
from plaw.study.recording import Point
from plaw.study.sampling import load_digits

TINY = Experiment(
    "tiny", 1354274761, "a few units", ("T0",), Architecture((6,)), Momentum, (2, 4), (3, 2),
    epochs=3, record_epochs=(1, 3),
    search=SearchSettings(trials=12, samples=2, groups=2, confirm=3, epochs=2),
)  # fmt: skip
COMMITTEE = replace(
    TINY, id="tiny-committee", seed=1632245942, sizes=(2,), samples=2, committee=3, record_epochs=(), tuned_by="tiny"
)
EXPERIMENTS_OF_TESTS = {experiment.id: experiment for experiment in (TINY, COMMITTEE)}
POINTS = [Point(TINY, 2), Point(TINY, 4), Point(COMMITTEE, 2)]


def tiny_digits():
    """The embedded digits under the name of the whole set, which recording insists on."""
    return replace(load_digits("mnist-digits"), name="mnist")
