"""What the paper costs: hours from recorded seconds, steps and speeds."""

import pytest

from plaw.engine.bench.entrants import CASES
from plaw.report import costs
from plaw.study import store
from plaw.study.experiments import EXPERIMENTS, get


def test_networks_are_measured_and_searches_computed(tmp_path):
    """At 30 per label: 160 trials of 6 samples; 6 candidates on 24 samples and 3 of them on 48 more; one epoch each."""
    for sample, seconds in enumerate((1.0, 3.0)):
        record = {"kind": "network", "n": 30, "sample": sample, "error": 0.2, "seconds": seconds}
        store.append(tmp_path, "fig3-1", record)
    (cost,) = costs.costs(tmp_path)
    assert cost.networks == pytest.approx(400 * 2 / 3600)
    assert cost.search == pytest.approx((160 * 6 + 6 * 24 + 3 * 48) * 2 / 3600)


def test_a_committee_costs_what_its_networks_cost(tmp_path):
    """fig4-committee searches by ten replicas, each a fiftieth of the committee that is recorded."""
    store.append(tmp_path, "fig4-committee", {"kind": "network", "n": 60, "sample": 0, "error": 0.2, "seconds": 50.0})
    (cost,) = costs.costs(tmp_path)
    assert cost.search == pytest.approx((160 * 2 + 7 * 8 + 3 * 16) * 10 / 3600)


def test_who_is_tuned_by_another_searches_nothing(tmp_path):
    store.append(tmp_path, "fig1-committee", {"kind": "network", "n": 9, "sample": 0, "error": 0.2, "seconds": 36.0})
    assert costs.costs(tmp_path) == [costs.Cost("fig1-committee", pytest.approx(0.1), 0, "crosses")]


def test_variants_count_where_they_are_recorded_in_full(tmp_path):
    def record(name, sample):
        store.append(tmp_path, name, {"kind": "network", "n": 60, "sample": sample, "error": 0.2, "seconds": 36.0})

    for sample in range(20):
        record("fig2-momentum-committee/one-order", sample)
    for sample in range(9):
        record("fig2-momentum-committee/up-to-200", sample)
    hours = costs.of_variants(tmp_path)
    assert hours.pop("small questions") == pytest.approx(20 * 36 / 3600) and not any(hours.values())


def test_a_gpu_is_faster_by_the_ratio_of_the_speeds():
    def bench(backend, cores, *speeds):
        rows = [{"case": "crosses", "backend": backend, "steps_per_second": speed} for speed in speeds]
        return {"cores": cores, "speeds": rows}

    cost = costs.Cost("fig1-momentum", 3.0, 1.0, "crosses")
    assert costs.gpu_hours(cost, bench("numba", 2, 100, 200), bench("cupy", 16, 400, 50)) == 4.0 * 100 / 400


def test_energy_is_that_of_the_named_processors_as_published():
    assert (64 * costs.CORE_WATTS, costs.GPU_WATTS) == (280, 700)


def test_growth_is_from_the_first_number_to_the_last_of_one_engine():
    rows = [
        {"along": "replicas", "value": value, "engine": engine, "seconds": seconds}
        for value, engine, seconds in ((8, "dual", 1.0), (1, "dual", 4.0), (2, "dual", 3.0), (8, "direct", 7.0))
    ]
    assert costs.growth({"growth": rows}, "replicas", "dual") == (1, 8, 0.25)


def test_every_experiment_has_a_case_of_the_benchmark():
    assert {costs._case(experiment) for experiment in EXPERIMENTS.values()} == {case.name for case in CASES}
    assert costs._case(get("fig2-accelerated")) == "crosses, accelerated"
