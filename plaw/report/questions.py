"""Small questions about the paper's protocol, each answered by runs of its own.

optimism(depth)             how much tuning on the test digits gains on them, beyond what it gains elsewhere
committees(name)            the error of committees of 1 to 200 networks
gain_law(curve)             the law of their gain
one_order(name)             committees whose networks see the examples in one order, beside orders of their own
by_crosses()                the error with 0 to 30,000 crosses a unit
compared(first, second)     the ratio of two experiments' errors on the same samples
"""

from pathlib import Path

import numpy as np
from scipy import stats

from plaw.curves.fitting import Fit, fit_law
from plaw.curves.intervals import Interval
from plaw.curves.reading import Measured
from plaw.curves.savings import shared_runs
from plaw.study import results, store
from plaw.study.experiments import CROSSES, FEWER_AND_MORE_CROSSES, LARGE_COMMITTEE, SMALLER_COMMITTEES, get
from plaw.study.results import Errors

DEPTHS = (1, 3)  # that were tuned on the test digits
COMMITTEES = ("fig4-committee", "fig2-momentum-committee")
CROSSED = "fig2-momentum"
WIDE = f"{CROSSED}/as-many-weights"
LEVEL = 0.95


def compared(first: str, second: str, folder: Path | None = None) -> dict[int, Interval]:
    """The second experiment's mean error over the first's at their common sizes, on the samples that both have."""
    curves = {name: _by_sample(name, "error", folder) for name in (first, second)}
    both = set.intersection(*(set(curve) for curve in curves.values()))
    if not both:
        return {}
    one, other = (
        Measured(
            np.array(sorted(both), float),
            [np.array(list(curve[n].values())) for n in sorted(both)],
            shared=tuple(tuple(map(str, curve[n])) for n in sorted(both)),
        )
        for curve in curves.values()
    )
    return {int(n): ratio for n, ratio in shared_runs(one, other, LEVEL).ratios.items()}


def optimism(depth: int, folder: Path | None = None) -> dict[int, Interval]:
    """How much lower the test error is because the test digits tuned, as a share of it, by size.

    A double difference: of the errors on test and on held-out digits, and of networks tuned on either. What one search
    finds better than the other by luck is better on both kinds of digits and cancels, and so do easy digits.
    """
    gains = {}
    tuned = {kind: f"fig3-{depth}/{kind}-tuned" for kind in ("test", "held-out")}
    by_kind = {
        kind: (_by_sample(name, "error", folder), _by_sample(name, "held_out_error", folder))
        for kind, name in tuned.items()
    }
    common = set.intersection(*(set(on_test) for on_test, _ in by_kind.values()))
    for n in sorted(common):
        samples = sorted(set.intersection(*(set(on_test[n]) for on_test, _ in by_kind.values())))
        excess = {
            kind: np.array([on_test[n][k] - held_out[n][k] for k in samples])
            for kind, (on_test, held_out) in by_kind.items()
        }
        mean = np.mean([by_kind["held-out"][0][n][k] for k in samples])
        gains[n] = _mean((excess["held-out"] - excess["test"]) / mean)
    return gains


def committees(name: str, folder: Path | None = None) -> dict[int, Errors]:
    """The error of committees, by size of the set and number of networks: {n: {networks: (samples,)}}.

    The networks of a smaller committee are among those of a larger one of the same sample. For one network the error
    is the mean of all of them."""
    experiment = f"{name}/up-to-{LARGE_COMMITTEE}"
    by_size: dict[int, dict[int, list[float]]] = {}
    for record in store.read(folder or store.folder(), experiment, "network"):
        of_size = by_size.setdefault(record["n"], {count: [] for count in SMALLER_COMMITTEES})
        for count in SMALLER_COMMITTEES:
            of_size[count].append(record["error"] if count == 1 else record["committee_errors"][str(count)])
    return {n: {count: np.array(errors) for count, errors in by_size[n].items()} for n in sorted(by_size)}


def gain_law(curve: Errors) -> Fit:
    """A power law with an offset, of the number of networks: the offset is the error of an endless committee."""
    mean, noise = results.mean_and_noise(curve)
    return fit_law("power_offset", list(curve), mean, yerr=noise)


def one_order(name: str, folder: Path | None = None) -> dict[int, Interval]:
    """The error of committees with one order of presentation for all networks, over that with orders of their own."""
    return compared(name, f"{name}/one-order", folder)


def crossed(count: int) -> str:
    """The experiment with so many crosses a unit."""
    return CROSSED if count == CROSSES else f"{CROSSED}/crosses-{count}"


def by_crosses(folder: Path | None = None) -> dict[int, Errors]:
    """The errors of figure 2's network by momentum, by its crosses a unit: {crosses: {n: (samples,)}}."""
    sizes, counts = get(crossed(0)).sizes, sorted({*FEWER_AND_MORE_CROSSES, CROSSES})
    curves = {count: results.joined(crossed(count), folder=folder) for count in counts}
    return {count: {n: e for n, e in curve.items() if n in sizes} for count, curve in curves.items() if curve}


def _by_sample(name: str, key: str, folder: Path | None) -> dict[int, dict[int, float]]:
    """A recorded error of every network, by size and sample; of committees that of the committee."""
    by_size: dict[int, dict[int, float]] = {}
    for record in store.read(folder or store.folder(), name, "network"):
        value = record.get("committee_error", record["error"]) if key == "error" else record[key]
        by_size.setdefault(record["n"], {})[record["sample"]] = value
    return {n: dict(sorted(by_size[n].items())) for n in sorted(by_size)}


def _mean(values: np.ndarray) -> Interval:
    """The mean of independent values, with Student's interval."""
    half = stats.t.isf((1 - LEVEL) / 2, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    return Interval(float(values.mean()), float(values.mean() - half), float(values.mean() + half), LEVEL)
