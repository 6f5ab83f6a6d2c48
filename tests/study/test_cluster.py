"""A cluster of Dask records what one machine does, also where a worker is killed and another joins late."""

import os
import pickle
import signal
import sys
import threading
import time
from dataclasses import replace

import numba
import pytest

from helpers.sharing import records
from helpers.tiny import EXPERIMENTS_OF_TESTS, POINTS, tiny_digits
from plaw.errors import PlawError
from plaw.study import cluster, recording, sampling
from plaw.study.cluster import connect
from plaw.study.experiments import EXPERIMENTS

distributed = pytest.importorskip("distributed")


@pytest.fixture(autouse=True)
def known(monkeypatch):
    for name, experiment in EXPERIMENTS_OF_TESTS.items():
        monkeypatch.setitem(EXPERIMENTS, name, experiment)


class TinyDigits(distributed.WorkerPlugin):
    """Gives every worker, late ones too, the tests' digits in the place of its own."""

    name = "tiny digits"

    def setup(self, worker):
        from helpers.tiny import tiny_digits
        from plaw.study import sampling

        digits = tiny_digits()
        sampling.load_digits = lambda *_: digits


@pytest.mark.slow
def test_a_worker_is_killed_and_one_joins_late(tmp_path, alone):
    settings = {"threads_per_worker": 1, "dashboard_address": None, "processes": True}
    with distributed.LocalCluster(n_workers=2, **settings) as started, distributed.Client(started) as client:
        client.register_plugin(TinyDigits())
        pids = client.run(os.getpid)

        def disturb():
            while len(records(tmp_path)) < 3:
                time.sleep(0.01)
            os.kill(next(iter(pids.values())), signal.SIGKILL)
            started.scale(3)

        disturbing = threading.Thread(target=disturb)
        disturbing.start()
        with connect(started.scheduler_address) as workers:
            recording.record(POINTS, 0, tiny_digits(), tmp_path, jobs=1, cluster=workers)  # one connection serves twice
            recording.record(POINTS, None, tiny_digits(), tmp_path, jobs=1, cluster=workers)
        disturbing.join()
    assert records(tmp_path) == alone


@pytest.mark.slow
def test_local_processes_each_on_one_core():
    with connect("local:1") as workers:
        assert list(workers.pool.map(pow, (2, 3), (5, 2))) == [32, 9]
        assert workers.pool.submit(os.getpid).result() != os.getpid()
        assert workers.pool.submit(numba.get_num_threads).result() == 1
        assert workers.in_flight >= 2


def test_digits_travel_by_name(monkeypatch):
    digits = tiny_digits()
    pickled = pickle.dumps(digits)
    assert len(pickled) < 1000
    monkeypatch.setattr(sampling, "load_digits", lambda *_: digits)
    assert pickle.loads(pickled) is digits
    monkeypatch.setattr(sampling, "load_digits", lambda *_: replace(digits, name="mnist-digits"))
    with pytest.raises(PlawError, match=r"mnist is not on .*plaw fetch mnist"):
        pickle.loads(pickled)


@pytest.mark.parametrize("address", ["", "local", "local:", "local:0", "local:two", "host"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(PlawError, match="A cluster is tcp://HOST:PORT, or local:N"), connect(address):
        pass


def test_a_scheduler_that_does_not_answer_is_one_sentence(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    with (
        pytest.raises(PlawError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9"),
        connect("tcp://127.0.0.1:9"),
    ):
        pass


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(PlawError, match=r"pip install 'plaw\[cluster\]'"), connect("local:2"):
        pass
