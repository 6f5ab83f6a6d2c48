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
    new = {row["domain"]: row["new"] for row in measured.average}
    assert 0.9 <= new["LCDB"] and new["image classification"] <= 0.99, "two domains lie between 90 and 99%"
    assert 0.85 <= new["BIG-Bench"] < 0.9, "BIG-Bench stays a little below 90%"
    assert max(row["new"] for row in measured.one) < min(new.values()), "one law holds fewer in every domain"
    errors = {row["domain"]: row["rmsle"] for row in measured.average}
    single = {row["domain"]: row["rmsle"] for row in measured.one}
    assert errors["image classification"] < single["image classification"] and errors["LCDB"] < single["LCDB"]
    assert errors["BIG-Bench"] > single["BIG-Bench"], "on BIG-Bench one law has the lower error"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    return {
        "fewest": f"{min(row['new'] for row in measured.average):.0%}",
        "most": f"{max(row['new'] for row in measured.average):.0%}",
        "widening": f"{WIDENING:g}",
    }
