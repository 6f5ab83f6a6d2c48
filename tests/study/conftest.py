"""What one process records of the tiny experiments, with which others are compared."""

import pytest

from helpers.sharing import records
from helpers.tiny import EXPERIMENTS_OF_TESTS, POINTS, tiny_digits
from plaw.study import recording
from plaw.study.experiments import EXPERIMENTS


@pytest.fixture(scope="session")
def alone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    with pytest.MonkeyPatch.context() as patch:
        for name, experiment in EXPERIMENTS_OF_TESTS.items():
            patch.setitem(EXPERIMENTS, name, experiment)
        recording.record(POINTS, None, tiny_digits(), folder, jobs=1)
    return records(folder)
