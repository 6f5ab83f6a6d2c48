"""The three regions of a learning curve."""

from types import SimpleNamespace

import numpy as np
from scipy import stats

from plaw.curves.fitting import Fit
from plaw.report import regions
from plaw.study import results

SHARE = 0.1  # of wrong labels
LUCK = 0.02  # of a log error, from search to search
GUESSING = 0.9
LAWS = ("power_offset", "m4")
WIDTHS, MORE_WIDTHS = 3, 5  # that a law of both variables, and a width that suffices, take


def measure() -> SimpleNamespace:
    """The whole curves of one and three layers, the floors that laws find in them, and the curves of other widths."""
    one = results.joined("fig3-1/regions", "large-1/between", "fig3-1", "large-1")
    three = results.joined("fig3-3/regions", "large-3/between", "fig3-3", "large-3")
    wrong = regions.with_wrong_labels(one, SHARE)
    widths = regions.by_width()
    return SimpleNamespace(
        one=one,
        three=three,
        slopes={1: results.slopes(one), 3: results.slopes(three)},
        wrong=wrong,
        recorded=results.joined("fig3-1/regions-wrong-test-10", "large-1/wrong-test-10"),
        learned=results.joined("fig3-1/regions-wrong-10", "large-1/wrong-10"),
        floors={law: regions.floors({n: e for n, e in wrong.items() if n >= first}, law, luck=LUCK)
                for law, first in (("power_offset", 8), ("m4", 15))},
        widths=widths,
        sufficient={
            n: width
            for n in sorted({n for curve in widths.values() for n in curve})
            if sum(n in curve for curve in widths.values()) >= MORE_WIDTHS
            and (width := regions.sufficient_width(widths, n))
        },
        chinchilla=regions.chinchilla(widths, LUCK) if len(widths) >= WIDTHS else None,
    )  # fmt: skip


def small_data(measured: SimpleNamespace) -> str:
    """Where the small-data region of one layer is, as far as it is recorded."""
    smallest = min(measured.one)
    if smallest >= 30:
        return "Smaller sets are not recorded yet."
    (n, m), (rho, _) = next(iter(measured.slopes[1].items()))
    error = measured.one[smallest].mean()
    near = error > 0.7
    return (
        f"With {smallest} example of each label the error is {error:.2f}, {'near' if near else 'far from'} the "
        f"{GUESSING} of guessing, and between {n} and {m} per label ρ is {rho:.2f}: "
        + ("here is the small-data region." if near else "one hidden layer has hardly any small-data region.")
    )


def floor_found(found: list[regions.Floor]) -> str:
    """From how many examples on a law has the floor."""
    size = regions.found_from(found, SHARE)
    last = found[-1]
    told = f"{last.value:.3f} ({last.low:.3f} to {last.high:.3f}) from all sizes up to {last.largest:,}"
    return f"from {size:,} per label on; {told}" if size else f"not yet; {told}"


def seen_at(measured: SimpleNamespace) -> str:
    """How near to its floor a curve has to come before the law with an offset has it."""
    found = measured.floors["power_offset"]
    size = regions.found_from(found, SHARE)
    if size is None:
        return "no size was large enough"
    heights = {floor.largest: measured.wrong[floor.largest].mean() / SHARE for floor in found}
    before = [heights[n] for n in heights if n < size]
    later = f"the error had come down to {heights[size]:.1f} times the floor"
    return f"{later}, and not yet at {before[-1]:.1f} times" if before else later


def of_width(measured: SimpleNamespace) -> str:
    """How the width that suffices grows."""
    fit: Fit | None = measured.chinchilla
    if fit is None:
        return "Other widths than 100 are not recorded yet."
    draws = fit.replicates
    alpha, beta = draws[:, 3], draws[:, 4]
    low, high = np.quantile(beta / alpha, [0.025, 0.975])
    p = fit.params
    return (
        f"Fitted to {len(measured.widths)} widths, L(N, D) has α = {p['alpha']:.2f} and β = {p['beta']:.2f}: the "
        f"weights that keep their term in step with that of the data grow as D to the power β/α = "
        f"{p['beta'] / p['alpha']:.2f} "
        f"({low:.2f} to {high:.2f}), far more slowly than the data."
    )


def misfit(measured: SimpleNamespace) -> str:
    """How well the law of both variables fits."""
    fit = measured.chinchilla
    if fit is None:
        return ""
    scatter = np.sqrt(np.mean(np.log(fit.predict(fit.curve.x) / fit.curve.y) ** 2))
    refuted = stats.chi2.sf(fit.chi2, fit.dof) < 0.05
    return f"It misses the errors by {scatter:.0%} on average, {'more than' if refuted else 'as'} their noise explains."


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    steep = measured.slopes[3]
    assert steep[30, 60][0] < steep[60, 120][0], "three layers start flat and grow steeper"
    assert steep[60, 120][0] > max(rho for (n, _), (rho, _) in steep.items() if n >= 120), "and are steepest at 60"
    assert measured.slopes[1][30, 60][0] > measured.slopes[1][120, 240][0], "one layer does not bend that way"
    assert measured.three[30].mean() > 2 * measured.one[30].mean(), "three layers are far worse on the smallest sets"
    floor = measured.floors["power_offset"][-1]
    assert floor.low > 0 and floor.low < SHARE < floor.high, "the power law with an offset finds the floor"
    assert abs(floor.value / SHARE - 1) < 0.15, "within 15% of its height"
    if measured.chinchilla:
        alpha, beta = (measured.chinchilla.params[name] for name in ("alpha", "beta"))
        costs = regions.PASSES * regions.weights(regions.FULL) * regions.LABELS * np.array([30.0, 240.0])
        best, _ = regions.frontier(measured.chinchilla, costs)
        assert max(best) < regions.weights(regions.FULL), "100 units lie above the frontier at figure 3's sizes"
        assert beta < 0.5 * alpha, "the width that is needed grows far more slowly than the data"
    common = set(measured.recorded) & set(measured.wrong)
    for n in common:
        ratio = measured.recorded[n].mean() / measured.wrong[n].mean()
        assert abs(ratio - 1) < 0.02, "recorded errors on wrong labels are those of the formula"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    bend = measured.slopes[3]
    floor = measured.floors["power_offset"][-1]
    return {
        "small data": small_data(measured),
        "flat": f"{bend[30, 60][0]:.2f}",
        "steep": f"{bend[60, 120][0]:.2f}",
        "later": f"{bend[120, 240][0]:.2f}",
        "three at 30": f"{measured.three[30].mean():.2f}",
        "one at 30": f"{measured.one[30].mean():.2f}",
        "floor": f"{floor.value:.3f}",
        "floor interval": f"{floor.low:.3f} to {floor.high:.3f}",
        "found by offset": floor_found(measured.floors["power_offset"]),
        "found by m4": floor_found(measured.floors["m4"]) if measured.floors["m4"] else "not tried",
        "seen at": seen_at(measured),
        "width": of_width(measured),
        "misfit": misfit(measured),
    }
