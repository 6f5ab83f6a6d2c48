"""Figure 3: depth."""

import math
from types import SimpleNamespace

from checks import rows_of
from plaw.report import published
from plaw.study import results


def measure() -> SimpleNamespace:
    """What the records say of the chapter's sentences."""
    return SimpleNamespace(
        rows=rows_of("T8", "T9", "T10", "T11"),
        fits={depth: results.fit(f"fig3-{depth}") for depth in (1, 2, 3)},
    )


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    one, two, three = measured.fits.values()
    rows = measured.rows
    assert one.params["rho"] < two.params["rho"] < three.params["rho"], "the exponents are in the published order"
    for row_id in ("T8", "T9", "T10"):
        assert rows[row_id, "rho"].verdict == "compatible", f"{row_id}'s rho {rows[row_id, 'rho'].verdict}"
    for key in (("T9", "rho - T8's"), ("T10", "rho - T9's")):
        assert rows[key].direction == "undecided" and rows[key].ours.low < 0, f"{key[0]}: the order is not proved"
    small_sets = rows["T8", "eps(30) / T9's"]
    assert small_sets.direction == "holds" and small_sets.ours.high < 0.8, "on small sets one layer is far ahead"
    assert one.predict(240) < 0.85 * published.line_at("fig3-1", 240), "one layer is better than published"
    assert two.predict(240) < 0.95 * published.line_at("fig3-2", 240), "two layers are better than published"
    assert three.predict(30) > 1.1 * published.line_at("fig3-3", 30), "three layers are worse on the smallest set"
    first, second = rows["T11", "crossing of 1 and 2 layers"].ours, rows["T11", "crossing of 2 and 3 layers"].ours
    assert 300 < first.low < 480 and math.isinf(first.high), "one and two layers may cross at 480, later or never"
    assert math.isinf(second.high), "two and three layers may never cross"
    assert three.chi2 > 30 and one.chi2 > 15 and two.chi2 < 6, "only two layers follow the law within their noise"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    small_sets = measured.rows["T8", "eps(30) / T9's"].ours
    exponents = {f"rho of {depth}": f"{fit.params['rho']:.2f}" for depth, fit in measured.fits.items()}
    return exponents | {"less often": f"{1 - small_sets.value:.0%}"}
