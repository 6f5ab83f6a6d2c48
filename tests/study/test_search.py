"""Searches: what they propose depends on what is recorded, one trial at a time on a CPU, in batches on a GPU."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.tiny import TINY, tiny_digits
from plaw.errors import PlawError
from plaw.study import search, store
from plaw.study.experiments import EXPERIMENTS

RECORDS = {
    name: [r for r in store.read(store.folder(), name) if r["kind"] in ("trial", "choice")] for name in EXPERIMENTS
}


@pytest.fixture(scope="module")
def digits():
    return tiny_digits()


@pytest.fixture
def batches(monkeypatch):
    """Batches of five trials, as on a GPU, but the reference trains them."""
    monkeypatch.setenv("PLAW_BACKEND", "numpy")
    monkeypatch.setattr(search, "_at_once", lambda: 5)


def recorded(searching):
    return store.read(searching.folder, searching.experiment.id)


# --- one at a time ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, records in RECORDS.items() if records])
def test_a_recorded_search_proposes_what_it_proposed(name, monkeypatch):
    """The first, the second and the last trial of each size, from the records of those before it: one at a time, or
    in batches as recorded.
    """
    for n in EXPERIMENTS[name].sizes:
        trials = [r for r in RECORDS[name] if r["kind"] == "trial" and r["n"] == n]
        searching = search.Search(EXPERIMENTS[name], n, None, store.folder())
        for number in sorted({0, 1, len(trials) - 1} & set(range(len(trials)))):
            batch = trials[number].get("batch", 1)
            monkeypatch.setattr(search, "_at_once", lambda batch=batch: batch)
            proposal = searching._propose(trials[:number], searching._starts())[0]
            assert proposal == pytest.approx(trials[number]["parameters"], rel=1e-6), (n, number)


# --- batches ---------------------------------------------------------------------------------------------------------


def test_a_search_in_batches_is_complete_and_prunes_as_ever(batches, digits, tmp_path):
    searching = search.Search(TINY, 2, digits, tmp_path)
    calls = []
    choice = searching.run(lambda: calls.append(len(recorded(searching))))
    trials = searching.trials()
    assert [trial["number"] for trial in trials] == list(range(12)) and choice["trials"] == 12
    assert calls == list(range(1, 13))
    for number, trial in enumerate(trials):
        early = [np.mean(earlier["early_errors"]) for earlier in trials[:number]]
        worse = number >= 10 and np.mean(trial["early_errors"]) > np.median(early)
        assert trial["state"] == ("pruned" if worse else "complete")
        assert list(trial) == ["kind", "n", "batch", "parameters", "state", "early_errors", "errors", "number"]
    assert searching.run()["parameters"] == choice["parameters"]


def test_the_trials_of_a_batch_do_not_wait_for_each_other_and_keep_apart(batches, digits, tmp_path):
    searching = search.Search(replace(TINY, search=replace(TINY.search, trials=40)), 2, digits, tmp_path)
    done = [{"parameters": parameters, "errors": [0.5]} for parameters in searching._propose([], [])]
    assert len(done) == 5
    while len(done) < 15:
        done += [{"parameters": p, "errors": [float(np.log(p["rate"]) ** 2)]} for p in searching._propose(done, [])]
    begun = searching._propose(done, [])
    assert len({tuple(p.values()) for p in begun}) == 5
    for some in range(1, 5):  # interrupted after some of the batch, whatever came out, it goes on with the same
        for errors in ([0.0], [9.0]):
            known = [{"parameters": p, "errors": errors} for p in begun[:some]]
            assert searching._propose(done + known, []) == begun[some:]
    assert searching._propose(done + known, []) != searching._propose(done, [])[:1]


def test_the_first_trial_of_the_first_batch_is_the_start_and_the_last_batch_may_be_short(batches, digits, tmp_path):
    searching = search.Search(TINY, 4, digits, tmp_path)
    start = {"mu": 0.8, "alpha": 1e-5, "rate": 0.05, "amp_1": 0.4}
    first = searching._propose([], [start])
    assert first[0] == start and start not in first[1:]
    done = [{"parameters": first[1], "errors": [0.5]}] * 10
    assert len(searching._propose(done, [start])) == 2


@pytest.mark.slow
@pytest.mark.parametrize("lines", [2, 8, 12])
def test_a_search_in_batches_goes_on_where_it_was_killed(batches, digits, tmp_path, lines):
    whole, cut = (search.Search(TINY, 2, digits, tmp_path / name) for name in ("whole", "cut"))
    whole.run()
    for record in recorded(whole)[:lines]:
        store.append(cut.folder, TINY.id, record)
    cut.run()
    assert recorded(cut) == recorded(whole)


def test_a_batch_gives_the_errors_of_its_trials_alone(digits, tmp_path, monkeypatch):
    monkeypatch.setenv("PLAW_BACKEND", "numpy")
    searching = search.Search(TINY, 2, digits, tmp_path)
    prepared = searching._prepare(search.Purpose.SEARCH)
    monkeypatch.setattr(search, "_at_once", lambda: 3)
    proposals = searching._propose([], [])
    together = searching._errors(prepared, proposals, 2)
    monkeypatch.setattr(search, "_at_once", lambda: 1)
    assert np.shape(together) == (3, 2) and together == searching._errors(prepared, proposals, 2)


def test_a_search_whose_start_is_not_yet_searched_says_so(digits, tmp_path):
    with pytest.raises(PlawError, match="tiny has no hyper-parameters yet at 2 per label: search there first"):
        search.Search(TINY, 4, digits, tmp_path).run()
