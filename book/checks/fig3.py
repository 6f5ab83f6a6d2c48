"""Figure 3: depth."""

import math
from itertools import pairwise
from types import SimpleNamespace

from checks import rows_of
from plaw.report import published
from plaw.study import results


def measure() -> SimpleNamespace:
    """What the records say of the chapter's sentences."""
    return SimpleNamespace(
        rows=rows_of("T8", "T9", "T10", "T11"),
        fits={depth: results.fit(f"fig3-{depth}") for depth in (1, 2, 3)},
        of_all_sizes={depth: results.fit(f"fig3-{depth}", larger=f"large-{depth}") for depth in (1, 2, 3)},
        slopes={depth: [rho for rho, _ in results.local_exponents(f"fig3-{depth}").values()] for depth in (1, 2, 3)},
        over_line={d: published.over_line(f"fig3-{d}", results.errors(f"fig3-{d}")) for d in (1, 2, 3)},
        largest={depth: results.errors(f"large-{depth}")[4400].mean() for depth in (1, 2)},
        luck=[results.search_luck(f"fig3-{depth}") for depth in (1, 2, 3)],
    )


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    one, two, three = measured.fits.values()
    rows = measured.rows
    assert one.params["rho"] < two.params["rho"] < three.params["rho"], "the exponents are in the published order"
    for row_id, verdict in (("T8", "compatible"), ("T9", "agrees"), ("T10", "compatible")):
        assert rows[row_id, "rho"].verdict == verdict, f"{row_id}'s rho {rows[row_id, 'rho'].verdict}"
    for row in (rows["T9", "rho - T8's"], rows["T10", "rho - T9's"]):
        assert row.direction == "holds", "the exponent grows with each layer"
    small_sets = rows["T8", "eps(30) / T9's"]
    assert small_sets.direction == "holds" and small_sets.ours.high < 0.8, "on small sets one layer is far ahead"
    intervals = [fit.interval()["rho"] for fit in measured.of_all_sizes.values()]
    assert all(low[1] < high[0] for low, high in pairwise(intervals)), "over all sizes the intervals are apart"
    assert measured.largest[1] < measured.largest[2], "at 4,400 per label one layer is ahead"
    lines = {depth: list(ratios.values()) for depth, ratios in measured.over_line.items()}
    assert max(*lines[1], *lines[2]) < 0.95 < 1 < min(lines[3]), "three layers alone lie above their line"
    first, second = rows["T11", "crossing of 1 and 2 layers"].ours, rows["T11", "crossing of 2 and 3 layers"].ours
    assert 480 < first.low < first.value < 4400, "one and two layers cross later than published"
    assert math.isinf(second.high), "two and three layers may never cross"
    bends = measured.slopes[1]
    assert bends == sorted(bends, reverse=True) and one.chi2 > 10 * one.dof, "one layer bends"
    assert measured.slopes[3][0] < min(measured.slopes[3][1:]) and three.chi2 > 30 * three.dof, "three layers bend more"
    assert two.chi2 < 3 * two.dof, "two layers follow the law within their noise"
    assert max(measured.luck) < 0.01, "independent searches agree within a per cent"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    small_sets = measured.rows["T8", "eps(30) / T9's"].ours
    crossing = measured.rows["T11", "crossing of 1 and 2 layers"].ours
    exponents = {f"rho of {depth}": f"{fit.params['rho']:.2f}" for depth, fit in measured.fits.items()}
    return exponents | {
        "rhos of all": ", ".join(f"{fit.params['rho']:.2f}" for fit in measured.of_all_sizes.values()),
        "less often": f"{1 - small_sets.value:.0%}",
        "first of 1": f"{measured.slopes[1][0]:.2f}",
        "last of 1": f"{measured.slopes[1][-1]:.2f}",
        "crossing": f"{crossing.value:,.0f} per label (anything from {crossing.low:,.0f} on)",
    }
