"""Searches: one a curve; what they propose depends on what is recorded alone."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from helpers.tiny import COMMITTEE, TINY, tiny_digits
from plaw.engine.training import committee_error, outputs
from plaw.errors import PlawError
from plaw.model.strategies import Accelerated
from plaw.study import search, store
from plaw.study.experiments import EXPERIMENTS, SearchSettings, get
from plaw.study.sampling import Purpose, draw_sample, train_sample
from plaw.study.search import Search
from plaw.study.spaces import near_momentum

RECORDED = sorted(str(file.relative_to(store.folder()).with_suffix("")) for file in store.folder().rglob("fig*.jsonl"))
RECORDED += sorted(f"{file.parent.name}/{file.stem}" for file in store.folder().glob("fig*/*.jsonl"))
JOINT = [
    name for name in RECORDED if any("round" in trial for trial in store.read(store.folder(), name, "trial"))
]  # those of a search over all sizes


@pytest.fixture(scope="module")
def digits():
    return tiny_digits()


@pytest.fixture
def searching(digits, tmp_path, monkeypatch):
    monkeypatch.setenv("PLAW_BACKEND", "numpy")
    return Search(TINY, tmp_path, digits)


def recorded(searching):
    return store.read(searching.folder, searching.experiment.id)


# --- what is recorded ------------------------------------------------------------------------------------------------


def test_every_size_gets_its_trials_and_a_choice(searching):
    left = []
    choices = searching.run(lambda: left.append(searching.trials_left()))
    trials = searching.trials()
    for n in TINY.sizes:
        assert [trial["number"] for trial in trials if trial["n"] == n] == list(range(12))
    assert left == sorted(left, reverse=True) and left[-1] == searching.trials_left() == 0
    assert {trial["group"] for trial in trials} == {0, 1}
    assert list(trials[0]) == ["kind", "n", "round", "number", "group", "parameters", "errors"]
    assert all(len(trial["errors"]) == 2 for trial in trials)
    assert list(choices) == [2, 4] and choices[2] == searching.choice(2)
    before = recorded(searching)
    assert searching.run() == choices and recorded(searching) == before


def test_a_choice_is_the_best_candidate_on_fresh_samples(searching):
    for n, choice in searching.run().items():
        first = [np.mean(candidate["errors"][:3]) for candidate in choice["candidates"]]
        finalists = [choice["candidates"][k] for k in np.argsort(first, kind="stable")[: search.FINALISTS]]
        assert [len(c["errors"]) for c in finalists] == [9] * 3
        assert sum(len(c["errors"]) for c in choice["candidates"]) == 3 * 9 + 3 * 3
        best = min(finalists, key=lambda candidate: np.mean(candidate["errors"]))
        assert choice["parameters"] == best["parameters"] and choice["error"] == np.mean(best["errors"])
        other = 4 if n == 2 else 2
        sources = [candidate["source"] for candidate in choice["candidates"]]
        assert sources == ["surrogate", *["trial"] * search.BEST, f"surrogate at {other}"]
        by_number = [trial["parameters"] for trial in searching.trials() if trial["n"] == n]
        assert all(c["parameters"] in by_number for c in choice["candidates"] if c["source"] == "trial")
        assert choice["trials"] == 12 and choice["strategy"]["rule"] == "Momentum"


@pytest.mark.slow
@pytest.mark.parametrize("lines", [1, 9, 23, 24, 25])
def test_it_goes_on_where_it_was_killed(searching, tmp_path, lines):
    searching.run()
    cut = replace(searching, folder=tmp_path / "cut")
    for record in recorded(searching)[:lines]:
        store.append(cut.folder, TINY.id, record)
    cut.run()
    assert recorded(cut) == recorded(searching)


@pytest.mark.slow
def test_jobs_change_nothing(searching, tmp_path):
    searching.run()
    with ThreadPoolExecutor(3) as pool:
        several = replace(searching, folder=tmp_path / "several", pool=pool)
        several.run()
    assert recorded(several) == recorded(searching)


@pytest.mark.parametrize("name", JOINT)
def test_a_recorded_search_began_as_it_would_today(name):
    """The first trials of each size, and for some searches those of the first round: the records alone decide."""
    experiment = get(name)
    again = Search(experiment, store.folder())
    trials = again.trials()
    for number in (0, 1) if name in ("fig3-1", "fig3-2/scale-2", "fig3-3/no-centring") else (0,):
        before = [trial for trial in trials if trial["round"] < number]
        surrogate = again._fit(before, again._theta(before, number)) if number else None
        for n in experiment.sizes:
            of_round = [t for t in trials if t["n"] == n and t["round"] == number]
            known = [t["parameters"] for t in sorted(of_round, key=lambda t: t["number"])]
            for proposal, parameters in zip(again._propose(before, surrogate, n, number, len(known)), known):
                assert proposal == pytest.approx(parameters, rel=1e-4), n


@pytest.mark.parametrize("name", JOINT)
def test_the_order_of_the_trials_is_that_in_which_one_process_records_them(name):
    trials = store.read(store.folder(), name, "trial")
    assert Search(get(name), store.folder()).trials() == trials


@pytest.mark.slow
def test_the_order_of_the_records_changes_nothing(searching, tmp_path):
    """Processes that share a search write in any order, and any part of a block may be missing."""
    searching.run()
    trials = searching.trials()
    shuffled = replace(searching, folder=tmp_path / "shuffled")
    for record in random.Random(3).sample(trials, len(trials)):
        if record["round"] == 0 or record["number"] % 3:
            store.append(shuffled.folder, TINY.id, record)
    choices = shuffled.run()
    assert shuffled.trials() == trials and choices == {n: searching.choice(n) for n in TINY.sizes}


# --- trials ----------------------------------------------------------------------------------------------------------


def test_trials_together_have_the_errors_that_they_have_alone(searching):
    proposals = [searching._parameters(places) for places in np.random.default_rng(1).random((3, 4))]
    together = searching._errors(4, proposals, 1)
    assert np.shape(together) == (3, 2)
    assert together == [searching._errors(4, [proposal], 1)[0] for proposal in proposals]


def test_a_trial_has_its_groups_samples_and_the_epochs_of_the_search(searching, digits):
    (proposal,) = [searching._parameters(np.full(4, 0.5))]
    images, labels = digits.validation
    drawn = draw_sample(TINY, digits, Purpose.SEARCH, 4, 2)  # the first of group 1
    answer = train_sample(drawn, searching.strategy(proposal), lambda network: outputs(network, images), (2,))[0][2]
    assert searching._errors(4, [proposal], 1)[0][0] == committee_error(answer, labels)


def test_candidates_are_trained_for_all_epochs(searching, digits):
    proposal = searching._parameters(np.full(4, 0.5))
    drawn = draw_sample(TINY, digits, Purpose.CONFIRM, 2, 1)
    images, labels = digits.validation
    answer = train_sample(drawn, searching.strategy(proposal), lambda network: outputs(network, images), (3,))[0][3]
    first = searching._errors(2, [proposal])[0]
    assert first[1] == committee_error(answer, labels)
    again = searching._errors(2, [proposal], final=True)[0]
    drawn = draw_sample(TINY, digits, Purpose.CONFIRM, 2, 3)
    answer = train_sample(drawn, searching.strategy(proposal), lambda network: outputs(network, images), (3,))[0][3]
    assert len(first) == 3 and len(again) == 6 and again[0] == committee_error(answer, labels)


def test_a_committee_is_searched_for_its_own_error(searching, digits):
    experiment = replace(COMMITTEE, tuned_by=None, search=replace(TINY.search, replicas=4, samples=1))
    of_committee = replace(searching, experiment=experiment)
    proposals = [of_committee._parameters(places) for places in np.random.default_rng(2).random((2, 4))]
    images, labels = digits.validation
    drawn = draw_sample(replace(experiment, committee=4), digits, Purpose.SEARCH, 2, 0)
    for proposal, errors in zip(proposals, of_committee._errors(2, proposals, 0), strict=True):
        answer = train_sample(drawn, searching.strategy(proposal), lambda net: outputs(net, images), (2,))[0][2]
        assert answer.shape[0] == 4 and errors == [committee_error(answer, labels)]


def test_a_search_may_be_asked_to_know_the_test_digits(searching, digits):
    knowing = replace(searching, experiment=replace(TINY, search=replace(TINY.search, on_test_digits=True)))
    proposal = searching._parameters(np.full(4, 0.5))
    drawn = draw_sample(TINY, digits, Purpose.SEARCH, 2, 0)
    answers, _ = train_sample(drawn, searching.strategy(proposal), lambda net: outputs(net, digits.test_images), (2,))
    assert knowing._errors(2, [proposal], 0)[0][0] == committee_error(answers[2], digits.test_labels)
    assert searching._errors(2, [proposal], 0)[0][0] != knowing._errors(2, [proposal], 0)[0][0]


def test_independent_searches_share_no_sample(searching, digits):
    other = replace(searching, experiment=replace(TINY, search=replace(TINY.search, number=1)))
    assert not np.allclose(searching._rng(2, 0).random(5), other._rng(2, 0).random(5))
    proposal = searching._parameters(np.full(4, 0.5))
    assert searching._errors(4, [proposal]) != other._errors(4, [proposal])
    assert draw_sample(TINY, digits, Purpose.SEARCH, 2, 0).images.shape == (20, 784)


# --- proposals -------------------------------------------------------------------------------------------------------


def test_sizes_with_fewer_trials_get_them_over_as_many_rounds():
    experiment = replace(TINY, search=SearchSettings(trials=(160, 24)))
    several = Search(experiment, store.folder())
    for n, trials in ((2, 160), (4, 24)):
        numbers = [several._numbers(n, number) for number in range(several._rounds() + 1)]
        assert [k for some in numbers for k in some] == list(range(trials))
        assert len(numbers[0]) == trials // search.FIRST_SHARE
        later = [len(some) for some in numbers[1:]]
        assert max(later) - min(later) <= 1


def test_no_place_is_proposed_twice(searching):
    searching.run()
    for n in TINY.sizes:
        places = [tuple(trial["parameters"].values()) for trial in searching.trials() if trial["n"] == n]
        assert len(set(places)) == len(places)


def test_the_search_finds_a_known_optimum(searching, monkeypatch):
    """Of a bowl in the place of training: its optimum moves with n, and each group has luck of its own."""
    experiment = replace(TINY, search=replace(TINY.search, trials=48, samples=2, groups=3))
    known = replace(searching, experiment=experiment)

    def bowl(self, n, proposals, group=None, final=False):
        centre = {2: 0.35, 4: 0.65}[n]
        places = np.array([self.places(proposal) for proposal in proposals])
        logs = np.log(0.2) + 3 * (places[:, 2] - centre) ** 2 + 0.1 * (places[:, 0] - 0.5) ** 2
        luck = 0.0 if group is None else 0.05 * (group - 1)
        noise = np.random.default_rng([n, group or 9, len(proposals)]).normal(0, 0.01, (len(proposals), 2))
        return (np.exp(logs + luck)[:, None] * np.exp(noise)).tolist()

    monkeypatch.setattr(Search, "_errors", bowl)
    for n, choice in known.run().items():
        assert known.places(choice["parameters"])[2] == pytest.approx({2: 0.35, 4: 0.65}[n], abs=0.1)
        assert choice["candidates"][0]["predicted"] == pytest.approx(0.2, rel=0.05)


def test_trials_of_the_search_before_join(searching, monkeypatch):
    searching.run()
    monkeypatch.setitem(EXPERIMENTS, TINY.id, TINY)
    larger = replace(TINY, id="tiny-large", seed=11, sizes=(5,), samples=2, search=replace(TINY.search, after="tiny"))
    after = replace(searching, experiment=larger)
    after.run()
    assert set(after.surrogate().least) == {2, 4, 5} and {trial["n"] for trial in after.trials()} == {5}


def test_an_accelerated_search_starts_near_the_optimum_by_momentum(searching):
    fast = replace(TINY, id="tiny-fast", seed=12, rule=Accelerated, search=replace(TINY.search, momentum="tiny"))
    started = replace(searching, experiment=fast)
    with pytest.raises(PlawError, match="tiny has no hyper-parameters yet at 2 per label: search there first"):
        started._propose([], None, 2, 0, 2)
    choices = searching.run()
    for n in TINY.sizes:
        first = started._propose([], None, n, 0, 2)[0]
        assert first == pytest.approx(near_momentum(TINY.architecture, choices[n]["parameters"]))


def test_edges_are_named(searching):
    inside = searching._parameters(np.full(4, 0.5))
    assert searching._edges(inside) == [] and searching._edges({**inside, "mu": 0.0}) == ["mu"]
