"""The kernels: what was measured on a graphics card."""

from types import SimpleNamespace

import numpy as np

from plaw.model.network import Architecture
from plaw.study import store
from plaw.study.experiments import EXPERIMENTS

PAPER = Architecture(hidden=(100, 100), crosses=10_000)
REPLICAS = 50  # of the committee that is timed
RULES = "crosses", "crosses, one epoch", "crosses, accelerated"


def measure(record: dict) -> SimpleNamespace:
    """What a record of `plaw bench` on a card says; times in microseconds of a step."""
    rows = {(row["case"], row["engine"], row["backend"]): row for row in record["speeds"]}
    speeds = {key: row["steps_per_second"] for key, row in rows.items()}
    growth = {(row["along"], row["engine"], row["value"]): row["seconds"] * 1e6 for row in record["growth"]}
    direct = {
        case: speed for (case, engine, backend), speed in speeds.items() if (engine, backend) == ("direct", "cupy")
    }
    committee = {case: REPLICAS * 1e6 / speed for case, speed in direct.items()}
    units, _ = PAPER.shapes[0]
    copied = {n: 1e6 * 16 * units * (PAPER.inputs + n) / record["gpu"]["bandwidth"] for n in (10_000, 30_000)}
    more_crosses = growth["crosses", "direct", 30_000] - growth["crosses", "direct", 10_000]
    networks = [
        network
        for name in EXPERIMENTS
        if name.startswith(("fig1", "fig2"))
        for network in store.read(store.folder(), name, "network")
    ]
    return SimpleNamespace(
        committee=committee,
        layers=[committee["2 layers"] - committee["1 layer"], committee["3 layers"] - committee["2 layers"]],
        fractions=[rows[rule, "direct", "cupy"]["fraction_of_floor"] for rule in RULES],
        faster=[direct[rule] / speeds[rule, "direct", "numba"] for rule in RULES],
        alone={engine: growth["replicas", engine, 1] for engine in ("direct", "dual")},
        copied=copied[10_000],
        pace=(copied[30_000] - copied[10_000]) / more_crosses,
        break_even=[row["estimated_epochs"] / row["epochs"] for row in record["break_even"]],
        share_on_cards=np.mean([network["backend"] == "cupy" for network in networks]),
        first_layer=8 * units * PAPER.shapes[0][1] / 1e6,
    )


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    assert measured.share_on_cards > 0.6, "most networks with crosses were trained on a card"
    assert max(measured.fractions) - min(measured.fractions) < 0.02, "both rules reach the same share of copying"
    assert 0.5 < measured.pace < 0.8, "a further cross costs a little more than copying it"
    direct, dual = measured.alone["direct"], measured.alone["dual"]
    assert direct > 3 * measured.copied, "a single network is bound by latency, not by memory"
    assert dual > 0.75 * direct, "and so in the dual form too"
    assert max(abs(layer / measured.layers[0] - 1) for layer in measured.layers) < 0.25, "every layer costs alike"
    assert all(0.9 < ratio < 2.6 for ratio in measured.break_even), "estimates are up to two and a half times too high"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    return {
        "weights and velocities": f"{measured.first_layer:.1f}",
        "of copying": f"{np.mean(measured.fractions):.2f}",
        "pace": f"{measured.pace:.1f}",
        "least faster": f"{min(measured.faster):.0f}",
        "most faster": f"{max(measured.faster):.0f}",
        "alone direct": f"{measured.alone['direct']:.0f}",
        "alone dual": f"{measured.alone['dual']:.0f}",
        "alone copied": f"{measured.copied:.0f}",
        "a layer": f"{np.mean(measured.layers):.0f}",
        "committee": f"{measured.committee['crosses']:.0f}",
    }
