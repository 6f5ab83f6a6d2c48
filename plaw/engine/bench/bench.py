"""How fast everybody trains, how the cost grows, and when the dual engine pays off: what `plaw bench` measures and
prints.

All entrants of a case train in turn, round after round, and the fastest round of each counts: whatever disturbs the
machine meanwhile disturbs all of them.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numba import get_num_threads
from rich.console import Console
from rich.table import Table

from plaw.engine import backends, choice
from plaw.engine.backends.protocol import Backend
from plaw.engine.bench import baselines
from plaw.engine.bench.entrants import (
    CASES,
    FLOOR,
    GPU_FLOOR,
    Case,
    baseline,
    draw,
    draw_order,
    entrant,
    floor,
    gpu_floor,
    measure,
    pool,
    strategy,
)
from plaw.engine.training import outputs, train
from plaw.environment import WIDTH, processor, versions
from plaw.model.strategies import Accelerated

TWO_LAYERS, CROSSES, ACCELERATED = CASES[1], CASES[3], CASES[5]
SMALL = 150  # examples, where something else grows
TEST_DIGITS = 10_000
COPIED = 2**28  # bytes, far more than a GPU's cache holds


@dataclass(frozen=True)
class Effort:
    """How much is measured: seconds a round, rounds, cases, and the values along which the cost grows."""

    seconds: float = 0.6
    rounds: int = 5
    cases: tuple[Case, ...] = CASES
    slow: bool = True  # NumPy too
    examples: tuple[int, ...] = (75, 150, 300, 600)
    crosses: tuple[int, ...] = (300, 1000, 3000, 10_000, 30_000)
    replicas: tuple[int, ...] = (1, 2, 4, 8)
    epochs: tuple[int, ...] = (1, 3, 10, 30)


QUICK = Effort(0.25, 2, (CROSSES, ACCELERATED), slow=False, examples=(), crosses=(), replicas=(), epochs=())


def run(effort: Effort = Effort(), on_progress: Callable[[str], None] = print) -> dict:
    """Measure everything: a record {"kind": "bench", "date", "processor", "cores", "versions", "speeds", "growth",
    "break_even", "evaluation"}.

    Where there is a GPU also "gpu": {"name", "bandwidth"}, the latter in bytes a second, read and written, as measured
    by copying.
    """
    begin, measured = datetime.now(UTC).isoformat(timespec="seconds"), []
    for case in effort.cases:
        on_progress(f"measuring {case.name} ...")
        measured += speeds(case, effort)
    on_progress("measuring how the cost grows ...")
    rows = list(growth(effort))
    gpus = _gpus(backends.available())
    gpu = {"gpu": _gpu(gpus[0])} if gpus else {}
    return {
        "kind": "bench", "date": begin, **gpu,
        "processor": processor(), "cores": get_num_threads(), "versions": versions(),
        "speeds": measured, "growth": rows, "break_even": break_even(rows), "evaluation": evaluation(),
    }  # fmt: skip


def _gpus(names: list[str]) -> list[Backend]:
    """Those of the backends that compute on a GPU."""
    return [backend for backend in map(backends.load, names) if backend.ON_GPU]


def _gpu(backend: Backend) -> dict:
    copy = backend.copier(COPIED)
    return {"name": backend.device_name(), "bandwidth": 2 * COPIED * 10 / min(_seconds(copy, 10) for _ in range(5))}


def _seconds(function: Callable, *arguments) -> float:
    begin = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - begin


def speeds(case: Case, effort: Effort) -> list[dict]:
    """The rows of a case: {"case", "engine", "backend", "steps_per_second", "ratio_to_jax", "ratio_to_torch",
    "fraction_of_floor"}.

    steps_per_second: of all replicas together. A ratio is null where the baseline is not installed. The floor is that
    of the memory which holds the weights: a GPU's own, where that trains.
    """
    engines = ["direct"] if case.once or case.rule is Accelerated else ["direct", "dual"]
    names = [name for name in backends.available() if effort.slow or name != "numpy"]
    everyone = [entrant(case, engine, name) for engine in engines for name in names]
    everyone += [baseline(case, name) for name in baselines.installed()] + [floor(case, engine) for engine in engines]
    gpus = _gpus(names)
    everyone += [gpu_floor(case, engine, backend) for backend in gpus for engine in engines]
    on_gpu = {backend.NAME for backend in gpus}
    rates = {
        (c.engine, c.backend): 1 / seconds
        for c, seconds in zip(everyone, measure(everyone, effort.seconds, effort.rounds), strict=True)
    }

    def row(engine: str, backend: str, rate: float) -> dict:
        ratios = {
            f"ratio_to_{name}": rate / rates["direct", name] if ("direct", name) in rates else None
            for name in baselines.BASELINES
        }
        fraction = rate / rates[engine, GPU_FLOOR if backend in on_gpu else FLOOR]
        return {
            "case": case.name,
            "engine": engine,
            "backend": backend,
            "steps_per_second": rate,
            **ratios,
            "fraction_of_floor": fraction,
        }

    return [row(*key, rate) for key, rate in rates.items() if key[1] not in (FLOOR, GPU_FLOOR)]


def growth(effort: Effort) -> Iterator[dict]:
    """Rows {"along", "value", "engine", "seconds"}: a replica-step along examples, crosses and replicas, a whole
    training along epochs.

    Rows of the dual engine also report "gram_seconds" (a whole training contains them). On the preferred backend and
    all cores, for two hidden layers, 10,000 crosses, 150 examples and the momentum rule unless the row says otherwise.
    """
    backend = backends.available()[0]

    def row(along: str, value: int, engine: str, case: Case = CROSSES, **changes) -> dict:
        training = entrant(case, engine, backend, **changes)
        fields = {
            "along": along,
            "value": value,
            "engine": engine,
            "seconds": measure([training], effort.seconds, min(effort.rounds, 3))[0],
        }
        return fields | ({"gram_seconds": training.prepared} if engine == "dual" else {})

    for engine in ("direct", "dual"):
        yield from (row("examples", value, engine, examples=value) for value in effort.examples)
        yield from (
            row("crosses", value, engine, replace(CROSSES, crosses=value), examples=SMALL) for value in effort.crosses
        )
        yield from (row("replicas", value, engine, replicas=value, examples=SMALL) for value in effort.replicas)
        yield from (
            {"along": "epochs", "value": value, "engine": engine, "seconds": _training(engine, backend, value)}
            for value in effort.epochs
        )


def _training(engine: str, backend: str, epochs: int) -> float:
    """Seconds of a whole training of as many replicas as there are cores, Gram matrices included."""
    network = draw(CROSSES, get_num_threads())
    order = draw_order(SMALL, epochs * SMALL, network.replicas, np.random.default_rng(0))
    images, labels = pool(SMALL)
    return _seconds(lambda: train(network, strategy(CROSSES), images, labels, order, engine=engine, backend=backend))


def break_even(rows: list[dict]) -> list[dict]:
    """When Gram matrices have paid for themselves: {"examples", "gram_seconds", "epochs", "estimated_epochs"} for each
    size in rows of growth.

    epochs: how often the whole set is presented, by all replicas and trials that share the Gram matrices together,
    until both engines have taken equally long; estimated: by the costs that the automatic choice assumes
    (plaw.engine.choice).
    """
    by_size = {(row["value"], row["engine"]): row for row in rows if row["along"] == "examples"}
    network, costs = draw(CROSSES, replicas=1), backends.get(backends.available()[0]).costs()

    def compare(n: int) -> dict:
        direct, dual = by_size[n, "direct"], by_size[n, "dual"]
        direct_epoch, preparation = (
            choice.direct_seconds(network, n, costs),
            choice.dual_seconds(network, n, 0, False, costs),
        )
        dual_epoch = choice.dual_seconds(network, n, n, False, costs) - preparation
        return {
            "examples": n, "gram_seconds": dual["gram_seconds"],
            "epochs": dual["gram_seconds"] / (n * (direct["seconds"] - dual["seconds"])),
            "estimated_epochs": preparation / (direct_epoch - dual_epoch),
        }  # fmt: skip

    return [compare(n) for n in sorted({n for n, _ in by_size})]


def evaluation() -> list[dict]:
    """Seconds to answer 10,000 test digits, {"case", "backend", "seconds"}, without crosses and with them."""
    images, _ = pool(TEST_DIGITS)
    backend = backends.available()[0]
    networks = {case.name: draw(case, replicas=1) for case in (TWO_LAYERS, CROSSES)}

    def fastest(network) -> float:
        return min(_seconds(outputs, network, images, backend) for _ in range(4))

    return [{"case": name, "backend": backend, "seconds": fastest(network)} for name, network in networks.items()]


def write(record: dict) -> None:
    """Print a run as tables."""
    console = Console(width=None if Console().is_terminal else WIDTH)
    console.print(f"{record['processor']}, {record['cores']} cores, {record['date']}")
    if "gpu" in record:
        console.print(
            f"{record['gpu']['name']}, which copies at {record['gpu']['bandwidth'] / 1e9:,.0f} GB/s (read and written)"
        )
    missing = [name for name in baselines.BASELINES if name not in {row["backend"] for row in record["speeds"]}]
    table = _table(
        "Replica-steps per second, all cores",
        "case",
        "engine",
        "backend",
        "steps/s",
        "/ JAX",
        "/ PyTorch",
        "of the floor",
    )
    for row in record["speeds"]:
        ratios = (
            "" if row[name] is None else f"{row[name]:.3g}"
            for name in ("ratio_to_jax", "ratio_to_torch", "fraction_of_floor")
        )
        table.add_row(row["case"], row["engine"], row["backend"], f"{row['steps_per_second']:,.0f}", *ratios)
    console.print(table)
    if missing:
        console.print(
            f"Not installed, and not measured: {', '.join(missing)}. They come with pip install 'plaw[bench]'.",
            markup=False,
            soft_wrap=True,
        )
    if record["growth"]:
        console.print(_break_even_table(record["break_even"]))
        console.print(_growth_table(record["growth"]))
    for row in record["evaluation"]:
        console.print(f"{TEST_DIGITS:,} test digits, {row['case']}, {row['backend']}: {_duration(row['seconds'])}")


def _break_even_table(rows: list[dict]) -> Table:
    table = _table(
        "When Gram matrices pay",
        "examples",
        "Gram matrices",
        "epochs to break even",
        "estimated by the automatic choice",
    )
    for row in rows:
        table.add_row(
            f"{row['examples']}",
            f"{row['gram_seconds']:.2f} s",
            f"{row['epochs']:.1f}",
            f"{row['estimated_epochs']:.1f}",
        )
    return table


def _growth_table(rows: list[dict]) -> Table:
    table = _table(
        "How the cost grows: a replica-step, or, along epochs, a whole training", "along", "value", "direct", "dual"
    )
    seconds = {(row["along"], row["value"], row["engine"]): row["seconds"] for row in rows}
    for along, value, engine in seconds:
        if engine == "direct":
            table.add_row(along, f"{value:,}", *(_duration(seconds[along, value, name]) for name in ("direct", "dual")))
    return table


def _table(title: str, *heads: str) -> Table:
    table = Table(title=title, title_justify="left")
    for head in heads:
        table.add_column(head, justify="left" if head in ("case", "engine", "backend", "along") else "right")
    return table


def _duration(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f} µs" if seconds < 1e-2 else f"{seconds:.2f} s"
