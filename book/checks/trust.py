"""Trust and scale: kills, full disks, damaged inputs, repeatability and cost."""

from pathlib import Path
from types import SimpleNamespace

from plaw.report import costs
from plaw.study import store

AGAIN = ("numba again", "numba, two workers")
SIGNIFICANT = 0.05
CORES = (2, 64)
GPUS = (1, 8)


def measure(folder: Path | None = None) -> SimpleNamespace:
    """The last figures of `make torture`, and the costs."""
    folder = folder or store.folder()
    last = {
        (record["kind"], *map(record.get, ("experiment", "way", "workers"))): record
        for record in store.read(folder, "trust")
    }

    def of(kind: str) -> list[dict]:
        return [record for (name, *_), record in last.items() if name == kind]

    bench = store.read(folder, "bench")
    cpu, gpu = ([record for record in bench if ("gpu" in record) == on_gpu][-1] for on_gpu in (False, True))
    every = costs.costs(folder)
    return SimpleNamespace(
        kills=of("kills")[0],
        disks=of("full disks")[0],
        inputs=of("damaged inputs"),
        repeatability=sorted(of("repeatability"), key=lambda row: row["experiment"]),
        speeds=of("speed"),
        cpu_bench=cpu,
        gpu_bench=gpu,
        costs=every,
        variants=costs.of_variants(folder),
        gpu={cost.experiment_id: costs.gpu_hours(cost, cpu, gpu) for cost in every},
    )


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    assert not measured.kills["folders_that_differ"], "a kill changes nothing"
    assert measured.disks["sentences"] == measured.disks["times"], "a full disk is one sentence"
    assert not measured.disks["folders_that_differ"], "a full disk changes nothing"
    assert sum(row["tried"] for row in measured.inputs) >= 10_000, "ten thousand inputs are damaged"
    assert max(row["peak_mib"] for row in measured.inputs) < 500, "damaged inputs take little memory"
    again, others = _ways(measured)
    assert all(row["identical"] == row["samples"] for row in again), "the same processor gives the same networks"
    assert all(row["rms"] < row["between_samples"] for row in others), "ways differ less than networks"
    assert min(row["p_mean"] for row in others) > SIGNIFICANT / len(others), "the mean error is the same"
    assert min(row["p_distribution"] for row in others) > SIGNIFICANT / len(others), "the distribution is the same"
    assert len({cost.case for cost in measured.costs}) == 6, "every kind of network has its cost"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    _, others = _ways(measured)
    networks, search = (sum(getattr(cost, name) for cost in measured.costs) for name in ("networks", "search"))
    return {
        "kills": f"{measured.kills['kills']}",
        "kill folders": f"{measured.kills['folders']}",
        "kill failures": f"{measured.kills['folders_that_differ']}",
        "full disks": f"{measured.disks['times']}",
        "disk failures": f"{measured.disks['folders_that_differ']}",
        "inputs": f"{sum(row['tried'] for row in measured.inputs):,}",
        "peak": f"{max(row['peak_mib'] for row in measured.inputs)}",
        "tests": f"{len(others)}",
        "least p": f"{min(row['p_mean'] for row in others):.2f}",
        "identical": f"{sum(row['identical'] for row in others)}",
        "compared": f"{sum(row['samples'] for row in others)}",
        "core hours": f"{networks + search:.0f}",
        "network hours": f"{networks:.1f}",
        "search hours": f"{search:.1f}",
        "speed networks": f"{measured.speeds[0]['networks']}",
        "speed times": f"{len(measured.speeds[0]['times'])}",
        "variant hours": f"{sum(measured.variants.values()):.0f}",
        "core watts": f"{costs.CORE_WATTS:.1f}",
        "GPU watts": f"{costs.GPU_WATTS:.0f}",
    }


def repeatability_table(measured: SimpleNamespace) -> str:
    """Rows: how the same networks differ when they are computed in another way."""
    rows = [
        (
            f"`{row['experiment']}`, {row['n']} per label", row["way"], f"{row['identical']} of {row['samples']}",
            f"{row['rms']:.4f}", f"{row['between_samples']:.4f}",
            f"{row['p_mean']:.2f}", f"{row['p_distribution']:.2f}",
        )
        for row in measured.repeatability
    ]  # fmt: skip
    heads = ("Networks", "Against numba", "Identical", "RMS difference", "Scatter", "p, mean", "p, distribution")
    return _table(heads, rows)


def variants_table(measured: SimpleNamespace) -> str:
    """Rows: core hours of what the book adds to the paper's figures."""
    rows = [(family, f"{hours:.1f}") for family, hours in measured.variants.items()]
    return _table(("What varies", "Core hours"), rows)


def cost_table(measured: SimpleNamespace) -> str:
    """Rows: the figures of the paper, and all of them."""
    figures = sorted({cost.experiment_id.split("-")[0] for cost in measured.costs})
    rows = [_cost_row(measured, f"Figure {name[3:]}", name) for name in figures] + [_cost_row(measured, "All", "fig")]
    heads = ("", "Networks, core hours (measured)", "Searches, core hours")
    hours = (*(f"{n} cores, hours" for n in CORES), "One GPU, hours", "Eight GPUs, hours")
    return _table((*heads, *hours, "Cores, kWh", "GPUs, kWh"), rows)


def _cost_row(measured: SimpleNamespace, title: str, begins: str) -> tuple[str, ...]:
    chosen = [cost for cost in measured.costs if cost.experiment_id.startswith(begins)]
    networks, search = sum(cost.networks for cost in chosen), sum(cost.search for cost in chosen)
    gpu = sum(measured.gpu[cost.experiment_id] for cost in chosen)
    hours = (networks, search, *((networks + search) / n for n in CORES), *(gpu / n for n in GPUS))
    energy = ((networks + search) * costs.CORE_WATTS / 1000, gpu * costs.GPU_WATTS / 1000)
    return title, *(f"{value:.2g}" for value in (*hours, *energy))


def growth_table(measured: SimpleNamespace) -> str:
    """Rows: by what factor the seconds per step and network grow with examples, crosses and replicas."""
    devices = {"Cores": measured.cpu_bench, "GPU": measured.gpu_bench}
    columns = [(device, engine) for device in devices for engine in ("direct", "dual")]
    rows = []
    for along in ("examples", "crosses", "replicas"):
        grown = [costs.growth(devices[device], along, engine) for device, engine in columns]
        (first, last), *_ = ((first, last) for first, last, _ in grown)
        rows.append((f"{along.capitalize()}, {first:,} to {last:,}", *(f"{factor:.2g}" for *_, factor in grown)))
    heads = (f"{device}, {engine} engine" for device, engine in columns)
    return _table(("", *heads), rows)


def speed_table(measured: SimpleNamespace) -> str:
    """Rows: the same networks by one and by two workers."""
    alone = {row["way"]: min(row["times"]) for row in measured.speeds if row["workers"] == 1}
    rows = [
        (row["way"], f"{row['workers']}", f"{min(row['times']):.1f}", f"{max(row['times']):.1f}",
         f"{alone[row['way']] / min(row['times']):.2f}")
        for row in measured.speeds
    ]  # fmt: skip
    return _table(("Workers are", "Workers", "Seconds, best", "Seconds, worst", "Times as fast"), rows)


def _ways(measured: SimpleNamespace) -> tuple[list[dict], list[dict]]:
    """The rows of what must not differ on the same processor, and the others."""
    again = [row for row in measured.repeatability if row["way"] in AGAIN]
    return again, [row for row in measured.repeatability if row["way"] not in AGAIN]


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
