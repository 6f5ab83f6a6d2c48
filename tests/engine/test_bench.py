"""The benchmark: everybody in it trains the same, its rows are complete, its arithmetic is right. Nothing here depends
on the clock.
"""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from plaw import cli
from plaw.engine.bench import baselines, bench, entrants
from plaw.engine.bench.entrants import Case, Entrant, draw_order
from plaw.engine.training import outputs, train
from plaw.model.network import Architecture, draw_network, draw_wiring
from plaw.model.strategies import Accelerated, Momentum
from plaw.study import store

FIELDS = ["case", "engine", "backend", "steps_per_second", "ratio_to_jax", "ratio_to_torch", "fraction_of_floor"]
SMALL = Case("small", (4, 3), 6)
LITTLE = bench.Effort(1e-4, 1, (SMALL,), slow=True, examples=(20,), crosses=(5, 6), replicas=(1, 2), epochs=(1,))


@pytest.fixture
def alone(monkeypatch):
    """No baselines, and small pools."""
    monkeypatch.setattr(baselines, "installed", list)
    monkeypatch.setattr(entrants, "DUAL_EXAMPLES", 30)
    monkeypatch.setattr(bench, "SMALL", 20)
    for name in ("TWO_LAYERS", "CROSSES"):
        monkeypatch.setattr(bench, name, replace(SMALL, name=name))
    monkeypatch.setattr(bench, "TEST_DIGITS", 20)


# --- the baselines ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("baseline", baselines.BASELINES)
@pytest.mark.parametrize("rule", [Momentum, Accelerated])
@pytest.mark.parametrize("crosses", [0, 8])
@pytest.mark.parametrize("hidden", [(6,), (6, 5, 4)], ids=len)
def test_a_peer_computes_what_the_reference_computes(baseline, rule, crosses, hidden):
    if baseline not in baselines.installed():
        pytest.skip(f"{baseline} is not installed: it comes with the extra bench only")
    architecture, rng = Architecture(hidden, crosses, inputs=9), np.random.default_rng(1)
    rngs = [np.random.default_rng(2), np.random.default_rng(3)]
    mine = draw_network(architecture, rngs, draw_wiring(architecture, rng))
    theirs, layers = mine.copy(), len(hidden) + 1
    images, labels, order = rng.standard_normal((7, 9), np.float32), np.arange(7) % 10, rng.integers(0, 7, (2, 60))
    strategies = [Momentum(mu, 1e-3, 0.02, (0.7, 0.4, 0.2)[: layers - 1]) for mu in (0.0, 0.8)]
    if rule is Accelerated:
        strategies = [
            Accelerated(mu, 1e-3, 0.2, (0.01, 0.02, 0.03, 0.01)[:layers], (3.0,) * layers, (0.5,) * (layers - 1))
            for mu in (0.0, 0.8)
        ]
    train(mine, strategies, images, labels, order, engine="direct", backend="numpy")
    trainer = baselines.get(baseline).Trainer(theirs.copy(), strategies, images, labels)
    for part in np.split(order, 2, axis=1):
        trainer.train(part)
    trainer.write(theirs)
    for one, other in zip(
        mine.weights + mine.biases + mine.mean, theirs.weights + theirs.biases + theirs.mean, strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=2e-5)
    np.testing.assert_allclose(outputs(mine, images, "numpy"), outputs(theirs, images, "numpy"), rtol=1e-3, atol=2e-5)


# --- the entrants --------------------------------------------------------------------------------------------------


def test_every_epoch_of_an_order_presents_every_example_once():
    order = draw_order(7, 17, 2, np.random.default_rng(0))
    assert order.shape == (2, 17) and (order[0] != order[1]).any()
    for replica in order:
        assert sorted(replica[:7]) == sorted(replica[7:14]) == list(range(7)) and len(set(replica[14:])) == 3


def test_a_large_pool_is_shared_out_among_the_replicas():
    order = draw_order(40, 17, 2, np.random.default_rng(0))
    assert order.shape == (2, 17) and len(np.unique(order)) == 34


def test_the_fastest_round_counts_and_rounds_go_in_turn(monkeypatch):
    calls = []

    def seconds(self, steps):
        calls.append((self.backend, steps))
        noise = 10 if len([1 for name, _ in calls if name == self.backend]) % 3 else 1  # every third is undisturbed
        return {"slow": 2.0, "fast": 0.5}[self.backend] * noise

    monkeypatch.setattr(Entrant, "steps_of", lambda self, _: 20)
    monkeypatch.setattr(Entrant, "seconds", seconds)
    everyone = [Entrant("direct", name, replicas, 5, None, most=100) for name, replicas in (("slow", 1), ("fast", 2))]
    assert entrants.measure(everyone, 1.0, 3) == [2.0 / 20, 0.5 / 40]
    assert calls == [("slow", 20), ("fast", 20)] * 3


@pytest.mark.parametrize("a_step, wanted", [(1e-3, 1000), (1e-9, 5000), (10.0, 10)])
def test_rounds_are_as_long_as_wanted_within_bounds(monkeypatch, a_step, wanted):
    monkeypatch.setattr(Entrant, "seconds", lambda self, steps: steps * a_step)
    assert Entrant("direct", "any", 1, 5, None, most=5000).steps_of(1.0) == wanted


def test_both_engines_of_a_contender_train(alone):
    for engine in ("direct", "dual"):
        one = entrants.entrant(SMALL, engine, "numba", examples=20, replicas=2)
        assert (
            one.replicas == 2
            and one.examples == 20
            and one.seconds(10) > 0
            and (one.prepared > 0) == (engine == "dual")
        )


@pytest.mark.parametrize("rule, arrays", [(Momentum, 2), (Accelerated, 3)])
def test_the_floor_moves_every_weight_velocity_and_eta(rule, arrays):
    changed, read = np.zeros((1, arrays, 2, 3), np.float32), np.ones((1, 1, 3), np.float32)
    entrants._move(0, changed, read, 2)
    assert [float(array.max()) for array in changed[0, ::-1]] == ([2.0, 3.0] if rule is Momentum else [2.0, 3.0, 4.0])


# --- what is printed -------------------------------------------------------------------------------------------------


def test_a_case_has_a_row_for_every_engine_and_backend(alone):
    rows = bench.speeds(SMALL, LITTLE)
    assert all(list(row) == FIELDS for row in rows)
    assert {(row["engine"], row["backend"]) for row in rows} >= {
        (e, b) for e in ("direct", "dual") for b in ("numba", "numpy")
    }
    assert all(
        row["steps_per_second"] > 0 and row["ratio_to_jax"] is None and row["ratio_to_torch"] is None for row in rows
    )
    once = bench.speeds(replace(SMALL, once=True), LITTLE)
    assert {row["engine"] for row in once} == {"direct"}


def test_ratios_are_to_the_peers_of_the_same_run(alone, monkeypatch):
    def stand_in(case, name):
        return Entrant("direct", name, 1, 50, lambda order: None, most=100)

    rates = {("direct", "numpy"): 60.0, ("direct", "jax"): 20.0, ("direct", "torch"): 5.0, ("direct", "bytes"): 100.0}
    monkeypatch.setattr(baselines, "installed", lambda: ["jax", "torch"])
    monkeypatch.setattr(bench, "baseline", stand_in)
    monkeypatch.setattr(bench.backends, "available", lambda: ["numpy"])
    monkeypatch.setattr(bench, "measure", lambda everyone, *_: [1 / rates[one.engine, one.backend] for one in everyone])
    ours, jax, torch = bench.speeds(replace(SMALL, rule=Accelerated), LITTLE)
    assert np.allclose([ours[name] for name in FIELDS[3:]], [60, 3, 12, 0.6])
    assert np.allclose([jax["ratio_to_jax"], torch["ratio_to_torch"], jax["fraction_of_floor"]], [1, 1, 0.2])


def test_the_break_even_is_where_both_engines_have_taken_equally_long():
    rows = [
        {"along": "examples", "value": 100, "engine": "direct", "seconds": 3e-3},
        {"along": "examples", "value": 100, "engine": "dual", "seconds": 1e-3, "gram_seconds": 2.0},
        {"along": "replicas", "value": 100, "engine": "dual", "seconds": 9.0, "gram_seconds": 9.0},
    ]
    (found,) = bench.break_even(rows)
    assert found["examples"] == 100 and found["epochs"] == pytest.approx(10)
    assert 10 * 100 * 3e-3 == pytest.approx(2.0 + 10 * 100 * 1e-3)
    assert 1 < found["estimated_epochs"] < 10


def test_where_there_is_a_gpu_it_is_named_with_its_bandwidth(capsys):
    found = {"processor": "a processor", "cores": 2, "date": "today", "speeds": [], "growth": [], "evaluation": []}
    bench.write(found | {"gpu": {"name": "a GPU", "bandwidth": 1.234e12}})
    assert "a GPU, which copies at 1,234 GB/s" in capsys.readouterr().out


@pytest.mark.slow
def test_plaw_bench_prints_and_records_a_whole_run(alone, monkeypatch, tmp_path):
    for name in ("Effort", "QUICK"):
        monkeypatch.setattr(bench, name, LITTLE if name == "QUICK" else lambda: LITTLE)
    result = CliRunner().invoke(cli.main, ["bench", "--record", "--results", str(tmp_path)])
    assert result.exit_code == 0 and "pip install 'plaw[bench]'" in result.stdout and "measuring small" in result.stderr
    (record,) = store.read(tmp_path, "bench")
    assert record["kind"] == "bench" and record["versions"]["plaw"] and record["cores"] >= 1
    assert {row["along"] for row in record["growth"]} == {"examples", "crosses", "replicas", "epochs"}
    assert [row["seconds"] > 0 for row in record["growth"] + record["evaluation"]] == [True] * (
        len(record["growth"]) + 2
    )
    result = CliRunner().invoke(cli.main, ["bench", "--quick", "--json"])
    assert result.exit_code == 0 and [list(row) for row in json.loads(result.stdout)] == [FIELDS] * len(
        record["speeds"]
    )
