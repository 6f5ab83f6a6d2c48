"""Are the intervals true? Curves simulated from known laws, fitted, and the intervals counted that hold the truth.

    python -m plaw.report.calibration book/results          goes on where it was stopped

Each record (plaw.study.store, calibration.jsonl) is one batch of simulations of one case: {"kind": "calibration",
"case", "law", "noise", "points", "batch", "simulations", "level", "seconds", "hits": {"profile": {"exponent",
"prediction", "size"}, "percentile": {...}}}.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plaw.curves.curve import binomial_error
from plaw.curves.fitting import Fit, fit_law
from plaw.curves.laws import LAWS
from plaw.study import store

RECORDS = "calibration"
BATCH = 50
TEST_SIZE = 10_000
LEVEL = 0.95
BOOTSTRAP = 400
# rho and the like; y at 10 times the largest size; the size for a target
QUANTITIES = ("exponent", "prediction", "size")
TARGET_AT = 4.0  # the target is the true y at this many times the largest size


@dataclass(frozen=True, eq=False)
class Case:
    """One kind of simulated curve. noise: name of a function of NOISES; seed: a whole number, no other case's."""

    law: str
    params: dict[str, float]
    x: np.ndarray
    noise: str
    seed: int

    @property
    def name(self) -> str:
        """As in the records."""
        return f"{self.law}, {len(self.x)} points, {self.noise}"

    @property
    def exponent(self) -> str:
        """The parameter whose interval is counted."""
        return LAWS[self.law].exponent or LAWS[self.law].parameters[-1]


def _counting(y, rng):
    """A test set of TEST_SIZE examples, its counting noise known."""
    counted = rng.binomial(TEST_SIZE, y) / TEST_SIZE
    return counted, binomial_error(counted, TEST_SIZE)


def _unknown_counting(y, rng):
    """The same, its noise not known to the fit."""
    return rng.binomial(TEST_SIZE, y) / TEST_SIZE, None


def _relative(y, rng):
    """Losses with 1% of normal noise, known."""
    return y * np.exp(0.01 * rng.standard_normal(len(y))), 0.01 * y


def _samples(y, rng):
    """100 networks per size, 10% spread among them."""
    return [mean * np.exp(0.1 * rng.standard_normal(100)) for mean in y], None


def _lucky_samples(y, rng):
    """The same, and each size has 3% of luck of its own, shared by its networks, as from a search."""
    return _samples(y * np.exp(0.03 * rng.standard_normal(len(y))), rng)


NOISES: dict[str, Callable] = {
    "counting": _counting,
    "counting, not told": _unknown_counting,
    "relative": _relative,
    "samples": _samples,
    "samples and luck": _lucky_samples,
}

POWER = {"c0": 0.7, "rho": 0.4}
OFFSET = {"e_inf": 0.02, "c0": 0.7, "rho": 0.5}
CHINCHILLA = {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28}
MODELS = np.array([[n, d] for n in np.geomspace(1e8, 1e10, 6) for d in np.geomspace(1e9, 1e12, 6)])

M4 = {"e_inf": 0.02, "span": 0.88, "a": 0.7, "b": 3.0, "c": 0.6}
BROKEN = {"e_inf": 0.01, "b": 0.7, "c0": 0.1, "c1": 0.5, "d1": 100.0, "f1": 0.4}

# The seeds are frozen: records of other seeds would be other curves.
CASES = (
    Case("power", POWER, np.geomspace(30, 240, 4), "counting", 3490125836),
    Case("power", POWER, np.geomspace(9, 240, 5), "counting", 1062579949),
    Case("power_offset", OFFSET, np.geomspace(10, 10_000, 6), "counting", 2004824698),
    Case("power_offset", OFFSET, np.geomspace(10, 10_000, 10), "counting", 4246251213),
    Case("shifted_power", {"b": 0.9, "g": 2e-3, "c": 0.45}, np.geomspace(10, 10_000, 10), "counting", 2965161361),
    Case("m4", M4, np.geomspace(1, 50_000, 14), "counting", 3237151067),
    Case("broken", BROKEN, np.geomspace(1, 100_000, 16), "counting", 3588947668),
    Case("exponential", {"e_inf": 0.1, "c0": 0.8, "n0": 100.0}, np.geomspace(5, 1000, 8), "counting", 2425080114),
    Case("logarithmic", {"a": 0.9, "b": 0.05}, np.geomspace(10, 1000, 6), "counting", 504850651),
    Case("chinchilla", CHINCHILLA, MODELS, "relative", 1903437923),
    Case("model_size", {"k": 3.0, "beta": 0.7}, np.geomspace(1e6, 1e10, 5), "relative", 2908528729),
    Case("power", POWER, np.geomspace(30, 240, 4), "counting, not told", 1435817818),
    Case("power_offset", OFFSET, np.geomspace(10, 10_000, 10), "counting, not told", 1237242385),
    Case("power", POWER, np.geomspace(30, 240, 4), "samples", 140532712),
    Case("power", POWER, np.geomspace(30, 240, 4), "samples and luck", 2829648775),
    Case("power", POWER, np.geomspace(9, 240, 5), "samples and luck", 1337238800),
)


def simulate(case: Case, batch: int, simulations: int = BATCH) -> dict:
    """One batch of simulations of a case, as the record that is kept. The same batch gives the same curves."""
    truth = LAWS[case.law](case.x, **case.params)
    seed = np.random.SeedSequence(6, spawn_key=(case.seed, batch))
    rng, started = np.random.default_rng(seed), time.perf_counter()
    hits = {
        method: dict.fromkeys(QUANTITIES[: 3 if case.x.ndim == 1 else 2], 0) for method in ("profile", "percentile")
    }
    for number in range(simulations):
        y, yerr = NOISES[case.noise](truth, rng)
        fit = fit_law(case.law, case.x, y, yerr, bootstrap=BOOTSTRAP, seed=number)
        for method, counts in hits.items():
            for quantity, hit in _hits(case, fit, method).items():
                counts[quantity] += hit
    return {
        "kind": "calibration", "case": case.name, "law": case.law, "noise": case.noise, "points": len(case.x),
        "batch": batch, "simulations": simulations, "level": LEVEL,
        "seconds": round(time.perf_counter() - started, 1), "hits": hits,
    }  # fmt: skip


def _hits(case: Case, fit: Fit, method: str) -> dict[str, bool]:
    far = 10 * case.x[-1:]
    low, high = fit.interval(LEVEL, method)[case.exponent]
    below, above = fit.band(far, LEVEL, method)[:, 0]
    hits = {
        "exponent": low <= case.params[case.exponent] <= high,
        "prediction": below <= LAWS[case.law](far, **case.params)[0] <= above,
    }
    if case.x.ndim == 1:
        n = TARGET_AT * case.x[-1]
        size = fit.invert(LAWS[case.law](n, **case.params)[0], LEVEL, method)
        hits["size"] = size.low * (1 - 1e-9) <= n <= size.high * (1 + 1e-9)
    return {quantity: bool(hit) for quantity, hit in hits.items()}


def run(folder: Path, simulations: int = 500, report: Callable = print) -> None:
    """Simulate every case until the records in the folder hold so many; what is recorded is not repeated."""
    done = {(record["case"], record["batch"]) for record in store.read(folder, RECORDS)}
    for batch in range(-(-simulations // BATCH)):
        for case in CASES:
            if (case.name, batch) not in done:
                record = simulate(case, batch, BATCH)
                store.append(folder, RECORDS, record)
                report(f"{case.name}: batch {batch}, {record['seconds']} s")


def coverage(records: list[dict]) -> list[dict]:
    """One row per case: simulations, and for both methods the share of intervals that held the truth."""
    rows: dict[str, dict] = {}
    for record in records:
        start = {key: record[key] for key in ("case", "law", "noise", "points")} | {"simulations": 0, "hits": {}}
        row = rows.setdefault(record["case"], start)
        row["simulations"] += record["simulations"]
        for method, counts in record["hits"].items():
            kept = row["hits"].setdefault(method, {})
            for quantity, count in counts.items():
                kept[quantity] = kept.get(quantity, 0) + count
    for row in rows.values():
        hits = row.pop("hits")
        row |= {
            method: {q: count / row["simulations"] for q, count in counts.items()} for method, counts in hits.items()
        }
    return list(rows.values())


if __name__ == "__main__":
    import sys

    run(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 500)
