"""How good are these forecasts?"""

from types import SimpleNamespace

from plaw.curves.forecast import WIDENING
from plaw.report import forecasts
from plaw.study import store


def measure() -> SimpleNamespace:
    """The recorded table, by method."""
    recorded = forecasts.load(store.folder())
    by_method = {
        method: [row for row in recorded["rows"] if row["method"] == method]
        for method in ("one law, by Akaike", "average over laws")
    }
    return SimpleNamespace(one=by_method["one law, by Akaike"], average=by_method["average over laws"])


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    assert all(0.9 <= row["new"] <= 0.995 for row in measured.average), "the average holds what it promises"
    assert max(row["new"] for row in measured.one) < 0.9, "one law holds far fewer"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    return {
        "fewest": f"{min(row['new'] for row in measured.average):.0%}",
        "most": f"{max(row['new'] for row in measured.average):.0%}",
        "widening": f"{WIDENING:g}",
    }
