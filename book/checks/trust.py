"""Trust and scale: kills, full disks, damaged inputs, repeatability and cost."""

from pathlib import Path
from types import SimpleNamespace

from plaw.report import costs
from plaw.study import store

AGAIN = "numba again"
SIGNIFICANT = 0.05
CORES = (2, 64)
GPUS = (1, 8)


def measure(folder: Path | None = None) -> SimpleNamespace:
    """The last figures of `make torture`, and the costs."""
    folder = folder or store.folder()
    last = {
        (record["kind"], record.get("experiment"), record.get("way")): record for record in store.read(folder, "trust")
    }

    def of(kind: str) -> list[dict]:
        return [record for (name, *_), record in last.items() if name == kind]

    bench = store.read(folder, "bench")
    cpu, gpu = ([record for record in bench if ("gpu" in record) == on_gpu][-1] for on_gpu in (False, True))
    every = costs.costs(folder)
    return SimpleNamespace(
        kills=of("kills")[0],
        disks=of("full disks")[0],
        inputs=of("damaged inputs")[0],
        repeatability=of("repeatability"),
        costs=every,
        gpu={cost.experiment_id: costs.gpu_hours(cost, cpu, gpu) for cost in every},
    )


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    assert not measured.kills["folders_that_differ"], "a kill changes nothing"
    assert measured.disks["sentences"] == measured.disks["times"], "a full disk is one sentence"
    assert not measured.disks["folders_that_differ"], "a full disk changes nothing"
    assert measured.inputs["tests"] == 3 and measured.inputs["tried"] >= 10_000, "all kinds of inputs are damaged"
    assert measured.inputs["peak_mib"] < 500, "damaged inputs take little memory"
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
        "inputs": f"{measured.inputs['tried']:,}",
        "peak": f"{measured.inputs['peak_mib']}",
        "tests": f"{len(others)}",
        "least p": f"{min(row['p_mean'] for row in others):.2f}",
        "identical": f"{sum(row['identical'] for row in others)}",
        "compared": f"{sum(row['samples'] for row in others)}",
        "core hours": f"{networks + search:.0f}",
        "network hours": f"{networks:.1f}",
        "search hours": f"{search:.1f}",
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


def cost_table(measured: SimpleNamespace) -> str:
    """Rows: the figures of the paper, and all of them."""
    figures = sorted({cost.experiment_id.split("-")[0] for cost in measured.costs})
    rows = [_cost_row(measured, f"Figure {name[3:]}", name) for name in figures] + [_cost_row(measured, "All", "fig")]
    heads = ("", "Networks, core hours (measured)", "Searches, core hours")
    return _table((*heads, *(f"{n} cores, hours" for n in CORES), "One GPU, hours", "Eight GPUs, hours"), rows)


def _cost_row(measured: SimpleNamespace, title: str, begins: str) -> tuple[str, ...]:
    chosen = [cost for cost in measured.costs if cost.experiment_id.startswith(begins)]
    networks, search = sum(cost.networks for cost in chosen), sum(cost.search for cost in chosen)
    gpu = sum(measured.gpu[cost.experiment_id] for cost in chosen)
    hours = (networks, search, *((networks + search) / n for n in CORES), *(gpu / n for n in GPUS))
    return title, *(f"{value:.2g}" for value in hours)


def _ways(measured: SimpleNamespace) -> tuple[list[dict], list[dict]]:
    """The rows of the second run on the same processor, and the others."""
    again = [row for row in measured.repeatability if row["way"] == AGAIN]
    return again, [row for row in measured.repeatability if row["way"] != AGAIN]


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
